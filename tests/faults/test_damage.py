"""A file that is damaged, missing or replaced, while a server runs and while none does."""

import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path

import httpx2 as httpx
import pytest

from app.store.folder import Folder
from tests.conftest import Program, file_of, serving, wait_until
from tests.faults.world import (
    FIRST,
    SECOND,
    assert_whole,
    content_of,
    damage,
    detail,
    load_command,
    put,
    reading,
    ready,
    write_at,
)

pytestmark = pytest.mark.faults


@pytest.fixture
def file(database: Path) -> Path:
    """The file of the first release."""
    return file_of(database, 1)


def total(url: str, query: str = "") -> int:
    """How many agreements there are."""
    return int(httpx.get(f"{url}/agreements{query}").json()["total"])


def status(url: str, query: str = "") -> int:
    """The status of an answer."""
    return httpx.get(f"{url}/agreements{query}").status_code


def is_behind(url: str) -> bool:
    """Whether a server says that it may not serve what is published."""
    return bool(httpx.get(f"{url}/health/ready").json()["behind"])


def test_a_file_damaged_while_nobody_serves_it_is_refused_at_the_start(
    database: Path, file: Path, figure: Callable[[str, object], None]
) -> None:
    whole = file.read_bytes()
    for turn in range(12):
        damage(file, (512, 1)[turn % 2])
        with serving(database) as server:
            code, says = ready(server.url)
            assert code == 503
            assert says.startswith("release 1 is not served: it ")
            assert str(database.parent) not in says
            for path in ("/agreements", "/", "/releases", "/search?q=pact"):
                assert httpx.get(f"{server.url}{path}").status_code == 503
            assert httpx.get(f"{server.url}/health/live").status_code == 200
            put(whole, file)
            wait_until(lambda: ready(server.url) == (200, "1"))
    figure("damaged files refused", "12 of 12")


def test_the_newest_release_that_is_whole_is_served(database: Path, tmp_path: Path) -> None:
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    newest = file_of(database, 2)
    whole = newest.read_bytes()
    damage(newest)
    with serving(database) as server:
        assert (ready(server.url), is_behind(server.url)) == ((200, "1"), True)
        assert total(server.url) == FIRST.agreements
        assert status(server.url, "?as_of=1") == 200
        refused = load_command(database, FIRST.write(tmp_path))
        assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
        assert f"put a whole copy of its file at {newest}" in refused.stderr
        put(whole, newest)
        wait_until(lambda: ready(server.url) == (200, "2"))
        assert not is_behind(server.url)


def test_a_file_damaged_while_it_is_served_is_taken_out_of_service(
    running: Program, file: Path, figure: Callable[[str, object], None]
) -> None:
    slowest_stop = slowest_return = 0.0
    for turn in range(20):
        place, before = damage(file, (512, 1)[turn % 2])
        slowest_stop = max(slowest_stop, wait_until(lambda: ready(running.url)[0] == 503))
        time.sleep(0.2)
        assert ready(running.url)[0] == 503
        write_at(file, place, before)
        slowest_return = max(slowest_return, wait_until(lambda: ready(running.url)[0] == 200))
    with reading(running.url) as readers:
        wait_until(lambda: len(readers.walks) > 4)
    readers.check(lambda _: FIRST)
    figure("seconds until it is not served any more, at most of 20", f"{slowest_stop:.2f}")
    figure("seconds until it is served when it is whole again, at most", f"{slowest_return:.2f}")


def test_an_older_release_damaged_while_it_is_asked_is_gone_until_it_is_whole(
    running: Program, file: Path, tmp_path: Path
) -> None:
    assert load_command(running.file, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    begun = httpx.get(f"{running.url}/agreements?limit=7&as_of=1").json()
    for turn in range(6):
        place, before = damage(file, (512, 1)[turn % 2])
        wait_until(lambda: status(running.url, f"?as_of=1&limit={turn + 1}") == 410)  # noqa: B023 - now
        ended = httpx.get(begun["next"])
        assert ended.status_code == 410
        assert ready(running.url) == (200, "2")
        write_at(file, place, before)
        wait_until(lambda: status(running.url, f"?as_of=1&limit={turn + 20}") == 200)  # noqa: B023 - now
        assert httpx.get(begun["next"]).json()["total"] == FIRST.agreements


def test_files_that_were_exchanged_are_not_taken_for_each_other(
    running: Program, file: Path, tmp_path: Path
) -> None:
    assert load_command(running.file, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    newest = file_of(running.file, 2)
    first, second = file.read_bytes(), newest.read_bytes()
    put(first, newest)
    put(second, file)
    with serving(running.file) as another:
        assert ready(another.url)[0] == 503
        # Who has them open serves them on.
        assert total(running.url) == SECOND.agreements
        assert total(running.url, "?as_of=1") == FIRST.agreements
        put(second, newest)
        put(first, file)
        wait_until(lambda: ready(another.url) == (200, "2"))
        assert total(another.url, "?as_of=1") == FIRST.agreements


def test_a_file_that_was_only_touched_is_served_on(running: Program, file: Path) -> None:
    before = httpx.get(f"{running.url}/agreements")
    for _ in range(3):
        os.utime(file)
        wait_until(lambda: ready(running.url) == (200, "1"))
        time.sleep(0.3)
        assert ready(running.url) == (200, "1")
    after = httpx.get(f"{running.url}/agreements")
    assert (after.text, after.headers["etag"]) == (before.text, before.headers["etag"])


def test_a_damaged_file_in_its_place_is_refused_and_the_old_one_served_on(
    running: Program, file: Path, tmp_path: Path
) -> None:
    whole = file.read_bytes()
    with reading(running.url) as readers:
        for _ in range(10):
            copy = tmp_path / "copy.db"
            copy.write_bytes(whole)
            damage(copy)
            put(copy.read_bytes(), file)
            time.sleep(0.2)
            assert ready(running.url) == (200, "1")
    readers.check(lambda _: FIRST)
    # Nothing is published on top of it, either.
    refused = load_command(running.file, SECOND.write(tmp_path))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert "release 1 can't be read: it is damaged" in refused.stderr
    put(whole, file)
    assert load_command(running.file, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: total(running.url) == SECOND.agreements)


@pytest.mark.parametrize("part", [0, 0.001, 0.02, 0.5, 0.999, 0.999999])
def test_a_file_that_was_cut_short_is_not_served(part: float, running: Program, file: Path) -> None:
    whole = file.read_bytes()
    os.truncate(file, int(len(whole) * part))
    wait_until(lambda: ready(running.url)[0] == 503)
    with serving(running.file) as another:
        assert ready(another.url)[0] == 503
    put(whole, file)
    wait_until(lambda: ready(running.url) == (200, "1"))


def test_a_file_copied_over_the_one_that_is_served_is_served_when_it_is_whole(
    running: Program, file: Path, tmp_path: Path
) -> None:
    copy = file.read_bytes()
    assert load_command(tmp_path / "next.db", SECOND.write(tmp_path)).returncode == 0
    for content in (file_of(tmp_path / "next.db", 1).read_bytes(), copy):
        with file.open("wb") as opened:  # as cp does
            for start in range(0, len(content), 50_000):
                opened.write(content[start : start + 50_000])
                opened.flush()
                time.sleep(0.05)
        wait_until(lambda: ready(running.url)[0] == (200 if content is copy else 503))  # noqa: B023 - now
    assert total(running.url) == FIRST.agreements


def test_a_missing_file_is_served_on_until_the_server_ends(running: Program, file: Path) -> None:
    whole = file.read_bytes()
    file.unlink()
    time.sleep(0.3)
    assert ready(running.url) == (200, "1")
    with reading(running.url) as readers:
        wait_until(lambda: len(readers.walks) > 4)
    readers.check(lambda _: FIRST)
    assert httpx.get(f"{running.url}/releases/1/readout.db").status_code == 503
    with serving(running.file) as another:
        assert ready(another.url)[0] == 503
        assert "its file is not there" in detail(httpx.get(f"{another.url}/agreements"))
        put(whole, file)
        wait_until(lambda: ready(another.url) == (200, "1"))
    assert httpx.get(f"{running.url}/releases/1/readout.db").content == whole


def test_a_folder_that_goes_back_is_served_on(running: Program, tmp_path: Path) -> None:
    database = running.file
    assert load_command(database, SECOND.write(tmp_path)).returncode == 0
    wait_until(lambda: ready(running.url) == (200, "2"))
    begun = httpx.get(f"{running.url}/agreements?limit=7")
    manifest = Folder(database).path / "2.json"
    for harm in (None, b"{", (Folder(database).path / "1.json").read_bytes()):
        second = manifest.read_bytes()
        if harm is None:
            manifest.unlink()
        else:
            put(harm, manifest)
        wait_until(lambda: is_behind(running.url))
        assert ready(running.url) == (200, "2")
        assert httpx.get(begun.json()["next"]).status_code == 200
        with serving(database) as another:
            assert ready(another.url) == (200, "1")
            # A walk of a release that this one does not know yet is asked for again.
            path = begun.json()["next"].removeprefix(running.url)
            answer = httpx.get(another.url + path)
            assert answer.status_code in {410, 503}
            assert answer.status_code == 410 or answer.headers["retry-after"]
            put(second, manifest)
            wait_until(lambda: ready(another.url) == (200, "2"))
            assert httpx.get(another.url + path).status_code == 200
        wait_until(lambda: not is_behind(running.url))


def test_another_release_under_the_same_number_is_not_taken_for_it(
    running: Program, tmp_path: Path
) -> None:
    """As where a folder was made anew, or came from a backup."""
    begun = httpx.get(f"{running.url}/agreements?limit=7")
    other = tmp_path / "other" / "readout.db"
    assert load_command(other, SECOND.write(tmp_path)).returncode == 0
    with serving(other) as another:
        path = begun.json()["next"].removeprefix(running.url)
        ended = httpx.get(another.url + path)
        assert (ended.status_code, ended.json()["run"]) == (
            410,
            f"{another.url}/agreements?limit=7",
        )
        headers = {"If-None-Match": begun.headers["etag"]}
        again = httpx.get(f"{another.url}/agreements?limit=7", headers=headers)
        assert (again.status_code, again.json()["total"]) == (200, SECOND.agreements)


@pytest.mark.parametrize("content", [b"", b"Dear diary\n", b"\0" * 100_000, bytes(range(256)) * 99])
def test_what_is_no_database_is_never_served(content: bytes, running: Program, file: Path) -> None:
    whole = file.read_bytes()
    put(content, file)
    time.sleep(0.3)
    assert ready(running.url) == (200, "1")
    with serving(running.file) as another:
        code, says = ready(another.url)
        assert (code, says.startswith("release 1 is not served: it has no seal")) == (503, True)
    put(whole, file)
    wait_until(lambda: ready(running.url) == (200, "1"))


@pytest.mark.parametrize("name", ["database", "manifest", "file", "next"])
def test_a_pipe_in_the_place_of_a_file_keeps_nobody_waiting(
    name: str, database: Path, file: Path, tmp_path: Path
) -> None:
    folder = Folder(database).path
    place = {
        "database": database,
        "manifest": folder / "1.json",
        "file": file,
        "next": folder / "2.json",
    }[name]
    there = place.read_bytes() if place.exists() else b""
    place.unlink(missing_ok=True)
    os.mkfifo(place)
    with serving(database) as server:
        assert ready(server.url)[0] == (200 if name in {"database", "next"} else 503)
        done = load_command(database, SECOND.write(tmp_path))
        assert (done.returncode, done.stderr.count("\n")) == (1, 1)
        place.unlink()
        if there and name != "database":
            put(there, place)
        done = load_command(database, SECOND.write(tmp_path))
        assert done.returncode == 0
        wait_until(lambda: ready(server.url) == (200, "2"))
        assert_whole(database, 2, SECOND)
        os.mkfifo(folder / "3.json")
        wait_until(lambda: is_behind(server.url))
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(10) == 0


def test_a_release_that_could_not_be_opened_for_a_moment_is_served_later(
    running: Program, tmp_path: Path
) -> None:
    """As where a process has as many files open as it may."""
    assert ready(running.url) == (200, "1")
    pid = running.process.pid
    opened = len(list(Path(f"/proc/{pid}/fd").iterdir()))
    usual = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (opened, usual[1]))
    assert load_command(running.file, SECOND.write(tmp_path)).returncode == 0
    time.sleep(1.5)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, usual)
    wait_until(lambda: ready(running.url) == (200, "2"))
    assert total(running.url) == SECOND.agreements


def test_the_link_to_the_newest_file_is_nothing_that_is_served_from(
    running: Program, tmp_path: Path
) -> None:
    database = running.file
    database.unlink()
    with serving(database) as another:
        assert ready(another.url) == (200, "1")
        database.symlink_to("nowhere")
        assert load_command(database, SECOND.write(tmp_path)).returncode == 0
        wait_until(lambda: ready(another.url) == ready(running.url) == (200, "2"))
    assert database.resolve() == file_of(database, 2)
    assert total(running.url) == content_of(2).agreements
