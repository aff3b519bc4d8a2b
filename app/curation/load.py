"""The load: check, compile, publish as the next release.

The current file is copied, the copy is migrated and written in one transaction, checked, sealed,
synced, and renamed over the old one. Killed at any moment, the old release stays and serves.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from alembic.util import CommandError
from sqlalchemy import create_engine, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from app import __version__
from app.curation.catalogue import Catalogue
from app.curation.check import examine, survey
from app.curation.compile import Compiled, compile_entry
from app.curation.reading import Finding, Source, read
from app.records import Release
from app.store import migrations
from app.store.files import published
from app.store.release import UnusableRelease
from app.store.seal import DamagedRelease, seal, unseal
from app.store.tables import TABLES, ReleaseRow
from app.vocabulary import RecordType

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_NOT_OURS = (
    "{} is a database, but none that this program can publish to; move it away, or name another "
    "file in READOUT_DATABASE_URL"
)


class NotLoaded(Exception):
    """Nothing was published; the text says why."""


class Rejected(NotLoaded):
    """The files have problems."""

    def __init__(self, findings: list[Finding]) -> None:
        """Keep every problem for the report."""
        super().__init__(f"{len(findings)} problems")
        self.findings = findings


class Change(NamedTuple):
    """How many ids a release has that the one before had not, and the reverse."""

    new: int
    gone: int


def load(
    files: Iterable[str], path: Path, progress: Progress = lambda *_: None
) -> tuple[Release, Change | None]:
    """Publish the files as the next release: exactly what they hold, and nothing of before.

    Returns the release that is served afterwards, and how it differs from the one before; None
    where it is the same one, as its content is there already. Raises Rejected with every problem,
    or NotLoaded.
    """
    files = list(dict.fromkeys(files))
    with _alone(path):
        digests: dict[str, bytes] = {}

        def seen(source: Source) -> None:
            digests[source.file] = source.digest
            progress("Reading", len(digests), len(files))

        catalogue, findings = survey(files, seen)
        with _draft(path) as draft:
            return _publish(path, draft, catalogue, findings, digests, progress)


def migrate(path: Path) -> None:
    """Bring a database that an older program wrote to this program's schema, in one step.

    Its releases stay as they are. Raises NotLoaded.
    """
    with _alone(path), _draft(path) as draft:
        with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
            _prepare(connection, path)
            _refuse_damage(connection)
        _swap_in(draft, path)


@contextmanager
def _draft(path: Path) -> Iterator[Path]:
    """A copy of the database to write to; it is thrown away unless it is swapped in."""
    draft = path.with_name(f"{path.name}.draft")
    try:
        _discard(draft)
        if path.exists():
            shutil.copyfile(path, draft)
            unseal(draft)
        yield draft
    except DamagedRelease as error:
        raise NotLoaded(f"can't publish to {path}: {error}") from error
    except (sqlite3.Error, DBAPIError, UnicodeDecodeError) as error:
        fault = error.orig if isinstance(error, DBAPIError) else error
        raise NotLoaded(
            f"can't publish to {path}: {fault}; if the file is damaged, or another "
            "program's, move it away and load again"
        ) from error
    finally:
        _discard(draft)


def _swap_in(draft: Path, path: Path) -> None:
    seal(draft)
    _sync(draft)
    draft.replace(path)
    _sync(path.parent)


def _publish(
    path: Path,
    draft: Path,
    catalogue: Catalogue,
    findings: list[Finding],
    digests: dict[str, bytes],
    progress: Progress,
) -> tuple[Release, Change | None]:
    current = _current(path)
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        _prepare(connection, path)
        connection.execute("BEGIN EXCLUSIVE")
        change = _change(connection, catalogue)
        for table in reversed(TABLES):
            connection.execute(f"DELETE FROM {table.__tablename__}")  # noqa: S608 - our own names
        connection.execute("INSERT INTO record_search (record_search) VALUES ('delete-all')")
        content = _Content(connection)
        for done, (file, digest) in enumerate(digests.items(), start=1):
            source = read(file)
            if source.digest != digest:
                raise NotLoaded(f"{file} changed while it was being loaded; load again")
            for entry in _sound_entries(source, catalogue, findings):
                # With a problem anywhere nothing is published, so nothing more is compiled.
                if not findings:
                    content.add(compile_entry(*entry, catalogue))
            content.flush()
            progress("Loading", done, len(digests))
        if findings:
            raise Rejected(findings)
        if not any(content.counts.values()):
            raise NotLoaded("the files hold no records, so nothing is published")
        digest_now = content.digest()
        # Another version may have made other rows from the same records.
        if current and (current.digest, current.program) == (digest_now, __version__):
            return current, None
        release = _next_release(connection, digest_now, content.counts)
        progress("Checking", 0, 1)
        _finish(connection)
        progress("Checking", 1, 1)
    _swap_in(draft, path)
    return release, change


def _sound_entries(
    source: Source, catalogue: Catalogue, findings: list[Finding]
) -> Iterator[tuple[RecordType, Any]]:
    for finding, entry in examine(source, catalogue):
        if finding:
            findings.append(finding)
        if entry:
            yield entry


class _Content:
    """What goes into the release: written in batches, counted and digested on the way."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._rows: defaultdict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        self._search: list[tuple[int, RecordType, str, str]] = []
        self._digests: list[tuple[str, str, bytes]] = []
        self.counts = {kind.plural: 0 for kind in RecordType}

    def add(self, compiled: Compiled) -> None:
        for table, row in compiled.rows:
            self._rows[table].append(row)
        self._search.append(compiled.search)
        digest = hashlib.sha256(compiled.body).digest()
        self._digests.append((compiled.kind.value, compiled.id, digest))
        self.counts[compiled.kind.plural] += 1

    def flush(self) -> None:
        for table, rows in self._rows.items():
            rows.sort(key=_ordinal)
            self._connection.executemany(_insertion(table), rows)
        self._rows.clear()
        self._search.sort()
        for kind in RecordType:
            self._connection.executemany(
                f"INSERT INTO record_search (rowid, type, {kind.value}_title, {kind.value}_text) "  # noqa: S608 - our own names
                "VALUES (?, ?, ?, ?)",
                [row for row in self._search if row[1] is kind],
            )
        self._search.clear()

    def digest(self) -> str:
        """Of every public record, whatever the order or number of the files."""
        whole = hashlib.sha256()
        for kind, id_, digest in sorted(self._digests):
            whole.update(f"{kind}/{id_}:".encode() + digest)
        return whole.hexdigest()


def _ordinal(row: dict[str, Any]) -> int:
    return int(row.get("ordinal", 0))


@cache
def _insertion(table: type[SQLModel]) -> str:
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="named")))


def _current(path: Path) -> Release | None:
    # What is wrong with a file that can't be read comes out when its copy is opened for writing:
    # all but damage, as what it says of earlier releases would go into the next one.
    try:
        return published(path)
    except DamagedRelease:
        raise
    except (UnusableRelease, sqlite3.Error, UnicodeDecodeError):
        return None


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Migrate the draft, and make it fast to write. Raises NotLoaded for another program's file."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    if tables and ("alembic_version",) not in tables:
        raise NotLoaded(_NOT_OURS.format(path))
    # Nobody else sees the draft, and a load that dies leaves it to be thrown away: it needs
    # no journal, and is synced once, when it is complete.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -262144")
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    try:
        with engine.begin() as migrating:
            migrations.upgrade(migrating)
    except CommandError as error:  # a revision that this program does not know
        raise NotLoaded(_NOT_OURS.format(path)) from error


def _change(connection: sqlite3.Connection, catalogue: Catalogue) -> Change:
    """Compare the ids before with those to come."""
    to_come = {kind.value: known for kind, known in catalogue.known.items()}
    before = kept = 0
    for type_, id_ in connection.execute("SELECT type, id FROM record"):
        before += 1
        kept += id_ in to_come.get(type_, ())
    return Change(new=sum(1 for _ in catalogue.all()) - kept, gone=before - kept)


def _next_release(connection: sqlite3.Connection, digest: str, counts: dict[str, int]) -> Release:
    latest = connection.execute("SELECT max(number) FROM release").fetchone()[0] or 0
    release = Release(
        number=latest + 1,
        published_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        digest=digest,
        counts=counts,
        program=__version__,
    )
    row = release.model_dump(exclude={"type"}) | {"counts": orjson.dumps(counts).decode()}
    connection.execute(_insertion(ReleaseRow), row)
    return release


def _finish(connection: sqlite3.Connection) -> None:
    """Optimize, and check what was written before anyone sees it."""
    connection.execute("INSERT INTO record_search (record_search) VALUES ('optimize')")
    connection.execute("ANALYZE")
    connection.execute("COMMIT")
    _refuse_damage(connection)


def _refuse_damage(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    damaged = connection.execute("PRAGMA quick_check").fetchall()
    if broken or damaged != [("ok",)]:
        raise NotLoaded(f"what was written is damaged: {[*broken, *damaged][:3]}")


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One load at a time. Raises NotLoaded where another is running, or nothing can be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = path.with_name(f"{path.name}.lock").open("w")
    except OSError as error:
        raise NotLoaded(f"can't write beside {path}: {error.strerror}") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise NotLoaded(f"another load into {path} is running; wait for it") from error
        try:
            yield
        except OSError as error:
            raise NotLoaded(f"can't write {error.filename or path}: {error.strerror}") from error


def _discard(draft: Path) -> None:
    for leftover in (draft, draft.with_name(f"{draft.name}-journal")):
        leftover.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
