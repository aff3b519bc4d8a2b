"""The load: wrk on a core of its own, asking for one path after another."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

SERVER_CORE, CLIENT_CORE = "0", "1"
_SCRIPT = Path(__file__).with_name("requests.lua")


class Measured(NamedTuple):
    """What a run of wrk saw."""

    rate: float
    """Requests a second."""
    p50: float
    """Half of the answers took no longer, in milliseconds."""
    p99: float
    """99 of 100 answers took no longer, in milliseconds."""
    requests: int


def pinned(core: str, *command: str) -> list[str]:
    """A command that runs on one core."""
    return ["taskset", "-c", core, *command]


def measure(
    base: str,
    paths: list[str],
    seconds: int,
    connections: int,
    headers: Mapping[str, str] = MappingProxyType({}),
) -> Measured:
    """Ask for the paths in their order, from the first again after the last.

    Raises RuntimeError if any answer was no success.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
        file.write("\n".join(paths))
        file.flush()
        options = ["-t1", f"-c{connections}", f"-d{seconds}s", "-s", str(_SCRIPT)]
        for name, value in headers.items():
            options += ["-H", f"{name}: {value}"]
        command = pinned(CLIENT_CORE, "wrk", *options, base, "--", file.name)
        report = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    rows = [line.split()[1:] for line in report.splitlines() if line.startswith("measured ")]
    requests, duration, errors, p50, p99 = map(float, rows[0])
    if errors:
        raise RuntimeError(f"{errors:.0f} of {requests:.0f} answers failed, as from {paths[0]}")
    return Measured(requests / duration, p50 / 1000, p99 / 1000, int(requests))
