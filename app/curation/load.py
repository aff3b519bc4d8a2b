"""The load: check, compile, publish as the next release.

The current file is copied, the copy is migrated and written in one transaction, checked, sealed,
synced, and renamed over the old one. Killed at any moment, the old release stays and serves.
Records that would be checked and written as they stand are left in the copy (see `kept`).
"""

import fcntl
import gc
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from alembic.util import CommandError
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from app import __version__
from app.curation.catalogue import Catalogue
from app.curation.check import examine, survey
from app.curation.compile import compile_entry
from app.curation.content import Content, empty, insertion, take_out
from app.curation.kept import made_of, place_and_keep, rules
from app.curation.past import Past, changes, write_changes
from app.curation.reading import Finding, Source, read
from app.dates import written
from app.records import Release
from app.store import migrations
from app.store.files import is_outdated, kept_file, kept_numbers, read_only
from app.store.release import LATEST, release_of
from app.store.seal import DamagedRelease, refuse_missing_seal, seal, unseal
from app.store.tables import ReleaseRow
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


def load(
    files: Iterable[str],
    path: Path,
    progress: Progress = lambda *_: None,
    *,
    message: str | None = None,
    prune: str | None = None,
    keep: int | None = None,
) -> tuple[Release, bool]:
    """Publish the files as the next release: exactly what they hold.

    `message` says why; `prune` is the reason for which every record is withdrawn that is published
    and not in the files; `keep` is how many releases stay readable, all of them if it is None.
    Returns the release that is served afterwards, and whether it is a new one: equal content makes
    none. Raises Rejected with every problem, or NotLoaded.
    """
    files = list(dict.fromkeys(files))
    with _alone(path):
        _bring_up_to_date(path)
        digests: dict[str, bytes] = {}

        def seen(source: Source) -> None:
            digests[source.file] = source.digest
            progress("Reading", len(digests), len(files))

        with _surveyed(files, seen) as (catalogue, findings), _draft(path) as draft:
            loading = _Loading(path, draft, catalogue, findings, message, prune)
            release, new = loading.publish(digests, progress)
        if new and keep is not None:
            _forget(path, keep, release.number)
        return release, new


@contextmanager
def _surveyed(
    files: list[str], seen: Callable[[Source], object]
) -> Iterator[tuple[Catalogue, list[Finding]]]:
    """The catalogue, out of the garbage collector's sight while it is used."""
    # It would go through millions of objects again and again, none of them part of a cycle.
    enabled = gc.isenabled()
    gc.disable()
    try:
        found = survey(files, seen)
        gc.freeze()
    finally:
        if enabled:
            gc.enable()
    try:
        yield found
    finally:
        gc.unfreeze()


def migrate(path: Path) -> None:
    """Bring a database that an older program wrote to this program's schema.

    Its releases stay as they are. Raises NotLoaded.
    """
    with _alone(path):
        _bring_up_to_date(path)


def _bring_up_to_date(path: Path) -> None:
    """Migrate the release, and those that are kept, each in one step."""
    for file in (path, *(kept_file(path, number) for number in kept_numbers(path))):
        if is_outdated(file):
            with _draft(file) as draft:
                with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                    _prepare(connection, file)
                    _refuse_damage(connection)
                _swap_in(draft, file)


def _keep(path: Path, number: int) -> None:
    """Keep the file of a release under its number: the next one is about to take its place."""
    kept = kept_file(path, number)
    kept.parent.mkdir(exist_ok=True)
    beside = kept.with_suffix(".draft")
    _discard(beside)
    try:
        os.link(path, beside)
    except OSError:  # a file system without links
        shutil.copyfile(path, beside)
        _sync(beside)
    beside.replace(kept)
    _sync(kept.parent)
    _sync(path.parent)


def _forget(path: Path, keep: int, current: int) -> None:
    """Remove the oldest releases that are kept, until so many are left with the current one."""
    numbers = [number for number in kept_numbers(path) if number != current]
    for number in numbers[: max(0, len(numbers) + 1 - max(1, keep))]:
        kept_file(path, number).unlink(missing_ok=True)


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


class _Loading:
    """One load: what is published now, what is to come, and the draft that it is written to."""

    def __init__(
        self,
        path: Path,
        draft: Path,
        catalogue: Catalogue,
        findings: list[Finding],
        message: str | None,
        prune: str | None,
    ) -> None:
        self._path = path
        self._draft = draft
        self._catalogue = catalogue
        self._findings = findings
        self._message = message
        self._prune = prune

    def publish(self, digests: dict[str, bytes], progress: Progress) -> tuple[Release, bool]:
        with (
            closing(sqlite3.connect(self._draft, isolation_level=None)) as connection,
            closing(_before(self._path)) as before,
        ):
            _prepare(connection, self._path)
            if not _is_new(self._path):  # the draft, its copy, was found whole when it was unsealed
                refuse_missing_seal(self._path)
            current = _latest(before)
            now = written(datetime.now(UTC))
            # Moments of releases never go back, whatever the clock does.
            now = max(now, current.published_at) if current else now
            past = Past(before, self._catalogue, now)
            connection.execute("BEGIN EXCLUSIVE")
            content = self._write(connection, before, digests, progress)
            if self._findings:
                raise Rejected(self._findings)
            counts = content.counts()
            if not any(counts.values()):
                raise NotLoaded("the files hold no records, so nothing is published")
            if gone := past.refuse_disappearing(self._prune):
                raise Rejected(gone)
            past.write(connection)
            whole = content.whole()
            release = Release(
                number=current.number + 1 if current else 1,
                published_at=now,
                digest=whole.digest,
                counts=counts,
                program=__version__,
                message=self._message,
                changes=None,
            )
            same = current is not None and (current.digest, _past_of(before)) == (
                release.digest, past.digest(),
            )  # fmt: skip
            if current and same and current.program == __version__:
                return current, False
            if current and same:
                # Another program made other rows of the same records: no client can tell.
                release = current.model_copy(update={"program": __version__})
                connection.execute(
                    "UPDATE release SET program = ?, rules = ?, direct = ? WHERE number = ?",
                    (__version__, rules(), whole.direct, release.number),
                )
            else:
                release = self._record(connection, before, past, release, whole.direct)
            progress("Checking", 0, 1)
            _finish(connection)
            progress("Checking", 1, 1)
        if current and not same:
            _keep(self._path, current.number)
        _swap_in(self._draft, self._path)
        return release, not same

    def _write(
        self,
        connection: sqlite3.Connection,
        before: sqlite3.Connection,
        digests: dict[str, bytes],
        progress: Progress,
    ) -> Content:
        """Write what is not kept of the release before."""
        others = place_and_keep(before, self._catalogue)
        empty(connection) if others is None else take_out(connection, others)
        content = Content(connection)
        to_read = self._catalogue.files_to_read()
        for done, (file, digest) in enumerate(digests.items(), start=1):
            if file in to_read:
                self._write_file(content, file, digest)
            progress("Loading", done, len(digests))
        return content

    def _write_file(self, content: Content, file: str, digest: bytes) -> None:
        source = read(file)
        if source.digest != digest:
            raise NotLoaded(f"{file} changed while it was being loaded; load again")
        for kind, entry in _sound_entries(source, self._catalogue, self._findings):
            # With a problem anywhere nothing is published, so nothing more is compiled.
            if not self._findings:
                known = self._catalogue.known[kind][entry.id]
                compiled = compile_entry(kind, entry, self._catalogue)
                content.add(compiled, made_of(known, self._catalogue))
        content.flush()

    def _record(
        self,
        connection: sqlite3.Connection,
        before: sqlite3.Connection,
        past: Past,
        release: Release,
        direct: int,
    ) -> Release:
        """Write the release, and what it changes."""
        found = changes(connection, before, past.former)
        done = write_changes(connection, found, past, release.number, release.published_at)
        message = self._message
        if (
            message is None
            and release.number > 1
            and done.only_rendering
            and any(done.counts.values())
        ):
            message = f"Rendered anew by Readout {__version__}; what the sources say is unchanged."
        release = release.model_copy(update={"message": message, "changes": done.counts})
        row = release.model_dump(exclude={"type"})
        row |= {name: orjson.dumps(row[name]).decode() for name in ("counts", "changes")}
        row |= {"last_change": done.last, "past": past.digest(), "rules": rules(), "direct": direct}
        connection.execute(insertion(ReleaseRow), row)
        return release


def _is_new(path: Path) -> bool:
    """Whether nothing was ever published there; an empty file is a place for it."""
    return not path.exists() or not path.stat().st_size


def _before(path: Path) -> sqlite3.Connection:
    """The release that is published now, or an empty one."""
    if not _is_new(path):
        return sqlite3.connect(read_only(path), uri=True)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    _prepare(connection, path)
    return connection


def _latest(before: sqlite3.Connection) -> Release | None:
    found = before.execute(LATEST).fetchone()
    return release_of(found) if found else None


def _past_of(before: sqlite3.Connection) -> str:
    found = before.execute("SELECT past FROM release ORDER BY number DESC LIMIT 1").fetchone()
    return str(found[0])


def _sound_entries(
    source: Source, catalogue: Catalogue, findings: list[Finding]
) -> Iterator[tuple[RecordType, Any]]:
    for finding, entry in examine(source, catalogue):
        if finding:
            findings.append(finding)
        if entry:
            yield entry


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
