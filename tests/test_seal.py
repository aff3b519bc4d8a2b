"""The seal of a release file: what was changed in it, anywhere, is found before it is served."""

import os
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from app.curation.load import NotLoaded, load, migrate
from app.store import seal as sealing
from app.store.files import published
from app.store.release import UnusableRelease
from app.store.seal import DamagedRelease, refuse_broken_seal, seal, unseal
from tests.builders import a_bundle, a_quote, write
from tests.conftest import SEED
from tests.curation.test_load import downgrade

BROKEN = "its content is not what was published; put a copy in its place, or move it away"
UNSEALED = "it has no seal: it is damaged, or was never finished; put a copy in its place"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the seed in it."""
    load([str(SEED)], tmp_path / "readout.db")
    return tmp_path / "readout.db"


def test_a_sealed_file_is_a_database_like_any_other(database: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0] * pages
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert database.stat().st_size == size + 80
    copy = tmp_path / "copy.db"
    copy.write_bytes(database.read_bytes())
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("CREATE TABLE note (text TEXT)")
        connection.execute("INSERT INTO note VALUES (zeroblob(100000))")
        connection.commit()
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    with pytest.raises(DamagedRelease):
        published(copy)


@pytest.mark.parametrize("size", [0, 1, 79, 80, 4096, 2 * 4096 + 1])
def test_a_seal_comes_off_as_it_was_put_on(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "_PIECE", 4096)
    file, content = tmp_path / "file", random.randbytes(size)  # noqa: S311 - any bytes will do
    file.write_bytes(content)
    with pytest.raises(DamagedRelease, match=UNSEALED):
        refuse_broken_seal(file)
    unseal(file)
    assert file.read_bytes() == content
    seal(file)
    refuse_broken_seal(file)
    unseal(file)
    assert file.read_bytes() == content


def places(size: int) -> list[int]:
    """Where to damage a file: its first bytes, its last, and many between."""
    anywhere = random.Random(20250207)  # noqa: S311 - the same ones each time
    return [0, 18, 24, 28, 92, 96, 100, 4096, *range(size - 84, size, 7), size - 1] + [
        anywhere.randrange(size) for _ in range(200)
    ]


def test_a_file_that_is_changed_in_any_place_is_refused(database: Path) -> None:
    whole = database.read_bytes()
    for place in places(len(whole)):
        length = random.choice([1, 512])  # noqa: S311 - any length will do
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        damaged[place + 1 : place + length] = os.urandom(len(damaged[place + 1 : place + length]))
        database.write_bytes(damaged)
        with pytest.raises(UnusableRelease) as refused:
            published(database)
        assert "\n" not in str(refused.value), place
        with pytest.raises(NotLoaded, match="move it away"):
            load([str(SEED)], database)
        assert database.read_bytes() == damaged, place
    database.write_bytes(whole)
    assert published(database)


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
    change: Callable[[bytes], bytes], says: str, database: Path
) -> None:
    database.write_bytes(change(database.read_bytes()))
    with pytest.raises(DamagedRelease, match=says):
        published(database)


def test_damage_is_not_carried_into_the_next_release(database: Path, tmp_path: Path) -> None:
    unseal(database)
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE release SET number = 7")
        connection.commit()
    before = database.read_bytes()
    other = write(tmp_path / "other.json", a_bundle(quotes=[a_quote()]))
    with pytest.raises(NotLoaded, match=f"^can't publish to {database}: {UNSEALED}"):
        load([other], database)
    assert database.read_bytes() == before


def test_a_migration_refuses_a_broken_seal(database: Path) -> None:
    unseal(database)
    downgrade(database, "0002")
    seal(database)
    damaged = bytearray(database.read_bytes())
    damaged[-1000] ^= 1
    database.write_bytes(damaged)
    with pytest.raises(NotLoaded, match=BROKEN):
        migrate(database)
    assert database.read_bytes() == damaged
