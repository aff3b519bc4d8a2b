"""The OpenAPI document as linters and generated clients see it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.settings import PROJECT
from tests.conftest import Server
from tests.needs import MODULES, node, node_program

CLIENTS = Path(__file__).with_name("clients")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def document(client: httpx.Client, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document of the running server, in a file."""
    path = tmp_path_factory.mktemp("document") / "openapi.json"
    path.write_text(client.get("/openapi.json").text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def ids(client: httpx.Client) -> set[str]:
    """The agreements that a walk must meet."""
    return {item["id"] for item in client.get("/agreements?limit=200").json()["items"]}


def run(*words: str | Path, cwd: Path = PROJECT) -> str:
    """Run a program to its end; what it printed is the message where it fails."""
    quiet = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={**os.environ, **quiet, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, f"{words[0]}:\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_spectral_reports_nothing(document: Path) -> None:
    output = run(node_program("spectral"), "lint", document, "-f", "json", "-D", "-F", "hint", "-q")
    assert json.loads(output) == []


def test_redocly_reports_nothing(document: Path) -> None:
    config = PROJECT / "redocly.yaml"
    output = run(node_program("redocly"), "lint", document, "--config", config, "--format", "json")
    assert json.loads(output)["problems"] == []


def test_no_rule_is_turned_off() -> None:
    """Nothing to report means nothing if the rules are relaxed."""
    assert (PROJECT / ".spectral.yaml").read_text() == 'extends: ["spectral:oas"]\n'
    assert (PROJECT / "redocly.yaml").read_text() == (
        'extends:\n  - recommended\ntelemetry: "off"\n'
    )
    assert not (PROJECT / ".redocly.lint-ignore.yaml").exists()


def test_lock_names_no_host() -> None:
    """Whoever installs it says where from; the hashes say what."""
    lock = json.loads((PROJECT / "package-lock.json").read_text())
    packages = [package for path, package in lock["packages"].items() if path]
    assert [
        package for package in packages if "resolved" in package or "integrity" not in package
    ] == []
    wanted = json.loads((PROJECT / "package.json").read_text())["devDependencies"]
    assert [version for version in wanted.values() if not version.replace(".", "").isdigit()] == []


@pytest.fixture(scope="module")
def walk(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that walks a list with each generated client, compiled at once."""
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(CLIENTS, folder, dirs_exist_ok=True)
    shutil.copy(document, folder)
    (folder / "node_modules").symlink_to(MODULES)
    run(node_program("openapi-typescript"), "openapi.json", "--output", "api.d.ts", cwd=folder)
    run(node_program("openapi-ts"), "--input", "openapi.json", "--output", "hey-api", cwd=folder)
    run(node_program("orval"), "--config", "orval.config.cjs", cwd=folder)
    run(node_program("tsc"), "--project", "tsconfig.json", cwd=folder)
    return folder / "built" / "walk.mjs"


@pytest.mark.parametrize("generator", ["openapi-fetch", "hey-api", "orval"])
def test_typescript_client_walks_a_list(
    generator: str, walk: Path, ids: set[str], server: Server
) -> None:
    assert_walked(run(node(), walk, generator, server.url), ids)


def test_python_client_walks_a_list(
    document: Path, ids: set[str], server: Server, tmp_path: Path
) -> None:
    package = tmp_path / "readout_client"
    config = tmp_path / "generator.json"
    # The generator knows one name for files that are none of its affair.
    files = {"application/zip": "application/octet-stream"}
    config.write_text(json.dumps({"content_type_overrides": files}))
    run(
        *(BIN / "openapi-python-client", "generate", "--fail-on-warning", "--meta", "none"),
        *("--config", config),
        *("--path", document, "--output-path", package),
    )
    walk = shutil.copy(CLIENTS / "walk.py", tmp_path)
    # What the generator writes is its own affair: only the program that uses it is judged.
    strict = ("--strict", "--follow-imports=silent", "--config-file=")
    run(BIN / "mypy", *strict, "--cache-dir", tmp_path / "cache", walk, cwd=tmp_path)
    assert_walked(run(sys.executable, walk, server.url, cwd=tmp_path), ids)


def assert_walked(printed: str, ids: set[str]) -> None:
    """Every agreement once, with what the client's types promise."""
    lines = [line.split("\t") for line in printed.splitlines()]
    assert [line[0] for line in lines] == list(dict.fromkeys(line[0] for line in lines))
    assert {line[0] for line in lines} == ids
    details: dict[str, Any] = {line[0]: line[1:] for line in lines}
    assert details["joint-leaders-statement"] == ["2025", "United States, Japan"]
