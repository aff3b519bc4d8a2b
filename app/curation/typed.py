"""What somebody typed, before any of it is checked: it takes no shape for granted."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from app.curation.bundle import GROWING, typed_fields
from app.fields import MAX_ID, SLUG, RecordField, fields_of
from app.records import Evidence
from app.vocabulary import RecordType

if TYPE_CHECKING:
    from app.curation.reading import Place, Source

Typed = dict[str, Any]
_slug = re.compile(SLUG)


def list_in(typed: Any, key: str) -> list[Any]:
    """The items under a key of an object; none where either is something else."""
    value = typed.get(key) if isinstance(typed, dict) else None
    return value if isinstance(value, list) else []


def objects_in(typed: Any, key: str) -> Iterator[tuple[int, Typed]]:
    """The objects among the items under a key, each with its number."""
    for at, item in enumerate(list_in(typed, key)):
        if isinstance(item, dict):
            yield at, item


def text_in(typed: Typed, key: str) -> str | None:
    """The text under a key; None where there is none."""
    value = typed.get(key)
    return value if isinstance(value, str) else None


def is_id(value: Any) -> bool:
    """Whether it may be the id of a record."""
    return isinstance(value, str) and len(value) <= MAX_ID and bool(_slug.match(value))


def identified(source: "Source", key: str) -> Iterator[tuple[int, Typed]]:
    """The entries of a list that have an id; the check says what is wrong with the others."""
    return (item for item in objects_in(source.content, key) if is_id(item[1].get("id")))


def entries(source: "Source") -> Iterator[tuple[RecordType, int, Any]]:
    """Every entry of a file: its type, its number in the list, and what was typed."""
    for kind in RecordType:
        for at, typed in enumerate(list_in(source.content, kind.plural)):
            yield kind, at, typed


TypedPassage = tuple["Place", str, list[Typed]]
"""A passage: its place, its document, and its parts as typed, or itself alone."""


def typed_passages(source: "Source") -> Iterator[TypedPassage]:
    """Every passage of a file that names its document, those of additions and events too."""
    for key in (*(kind.plural for kind in RecordType), "additions"):
        for at, typed in objects_in(source.content, key):
            for place, proof in passages_in(typed):
                if isinstance(proof.get("document"), str):
                    parts = [part for _, part in objects_in(proof, "parts")]
                    yield (key, at, *place), proof["document"], parts or [proof]


def passages_in(typed: Typed) -> Iterator[tuple["Place", Typed]]:
    """The passages of an entry or an addition, also those of its events, each with its place."""
    for at, proof in objects_in(typed, "evidence"):
        yield ("evidence", at), proof
    for name in GROWING[RecordType.COMMITMENT]:
        for at, item in objects_in(typed, name):
            for place, proof in passages_in(item):
                yield (name, at, *place), proof


Reference = tuple["Place", RecordType, str]


def references(kind: RecordType, typed: Typed) -> Iterator[Reference]:
    """Every id that an entry names: its place, the type that it is to be of, and itself."""
    for at, proof in objects_in(typed, "evidence"):
        yield from _references(fields_of(Evidence), proof, ("evidence", at))
    yield from _references(typed_fields(kind), typed, ())


def is_proof(place: "Place") -> bool:
    """Whether a reference at a place is to the document of a passage."""
    return len(place) > 2 and (place[-3], place[-1]) == ("evidence", "document")


def _references(fields: Iterable[RecordField], typed: Typed, whole: "Place") -> Iterator[Reference]:
    for part in fields:
        if not (part.to or part.parts):
            continue
        items = list_in(typed, part.name) if part.many else [typed.get(part.name)]
        for at, item in enumerate(items):
            place = (*whole, part.name, at) if part.many else (*whole, part.name)
            if isinstance(item, str) and part.to:
                yield place, part.to[0], item
            elif isinstance(item, dict) and part.parts:
                yield from _references(part.parts, item, place)
            elif isinstance(item, dict):
                for kind in part.to[1:]:
                    if isinstance(item.get(kind.value), str):
                        yield (*place, kind.value), kind, item[kind.value]
