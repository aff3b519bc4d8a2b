"""Fixtures of the curator's commands."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import SQLModel

from app.curation.check import check
from app.records import Release
from app.store.folder import Folder
from tests.builders import Typed, a_bundle, a_quote, write
from tests.conftest import open_release

Problems = Callable[..., list[tuple[str, str]]]


@pytest.fixture
def problems(tmp_path: Path) -> Problems:
    """The addresses and messages of the problems of some bundles, each in a file of its own."""

    def problems_of(*bundles: Any) -> list[tuple[str, str]]:
        files = [write(tmp_path / f"{at}.json", bundle) for at, bundle in enumerate(bundles)]
        return [(finding.address, finding.message) for finding in check(files)]

    return problems_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for the examples of a property, which share it."""
    return tmp_path_factory.mktemp("examples")


def published(database: Path) -> Release:
    """The newest release, as its file and its manifest say it."""
    release = open_release(database)
    release.retire()
    return release.info


def saying(*texts: str) -> Typed:
    """A bundle in which Japan is quoted with these words."""
    quotes = [a_quote(id=f"words-{at}", text=text) for at, text in enumerate(texts)]
    return a_bundle(quotes=quotes)


def state(folder: Path) -> dict[str, bytes]:
    """Everything below a folder but folders: of files the content, of links where they lead."""
    return {
        str(file.relative_to(folder)): str(file.readlink()).encode()
        if file.is_symlink()
        else file.read_bytes()
        if file.is_file()
        else b""
        for file in folder.rglob("*")
        if file.is_symlink() or not file.is_dir()
    }


def names_left(database: Path) -> set[str]:
    """What stands beside the manifests and the files of releases that is neither."""
    folder = Folder(database)
    named = {name for n, m in folder.manifests().items() for name in (f"{n}.json", m.file)}
    return {file.name for file in folder.path.iterdir()} - named


HISTORY = {"release", "change", "change_field", "change_summit", "tombstone", "former_id"}


def content(database: Path) -> dict[str, list[str]]:
    """All that a release holds of its records, by table; of the full-text index its words.

    The order of the last changes follows from the history, and is left out.
    """
    rows: dict[str, list[str]] = {}
    for name, table in SQLModel.metadata.tables.items():
        if name not in HISTORY:
            columns = ", ".join(column for column in table.c.keys() if column != "changed_down")  # noqa: SIM118 - of columns
            rows[name] = sorted(map(repr, select(database, f"SELECT {columns} FROM {name}")))  # noqa: S608 - our own names
    words = select(database, "SELECT * FROM record_search_data")
    return rows | {"record_search_data": sorted(map(repr, words))}


def select(database: Path, sql: str, *binds: Any) -> list[tuple[Any, ...]]:
    """Ask a database that was loaded."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return connection.execute(sql, binds).fetchall()
