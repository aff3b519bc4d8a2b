"""The command `readout` in a process of its own, which begins where its imports end.

They take most of a second, and the tests run hundreds of commands. So one process imports the
program, and each command is a fork of it: the "fork server" of `multiprocessing`. Tests of how the
program itself starts, writes its log and ends run it as users do (`tests.conftest.serving`).
"""

import multiprocessing
import os
import sys
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from unittest import mock

from app.cli import main

ENVIRONMENT = {"PATH": "/usr/bin:/bin"}
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(
    [
        "app.curation.archive",
        "app.curation.check",
        "app.curation.former",
        "app.curation.load",
        "app.curation.verify",
        "app.serve",
        "app.store.migrations",
        "tests.forks",
        # Their kills hit a load at work, not its imports.
        "tests.curation.test_interrupted_load",
        "tests.faults.test_kills",
    ]
)


def start(
    words: list[str], environment: dict[str, str], output: Path, errors: Path
) -> ForkServerProcess:
    """Start a command with nothing else in its environment, which writes to two files."""
    with mock.patch.dict(os.environ, ENVIRONMENT, clear=True):
        forkserver.ensure_running()
    process = FORKS.Process(target=_command, args=(words, environment, output, errors))
    process.start()
    return process


def _command(words: list[str], environment: dict[str, str], output: Path, errors: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for stream, path in ((sys.stdout, output), (sys.stderr, errors)):
        with path.open("w", encoding="utf-8") as file:
            os.dup2(file.fileno(), stream.fileno())
    sys.argv = ["readout", *words]
    main()
