"""The databases of Readout 0.1.0: each of their releases is kept as it is, with a manifest.

The next load builds on the newest of them, and takes over its history, tombstones and former ids.
0.1.0 had the current release in the database, and those before beside it under their numbers.
"""

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from app.records import Release
from app.store.folder import Folder
from app.store.kept import AlreadyPublished, Manifest, Manifests
from app.store.mirror import Mirror
from app.store.release import RELEASES, read_only, release_of
from app.store.seal import DamagedRelease, UnusableRelease, digest_of_sealed

_REVISION = "0005"
"""The schema of 0.1.0."""
_LOCK = "take-over.lock"


class ForeignDatabase(Exception):
    """A file in the place of the database that can't be taken over; its text says what to do."""


def take_over(mirror: Mirror) -> None:
    """Give each release of 0.1.0 a manifest; what was killed meanwhile goes on the next time.

    Raises ForeignDatabase, UnusableRelease, StorageError.
    """
    folder = mirror.folder
    if not _files(folder):
        return
    with folder.alone(_LOCK):
        try:
            files = _files(folder)  # another load may have been faster
            manifests = mirror.refresh()
            for file in files:
                _publish(mirror, file, manifests)
            # From now on the database is a link to the newest file.
            mirror.refresh()
            folder.point_to_newest()
            for file in files:
                if file != folder.database:
                    file.unlink()
        finally:
            (folder.path / _LOCK).unlink(missing_ok=True)  # who waits for it finds nothing to do


def _files(folder: Folder) -> list[Path]:
    """The files of 0.1.0, the oldest release first."""
    numbered = (file for file in folder.path.glob("[0-9]*.db") if file.stem.isdecimal())
    files = sorted(numbered, key=lambda file: int(file.stem))
    return [*files, folder.database] if folder.has_other_database else files


def _publish(mirror: Mirror, file: Path, manifests: Manifests) -> None:
    release = _release_in(file)
    try:
        digest = digest_of_sealed(file)
    except DamagedRelease as error:
        raise UnusableRelease(
            f"{file} can't be taken over: {error}; put a whole copy of it in its place, or "
            "move it away"
        ) from error
    manifest = Manifest.of(release, digest, file.stat().st_size, _REVISION)
    if manifests.get(release.number) == manifest:
        return
    with mirror.folder.draft() as draft:
        shutil.copyfile(file, draft)
        mirror.folder.keep(draft, manifest)
        if mirror.bucket:
            mirror.bucket.upload(file, manifest)
        try:
            mirror.published.publish(manifest)
        except AlreadyPublished:
            raise ForeignDatabase(
                f"{mirror.published.place} has another release {release.number} than {file}; move "
                "that file away"
            ) from None


def _release_in(file: Path) -> Release:
    """The release that a file of 0.1.0 holds. Raises ForeignDatabase."""
    with suppress(sqlite3.Error, ValueError):
        if file.is_file():
            with closing(sqlite3.connect(read_only(file), uri=True)) as connection:
                revisions = connection.execute("SELECT version_num FROM alembic_version").fetchall()
                if revisions == [(_REVISION,)]:
                    return release_of(connection.execute(RELEASES).fetchone())
    raise ForeignDatabase(
        f"{file} is not a database that this program can publish to; move it away, or name another "
        "one in READOUT_DATABASE_URL"
    )
