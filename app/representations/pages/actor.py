"""The page of an actor: what it agreed, promised and said, by the way in which it comes to it."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

import orjson

from app.dates import first_day, last_day
from app.queries.sources import GROUPS
from app.representations.pages.made import tallied
from app.representations.pages.related import Beside, Some
from app.representations.wording import counted, lasting, listed
from app.vocabulary import Way

Json = Mapping[str, Any]
_FEW, _SEVERAL = 5, 8
HEADINGS = {
    Way.SELF: "Directly",
    Way.OFFICE: "Through persons in office",
    Way.GROUP: "As member of a group",
    Way.ATTENDED: "Through those spoken for at a summit",
}
"""Each way in which an actor comes to what a record tells, as a heading."""


class Part(NamedTuple):
    """What an actor comes to by one way."""

    heading: str
    words: str
    """How many records of which sort: `8 promises (3 announced, 5 as stated) and 2 deeds`."""
    some: Some


async def actor(record: Json, beside: Beside) -> dict[str, Any]:
    """The context of the page of an actor."""
    me = [record["id"]]
    officials = await beside.some("actors", _SEVERAL, office_of=me)
    groups = [orjson.loads(body) for (body,) in await beside.release.look_up(GROUPS, *me)]
    published = record["kind"] != "person"
    return {
        "summits": await beside.some("summits", _FEW, actor=me),
        "agreements": await _by_way("agreements", me, beside),
        "commitments": await _by_way("commitments", me, beside),
        "said": await beside.some("quotes", _SEVERAL, actor=me),
        "owed": await beside.some("commitments", _SEVERAL, to=me, act=["promise"]),
        "named_in": await beside.some("quotes", _FEW, mentions=me),
        "officials": officials,
        "groups": [(group, _membership(group, *me)) for group in groups],
        "published": await beside.some("documents", _FEW, publisher=me) if published else None,
        "through": partial(through, record, officials.items, groups),
    }


async def _by_way(name: str, me: list[str], beside: Beside) -> list[Part]:
    """The records of a list that an actor comes to, the most direct way first."""
    counts = (await beside.some(name, 1, facet="way", actor=me)).facets["way"]
    ways = {count["value"] for count in counts}
    parts = []
    for way in (way for way in Way if way in ways):
        query: dict[str, Any] = {"actor": me, "way": [way]}
        some = await beside.some(name, _SEVERAL, **query)
        words = counted(some.total, name)
        if name == "commitments":
            words = listed(tallied(await beside.counts(**query)).values())
        parts.append(Part(HEADINGS[way], words, some))
    return parts


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
