"""The published release, opened for reading.

A release is a file that never changes: a load writes a new one and renames it over the old one.
So a file is opened once, read-only and immutable, and a watcher looks ten times a second whether
another file has taken its place.
"""

import asyncio
import json
import logging
import math
import os
import queue
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import quote

from app.records import Release
from app.store.tables import REVISION
from app.vocabulary import RecordType

log = logging.getLogger(__name__)

Binds = Mapping[str, Any]
Rows = list[tuple[Any, ...]]

# SQLite asks every so many of its instructions whether to go on.
_ASK_EVERY = 500
_A_MOMENT = 0.001  # seconds; longer than any page that an index gives in order
_PAGE_CACHE_KIB = 16_384
_WATCH_SECONDS = 0.1
_SLOW_QUERIES_AT_ONCE = 4
_NICER = 10
_REMEMBERED = 4_096


class UnusableRelease(Exception):
    """A file that is there but can't be served; its text says why."""


class OutdatedRelease(UnusableRelease):
    """A file that an older program wrote: a migration makes it usable."""


class _Allowance:
    """Lets a query run on the event loop for a moment only."""

    def __init__(self) -> None:
        self._until = math.inf

    def grant(self, seconds: float) -> None:
        """Let the next query run for so long."""
        self._until = perf_counter() + seconds

    def __call__(self) -> bool:
        return perf_counter() > self._until


class OpenRelease:
    """One release: its name, its rows, and what was worked out from them so far."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises UnusableRelease.

        Every connection is opened now: a moment later the path may name another release.
        """
        self._uri = f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"
        self._allowance = _Allowance()
        self._opened: list[sqlite3.Connection] = []
        self._in_use = 0
        self._retired = False
        self._memory: dict[Any, Any] = {}
        try:
            self._connection = self._connect(_PAGE_CACHE_KIB, statements=512)
            self._connection.set_progress_handler(self._allowance, _ASK_EVERY)
            self.info = self._read_info()
            self._idle = self._open_idle()
        except (sqlite3.Error, ValueError, TypeError) as error:  # damaged text or JSON included
            self._close()
            raise UnusableRelease(f"it is not a database of releases ({error})") from error
        except UnusableRelease:
            self._close()
            raise
        self.tag = f"{self.info.number}-{self.info.digest[:12]}"
        """The name of the state of everything: in ETags and cursors."""

    def _open_idle(self) -> queue.LifoQueue[sqlite3.Connection]:
        """The connections for slow queries, one for each thread."""
        idle: queue.LifoQueue[sqlite3.Connection] = queue.LifoQueue()
        for _ in range(_SLOW_QUERIES_AT_ONCE):
            connection = self._connect(_PAGE_CACHE_KIB // 16, statements=32)
            if connection.execute(_LATEST).fetchone()[2] != self.info.digest:
                raise UnusableRelease("it was replaced while it was being opened")
            idle.put(connection)
        return idle

    def _connect(self, cache: int, statements: int) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._uri, uri=True, check_same_thread=False, cached_statements=statements
        )
        self._opened.append(connection)
        connection.isolation_level = None
        connection.execute(f"PRAGMA cache_size = -{cache}")
        connection.execute("PRAGMA query_only = 1")
        connection.execute("PRAGMA temp_store = MEMORY")  # there may be no place to write to
        return connection

    def _read_info(self) -> Release:
        revisions = [
            str(row[0]) for row in self._look_up("SELECT version_num FROM alembic_version")
        ]
        if revisions != [REVISION]:
            older = len(revisions) == 1 and revisions[0] < REVISION
            raise (OutdatedRelease if older else UnusableRelease)(
                f"its schema is revision {', '.join(revisions)}, this program's is {REVISION}; "
                + (
                    "readout serve --seed FILE brings it up to date, and so does the next load"
                    if older
                    else "a newer program made it, so serve it with that one"
                )
            )
        latest = self._look_up(_LATEST)
        if not latest:
            raise UnusableRelease("no release was ever loaded into it")
        return _release(latest[0])

    def releases(self) -> list[Release]:
        """Every release that was published, the newest first."""
        return [_release(row) for row in self._look_up(_RELEASES)]

    def body(self, kind: RecordType, id_: str) -> bytes | None:
        """The public JSON of one record."""
        found = self._look_up(
            "SELECT CAST(body AS BLOB) FROM record WHERE type = ? AND id = ?", kind.value, id_
        )
        return found[0][0] if found else None

    def has(self, kind: RecordType, id_: str) -> bool:
        """Whether there is such a record."""
        return bool(
            self._look_up("SELECT 1 FROM record WHERE type = ? AND id = ?", kind.value, id_)
        )

    def principals(self, actor: str) -> list[str]:
        """For whom an actor acts, directly or through others."""
        found = self._look_up("SELECT principal FROM actor_principal WHERE actor = ?", actor)
        return [row[0] for row in found]

    def ids_near(self, kind: RecordType, id_: str, most: int = 500) -> list[str]:
        """Ids that stand around this one in the alphabet: all of them, where there are few."""
        after = "SELECT id FROM record WHERE type = ? AND id >= ? ORDER BY id LIMIT ?"
        before = "SELECT id FROM record WHERE type = ? AND id < ? ORDER BY id DESC LIMIT ?"
        return [
            row[0] for half in (after, before) for row in self._look_up(half, kind.value, id_, most)
        ]

    def _look_up(self, sql: str, *binds: str | int) -> Rows:
        """Run a query that takes a few rows from an index."""
        self._allowance.grant(math.inf)
        return self._connection.execute(sql, binds).fetchall()

    async def rows(self, sql: str, binds: Binds, *, slow: bool = False) -> Rows:
        """Run a query: at once where that takes a moment, in a thread where it takes longer.

        A thread costs more than a quick query does, and a slow one must not hold up the others.
        """
        if not slow:
            self._allowance.grant(_A_MOMENT)
            try:
                return self._connection.execute(sql, binds).fetchall()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                    raise
        return await asyncio.get_running_loop().run_in_executor(
            _threads(), self._rows_in_thread, sql, binds
        )

    def _rows_in_thread(self, sql: str, binds: Binds) -> Rows:
        connection = self._idle.get()
        try:
            return connection.execute(sql, binds).fetchall()
        finally:
            self._idle.put(connection)

    def remembered(self, key: Any) -> Any:
        """What was worked out before in this release, or None."""
        return self._memory.get(key)

    def remember(self, key: Any, value: Any) -> None:
        """Keep what was worked out; the oldest is forgotten."""
        if key not in self._memory and len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[key] = value

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """Keep the file open while a request reads from it. For the event loop's thread alone."""
        self._in_use += 1
        try:
            yield
        finally:
            self._in_use -= 1
            self._close_if_idle()

    def retire(self) -> None:
        """Close the file as soon as no request reads from it any more."""
        self._retired = True
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        if self._retired and not self._in_use:
            self._close()

    def _close(self) -> None:
        for connection in self._opened:
            connection.close()


_RELEASES = "SELECT number, published_at, digest, counts, program FROM release ORDER BY number DESC"
_LATEST = f"{_RELEASES} LIMIT 1"


def _release(row: tuple[Any, ...]) -> Release:
    number, published_at, digest, counts, program = row
    return Release(
        number=number,
        published_at=published_at,
        digest=digest,
        counts=json.loads(counts),
        program=program,
    )


class Store:
    """The file that releases are published to, and the release that is served from it now."""

    def __init__(self, path: Path) -> None:
        """Open what is there; nothing yet is no error. `current` is None until a release is."""
        self.path = path
        self.current: OpenRelease | None = None
        self.fault: str | None = None
        """Why there is nothing to serve, or why a newer file is not served."""
        self._seen = self._look()
        self._change()

    def refresh(self) -> None:
        """Change to the file that is there now, if it is another one and can be served."""
        seen = self._look()
        if seen != self._seen:
            self._seen = seen
            self._change()

    def _change(self) -> None:
        if self._seen is None:
            # The open file lives on without its name: what was published stays served.
            self.fault = "there is no database yet"
            if self.current:
                log.warning("%s is gone; the release that it held is served on", self.path)
            return
        try:
            opened = OpenRelease(self.path)
        except UnusableRelease as error:
            self.fault = str(error)
            log.error("%s is not served: %s", self.path, error)  # noqa: TRY400 - the text says it all
            return
        self.fault = None
        previous, self.current = self.current, opened
        if previous:
            log.info("release %s is served", opened.info.number)
            previous.retire()

    def _look(self) -> tuple[int, int, int] | None:
        with suppress(OSError):
            found = self.path.stat()
            return found.st_ino, found.st_mtime_ns, found.st_size
        return None

    async def watch(self) -> None:
        """Follow the file until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                self.refresh()
            except Exception:
                self._seen = None  # it may have been for want of something: look again
                log.exception("%s can't be looked at", self.path)

    def close(self) -> None:
        """Stop serving."""
        if self.current:
            self.current.retire()
            self.current = None


def published(path: Path) -> Release | None:
    """The release that a file holds, or None. Raises UnusableRelease."""
    if not path.exists():
        return None
    opened = OpenRelease(path)
    opened.retire()
    return opened.info


_executor: ThreadPoolExecutor | None = None


def _threads() -> ThreadPoolExecutor:
    """The threads for slow queries, shared by all releases, started when first needed."""
    global _executor  # noqa: PLW0603 - threads belong to the process
    if _executor is None:
        _executor = ThreadPoolExecutor(_SLOW_QUERIES_AT_ONCE, "query", _step_back)
    return _executor


def _step_back() -> None:
    """Let the event loop go first where both want the same core."""
    if sys.platform == "linux":  # elsewhere the priority is that of the whole process
        with suppress(OSError):  # a sandbox may forbid it
            thread = threading.get_native_id()
            os.setpriority(
                os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICER
            )
