"""The benchmark, as far as it can be told without measuring."""

import random
from pathlib import Path

import pytest

from bench.contests import contests
from bench.data import Data
from bench.way import ways
from bench.workloads import Facts, Page


@pytest.mark.parametrize("depth", [3, 14, 120])
def test_there_is_something_to_ask_for_in_every_contest(depth: int, tmp_path: Path) -> None:
    pages = [
        Page(f"/agreements?cursor={walk}-{number}", "defense", "treaty", 0, number)
        for walk in range(60)
        for number in range(1, depth + 1)
    ]
    facts = Facts({"treaty": 1}, {"solar": 5})
    all_contests = contests(Data(tmp_path, 1_000), facts, pages, random.Random(1))  # noqa: S311 - no secret
    for contest in all_contests:
        assert contest.paths
        assert all(rival.paths for rival in contest.rivals)
    assert all_contests[-1].name == f"page {min(depth, 100)} of a walk"


def test_the_way_of_a_request_stays_short() -> None:
    first, second = ways()
    assert len(first.files) <= 15, str(first)
    assert len(first.functions) <= 110, str(first)
    assert len(second.files) <= 2, str(second)
    assert len(second.functions) <= 11, str(second)
