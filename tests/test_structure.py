"""The structure that the design promises: imports look down the ladder."""

import ast
import sqlite3
from contextlib import closing
from pathlib import Path

import yaml  # type: ignore[import-untyped] # it has no types
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from app.formats import BY_NAME
from app.settings import PROJECT
from app.store import migrations
from app.store.tables import REVISION

# Each part may import from itself and from those before it.
LADDER = [
    "beside", "vocabulary", "formats", "nearest", "settings", "dates", "text", "countries",
    "figures", "links", "fields", "records", "resources", "problems", "metrics", "logs", "turns",
    "store", "export", "curation", "queries", "widened", "lookup", "as_of", "paging", "suggestions",
    "included", "proofread", "representations", "http", "routes", "main", "serve", "curate",
    "commands", "cli",
]  # fmt: skip
SERVING = {
    "queries",
    "as_of",
    "lookup",
    "paging",
    "suggestions",
    "proofread",
    "representations",
    "http",
    "routes",
}


def part(module: str) -> str:
    """The rung of a module: `app.store.tables` gives `store`."""
    return module.split(".")[1]


def imports() -> list[tuple[str, str]]:
    """Every import of one of our modules by another."""
    pairs = []
    for file in (PROJECT / "app").rglob("*.py"):
        module = ".".join(file.relative_to(PROJECT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("app."):
                pairs.append((module, str(node.module)))
            elif isinstance(node, ast.ImportFrom) and node.module == "app":
                pairs += [(module, f"app.{alias.name}") for alias in node.names]
    return [pair for pair in pairs if pair[1] != "app.__version__"]


def test_imports_look_down_the_ladder() -> None:
    pairs = imports()
    assert len(pairs) > 100
    wrong = [
        (importer, imported)
        for importer, imported in pairs
        if LADDER.index(part(importer)) < LADDER.index(part(imported))
    ]
    assert wrong == []


def test_curation_and_serving_never_meet() -> None:
    for importer, imported in imports():
        assert not (part(importer) == "curation" and part(imported) in SERVING), importer
        assert not (part(importer) in SERVING and part(imported) == "curation"), importer


def test_the_newest_migration_is_the_one_that_is_served() -> None:
    script = ScriptDirectory.from_config(migrations.configuration())
    assert script.get_heads() == [REVISION]


def test_a_migration_that_is_taken_back_leaves_nothing(seeded: Path, tmp_path: Path) -> None:
    file = tmp_path / "copy.db"
    with closing(sqlite3.connect(seeded)) as release, closing(sqlite3.connect(file)) as copy:
        release.backup(copy)
    engine = create_engine(f"sqlite:///{file}")
    with engine.begin() as connection:
        command.downgrade(migrations.configuration(connection), "base")
        left = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type != 'index'")
        assert [name for (name,) in left if not name.startswith("sqlite_")] == ["alembic_version"]
        migrations.upgrade(connection)
    engine.dispose()


def test_a_format_is_a_line_and_a_file() -> None:
    files = (PROJECT / "app" / "representations").glob("*.py")
    with_function = {
        file.stem
        for file in files
        for node in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "represent"
    }
    assert with_function == set(BY_NAME)


def test_every_push_runs_the_one_script_in_a_container() -> None:
    workflow = yaml.safe_load((PROJECT / ".github" / "workflows" / "ci.yml").read_text("utf-8"))
    [job] = workflow["jobs"].values()
    assert job["container"]["image"].startswith("python:3.11-")
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]


def test_nothing_is_left_unfinished() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "NotImpl" + "emented")
    for folder in ("app", "migrations", "tests", "bench"):
        for file in Path(PROJECT / folder).rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            assert not [mark for mark in marks if mark in text], file
