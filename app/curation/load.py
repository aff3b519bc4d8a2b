"""The load: check, compile, write a new file, publish it as the next release.

Everything is made anew, in a draft beside the releases. It is checked, sealed, synced and kept
under its digest; the creation of its manifest publishes it. Killed at any moment, a load leaves
nothing that anybody takes for a release.
"""

import gc
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy.exc import DBAPIError

from app import __version__
from app.curation import draft, former
from app.curation.check import Survey, examine, survey
from app.curation.compile import compile_entry
from app.curation.draft import Summary
from app.curation.history import copy_history, number_by_changes, write_changes
from app.curation.reading import Finding
from app.curation.seals import bundles, read_proven
from app.dates import written
from app.records import Release
from app.store.kept import AlreadyPublished, InDoubt, Manifest, Manifests, StorageError
from app.store.mirror import Mirror
from app.store.release import release_of
from app.store.seal import UnusableRelease, digest_of_sealed, seal
from app.store.tables import REVISION, ReleaseRow, TopicRow

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how many files are done, and how many there are."""

_LONGEST_PAUSE = timedelta(days=3 * 365)
"""A clock that says that more time passed since the last release is taken to be wrong."""


class NotLoaded(Exception):
    """Nothing was published; the text says why."""


class Rejected(NotLoaded):
    """The files have problems."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(f"{len(findings)} problems")
        self.findings = findings


class Wish(NamedTuple):
    """The options of a load."""

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
    strict: bool = False
    """Whether warnings are problems."""
    warn: Callable[[int], object] | None = None
    """Called with the number of warnings, where the files have no problems."""


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
    with _in_a_line(mirror):
        mirror.refuse_publishing_into_a_copy()
        mirror.folder.make()
        now = mirror.published.refuse_overwriting()
        for place in {mirror.folder, mirror.published}:
            place.clear_abandoned(now)
        former.take_over(mirror)
        manifests = mirror.refresh()
        earlier = _newest_whole(mirror, manifests, wish)
        number = max(manifests.numbers, default=0) + 1
        return _Loading(mirror, earlier, number, wish, progress).publish(files)


@contextmanager
def _in_a_line(mirror: Mirror) -> Iterator[None]:
    """Raise NotLoaded for every way in which storage and files can fail."""
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


def _newest_whole(mirror: Mirror, manifests: Manifests, wish: Wish) -> Manifest | None:
    """The newest release; where that is damaged, the newest that is whole, if that is wished.

    Raises NotLoaded.
    """
    damage = {
        number: f"{mirror.published.place}: {fault}; put it back as it was"
        for number, fault in manifests.faults.items()
    }
    whole = None
    for number, manifest in sorted(manifests.items(), reverse=True):
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
            elsewhere = f"(from a backup, or /releases/{number}/readout.db of another server)"
            damage[number] = f"{unreadable(number, error, file)} {elsewhere}"
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


def unreadable(number: int, error: Exception, file: Path) -> str:
    """Why a release can't be read, and where its file belongs."""
    return f"release {number} can't be read: {error}; put a whole copy of its file at {file}"


@dataclass(frozen=True)
class _Loading:
    """One load: what is published now, and what is to come."""

    _mirror: Mirror
    _earlier: Manifest | None
    _number: int
    _wish: Wish
    _progress: Progress

    def publish(self, files: Iterable[str]) -> tuple[Release, bool]:
        earlier = self._mirror.folder.file(self._earlier) if self._earlier else None
        survey = _surveyed(bundles(files), self._progress)
        with self._mirror.folder.draft() as file:
            now = written(self._now())
            with draft.begun(file, earlier) as connection:
                self._write_records(connection, survey)
                if survey.findings:
                    raise Rejected(survey.findings)
                draft.write_words(connection)
                topics = survey.catalogue.topics.values()
                connection.executemany(draft.insertion(TopicRow), topics)
                if not any(survey.catalogue.cards.values()):
                    raise NotLoaded("the files hold no records, so nothing is published")
                if gone := draft.write_past(connection, survey.catalogue, self._wish.prune, now):
                    raise Rejected(gone)
                summary = draft.summary_of(connection)
                if current := self._unchanged(connection, summary):
                    return current, False
                release = self._write_release(connection, summary)
                self._progress("Checking", 0, 1)
                if broken := draft.finish(connection):
                    raise NotLoaded(f"what was written is damaged: {broken[:3]}")
                self._progress("Checking", 1, 1)
            return self._publish(file, release), True

    def _now(self) -> datetime:
        """The moment of publishing. Raises NotLoaded where the clock can't be right."""
        now = datetime.now(UTC)
        if self._earlier is None:
            return now
        last = datetime.fromisoformat(self._earlier.published_at)
        late = timedelta(days=1)
        if not self._wish.trust_clock and not last - late < now < last + _LONGEST_PAUSE:
            raise NotLoaded(
                f"the clock says {written(now)}, and release {self._earlier.number} was published "
                f"at {self._earlier.published_at}; set the clock right, or if it is: "
                "readout load --trust-clock FILES"
            )
        # Moments of releases never go back, whatever the clock does.
        return max(now, last)

    def _write_records(self, connection: sqlite3.Connection, survey: Survey) -> None:
        """Write the records of all files, or take note of what is wrong with them."""
        warnings: list[Finding] | None = [] if self._wish.strict or self._wish.warn else None
        for done, (file, digest) in enumerate(survey.digests.items(), start=1):
            source = read_proven(file)
            if source.digest != digest:
                raise NotLoaded(f"{file} changed while it was being loaded; load again")
            sound = examine(source, survey.catalogue, survey.findings, warnings)
            # With a problem anywhere nothing is published, so nothing more is compiled.
            compiled = (
                compile_entry(kind, entry, survey.catalogue)
                for kind, entry in sound
                if not survey.findings
            )
            draft.write_records(connection, compiled)
            self._progress("Loading", done, len(survey.digests))
        if self._wish.strict:
            survey.findings.extend(warnings or ())
        elif warnings and self._wish.warn and not survey.findings:
            self._wish.warn(len(warnings))

    def _unchanged(self, connection: sqlite3.Connection, summary: Summary) -> Release | None:
        """The published release, if it has the same content, made by the same program."""
        earlier = self._earlier
        if earlier is None or (earlier.program, earlier.revision) != (__version__, REVISION):
            return None
        row = connection.execute(
            "SELECT number, published_at, digest, counts, program, message, changes "
            "FROM earlier.release WHERE number = ? AND digest = ? AND past = ?",
            (earlier.number, summary.digest, summary.past),
        ).fetchone()
        if row is None:
            return None
        self._mirror.folder.point_to_newest()  # what published it may have died before
        return release_of(row).model_copy(update={"published_at": earlier.published_at})

    def _write_release(self, connection: sqlite3.Connection, summary: Summary) -> Release:
        """Write the history, the release and what it changes."""
        if self._earlier:
            copy_history(connection, self._earlier)
        changes, last_change = write_changes(connection, self._number)
        number_by_changes(connection)
        message = self._wish.message
        if message is None and self._earlier and not any(changes.values()):
            message = f"Made anew by Readout {__version__}; what the sources say is unchanged."
        release = Release(
            number=self._number,
            published_at=written(self._now()),
            digest=summary.digest,
            counts=summary.counts,
            program=__version__,
            message=message,
            changes=changes,
        )
        row = release.model_dump(exclude={"type"})
        row |= {name: orjson.dumps(row[name]).decode() for name in ("counts", "changes")}
        row |= {"last_change": last_change, "past": summary.past, "direct": summary.direct}
        connection.execute(draft.insertion(ReleaseRow), row)
        return release

    def _publish(self, file: Path, release: Release) -> Release:
        """Seal the file, have it where releases are kept, and create its manifest."""
        folder, published = self._mirror.folder, self._mirror.published
        manifest = Manifest.of(release, seal(file), file.stat().st_size, REVISION)
        folder.keep(file, manifest)
        self._progress("Publishing", 0, 1)
        try:
            if self._mirror.bucket:
                published.upload(folder.file(manifest), manifest)
            manifest = manifest.model_copy(update={"published_at": written(self._now())})
            published.publish(manifest)
        except InDoubt:
            raise
        except StorageError:
            self._mirror.discard(manifest)
            raise
        except AlreadyPublished:
            self._mirror.discard(manifest)
            raise NotLoaded(self._overtaken()) from None
        with suppress(StorageError, OSError):  # it is published; the next load tidies up
            self._forget()
            self._mirror.refresh()
            folder.point_to_newest()
        self._progress("Publishing", 1, 1)
        return release.model_copy(update={"published_at": manifest.published_at})

    def _overtaken(self) -> str:
        number, other = self._number, self._mirror.refresh().get(self._number)
        when = f", at {other.published_at}" if other else ""
        why = f" ({other.message})" if other and other.message else ""
        diff = f" (readout diff {self._earlier.number} {number})" if self._earlier else ""
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


def _surveyed(files: list[str], progress: Progress) -> Survey:
    """The catalogue, out of the garbage collector's sight."""
    # It would go through millions of objects again and again, none of them part of a cycle.
    gc.disable()
    try:
        return survey(files, lambda done: progress("Reading", done, len(files)))
    finally:
        gc.freeze()
        gc.enable()
