"""Releases that were published before: what was different, one of them again, one as files."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import TypeVar

import orjson

from app.curation.draft import attach_earlier
from app.curation.history import RecordChange, changes
from app.curation.load import NotLoaded, unreadable
from app.export import bundle, entries
from app.records import Release
from app.store.kept import StorageError
from app.store.mirror import Mirror
from app.store.release import OpenRelease, read_only
from app.store.seal import UnusableRelease
from app.vocabulary import KINDS

T = TypeVar("T")
_IN_A_FILE = 10_000  # records; a file that is loaded has at most 64 MiB


@contextmanager
def opened(mirror: Mirror, number: int | None = None) -> Iterator[OpenRelease]:
    """A release, the newest one if no number is given. Raises NotLoaded and StorageError."""
    manifests = mirror.refresh()
    last = max(manifests.faults, default=0)
    if number is None and manifests.newest and last > manifests.newest.number:
        raise NotLoaded(f"{mirror.published.place}: {manifests.faults[last]}")
    if manifests.newest is None:
        raise NotLoaded(
            f"there is no release in {mirror.published.place} yet; publish one with readout "
            "load FILES"
        )
    manifest = manifests.newest if number is None else manifests.get(number)
    if manifest is None:
        there = ", ".join(map(str, sorted(manifests)))
        raise NotLoaded(f"there is no release {number} here; there are: {there}")
    file = mirror.folder.file(manifest)
    try:
        mirror.fetch(manifest)
        release = OpenRelease(file, manifest)
    except (StorageError, UnusableRelease) as error:
        why = unreadable(manifest.number, error, file)
        if manifest is manifests.newest:
            why += ", or go on without it: readout load --despite-damage FILES"
        raise NotLoaded(why) from error
    try:
        yield release
    finally:
        release.retire()


def releases(mirror: Mirror) -> list[tuple[Release, bool]]:
    """Every release, the newest first, and whether it is still kept. Raises NotLoaded."""
    with opened(mirror) as newest:
        there = mirror.folder.manifests()
        return [(release, release.number in there) for release in newest.releases]


def difference(mirror: Mirror, before: int, after: int) -> Iterator[RecordChange]:
    """The records that differ between two releases, as `changes` orders them. Raises NotLoaded."""
    with (
        opened(mirror, before) as first,
        opened(mirror, after) as second,
        closing(sqlite3.connect(read_only(second.path), uri=True)) as connection,
    ):
        attach_earlier(connection, first.path)
        yield from changes(connection)


def bundles_of(mirror: Mirror, number: int | None, folder: Path) -> list[str]:
    """Write the files that give the content of a release again. Raises NotLoaded.

    What was renamed since has its former id again, and the later one leads to it.
    """
    with opened(mirror) as newest:
        rows = asyncio.run(newest.look_up("SELECT type, former, id FROM former_id"))
    later_ids = {(KINDS[kind].plural, former): id_ for kind, former, id_ in rows}
    with opened(mirror, number) as release:
        return write_bundles(release, folder, later_ids)


def export(mirror: Mirror, number: int | None, target: Path, *, database: bool) -> None:
    """Write a release as a bundle, as bundles into a folder, or as an SQLite file.

    Raises NotLoaded and OSError.
    """
    with opened(mirror, number) as release:
        if target.is_dir() and not database:
            write_bundles(release, target, {})
            return
        if target.is_dir():
            target /= "readout.db"
        beside = target.with_name(f"{target.name}.part")
        try:
            if database:
                shutil.copyfile(release.path, beside)
            else:
                with beside.open("wb") as out:
                    out.writelines(_one_by_one(bundle(release)))
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


def write_bundles(
    release: OpenRelease, folder: Path, later_ids: dict[tuple[str, str], str]
) -> list[str]:
    """Write a release as bundles that are small enough to be loaded.

    A record that has a later id names it among its former ones.
    """
    files = []
    for key, pieces in groupby(_one_by_one(entries(release)), key=itemgetter(0)):
        typed = (entry for _, piece in pieces for entry in piece)
        batches = iter(lambda: list(islice(typed, _IN_A_FILE)), [])  # noqa: B023 - used up here
        for number, batch in enumerate(batches, start=1):
            for entry in batch:
                if later := later_ids.get((key, entry["id"])):
                    entry.setdefault("former_ids", []).append(later)
            file = folder / f"{key}-{number}.json"
            file.write_bytes(orjson.dumps({key: batch}))
            files.append(str(file))
    return files


def _one_by_one(items: AsyncIterator[T]) -> Iterator[T]:
    """Iterate over an asynchronous iterator where there is no event loop."""
    with asyncio.Runner() as runner:
        while (item := runner.run(anext(items, None))) is not None:
            yield item
