"""Fixtures of the fault suite, and the figures that it prints at the end."""

import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import Program, serving
from tests.faults.world import FIRST, Mounted, load_command
from tests.storage import Place, Storage, moto, reached


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database in a folder of its own, with the first release in it."""
    database = tmp_path / "data" / "readout.db"
    assert load_command(database, FIRST.write(tmp_path)).returncode == 0
    return database


@pytest.fixture
def running(database: Path) -> Iterator[Program]:
    """A server on that database."""
    with serving(database) as program:
        yield program


@pytest.fixture(scope="session")
def storage() -> Iterator[Storage]:
    """A server that speaks S3."""
    with moto() as running:
        yield running


@pytest.fixture
def bucket(storage: Storage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A bucket that nothing is in, for this process as well, by a line that can be broken."""
    with reached(storage, tmp_path.name, monkeypatch) as place:
        yield place


@pytest.fixture
def small_disk() -> Iterator[Mounted]:
    """A disk of its own, in memory; its size and whether it can be written to may be changed."""
    folder = Path(tempfile.mkdtemp(prefix="readout-disk-"))
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "readout-faults", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode:
        pytest.skip(f"needs the right to mount a disk: {made.stderr.strip()}")
    try:
        yield Mounted(folder)
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
        folder.rmdir()


@pytest.fixture
def figure(record_property: Callable[[str, object], None]) -> Callable[[str, object], None]:
    """Keep a figure of a run, to be printed at the end."""
    return record_property


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the figures."""
    terminalreporter.section("figures")
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: {name}: {value}")
