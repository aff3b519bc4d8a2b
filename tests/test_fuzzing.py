"""Schemathesis, all checks, against the real server; `tests/fuzzing.py` says what it can't know."""

import os
import subprocess
import sys
from pathlib import Path

import httpx2 as httpx
import pytest

from app.settings import PROJECT
from tests.conftest import Server


@pytest.mark.parametrize(
    ("phases", "examples"),
    [
        ("examples,stateful", 3),
        # As many as there are, whatever is asked.
        pytest.param("coverage", 1, marks=pytest.mark.faults),
        pytest.param("fuzzing", 100, marks=pytest.mark.faults),
        pytest.param("stateful", 100, marks=pytest.mark.faults),
        pytest.param("fuzzing", 2_000, marks=pytest.mark.attack),
    ],
)
def test_finds_nothing(server: Server, tmp_path: Path, phases: str, examples: int) -> None:
    run = subprocess.run(
        [
            str(Path(sys.executable).with_name("st")),
            f"--config-file={PROJECT / 'schemathesis.toml'}",
            "run",
            f"{server.url}/openapi.json",
            f"--phases={phases}",
            f"--max-examples={examples}",
        ],
        cwd=tmp_path,  # what it remembers of a run is thrown away
        env=os.environ | {"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-10_000:] + run.stderr[-2_000:]
    paths = httpx.get(f"{server.url}/openapi.json").json()["paths"].values()
    operations = sum(map(len, paths))
    assert f"{operations} selected / {operations} total" in run.stdout
