"""The OpenAPI document as linters and generated clients see it."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.settings import PROJECT
from tests.builders import a_bundle, a_commitment, write
from tests.conftest import READOUT, SEED, Server, load, serving
from tests.needs import MODULES, in_a_browser, node, node_program

DOCS = PROJECT / "docs" / "clients.md"
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


def test_what_is_included_has_a_shape_with_a_name(document: Path) -> None:
    """A union without one is written out again in each type: by some generators, in megabytes."""
    schemas = json.loads(document.read_text(encoding="utf-8"))["components"]["schemas"]
    unions = {name for name, schema in schemas.items() if "oneOf" in str(schema)}
    assert unions == {"IncludedRecord"}
    properties = [schema.get("properties", {}) for schema in schemas.values()]
    [items] = {str(each["included"]["items"]) for each in properties if "included" in each}
    assert items == str({"$ref": "#/components/schemas/IncludedRecord"})


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


def write_snippets(folder: Path, server: str = "http://127.0.0.1:8000") -> None:
    """The files of docs/clients.md, each named in its first line, for this server."""
    text = DOCS.read_text(encoding="utf-8")
    for name, content in re.findall(r"```\w+\n(?://|#) (\S+)\n((?:.*\n)*?)```", text):
        code = content.replace("http://127.0.0.1:8000", server)
        (folder / name).write_text(code, encoding="utf-8")


@pytest.fixture(scope="module")
def walk(document: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that walks a list with each generated client, compiled at once."""
    folder = tmp_path_factory.mktemp("clients")
    shutil.copytree(CLIENTS, folder, dirs_exist_ok=True)
    write_snippets(folder)
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
    [config_of_docs] = re.findall(r"```json\n(.*)\n```", DOCS.read_text(encoding="utf-8"))
    config = tmp_path / "generator.json"
    config.write_text(config_of_docs)
    run(
        *(BIN / "openapi-python-client", "generate", "--fail-on-warning", "--meta", "none"),
        *("--config", config),
        *("--path", document, "--output-path", package),
    )
    write_snippets(tmp_path)
    walk = tmp_path / "walk.py"
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


def test_an_app_scrolls_on_while_a_release_is_published(tmp_path: Path, document: Path) -> None:
    database, folder = tmp_path / "readout.db", tmp_path / "app"
    load([str(SEED)], database)
    shutil.copytree(CLIENTS, folder)
    (folder / "node_modules").symlink_to(MODULES)
    run(node_program("openapi-typescript"), document, "--output", "api.d.ts", cwd=folder)
    more = write(
        tmp_path / "more.json",
        a_bundle(commitments=[a_commitment(id="newest", date="2026-01-01")], actors=[]),
    )
    with serving(database) as server:
        before = httpx.get(f"{server.url}/commitments?limit=200&facet=by").json()
        write_snippets(folder, server.url)
        run(node_program("tsc"), "--project", "tsconfig.react.json", cwd=folder)
        bundle = ("--bundle", "--jsx=automatic", "--outfile=app.js")
        run(node_program("esbuild"), "main.tsx", *bundle, cwd=folder)
        publish = ("env", f"READOUT_DATABASE_URL=sqlite:///{database}", READOUT, "load", SEED, more)
        seen = in_a_browser("react.mjs", server.url, str(folder / "app.js"), *map(str, publish))
    assert seen["ids"] == [item["id"] for item in before["items"]]
    assert seen["said"] == f"{before['total']} commitments"
    counts = [f"{one['title']}: {one['count']}" for one in before["facets"]["by"]]
    assert seen["actors"] == counts
    assert seen["summit"] > 20
    assert seen["before"] == 2  # a summit with all that belongs to it is one request
    assert seen["typed"] == {
        "senk": "3 found",
        "ameri": "33 found",
        "Japan OR": "q=Japan OR has a NOT before nothing, or an OR without a wanted word on each "
        "side: japan OR china",
        "Ishibba": "0 found ishiba (18)",
        "senkaku islands": "3 found",
    }
