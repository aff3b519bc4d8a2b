"""The page of a summit: the whole meeting at a glance."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from app.queries.actors import ACTORS
from app.queries.agreements import AGREEMENTS
from app.queries.commitments import COMMITMENTS
from app.queries.documents import DOCUMENTS
from app.queries.quotes import QUOTES
from app.representations.pages.diagram import Lines, lines_of, narrow_lines_of
from app.representations.pages.dots import Dots, dots_of
from app.representations.pages.promises import Promise, are_few, grouped, promises_of
from app.representations.pages.proven import proofs_from
from app.representations.pages.related import MOST, Beside, Some
from app.representations.pages.strips import Strip, strip_of
from app.representations.pages.sums import sums_of

Json = Mapping[str, Any]
_QUOTES, _SOURCES, _OF_A_TOPIC = 6, 12, 6


class Delegation(NamedTuple):
    """A participant, and those who act for it; or those who act for nobody else there."""

    head: Json | None
    members: Sequence[Json]


class Picture(NamedTuple):
    """Who promised what to whom: drawn, and in words."""

    promises: list[Promise]
    wide: Lines | None
    narrow: Lines | None
    dots: Dots | None
    """Where there are too many for a line each."""
    groups: list[Any]
    """The same in words: promises by who made them."""
    total: int


class OfTopic(NamedTuple):
    """Agreements that are about something."""

    topic: str
    total: int
    shown: Sequence[Json]
    path: str


class Used(NamedTuple):
    """A source, and how much of it proves something of this summit."""

    document: Json
    passages: int
    uncompared: int
    strip: Strip | None


async def summit(record: Json, beside: Beside) -> dict[str, Any]:
    """What the page of a summit shows beside the summit."""
    here = {"summit": [record["id"]]}
    agreements, topics = await beside.counted(AGREEMENTS, "topic", MOST, **here)
    commitments = await beside.some(COMMITMENTS, MOST, **here)
    quotes = await beside.some(QUOTES, MOST, **here)
    documents = await beside.some(DOCUMENTS, _SOURCES, **here)
    named = await beside.some(ACTORS, MOST, **here)
    records = [record, *agreements.items, *commitments.items, *quotes.items]
    return {
        "agreements": agreements,
        "commitments": commitments,
        "quotes": quotes,
        "shown_quotes": quotes.items[:_QUOTES],
        "documents": documents,
        "delegations": delegations(record["participants"], named.items),
        "picture": picture_of(commitments),
        "by_topic": _by_topic(agreements, topics, here, beside),
        "sums": await sums_of(beside, **here),
        "used": [_used(document, records) for document in documents.items],
        "whole": all(some.total <= MOST for some in (agreements, commitments, quotes)),
    }


def picture_of(commitments: Some) -> Picture:
    """Draw commitments: each a line, or where there are many, counted."""
    found = promises_of(commitments.items)
    few = are_few(found)
    return Picture(
        promises=found,
        wide=lines_of(found) if few else None,
        narrow=narrow_lines_of(found) if few else None,
        dots=None if few else dots_of(found),
        groups=grouped(found),
        total=commitments.total,
    )


def delegations(participants: Sequence[Json], known: Sequence[Json]) -> list[Delegation]:
    """Who met, each with those who act for it; last those who act for nobody else there."""
    about = {actor["id"]: actor for actor in known}
    there: dict[str, dict[str, Any]] = {
        found["actor"]["id"]: {**found, "about": about.get(found["actor"]["id"])}
        for found in participants
    }
    members: dict[str | None, list[Json]] = defaultdict(list)
    heads = []
    for id_, found in there.items():
        acts_for = [other["id"] for other in (found["about"] or {}).get("acts_for", [])]
        head = next((other for other in acts_for if other in there), None)
        if head is None and found["role"] == "country":
            heads.append(id_)
        else:
            members[head].append(found)
    heads += [head for head in members if head is not None and head not in heads]
    shown = [Delegation(there[head], members[head]) for head in heads]
    return shown + ([Delegation(None, members[None])] if members[None] else [])


def _by_topic(
    agreements: Some, topics: Sequence[Json], here: dict[str, Any], beside: Beside
) -> list[OfTopic]:
    return [
        OfTopic(
            topic["value"],
            topic["count"],
            [found for found in agreements.items if topic["value"] in found["topics"]][
                :_OF_A_TOPIC
            ],
            beside.path(AGREEMENTS, topic=[topic["value"]], **here),
        )
        for topic in topics
    ]


def _used(document: Json, records: Sequence[Json]) -> Used:
    proofs = proofs_from(document["id"], records)
    return Used(
        document,
        len({(proof["start"], proof["exact"]) for proof in proofs}),
        sum(proof["start"] is None for proof in proofs),
        strip_of(document, proofs),
    )
