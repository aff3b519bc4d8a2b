"""The seal of a release file: a digest of its content, written behind its last page.

SQLite does not look behind the last page that its header counts, so a sealed file is a database
like any other.
"""

import hashlib
import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

# The digest is that of the digests of pieces, so that two threads share the work: hashlib lets
# both run at once. With a processor's own SHA-256 that is 3 GB a second; a checksum such as
# CRC-32 takes half the time, but is one that a changed file can have by accident. Between pieces a
# thread may have to wait for the others of the program, so there are few.
_PIECES = {b"readout-seal:1 ": 256 * 1024, b"readout-seal:2 ": 8 * 1024 * 1024}
"""How a seal begins, and the bytes of a piece; 0.1.0 wrote the first one."""
_MAGIC = b"readout-seal:2 "
LENGTH = len(_MAGIC) + 2 * hashlib.sha256().digest_size + 1
_THREADS = 2


class UnusableRelease(Exception):
    """A release that is there but can't be served; its text says why."""


class OutdatedRelease(UnusableRelease):
    """A release with the tables of another version: it can be downloaded, and not queried."""


class DamagedRelease(UnusableRelease):
    """A file with other content than was published."""


class FileState(NamedTuple):
    """The state of a file: another one after the file was replaced or written to."""

    device: int
    inode: int
    modified: int
    size: int

    @classmethod
    def of(cls, path: Path) -> Self | None:
        """The state of a regular file; None where there is none."""
        with suppress(OSError):
            status = path.stat()
            if stat.S_ISREG(status.st_mode):
                return cls(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        return None


def seal(path: Path) -> str:
    """Seal a file that has no seal; gives its digest."""
    with path.open("r+b") as file:
        mark = _seal_of(file, file.seek(0, os.SEEK_END), _MAGIC)
        file.write(mark)
    return _digest_in(mark)


def digest_of_sealed(path: Path) -> str:
    """The digest of a sealed file. Raises DamagedRelease where its content has another one."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        end = file.seek(max(0, size - LENGTH))
        mark = file.read()
        magic = mark[: len(_MAGIC)]
        if magic not in _PIECES:
            raise DamagedRelease("it has no seal: it is damaged, or was never finished")
        if mark != _seal_of(file, end, magic):
            raise DamagedRelease("it is damaged: its content is not what was published")
    return _digest_in(mark)


def _digest_in(mark: bytes) -> str:
    return mark[len(_MAGIC) :].decode().strip()


def _seal_of(file: BinaryIO, end: int, magic: bytes) -> bytes:
    """The seal of the content of a file, which ends before `end`."""
    handle, piece = file.fileno(), _PIECES[magic]

    def digest(start: int) -> bytes:
        return hashlib.sha256(os.pread(handle, min(piece, end - start), start)).digest()

    with ThreadPoolExecutor(_THREADS, "seal") as threads:
        whole = hashlib.sha256(b"".join(threads.map(digest, range(0, end, piece))))
    return magic + whole.hexdigest().encode() + b"\n"


@contextmanager
def unusable() -> Iterator[None]:
    """Say why a release can't be opened. Raises UnusableRelease."""
    try:
        yield
    except (sqlite3.Error, ValueError, TypeError, LookupError) as error:  # damaged JSON, too
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_NOMEM}:
            raise UnusableRelease(f"it can't be opened: {error}") from error
        raise DamagedRelease(f"it is not a database of releases ({error})") from error
    except OSError as error:
        raise UnusableRelease(f"it can't be read: {error.strerror}") from error
