"""What some tests need beside Python: without it they are skipped, and in CI they fail."""

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, NoReturn

import pytest

from app.settings import PROJECT

MODULES = PROJECT / "node_modules"


def node() -> str:
    """Node, with the packages of `package-lock.json`."""
    program = shutil.which("node")
    if program is None:
        _missing("Node 20 or newer", "apt-get install nodejs npm, then npm ci")
    if not (MODULES / ".package-lock.json").exists():
        _missing("the packages of package-lock.json", "npm ci")
    return program


def node_program(name: str) -> str:
    """A program of those packages."""
    node()
    return str(MODULES / ".bin" / name)


def chromium() -> str:
    """A browser."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        _missing("Chromium", "apt-get install chromium")
    return str(Path(program))


def in_a_browser(script: str, *arguments: str) -> Any:
    """Run a script of `tests/clients` with a browser, and read what it prints."""
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            [
                node(),
                PROJECT / "tests" / "clients" / script,
                arguments[0],
                chromium(),
                *arguments[1:],
            ],
            env={**os.environ, "HOME": home},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def strace() -> str:
    """What writes down the calls of a program to the system."""
    program = shutil.which("strace")
    if program is None:
        _missing("strace", "apt-get install strace")
    return str(Path(program))


def systemd_analyze() -> str:
    """What rates the units of systemd."""
    program = shutil.which("systemd-analyze")
    if program is None:
        _missing("systemd-analyze", "apt-get install systemd")
    return str(Path(program))


def nginx() -> str:
    """A proxy."""
    program = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None:
        _missing("nginx", "apt-get install nginx")
    return str(Path(program))


def jq() -> str:
    """What reads JSON in a shell."""
    program = shutil.which("jq")
    if program is None:
        _missing("jq", "apt-get install jq")
    return str(Path(program))


def slowhttptest() -> str:
    """What is slow on purpose."""
    program = shutil.which("slowhttptest")
    if program is None:
        _missing("slowhttptest", "apt-get install slowhttptest")
    return str(Path(program))


def wrk() -> str:
    """What asks as often as it can."""
    program = shutil.which("wrk")
    if program is None:
        _missing("wrk", "apt-get install wrk")
    return str(Path(program))


def wapiti() -> str:
    """A scanner of web applications."""
    program = shutil.which("wapiti")
    if program is None:
        _missing("wapiti", "pip install wapiti3==3.2.0 into an environment of its own")
    return str(Path(program))


def _missing(what: str, type_: str) -> NoReturn:
    text = f"needs {what}; type: {type_}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)


def tex(name: str) -> str:
    """A program of TeX."""
    program = shutil.which(name)
    if program is None:
        _missing(name, "apt-get install --no-install-recommends texlive-latex-base")
    return str(Path(program))
