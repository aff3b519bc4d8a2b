"""The synthetic data set passes the check, loads, and is the same each time."""

from collections import Counter
from pathlib import Path
from typing import Any

import orjson
import pytest

from app.curation.check import check
from bench.synthetic import synthesize
from tests.conftest import load

AGREEMENTS = 120  # one whole summit, and a small one


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return list(synthesize(tmp_path_factory.mktemp("synthetic"), AGREEMENTS))


def entries(files: list[Path], key: str) -> list[dict[str, Any]]:
    return [entry for file in files for entry in orjson.loads(file.read_bytes()).get(key, [])]


def test_has_no_problems(files: list[Path]) -> None:
    assert check(map(str, files)) == []


def test_has_the_size_asked_for(files: list[Path]) -> None:
    counts = {key: len(entries(files, key)) for key in ("agreements", "commitments", "quotes")}
    assert counts == {
        "agreements": AGREEMENTS,
        "commitments": 2 * AGREEMENTS,
        "quotes": 2 * AGREEMENTS,
    }
    assert len(files) == 3  # the actors, and a file for each summit


def test_is_the_same_for_the_same_seed(files: list[Path], tmp_path: Path) -> None:
    again = list(synthesize(tmp_path / "again", AGREEMENTS))
    other = list(synthesize(tmp_path / "other", AGREEMENTS, seed=2))
    assert [file.read_bytes() for file in again] == [file.read_bytes() for file in files]
    assert [file.read_bytes() for file in other] != [file.read_bytes() for file in files]


def test_cannot_be_taken_for_the_record(files: list[Path]) -> None:
    titled = [
        str(entry.get("title") or entry["text"])
        for key in ("summits", "actors", "agreements", "commitments", "quotes", "documents")
        for entry in entries(files, key)
    ]
    assert all(title.startswith("Synthetic ") for title in titled)


def test_cites_no_document_too_often(files: list[Path]) -> None:
    cited = Counter(
        proof["document"]
        for key in ("summits", "actors", "agreements", "commitments", "quotes")
        for entry in entries(files, key)
        for proof in entry.get("evidence", [])
    )
    assert max(cited.values()) <= 60


def test_loads(files: list[Path], tmp_path: Path) -> None:
    release, change = load([*map(str, files)], tmp_path / "readout.db")
    assert change
    assert release.counts["agreements"] == AGREEMENTS
    assert release.counts["quotes"] == 2 * AGREEMENTS
