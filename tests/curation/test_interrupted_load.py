"""A load that is killed at any moment leaves the old release, whole; or the new one, whole."""

import json
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app.curation import load as loading
from app.curation.load import Wish
from app.store import folder
from app.store.folder import Folder
from bench.synthetic import synthesize
from tests.conftest import SEED, load, releases_of
from tests.curation.conftest import names_left, published, select
from tests.forks import FORKS

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
    """A release is the newest, opens, and is sound to the last page; no other load's is there."""
    assert sorted(Folder(database).manifests()) == [*range(1, number + 1)]
    release = published(database)
    assert release.number == number
    database = Folder(database).file(Folder(database).manifests()[number])
    assert select(database, "PRAGMA integrity_check") == [("ok",)]
    assert select(database, "PRAGMA foreign_key_check") == []
    bodies = select(database, "SELECT body FROM record")
    assert len(bodies) == sum(release.counts.values())
    assert all(json.loads(body) for (body,) in bodies)


def killed(target: Callable[..., object], *given: Any, after: float | None = None) -> bool:
    """Run something in a process of its own and kill it; whether it was killed in time."""
    process = FORKS.Process(target=target, args=given)
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
    assert not killed(load, [str(SEED)], database.with_name("warming.db"))
    begun = time.monotonic()
    assert not killed(load, larger, database.with_name("measured.db"))
    duration = time.monotonic() - begun
    hits = 0
    for part in range(5):
        moment = duration * (part + random.random()) / 5  # noqa: S311 - any moment will do
        killed(load_anew, larger, database, after=moment)
        if published(database).number == 2:
            break  # it was done already
        hits += 1
        assert_whole(database, 1)
    assert hits
    release, _ = load(larger, database, prune="Begin again.")
    assert_whole(database, 2)
    assert release.number == 2
    assert not [name for name in names_left(database) if not name.startswith("probe-")]


def load_anew(files: list[str], database: Path) -> None:
    """Load a data set in the place of another."""
    load(files, database, prune="Begin again.")


def die(*_: object) -> None:
    """Kill this process, as another would."""
    os.kill(os.getpid(), signal.SIGKILL)


def load_dying_at(moment: str, files: list[str], database: Path) -> None:
    """Load until a moment of the load."""

    def progress(what: str, done: int, of: int) -> None:
        if moment == f"{what} {'begun' if done < of else 'done'}":
            die()

    functions: dict[str, tuple[Any, str]] = {
        "before the file is synced": (folder, "sync"),
        "before the manifest is created": (Folder, "publish"),
        "before the link is made": (Folder, "point_to_newest"),
    }
    if moment in functions:
        mock.patch.object(*functions[moment], new=die).start()  # in this process alone
    loading.load(files, releases_of(database), progress, Wish(prune="Begin again."))


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("Reading begun", 1),
        ("Reading done", 1),
        ("Loading begun", 1),
        ("Loading done", 1),
        ("Checking begun", 1),
        ("Checking done", 1),
        ("before the file is synced", 1),
        ("Publishing begun", 1),
        ("before the manifest is created", 1),
        ("before the link is made", 2),
        ("Publishing done", 2),
    ],
)
def test_a_load_that_dies_at_a_turning_point_leaves_a_release(
    moment: str, number: int, database: Path, larger: list[str]
) -> None:
    assert killed(load_dying_at, moment, larger, database)
    assert_whole(database, number)
    release, new = load(larger, database, prune="Begin again.")
    assert (release.number, new) == (2, number == 1)
    assert_whole(database, 2)
    assert names_left(database) == set()
    assert database.resolve() == Folder(database).file(Folder(database).manifests()[2]).resolve()
