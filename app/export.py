"""The whole data set in one file: as the bundle that gives it, and as the SQLite file that it is.

A bundle is made of the public records, one on a line, in the order of their ids: equal content
gives equal bytes. Neither is ever whole in memory.
"""

from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import orjson

from app.fields import DERIVED, OWN, REQUIRED, fields_of
from app.links import record_path
from app.resources import SHAPES
from app.resources.topics import BASE_TOPICS
from app.store.release import OpenRelease
from app.turns import turn
from app.vocabulary import KINDS, RecordType

_AT_ONCE = 20  # records; half a millisecond


@cache
def derived_keys(kind: str) -> frozenset[str]:
    """The keys of a type of record that follow from what other records say."""
    fields = fields_of(SHAPES[KINDS[kind]])
    derived = {field.name for field in fields if DERIVED in field}
    return frozenset({"type", "href"} | derived | _DERIVED_ONCE.get(kind, frozenset()))


_DERIVED_ONCE = {
    "agreement": frozenset({"commitments", "quotes"}), "document": frozenset({"cited_in"}),
}  # fmt: skip
"""Keys of version 0.1.0, which `counts` stands for."""


def entry_of(body: dict[str, Any]) -> dict[str, Any]:
    """The entry of a bundle that gives this public record: the inverse of the compilation."""
    if "inferred" not in body:
        body = second_edition(body)
    marks = {field.name: field.marks for field in fields_of(SHAPES[KINDS[body["type"]]])}
    derived = derived_keys(body["type"])
    entry: dict[str, Any] = {}
    for key, value in body.items():
        is_empty = value in (None, [], {}) and REQUIRED not in marks.get(key, ())
        if key not in derived and OWN not in marks.get(key, ()) and not is_empty:
            entry[key] = _typed(key, value)
    if entry.get("events"):
        del entry["status"]  # the latest of them says it
    return entry


def _typed(key: str, value: Any) -> Any:
    """A value as a curator types it."""
    if isinstance(value, list):
        return [_typed(key, item) for item in value]
    if not isinstance(value, dict):
        return value
    if "href" in value:
        usual = _USUAL.get(key, value["type"])
        return value["id"] if value["type"] == usual else {value["type"]: value["id"]}
    if "exact" in value:
        value = _passage(value)
    return {name: _typed(name, inner) for name, inner in value.items()}


def second_edition(body: dict[str, Any]) -> dict[str, Any]:
    """A record as 0.1.0 published it, in the form of the present; what it says stays the same.

    0.1.0 called whatever was not done a promise, named actors without saying as what, and asked no
    proof for what stood beside a summit.
    """
    made, fields = dict(body), dict[str, str]()
    for name in ("participants", "parties"):
        if name in body:
            made[name] = [part | {"office": None, "on_behalf_of": None} for part in body[name]]
    if body["type"] in {"agreement", "commitment"}:
        made["standing"] = "not_stated"
        if not any("relation" in proof["fields"] for proof in body["evidence"]):
            made["relation"] = None
    if body["type"] == "quote":
        made["mentions"] = [{"actor": actor, "role": "about"} for actor in body["mentions"]]
    if body["type"] == "commitment":
        made["act"] = "deed" if body["status"] == "done" else "promise"
        made["measures"] = _measures(made)
        fields = dict.fromkeys(("amount", "currency", "quantity", "unit"), "measures")
    if body["type"] == "actor":
        office, principals = made.pop("office"), made.pop("acts_for")
        made["offices"] = [
            {"title": office, "of": one, "since": None, "until": None}
            for one in principals
            if office
        ]
        fields = dict.fromkeys(("office", "acts_for"), "offices" if made["offices"] else "")
    made["evidence"] = [
        proof | {"fields": names}
        for proof in body["evidence"]
        if (names := [*dict.fromkeys(n for f in proof["fields"] if (n := fields.get(f, f)))])
    ]
    return made


def _measures(body: dict[str, Any]) -> list[dict[str, Any]]:
    """The sum and the quantity of a commitment of 0.1.0, which leave it."""
    nothing = dict.fromkeys(("upper", "unit", "currency", "of", "per", "baseline", "by"))
    role = "pledged" if body["act"] == "promise" else "stated"
    figures = [
        (role, body.pop("amount"), {"currency": body.pop("currency")}),
        ("stated", body.pop("quantity"), {"unit": body.pop("unit")}),
    ]
    return [
        {"role": role, "value": value, "bound": "exact"} | nothing | of
        for role, value, of in figures
        if value is not None
    ]


# The type that an id alone means, where a reference may lead to records of two.
_USUAL = {"speaker": "actor", "according_to": "actor", "reaffirms": "agreement"}
_WORKED_OUT = frozenset({"exact", "end", "sha256", "url"})


def _passage(proof: dict[str, Any]) -> dict[str, Any]:
    """A passage, or a part of one, as it is typed."""
    words = {} if proof.get("parts") else {"passage": proof["exact"]}
    kept = {k: v for k, v in proof.items() if k not in _WORKED_OUT and v not in (None, [])}
    if "passage" not in words:
        kept.pop("start", None)
    return (
        {"document": kept.pop("document"), **words, **kept}
        if "document" in kept
        else (words | kept)
    )


async def entries(release: OpenRelease) -> AsyncIterator[tuple[str, list[dict[str, Any]]]]:
    """The entries of a release, a few at a time, each with the key of their list in a bundle."""
    former: dict[tuple[str, str], list[str]] = {}
    for kind, id_, before in await release.look_up(
        "SELECT type, id, former FROM former_id ORDER BY type, id, former"
    ):
        former.setdefault((kind, id_), []).append(before)
    for kind in RecordType:
        yield kind.plural, []
        after = ""
        while rows := await release.bodies_after(kind, after, _AT_ONCE):
            await turn()
            typed = [entry_of(orjson.loads(body)) for _, body in rows]
            for entry in typed:
                if formers := former.get((kind.value, entry["id"])):
                    entry["former_ids"] = formers
            yield kind.plural, typed
            after = rows[-1][0]
    topics = [{k: v for k, v in row.items() if v} for row in release.topics.values()]
    yield "topics", [row for row in topics if row["id"] not in BASE_TOPICS]
    stones = await release.look_up(
        "SELECT type, id, reason, replaced_by, title, withdrawn_at FROM tombstone ORDER BY type, id"
    )
    yield "withdrawn", [_withdrawn(stone) for stone in stones]


async def bundle(release: OpenRelease) -> AsyncIterator[bytes]:
    """The bundle of a release, in pieces of a few records."""
    last, opening, comma = "", b"{", b""
    async for key, typed in entries(release):
        if key != last:
            yield opening + f'"{key}":['.encode()
            last, opening, comma = key, b"\n],\n", b""
        if typed:
            yield comma + b",".join(b"\n" + orjson.dumps(entry) for entry in typed)
            comma = b","
    yield b"\n]}\n"


def _withdrawn(stone: tuple[Any, ...]) -> dict[str, Any]:
    names = ("type", "id", "reason", "replaced_by", "title", "withdrawn_at")
    entry = {name: value for name, value in zip(names, stone, strict=True) if value is not None}
    if path := entry.get("replaced_by"):
        # Of the same type an id is enough, and shorter to read.
        same = record_path(RecordType[stone[0].upper()], "")
        entry["replaced_by"] = path.removeprefix(same).removeprefix("/")
    return entry
