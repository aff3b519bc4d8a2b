"""Releases as SQLite files.

A release is a file that never changes: a load writes a new one and renames it over the old one.
So a file is opened once, read-only and immutable, when its seal is found whole, and a watcher looks
ten times a second whether another file has taken its place, or somebody has written to this one.
"""

import asyncio
import logging
import math
import os
import queue
import sqlite3
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple
from urllib.parse import quote

from app import metrics
from app.problems import TooSlow
from app.records import Release
from app.settings import QUERY_SECONDS
from app.store.database import Store
from app.store.release import (
    LATEST,
    REVISIONS,
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
from app.store.seal import refuse_broken_seal
from app.turns import FairQueue

log = logging.getLogger(__name__)

# SQLite asks every so many of its instructions whether to go on.
_ASK_EVERY = 500
_A_MOMENT = 0.001  # seconds; longer than any page that an index gives in order
_PAGE_CACHE_KIB = 16_384
_PAGE_CACHE_OF_OLDER_KIB = 4_096
_WATCH_SECONDS = 0.1
_SLOW_QUERIES_AT_ONCE = 4
_SLOW_QUERIES_WAITING = 200
_NICER = 10


class Seen(NamedTuple):
    """What tells a file from another, and from itself after it was written to."""

    device: int
    inode: int
    modified: int
    size: int

    def same_file(self, other: "Seen | None") -> bool:
        """Whether it is the same file, whatever was written to it."""
        return other is not None and self[:2] == other[:2]


def look(path: Path) -> Seen | None:
    """What is there now; None where there is nothing."""
    with suppress(OSError):
        found = path.stat()
        return Seen(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
    return None


class _Allowance:
    """Lets a query run on the event loop for a moment only."""

    def __init__(self) -> None:
        self._until = math.inf

    def grant(self, seconds: float) -> None:
        """Let the next query run for so long."""
        self._until = perf_counter() + seconds

    def __call__(self) -> bool:
        return perf_counter() > self._until


class ReleaseFile(OpenRelease):
    """A release in a file."""

    def __init__(
        self, path: Path, cache: int = _PAGE_CACHE_KIB, seconds: int = QUERY_SECONDS
    ) -> None:
        """Open the file; no query of it takes more than so many seconds. Raises UnusableRelease.

        Every connection is opened now: a moment later the path may name another release. Nothing
        is read from it but its schema before its seal is found whole.
        """
        super().__init__()
        self._uri = read_only(path)
        self._seconds = seconds
        self._allowance = _Allowance()
        self._opened: list[sqlite3.Connection] = []
        self._file = -1
        self.seen = look(path)
        try:
            self._connection = self._connect(cache, statements=512)
            self._connection.set_progress_handler(self._allowance, _ASK_EVERY)
            refuse_other_revisions(
                [str(row[0]) for row in self._ask(self._connection, (REVISIONS, ()))]
            )
            refuse_broken_seal(path)
            self.info = self._read_info()
            self._idle = self._open_idle()
            self._file = os.open(path, os.O_RDONLY)
            self._refuse_another(path)
        except (sqlite3.Error, ValueError, TypeError) as error:  # damaged text or JSON included
            self._close()
            raise UnusableRelease(f"it is not a database of releases ({error})") from error
        except OSError as error:
            self._close()
            raise UnusableRelease(f"it can't be read: {error.strerror}") from error
        except UnusableRelease:
            self._close()
            raise
        self.tag = tag_of(self.info)

    def _open_idle(self) -> queue.LifoQueue[tuple[sqlite3.Connection, _Allowance]]:
        """The connections for slow queries, one for each thread."""
        idle: queue.LifoQueue[tuple[sqlite3.Connection, _Allowance]] = queue.LifoQueue()
        for _ in range(_SLOW_QUERIES_AT_ONCE):
            connection, allowance = (
                self._connect(_PAGE_CACHE_KIB // 16, statements=32),
                _Allowance(),
            )
            connection.set_progress_handler(allowance, _ASK_EVERY * 20)
            idle.put((connection, allowance))
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

    def _refuse_another(self, path: Path) -> None:
        """Raises UnusableRelease where the file is not the one that was there at first."""
        if look(path) != self.seen:
            raise UnusableRelease("it was replaced or written to while it was being opened")

    def _read_info(self) -> Release:
        latest = self._ask(self._connection, (LATEST, ()))
        if not latest:
            raise UnusableRelease("no release was ever loaded into it")
        return release_of(latest[0])

    async def read(self, at: int, size: int) -> bytes:
        """A part of the file, of the one that was opened: the path may name another by now."""
        return await asyncio.to_thread(os.pread, self._file, size, at)

    async def size(self) -> int:
        """How many bytes the file has."""
        return os.fstat(self._file).st_size

    async def look_up(self, sql: str, *binds: str | int) -> Rows:
        """Run a query that takes a few rows from an index."""
        self._allowance.grant(self._seconds)
        return self._ask(self._connection, (sql, binds))

    def _ask(self, connection: sqlite3.Connection, query: tuple[str, Any]) -> Rows:
        """Raises TooSlow where more time was needed than was granted."""
        try:
            return connection.execute(*query).fetchall()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise
            raise TooSlow(self._seconds) from None

    async def rows(self, *queries: Query, slow: bool = False) -> list[Rows]:
        """Run queries: at once where that takes a moment, in a thread where it takes longer.

        A thread costs more than a quick query does, and a slow one must not hold up the others.
        """
        if not slow:
            self._allowance.grant(_A_MOMENT)
            began = perf_counter()
            with suppress(TooSlow):
                found = [self._ask(self._connection, query) for query in queries]
                _QUICK.observe(perf_counter() - began)
                return found
        async with _slow_queries.place(self._seconds):
            return await asyncio.get_running_loop().run_in_executor(
                _threads(), self._rows_in_thread, queries
            )

    def _rows_in_thread(self, queries: tuple[Query, ...]) -> list[Rows]:
        connection, allowance = idle = self._idle.get()
        allowance.grant(self._seconds)  # for all of them, as others wait for the place
        try:
            with _LONG.time():
                return [self._ask(connection, query) for query in queries]
        finally:
            self._idle.put(idle)

    def load(self) -> Load:
        """How much its threads have to do now."""
        idle = self._idle.qsize()
        return Load(_SLOW_QUERIES_AT_ONCE - idle, idle, _slow_queries.waiting)

    def _close(self) -> None:
        for connection in self._opened:
            connection.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class FileStore(Store):
    """The file that releases are published to, and the release that is served from it now."""

    def __init__(self, path: Path, seconds: int = QUERY_SECONDS) -> None:
        """Open what is there; nothing yet is no error. `current` is None until a release is.

        No query takes more than so many seconds.
        """
        super().__init__()
        self.path = path
        self._seconds = seconds
        self._opened: ReleaseFile | None = None
        self._seen = look(path)
        self._try_to_open()
        self._change()

    async def refresh(self) -> None:
        """Change to the file that is there now, if it is another one and can be served."""
        seen = look(self.path)
        if seen == self._seen:
            return
        self._seen = seen
        if seen and isinstance(self.current, ReleaseFile):
            if seen == self.current.seen:  # it came back, or came while it was being opened
                self.fault = None
                return
            if seen.same_file(self.current.seen):
                self._stop()
        await asyncio.to_thread(self._try_to_open)
        self._change()
        if self._opened:
            log.info("release %s is served", self._opened.info.number)

    def _stop(self) -> None:
        """Serve nothing: what is served was written to, and may be wrong until it is checked."""
        self.fault = "it was written to while it was served, and is being checked"
        log.error("%s is not served: %s", self.path, self.fault)
        self.forget_older()
        if self.current:
            self.current.retire()
            self.current = None

    def _try_to_open(self) -> None:
        self._opened = None
        if self._seen is None:
            # The open file lives on without its name: what was published stays served.
            self.fault = "there is no database yet"
            return
        try:
            self._opened = ReleaseFile(self.path, seconds=self._seconds)
            self.fault = None
        except UnusableRelease as error:
            self.fault = str(error)

    def _change(self) -> None:
        """Serve what was opened, in place of what was served before."""
        self.forget_older()
        if self._opened:
            previous, self.current = self.current, self._opened
            if previous:
                previous.retire()
        elif self._seen:
            log.error("%s is not served: %s", self.path, self.fault)
        elif self.current:
            log.warning("%s is gone; the release that it held is served on", self.path)

    async def watch(self) -> None:
        """Follow the file until cancelled."""
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                await self.refresh()
            except Exception:
                self._seen = None  # it may have been for want of something: look again
                log.exception("%s can't be looked at", self.path)

    async def open(self, number: int) -> OpenRelease | None:
        """Open the file that was kept of a release."""
        path = kept_file(self.path, number)
        if not path.exists():
            return None
        return await asyncio.to_thread(ReleaseFile, path, _PAGE_CACHE_OF_OLDER_KIB, self._seconds)

    async def kept(self) -> list[int]:
        """The numbers of the files that were kept, and of the current release."""
        current = {self.current.info.number} if self.current else set()
        return sorted(current | set(kept_numbers(self.path)))


def kept_file(path: Path, number: int) -> Path:
    """Where a release is kept after the next one was published: `readout.db.releases/3.db`."""
    return path.with_name(f"{path.name}.releases") / f"{number}.db"


def kept_numbers(path: Path) -> list[int]:
    """The releases that are kept beside a database."""
    found = kept_file(path, 0).parent.glob("*.db")
    return sorted(int(file.stem) for file in found if file.stem.isdecimal())


def published(path: Path) -> Release | None:
    """The release that a file holds, or None. Raises UnusableRelease."""
    if not path.exists():
        return None
    opened = ReleaseFile(path)
    opened.retire()
    return opened.info


def is_outdated(path: Path) -> bool:
    """Whether an older program wrote the file; its content is not looked at."""
    try:
        with closing(sqlite3.connect(read_only(path), uri=True)) as connection:
            refuse_other_revisions([str(row[0]) for row in connection.execute(REVISIONS)])
    except OutdatedRelease:
        return True
    except (UnusableRelease, sqlite3.Error, ValueError):
        pass  # whoever opens it for reading says what is wrong
    return False


def read_only(path: Path) -> str:
    """The address that opens a file that nobody writes to."""
    return f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1"


_QUICK, _LONG = (metrics.QUERY_SECONDS.labels(kind) for kind in ("quick", "long"))
_slow_queries = FairQueue(_SLOW_QUERIES_AT_ONCE, _SLOW_QUERIES_WAITING)
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
