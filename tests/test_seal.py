"""The seal of a release file: what was changed in it, anywhere, is found before it is served."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.curation.load import NotLoaded
from app.store import seal as sealing
from app.store.folder import Folder
from app.store.seal import DamagedRelease, digest_of_sealed, seal
from tests.conftest import SEED, file_of, load, open_release

BROKEN = "it is damaged: its content is not what was published"
UNSEALED = "it has no seal: it is damaged, or was never finished"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the seed in it."""
    load([str(SEED)], tmp_path / "readout.db")
    return tmp_path / "readout.db"


@pytest.fixture
def file(database: Path) -> Path:
    """The file of its release."""
    return file_of(database, 1)


def test_a_sealed_file_is_a_database_like_any_other(file: Path, tmp_path: Path) -> None:
    assert f"{digest_of_sealed(file)}.db" == file.name
    with closing(sqlite3.connect(file)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0] * pages
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert file.stat().st_size == size + 80
    copy = tmp_path / "copy.db"
    copy.write_bytes(file.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TABLE note (text TEXT)")
        connection.execute("INSERT INTO note VALUES (zeroblob(100000))")
        connection.commit()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with pytest.raises(DamagedRelease):
        digest_of_sealed(copy)


@pytest.mark.parametrize("size", [0, 1, 79, 80, 4096, 2 * 4096 + 1])
def test_a_seal_is_of_all_that_stands_before_it(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sealing._PIECES, sealing._MAGIC, 4096)
    file, content = tmp_path / "file", random.randbytes(size)  # noqa: S311 - any bytes will do
    file.write_bytes(content)
    with pytest.raises(DamagedRelease, match=UNSEALED):
        digest_of_sealed(file)
    digest = seal(file)
    assert digest_of_sealed(file) == digest
    assert file.read_bytes().startswith(content)
    assert len(file.read_bytes()) == size + 80
    file.write_bytes(content + b"!")
    assert seal(file) != digest


def places(size: int) -> list[int]:
    """Where to damage a file: its first bytes, its last, and many between."""
    anywhere = random.Random(20250207)  # noqa: S311 - the same ones each time
    return [0, 18, 24, 28, 92, 96, 100, 4096, *range(size - 84, size, 7), size - 1] + [
        anywhere.randrange(size) for _ in range(200)
    ]


def test_a_file_that_is_changed_in_any_place_is_refused(database: Path, file: Path) -> None:
    whole = file.read_bytes()
    for place in places(len(whole)):
        length = random.choice([1, 512])  # noqa: S311 - any length will do
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        damaged[place + 1 : place + length] = os.urandom(len(damaged[place + 1 : place + length]))
        file.write_bytes(damaged)
        with pytest.raises(DamagedRelease) as refused:
            open_release(database)
        assert "\n" not in str(refused.value), place
        with pytest.raises(NotLoaded, match="release 1 can't be read"):
            load([str(SEED)], database)
        assert file.read_bytes() == damaged, place
    file.write_bytes(whole)
    open_release(database).retire()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda whole: whole[:-1], UNSEALED),
        (lambda whole: whole[:-80], UNSEALED),
        (lambda whole: whole + b"\n", UNSEALED),
        (lambda whole: whole[:-80] + b"\0" * 4096 + whole[-80:], BROKEN),
        (lambda whole: whole[:-40] + b"0" * 39 + b"\n", BROKEN),
    ],
)
def test_a_file_that_is_longer_or_shorter_is_refused(
    change: Callable[[bytes], bytes], says: str, database: Path, file: Path
) -> None:
    file.write_bytes(change(file.read_bytes()))
    with pytest.raises(DamagedRelease, match=says):
        open_release(database)


def test_a_whole_file_of_another_release_is_refused(database: Path, file: Path) -> None:
    load([str(SEED)], database.with_name("other.db"), message="Another one.")
    other = file_of(database.with_name("other.db"), 1)
    assert digest_of_sealed(other) != digest_of_sealed(file)
    file.write_bytes(other.read_bytes())
    with pytest.raises(DamagedRelease, match="its file is not the one that was published"):
        open_release(database)


def test_a_file_whose_content_was_sealed_anew_is_refused(database: Path, file: Path) -> None:
    size = Folder(database).manifests()[1].size
    os.truncate(file, size - 80)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE record SET title = 'Altered' WHERE ordinal = 1")
        connection.commit()
    seal(file)
    assert file.stat().st_size == size
    with pytest.raises(DamagedRelease, match="its file is not the one that was published"):
        open_release(database)
    with pytest.raises(NotLoaded, match="its file is not the one that was published"):
        load([str(SEED)], database)
