"""How much of a document is used: its length as a strip, with the passages marked on it."""

from collections.abc import Iterable, Mapping
from math import floor
from typing import Any, NamedTuple


class Strip(NamedTuple):
    """A document's text from its first to its last character, in Unicode code points."""

    characters: int
    spans: list[tuple[int, int]]
    """Where the passages stand, begin and length: in order, never one over another."""

    @property
    def used(self) -> int:
        """How many characters stand in a passage."""
        return sum(length for _, length in self.spans)

    @property
    def percent(self) -> str:
        """The share of the text that stands in a passage: `23 %`, `0.4 %`."""
        share = 100 * self.used / self.characters
        if 0 < share < 0.1:
            return "less than 0.1 %"
        # Rounded down: 100 % is the whole text, and nothing less.
        return f"{floor(10 * share) / 10:.1f} %" if 0 < share < 1 else f"{floor(share)} %"


def strip_of(document: Mapping[str, Any], proofs: Iterable[Mapping[str, Any]]) -> Strip | None:
    """The strip of a document; None where its text was not available, so that nobody counted."""
    characters = document["characters"]
    if not characters:
        return None
    places = sorted(
        (proof["start"], min(proof["end"], characters))
        for proof in proofs
        if proof["start"] is not None and proof["start"] < characters
    )
    joined: list[tuple[int, int]] = []
    for start, end in places:
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return Strip(characters, [(start, end - start) for start, end in joined])
