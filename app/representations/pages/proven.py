"""The passages of a document that prove records, and their share of its text."""

from collections.abc import Iterable, Mapping
from math import floor
from typing import Any, NamedTuple

from app import links
from app.records import passages_of
from app.representations.pages.related import LISTINGS, Beside

Json = Mapping[str, Any]
_AT_MOST = 100
"""So many records of each type are read."""
_FIRST = 25
"""So many passages stand on the page."""


async def proven_by(document: Json, beside: Beside) -> dict[str, Any]:
    """All that is on record of what a document proves: the newest records of each type."""
    lists = [
        (listing.kind, await beside.some(name, _AT_MOST, document=[document["id"]]))
        for name, listing in LISTINGS.items()
        if document["counts"].get(name)
    ]
    records = [record for _, some in lists for record in some.items]
    passages = _taken_from(document["id"], records)
    proven = {
        "lists": lists,
        "passages": passages[:_FIRST],
        "more": len(passages[_FIRST:]),
        # Records whose passages were not looked at, as there are too many.
        "unread": sum(some.total - len(some.items) for _, some in lists),
        "strip": strip_of(document, proofs_from(document["id"], records)),
    }
    return {"proven": proven}


def proofs_from(document: str, records: Iterable[Json]) -> list[Json]:
    """The evidence of records that stands in a document."""
    return [
        proof
        for record in records
        for proof in passages_of(record)
        if proof["document"]["id"] == document
    ]


def _taken_from(document: str, records: Iterable[Json]) -> list[dict[str, Any]]:
    """The passages of a document that prove records, each once, with what they prove: as they
    follow one another in its text, and then those of which nobody knows where they stand."""
    passages: dict[tuple[int | None, str], dict[str, Any]] = {}
    for record in records:
        for proof in proofs_from(document, [record]):
            new = {**proof, "url": links.web_address(proof["url"]), "proves": {}}
            passage = passages.setdefault((proof["start"], proof["exact"]), new)
            _, fields = passage["proves"].setdefault(record["href"], (record, {}))
            fields |= dict.fromkeys(proof["fields"])
    return sorted(
        passages.values(), key=lambda p: (p["start"] is None, p["start"] or 0, p["end"] or 0)
    )


class Strip(NamedTuple):
    """A document's text from its first to its last character, in Unicode code points."""

    characters: int
    spans: list[tuple[int, int]]
    """Where the passages stand, begin and length: in order, never one over another."""

    @property
    def percent(self) -> str:
        """The share of the text that stands in a passage: `23 %`, `0.4 %`."""
        share = 100 * sum(length for _, length in self.spans) / self.characters
        if 0 < share < 0.1:
            return "less than 0.1 %"
        # Rounded down: 100 % is the whole text, and nothing less.
        return f"{floor(10 * share) / 10:.1f} %" if 0 < share < 1 else f"{floor(share)} %"


def strip_of(document: Json, proofs: Iterable[Json]) -> Strip | None:
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
