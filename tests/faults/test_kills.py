"""Processes that are killed with -9: the load at random moments, and the server."""

import multiprocessing
import os
import random
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import httpx2 as httpx
import pytest

from app.curation.load import load
from app.store.files import published
from tests.conftest import serving, wait_until
from tests.faults.world import (
    FIRST,
    LARGE,
    SECOND,
    assert_whole,
    command,
    content_of,
    environment,
    load_command,
    reading,
    ready,
)

pytestmark = pytest.mark.faults

# A process that has imported what a load needs, so that each kill hits the load itself.
processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload(["tests.faults.test_kills"])


# Of what one of the two contents has and the other has not.
PRUNED = "Not in this release."


class Killable(Protocol):
    """A process that was started."""

    def kill(self) -> None:
        """Kill it with -9."""


Start = Callable[[str, Path], tuple[Killable, Callable[[], int]]]


def start_command(file: str, database: Path) -> tuple[Killable, Callable[[], int]]:
    """Start the real command; how to kill it, and how to wait for its exit status."""
    process = subprocess.Popen(
        command("load", file, "--prune", PRUNED),
        env=environment(database),
        stdout=subprocess.DEVNULL,
    )
    return process, lambda: process.wait(60)


def start_load(file: str, database: Path) -> tuple[Killable, Callable[[], int]]:
    """Start the load that the command runs, without the start of the command."""
    process = processes.Process(target=load, args=([file], database), kwargs={"prune": PRUNED})
    process.start()

    def wait() -> int:
        process.join(60)
        status = process.exitcode
        process.close()
        assert status is not None
        return status

    return process, wait


def timed(start: Start, file: str, database: Path) -> float:
    """How long a load takes that nobody kills."""
    began = time.monotonic()
    assert start(file, database)[1]() == 0
    return time.monotonic() - began


@pytest.mark.parametrize(
    ("start", "kills", "earliest"),
    # The first half of the command's time is its start.
    [(start_load, 160, 0.0), (start_command, 40, 0.5)],
)
def test_a_load_killed_at_any_moment_is_no_release_or_a_whole_one(
    start: Start,
    kills: int,
    earliest: float,
    database: Path,
    tmp_path: Path,
    figure: Callable[[str, object], None],
) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time_ns() % 1_000_000))
    figure("FAULTS_SEED", seed)
    moments = random.Random(seed)
    files = {content: content.write(tmp_path) for content in (FIRST, SECOND)}
    draft = database.with_name("readout.db.draft")
    number, killed, writing = 1, 0, 0
    with serving(database) as server, reading(server.url) as readers:
        timed(start, files[SECOND], database)  # the first one starts more than a load
        duration = timed(start, files[FIRST], database)
        number = 3
        for turn in range(kills):
            process, wait = start(files[content_of(number + 1)], database)
            time.sleep(moments.uniform(earliest, 1.1) * duration)
            writing += draft.exists()
            process.kill()
            in_time = wait() != 0
            killed += in_time
            duration *= 1.03 if in_time else 0.9  # as busy as the machine is just now
            release = published(database)
            assert release is not None
            assert release.number in {number, number + 1}
            number = release.number
            assert_whole(database, number, content_of(number))
            if turn % 10 == 9:
                number += 1
                load([files[content_of(number)]], database, prune=PRUNED)
                assert_whole(database, number, content_of(number))
                wait_until(lambda: ready(server.url) == (200, str(number)))  # noqa: B023 - now
    readers.check(content_of)
    assert killed > kills / 5
    assert writing
    assert not list(database.parent.glob("*.draft*"))
    figure("kills", f"{killed} of {kills} before the end of the load")
    figure("kills while the next release was being written", writing)
    figure("releases published in between", number)
    figure("answers compared", len(readers.answers))
    figure("walks to the end", len(readers.walks))
    figure("walks cut short by a release (409)", sum(a[0] == 409 for a in readers.answers))


def test_a_server_killed_while_a_load_runs_serves_a_whole_release_again(
    database: Path, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    file, slowest = LARGE.write(tmp_path), 0.0
    loading = subprocess.Popen(
        command("load", file), env=environment(database), stdout=subprocess.DEVNULL
    )
    rounds = 0
    while loading.poll() is None:
        with serving(database) as server:
            found = httpx.get(f"{server.url}/agreements?limit=1").json()
            content = FIRST if found["release"] == 1 else LARGE
            assert found["total"] == content.agreements
            server.process.kill()
        rounds += 1
    assert loading.returncode == 0
    assert rounds
    for _ in range(5):
        began = time.monotonic()
        with serving(database) as server:
            assert httpx.get(f"{server.url}/agreements").json()["total"] == LARGE.agreements
            slowest = max(slowest, time.monotonic() - began)
            server.process.kill()
    figure("kills of the server while the load ran", rounds)
    figure("seconds from start to the first answer, at most", f"{slowest:.2f}")


def test_both_killed_at_once_leave_the_old_release(database: Path, tmp_path: Path) -> None:
    file = LARGE.write(tmp_path)
    draft = database.with_name("readout.db.draft")
    with serving(database) as server:
        loading = subprocess.Popen(
            command("load", file), env=environment(database), stdout=subprocess.DEVNULL
        )
        wait_until(draft.exists)
        loading.kill()
        server.process.kill()
        loading.wait()
    assert_whole(database, 1, FIRST)
    with serving(database) as server:
        assert ready(server.url) == (200, "1")
        assert load_command(database, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))
    assert_whole(database, 2, LARGE)
