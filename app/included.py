"""Whole records beside an answer: those that its records name, and those that belong to them."""

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple

import orjson

from app.store.release import OpenRelease
from app.vocabulary import KINDS, RecordType

_MOST = 500
Key = tuple[str, str]


class Included(NamedTuple):
    """The records beside an answer."""

    bodies: list[bytes]
    """Public JSON, each record once."""
    complete: bool
    """Whether these are all; 500 at most are given."""


async def included(bodies: Iterable[bytes], names: Iterable[str], release: OpenRelease) -> Included:
    """The records of these lists that are linked with some records, none of these themselves."""
    records = [orjson.loads(body) for body in bodies]
    types = [kind.value for kind in RecordType if kind.plural in set(names)]
    keys: dict[Key, None] = {}
    for record in records:
        keys |= dict.fromkeys(key for key in _named([*record.values()]) if key[0] in types)
        keys |= dict.fromkeys(await _members(record, types, release))
        if len(keys) > _MOST + len(records):
            break  # more than can be given
    own = {(record["type"], record["id"]) for record in records}
    others = [key for key in keys if key not in own]
    # The first of each type, then the second: many of one leave none of another out.
    numbers = {kind: count() for kind in types}
    shares = {*sorted(others, key=lambda key: next(numbers[key[0]]))[:_MOST]}
    found = [await release.body(KINDS[kind], id_) for kind, id_ in others if (kind, id_) in shares]
    return Included([body for body in found if body], len(others) <= _MOST)


def _named(value: Any) -> Iterator[Key]:
    """Every reference in a record, in its order."""
    if isinstance(value, list):
        for item in value:
            yield from _named(item)
    elif isinstance(value, dict):
        if "href" in value:
            yield value["type"], value["id"]
        else:
            for inner in value.values():
                yield from _named(inner)


# The name under which links say to which record of a type another one belongs.
_FIELDS = {"summit": "summit", "actor": "actor", "document": "document", "agreement": "agreements"}
_LINKED = (
    "SELECT record.id FROM record_link JOIN record USING (ordinal) "
    "WHERE record_link.type = ? AND field = ? AND value = ? ORDER BY ordinal LIMIT ?"
)
# It is made under one agreement, which is a column of its own.
_MADE_UNDER = "SELECT id FROM commitment WHERE agreement = ? ORDER BY ordinal LIMIT ?"
_PARTS = {
    kind: f"SELECT id FROM {kind} WHERE part_of = ? ORDER BY ordinal LIMIT ?"  # noqa: S608 - our own names
    for kind in ("summit", "agreement", "commitment")
}


async def _members(record: dict[str, Any], types: Iterable[str], release: OpenRelease) -> list[Key]:
    """What belongs to a summit or an agreement, was done by an actor, is proven by a document, is
    a part of it: newest first."""
    field, of_it, keys = _FIELDS.get(record["type"]), (record["id"], _MOST + 1), []
    for kind in types:
        rows = []
        if kind == record["type"] and kind in _PARTS:
            rows = await release.look_up(_PARTS[kind], *of_it)
        elif (record["type"], kind) == ("agreement", "commitment"):
            rows = await release.look_up(_MADE_UNDER, *of_it)
        elif field:
            rows = await release.look_up(_LINKED, kind, field, *of_it)
        keys += [(kind, row[0]) for row in rows]
    return keys
