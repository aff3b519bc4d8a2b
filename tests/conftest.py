"""Fixtures. A world is built once and read by many; a test that changes one builds its own."""

import os
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from unittest import mock

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, settings
from starlette.testclient import TestClient

from app.curation.load import Wish
from app.curation.load import load as load_files
from app.main import create_api
from app.records import Release
from app.settings import PROJECT, Settings
from app.store.folder import Folder
from app.store.kept import Manifest
from app.store.mirror import Mirror
from app.store.release import OpenRelease
from app.store.seal import LENGTH, seal
from app.store.serving import Store
from tests.forks import ENVIRONMENT, start

READOUT = str(Path(sys.executable).with_name("readout"))
SEED = PROJECT / "data" / "seed.json"

# The machine may be busy with other tests: slowness says nothing about the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many more processes as cores: some tests compute, some wait for a server."""
    return (os.cpu_count() or 1) * 3 // 2


def wait_until(is_so: Callable[[], bool], seconds: float = 10) -> float:
    """Seconds until something is so."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < seconds
        time.sleep(0.005)
    return time.monotonic() - began


def releases_of(database: Path) -> Mirror:
    """The releases beside a database."""
    return Mirror(Folder(database))


def load(
    files: list[str], database: Path, at: str | None = None, **wish: Any
) -> tuple[Release, bool]:
    """Publish files as the next release beside a database, by a clock that stands if it is said."""
    if at is None:
        return load_files(files, releases_of(database), wish=Wish(**wish))
    with mock.patch("app.curation.load.datetime", wraps=datetime) as clock:
        clock.now.return_value = datetime.fromisoformat(at)
        return load_files(files, releases_of(database), wish=Wish(**wish))


def client_of(database: Path) -> TestClient:
    """A client of a service of these releases, to be entered."""
    return TestClient(create_api(Settings(database_url=f"sqlite:///{database}")))


def store_of(database: Path) -> Store:
    """What a server of a database serves from."""
    return Store(releases_of(database))


def open_release(database: Path, number: int | None = None, **options: int) -> OpenRelease:
    """A release beside a database, opened for reading: the newest one if no number is given."""
    folder = Folder(database)
    manifests = folder.manifests()
    manifest = manifests[number or max(manifests)]
    return OpenRelease(folder.file(manifest), manifest, **options)


def file_of(database: Path, number: int) -> Path:
    """The file of a release beside a database."""
    folder = Folder(database)
    return folder.file(folder.manifests()[number])


def pass_time(releases: Path, minutes: float = 60) -> None:
    """Have a folder of releases say that its manifests were created so much earlier."""
    for manifest in releases.glob("*.json"):
        if manifest.stem.isdecimal():
            created = manifest.stat().st_mtime - 60 * minutes
            os.utime(manifest, (created, created))


def restate(database: Path, number: int, **said: Any) -> Manifest:
    """Write the manifest of a release anew, as no program does: with another moment, say."""
    folder = Folder(database)
    manifest = folder.manifests()[number].model_copy(update=said)
    beside = folder.path / "restated"
    beside.write_text(manifest.model_dump_json(by_alias=True), encoding="utf-8")
    beside.replace(folder.path / f"{number}.json")
    return manifest


def falsify(database: Path, number: int, sql: str) -> None:
    """Publish a release anew with rows that no check would let in, sealed as if they were right."""
    file = file_of(database, number)
    draft = file.with_suffix(".falsified")
    draft.write_bytes(file.read_bytes()[:-LENGTH])
    with closing(sqlite3.connect(draft)) as connection, connection:
        connection.execute(sql)
    digest = seal(draft)
    manifest = restate(database, number, digest=digest, size=draft.stat().st_size)
    draft.replace(Folder(database).file(manifest))
    Folder(database).point_to_newest()


@dataclass(frozen=True)
class Server:
    """A server of the API."""

    url: str
    file: Path
    """Its database."""


@dataclass(frozen=True)
class Fork(Server):
    """A server that another process was forked for."""

    log: Path
    """The file of its standard error, while it runs."""


@contextmanager
def server_of(database: Path, *options: str, **environment: str) -> Iterator[Fork]:
    """A server of a database on a free port, in a process of its own."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        output.touch()
        process = start(
            ["serve", "--port", "0", *options], _settings_of(database) | environment, output, errors
        )
        try:
            wait_until(lambda: bool(_address(output)) or not process.is_alive(), seconds=60)
            url = _address(output)
            assert url, errors.read_text("utf-8")
            yield Fork(url, database, errors)
        finally:
            process.terminate()
            process.join(10)
            assert process.exitcode is not None


@dataclass(frozen=True)
class Program(Server):
    """A server that the program was started for."""

    process: subprocess.Popen[str]


@contextmanager
def serving(database: Path, *options: str, **environment: str) -> Iterator[Program]:
    """The program as users start it, on a free port.

    For tests of the process and of what it writes; `server_of` is sooner there for all others.
    """
    process = subprocess.Popen(
        [READOUT, "serve", "--port", "0", *options],
        env=_settings_of(database) | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline()
        if " at http://" not in greeting:
            process.terminate()
            pytest.fail(f"{greeting} {process.communicate()}")
        yield Program(greeting.split(" at ")[1].split()[0], database, process)
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _address(output: Path) -> str:
    """The address in the greeting of a server, once it is there."""
    greeting = re.search(r" at (http://\S+) .*\n", output.read_text("utf-8"))
    return greeting[1] if greeting else ""


def _settings_of(database: Path) -> dict[str, str]:
    """The environment of a server of a database."""
    return ENVIRONMENT | {
        "READOUT_DATABASE_URL": f"sqlite:///{database}",
        "READOUT_LOG_REQUESTS": "false",  # few tests read them
    }


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the seed as its first release."""
    database = tmp_path_factory.mktemp("seeded") / "readout.db"
    load([str(SEED)], database)
    return database


@pytest.fixture(scope="session")
def server(seeded: Path) -> Iterator[Server]:
    """A server on the seed."""
    with server_of(seeded) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """An HTTP client of the server on the seed."""
    with httpx.Client(base_url=server.url) as client:
        yield client


@pytest.fixture(scope="session")
def hiroshima(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A communiqué that its publisher did not write."""
    database = tmp_path_factory.mktemp("hiroshima") / "readout.db"
    load([str(Path(__file__).with_name("data") / "g7-hiroshima-2023.json")], database)
    with client_of(database) as client:
        yield client


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command `readout` to its end, in a process of its own."""

    def command(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        typed = [str(word) for word in words]
        with tempfile.TemporaryDirectory() as folder:
            output, errors = Path(folder, "output"), Path(folder, "errors")
            process = start(typed, ENVIRONMENT | environment, output, errors)
            process.join(60)
            if process.exitcode is None:
                process.kill()
            assert process.exitcode is not None, typed
            return subprocess.CompletedProcess(
                typed, process.exitcode, output.read_text("utf-8"), errors.read_text("utf-8")
            )

    return command
