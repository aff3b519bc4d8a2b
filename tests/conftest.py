"""Fixtures. A world is built once and read by many; a test that changes one builds its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, settings

from app.curation.load import load
from app.settings import PROJECT

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


class Server(NamedTuple):
    """A running `readout serve`."""

    url: str
    file: Path
    """Its database."""
    process: subprocess.Popen[str]


@contextmanager
def serving(
    database: Path, *options: str, says: str | None = None, **environment: str
) -> Iterator[Server]:
    """A real server process on a free port; `says` is in a line before its greeting."""
    process = subprocess.Popen(
        [READOUT, "serve", "--port", "0", *options],
        env={
            "PATH": "/usr/bin:/bin",
            "READOUT_DATABASE_URL": f"sqlite:///{database}",
            "READOUT_LOG_REQUESTS": "false",  # few tests read them
            **environment,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        if says:
            assert says in process.stdout.readline()
        greeting = process.stdout.readline()
        assert " at http://" in greeting, process.stderr.read()
        yield Server(greeting.split(" at ")[1].split()[0], database, process)
    finally:
        process.terminate()
        process.communicate(timeout=10)


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
    with serving(seeded) as running:
        yield running


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """An HTTP client of the server on the seed."""
    with httpx.Client(base_url=server.url) as found:
        yield found


@pytest.fixture
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command `readout` as a user does."""

    def command(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [READOUT, *map(str, words)],
            env={"PATH": "/usr/bin:/bin"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return command
