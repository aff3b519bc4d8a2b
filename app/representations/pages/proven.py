"""What a document proves: the passages that were taken from it, in their order."""

from collections.abc import Iterable, Mapping
from typing import Any

from app import links
from app.queries.actors import ACTORS
from app.queries.agreements import AGREEMENTS
from app.queries.commitments import COMMITMENTS
from app.queries.documents import DOCUMENTS
from app.queries.listing import Listing
from app.queries.quotes import QUOTES
from app.queries.summits import SUMMITS
from app.representations.pages.related import Beside
from app.representations.pages.strips import strip_of
from app.vocabulary import RecordType

Json = Mapping[str, Any]
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


async def proven_by(document: Json, beside: Beside) -> dict[str, Any]:
    """All that is on record of what a document proves: the newest records of each type."""
    kinds = {reference["type"] for reference in document["cited_in"]}
    lists = [
        (kind, await beside.some(listing, _AT_MOST, document=[document["id"]]))
        for kind, listing in _LISTS.items()
        if kind.value in kinds
    ]
    records = [record for _, some in lists for record in some.items]
    passages = _taken_from(document["id"], records)
    return {
        "lists": lists,
        "passages": passages[:_AT_MOST],
        "more": len(passages[_AT_MOST:]),
        # Records whose passages were not looked at, as there are too many.
        "unread": sum(some.total - len(some.items) for _, some in lists),
        "strip": strip_of(document, proofs_from(document["id"], records)),
    }


def proofs_from(document: str, records: Iterable[Json]) -> list[Json]:
    """The evidence of records that stands in a document."""
    return [
        proof
        for record in records
        for proof in record["evidence"]
        if proof["document"]["id"] == document
    ]


def _taken_from(document: str, records: Iterable[Json]) -> list[dict[str, Any]]:
    """The passages of a document that prove records, each once, with what they prove: as they
    follow one another in its text, and then those of which nobody knows where they stand."""
    passages: dict[tuple[int | None, str], dict[str, Any]] = {}
    for record in records:
        for proof in proofs_from(document, [record]):
            new = {**proof, "url": links.web_address(proof["url"]), "proves": []}
            passage = passages.setdefault((proof["start"], proof["exact"]), new)
            passage["proves"].append((record, proof["fields"]))
    return sorted(
        passages.values(), key=lambda p: (p["start"] is None, p["start"] or 0, p["end"] or 0)
    )
