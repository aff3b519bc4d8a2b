"""Releases in a folder of this machine, with the drafts and locks of its processes."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from obstore.store import LocalStore

from app.store.kept import MANIFEST, AlreadyPublished, Kept, Manifest, Manifests, storage
from app.store.seal import FileState


class Folder(Kept):
    """The folder beside a database: a load writes to it, and a server reads from it."""

    def __init__(self, database: Path) -> None:
        """Use the folder beside a database, `readout.db.releases`."""
        self.database = database
        """Where people look: a link to the file of the newest release."""
        self.path = database.with_name(f"{database.name}.releases")
        self.place = str(self.path)
        self._read = {}

    @property
    def _small(self) -> LocalStore:  # type: ignore[override] # made when the folder is there
        return LocalStore(prefix=self.path)

    @property
    def has_other_database(self) -> bool:
        """Whether something else than our link stands where people look; not so an empty file."""
        if not self.database.exists() or self.database.resolve().parent == self.path.resolve():
            return False
        return not self.database.is_file() or self.database.stat().st_size > 0

    def make(self) -> None:
        """Make the folder. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)

    def manifests(self) -> Manifests:
        """The manifests that are published here; none where there is no folder."""
        if not self.path.is_dir():
            return Manifests()
        manifests = super().manifests()
        for entry in self.path.glob("[0-9]*.json"):
            name = MANIFEST.fullmatch(entry.name)
            if name and not entry.is_file():
                manifests.faults[int(name[1])] = f"{entry.name} is no file"
        return manifests

    def file(self, manifest: Manifest) -> Path:
        """Where the file of a release is, or would be."""
        return self.path / manifest.file

    def has_file(self, manifest: Manifest) -> bool:
        """Whether the file of a release is there, as far as its size tells; a pipe is none."""
        state = FileState.of(self.file(manifest))
        return state is not None and state.size == manifest.size

    @contextmanager
    def draft(self, folder: Path | None = None) -> Iterator[Path]:
        """A new file to write to, here or in another folder; it is removed if it keeps its name.

        It is locked as long as it is written, also under its later name: so a file that is neither
        locked nor in a manifest was left by a program that died.
        """
        draft = (folder or self.path) / f"{secrets.token_hex(8)}.draft"
        with draft.open("xb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            try:
                yield draft
            finally:
                draft.unlink(missing_ok=True)

    @contextmanager
    def alone(self, name: str, *, wait: bool = True) -> Iterator[None]:
        """Hold a lock of this machine, which ends with the process.

        Raises BlockingIOError where another process holds it and it is not to be waited for.
        """
        self.make()
        with (self.path / name).open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            yield

    def keep(self, draft: Path, manifest: Manifest) -> None:
        """Give a finished draft its name."""
        sync(draft)
        draft.replace(self.file(manifest))
        sync(self.path)

    def refuse_overwriting(self) -> datetime:
        """Try whether the file system has links, which refuse a second file of a name."""
        with storage(self.place), self.draft() as draft, suppress(FileExistsError):
            os.link(draft, draft)
        return datetime.now(UTC)

    def publish(self, manifest: Manifest) -> None:
        """Create the manifest, so that a power cut can't take it back. Raises AlreadyPublished."""
        with storage(self.place), self.draft() as draft:
            draft.write_bytes(manifest.content)
            sync(draft)
            try:
                os.link(draft, self.path / f"{manifest.number}.json")
            except FileExistsError:
                raise AlreadyPublished from None
            sync(self.path)

    def point_to_newest(self) -> None:
        """Have the database lead to the file of the newest release."""
        while newest := self.manifests().newest:
            target = Path(self.path.name) / newest.file
            if self.database.is_symlink() and self.database.readlink() == target:
                break
            # Another load may publish meanwhile: it is looked at again.
            beside = self.path / f"{secrets.token_hex(8)}.draft"
            beside.symlink_to(target)
            beside.replace(self.database)

    def remove(self, manifest: Manifest) -> None:
        """Take a release out, with the downloads that were made of it (`DIGEST.bundle.json`)."""
        super().remove(manifest)
        for made in self.path.glob(f"{manifest.digest}.*"):
            made.unlink(missing_ok=True)

    def clear_abandoned(self, now: datetime) -> None:
        """Remove the files of programs that died: no lock or manifest has them."""
        files = self.unnamed(file.name for file in self.path.glob("*.db"))
        for left in [*self.path.glob("*.draft"), *(self.path / name for name in files)]:
            if left.is_symlink():
                left.unlink(missing_ok=True)
            if not left.is_file():
                continue  # what is a pipe would be waited for
            with suppress(OSError), left.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # What was held until now may be published by this time.
                if left.suffix == ".draft" or self.unnamed([left.name]):
                    left.unlink()
        super().clear_abandoned(now)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
