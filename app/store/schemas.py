"""Releases as schemas of a PostgreSQL database.

A load writes each release into a schema of its own, `readout_3`, in one transaction: that the
schema is there is the publication, on the database and on every replica of it. A watcher looks
five times a second which is the newest. A schema never changes: a release that another program
writes anew, under its own number, becomes another schema, `readout_3_2`, so that nobody reads the
one where the other was. The next load drops the one before.
"""

import asyncio
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, ClassVar, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg_pool import AsyncConnectionPool

from app import metrics
from app.problems import TooSlow, Unavailable
from app.records import Release
from app.settings import QUERY_SECONDS, SettingsError, shown
from app.store.database import Store
from app.store.release import (
    LATEST,
    REVISIONS,
    DialectName,
    Load,
    OpenRelease,
    OutdatedRelease,
    Query,
    Rows,
    UnusableRelease,
    refuse_other_revisions,
    release_of,
    tag_of,
)
from app.turns import FairQueue

log = logging.getLogger(__name__)

Parameters = dict[str, Any]
"""Where a database is, and who asks: what `psycopg.connect` takes."""

_CONNECT_SECONDS = 3
_LOOK_SECONDS = 2
_WAIT_SECONDS = 2  # for a connection, when all are in use
_WATCH_SECONDS = 0.2
_STALE_SECONDS = 2  # so long after the last look nobody knows what there is
_CONNECTIONS = 8
_WAITING = 200  # for one of them
_CONNECTIONS_OF_OLDER = 4
_ASKED = metrics.QUERY_SECONDS.labels("database")
_NOT_NOW = "the database does not answer at the moment"

# A schema that was restored has another oid.
SCHEMAS = "SELECT nspname, oid FROM pg_namespace WHERE starts_with(nspname, 'readout_')"
_name = re.compile(r"readout_([1-9][0-9]{0,8})(?:_([1-9][0-9]{0,3}))?")


def parameters(url: str, seconds: int | None = None, *options: str) -> Parameters:
    """Where an address leads. Raises SettingsError, without a word of the address but its host.

    A statement takes at most so many seconds; `options` are settings of the session.
    """
    try:
        found = conninfo_to_dict(re.sub(r"^postgresql\+psycopg:", "postgresql:", url))
    except psycopg.ProgrammingError:  # its text may hold the password
        raise SettingsError(
            f"{shown(url)} is not an address of a PostgreSQL database: write "
            "postgresql://user:password@host:5432/database, and percent-encode what is special"
        ) from None
    # A load takes as long as it takes, and waits in between, whatever is usual in the database.
    limits = (
        (f"statement_timeout={seconds * 1000}",)
        if seconds
        else (
            "statement_timeout=0",
            "idle_session_timeout=0",
            "idle_in_transaction_session_timeout=0",
        )
    )
    given = [str(found.get("options") or ""), *(f"-c {option}" for option in (*limits, *options))]
    defaults = {
        "connect_timeout": _CONNECT_SECONDS,
        # A network that swallows everything is noticed; a load may have to wait for a disk.
        "tcp_user_timeout": QUERY_SECONDS * 1000 if seconds else 0,
        "keepalives_idle": 30,
        "application_name": "readout",
    }
    return {**defaults, **found, "options": " ".join(given).strip()}


class Schema(NamedTuple):
    """The schema of a release; `edition` counts how often it was written under its number."""

    number: int
    edition: int = 1

    def __str__(self) -> str:
        """The name that it has in the database."""
        return f"readout_{self.number}" + (f"_{self.edition}" if self.edition > 1 else "")


def schemas_in(rows: Iterable[tuple[Any, ...]]) -> dict[Schema, int]:
    """The schemas of releases among those of `SCHEMAS`, each with its oid."""
    matches = ((_name.fullmatch(name), oid) for name, oid in rows)
    return {Schema(int(found[1]), int(found[2] or 1)): oid for found, oid in matches if found}


def last_editions(schemas: Iterable[Schema]) -> dict[int, Schema]:
    """The schema to read of each release."""
    return {schema.number: schema for schema in sorted(schemas)}


def reading(url: str, schema: Schema, seconds: int = QUERY_SECONDS) -> Parameters:
    """How the schema of a release is read: nothing else is seen, and nothing can be changed."""
    return parameters(url, seconds, f"search_path={schema}", "default_transaction_read_only=on")


def said(error: Exception) -> str:
    """What a database says of an error, in one line."""
    return " ".join(str(error).split()) or type(error).__name__


PIECE = 2**20
"""So many bytes of the file are in one row."""


class ReleaseSchema(OpenRelease):
    """A release in a schema."""

    dialect: ClassVar[DialectName] = "postgresql"
    utf8 = "convert_to({}, 'UTF8')"

    def __init__(
        self,
        url: str,
        schema: Schema,
        info: Release,
        connections: int = _CONNECTIONS,
        seconds: int = QUERY_SECONDS,
    ) -> None:
        """Connect when first asked; no query takes more than so many seconds."""
        super().__init__()
        self._seconds = seconds
        self._queries = FairQueue(connections, _WAITING)
        self.schema = schema
        self.info = info
        self.tag = tag_of(info)
        self._pool = AsyncConnectionPool(
            kwargs=reading(url, schema, seconds) | {"autocommit": True},
            min_size=1,
            max_size=connections,
            timeout=_WAIT_SECONDS,
            # A pool that can't connect is replaced when the watcher can.
            reconnect_timeout=_CONNECT_SECONDS,
            open=False,
        )

    async def look_up(self, sql: str, *binds: str | int) -> Rows:
        """Run a query that takes a few rows from an index."""
        # A NUL, which no text here can hold, stands where the next character does: before any id.
        known = [bind.replace("\0", "\1") if isinstance(bind, str) else bind for bind in binds]
        return await self._run(sql.replace("%", "%%").replace("?", "%s"), known)

    async def rows(self, *queries: Query, slow: bool = False) -> list[Rows]:  # noqa: ARG002 - the database has a process for each
        """Run queries of a list."""
        return [await self._run(*query) for query in queries]

    async def read(self, at: int, size: int) -> bytes:
        """A part of the SQLite file that the release was built as, up to the end of a row."""
        found = await self.look_up(
            f"SELECT substring(bytes FROM ? FOR ?) FROM release_file WHERE at = {at // PIECE}",  # noqa: S608 - a number
            at % PIECE + 1,
            size,
        )
        return found[0][0] if found else b""

    async def size(self) -> int:
        """How many bytes that file has."""
        found = await self.look_up(
            "SELECT CAST(sum(octet_length(bytes)) AS bigint) FROM release_file"
        )
        return int(found[0][0])

    async def _run(self, sql: str, binds: Any) -> Rows:
        """Raises Unavailable where the database does not answer."""
        try:
            async with (
                self._queries.place(self._seconds),
                asyncio.timeout(_WAIT_SECONDS + self._seconds + 1),
            ):
                with _ASKED.time():
                    return await self._ask(sql, binds)
        except psycopg.errors.QueryCanceled as error:
            log.warning("a query was given up: %s", said(error))
            raise TooSlow(self._seconds) from None
        except TimeoutError as error:
            log.warning("a query was given up: %s", said(error))
            raise Unavailable("the database took too long to answer") from None
        except psycopg.Error as error:
            # A schema that is dropped has no tables any more; the watcher will find it gone.
            log.warning("a query failed: %s", said(error))
            raise Unavailable(_NOT_NOW) from None

    async def _ask(self, sql: str, binds: Any) -> Rows:
        if self._pool.closed:
            await self._pool.open()
        # Connections may be lost while they are idle. A query changes nothing: another one asks.
        for _ in range(self._pool.max_size):
            async with self._pool.connection() as connection:
                try:
                    return await _fetch(connection, sql, binds)
                except psycopg.OperationalError:
                    if not connection.broken:
                        raise
        async with self._pool.connection() as connection:
            return await _fetch(connection, sql, binds)

    def load(self) -> Load:
        """How much its pool has to do now."""
        found = self._pool.get_stats()
        idle = found["pool_available"]
        return Load(found["pool_size"] - idle, idle, self._queries.waiting)

    def _close(self) -> None:
        if not self._pool.closed:
            closing = asyncio.get_running_loop().create_task(self._pool.close())
            _closing.add(closing)
            closing.add_done_callback(_closing.discard)


async def _fetch(connection: psycopg.AsyncConnection[Any], sql: str, binds: Any = None) -> Rows:
    # Binary, so that a body comes as it is.
    cursor = await connection.execute(sql, binds, binary=True)
    return await cursor.fetchall()


_closing: set[asyncio.Task[None]] = set()
"""What is giving its connections back; the event loop alone would forget it."""


class SchemaStore(Store):
    """The database that releases are published to, or a replica of it."""

    def __init__(self, url: str, seconds: int = QUERY_SECONDS) -> None:
        """Look what is there. That it can't be reached is no error: it may be later.

        No query takes more than so many seconds.
        """
        super().__init__()
        self._url = url
        self._seconds = seconds
        self._watching = parameters(url, _LOOK_SECONDS, "default_transaction_read_only=on")
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._known: dict[Schema, int] = {}
        self._seen: tuple[Schema, int] | None = None
        """The newest schema and its oid, when it was last opened or refused."""
        self._lost: str | None = None
        """Why the last look failed."""
        self._looked = monotonic()
        with self._judging(), psycopg.connect(**self._watching, autocommit=True) as connection:
            newest = self._see(connection.execute(SCHEMAS).fetchall())
            if newest is not None:
                self._change(newest, _release(connection, newest))

    async def watch(self) -> None:
        """Follow the database until cancelled."""
        try:
            while True:
                await asyncio.sleep(_WATCH_SECONDS)
                with self._judging():
                    async with asyncio.timeout(_CONNECT_SECONDS + _LOOK_SECONDS):
                        await self._look()
                if self._lost:
                    await self._disconnect()
        finally:
            await self._disconnect()

    async def _look(self) -> None:
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                **self._watching, autocommit=True
            )
        newest = self._see(await _fetch(self._connection, SCHEMAS))
        if newest is not None:
            with _readable():
                info = await _usable(self._connection, newest)
            self._change(newest, info)

    @contextmanager
    def _judging(self) -> Iterator[None]:
        """Turn what goes wrong in a look into what is said of it."""
        try:
            yield
        except UnusableRelease as error:
            self._refuse(error)
        except (psycopg.Error, TimeoutError) as error:
            self._lose(f"the database can't be reached: {said(error)}")
        except Exception:
            log.exception("the database can't be looked at")
            self._lose("the database can't be looked at")

    def _see(self, rows: Rows) -> Schema | None:
        """Take in which schemas there are: gives the newest, if it is to be opened."""
        known = schemas_in(rows)
        self._looked = monotonic()
        if known != self._known:
            self._known = known
            self.forget_older()
        if self._lost:
            log.info("the database answers")
            self._lost = self._seen = None
            if served := self._served():  # its connections may be dead
                self._serve(self._opened(served.schema, served.info))
        served = self._served()
        if served and served.schema not in known:
            log.error("release %s is gone from the database", served.info.number)
            self._seen = None
            self._serve(None)
        if not known:
            self.fault = "the database holds no release yet"
            return None
        newest = max(known)
        if self._seen == (newest, known[newest]):
            return None
        self._seen = newest, known[newest]
        return newest

    def _served(self) -> ReleaseSchema | None:
        return self.current if isinstance(self.current, ReleaseSchema) else None

    def _change(self, schema: Schema, info: Release) -> None:
        self.fault = None
        if self.current:
            log.info("release %s is served", info.number)
        self._serve(self._opened(schema, info))

    def _opened(
        self, schema: Schema, info: Release, connections: int = _CONNECTIONS
    ) -> ReleaseSchema:
        return ReleaseSchema(self._url, schema, info, connections, self._seconds)

    def _serve(self, release: ReleaseSchema | None) -> None:
        """Serve it in place of what was served before."""
        self.forget_older()
        previous, self.current = self.current, release
        if previous:
            previous.retire()

    def _refuse(self, error: UnusableRelease) -> None:
        """The newest release can't be served: the one that is served stays."""
        fault = str(error)
        if fault != self.fault:
            log.error("%s is not served: %s", max(self._known), fault)
        self.fault = fault
        if isinstance(error, _Unreadable):
            self._seen = None  # the rights to it may still be granted

    def _lose(self, why: str) -> None:
        if self._lost != why:
            log.error("%s", why)
        self._lost = why
        if self.current is None:
            self.fault = why

    async def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            await connection.close()

    def unavailable(self) -> str | None:
        """Why nothing should be asked here; what the database itself says is for the log."""
        if self._lost or monotonic() - self._looked > _STALE_SECONDS:
            return _NOT_NOW
        return super().unavailable()

    async def open(self, number: int) -> OpenRelease | None:
        """Open the schema of a release that was published before."""
        schema = last_editions(self._known).get(number)
        if schema is None:
            return None
        try:
            async with await psycopg.AsyncConnection.connect(**reading(self._url, schema)) as asked:
                with _readable():
                    info = await _usable(asked, schema)
        except psycopg.Error as error:
            log.warning("release %s can't be opened: %s", number, said(error))
            raise Unavailable(_NOT_NOW) from None
        return self._opened(schema, info, _CONNECTIONS_OF_OLDER)

    async def kept(self) -> list[int]:
        """The numbers of the schemas up to the release that is served."""
        last = self.current.info.number if self.current else 0
        return sorted(number for number in last_editions(self._known) if number <= last)

    async def close(self) -> None:
        """Stop serving, and give every connection back."""
        await super().close()
        await asyncio.gather(*(closing for closing in _closing if not closing.done()))


def newest(url: str) -> Release | None:
    """The newest release of a database, or None. Raises UnusableRelease."""
    try:
        with psycopg.connect(**parameters(url, QUERY_SECONDS), autocommit=True) as connection:
            found = max(schemas_in(connection.execute(SCHEMAS)), default=None)
            return _release(connection, found) if found else None
    except psycopg.Error as error:
        raise UnusableRelease(f"the database can't be reached: {said(error)}") from None


def _release(connection: psycopg.Connection[Any], schema: Schema) -> Release:
    with _readable():
        revisions, latest = _about(schema)
        _refuse_others(connection.execute(revisions).fetchall())
        return _latest(connection.execute(latest).fetchall())


class _Unreadable(UnusableRelease):
    """A schema without the tables of a release, or without the right to read them."""


@contextmanager
def _readable() -> Iterator[None]:
    """Raises UnusableRelease where a schema is no release, or not for us to read."""
    try:
        yield
    except psycopg.ProgrammingError as error:
        raise _Unreadable(f"it can't be read: {said(error)}") from None


def _about(schema: Schema) -> tuple[str, str]:
    """What is asked of a schema before it is opened: its revision, and its release."""
    return tuple(sql.replace("FROM ", f"FROM {schema}.") for sql in (REVISIONS, LATEST))  # type: ignore[return-value] # two give two


async def _usable(connection: psycopg.AsyncConnection[Any], schema: Schema) -> Release:
    """The release of a schema. Raises UnusableRelease where it is not for this program."""
    revisions, latest = _about(schema)
    _refuse_others(await _fetch(connection, revisions))
    return _latest(await _fetch(connection, latest))


def is_outdated(connection: psycopg.Connection[Any], schema: Schema) -> bool:
    """Whether an older program wrote a schema. Raises UnusableRelease for a newer one."""
    with _readable():
        try:
            _refuse_others(connection.execute(_about(schema)[0]).fetchall())
        except OutdatedRelease:
            return True
    return False


def _refuse_others(revisions: Rows) -> None:
    refuse_other_revisions([str(row[0]) for row in revisions])


def _latest(found: Rows) -> Release:
    if not found:
        raise UnusableRelease("no release was ever loaded into it")
    return release_of(found[0])
