"""Fixtures. A world is built once and read by many; a test that changes one builds its own."""

import os
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

from app.curation import publish
from app.curation.load import load as load_file
from app.records import Release
from app.settings import PROJECT, path_of
from tests.postgres import Postgres, running

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
    database: str
    """The address of its database."""
    process: subprocess.Popen[str]

    @property
    def file(self) -> Path:
        """The file of its database, where it is one."""
        path = path_of(self.database)
        assert path is not None
        return path


@contextmanager
def serving(
    database: Path | str, *options: str, says: str | None = None, **environment: str
) -> Iterator[Server]:
    """A real server process on a free port; `says` is in a line before its greeting."""
    if isinstance(database, Path):
        database = f"sqlite:///{database}"
    process = subprocess.Popen(
        [READOUT, "serve", "--port", "0", *options],
        env={
            "PATH": "/usr/bin:/bin",
            "READOUT_DATABASE_URL": database,
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


def load(files: list[str], database: str, *, prune: str | None = None) -> tuple[Release, bool]:
    """Publish the files in the database at this address."""
    path = path_of(database)
    if path is None:
        return publish.load(files, database, prune=prune)
    return load_file(files, path, prune=prune)


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the seed as its first release."""
    database = tmp_path_factory.mktemp("seeded") / "readout.db"
    load_file([str(SEED)], database)
    return database


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server, one for each process that runs tests."""
    with running() as found:
        yield found


@pytest.fixture(scope="session")
def server(seeded: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server on the seed: on a file, or where a test says so on the databases that it names."""
    database = f"sqlite:///{seeded}"
    if getattr(request, "param", "sqlite") == "postgresql":
        database = request.getfixturevalue("postgres").database()
        publish.publish(seeded, database)
    with serving(database) as found:
        yield found


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """An HTTP client of the server on the seed."""
    with httpx.Client(base_url=server.url) as found:
        yield found


DATABASES = ["sqlite", "postgresql"]
ALONE = {
    "test_citations", "test_clients", "test_docs_page", "test_feeds", "test_frontend",
    "test_fuzzing", "test_journeys", "test_jsonld", "test_markdown", "test_pages", "test_readme",
}  # fmt: skip
"""What says nothing more of the second database, as `test_both_databases` compares all answers."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks a server asks one on each database."""
    module = metafunc.module.__name__.rpartition(".")[2]
    if "server" in metafunc.fixturenames and module not in ALONE:
        metafunc.parametrize("server", DATABASES, indirect=True, scope="session")
    # Others have a database of their own.
    if "database" in metafunc.fixturenames and module == "test_walks":
        metafunc.parametrize("database", DATABASES, indirect=True)


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database of its own for a test, with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'own.db'}"
    address: str = request.getfixturevalue("postgres").database()
    return address


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
