"""The unit of systemd, which nothing starts here: it is rated, and compared with a server."""

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx2 as httpx
import pytest

from app.cli import readout
from app.settings import PREFIX, PROJECT, Settings
from tests.conftest import READOUT
from tests.needs import strace, systemd_analyze

FILE = PROJECT / "deploy" / "readout.service"
UNIT = FILE.read_text(encoding="utf-8")
PATHS = [
    "/agreements?format=html", "/agreements?format=csv", "/agreements?format=xlsx", "/metrics",
    "/search?q=japan", "/releases/1/readout.db", "/releases/1/datapackage.zip",
]  # fmt: skip


def lines(key: str) -> list[str]:
    """The values of a key of the unit."""
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def group(name: str) -> set[str]:
    """The calls of one of systemd's groups."""
    command = [systemd_analyze(), "syscall-filter", name]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\n")
    members = {line.strip() for line in listed[1:] if line.strip() and "#" not in line}
    within = {member for member in members if member.startswith("@")}
    return (members - within).union(*map(group, within))


def allowed() -> set[str]:
    """The calls that the unit's filter lets through."""
    calls: set[str] = set()
    for line in lines("SystemCallFilter"):
        names = line.removeprefix("~").split()
        of_line = set().union(*(group(name) if name[0] == "@" else {name} for name in names))
        calls = calls - of_line if line[0] == "~" else calls | of_line
    return calls


def test_it_starts_what_there_is_with_settings_that_there_are() -> None:
    (started,) = lines("ExecStart")
    program, command, *_ = started.split()
    assert program.endswith("/.venv/bin/readout")
    assert command in readout.commands
    settings = dict(line.split("=", 1) for line in lines("Environment"))
    assert all(name.startswith(PREFIX) for name in settings)
    database = Settings.from_environment(settings).database_path
    assert database.parent == Path("/var/lib", *lines("StateDirectory"))


def test_its_exposure_is_small() -> None:
    rated = subprocess.run(
        # In tenths: `OK` is below 2.5, and a unit that says nothing of it has 9.6.
        [systemd_analyze(), "security", "--offline=true", "--threshold=15", "--no-pager", FILE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout
    assert "Overall exposure level" in rated.stdout


@pytest.mark.faults
def test_its_filter_lets_through_what_the_server_calls(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    (started,) = lines("ExecStart")
    with subprocess.Popen(
        [strace(), "-f", "-qq", "-o", trace, READOUT, *started.split()[1:], "--port", "0"],
        cwd=tmp_path,
        env={"PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # that the seed is published
        url = process.stdout.readline().split(" at ")[1].split()[0]
        statuses = {httpx.get(f"{url}{path}", timeout=60).status_code for path in PATHS}
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
        os.kill(int(children.split()[0]), signal.SIGTERM)
    assert statuses == {200}
    calls = re.findall(r"^\d+ +(\w+)\(", trace.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(set(calls)) > 50
    assert set(calls) - allowed() == set()
    # What MemoryDenyWriteExecute and RestrictAddressFamilies refuse.
    assert not re.search(r"PROT_WRITE\|PROT_EXEC|mprotect\(.*PROT_EXEC", trace.read_text("utf-8"))
    families = set(re.findall(r"socket\((AF_\w+)", trace.read_text("utf-8")))
    assert families <= set(" ".join(lines("RestrictAddressFamilies")).split())
