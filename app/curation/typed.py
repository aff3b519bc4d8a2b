"""What somebody typed, before any of it is checked: it takes no shape for granted.

And what a file says once for all of its entries: `defaults`, and what a single passage proves.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from app.curation.bundle import GROWING, PROVED, Defaults, typed_fields
from app.fields import MAX_ID, SLUG, RecordField, fields_of
from app.records import Evidence
from app.vocabulary import FACTS, PLURALS, RecordType

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
    for key in (*PLURALS, "additions"):
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


_OF_ENTRIES = {kind: [field.name for field in typed_fields(kind)] for kind in FACTS}
"""The fields of what leaders agree, promise and say."""


def fill_in(content: Any) -> dict["Place", "Place"]:
    """Complete the entries of a bundle; gives the places that were filled, and by which default.

    A key that is there is never changed: who writes `"date": null` says that there is none.
    """
    if not isinstance(content, dict):
        return {}
    typed = content.get("defaults")
    named = typed if isinstance(typed, dict) else {}
    defaults = {name: named[name] for name in Defaults.model_fields if name in named}
    origins: dict[Place, Place] = {}
    for key in (*PLURALS, "additions"):
        for at, entry in objects_in(content, key):
            kind = PLURALS.get(key)
            filled = _fill_entry(kind, entry, defaults) if kind else {}
            for passage, proof in passages_in(entry):
                by = [n for n in ("document", "attribution") if n in defaults and n not in proof]
                proof |= {name: defaults[name] for name in by}
                origins |= {(key, at, *passage, name): ("defaults", name) for name in by}
            origins |= {(key, at, name): ("defaults", one) for name, one in filled.items()}
            if kind:
                _prove(kind, entry, set(filled))
    return origins


def _fill_entry(
    kind: RecordType, entry: dict[str, Any], defaults: dict[str, Any]
) -> dict[str, str]:
    """Fill an entry; gives the keys that were filled, and from which default."""
    filled: dict[str, str] = {}
    fields = _OF_ENTRIES.get(kind, ())
    for name in ("summit", "agreement", "relation", "date"):
        key = "agreements" if name == "agreement" and "agreements" in fields else name
        belongs = name != "relation" or entry.get("summit")
        if key in fields and name in defaults and key not in entry and belongs:
            entry[key] = [defaults[name]] if key == "agreements" else defaults[name]
            filled[key] = name
    return filled


def _prove(kind: RecordType, entry: dict[str, Any], filled: set[str]) -> None:
    """Say what the passages prove: a single one what its entry claims, the first the defaults."""
    proofs = [proof for _, proof in objects_in(entry, "evidence")]
    claimed = [name for name in PROVED[kind] if claims(entry, name)]
    if len(proofs) == 1 and "fields" not in proofs[0] and claimed:
        proofs[0]["fields"] = claimed
        return
    lists: list[list[Any]] = [
        proof["fields"] for proof in proofs if isinstance(proof.get("fields"), list)
    ]
    if lists and proofs[0].get("fields") is lists[0]:
        named = [name for one in lists for name in one]
        lists[0] += [name for name in claimed if name in filled and name not in named]


def claims(entry: dict[str, Any], name: str) -> bool:
    """Whether an entry says something in a field, and not by the events that prove it."""
    if name == "status" and entry.get("events"):
        return False
    return entry.get(name) not in (None, [], "not_stated")


def without_key(typed: Typed, key: str) -> Typed:
    """An object as typed, but for one of its keys."""
    return {name: value for name, value in typed.items() if name != key}


def without_proof(
    field: str, proofs: Iterable[Any], of: Callable[[Any], bool] | None = None
) -> Iterator[Any]:
    """Passages that do not prove a field: those `of` a text, or all; none that proves nothing."""
    for proof in proofs:
        fields = list_in(proof, "fields")
        if field in fields and (of is None or of(proof)):
            if rest := [name for name in fields if name != field]:
                yield proof | {"fields": rest}
        else:
            yield proof
