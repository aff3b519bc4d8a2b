"""The seal of a release file: a digest of its content, written behind its last page.

SQLite does not look behind the last page that its header counts, so a sealed file is a database
like any other. A file that is to be written to is unsealed first.
"""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import BinaryIO

from app.store.release import UnusableRelease

_MAGIC = b"readout-seal:1 "
_LENGTH = len(_MAGIC) + 2 * hashlib.sha256().digest_size + 1

# The digest is that of the digests of pieces, so that two threads share the work: hashlib lets
# both run at once. With a processor's own SHA-256 that is 3 GB a second; a checksum such as
# CRC-32 takes half the time, but is one that a changed file can have by accident.
_PIECE = 256 * 1024  # bytes; another size makes other seals
_THREADS = 2

_REMEDY = "put a copy in its place, or move it away and load again"


class DamagedRelease(UnusableRelease):
    """A file whose content is not what was published."""


def seal(path: Path) -> None:
    """Seal a file that has no seal."""
    with path.open("r+b") as file:
        file.write(_seal_of(file, file.seek(0, os.SEEK_END)))


def unseal(path: Path) -> None:
    """Take the seal off; a file without one stays as it is. Raises DamagedRelease."""
    with path.open("r+b") as file:
        end, found = _content_and_seal(file)
        if found:
            _refuse_other(found, _seal_of(file, end))
            file.truncate(end)


def refuse_broken_seal(path: Path) -> None:
    """Raises DamagedRelease where the content is not what was sealed."""
    refuse_missing_seal(path)
    with path.open("rb") as file:
        end, found = _content_and_seal(file)
        _refuse_other(found, _seal_of(file, end))


def refuse_missing_seal(path: Path) -> None:
    """Raises DamagedRelease where there is no seal, whatever the content is."""
    with path.open("rb") as file:
        if not _content_and_seal(file)[1]:
            raise DamagedRelease(f"it has no seal: it is damaged, or was never finished; {_REMEDY}")


def _refuse_other(found: bytes, right: bytes) -> None:
    if found != right:
        raise DamagedRelease(f"it is damaged: its content is not what was published; {_REMEDY}")


def _content_and_seal(file: BinaryIO) -> tuple[int, bytes]:
    """Where the content ends, and the seal; empty where there is none."""
    size = file.seek(0, os.SEEK_END)
    end = file.seek(max(0, size - _LENGTH))
    found = file.read()
    return (end, found) if found.startswith(_MAGIC) else (size, b"")


def _seal_of(file: BinaryIO, end: int) -> bytes:
    shares = partial(_digests, file.fileno(), end)
    with ThreadPoolExecutor(_THREADS, "seal") as threads:
        digests = zip_longest(*threads.map(shares, range(_THREADS)), fillvalue=b"")
    whole = hashlib.sha256(b"".join(chain.from_iterable(digests)))
    return _MAGIC + whole.hexdigest().encode() + b"\n"


def _digests(file: int, end: int, first: int) -> list[bytes]:
    """The digests of the pieces that fall to one thread."""
    found = []
    buffer = memoryview(bytearray(_PIECE))
    for start in range(first * _PIECE, end, _THREADS * _PIECE):
        length = min(os.preadv(file, [buffer], start), end - start)
        found.append(hashlib.sha256(buffer[:length]).digest())
    return found
