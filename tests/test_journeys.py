"""What a journalist does, in a real browser."""

import csv
import io
from typing import Any

import feedparser  # type: ignore[import-untyped] # it has no types
import pytest

from tests.conftest import Server
from tests.needs import in_a_browser


@pytest.fixture(scope="module")
def seen(server: Server) -> dict[str, Any]:
    """Everything in one browser, as it takes seconds to start."""
    results: dict[str, Any] = in_a_browser("journeys.mjs", server.url)
    return results


@pytest.mark.parametrize("how", ["mouse", "plain", "phone"])
def test_a_journalist_finds_reads_cites_and_takes_it_along(seen: dict[str, Any], how: str) -> None:
    journey = seen[how]
    # Where scripts run, an address has no parameters that say nothing.
    assert "by=japan" in journey["filtered"]
    assert how == "plain" or "=&" not in f"{journey['filtered']}&"
    assert journey["heading"] == "Commitments by Japan"
    assert journey["rows"] == 10

    rows = list(csv.DictReader(io.StringIO(journey["csv"]["text"])))
    assert journey["csv"]["name"] == "readout-commitments-by-japan-r1.csv"
    assert len(rows) == 10
    assert all("japan" in row["by_ids"].split("; ") for row in rows)

    assert journey["feed"]["type"].startswith("application/atom+xml")
    assert len(feedparser.parse(journey["feed"]["text"]).entries) == 10

    # From a fact to the words that prove it, in the source itself.
    assert journey["record"] == "/commitments/japan-us-investment"
    assert journey["proof"] == "Japan announced a $1 trillion investment in the U.S. economy"
    assert "#:~:text=Japan%20announced%20a%20%241%20trillion" in journey["source"]

    assert "Red Nation Today" in journey["citation"]
    assert "/commitments/japan-us-investment?as_of=1" in journey["citation"]
    assert journey["bibtex"]["name"].endswith(".bib")
    assert journey["bibtex"]["text"].lstrip().startswith("@")


def test_the_keyboard_alone_is_enough(seen: dict[str, Any]) -> None:
    """At 360 pixels; that the focus always shows is seen on the way."""
    journey = seen["keyboard"]
    assert journey["first"] == "Skip to the content"
    assert "Senkaku Islands" in journey["proof"]
    assert journey["wide"] <= 0
