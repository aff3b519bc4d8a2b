"""A load that is killed at any moment leaves the old release, whole; or the new one, whole."""

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.curation import load as loading
from app.curation.load import load
from app.curation.synthetic import synthesize
from app.store.files import published
from tests.conftest import SEED

# A server that has imported what a load needs, so that each load starts at once.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.curation.test_interrupted_load"])

AGREEMENTS = 150


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A data set that takes a moment to load."""
    return [str(file) for file in synthesize(tmp_path_factory.mktemp("larger"), AGREEMENTS)]


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database with the seed in it."""
    load([str(SEED)], tmp_path / "readout.db")
    return tmp_path / "readout.db"


def assert_whole(database: Path, number: int) -> None:
    """A release is there, opens, and is sound to the last page."""
    release = published(database)
    assert release is not None
    assert release.number == number
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        counted = connection.execute("SELECT count(*) FROM record").fetchone()[0]
        assert counted == sum(release.counts.values())
        bodies = connection.execute("SELECT body FROM record").fetchall()
    assert all(json.loads(body) for (body,) in bodies)


def killed(target: Callable[..., object], *given: Any, after: float | None = None) -> bool:
    """Run something in a process of its own and kill it; whether it was killed in time."""
    process = processes.Process(target=target, args=given)
    process.start()
    if after is not None:
        time.sleep(after)
        process.kill()
    process.join(60)
    status = process.exitcode
    process.close()
    assert status in {0, -signal.SIGKILL}
    return status != 0


@pytest.mark.faults
def test_a_load_killed_at_a_random_moment_leaves_the_old_release(
    database: Path, larger: list[str]
) -> None:
    before = database.read_bytes()
    assert not killed(load, [str(SEED)], database.with_name("warming.db"))
    begun = time.monotonic()
    assert not killed(load, larger, database.with_name("measured.db"))
    duration = time.monotonic() - begun
    hits = 0
    for part in range(5):
        moment = duration * (part + random.random()) / 5  # noqa: S311 - any moment will do
        if not killed(load_anew, larger, database, after=moment) or published_number(database) == 2:
            break  # it was done already
        hits += 1
        assert database.read_bytes() == before
        assert_whole(database, 1)
    assert hits
    release, _ = load(larger, database, prune="Begin again.")
    assert_whole(database, 2)
    assert release.number == 2
    assert not list(database.parent.glob("readout.db.draft*"))


def published_number(database: Path) -> int:
    """The number of the release that is there."""
    release = published(database)
    assert release is not None
    return release.number


def load_anew(files: list[str], database: Path) -> None:
    """Load a data set in the place of another."""
    load(files, database, prune="Begin again.")


def die() -> None:
    """Kill this process, as another would."""
    os.kill(os.getpid(), signal.SIGKILL)


def load_dying_at(moment: str, files: list[str], database: Path) -> None:
    """Load until a moment of the load."""
    synced: list[Path] = []

    def progress(what: str, done: int, of: int) -> None:
        if moment == f"{what} {'begun' if done < of else 'done'}":
            die()

    def sync(path: Path) -> None:
        synced.append(path)
        swapped = synced.count(database.with_name("readout.db.draft"))
        if moment == "before the draft is synced" and swapped:
            die()
        if moment == "after the swap" and swapped and path == database.parent:
            die()

    loading._sync = sync
    load(files, database, progress, prune="Begin again.")


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("Reading begun", 1),
        ("Reading done", 1),
        ("Loading begun", 1),
        ("Loading done", 1),
        ("Checking begun", 1),
        ("Checking done", 1),
        ("before the draft is synced", 1),
        ("after the swap", 2),
    ],
)
def test_a_load_that_dies_at_a_turning_point_leaves_a_release(
    moment: str, number: int, database: Path, larger: list[str]
) -> None:
    before = database.read_bytes()
    assert killed(load_dying_at, moment, larger, database)
    assert (database.read_bytes() == before) == (number == 1)
    assert_whole(database, number)
    release, new = load(larger, database, prune="Begin again.")
    assert (release.number, new) == (2, number == 1)
    assert not list(database.parent.glob("readout.db.draft*"))
