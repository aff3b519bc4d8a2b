"""Processes that are killed with -9: the load at random moments, and the server."""

import multiprocessing
import os
import random
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import httpx2 as httpx
import obstore
import pytest
from obstore.store import from_url

from app.curation.load import Wish
from app.curation.load import load as load_files
from app.store.folder import Folder
from app.store.kept import Kept
from app.store.mirror import Mirror
from app.store.seal import digest_of_sealed
from tests.conftest import load, serving, wait_until
from tests.faults.world import (
    FIRST,
    LARGE,
    SECOND,
    assert_holds,
    assert_whole,
    command,
    content_of,
    environment,
    left_over,
    load_command,
    manifests,
    newest,
    reading,
    ready,
)
from tests.forks import FORKS
from tests.storage import Place, is_data

pytestmark = pytest.mark.faults


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
    process = FORKS.Process(target=load, args=([file], database), kwargs={"prune": PRUNED})
    process.start()

    def wait() -> int:
        process.join(60)
        status = process.exitcode
        process.close()
        assert status is not None
        return status

    return process, wait


def is_writing(database: Path) -> bool:
    """Whether the file of a release is being written."""
    return bool(list(Folder(database).path.glob("*.draft")))


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
    number, killed, writing = 1, 0, 0
    with serving(database) as server, reading(server.url) as readers:
        timed(start, files[SECOND], database)  # the first one starts more than a load
        duration = timed(start, files[FIRST], database)
        number = 3
        for turn in range(kills):
            process, wait = start(files[content_of(number + 1)], database)
            latest = time.monotonic() + moments.uniform(earliest, 1.1) * duration
            # Every other one is killed soon after it began to write, which may take but a moment.
            while time.monotonic() < latest and not (turn % 2 and is_writing(database)):
                time.sleep(0.001)
            time.sleep(moments.uniform(0, 0.01))
            writing += is_writing(database)
            process.kill()
            in_time = wait() != 0
            killed += in_time
            duration *= 1.03 if in_time else 0.9  # as busy as the machine is just now
            assert newest(database) in {number, number + 1}
            number = newest(database)
            assert_whole(database, number, content_of(number))
            if turn % 10 == 9:
                number += 1
                load([files[content_of(number)]], database, prune=PRUNED)
                assert_whole(database, number, content_of(number))
                wait_until(lambda: ready(server.url) == (200, str(number)))  # noqa: B023 - now
    readers.check(content_of)
    assert killed > kills / 5
    assert writing
    load([files[content_of(number + 1)]], database, prune=PRUNED)
    assert left_over(database) == set()
    figure("kills", f"{killed} of {kills} before the end of the load")
    figure("kills while the next release was being written", writing)
    figure("releases published in between", number)
    figure("answers compared", len(readers.answers))
    figure("walks to the end", len(readers.walks))
    figure("of them while another release was published", readers.went_on)


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
            page = httpx.get(f"{server.url}/agreements?limit=1").json()
            content = FIRST if page["release"] == 1 else LARGE
            assert page["total"] == content.agreements
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
    with serving(database) as server:
        loading = subprocess.Popen(
            command("load", file), env=environment(database), stdout=subprocess.DEVNULL
        )
        wait_until(lambda: is_writing(database))
        loading.kill()
        server.process.kill()
        loading.wait()
    assert_whole(database, 1, FIRST)
    with serving(database) as server:
        assert ready(server.url) == (200, "1")
        assert load_command(database, file).returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))
    assert_whole(database, 2, LARGE)


def load_into(url: str, environment: dict[str, str], file: str, database: Path) -> None:
    """Publish a file in a bucket."""
    os.environ.update(environment)
    load_files([file], Mirror(Folder(database), Kept.at(url)), wish=Wish(prune=PRUNED))


def test_a_load_into_a_bucket_killed_at_any_moment(
    bucket: Place, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    seed = int(os.environ.get("FAULTS_SEED", time.time_ns() % 1_000_000))
    figure("FAULTS_SEED", seed)
    moments, kills = random.Random(seed), 60
    files = {content: content.write(tmp_path) for content in (FIRST, SECOND)}
    database, kept = tmp_path / "publisher" / "readout.db", Kept.at(bucket.url)

    def start(number: int) -> multiprocessing.process.BaseProcess:
        args = (bucket.url, bucket.environment, files[content_of(number)], database)
        process = FORKS.Process(target=load_into, args=args)
        process.start()
        return process

    def publish(number: int) -> float:
        began = time.monotonic()
        process = start(number)
        process.join(60)
        assert process.exitcode == 0
        return time.monotonic() - began

    publish(1)
    number, killed, reader = 1, 0, tmp_path / "reader" / "readout.db"
    with serving(reader, **bucket.environment) as server:
        wait_until(lambda: ready(server.url) == (200, "1"))
        with reading(server.url) as readers:
            publish(2)
            duration, number = publish(3), 3
            for turn in range(kills):
                process = start(number + 1)
                time.sleep(moments.uniform(0, 1.1) * duration)
                process.kill()
                process.join()
                killed += process.exitcode != 0
                duration *= 1.03 if process.exitcode else 0.9
                there = kept.manifests()
                assert there.faults == {}
                assert max(there) in {number, number + 1}
                number = max(there)
                file = tmp_path / "fetched.db"
                file.write_bytes(b"".join(kept.pieces(there[number])))
                assert digest_of_sealed(file) == there[number].digest
                assert_holds(file, content_of(number))
                if turn % 10 == 9:
                    number += 1
                    publish(number)
                    wait_until(lambda: ready(server.url) == (200, str(number)), 30)  # noqa: B023 - now
    readers.check(content_of)
    assert killed > kills / 5
    # What dead loads left is in the bucket for a day, and on the disk until the next load.
    publish(number + 1)
    assert left_over(database) == set()
    named = {manifest.file for manifest in kept.manifests().values()}
    figure("files left in the bucket by dead loads", len(data_in(bucket) - named))
    kept.clear_abandoned(datetime.now(UTC) + timedelta(hours=25))
    assert data_in(bucket) == named
    figure("kills", f"{killed} of {kills} before the end of the load")
    figure("releases published", number)
    figure("answers compared", len(readers.answers))
    figure("walks to the end", len(readers.walks))
    figure("of them while another release was published", readers.went_on)


def data_in(bucket: Place) -> set[str]:
    """The files in a bucket that are or were to be releases."""
    store = from_url(bucket.url, client_options={"allow_http": True})
    return {str(o["path"]) for o in obstore.list(store).collect() if is_data(str(o["path"]))}


def test_a_server_killed_while_it_fetches_has_whole_releases_afterwards(
    bucket: Place, tmp_path: Path, figure: Callable[[str, object], None]
) -> None:
    publisher, reader = tmp_path / "publisher" / "readout.db", tmp_path / "reader" / "readout.db"
    files = {content: content.write(tmp_path) for content in (FIRST, SECOND)}
    load_into(bucket.url, bucket.environment, files[FIRST], publisher)
    fetching = 0
    for number in range(1, 21):
        if number % 2:  # the kill comes while it fetches
            bucket.line.trouble = lambda method, path: (
                "stalled" if method == "GET" and is_data(path) else ""
            )
        with serving(reader, **bucket.environment) as server:
            load_into(bucket.url, bucket.environment, files[content_of(number + 1)], publisher)
            time.sleep(random.uniform(0, 1.5))
            fetching += is_writing(reader)
            server.process.kill()
        bucket.line.mend()
        for kept in manifests(reader).values():
            file = Folder(reader).file(kept)
            assert not file.exists() or digest_of_sealed(file) == kept.digest
    with serving(reader, **bucket.environment) as server:
        wait_until(lambda: ready(server.url) == (200, "21"))
        assert httpx.get(f"{server.url}/agreements").json()["total"] == content_of(21).agreements
        assert left_over(reader) == set()
    figure("kills of a server", "20")
    figure("of them while it fetched", fetching)
