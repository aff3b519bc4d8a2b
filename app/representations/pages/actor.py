"""The page of an actor: what it agreed, promised and said, by the way in which it comes to it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from app.dates import first_day, last_day
from app.queries.sources import GROUPS
from app.representations.pages.made import tallied
from app.representations.pages.related import MOST, Beside, Some
from app.representations.wording import counted, lasting, listed
from app.vocabulary import Way

Json = Mapping[str, Any]
_FEW, _SEVERAL = 5, 8
HEADINGS = {
    Way.SELF: "Directly, alone or with others",
    Way.OFFICE: "Through persons in office",
    Way.GROUP: "As member of a group",
    Way.ATTENDED: "Through those represented at a summit",
}
"""Each way in which an actor comes to what a record tells, as a heading."""


class Part(NamedTuple):
    """What an actor comes to by one way."""

    heading: str
    words: str
    """How many records of which sort: `3 promises (1 announced) with 2 parts and 2 deeds`."""
    some: Some


async def actor(record: Json, beside: Beside) -> dict[str, Any]:
    """The context of the page of an actor."""
    me = [record["id"]]
    officials = await beside.some("actors", MOST, office_of=me)
    groups = [orjson.loads(body) for (body,) in await beside.release.look_up(GROUPS, *me)]
    published = record["kind"] != "person"
    voices = {
        Way.SELF: me,
        Way.OFFICE: [person["id"] for person in officials.items],
        Way.GROUP: [group["id"] for group in groups],
    }
    made, partner = await _made(me, voices, beside)
    return {
        "summits": await beside.some("summits", _FEW, actor=me),
        "agreements": [
            Part(HEADINGS[way], counted(some.total, "agreements"), some)
            for way in await _ways("agreements", me, beside)
            for some in [await beside.some("agreements", _SEVERAL, actor=me, way=[way])]
        ],
        "commitments": made,
        "partner": partner,
        "said": await beside.some("quotes", _SEVERAL, actor=me),
        "owed": await beside.some("commitments", _SEVERAL, to=me, act=["promise"]),
        "named_in": await beside.some("quotes", _FEW, mentions=me),
        "officials": officials,
        "groups": [(group, _membership(group, *me)) for group in groups],
        "published": await beside.some("documents", _FEW, publisher=me) if published else None,
        "through": partial(through, record, officials.items, groups),
    }


async def _ways(name: str, me: list[str], beside: Beside) -> list[Way]:
    """The ways in which an actor comes to the records of a list, the most direct one first."""
    counts = (await beside.some(name, 1, facet="way", actor=me)).facets["way"]
    ways = {count["value"] for count in counts}
    return [way for way in Way if way in ways]


async def _made(
    me: list[str], voices: Mapping[Way, list[str]], beside: Beside
) -> tuple[list[Part], list[Part]]:
    """What an actor promised or did, by its ways, and what only names it as a partner.

    `voices` are those by whom it promises in each way.
    """
    made, partner = [], []
    for way in await _ways("commitments", me, beside):
        query: dict[str, Any] = {"actor": me, "way": [way]}
        every = await beside.counts(**query)
        by = voices.get(way, [])
        own = await beside.counts(**query, by=by) if by else every
        rest = {key: count - own.get(key, 0) for key, count in every.items()}
        others = any(rest.values())
        if own:
            some = await beside.some("commitments", _SEVERAL, **query, by=by if others else [])
            made.append(Part(HEADINGS[way], listed(tallied(own).values()), some))
        if others:
            some = await beside.some("commitments", MOST, **query)
            items = [one for one in some.items if not {who["id"] for who in one["by"]} & {*by}]
            some = some._replace(items=items[:_SEVERAL], total=sum(rest.values()))
            partner.append(Part(HEADINGS[way], listed(tallied(rest).values()), some))
    return made, partner


def _membership(group: Json, me: str) -> str | None:
    """Since and until when an actor was a member of a group, where that is known."""
    return next((lasting(one) for one in group["members"] if one["actor"]["id"] == me), None)


def through(me: Json, officials: Sequence[Json], groups: Sequence[Json], item: Json) -> str:
    """In which capacity an actor comes to a record: `as President`, `as member of the G7`."""
    acting = {part["actor"]["id"]: part.get("office") for part in _doers(item)}
    if me["id"] in acting:
        offices = acting[me["id"]] or listed(dict.fromkeys(_offices(me, item)))
        return f"as {offices}" if offices else ""
    for person in officials:
        if person["id"] in acting:
            own = [office for office in person["offices"] if office["of"]["id"] == me["id"]]
            offices = acting[person["id"]] or listed(_offices({"offices": own}, item), "or")
            return f"by its {offices}, {person['title']}" if offices else f"by {person['title']}"
    bound = [group["title"] for group in groups if group["id"] in acting]
    return f"as member of {listed(bound)}" if bound else ""


def _doers(item: Json) -> Iterator[Json]:
    """Who agreed, did or said what a record tells."""
    yield from item.get("parties", ())
    yield from ({"actor": one} for one in item.get("by", ()))
    if "speaker" in item:
        yield {"actor": item["speaker"], "office": item["office"]}


def _offices(person: Json, item: Json) -> Iterator[str]:
    """The offices that a person held on the day of a record; an open bound matches."""
    for office in person["offices"]:
        since, until, day = office["since"], office["until"], item.get("date")
        known = day or not (since or until)
        begun = not (since and day) or first_day(since) <= first_day(day)
        if known and begun and (not (until and day) or last_day(day) <= last_day(until)):
            yield office["title"]
