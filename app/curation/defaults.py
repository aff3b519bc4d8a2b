"""What a file says once for all of its entries: `defaults`, and what a single passage proves."""

from collections.abc import Iterator
from typing import Any

from app.curation.bundle import PROVED, Defaults, typed_fields
from app.curation.typed import objects_in, passages_in
from app.vocabulary import RecordType

Place = tuple[int | str, ...]

KINDS_OF = {kind.plural: kind for kind in RecordType}
"""The types by the keys of their lists in a bundle."""
_OF_PASSAGES = ("document", "attribution")
_OF_ENTRIES = {
    kind: [field.name for field in typed_fields(kind)]
    for kind in (RecordType.AGREEMENT, RecordType.COMMITMENT, RecordType.QUOTE)
}
"""The fields of what leaders agree, promise and say."""


def fill_in(content: Any) -> dict[Place, Place]:
    """Complete the entries of a bundle; gives the places that were filled, and by which default.

    A key that is there is never changed: who writes `"date": null` says that there is none.
    """
    if not isinstance(content, dict):
        return {}
    typed = content.get("defaults")
    named = typed if isinstance(typed, dict) else {}
    defaults = {name: named[name] for name in Defaults.model_fields if name in named}
    origins: dict[Place, Place] = {}
    for key in (*KINDS_OF, "additions"):
        for at, entry in objects_in(content, key):
            kind = KINDS_OF.get(key)
            filled = _fill_entry(kind, entry, defaults) if kind else {}
            for passage, proof in passages_in(entry):
                origins.update(_fill_passage((key, at, *passage), proof, defaults))
            origins.update({(key, at, name): ("defaults", by) for name, by in filled.items()})
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


def _fill_passage(
    place: Place, proof: dict[str, Any], defaults: dict[str, Any]
) -> Iterator[tuple[Place, Place]]:
    for name in _OF_PASSAGES:
        if name in defaults and name not in proof:
            proof[name] = defaults[name]
            yield (*place, name), ("defaults", name)


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
