"""The served releases: the newest on the disk, and older ones on demand."""

import asyncio
import logging
import os
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from app import __version__
from app.dates import written
from app.problems import Unavailable
from app.settings import QUERY_SECONDS
from app.store.kept import Manifest, Manifests, StorageError
from app.store.mirror import Mirror
from app.store.release import PAGE_CACHE_OF_OLDER_KIB, OpenRelease
from app.store.seal import DamagedRelease, FileState, OutdatedRelease, UnusableRelease
from app.store.tables import REVISION

log = logging.getLogger(__name__)
_WATCH_SECONDS = 0.1
_OLDER_AT_ONCE = 4
"""So many older releases stay open for `as_of`; the one asked for the longest ago is closed."""
_FETCH_SECONDS = 3
"""So long a request waits for a release from the bucket."""
_OUT_OF_TOUCH = 5  # seconds
_NOTHING = "there is no release yet"
_SETTLED = 60
"""Seconds after which nobody publishes a release of a moment any more."""


class Store:
    """The releases that this server serves; it follows those that are published."""

    def __init__(self, mirror: Mirror, seconds: int = QUERY_SECONDS) -> None:
        """Open the newest release on the disk; that there is none is no error.

        No query takes more than so many seconds.
        """
        self._mirror = mirror
        self._seconds = seconds
        self.current: OpenRelease | None = None
        """The release that is served; None until there is one."""
        self.fault: str | None = None
        """Why there is nothing to serve, or why a newer release is not served."""
        self.state = object()
        """Another one whenever an answer may be another one than before."""
        self._older: OrderedDict[int, OpenRelease] = OrderedDict()
        self._numbers: set[int] = set()
        self._missed: float | None = None
        """The last look at the bucket after which none came in time."""
        self._refused: dict[Path, FileState | None] = {}
        self._folder_state: object = None
        self._over = Event()
        self._making = asyncio.Lock()
        self._made_elsewhere: TemporaryDirectory[str] | None = None
        self._change(self._newest())

    def _newest(self) -> OpenRelease | None:
        """The newest release on the disk that is whole, unless it is served already."""
        manifests, faults = self._there()
        if self._numbers - manifests.numbers:
            self.state = object()  # what was asked of one that is gone
        self._numbers = manifests.numbers
        served = self.current.info.number if self.current else 0
        newest = None
        if self.current and max(manifests.numbers, default=0) < served:
            faults.append(f"release {served} is gone from the disk, and served on")
        for number in sorted((n for n in manifests if n > served), reverse=True):
            try:
                _refuse_revision(manifests[number])
                newest = self._open(manifests[number])
                break
            except UnusableRelease as error:
                faults.append(f"release {number} is not served: {error}")
        level = logging.ERROR
        if not manifests and not faults:
            faults.append(_NOTHING)
            level = logging.INFO
        fault = "; ".join(faults) or None
        if fault != self.fault and fault:
            log.log(level, "%s: %s", self._mirror.folder.path, fault)
        self.fault = fault
        return newest

    def _there(self) -> tuple[Manifests, list[str]]:
        """The manifests on the disk, and their faults."""
        folder = self._mirror.folder
        try:
            manifests = folder.manifests()
        except StorageError as error:  # its place is no client's business
            return Manifests(), [str(error).removeprefix(f"{folder.place} ")]
        return manifests, list(manifests.faults.values())

    def _open(self, manifest: Manifest, **options: int) -> OpenRelease:
        """Raises UnusableRelease; a file that is damaged is not read again as it stands."""
        path = self._mirror.folder.file(manifest)
        state = FileState.of(path)
        if state and self._refused.get(path) == state:
            raise DamagedRelease("its file is damaged; put a whole one in its place")
        try:
            release = OpenRelease(path, manifest, seconds=self._seconds, **options)
        except DamagedRelease:
            self._refused[path] = state
            if self._mirror.bucket and FileState.of(path) == state:
                path.unlink(missing_ok=True)  # it is fetched again
            raise
        release.newest = lambda: self.current
        return release

    def _change(self, newest: OpenRelease | None) -> None:
        """Serve a release in place of the one before, which stays open for its walks."""
        if newest is None:
            return
        previous, self.current, self.state = self.current, newest, object()
        if previous:
            self._older[previous.info.number] = previous
            self._close_older()
            log.info("release %s is served", newest.info.number)

    def _close_older(self) -> None:
        while len(self._older) > _OLDER_AT_ONCE:
            self._older.popitem(last=False)[1].retire()

    async def refresh(self) -> None:
        """Close releases whose files were written to, and serve the newest."""
        for release in [self.current, *self._older.values()]:
            there = FileState.of(release.path) if release else None
            if release is None or there is None or there == release.state:
                continue  # one that is gone from the disk is served on from what is open
            if release.state and there[:2] == release.state[:2]:
                self._drop(release)
            else:
                await self._open_again(release)
        # Names that come twice within a tick of the clock are seen a second later.
        modified = 0
        with suppress(OSError):
            modified = self._mirror.folder.path.stat().st_mtime_ns
        state = modified, int(time.monotonic())
        if state != self._folder_state or self.current is None:
            self._folder_state = state
            self._change(await asyncio.to_thread(self._newest))

    def _drop(self, release: OpenRelease) -> None:
        """Close a release whose file was written to: it may be wrong."""
        log.error("%s was written to while it was served", release.path)
        self.state = object()
        if release is self.current:
            self.current = None
            self.fault = f"the file of release {release.info.number} was written to"
        self._older.pop(release.info.number, None)
        release.retire()

    async def _open_again(self, release: OpenRelease) -> None:
        """Serve a release from the file that took the place of the open one."""
        try:
            opened = await asyncio.to_thread(self._open, release.manifest)
        except UnusableRelease:
            return
        if release is self.current:
            self.current = opened
        elif self._older.get(release.info.number) is release:
            self._older[release.info.number] = opened
        else:
            release = opened
        release.retire()

    async def watch(self) -> None:
        """Follow the published releases until cancelled."""
        if self._mirror.bucket:
            self._mirror.follow(self._over)
        while True:
            await asyncio.sleep(_WATCH_SECONDS)
            try:
                await self.refresh()
            except Exception:
                self._folder_state = None  # it may have been for want of something: look again
                log.exception("%s can't be looked at", self._mirror.folder.path)

    async def at(self, number: int, *, whole: bool = False) -> OpenRelease | None:
        """The release of a number, to be held at once by the caller; None if it is not kept.

        With `whole`, it is for a download, whatever its tables are. Raises UnusableRelease, and
        Unavailable for one that may be here in a moment.
        """
        if self.current and self.current.info.number == number:
            return self.current
        if whole or number not in self._older or number not in self._numbers:
            manifest = await self._manifest(number)
            if manifest is None:
                return None
            if not whole:
                _refuse_revision(manifest)
            await self._fetch(manifest)
            if number not in self._older:
                opened = await asyncio.to_thread(self._open_older, manifest)
                # Another request may have opened it in the meantime.
                if self._older.setdefault(number, opened) is not opened:
                    opened.retire()
        release = self._older[number]
        if not whole:
            _refuse_revision(release.manifest)
        self._older.move_to_end(number)
        self._close_older()
        return release

    async def may_have(self, number: int) -> bool:
        """Whether there is a release of a number, or may be; it need not be one that is kept."""
        try:
            return await self._manifest(number) is not None
        except Unavailable:
            return self._mirror.look().fault is not None

    async def _manifest(self, number: int) -> Manifest | None:
        """The manifest of a release; of one that this server has not seen yet, after a look."""
        manifests = await asyncio.to_thread(self._mirror.folder.manifests)
        newest = max(manifests.numbers, default=0)
        if number > newest and self._mirror.bucket:
            now, last = time.time(), self._mirror.look().at
            # Where storage was away for one request, the others don't wait for it as well.
            if last != self._missed and not await _comes(lambda: self._mirror.look().at > now):
                self._missed = last
            manifests = await asyncio.to_thread(self._mirror.folder.manifests)
        if number > newest and number not in manifests:
            raise Unavailable(f"release {number} is not on this server yet; ask again in a moment")
        return manifests.get(number)

    async def _fetch(self, manifest: Manifest) -> None:
        """Have the file of an older release on the disk. Raises Unavailable, UnusableRelease."""
        mirror = self._mirror
        if mirror.folder.has_file(manifest):
            return
        if mirror.bucket is None:
            raise UnusableRelease("its file is not there")
        with suppress(OSError):
            mirror.want(manifest)
        if not await _comes(lambda: mirror.folder.has_file(manifest)):
            raise Unavailable(f"release {manifest.number} is being fetched; ask again in a moment")

    def _open_older(self, manifest: Manifest) -> OpenRelease:
        """Raises UnusableRelease, and Unavailable where that may be over in a moment."""
        try:
            return self._open(manifest, cache=PAGE_CACHE_OF_OLDER_KIB)
        except UnusableRelease as error:
            if isinstance(error, DamagedRelease) and not self._mirror.bucket:
                raise
            log.warning("%s can't be opened: %s", self._mirror.folder.file(manifest), error)
            raise Unavailable(f"release {manifest.number} can't be read now") from error

    def manifests(self) -> Manifests:
        """The releases that there are, by number."""
        return self._mirror.folder.manifests()

    def kept(self) -> list[int]:
        """The numbers of the releases that can be asked, in order."""
        return sorted(n for n, kept in self.manifests().items() if kept.revision == REVISION)

    async def made(
        self,
        release: OpenRelease,
        ending: str,
        pieces: Callable[[OpenRelease], AsyncIterator[bytes]],
    ) -> Path:
        """A file that is made of a release once, when it is asked for: one at a time.

        Raises Unavailable where there is no room for it.
        """
        folder = self._mirror.folder
        name = f"{release.manifest.digest}.{ending}"
        async with self._making:
            try:
                place = self._workplace()
                if not (place / name).exists():
                    with folder.draft(place) as draft:
                        with draft.open("wb") as out:
                            async for piece in pieces(release):
                                out.write(piece)
                        draft.replace(place / name)
            except OSError as error:
                log.exception("%s can't be made", name)
                raise Unavailable("the file can't be made now, as there is no room") from error
        return place / name

    def _workplace(self) -> Path:
        """The folder of the releases, or another one where that can't be written to."""
        if os.access(self._mirror.folder.path, os.W_OK):
            return self._mirror.folder.path
        self._made_elsewhere = self._made_elsewhere or TemporaryDirectory(prefix="readout-made-")
        return Path(self._made_elsewhere.name)

    @property
    def behind(self) -> bool:
        """Whether a newer release may be published than is served; the log says why."""
        look = self._mirror.look()
        return bool(look.fault or self.fault or look.at < time.time() - _OUT_OF_TOUCH)

    def settled(self, served: int, manifests: Manifests) -> str:
        """The moment in UTC before which no release after this one was or can be published."""
        newer = [m.published_at for number, m in manifests.items() if number > served]
        settled = datetime.fromtimestamp(max(0, self._mirror.look().at - _SETTLED), UTC)
        return min([written(settled), *newer])

    def unavailable(self) -> str | None:
        """Why nothing should be asked here, as a client may read it; None if all is well."""
        if self.current:
            return None
        if self._mirror.look().fault:  # which names places that are no client's business
            return "nothing came from the storage of releases yet; the log says why"
        folder, newest = self._mirror.folder, self._there()[0].newest
        if newest.revision < REVISION if newest else folder.has_other_database:
            what = f"the content of {folder.database.name} anew with: readout serve --seed FILE"
            return f"{self.fault}; publish {what}"
        if self.fault == _NOTHING:
            return f"{_NOTHING}; publish one with: readout load FILES"
        return self.fault

    def close(self) -> None:
        """Stop serving."""
        self._over.set()
        for release in [*self._older.values(), *([self.current] if self.current else [])]:
            release.retire()
        self._older.clear()
        self.current = None
        if self._made_elsewhere:
            self._made_elsewhere.cleanup()


async def _comes(is_so: Callable[[], bool]) -> bool:
    """Wait for another thread or process, three seconds at most; returns whether it is so."""
    until = time.monotonic() + _FETCH_SECONDS
    while not is_so():
        if time.monotonic() > until:
            return False
        await asyncio.sleep(0.05)
    return True


def _refuse_revision(manifest: Manifest) -> None:
    if manifest.revision != REVISION:
        raise OutdatedRelease(
            f"release {manifest.number} was published by Readout {manifest.program}, whose tables "
            f"this one, {__version__}, can't ask"
        )
