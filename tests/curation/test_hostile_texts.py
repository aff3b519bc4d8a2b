"""Texts that nobody wrote for people: the time they take grows with their length, no faster."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from app.curation.amounts import due_dates, measure_of, measures
from app.curation.extract import extract
from app.curation.matching import SourceText
from app.curation.proposals import Draft
from app.curation.verify import TextError

JAPAN = {"id": "japan", "title": "Japan", "kind": "country_or_area", "country": "JP"}
UNITS = {
    "a letter": "a", "a capital": "A", "capitals with points": "A.", "words": "Aa ", "blanks": " ",
    "lines": "\n", "comments": "<!--", "whole comments": "<!-- -->", "digits": "1",
    "thousands": "1,111", "sums": "$1 ", "shares": "5% of a ", "names": "Japan, ",
    "hyphens": "a-\n", "one quotation": "\u201caaaa bbbb cccc dddd eeee\u201d said Xx ",
    "quotation marks": "\u201c", "dates": "by 2030 ", "verbs": "We will ", "items": "\n\n\u2022 a",
    "bounds": "between 1 and ",
}  # fmt: skip


def extracted(text: str, folder: Path) -> None:
    file = folder / "source"
    file.write_text(text, encoding="utf-8")
    extract(str(file))


WORK: dict[str, Callable[[str, Path], object]] = {
    "draft": lambda text, _: Draft(text, [JAPAN], ["japan"]).proposals(),
    "sums": lambda text, _: (measures(text, "promise"), due_dates(text)),
    "typed": lambda text, _: measure_of(text, "promise"),
    "matching": lambda text, _: SourceText(text).places(f"b {text[:300]}"),
    "extract": extracted,
}


def seconds(work: Callable[[str, Path], object], text: str, folder: Path) -> float:
    """How long it takes; a refusal is an end, too."""
    began = time.process_time()
    with suppress(TextError, ValueError):
        work(text, folder)
    return time.process_time() - began


@pytest.mark.parametrize("work", WORK)
def test_time_grows_with_the_length_of_a_text(work: str, tmp_path: Path) -> None:
    slow = {}
    for name, unit in UNITS.items():
        short, long = ((unit * size)[:size] for size in (8_000, 32_000))
        least = max(0.05, seconds(WORK[work], short, tmp_path))
        if (most := seconds(WORK[work], long, tmp_path)) > 12 * least:
            slow[name] = (least, most)
    assert not slow
