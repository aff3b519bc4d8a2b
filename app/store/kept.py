"""Where releases are kept: a file for each, and a small manifest whose creation publishes it.

`N.json` says which file release N is. Storage creates an object of a name once and refuses a
second one, so two loads can't both publish release N, and nothing half-written is ever named by a
manifest. Files stand beside the manifests under their digests: `DIGEST.db`.
"""

import fcntl
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.fields import Sha256
from app.records import Release

_MANIFEST = re.compile(r"([1-9][0-9]{0,8})\.json")
_FILE = re.compile(r"[0-9a-f]{64}\.db")
_PROBE = "probe-"
_LARGEST_MANIFEST = 64 * 1024  # bytes
_READ_AT_ONCE = 16  # manifests
_PART = 8 * 2**20  # bytes; memory for two parts is all that a transfer takes
_PARTS_AT_ONCE = 2
_SMALL, _LARGE = "10s", "60s"  # the longest that an answer may take, and a part of a file
_ABANDONED = timedelta(days=1)
"""No upload takes so long: a file that is older and in no manifest was left by a load that died."""
_FOR_WALKS = timedelta(hours=1)
"""How long a release stays readable after the next one took its place."""


class StorageError(Exception):
    """Storage that can't be reached or used; its text says why, in one line."""


class InDoubt(StorageError):
    """Storage that can't be used any more at the moment of publishing."""


class AlreadyPublished(Exception):
    """Another load has published a release under this number."""


class Manifest(BaseModel):
    """What publishes a release."""

    model_config = ConfigDict(frozen=True, populate_by_name=True)

    number: int = Field(ge=1)
    digest: Sha256
    """Of the file, as its seal has it."""
    size: int = Field(ge=1)
    """Of the file, in bytes."""
    revision: str = Field(alias="schema")
    """The revision of `migrations/` that made its tables."""
    program: str
    published_at: str
    message: str | None = None

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.digest}.db"

    @property
    def content(self) -> bytes:
        """What is written."""
        return self.model_dump_json(by_alias=True).encode()

    @property
    def tag(self) -> str:
        """The name of the state of everything: in ETags and cursors."""
        return f"{self.number}-{self.digest[:12]}"

    @classmethod
    def of(cls, release: Release, digest: str, size: int, revision: str) -> Self:
        """The manifest of a release whose file is finished."""
        return cls(
            number=release.number, digest=digest, size=size, revision=revision,
            program=release.program, published_at=release.published_at, message=release.message,
        )  # fmt: skip


class Manifests(dict[int, Manifest]):
    """The manifests that there are, by number."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self.faults: dict[int, str] = {}
        """What is wrong with those that can't be used."""
        self.created: dict[int, datetime] = {}
        """When each was created, by the clock of storage."""

    @property
    def numbers(self) -> set[int]:
        """The numbers that are taken."""
        return self.keys() | self.faults.keys()

    @property
    def newest(self) -> Manifest | None:
        """The manifest of the last release."""
        return self[max(self)] if self else None

    @property
    def replaced(self) -> set[int]:
        """The releases that had been replaced for an hour when the newest one was published.

        Storage tells both times: the clocks of the machines that load may differ.
        """
        numbers = sorted(self)
        return {
            number
            for number, following in pairwise(numbers)
            if self.created[numbers[-1]] - self.created[following] >= _FOR_WALKS
        }


class Kept:
    """Releases in a bucket or a folder. Each method raises StorageError."""

    def __init__(self, small: ObjectStore, large: ObjectStore, place: str) -> None:
        """Use a store for what is small and for files; `place` is what people call it."""
        self._small = small
        self._large = large
        self.place = place
        self._read: dict[int, tuple[Any, Manifest | str]] = {}

    @classmethod
    def at(cls, url: str) -> Self:
        """The releases at an address: `s3://`, `gs://`, `az://` or `file://`."""
        with _storage(url):
            if url.startswith("file://"):
                folder = from_url(url, mkdir=True)
                return cls(folder, folder, url)
            # Plain HTTP is for the operator to choose, who names the endpoint.
            small, large = (
                from_url(
                    url,
                    client_options={"allow_http": True, "connect_timeout": "3s", "timeout": most},
                    retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=10)},
                )
                for most in (_SMALL, _LARGE)
            )
            return cls(small, large, url)

    def manifests(self) -> Manifests:
        """What is published, with a fault for each manifest that can't be read or used."""
        manifests = Manifests()
        with _storage(self.place):
            entries = {
                int(name[1]): entry
                for entry in obstore.list(self._small).collect()
                if (name := _MANIFEST.fullmatch(str(entry["path"])))
            }
            self._read_new(entries)
        for number, entry in entries.items():
            _, manifest = self._read[number]
            manifests.created[number] = entry["last_modified"]
            if isinstance(manifest, Manifest):
                manifests[number] = manifest
            else:
                manifests.faults[number] = f"{entry['path']} {manifest}"
        return manifests

    def _read_new(self, entries: dict[int, Any]) -> None:
        """Read each manifest once for each state of its object."""
        states = {n: (e["e_tag"], e["last_modified"], e["size"]) for n, e in entries.items()}
        new = [n for n, state in states.items() if n not in self._read or self._read[n][0] != state]
        if new:
            with ThreadPoolExecutor(_READ_AT_ONCE) as threads:
                read = threads.map(self._read_manifest, new, (entries[number] for number in new))
                self._read |= {
                    n: (states[n], manifest) for n, manifest in zip(new, read, strict=True)
                }

    def _read_manifest(self, number: int, entry: Any) -> Manifest | str:
        if not 0 < entry["size"] <= _LARGEST_MANIFEST:
            return "is too small or too large for a manifest"
        try:
            content = bytes(obstore.get(self._small, entry["path"]).bytes())
            manifest = Manifest.model_validate_json(content)
        except (ValidationError, FileNotFoundError):
            return "is no manifest that can be read"
        return manifest if manifest.number == number else f"is of release {manifest.number}"

    def has_file(self, manifest: Manifest) -> bool:
        """Whether the file of a release is there, as far as its size tells."""
        with _storage(self.place):
            try:
                return obstore.head(self._small, manifest.file)["size"] == manifest.size
            except FileNotFoundError:
                return False

    def refuse_overwriting(self) -> datetime:
        """Try whether a second object of a name is refused, as it must be.

        Returns the time by the clock of storage: that of this machine may be wrong.
        """
        probe = f"{_PROBE}{secrets.token_hex(8)}"
        with _storage(self.place):
            obstore.put(self._small, probe, b"1", mode="create")
            now = obstore.head(self._small, probe)["last_modified"]
            try:
                obstore.put(self._small, probe, b"2", mode="create")
            except AlreadyExistsError:
                return now
            finally:
                obstore.delete(self._small, probe)
        raise StorageError(
            f"{self.place} lets a second object take the place of the first, so two loads could "
            "both publish; use storage with conditional writes (If-None-Match)"
        )

    def upload(self, file: Path, manifest: Manifest) -> None:
        """Send the file of a release in parts; nobody takes it for a release yet."""
        with _storage(self.place), file.open("rb") as stream:
            obstore.put(
                self._large, manifest.file, stream, use_multipart=True,
                chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE,
            )  # fmt: skip

    def publish(self, manifest: Manifest) -> None:
        """Create the manifest. Raises AlreadyPublished, and InDoubt."""
        name, content = f"{manifest.number}.json", manifest.content
        try:
            with _storage(self.place):
                obstore.put(self._small, name, content, mode="create")
        except (AlreadyExistsError, StorageError) as error:
            # Where only an answer was lost, the manifest is there.
            try:
                with _storage(self.place):
                    if bytes(obstore.get(self._small, name).bytes()) == content:
                        return
            except StorageError as again:
                if isinstance(again.__cause__, FileNotFoundError):
                    raise error from None
                raise InDoubt(
                    f"{again}. It is not certain whether release {manifest.number} is published; "
                    "see readout releases"
                ) from error
            raise AlreadyPublished from None

    def pieces(self, manifest: Manifest) -> Iterator[bytes]:
        """The file of a release, in parts."""
        with _storage(self.place):
            for start in range(0, manifest.size, _PART):
                end = min(start + _PART, manifest.size)
                yield bytes(obstore.get_range(self._large, manifest.file, start=start, end=end))

    def discard(self, manifest: Manifest) -> None:
        """Remove a file that was uploaded and not published."""
        with _storage(self.place), suppress(FileNotFoundError):
            if manifest.file not in {other.file for other in self.manifests().values()}:
                obstore.delete(self._small, manifest.file)

    def remove(self, manifest: Manifest) -> None:
        """Take a release out: first its manifest, so that none names a missing file."""
        with _storage(self.place):
            for name in (f"{manifest.number}.json", manifest.file):
                with suppress(FileNotFoundError):
                    obstore.delete(self._small, name)

    def clear_abandoned(self, now: datetime) -> None:
        """Remove what loads left that died before they published: probes, and files."""
        with _storage(self.place):
            objects = obstore.list(self._small).collect()
            files = self._unnamed({str(entry["path"]) for entry in objects})
            for entry in objects:
                is_left = entry["path"] in files or entry["path"].startswith(_PROBE)
                if is_left and entry["last_modified"] < now - _ABANDONED:
                    obstore.delete(self._small, entry["path"])

    def _unnamed(self, names: Iterable[str]) -> set[str]:
        """Those of some names that are a release's file, and in no manifest."""
        manifests = self.manifests()
        if manifests.faults:
            return set()  # a manifest that can't be read may name any of them
        named = {manifest.file for manifest in manifests.values()}
        return {name for name in names if _FILE.fullmatch(name) and name not in named}


class Folder(Kept):
    """Releases in a folder of this machine: what a load writes to, and a server reads from."""

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
        """Make the folder, for whoever writes. Raises OSError."""
        self.path.mkdir(parents=True, exist_ok=True)

    def manifests(self) -> Manifests:
        """What is published here; nothing where there is no folder."""
        if not self.path.is_dir():
            return Manifests()
        manifests = super().manifests()
        for entry in self.path.glob("[0-9]*.json"):
            name = _MANIFEST.fullmatch(entry.name)
            if name and not entry.is_file():
                manifests.faults[int(name[1])] = f"{entry.name} is no file"
        return manifests

    def file(self, manifest: Manifest) -> Path:
        """Where the file of a release is, or would be."""
        return self.path / manifest.file

    def has_file(self, manifest: Manifest) -> bool:
        """Whether the file of a release is there, as far as its size tells; a pipe is none."""
        with suppress(OSError):
            status = self.file(manifest).stat()
            return stat.S_ISREG(status.st_mode) and status.st_size == manifest.size
        return False

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
        with _storage(self.place), self.draft() as draft, suppress(FileExistsError):
            os.link(draft, draft)
        return datetime.now(UTC)

    def publish(self, manifest: Manifest) -> None:
        """Create the manifest, so that a power cut can't take it back. Raises AlreadyPublished."""
        with _storage(self.place), self.draft() as draft:
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
        """Take a release out, with what was made of it (`DIGEST.bundle.json`)."""
        super().remove(manifest)
        for made in self.path.glob(f"{manifest.digest}.*"):
            made.unlink(missing_ok=True)

    def clear_abandoned(self, now: datetime) -> None:
        """Remove what programs left that died: what nobody holds and no manifest names."""
        files = self._unnamed(file.name for file in self.path.glob("*.db"))
        for left in [*self.path.glob("*.draft"), *(self.path / name for name in files)]:
            if left.is_symlink():
                left.unlink(missing_ok=True)
            if not left.is_file():
                continue  # what is a pipe would be waited for
            with suppress(OSError), left.open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                # What was held until now may be published by this time.
                if left.suffix == ".draft" or self._unnamed([left.name]):
                    left.unlink()
        super().clear_abandoned(now)


@contextmanager
def _storage(place: str) -> Iterator[None]:
    """Say in a line what is wrong with storage."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        if isinstance(error, AlreadyExistsError):
            raise
        raise StorageError(f"{place} can't be used: {_reason(error)}") from error


# The text of an error has addresses, which may be signed, and times, which are never the same.
_REASONS = (
    re.compile(r"<Code>(\w+)</Code>"),
    re.compile(r'(?:message|error): "([^"]+)"'),
    re.compile(r"status code: (\d+ [\w -]+)"),
    re.compile(r" - HTTP error: (.+)"),
)
_METADATA = "http://169.254.169.254/"  # where a machine of a provider has its credentials


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    text = str(error)
    if _METADATA in text:
        return "there are no credentials for it in the environment"
    if "kind: Timeout" in text:
        return "it does not answer"
    matches = (reason.search(text) for reason in _REASONS)
    line = re.sub(r"\bhttps?://\S+", "…", text.strip().partition("\n")[0])
    return next((match[1] for match in matches if match), line[:300] or type(error).__name__)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
