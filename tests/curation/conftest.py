"""Fixtures of the curator's commands."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from app.curation.check import check
from tests.builders import write

Problems = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    """The addresses and messages of the problems of some bundles, each in a file of its own."""

    def found(*bundles: Any) -> list[tuple[str, str]]:
        files = [write(tmp_path / f"{at}.json", bundle) for at, bundle in enumerate(bundles)]
        return [(finding.address, finding.message) for finding in check(files)]

    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the examples of a property, which share it."""
    return tmp_path_factory.mktemp("examples")


def select(database: Path, sql: str, *binds: Any) -> list[tuple[Any, ...]]:
    """Ask a database that was loaded."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, binds).fetchall()
