"""The documents are true: commands print what they say, tables are complete, files exist."""

import os
import re
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from app.cli import readout
from app.formats import BY_NAME
from app.http.paths import FILES, PATHS
from app.queries.changes import CHANGES
from app.queries.listing import Listing
from app.queries.lists import ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS
from app.queries.search import SEARCH
from app.settings import PROJECT, Settings
from tests import needs
from tests.conftest import Server
from tests.test_structure import LADDER

DOCUMENTS_OF = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")
TEXTS = {
    str(path.relative_to(PROJECT)): path.read_text(encoding="utf-8")
    for path in (*(PROJECT / name for name in DOCUMENTS_OF), *(PROJECT / "docs").glob("*.md"))
}
README, API = TEXTS["README.md"], TEXTS["docs/api.md"]
ARCHITECTURE = TEXTS["docs/architecture.md"]
LISTINGS = [ACTORS, AGREEMENTS, CHANGES, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS, SEARCH]
# A line and what it prints; or a script, and then what it prints, if anything.
_CONSOLE = re.compile(r"```console\n\$ (.*)\n((?:.*\n)*?)```")
_SCRIPT = re.compile(r"```sh\n((?:.*\n)*?)```(?:\n```text\n((?:.*\n)*?)```)?")


class Example(NamedTuple):
    """A command of a document."""

    document: str
    script: str
    output: str


EXAMPLES = [
    Example(document, script, output)
    for document, text in TEXTS.items()
    for script, output in (*_CONSOLE.findall(text), *_SCRIPT.findall(text))
    if "curl" in script
]


def test_the_readme_is_short_and_has_ten_lines_of_curl() -> None:
    assert len(README.splitlines()) <= 150
    assert len([example for example in EXAMPLES if example.document == "README.md"]) == 10


def test_no_line_of_curl_stands_outside_of_what_is_run() -> None:
    for document, text in TEXTS.items():
        rest = _SCRIPT.sub("", _CONSOLE.sub("", text))
        assert re.findall(r'.*curl (?:-|"|http).*', rest) == [], document


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.document}-curl")
def test_a_command_prints_what_the_document_says(
    server: Server, tmp_path: Path, example: Example
) -> None:
    if "jq" in example.script:
        needs.jq()
    run = subprocess.run(
        ["bash", "-c", example.script.replace("http://127.0.0.1:8000", server.url)],
        cwd=tmp_path, env={"PATH": os.environ["PATH"]},
        capture_output=True, text=True, check=True, timeout=20,
    )  # fmt: skip
    printed = run.stdout.replace(server.url, "http://127.0.0.1:8000").strip()
    assert re.sub(r'(cursor=|"next_cursor":")[\w-]+', r"\1…", printed) == example.output.strip()


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_every_filter_and_order_is_in_the_table(listing: Listing) -> None:
    row = next(line for line in API.splitlines() if line.startswith(f"| `{listing.path}`"))
    _, _, _, filters, orders, _ = row.split("|")
    everywhere = {"q", "id", "topic", "document", "summit", "sort", "as_of", "limit", "cursor",
                  "fields", "facet", "include", "format", "bom", "raw"}  # fmt: skip
    own = set(listing.params.model_fields) - everywhere
    assert set(re.findall(r"`([\w-]+)`", filters)) - {"due", "q", "id", "summit"} == own
    assert re.findall(r"`([\w-]+)`", orders) == list(listing.orders)
    for name in everywhere & set(listing.params.model_fields):
        assert f"`{name}`" in API


@pytest.mark.parametrize("path", PATHS)
def test_every_path_is_on_the_map_and_in_its_page(path: str) -> None:
    assert f"`{path}`" in README
    assert f"`{path}`" in API


@pytest.mark.parametrize("name", FILES)
def test_every_file_of_a_release_is_on_the_map_and_in_its_page(name: str) -> None:
    assert f"`/releases/{{number}}/{name}`" in README
    assert f"`/releases/{{number}}/{name}`" in API


@pytest.mark.parametrize("name", sorted(readout.commands))
def test_every_command_is_in_its_page(name: str) -> None:
    assert f"| `readout {name}" in TEXTS["docs/curating.md"]


@pytest.mark.parametrize("name", BY_NAME)
def test_every_format_is_in_its_page(name: str) -> None:
    assert f"| `{name}` | `{BY_NAME[name].media_type}` |" in TEXTS["docs/formats.md"]


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_in_its_page(name: str) -> None:
    assert f"| `READOUT_{name.upper()}` |" in TEXTS["docs/settings.md"]


@pytest.mark.parametrize("document", TEXTS)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    text = TEXTS[document]
    folder = (PROJECT / document).parent
    for link in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (folder / link).exists(), link
    if document == "CHANGELOG.md":
        return  # what was there then may be gone
    paths = r"`((?:\.ci|\.github|app|bench|data|deploy|docs|migrations|tests)/[\w./{}*-]*)`"
    for path in re.findall(paths, text):
        pattern = re.sub(r"\{\w+\}", "*", path.rstrip("/"))
        assert list(PROJECT.glob(pattern)), path


def test_the_names_that_stand_beside_a_file_are_in_it() -> None:
    """In the tables of the architecture: `file` | … `name` `name`."""
    rows = re.findall(
        r"^\|(?: \d+ \|)? `(app/[\w/]+\.py)` \| ([^|]*) \|", ARCHITECTURE, re.MULTILINE
    )
    assert len(rows) > 20
    for file, names in rows:
        text = (PROJECT / file).read_text(encoding="utf-8")
        for name in re.findall(r"`(\w+)(?:\(\))?`", names):
            assert re.search(rf"\b{name}\b", text), f"{file}: {name}"


@pytest.mark.parametrize("document", TEXTS)
def test_a_name_of_a_file_is_in_it(document: str) -> None:
    """As in `FORMATS` of `app/formats.py`."""
    said = re.compile(r"`(\w+)`(?: and `(\w+)`)?\s+(?:of|in)\s+`(app/[\w/]+\.py)`")
    for *names, file in said.findall(TEXTS[document]):
        text = (PROJECT / file).read_text(encoding="utf-8")
        assert not [name for name in names if not re.search(rf"\b{name}\b", text)], file


def test_the_ladder_is_that_of_the_imports() -> None:
    rungs = re.search(r"```text\n(beside .*?)```", ARCHITECTURE, re.DOTALL)
    assert rungs
    assert rungs[1].split() == LADDER
