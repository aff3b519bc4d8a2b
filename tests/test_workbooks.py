"""Workbooks under way: many at once, broken off, or left by a process that was killed."""

import io
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx2 as httpx
import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped] # it has no types

from app.representations import xlsx
from app.turns import FairQueue
from bench.synthetic import synthesize
from tests.conftest import Server, client_of, load, server_of, serving, wait_until

PATH = "/commitments?format=xlsx"
ROWS = 1_200
"""More than a small workbook has: those wait for none."""


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a list that is no small workbook."""
    folder = tmp_path_factory.mktemp("workbooks")
    load([str(file) for file in synthesize(folder / "data", ROWS // 2)], folder / "own.db")
    return folder / "own.db"


@pytest.fixture
def running(database: Path, tmp_path: Path) -> Iterator[Server]:
    """A server whose temporary files are in a folder of their own."""
    with server_of(database, TMPDIR=str(tmp_path)) as server:
        yield server


def break_off(server: Server, seconds: float) -> None:
    """Ask for a workbook, and go away after a while."""
    address = urlsplit(server.url)
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(f"GET {PATH} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n".encode())
        time.sleep(seconds)


def test_what_is_broken_off_leaves_nothing(running: Server, tmp_path: Path) -> None:
    for _ in range(2):  # the first one takes longer than those after it
        began = time.monotonic()
        assert httpx.get(running.url + PATH, timeout=60).status_code == 200
    whole = time.monotonic() - began
    for at in range(20):  # while rows are written, while it is packed, while it is sent
        break_off(running, whole * (0.4 + at / 30))
    wait_until(lambda: not any(tmp_path.iterdir()))
    # Nobody who went away has a place still.
    assert httpx.get(running.url + PATH, timeout=60).status_code == 200
    wait_until(lambda: not any(tmp_path.iterdir()))


def test_of_many_at_once_a_few_are_made_and_the_others_wait(
    running: Server, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers = [pool.submit(httpx.get, running.url + PATH, timeout=90) for _ in range(6)]
        while not all(answer.done() for answer in answers):
            assert len(list(tmp_path.iterdir())) <= 2
            time.sleep(0.01)
    for answer in (each.result() for each in answers):
        assert answer.status_code == 200
        assert load_workbook(io.BytesIO(answer.content), read_only=True)["data"].max_row == ROWS + 1
    wait_until(lambda: not any(tmp_path.iterdir()))


def test_who_would_wait_for_too_long_is_sent_away(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "_LONGEST_WAIT", 0)
    monkeypatch.setattr(xlsx, "_large", FairQueue(0, 1))
    with client_of(database) as client:
        answer = client.get(PATH)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["type"] == "urn:readout:problem:crowded"
        assert client.get("/documents?format=xlsx").status_code == 200  # a few rows


def test_what_a_killed_process_left_is_removed(database: Path, tmp_path: Path) -> None:
    with (
        serving(database, TMPDIR=str(tmp_path)) as server,
        httpx.stream("GET", server.url + PATH),
    ):
        wait_until(lambda: any(tmp_path.glob("*/*")))
        server.process.kill()
        server.process.wait()
    assert any(tmp_path.iterdir())
    with server_of(database, TMPDIR=str(tmp_path)) as another:
        assert httpx.get(another.url + "/documents?format=xlsx", timeout=60).status_code == 200
        wait_until(lambda: not any(tmp_path.iterdir()))
