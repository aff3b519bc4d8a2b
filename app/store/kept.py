"""Where releases are kept: a file for each, and a small manifest whose creation publishes it.

`N.json` says which file release N is. Storage creates an object of a name once and refuses a
second one, so two loads can't both publish release N, and nothing half-written is ever named by a
manifest. Files stand beside the manifests under their digests: `DIGEST.db`.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Self

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import ObjectStore, from_url
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.fields import Sha256
from app.records import Release

MANIFEST = re.compile(r"([1-9][0-9]{0,8})\.json")
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
    """The object whose creation publishes a release: `N.json`."""

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
        """Its JSON, as it is stored."""
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
        super().__init__()
        self.faults: dict[int, str] = {}
        """Why a manifest can't be used, by number."""
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
        """Use one store for small objects and one for files; `place` names it in messages."""
        self._small = small
        self._large = large
        self.place = place
        self._read: dict[tuple[object, ...], Manifest | str] = {}

    @classmethod
    def at(cls, url: str) -> Self:
        """The releases at an address: `s3://`, `gs://`, `az://` or `file://`."""
        with storage(url):
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
        """The manifests that are published, and the faults of those that can't be used."""
        manifests = Manifests()
        with storage(self.place):
            entries = {
                # A manifest is read once for each state of its object.
                tuple(entry.values()): entry
                for entry in obstore.list(self._small).collect()
                if MANIFEST.fullmatch(entry["path"])
            }
            new = [state for state in entries if state not in self._read]
            if new:
                with ThreadPoolExecutor(_READ_AT_ONCE) as threads:
                    read = threads.map(self._read_manifest, map(entries.__getitem__, new))
                    self._read |= zip(new, read, strict=True)
        for state, entry in entries.items():
            number, manifest = _number(entry), self._read[state]
            manifests.created[number] = entry["last_modified"]
            if isinstance(manifest, Manifest):
                manifests[number] = manifest
            else:
                manifests.faults[number] = f"{entry['path']} {manifest}"
        return manifests

    def _read_manifest(self, entry: Any) -> Manifest | str:
        if not 0 < entry["size"] <= _LARGEST_MANIFEST:
            return "is too small or too large for a manifest"
        try:
            content = bytes(obstore.get(self._small, entry["path"]).bytes())
            manifest = Manifest.model_validate_json(content)
        except (ValidationError, FileNotFoundError):
            return "is no manifest that can be read"
        return manifest if manifest.number == _number(entry) else f"is of release {manifest.number}"

    def refuse_overwriting(self) -> datetime:
        """Try whether a second object of a name is refused, as it must be.

        Returns the time by the clock of storage: that of this machine may be wrong.
        """
        probe = f"{_PROBE}{secrets.token_hex(8)}"
        with storage(self.place):
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
        with storage(self.place), file.open("rb") as stream:
            obstore.put(
                self._large, manifest.file, stream, use_multipart=True,
                chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE,
            )  # fmt: skip

    def publish(self, manifest: Manifest) -> None:
        """Create the manifest. Raises AlreadyPublished, and InDoubt."""
        name, content = f"{manifest.number}.json", manifest.content
        try:
            with storage(self.place):
                obstore.put(self._small, name, content, mode="create")
        except (AlreadyExistsError, StorageError) as error:
            # Where only an answer was lost, the manifest is there.
            try:
                with storage(self.place):
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
        with storage(self.place):
            for start in range(0, manifest.size, _PART):
                end = min(start + _PART, manifest.size)
                yield bytes(obstore.get_range(self._large, manifest.file, start=start, end=end))

    def discard(self, manifest: Manifest) -> None:
        """Remove a file that was uploaded and not published."""
        with storage(self.place), suppress(FileNotFoundError):
            if manifest.file not in {other.file for other in self.manifests().values()}:
                obstore.delete(self._small, manifest.file)

    def remove(self, manifest: Manifest) -> None:
        """Take a release out: first its manifest, so that none names a missing file."""
        with storage(self.place):
            for name in (f"{manifest.number}.json", manifest.file):
                with suppress(FileNotFoundError):
                    obstore.delete(self._small, name)

    def clear_abandoned(self, now: datetime) -> None:
        """Remove the probes and files of loads that died before they published."""
        with storage(self.place):
            objects = obstore.list(self._small).collect()
            files = self.unnamed({str(entry["path"]) for entry in objects})
            for entry in objects:
                is_left = entry["path"] in files or entry["path"].startswith(_PROBE)
                if is_left and entry["last_modified"] < now - _ABANDONED:
                    obstore.delete(self._small, entry["path"])

    def unnamed(self, names: Iterable[str]) -> set[str]:
        """Those of some names that are a release's file, and in no manifest."""
        manifests = self.manifests()
        if manifests.faults:
            return set()  # a manifest that can't be read may name any of them
        named = {manifest.file for manifest in manifests.values()}
        return {name for name in names if _FILE.fullmatch(name) and name not in named}


def _number(entry: Any) -> int:
    return int(entry["path"].removesuffix(".json"))


@contextmanager
def storage(place: str) -> Iterator[None]:
    """Say in a line why storage can't be used. Raises StorageError."""
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
