"""A release that is opened for reading: one SQLite file that never changes.

It is opened once, read-only and immutable, when its seal is found whole and says the same as its
manifest; results that were computed from it stay true. A server closes it when its file changes.
"""

import asyncio
import json
import logging
import math
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Any, Self, TypeVar
from urllib.parse import quote

from app import links, metrics
from app.problems import Tombstone, TooSlow, Unavailable
from app.records import Release
from app.resources.topics import Topic
from app.settings import QUERY_SECONDS
from app.store.kept import Manifest
from app.store.seal import DamagedRelease, FileState, UnusableRelease, digest_of_sealed, unusable
from app.text import stem, stems
from app.turns import FairQueue, step_back
from app.vocabulary import RecordType

log = logging.getLogger(__name__)

Binds = Mapping[str, Any]
Query = tuple[str, Binds]
Rows = list[tuple[Any, ...]]
Ask = Callable[[str, Any], Rows]
"""Runs a query with its values. Raises TooSlow and Unavailable."""
T = TypeVar("T")

_MOST_NAMES = 20  # that stand in the place of one
_REMEMBERED = 4_096
# SQLite asks every so many of its instructions whether to go on.
_ASK_EVERY = 500
_A_MOMENT = 0.001  # seconds; longer than any page that an index gives in order
PAGE_CACHE_KIB = 16_384
PAGE_CACHE_OF_OLDER_KIB = 4_096
_SLOW_QUERIES_AT_ONCE = 4
_SLOW_QUERIES_WAITING = 2_000

_OF_A_RELEASE = ("number", "published_at", "digest", "counts", "program", "message", "changes")
RELEASES = f"SELECT {', '.join(_OF_A_RELEASE)} FROM release ORDER BY number DESC"  # noqa: S608 - our own names
_FREQUENT = 200  # records
TOPICS = f"SELECT {', '.join(Topic.model_fields)} FROM topic ORDER BY id"  # noqa: S608 - our own names


class _Connection(sqlite3.Connection):
    """A connection whose queries end at a moment of `perf_counter`."""

    until = math.inf

    def is_out_of_time(self) -> bool:
        return perf_counter() > self.until


class OpenRelease:
    """One release: its name, its rows, and results that were computed from them."""

    def __init__(
        self,
        path: Path,
        manifest: Manifest,
        cache: int = PAGE_CACHE_KIB,
        seconds: int = QUERY_SECONDS,
    ) -> None:
        """Open the file of a release; no query of it takes more than so many seconds.

        Every connection is opened now: a moment later the path may name another file. Nothing is
        read from it before its seal is found whole. Raises UnusableRelease.
        """
        self.manifest = manifest
        self.path = path
        self.tag = manifest.tag
        """The name of the state of everything: in ETags and cursors."""
        self._seconds = seconds
        self.newest: Callable[[], OpenRelease | None] = lambda: self
        """Gives the release that is served now: it knows what a record was called later on."""
        self._memory: dict[Any, Any] = {}
        self._held = 0
        self._retired = self._is_closed = False
        self._published: dict[int, str] = {}
        self.state = FileState.of(path)
        """The file as it was when it was opened."""
        with unusable(), ExitStack() as connections:
            if self.state is None:
                raise UnusableRelease("its file is not there")
            if digest_of_sealed(path) != manifest.digest:
                raise DamagedRelease("its file is not the one that was published")
            self._connection = self._connected(cache, statements=512, ask_every=_ASK_EVERY)
            connections.enter_context(closing(self._connection))
            self.info = self._read_info()
            self._idle: list[_Connection] = []
            connections.callback(self._close_idle)
            for _ in range(_SLOW_QUERIES_AT_ONCE):
                more = _ASK_EVERY * 20
                slow = self._connected(PAGE_CACHE_KIB // 16, statements=32, ask_every=more)
                self._idle.append(slow)
            if FileState.of(path) != self.state:
                raise DamagedRelease("it was written to while it was being opened")
            self._connections = connections.pop_all()

    def _read_info(self) -> Release:
        releases = [release_of(row) for row in self._connection.execute(RELEASES)]
        if not releases or releases[0].number != self.manifest.number:
            raise DamagedRelease(f"it is not release {self.manifest.number}")
        # A file is finished before it is published: its manifest says when that was.
        info = releases[0].model_copy(update={"published_at": self.manifest.published_at})
        self._published.update((release.number, release.published_at) for release in releases)
        self._published[info.number] = info.published_at
        self.releases = [info, *releases[1:]]
        """Every release up to this one, the newest first."""
        # A file of 0.1.0, which is read to be exported, has no such table.
        is_old = not self._connection.execute("PRAGMA table_info (topic)").fetchall()
        rows = [] if is_old else self._connection.execute(TOPICS)
        self.topics = {row[0]: dict(zip(Topic.model_fields, row, strict=True)) for row in rows}
        """The topics by their ids."""
        frequent = "SELECT word, records FROM word WHERE records > ?"
        self.frequent = {} if is_old else dict(self._connection.execute(frequent, (_FREQUENT,)))
        """How many records have a word, for words that many have."""
        return info

    def _connected(self, cache: int, statements: int, ask_every: int) -> _Connection:
        connection = sqlite3.connect(
            read_only(self.path), uri=True, check_same_thread=False, cached_statements=statements,
            factory=_Connection,
        )  # fmt: skip
        connection.isolation_level = None
        connection.execute(f"PRAGMA cache_size = -{cache}")
        connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA temp_store = MEMORY")  # there may be no place to write to
        published_at = self._published.__getitem__
        connection.create_function("published_at", 1, published_at, deterministic=True)
        connection.set_progress_handler(connection.is_out_of_time, ask_every)
        return connection

    def _close_idle(self) -> None:
        """Close the connections that no thread works with; each of the others closes its own.

        A request may be given up, and its release closed, before its thread knows.
        """
        self._is_closed = True
        with suppress(IndexError):
            while True:
                self._idle.pop().close()

    async def look_up(self, sql: str, *binds: str | int) -> Rows:
        """Run a query that takes a few rows from an index."""
        self._connection.until = perf_counter() + self._seconds
        return self._ask(self._connection, (sql, binds))

    async def _value(self, sql: str, *binds: str | int) -> Any | None:
        """The first column of the first row; None where there is no row."""
        rows = await self.look_up(sql, *binds)
        return rows[0][0] if rows else None

    def _ask(self, connection: sqlite3.Connection, query: tuple[str, Any]) -> Rows:
        """Raises TooSlow where more time was needed than was granted, and Unavailable."""
        try:
            return connection.execute(*query).fetchall()
        except sqlite3.DatabaseError as error:
            code = getattr(error, "sqlite_errorcode", None)
            if code == sqlite3.SQLITE_INTERRUPT:
                raise TooSlow(self._seconds) from None
            if code is not None and code & 0xFF in _DAMAGE:
                log.exception("%s can't be read", self.path)
                raise Unavailable("the file of the release is damaged, and is checked") from error
            raise

    async def rows(self, *queries: Query, slow: bool = False) -> list[Rows]:
        """Run queries: at once where that takes a moment, in a thread where it takes longer.

        A thread costs more than a quick query does, and a slow one must not hold up the others.
        """
        if not slow:
            began = perf_counter()
            self._connection.until = began + _A_MOMENT
            with suppress(TooSlow):
                rows = [self._ask(self._connection, query) for query in queries]
                _QUICK.observe(perf_counter() - began)
                return rows
        return await self.work(lambda ask: [ask(*query) for query in queries])

    async def work(self, job: Callable[[Ask], T]) -> T:
        """Do work that takes many queries as a long one is run: in a thread, in turn, bounded."""
        async with _slow_queries.place(self._seconds):
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(_threads, self._work_in_thread, job)

    def _work_in_thread(self, job: Callable[[Ask], T]) -> T:
        connection = self._idle.pop()  # there are as many as threads
        # For all of it, as others wait for the place.
        connection.until = perf_counter() + self._seconds

        def ask(sql: str, binds: Any) -> Rows:
            if connection.is_out_of_time():  # a quick query ends before it is looked at
                raise TooSlow(self._seconds)
            return self._ask(connection, (sql, binds))

        try:
            with _LONG.time():
                return job(ask)
        finally:
            self._idle.append(connection)
            if self._is_closed:
                self._close_idle()

    def load(self) -> tuple[int, int, int]:
        """How many of its connections are in use and idle now, and how many queries wait."""
        idle = len(self._idle)
        return _SLOW_QUERIES_AT_ONCE - idle, idle, _slow_queries.waiting

    def topic_title(self, id_: str) -> str:
        """The name of a topic; of one that there is no longer, its id in words."""
        return self.topics[id_]["title"] if id_ in self.topics else id_.replace("_", " ")

    async def listed(self, sql: str) -> dict[str, str]:
        """Values that the release has, with their names, by a query that gives both."""
        names: dict[str, str] | None = self.remembered(sql)
        if names is None:
            names = dict(await self.look_up(sql))
            self.remember(sql, names)
        return names

    async def body(self, kind: RecordType, id_: str) -> bytes | None:
        """The public JSON of one record."""
        sql = "SELECT CAST(body AS BLOB) FROM record WHERE type = ? AND id = ?"
        return await self._value(sql, kind.value, id_)

    async def bodies_after(self, kind: RecordType, id_: str, most: int) -> Rows:
        """The records of a type whose ids come after one in the alphabet: id and public JSON."""
        after = "SELECT id, CAST(body AS BLOB) FROM record WHERE type = ? AND id > ?"
        return await self.look_up(f"{after} ORDER BY id LIMIT ?", kind.value, id_, most)

    async def title(self, kinds: Iterable[RecordType], id_: str) -> str | None:
        """The title of the record of one of these types, in this order, withdrawn ones included."""
        sql = (
            "SELECT title FROM record WHERE type = ?1 AND id = ?2 "
            "UNION ALL SELECT title FROM tombstone WHERE type = ?1 AND id = ?2"
        )
        for kind in kinds:
            if title := await self._value(sql, kind.value, id_):
                return str(title)
        return None

    @property
    def then(self) -> str:
        """` in release 1`, where it is not the one that is served."""
        return "" if self.newest() in {None, self} else f" in release {self.info.number}"

    async def has(self, kind: RecordType, id_: str) -> bool:
        """Whether there is such a record."""
        sql = "SELECT 1 FROM record WHERE type = ? AND id = ?"
        return await self._value(sql, kind.value, id_) is not None

    async def came_later(self, kind: RecordType, id_: str) -> str:
        """The end of a sentence that says which release has a record that this one has not."""
        newest = self.newest()
        if newest is None or newest is self or not await newest.has(kind, id_):
            return ""
        return f", but there is in release {newest.info.number}"

    async def without(self, kinds: Sequence[RecordType], ids: Sequence[str]) -> list[str]:
        """Those of these ids that no record of the types has."""
        if not ids:
            return []
        types = ", ".join(f"'{kind.value}'" for kind in kinds)
        sql = (
            "SELECT value FROM json_each(?) WHERE NOT EXISTS "  # noqa: S608 - our own names
            f"(SELECT 1 FROM record WHERE type IN ({types}) AND id = value)"
        )
        return [row[0] for row in await self.look_up(sql, json.dumps(ids))]

    async def ever_had(self, kind: RecordType, id_: str) -> bool:
        """Whether there is or was such a record."""
        sql = (
            "SELECT 1 FROM record WHERE type = ?1 AND id = ?2 "
            "UNION ALL SELECT 1 FROM former_id WHERE type = ?1 AND former = ?2 "
            "UNION ALL SELECT 1 FROM tombstone WHERE type = ?1 AND id = ?2 "
            "UNION ALL SELECT 1 FROM change WHERE type = ?1 AND id = ?2 LIMIT 1"
        )
        return await self._value(sql, kind.value, id_) is not None

    async def renamed_to(self, kind: RecordType, other: str) -> str | None:
        """The id that a record has here, by one that it had before, or has got since."""
        sql = "SELECT id FROM former_id WHERE type = ? AND former = ?"
        id_: str | None = await self._value(sql, kind.value, other)
        newest = self.newest()
        if id_ or newest is None or newest is self or await self.ever_had(kind, other):
            return id_
        last = await newest.renamed_to(kind, other) or other
        for former in await newest.former_ids(kind, last):
            if await self.has(kind, former):
                return former
        return None

    async def former_ids(self, kind: RecordType, id_: str) -> list[str]:
        """The ids that a record had before, if any."""
        sql = "SELECT former FROM former_id WHERE type = ? AND id = ? ORDER BY former"
        return [row[0] for row in await self.look_up(sql, kind.value, id_)]

    async def tombstone(self, kind: RecordType, id_: str) -> Tombstone | None:
        """The tombstone of a record; None if it was not withdrawn."""
        sql = (
            "SELECT title, reason, withdrawn_at, replaced_by FROM tombstone "
            "WHERE type = ? AND id = ?"
        )
        rows = await self.look_up(sql, kind.value, id_)
        if not rows:
            return None
        names = ("title", "reason", "withdrawn_at", "replaced_by")
        stone = dict(zip(names, rows[0], strict=True))
        return Tombstone(type=kind, id=id_, history=links.history_path(kind, id_), **stone)

    async def names_of_same(self, name: str, *, codes: bool) -> list[str]:
        """The names of the actors of this name in folded words, or of this code."""
        sql = (
            "SELECT DISTINCT other.name FROM name JOIN name AS other USING (ordinal) "
            "JOIN record USING (ordinal) WHERE name.name = ?1 AND name.code <= ?2 "
            "AND record.type = 'actor' AND (other.name = ?1 OR NOT other.code) LIMIT ?3"
        )
        return [row[0] for row in await self.look_up(sql, name, int(codes), _MOST_NAMES)]

    async def names_begun(self, beginning: str, *, codes: bool) -> list[str]:
        """The same of the actors of whom a name begins so; of too many, none."""
        sql = (
            "SELECT DISTINCT other.name FROM name JOIN name AS other USING (ordinal) "
            "JOIN record USING (ordinal) WHERE name.name >= ?1 AND name.name < ?2 "
            "AND name.code <= ?3 AND record.type = 'actor' AND NOT other.code LIMIT ?4"
        )
        end = f"{beginning}\U0010ffff"
        rows = await self.look_up(sql, beginning, end, int(codes), _MOST_NAMES + 1)
        return [row[0] for row in rows] if len(rows) <= _MOST_NAMES else []

    async def forms_of(self, word: str) -> list[str]:
        """The forms of a folded word that the record has, in every spelling."""
        sql = "SELECT word FROM word WHERE stem = ?"
        return [row[0] for each in sorted(stems(word)) for row in await self.look_up(sql, each)]

    async def with_one_of(self, forms: Sequence[str]) -> int | None:
        """How many records have one of all the forms of a word; None for other words."""
        sql = "SELECT max(of_stem) FROM word WHERE stem = ? HAVING count(*) = ?"
        return await self._value(sql, stem(forms[0]), len(forms))

    async def last_change(self, number: int) -> int | None:
        """The last change that led to a release; None where history was not written yet."""
        sql = "SELECT last_change FROM release WHERE number = ?"
        return await self._value(sql, number)

    async def ids_near(self, kind: RecordType, id_: str, most: int = 500) -> list[str]:
        """Ids that stand around this one in the alphabet: all of them, where there are few."""
        after = "SELECT id FROM record WHERE type = ? AND id >= ? ORDER BY id LIMIT ?"
        before = "SELECT id FROM record WHERE type = ? AND id < ? ORDER BY id DESC LIMIT ?"
        return [
            row[0]
            for half in (after, before)
            for row in await self.look_up(half, kind.value, id_, most)
        ]

    def remembered(self, key: Any) -> Any:
        """A result that was computed in this release before, or None."""
        return self._memory.get(key)

    def remember(self, key: Any, value: Any) -> None:
        """Keep a result; the oldest is forgotten."""
        if key not in self._memory and len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[key] = value

    def __enter__(self) -> Self:
        """Keep it open for a request, or for an answer that is sent in pieces.

        For the event loop's thread alone, as is everything that opens and closes releases.
        """
        self._held += 1
        return self

    def __exit__(self, *_: object) -> None:
        """Close it if it was retired and nobody else holds it."""
        self._held -= 1
        if self._retired and not self._held:
            self._connections.close()

    def retire(self) -> None:
        """Close it as soon as no request reads from it any more."""
        with self:
            self._retired = True


def release_of(row: tuple[Any, ...]) -> Release:
    """A release from its row, in the order of `RELEASES`."""
    values = dict(zip(_OF_A_RELEASE, row, strict=True))
    changes = values["changes"] and json.loads(values["changes"])
    return Release(**values | {"counts": json.loads(values["counts"]), "changes": changes})


def read_only(path: Path) -> str:
    """The address that opens a file that nobody writes to."""
    return f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_IOERR})
_QUICK, _LONG = (metrics.QUERY_SECONDS.labels(kind) for kind in ("quick", "long"))
_slow_queries = FairQueue(_SLOW_QUERIES_AT_ONCE, _SLOW_QUERIES_WAITING)


# Its threads start when they are first needed, and serve all releases.
_threads = ThreadPoolExecutor(_SLOW_QUERIES_AT_ONCE, "query", step_back)
