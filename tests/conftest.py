"""Fixtures. A world is built once and read by many; a test that changes one builds its own."""

import subprocess
import sys
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


class Server(NamedTuple):
    """A running `readout serve`."""

    url: str
    database: Path
    process: subprocess.Popen[str]


@contextmanager
def serving(
    database: Path, *options: str, says: str | None = None, **environment: str
) -> Iterator[Server]:
    """A real server process on a free port; `says` is in a line before its greeting."""
    process = subprocess.Popen(
        [READOUT, "serve", "--port", "0", *options],
        env={"PATH": "/usr/bin:/bin", "READOUT_DATABASE_URL": f"sqlite:///{database}"}
        | environment,
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


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the seed as its first release."""
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
