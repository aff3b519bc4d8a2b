"""What a file says once for all of its entries: `defaults`, and what a single passage proves."""

from collections.abc import Iterator
from typing import Any

from app.curation.bundle import GROWING, PROVED, Defaults, typed_fields
from app.vocabulary import RecordType

Place = tuple[int | str, ...]

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
    defaults = (
        {name: typed[name] for name in Defaults.model_fields if name in typed}
        if (isinstance(typed, dict))
        else {}
    )
    origins: dict[Place, Place] = {}
    for kind in RecordType:
        for at, entry in enumerate(_objects(content.get(kind.plural))):
            place = (kind.plural, at)
            named = _fill_entry(kind, entry, defaults) if entry is not None else {}
            for passage, proof in _passages(entry):
                origins.update(_fill_passage((*place, *passage), proof, defaults))
            origins.update({(*place, key): ("defaults", name) for key, name in named.items()})
            if entry is not None:
                _prove(kind, entry, set(named))
    for at, addition in enumerate(_objects(content.get("additions"))):
        for passage, proof in _passages(addition):
            origins.update(_fill_passage(("additions", at, *passage), proof, defaults))
    return origins


def _objects(value: Any) -> list[dict[str, Any] | None]:
    """The items of a list, None for what is no object."""
    items = value if isinstance(value, list) else []
    return [item if isinstance(item, dict) else None for item in items]


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


def _passages(entry: dict[str, Any] | None) -> Iterator[tuple[Place, dict[str, Any]]]:
    """The passages of an entry or an addition, also those of its events."""
    for at, proof in enumerate(_objects(entry.get("evidence")) if entry else ()):
        if proof is not None:
            yield ("evidence", at), proof
    for name in GROWING[RecordType.COMMITMENT] if entry else ():
        for at, item in enumerate(_objects(entry.get(name)) if entry else ()):
            for place, proof in _passages(item):
                yield (name, at, *place), proof


def _prove(kind: RecordType, entry: dict[str, Any], filled: set[str]) -> None:
    """Say what the passages prove: a single one what its entry claims, the first the defaults."""
    proofs = [proof for proof in _objects(entry.get("evidence")) if proof is not None]
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
