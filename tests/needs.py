"""What some tests need beside Python: without it they are skipped, and in CI they fail."""

import os
import shutil
from pathlib import Path
from typing import NoReturn

import pytest

from app.settings import PROJECT

MODULES = PROJECT / "node_modules"


def node() -> str:
    """Node, with the packages of `package-lock.json`."""
    found = shutil.which("node")
    if found is None:
        _missing("Node 20 or newer", "apt-get install nodejs npm, then npm ci")
    if not (MODULES / ".package-lock.json").exists():
        _missing("the packages of package-lock.json", "npm ci")
    return found


def node_program(name: str) -> str:
    """A program of those packages."""
    node()
    return str(MODULES / ".bin" / name)


def chromium() -> str:
    """A browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        _missing("Chromium", "apt-get install chromium")
    return str(Path(found))


def strace() -> str:
    """What writes down the calls of a program to the system."""
    found = shutil.which("strace")
    if found is None:
        _missing("strace", "apt-get install strace")
    return str(Path(found))


def _missing(what: str, type_: str) -> NoReturn:
    text = f"needs {what}; type: {type_}"
    if os.environ.get("CI"):
        pytest.fail(text)
    pytest.skip(text)
