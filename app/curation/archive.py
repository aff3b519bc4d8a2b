"""Releases that were published before: what was different, one of them again, one as files."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

from app.curation.load import NotLoaded
from app.curation.past import Recorded, changes, former_ids
from app.export import bundle
from app.records import Release
from app.store.files import ReleaseFile, kept_file, kept_numbers, published, read_only
from app.store.release import UnusableRelease
from app.vocabulary import RecordType

_IN_A_FILE = 10_000  # records; a file that is loaded has at most 64 MiB
Edit = Callable[[RecordType, dict[str, Any]], dict[str, Any]]


def current(path: Path) -> Release:
    """The release that is published now. Raises NotLoaded."""
    try:
        found = published(path)
    except UnusableRelease as error:
        raise NotLoaded(f"{path} can't be read: {error}") from error
    if found is None:
        raise NotLoaded(f"there is no database at {path} yet; publish a release with readout load")
    return found


def there_are(path: Path) -> list[int]:
    """The releases that can be read, in order. Raises NotLoaded."""
    return sorted({current(path).number, *kept_numbers(path)})


def releases(path: Path, there: list[int]) -> list[tuple[Release, bool]]:
    """Every release, the newest first, and whether it can still be read. Raises NotLoaded."""
    current(path)
    opened = ReleaseFile(path)
    try:
        known = asyncio.run(opened.releases())
    finally:
        opened.retire()
    return [(release, release.number in there) for release in known]


def file_of(path: Path, there: list[int], number: int) -> Path:
    """The file of a release. Raises NotLoaded where it is not kept."""
    if number == current(path).number:
        return path
    if number not in there:
        listed = ", ".join(map(str, there))
        raise NotLoaded(f"there is no release {number} here; there are: {listed}")
    file = kept_file(path, number)
    try:
        published(file)
    except UnusableRelease as error:
        raise NotLoaded(f"release {number} can't be read: {error}") from error
    return file


def difference(path: Path, there: list[int], before: int, after: int) -> Iterator[Recorded]:
    """What is different between two releases, in the order of types and ids. Raises NotLoaded."""
    files = [file_of(path, there, number) for number in (before, after)]
    older, newer = (sqlite3.connect(read_only(file), uri=True) for file in files)
    with closing(older), closing(newer):
        yield from changes(newer, older, former_ids(newer))


def bundles_of(path: Path, there: list[int], number: int, folder: Path) -> list[str]:
    """Write the files that give the content of a release again. Raises NotLoaded.

    What was renamed since has its former id again, and the later one leads to it.
    """
    file, renamed = file_of(path, there, number), _renamed_since(path)

    def with_former_ids(kind: RecordType, entry: dict[str, Any]) -> dict[str, Any]:
        later = renamed.get((kind, entry["id"]))
        if later is None:
            return entry
        return entry | {"former_ids": [*entry.get("former_ids", ()), later]}

    return [str(written) for written in write_bundles(file, folder, with_former_ids)]


def _renamed_since(path: Path) -> dict[tuple[RecordType, str], str]:
    """The present ids of records by their former ones."""
    with closing(sqlite3.connect(read_only(path), uri=True)) as connection:
        return former_ids(connection)


def export(
    path: Path, there: list[int], number: int | None, target: Path, *, database: bool
) -> None:
    """Write a release as a bundle, as bundles into a folder, or as an SQLite file.

    Raises NotLoaded and OSError.
    """
    file = file_of(path, there, current(path).number if number is None else number)
    if target.is_dir():
        if database:
            shutil.copyfile(file, target / "readout.db")
        else:
            write_bundles(file, target)
        return
    beside = target.with_name(f"{target.name}.part")
    try:
        if database:
            shutil.copyfile(file, beside)
        else:
            with beside.open("wb") as out:
                for piece in _pieces(file):
                    out.write(piece)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def write_bundles(file: Path, folder: Path, edit: Edit = lambda _, entry: entry) -> list[Path]:
    """Write a release as bundles that are small enough to be loaded."""
    written = []
    for plural, lines in _lists(file):
        kind = next((kind for kind in RecordType if kind.plural == plural), None)
        for at in range(0, len(lines), _IN_A_FILE):
            entries = [orjson.loads(line) for line in lines[at : at + _IN_A_FILE]]
            if kind:
                entries = [edit(kind, entry) for entry in entries]
            written.append(folder / f"{plural}-{at // _IN_A_FILE + 1}.json")
            written[-1].write_bytes(orjson.dumps({plural: entries}))
    return written


def _lists(file: Path) -> Iterator[tuple[str, list[bytes]]]:
    """The lists of a bundle, each with its entries as they are written."""
    key = ""
    lines: list[bytes] = []
    for line in _lines(file):
        if line.endswith(b"["):
            key = line.split(b'"')[1].decode()
            lines = []
        elif line.startswith(b"]"):
            yield key, lines
        elif line:
            lines.append(line.removesuffix(b","))


def _lines(file: Path) -> Iterator[bytes]:
    rest = b""
    for piece in _pieces(file):
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines


def _pieces(file: Path) -> Iterator[bytes]:
    """The bundle of a release, in pieces."""
    with asyncio.Runner() as runner:
        opened = ReleaseFile(file)
        try:
            pieces = bundle(opened)
            while True:
                try:
                    yield runner.run(_next(pieces))
                except StopAsyncIteration:
                    return
        finally:
            opened.retire()


async def _next(pieces: Any) -> bytes:
    found: bytes = await anext(pieces)
    return found
