"""A file that is damaged, missing or replaced, while a server runs and while none does."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.conftest import Server, serving, wait_until
from tests.faults.world import (
    FIRST,
    SECOND,
    assert_whole,
    damage,
    detail,
    load_command,
    put,
    reading,
    ready,
    write_at,
)

pytestmark = pytest.mark.faults

REMEDY = "put a copy in its place, or move it away and load again"


def test_a_file_damaged_while_nobody_serves_it_is_refused_at_the_start(
    database: Path, figure: Callable[[str, object], None]
) -> None:
    whole = database.read_bytes()
    for turn in range(12):
        damage(database, (512, 1)[turn % 2])
        with serving(database) as server:
            status, says = ready(server.url)
            assert status == 503
            assert REMEDY in says or "it is not a database of releases" in says
            for path in ("/agreements", "/", "/releases", "/search?q=pact"):
                assert httpx.get(f"{server.url}{path}").status_code == 503
            assert httpx.get(f"{server.url}/health/live").status_code == 200
            put(whole, database)
            wait_until(lambda: ready(server.url) == (200, "1"))
    figure("damaged files refused", "12 of 12")


def test_a_file_damaged_while_it_is_served_is_taken_out_of_service(
    running: Server, figure: Callable[[str, object], None]
) -> None:
    slowest_stop = slowest_return = 0.0
    for turn in range(20):
        place, before = damage(running.file, (512, 1)[turn % 2])
        slowest_stop = max(slowest_stop, wait_until(lambda: ready(running.url)[0] == 503))
        time.sleep(0.2)
        assert ready(running.url)[0] == 503
        write_at(running.file, place, before)
        slowest_return = max(slowest_return, wait_until(lambda: ready(running.url)[0] == 200))
    with reading(running.url) as readers:
        wait_until(lambda: len(readers.walks) > 4)
    readers.check(lambda _: FIRST)
    figure("seconds until it is not served any more, at most of 20", f"{slowest_stop:.2f}")
    figure("seconds until it is served when it is whole again, at most", f"{slowest_return:.2f}")


def test_a_file_that_was_only_touched_is_served_on(running: Server) -> None:
    before = httpx.get(f"{running.url}/agreements")
    for _ in range(3):
        os.utime(running.file)
        time.sleep(0.3)
        assert ready(running.url) == (200, "1")
    after = httpx.get(f"{running.url}/agreements")
    assert (after.text, after.headers["etag"]) == (before.text, before.headers["etag"])


def test_a_damaged_file_in_its_place_is_refused_and_the_old_one_served_on(
    running: Server, tmp_path: Path
) -> None:
    database = running.file
    assert load_command(tmp_path / "next.db", SECOND.write(tmp_path)).returncode == 0
    whole = (tmp_path / "next.db").read_bytes()
    with reading(running.url) as readers:
        for _ in range(10):
            damage(tmp_path / "next.db")
            put((tmp_path / "next.db").read_bytes(), database)
            (tmp_path / "next.db").write_bytes(whole)
            time.sleep(0.2)
            assert ready(running.url) == (200, "1")
    readers.check(lambda _: FIRST)
    assert {answer[0] for answer in readers.answers} == {200}
    # Nothing is published on top of it, either.
    refused = load_command(database, SECOND.write(tmp_path))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "move it away" in refused.stderr
    put(whole, database)
    wait_until(lambda: httpx.get(f"{running.url}/agreements").json()["total"] == SECOND.agreements)


@pytest.mark.parametrize("part", [0, 0.001, 0.02, 0.5, 0.999, 0.999999])
def test_a_file_that_was_cut_short_is_not_served(part: float, running: Server) -> None:
    whole = running.file.read_bytes()
    os.truncate(running.file, int(len(whole) * part))
    wait_until(lambda: ready(running.url)[0] == 503)
    with serving(running.file) as another:
        assert ready(another.url)[0] == 503
    put(whole, running.file)
    wait_until(lambda: ready(running.url) == (200, "1"))


def test_a_file_copied_over_the_one_that_is_served_is_served_when_it_is_whole(
    running: Server, tmp_path: Path
) -> None:
    copy = running.file.read_bytes()
    assert load_command(tmp_path / "next.db", SECOND.write(tmp_path)).returncode == 0
    following = (tmp_path / "next.db").read_bytes()
    for content in (following, copy):
        with running.file.open("wb") as opened:  # as cp does
            for start in range(0, len(content), 50_000):
                opened.write(content[start : start + 50_000])
                opened.flush()
                time.sleep(0.05)
        wait_until(lambda: ready(running.url)[0] == 200)
        total = httpx.get(f"{running.url}/agreements").json()["total"]
        assert total == (SECOND if content is following else FIRST).agreements


def test_a_missing_file_is_served_on_until_the_server_ends(running: Server) -> None:
    whole = running.file.read_bytes()
    running.file.unlink()
    time.sleep(0.3)
    assert ready(running.url) == (200, "1")
    with reading(running.url) as readers:
        wait_until(lambda: len(readers.walks) > 4)
    readers.check(lambda _: FIRST)
    with serving(running.file) as another:
        assert ready(another.url)[0] == 503
        assert "there is no database yet" in detail(httpx.get(f"{another.url}/agreements"))
        put(whole, running.file)
        wait_until(lambda: ready(another.url) == (200, "1"))


def test_an_older_release_in_its_place_is_served_and_ends_the_walks(
    running: Server, tmp_path: Path
) -> None:
    database, first = running.file, running.file.read_bytes()
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    begun = httpx.get(f"{running.url}/agreements?limit=7")
    put(first, database)
    wait_until(lambda: ready(running.url) == (200, "1"))
    continued = httpx.get(begun.json()["next"])
    assert continued.status_code == 409
    assert httpx.get(continued.json()["run"]).json()["total"] == FIRST.agreements
    known = {"If-None-Match": begun.headers["etag"]}
    assert httpx.get(f"{running.url}/agreements?limit=7", headers=known).status_code == 200
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    assert_whole(database, 2, SECOND)
    wait_until(lambda: ready(running.url) == (200, "2"))


@pytest.mark.parametrize("content", [b"", b"Dear diary\n", b"\0" * 100_000, bytes(range(256)) * 99])
def test_what_is_no_database_is_never_served(content: bytes, running: Server) -> None:
    whole = running.file.read_bytes()
    put(content, running.file)
    time.sleep(0.3)
    assert ready(running.url) == (200, "1")
    with serving(running.file) as another:
        status, says = ready(another.url)
        assert (status, says.startswith("it is not a database of releases")) == (503, True)
    put(whole, running.file)
    wait_until(lambda: ready(running.url) == (200, "1"))
