"""The page of a summit: the whole meeting at a glance."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from app.representations.pages import made
from app.representations.pages.proven import proofs_from, strip_of
from app.representations.pages.related import MOST, Beside
from app.representations.wording import counted, day, days, ended, listed, number
from app.vocabulary import ParticipantRole

Json = Mapping[str, Any]
_SOURCES, _NAMED = 12, 8
_MAIN = {ParticipantRole.LEADER, ParticipantRole.HOST, ParticipantRole.CHAIR}
_NOT_MET = {ParticipantRole.COUNTRY, ParticipantRole.ABSENT}


async def summit(record: Json, beside: Beside) -> dict[str, Any]:
    """The context of the page of a summit."""
    here: dict[str, Any] = {"summit": [record["id"]]}
    agreements = await beside.some("agreements", MOST, facet="topic", **here)
    quotes = await beside.some("quotes", MOST, **here)
    documents = await beside.some("documents", _SOURCES, **here)
    named = await beside.some("actors", MOST, **here)
    # All of them, so that what is counted adds up.
    commitments = made.in_their_order(await beside.every("commitments", **here))
    agreements = agreements._replace(items=made.in_their_order(agreements.items))
    records = [record, *agreements.items, *commitments, *quotes.items]
    return {
        "agreements": agreements,
        "quotes": quotes,
        "documents": documents,
        "met": met(record),
        "came": came(record, made.counts_of(commitments), beside),
        # So many their sources report beside the meeting.
        "context": sum(one["relation"] == "context" for one in [*agreements.items, *commitments]),
        "delegations": _delegations(record["participants"], named.items),
        "groups": made.groups(commitments),
        "parts": made.segments(made.counts_of(commitments)),
        "of_others": sum(one["part_of"] is not None for one in commitments),
        "total": len(commitments),
        "sums": sum(one["amount"] is not None for one in commitments),
        "by_topic": [
            (
                beside.release.topic_title(one["value"]),
                beside.path("agreements", topic=[one["value"]], **here),
                one["count"],
            )
            for one in agreements.facets["topic"]
        ],
        "counted_topics": {one["value"] for one in agreements.facets["topic"]},
        "used": [_used(document, records) for document in documents.items],
    }


def met(record: Json) -> str:
    """Who met, where and when, in a sentence."""
    parts = record["participants"]
    there = [part for part in parts if part["role"] in _MAIN]
    for_whom = {part["on_behalf_of"]["id"] for part in there if part["on_behalf_of"]}
    there = [part for part in there if part["actor"]["id"] not in for_whom]
    there = there or [part for part in parts if part["role"] not in _NOT_MET] or parts
    names = [
        part["actor"]["title"]
        + (f" ({part['on_behalf_of']['title']})" if part["on_behalf_of"] else "")
        for part in there
    ]
    more = len(names[_NAMED:]) if len(names) > _NAMED + 1 else 0
    who = listed([*names[:_NAMED], f"{number(more)} more"] if more else names)
    where = f" in {record['place']}" if record["place"] else ""
    starts, ends = record["starts_on"], record["ends_on"]
    when = ""
    if starts and ends and ends != starts:
        when = f" from {' to '.join(words for _, words in days(starts, ends))}"
    elif starts:
        when = f" {'on' if len(starts) == len('2025-02-07') else 'in'} {day(starts)}"
    did = "met" if len(names) > 1 else "took part in the meeting"
    return ended(f"{who or 'The sources do not say who'} {did}{where}{when}")


def came(record: Json, commitments: made.Counts, beside: Beside) -> list[tuple[str, str]]:
    """What is on record of a summit, counted, each with the path of its list."""
    here: dict[str, Any] = {"summit": [record["id"]]}
    agreements, quotes = record["counts"]["agreements"], record["counts"]["quotes"]
    parts = [
        (agreements and counted(agreements, "agreements"), "agreements", {}),
        *(
            (words, "commitments", {"act": [act]})
            for act, words in made.tallied(commitments).items()
        ),
        (quotes and counted(quotes, "quotes"), "quotes", {}),
    ]
    return [(words, beside.path(name, **here, **of)) for words, name, of in parts if words]


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


def _used(document: Json, records: Sequence[Json]) -> dict[str, Any]:
    """A source, and how much of it proves something of this summit."""
    proofs = proofs_from(document["id"], records)
    return {
        "document": document,
        "passages": len({(proof["start"], proof["exact"]) for proof in proofs}),
        "uncompared": len({proof["exact"] for proof in proofs if proof["start"] is None}),
        "strip": strip_of(document, proofs),
    }
