"""The load: check, compile, write a new file, publish it as the next release.

Everything is made anew, in a draft beside the releases. It is checked, sealed, synced and kept
under its digest; the creation of its manifest publishes it. Killed at any moment, a load leaves
nothing that anybody takes for a release.
"""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from app import __version__
from app.curation import former
from app.curation.catalogue import Catalogue
from app.curation.check import examine, survey
from app.curation.compile import compile_entry
from app.curation.content import Content, insertion
from app.curation.past import Past, changes, copy_history, write_changes
from app.curation.reading import Finding, Source, read
from app.dates import written
from app.records import Release
from app.store import migrations
from app.store.kept import AlreadyPublished, InDoubt, Manifest, Manifests, StorageError
from app.store.mirror import Mirror
from app.store.release import read_only
from app.store.seal import UnusableRelease, digest_of_sealed, seal
from app.store.tables import REVISION, ReleaseRow
from app.vocabulary import RecordType

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_LONGEST_PAUSE = timedelta(days=3 * 365)
"""A clock that says that more time passed since the last release is taken to be wrong."""


class NotLoaded(Exception):
    """Nothing was published; the text says why."""


class Rejected(NotLoaded):
    """The files have problems."""

    def __init__(self, findings: list[Finding]) -> None:
        """Keep every problem for the report."""
        super().__init__(f"{len(findings)} problems")
        self.findings = findings


class Before(NamedTuple):
    """The release that is published when a load begins."""

    manifest: Manifest | None
    connection: sqlite3.Connection
    """Its file; a database with nothing in it where there is no release."""
    number: int
    """The last number that is taken."""


class Wish(NamedTuple):
    """What a curator asks of a load beside its files."""

    message: str | None = None
    """Why: it stands with the release."""
    prune: str | None = None
    """The reason for which every record is withdrawn that is published and not in the files."""
    keep: int | None = None
    """How many releases stay readable, and each for an hour after the next; None for all."""
    trust_clock: bool = False
    """Whether to publish at the time of the clock, however odd that is."""
    despite_damage: bool = False
    """Whether to go on from the newest release that is whole, where the last one is damaged."""


def load(
    files: Iterable[str],
    mirror: Mirror,
    progress: Progress = lambda *_: None,
    wish: Wish = Wish(),  # noqa: B008 - it is immutable
) -> tuple[Release, bool]:
    """Publish the files as the next release: exactly what they hold.

    Returns the release that is published afterwards, and whether it is a new one: equal content
    makes none. Raises Rejected with every problem, or NotLoaded.
    """
    with _said(mirror):
        mirror.folder.make()
        now = mirror.published.refuse_overwriting()
        for place in {mirror.folder, mirror.published}:
            place.clear_abandoned(now)
        former.take_over(mirror)
        with _before(mirror, wish) as before:
            return _Loading(mirror, before, wish, progress).publish(list(dict.fromkeys(files)))


@contextmanager
def _said(mirror: Mirror) -> Iterator[None]:
    try:
        yield
    except (former.ForeignDatabase, InDoubt) as error:
        raise NotLoaded(str(error)) from error
    except (StorageError, UnusableRelease) as error:
        raise NotLoaded(f"nothing is published: {error}") from error
    except (sqlite3.Error, DBAPIError) as error:
        fault = error.orig if isinstance(error, DBAPIError) else error
        raise NotLoaded(f"can't write into {mirror.folder.path}: {fault}") from error
    except OSError as error:
        place = error.filename or mirror.folder.path
        raise NotLoaded(f"can't write {place}: {error.strerror}") from error


@contextmanager
def _before(mirror: Mirror, wish: Wish) -> Iterator[Before]:
    """The release that is published now. Raises StorageError, NotLoaded."""
    manifests = mirror.refresh()
    manifest = _newest_whole(mirror, manifests, wish)
    if manifest is None:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            _prepare(connection)
            yield Before(None, connection, 0)
    else:
        file = read_only(mirror.folder.file(manifest))
        with closing(sqlite3.connect(file, uri=True)) as connection:
            yield Before(manifest, connection, max(manifests.numbers))


def _newest_whole(mirror: Mirror, manifests: Manifests, wish: Wish) -> Manifest | None:
    """The newest release; where that is damaged, the newest that is whole, if that is wished.

    Raises NotLoaded.
    """
    damage = {
        number: f"{mirror.published.place}: {fault}; put it back as it was"
        for number, fault in manifests.faults.items()
    }
    whole = None
    for number in sorted(manifests, reverse=True):
        manifest = manifests[number]
        if manifest.revision > REVISION:
            raise NotLoaded(
                f"release {number} was published by Readout {manifest.program}, which is newer "
                f"than this one, {__version__}; load with that version"
            )
        file = mirror.folder.file(manifest)
        try:
            mirror.fetch(manifest)
            if digest_of_sealed(file) != manifest.digest:
                raise UnusableRelease("its file is not the one that was published")  # noqa: TRY301
        except (StorageError, UnusableRelease) as error:
            damage[number] = (
                f"release {number} can't be read: {error}; put a whole copy of its file at {file} "
                f"(from a backup, or /releases/{number}/readout.db of another server)"
            )
        else:
            whole = manifest
            break
    last = max(damage, default=0)
    if whole is None and damage:
        raise NotLoaded(f"{damage[last]}; no other release is whole")
    if whole and last > whole.number and not wish.despite_damage:
        raise NotLoaded(
            f"{damage[last]}, or go on from release {whole.number}, the newest that is whole: "
            "readout load --despite-damage FILES"
        )
    return whole


class _Loading:
    """One load: what is published now, what is to come, and the draft that it is written to."""

    def __init__(self, mirror: Mirror, before: Before, wish: Wish, progress: Progress) -> None:
        self._mirror = mirror
        self._before = before
        self._wish = wish
        self._progress = progress
        self._digests: dict[str, bytes] = {}

    def publish(self, files: list[str]) -> tuple[Release, bool]:
        def seen(source: Source) -> None:
            self._digests[source.file] = source.digest
            self._progress("Reading", len(self._digests), len(files))

        with _surveyed(files, seen) as (catalogue, findings), self._mirror.folder.draft() as draft:
            with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                _prepare(connection)
                connection.execute("BEGIN EXCLUSIVE")
                past = Past(self._before.connection, catalogue, written(self._now()))
                content = self._write(connection, catalogue, findings)
                if findings:
                    raise Rejected(findings)
                release = self._release(content)
                if gone := past.refuse_disappearing(self._wish.prune):
                    raise Rejected(gone)
                past.write(connection)
                current = self._unchanged(release, past)
                if current:
                    return current, False
                release = self._record(connection, past, release)
                self._progress("Checking", 0, 1)
                _finish(connection)
                self._progress("Checking", 1, 1)
            return self._publish(draft, release), True

    def _now(self) -> datetime:
        """The moment of publishing. Raises NotLoaded where the clock can't be right."""
        now, manifest = datetime.now(UTC), self._before.manifest
        if manifest is None:
            return now
        last = datetime.fromisoformat(manifest.published_at)
        late = timedelta(days=1)
        if not self._wish.trust_clock and not last - late < now < last + _LONGEST_PAUSE:
            raise NotLoaded(
                f"the clock says {written(now)}, and release {manifest.number} was published at "
                f"{manifest.published_at}; set the clock right, or if it is: "
                "readout load --trust-clock FILES"
            )
        # Moments of releases never go back, whatever the clock does.
        return max(now, last)

    def _write(
        self, connection: sqlite3.Connection, catalogue: Catalogue, findings: list[Finding]
    ) -> Content:
        """Write the records of all files, or take note of what is wrong with them."""
        content = Content(connection)
        for done, (file, digest) in enumerate(self._digests.items(), start=1):
            source = read(file)
            if source.digest != digest:
                raise NotLoaded(f"{file} changed while it was being loaded; load again")
            for kind, entry in _sound_entries(source, catalogue, findings):
                # With a problem anywhere nothing is published, so nothing more is compiled.
                if not findings:
                    content.add(compile_entry(kind, entry, catalogue))
            content.flush()
            self._progress("Loading", done, len(self._digests))
        return content

    def _release(self, content: Content) -> Release:
        counts = content.counts()
        if not any(counts.values()):
            raise NotLoaded("the files hold no records, so nothing is published")
        self._whole = content.whole()
        return Release(
            number=self._before.number + 1,
            published_at=written(self._now()),
            digest=self._whole.digest,
            counts=counts,
            program=__version__,
            message=self._wish.message,
            changes=None,
        )

    def _unchanged(self, release: Release, past: Past) -> Release | None:
        """The published release, if it has the same content, made by the same program."""
        manifest = self._before.manifest
        if manifest is None or (manifest.program, manifest.revision) != (__version__, REVISION):
            return None
        sql = "SELECT digest, past, message, changes FROM release WHERE number = ?"
        digest, past_then, message, changed = self._before.connection.execute(
            sql, (manifest.number,)
        ).fetchone()
        if (digest, past_then) != (release.digest, past.digest()):
            return None
        self._mirror.folder.point_to_newest()  # what published it may have died before
        return release.model_copy(
            update={
                "number": manifest.number, "published_at": manifest.published_at,
                "message": message, "changes": changed and orjson.loads(changed),
            }
        )  # fmt: skip

    def _record(self, connection: sqlite3.Connection, past: Past, release: Release) -> Release:
        """Write the history, the release and what it changes."""
        before, manifest = self._before.connection, self._before.manifest
        if manifest:
            copy_history(connection, before, manifest)
        done = write_changes(
            connection, changes(connection, before, past.former), past, release.number
        )
        message = release.message
        if message is None and manifest and not any(done.counts.values()):
            message = f"Made anew by Readout {__version__}; what the sources say is unchanged."
        release = release.model_copy(update={"message": message, "changes": done.counts})
        row = release.model_dump(exclude={"type"})
        row |= {name: orjson.dumps(row[name]).decode() for name in ("counts", "changes")}
        row |= {"last_change": done.last, "past": past.digest(), "direct": self._whole.direct}
        connection.execute(insertion(ReleaseRow), row)
        return release

    def _publish(self, draft: Path, release: Release) -> Release:
        """Seal the file, have it where releases are kept, and create its manifest."""
        folder, published = self._mirror.folder, self._mirror.published
        manifest = Manifest.of(release, seal(draft), draft.stat().st_size, REVISION)
        folder.keep(draft, manifest)
        self._progress("Publishing", 0, 1)
        try:
            if self._mirror.bucket:
                published.upload(folder.file(manifest), manifest)
            manifest = manifest.model_copy(update={"published_at": written(self._now())})
            published.publish(manifest)
        except InDoubt:
            raise
        except (AlreadyPublished, StorageError) as error:
            self._mirror.discard(manifest)
            if isinstance(error, StorageError):
                raise
            raise NotLoaded(self._overtaken(release.number)) from None
        with suppress(StorageError, OSError):  # it is published; the next load tidies up
            self._forget()
            self._mirror.refresh()
            folder.point_to_newest()
        self._progress("Publishing", 1, 1)
        return release.model_copy(update={"published_at": manifest.published_at})

    def _overtaken(self, number: int) -> str:
        before, other = self._before.manifest, self._mirror.refresh().get(number)
        when = f", at {other.published_at}" if other else ""
        why = f" ({other.message})" if other and other.message else ""
        diff = f" (readout diff {before.number} {number})" if before else ""
        return (
            f"another load published release {number} meanwhile{when}{why}; see what it holds{diff}"
            ", then load again, so that yours builds on it"
        )

    def _forget(self) -> None:
        """Remove the oldest releases, until as many are left as are to be kept."""
        if self._wish.keep is None:
            return
        manifests = self._mirror.published.manifests()
        # Walks go on in those that were current lately, the one before this among them.
        replaced = manifests.replaced
        for number in sorted(manifests)[: -self._wish.keep]:
            if number in replaced:
                self._mirror.published.remove(manifests[number])


@contextmanager
def _surveyed(
    files: list[str], seen: Callable[[Source], object]
) -> Iterator[tuple[Catalogue, list[Finding]]]:
    """The catalogue, out of the garbage collector's sight while it is used."""
    # It would go through millions of objects again and again, none of them part of a cycle.
    enabled = gc.isenabled()
    gc.disable()
    try:
        surveyed = survey(files, seen)
        gc.freeze()
    finally:
        if enabled:
            gc.enable()
    try:
        yield surveyed
    finally:
        gc.unfreeze()


def _sound_entries(
    source: Source, catalogue: Catalogue, findings: list[Finding]
) -> Iterator[tuple[RecordType, Any]]:
    for finding, entry in examine(source, catalogue):
        if finding:
            findings.append(finding)
        if entry:
            yield entry


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new file, which is fast to write."""
    # Nobody else sees the draft, and a load that dies leaves it to be thrown away: it needs
    # no journal, and is synced once, when it is complete.
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA cache_size = -262144")
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.begin() as migrating:
        migrations.upgrade(migrating)


def _finish(connection: sqlite3.Connection) -> None:
    """Optimize, and check what was written before anyone sees it."""
    connection.execute("INSERT INTO record_search (record_search) VALUES ('optimize')")
    connection.execute("ANALYZE")
    connection.execute("COMMIT")
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    damaged = connection.execute("PRAGMA quick_check").fetchall()
    if broken or damaged != [("ok",)]:
        raise NotLoaded(f"what was written is damaged: {[*broken, *damaged][:3]}")
