"""What a document proves: the passages that were taken from it, in their order."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app import links
from app.queries.actors import ACTORS
from app.queries.agreements import AGREEMENTS
from app.queries.commitments import COMMITMENTS
from app.queries.documents import DOCUMENTS
from app.queries.filters import Listing
from app.queries.quotes import QUOTES
from app.queries.summits import SUMMITS
from app.representations.pages.related import Beside, Some
from app.representations.pages.strips import Strip, strip_of
from app.vocabulary import RecordType

_AT_MOST = 100
"""So many records of each type are read, and so many passages shown."""
_LISTS: dict[RecordType, Listing] = {
    RecordType.SUMMIT: SUMMITS,
    RecordType.AGREEMENT: AGREEMENTS,
    RecordType.COMMITMENT: COMMITMENTS,
    RecordType.QUOTE: QUOTES,
    RecordType.ACTOR: ACTORS,
    RecordType.DOCUMENT: DOCUMENTS,
}


class Taken(NamedTuple):
    """A passage that was taken from a document."""

    exact: str
    start: int | None
    end: int | None
    url: str | None
    proves: list[tuple[Mapping[str, Any], list[str]]]
    """Each record that it proves, and which of its fields."""


class Proven(NamedTuple):
    """All that is known of what a document proves."""

    lists: list[tuple[RecordType, Some]]
    """The records that it proves, by their type."""
    passages: list[Taken]
    more: int
    """Passages of these records that are not shown."""
    strip: Strip | None

    @property
    def unread(self) -> int:
        """Records whose passages were not looked at, as there are too many."""
        return sum(some.total - len(some.items) for _, some in self.lists)


async def proven_by(document: Mapping[str, Any], beside: Beside) -> Proven:
    """Look up what a document proves: the newest records of each type."""
    kinds = {reference["type"] for reference in document["cited_in"]}
    lists = [
        (kind, await beside.some(listing, _AT_MOST, document=[document["id"]]))
        for kind, listing in _LISTS.items()
        if kind.value in kinds
    ]
    records = [record for _, some in lists for record in some.items]
    found = taken_from(document["id"], records)
    strip = strip_of(document, proofs_from(document["id"], records))
    return Proven(lists, found[:_AT_MOST], len(found[_AT_MOST:]), strip)


def proofs_from(document: str, records: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The evidence of records that stands in a document."""
    return [
        proof
        for record in records
        for proof in record["evidence"]
        if proof["document"]["id"] == document
    ]


def taken_from(document: str, records: Iterable[Mapping[str, Any]]) -> list[Taken]:
    """The passages of a document that prove records, each once: as they follow one another in its
    text, and then those of which nobody knows where they stand."""
    found: dict[tuple[int | None, str], Taken] = {}
    for record in records:
        for proof in proofs_from(document, [record]):
            exact, start = proof["exact"], proof["start"]
            new = Taken(exact, start, proof["end"], links.web_address(proof["url"]), [])
            found.setdefault((start, exact), new).proves.append((record, proof["fields"]))
    return sorted(
        found.values(), key=lambda taken: (taken.start is None, taken.start or 0, taken.end or 0)
    )
