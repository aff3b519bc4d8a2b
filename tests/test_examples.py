"""What real communiqués say: the joint statement beside the article, and one of the G7."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.curation.check import check
from app.curation.verify import Texts, verify_files
from app.settings import PROJECT
from tests.conftest import SEED, client_of, load
from tests.test_lists import assert_counts_are_totals, ids
from tests.test_seed import ARTICLE, text_for

STATEMENT = PROJECT / "data" / "examples" / "us-japan-joint-statement.json"
WHITE_HOUSE = "us-japan-joint-statement-white-house"
G7 = PROJECT / "tests" / "data" / "g7-hiroshima-2023.json"


def serving(folder: Path, *files: Path) -> Iterator[httpx.Client]:
    """A client of a service of these files."""
    load([str(file) for file in files], folder / "readout.db")
    with client_of(folder / "readout.db") as client:
        yield client


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The article and the statement."""
    yield from serving(tmp_path_factory.mktemp("both"), SEED, STATEMENT)


@pytest.fixture(scope="module")
def g7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """The communiqué of Hiroshima."""
    yield from serving(tmp_path_factory.mktemp("g7"), G7)


@pytest.mark.parametrize("files", [(SEED,), (SEED, STATEMENT), (G7,)], ids=len)
def test_there_is_no_problem(files: tuple[Path, ...]) -> None:
    assert check([str(file) for file in files]) == []


def test_where_both_speak_of_one_thing_they_prove_one_record(both: httpx.Client) -> None:
    defense = both.get("/commitments/us-defense-of-japan").json()
    sources = {proof["document"]["id"] for proof in defense["evidence"]}
    assert len(sources) > 1
    assert "Senkaku" in defense["summary"]  # as the article has it


def test_the_two_have_the_same_summit(both: httpx.Client) -> None:
    [summit] = both.get("/summits").json()["items"]
    stated = len(ids(both, f"/commitments?document={WHITE_HOUSE}&limit=200"))
    assert summit["counts"]["commitments"] > stated > 0


def test_what_binds_a_member_is_found_by_it(g7: httpx.Client) -> None:
    total = g7.get("/commitments?actor=g7").json()["total"]
    assert total >= 40
    for country in ("france", "japan", "canada"):
        by_group = g7.get(f"/commitments?actor={country}&way=group").json()["total"]
        assert by_group == total, country
    # To be named is not to promise.
    assert g7.get("/commitments?actor=china").json()["total"] == 0
    assert g7.get("/agreements?mentions=china").json()["total"] > 0


@pytest.mark.parametrize("path", ["summits", "agreements", "actors", "documents"])
def test_counts_with_offices_and_groups_are_totals(g7: httpx.Client, path: str) -> None:
    assert_counts_are_totals(g7, path)


def test_counts_by_actor_are_what_its_filter_finds(g7: httpx.Client) -> None:
    page = g7.get("/commitments?format=html").text
    for actor in ("france", "g7"):
        assert f'value="{actor}"' in page
        total = g7.get(f"/commitments?actor={actor}").json()["total"]
        assert total == len(ids(g7, f"/commitments?actor={actor}&limit=200"))


@pytest.mark.parametrize(
    ("file", "document", "text"),
    [
        (STATEMENT, WHITE_HOUSE, "us-japan-joint-statement-2025.txt"),
        (G7, "g7-hiroshima-communique", "g7-hiroshima-communique-2023.txt"),
    ],
)
def test_each_passage_stands_in_its_text(
    file: Path, document: str, text: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    path = ARTICLE.with_name(text)
    text_for(request.node.name, path)
    originals = [SEED, file] if file is STATEMENT else [file]
    files = [str(shutil.copy(one, tmp_path)) for one in originals]
    assert verify_files(files, Texts.read([f"{document}={path}"])).findings == []
