"""The README is true: its commands run, its answers are the real ones, its tables are complete."""

import re
import shlex
import subprocess

import pytest

from app.cli import readout
from app.http.errors import PATHS
from app.queries.actors import ACTORS
from app.queries.agreements import AGREEMENTS
from app.queries.commitments import COMMITMENTS
from app.queries.documents import DOCUMENTS
from app.queries.listing import Listing
from app.queries.quotes import QUOTES
from app.queries.search import SEARCH
from app.queries.summits import SUMMITS
from app.settings import PROJECT
from tests.conftest import Server

README = (PROJECT / "README.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"```console\n\$ (curl .*)\n((?:.*\n)*?)```", README)
LISTINGS = [ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS, SEARCH]


def test_there_are_ten_lines_of_curl() -> None:
    assert len(SHOWN) == 10
    assert README.count("$ curl") == 10


@pytest.mark.parametrize(("command", "output"), SHOWN)
def test_a_line_of_curl_prints_what_the_readme_says(
    server: Server, command: str, output: str
) -> None:
    words = shlex.split(command.replace("http://127.0.0.1:8000", server.url))
    run = subprocess.run(words, capture_output=True, text=True, check=True, timeout=20)
    printed = run.stdout.replace(server.url, "http://127.0.0.1:8000").strip()
    assert re.sub(r"cursor=[\w-]+", "cursor=…", printed) == output.strip()


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_every_filter_and_order_is_in_the_table(listing: Listing) -> None:
    row = next(line for line in README.splitlines() if line.startswith(f"| `{listing.path}`"))
    _, _, _, filters, orders, _ = row.split("|")
    everywhere = {"q", "topic", "document", "summit", "sort", "as_of", "limit", "cursor", "fields",
                  "facet", "format", "bom", "raw"}  # fmt: skip
    own = set(listing.params.model_fields) - everywhere
    assert set(re.findall(r"`([\w-]+)`", filters)) - {"due", "q"} == own
    assert re.findall(r"`([\w-]+)`", orders) == list(listing.orders)
    for name in everywhere & set(listing.params.model_fields):
        assert f"`{name}`" in README


@pytest.mark.parametrize("name", sorted(readout.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"`readout {name}" in README


@pytest.mark.parametrize("path", [path for path in PATHS if path != "/"])
def test_every_path_is_in_the_readme(path: str) -> None:
    assert f"`{path}`" in README
