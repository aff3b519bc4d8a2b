"""The page of a summit: the whole meeting at a glance."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.representations.pages import diagram
from app.representations.pages.dots import dots_of
from app.representations.pages.proven import proofs_from, strip_of
from app.representations.pages.related import MOST, Beside, Some
from app.resources.topics import with_broader

Json = Mapping[str, Any]
_SOURCES, _OF_A_TOPIC = 12, 6
_CURRENCIES, _BARS = 4, 8
_SCALE = 1000  # the length of the longest bar


async def summit(record: Json, beside: Beside) -> dict[str, Any]:
    """The context of the page of a summit."""
    here: dict[str, Any] = {"summit": [record["id"]]}
    of_it = {
        "agreements": await beside.some("agreements", MOST, facet="topic", **here),
        "commitments": await beside.some("commitments", MOST, act=["promise"], **here),
        "done": await beside.some("commitments", MOST, act=["deed", "report"], **here),
        "quotes": await beside.some("quotes", MOST, **here),
    }
    documents = await beside.some("documents", _SOURCES, **here)
    named = await beside.some("actors", MOST, **here)
    records = [record, *(item for some in of_it.values() for item in some.items)]
    return of_it | {
        "documents": documents,
        "delegations": _delegations(record["participants"], named.items),
        "picture": _picture(diagram.promises_of(of_it["commitments"].items)),
        "by_topic": _by_topic(of_it["agreements"], here, beside),
        "sums": await _sums(beside, act=["promise"], **here),
        "used": [_used(document, records) for document in documents.items],
    }


def _picture(promises: Sequence[diagram.Promise]) -> dict[str, Any]:
    """Who promised what to whom: each promise as a line, or where there are many, counted."""
    few = diagram.are_few(promises)
    return {
        "promises": promises,
        "wide": diagram.lines_of(promises) if few else None,
        "narrow": diagram.narrow_lines_of(promises) if few else None,
        "dots": None if few else dots_of(promises),
        "groups": diagram.grouped(promises),  # the same in words
    }


def _delegations(participants: Sequence[Json], actors: Sequence[Json]) -> list[dict[str, Any]]:
    """Who met, each with those who act for it; last those who act for nobody else there."""
    about = {actor["id"]: actor for actor in actors}
    there: dict[str, dict[str, Any]] = {
        part["actor"]["id"]: {**part, "about": about.get(part["actor"]["id"])}
        for part in participants
    }
    members: dict[str | None, list[Json]] = defaultdict(list)
    heads = []
    for id_, part in there.items():
        offices = (part["about"] or {}).get("offices", [])
        principals = [part["on_behalf_of"], *(office["of"] for office in offices)]
        head = next((one["id"] for one in principals if one and one["id"] in there), None)
        if head is None and part["role"] == "country":
            heads.append(id_)
        else:
            members[head].append(part)
    heads += [head for head in members if head is not None and head not in heads]
    rest = [{"head": None, "members": members[None]}] if members[None] else []
    return [{"head": there[head], "members": members[head]} for head in heads] + rest


def _by_topic(agreements: Some, here: Json, beside: Beside) -> list[dict[str, Any]]:
    """The first agreements about each topic, and the way to all of them."""
    counts = {one["value"]: one["count"] for one in agreements.facets["topic"]}
    items = [(one, with_broader(one["topics"], beside.release.topics)) for one in agreements.items]
    return [
        {
            "title": beside.release.topic_title(name),
            "total": total,
            "agreements": [one for one, topics in items if name in topics][:_OF_A_TOPIC],
            "path": beside.path("agreements", topic=[name], **here),
        }
        for name, total in counts.items()
    ]


def _used(document: Json, records: Sequence[Json]) -> dict[str, Any]:
    """A source, and how much of it proves something of this summit."""
    proofs = proofs_from(document["id"], records)
    return {
        "document": document,
        "passages": len({(proof["start"], proof["exact"]) for proof in proofs}),
        "uncompared": sum(proof["start"] is None for proof in proofs),
        "strip": strip_of(document, proofs),
    }


async def _sums(beside: Beside, **filters: Any) -> list[dict[str, Any]]:
    """The largest promises of money, in the most frequent currencies, with bars.

    One currency at a time, as sums of two can't be compared.
    """
    named = filters | {"amount_min": 0}
    counted = await beside.some("commitments", 1, facet="currency", **named)
    sums = []
    for currency in [count["value"] for count in counted.facets["currency"][:_CURRENCIES]]:
        query = named | {"currency": [currency], "sort": "-amount"}
        some = await beside.some("commitments", _BARS, **query)
        # Nothing is promised where the largest sum is 0.
        largest = max(item["amount"] for item in some.items) or 1
        bars = [(item, round(_SCALE * item["amount"] / largest, 2)) for item in some.items]
        sums.append({"currency": currency, "some": some, "bars": bars, "drawn": len(bars) > 1})
    return sums
