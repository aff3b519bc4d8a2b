"""The releases of this machine: its folder, and a copy of the bucket in it, if there is one.

One process of a machine lists the bucket, fetches what is new and writes the manifests of the
bucket into the folder; all serve from the folder. So each is as fast as one alone, and goes on
when the bucket is away.
"""

import logging
import os
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from threading import Event, Thread
from typing import NamedTuple, Self

from app.settings import Settings, SettingsError
from app.store.folder import Folder
from app.store.kept import AlreadyPublished, Kept, Manifest, Manifests, StorageError
from app.store.seal import DamagedRelease, digest_of_sealed

log = logging.getLogger(__name__)
_FILES_ON_DISK = 6
"""So many files of a bucket stay on the disk of a server, if nothing else is set; those of releases
that were current within an hour before the newest one stay in any case."""
_LOOK_SECONDS = 1.0
_WANTED_SECONDS = 0.1
_PAUSE = 10
"""A file that came damaged is fetched again after so many times as long as that took."""


class Look(NamedTuple):
    """The result of the last look at the bucket."""

    at: float
    """When the copy was complete last, in seconds since 1970; 0 for never."""
    fault: str | None
    """Why the copy may be incomplete; None if all is well."""


class Mirror:
    """The folder beside a database, and the bucket that it is a copy of, if there is one."""

    def __init__(self, folder: Folder, bucket: Kept | None = None, keep: int | None = None) -> None:
        """Keep the files of so many releases of a bucket on the disk."""
        self.folder = folder
        self.bucket = bucket
        self._files = max(2, keep or _FILES_ON_DISK)
        self._look = folder.path / "bucket.txt"
        self._failed: dict[str, tuple[float, str]] = {}
        """Until when a file is not fetched again, and why."""
        self._said = ""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The releases that the settings name. Raises SettingsError."""
        folder, url = Folder(settings.database_path), settings.releases_url
        try:
            return cls(folder, Kept.at(url) if url else None, settings.keep_releases)
        except StorageError as error:
            raise SettingsError(f"READOUT_RELEASES_URL: {error}") from None

    def refuse_publishing_into_a_copy(self) -> None:
        """Raises StorageError for the copy of a bucket, where no bucket is named."""
        # A look that was never complete copied nothing, and is of 1970.
        if self.bucket is None and self._look.exists() and self._look.stat().st_mtime > 0:
            raise StorageError(
                f"{self.folder.path} is a copy of releases that are kept elsewhere; name that "
                f"place in READOUT_RELEASES_URL, or go on from the copy alone: remove {self._look}"
            )

    @property
    def published(self) -> Kept:
        """Where the creation of a manifest publishes."""
        return self.bucket or self.folder

    def refresh(self) -> Manifests:
        """Copy new releases from the bucket; returns all of them. Raises StorageError."""
        if self.bucket is None:
            return self.folder.manifests()
        self.folder.make()
        try:
            there, here = self.bucket.manifests(), self.folder.manifests()
            self._refuse_going_back(there, here)
            self._copy(there, here)
            self._tidy(there, here)
        except (StorageError, OSError) as error:
            self._note(str(error), reached=False)
            raise
        faults = [f"{self.bucket.place}: {fault}" for fault in there.faults.values()]
        self._note("; ".join(faults) or None, reached=not faults)
        return there

    def _refuse_going_back(self, there: Manifests, here: Manifests) -> None:
        """Raises StorageError for a bucket without a release that was copied from it."""
        place, last = self.published.place, max(there.numbers, default=0)
        if here.newest and not last:
            raise StorageError(
                f"{place} has no release, and {self.folder.path} has: copy what that holds there, "
                "the files named N.json last, so that nothing is lost"
            )
        if here.newest and last < here.newest.number:
            raise StorageError(
                f"{place} went back: its last release is {last}, and release "
                f"{here.newest.number} was there; to follow it, remove {self.folder.path}"
            )
        other = [number for number in here if number in there and there[number] != here[number]]
        if other:
            raise StorageError(
                f"{place} has another release {other[0]} than was there; to follow it, remove "
                f"{self.folder.path}"
            )

    def _copy(self, there: Manifests, here: Manifests) -> None:
        """Fetch the newest release that is whole, and publish here all up to it."""
        for newest in sorted(there, reverse=True):
            try:
                self._fetch_newest(there[newest])
                break
            except StorageError as error:
                there.faults[newest] = f"release {newest}: {error}"
                del there[newest]
        else:
            return
        for number, manifest in there.items():
            if number <= newest and number not in here:
                if number in here.numbers:  # where it can't be read
                    (self.folder.path / f"{number}.json").unlink(missing_ok=True)
                with suppress(AlreadyPublished):  # by another process
                    self.folder.publish(manifest)
        if not self.folder.has_other_database:
            self.folder.point_to_newest()

    def _fetch_newest(self, manifest: Manifest) -> None:
        if self.folder.has_file(manifest):
            return
        began = time.monotonic()
        until, why = self._failed.get(manifest.file, (0.0, ""))
        if began < until:
            raise StorageError(why)
        if not why:
            self._note(f"release {manifest.number} is being fetched", reached=False)
        try:
            self.fetch(manifest)
        except StorageError as error:
            ended = time.monotonic()
            self._failed[manifest.file] = ended + _PAUSE * (ended - began), str(error)
            raise

    def fetch(self, manifest: Manifest) -> None:
        """Have the file of a release on the disk. Raises StorageError."""
        if self.folder.has_file(manifest):
            return
        if self.bucket is None:
            raise StorageError("its file is not there, or not whole")
        with self.folder.draft() as draft:
            with draft.open("wb") as out:
                out.writelines(self.bucket.pieces(manifest))
            try:
                digest = digest_of_sealed(draft)
            except DamagedRelease as error:
                raise StorageError(f"what came from {self.bucket.place}: {error}") from error
            if digest != manifest.digest:
                raise StorageError(f"{self.bucket.place} has another file under its name")
            self.folder.keep(draft, manifest)

    def discard(self, manifest: Manifest) -> None:
        """Remove a file that was not published, where that can be done."""
        for place in (self.folder, self.published):
            with suppress(StorageError):
                place.discard(manifest)

    def _tidy(self, there: Manifests, here: Manifests) -> None:
        """Remove releases that left the bucket, and files above the bound, the least used first."""
        for number in here.keys() - there.numbers:
            self.folder.remove(here[number])
        files = {n: file for n in there if (file := self.folder.file(there[n])).exists()}
        replaced = there.replaced
        spare = [file for number, file in files.items() if number in replaced]
        spare.sort(key=lambda file: file.stat().st_atime)
        for file in spare[: max(0, len(files) - self._files)]:
            for made in self.folder.path.glob(f"{file.stem}.*"):
                made.unlink(missing_ok=True)

    def _note(self, fault: str | None, *, reached: bool = True) -> None:
        """Write down the result of a look, for all processes of this machine."""
        at, before = self.look()
        if fault != before:
            with self.folder.draft() as draft:
                draft.write_text(fault or "", encoding="utf-8")
                os.utime(draft, (at, at))
                draft.replace(self._look)
        if reached:
            os.utime(self._look)

    def look(self) -> Look:
        """The result of the last look of any process."""
        if self.bucket is None:
            return Look(time.time(), None)
        try:
            fault = self._look.read_text(encoding="utf-8")
            return Look(self._look.stat().st_mtime, fault or None)
        except OSError:
            return Look(0, f"{self.bucket.place} was not reached yet")

    def want(self, manifest: Manifest) -> None:
        """Have the process of this machine that fetches files fetch this one."""
        (self.folder.path / f"{manifest.number}.wanted").touch()

    def follow(self, over: Event) -> None:
        """Keep the copy fresh until it is over.

        Of all processes of a machine one looks at the bucket, and one fetches what is wanted. Both
        are threads that end with their process, however long storage lets them wait.
        """
        with suppress(StorageError):
            self.folder.clear_abandoned(datetime.now(UTC))
        for name, work, seconds in (
            ("look.lock", self._look_again, _LOOK_SECONDS),
            ("fetch.lock", self._fetch_wanted, _WANTED_SECONDS),
        ):
            Thread(target=self._keep, args=(name, work, seconds, over), daemon=True).start()

    def _keep(self, name: str, work: Callable[[], object], seconds: float, over: Event) -> None:
        """Do something again and again, unless another process of this machine does."""
        while True:
            try:
                with self.folder.alone(name, wait=False):
                    while True:
                        work()
                        if over.wait(seconds):
                            return
            except BlockingIOError:
                pass
            except Exception as error:  # noqa: BLE001 - such as a folder that can't be written to
                self._say(repr(error))
            if over.wait(_LOOK_SECONDS):
                return

    def _look_again(self) -> None:
        try:
            self._say("; ".join(self.refresh().faults.values()))
        except StorageError as error:
            self._say(str(error))

    def _say(self, fault: str) -> None:
        """Write a line into the log where something changed."""
        if fault != self._said:
            self._said = fault
            level = logging.WARNING if fault else logging.INFO
            log.log(level, "%s", fault or "all that is published is here")

    def _fetch_wanted(self) -> None:
        for wanted in self.folder.path.glob("*.wanted"):
            manifest = self.folder.manifests().get(int(wanted.stem))
            try:
                if manifest:
                    self.fetch(manifest)
            except StorageError as error:
                log.warning("release %s can't be fetched: %s", wanted.stem, error)
            finally:
                wanted.unlink(missing_ok=True)
