"""The form of a record on the page: its fields as words, and the way back to an entry.

Whatever of an entry is not changed on the page stays as it was typed: fields that a form has not,
values of which a line says less than they hold, passages of other documents.
"""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from typing import Any, NamedTuple

from app.beside import table_beside
from app.curation.amounts import in_words, measure_of
from app.curation.bundle import PROVED, typed_fields
from app.curation.matching import SourceText, Stretch
from app.curation.typed import claims, list_in, objects_in, without_key, without_proof
from app.fields import REQUIRED, RecordField, fields_of
from app.records import MAX_PASSAGE
from app.resources.commitments import Event
from app.vocabulary import KINDS, Attribution, Term

Form = dict[str, Any]
"""`kind`; `id` of the record that is edited; `entry` as it is proposed; `fields`, each with its
`value` and the places of the `proof` that it has of its own, and what both `was`; `proofs`, the
places of the main passage."""
Entry = dict[str, Any]

EVENT = "event"
_KEPT = "[as it is in the file: "
"""How the words of a value begin that no line can say."""
_FIELDS: dict[str, list[str]] = table_beside(__file__)


class Unreadable(ValueError):
    """What is typed in a field can't be read; it says what to type."""


class Words(NamedTuple):
    """The text of a document, by its id, and the defaults of the bundle of its records."""

    document: str
    text: SourceText
    defaults: dict[str, Any]

    def own(self, proof: Any) -> bool:
        """Whether a passage is one of this text."""
        return isinstance(proof, dict) and self.document_of(proof) == self.document

    def document_of(self, proof: Entry) -> Any:
        """The document of a passage, which the defaults may say."""
        return proof.get("document", self.defaults.get("document"))

    def passage(self, places: Iterable[Iterable[int]], attribution: str) -> Entry:
        """A passage of some places, with what says which one where there are several."""
        parts = [self._part(Stretch(*place)) for place in places]
        typed = {"document": self.document, "attribution": attribution}
        voice = {key: value for key, value in typed.items() if self.defaults.get(key) != value}
        return (parts[0] if len(parts) == 1 else {"parts": parts}) | voice

    def _part(self, place: Stretch) -> Entry:
        exact = self.text.text[place.start : place.end]
        same = self.text.places(exact) if len(exact) <= MAX_PASSAGE else [place]
        if len(same) == 1:
            return {"passage": exact}
        number = self.text.paragraph_at(place.start)
        is_one = len(self.text.near(same, number)) == 1
        return {"passage": exact} | ({"near": number} if is_one else {"start": place.start})


def form_of(kind: str, entry: Entry, places: dict[int, list[Stretch]], words: Words) -> Form:
    """The form of an entry, given the places of its passages in a text by their numbers."""
    main = next(iter(places), -1)
    by_main: Iterable[str] = ()
    own: dict[str, list[list[int]]] = {}
    elsewhere: dict[str, str] = {}
    for number, proof in objects_in(entry, "evidence"):
        names = list_in(proof, "fields") or proven(kind)
        if number == main:
            by_main = names
        elif number in places:
            own |= {name: [list(place) for place in places[number]] for name in names}
        else:
            elsewhere |= dict.fromkeys(names, str(words.document_of(proof)))
    fields = [
        _field(part, entry, own.get(part.name))
        | {"elsewhere": "" if part.name in by_main else elsewhere.get(part.name, "")}
        for part in _parts(kind)
    ]
    if kind == EVENT:
        fields.insert(0, _bare("commitment") | {"to": "commitment"})
    elif kind != "document":  # the id of which is the name of its text
        fields.insert(0, _bare("id", str(entry.get("id", ""))))
    if kind != "document":
        voice = dict(objects_in(entry, "evidence")).get(main, {})
        fields.append(_attribution(voice.get("attribution", words.defaults.get("attribution"))))
    if kind not in {"document", EVENT}:
        fields.append(_bare("inferred", _answers(entry)) | {"hint": "by: They spoke for Japan."})
    for field in fields:
        field["proven"] = field["name"] in proven(kind)
    proofs = places.get(main, [])
    return {
        "kind": kind,
        "id": None,
        "entry": entry,
        "fields": fields,
        "proofs": [list(place) for place in proofs],
        "passage": " … ".join(words.text.text[place.start : place.end] for place in proofs),
    }


def entry_of(form: Form, before: Entry, words: Words) -> Entry:
    """The entry that a form makes of one that was there before. Raises Unreadable."""
    kind, entry = form["kind"], dict(before)
    parts = {part.name: part for part in _parts(kind)}
    act = next((field["value"] for field in form["fields"] if field["name"] == "act"), "promise")
    for field in form["fields"]:
        name, typed = field["name"], str(field["value"]).strip()
        if field["value"] == field["was"] or name == "attribution":
            continue
        part = parts.get(name)
        if name == "inferred" and typed:
            entry[name] = answers_in(typed)
        elif typed:
            old = None if field["was"].startswith(_KEPT) else before.get(name)
            entry[name] = _value(part, typed, old, act) if part else typed
        elif part and REQUIRED in part:
            entry[name] = []
        else:
            entry.pop(name, None)
    if form["id"] is None:
        places = form["proofs"]
        entry["evidence"] = [words.passage(places, _voice(form))] if places else []
    proofs = _proofs(form, entry, before, words)
    return entry if proofs == list_in(entry, "evidence") else entry | {"evidence": proofs}


def addition_of(entry: Entry) -> Entry:
    """What came of a commitment, as news of it."""
    event = {key: entry[key] for key in ("date", "status", "note") if entry.get(key)}
    event["evidence"] = [without_key(proof, "fields") for proof in entry["evidence"]]
    return {"type": "commitment", "id": entry.get("commitment", ""), "events": [event]}


def proven(kind: str) -> tuple[str, ...]:
    """The fields of a kind that passages prove."""
    return ("status", "date") if kind == EVENT else PROVED[KINDS[kind]]


def _parts(kind: str) -> list[RecordField]:
    declared = fields_of(Event) if kind == EVENT else typed_fields(KINDS[kind])
    by_name = {part.name: part for part in declared}
    return [by_name[name] for name in _FIELDS[kind]]


def _bare(name: str, value: str = "") -> dict[str, Any]:
    """A field of the form with a value that is typed as it is."""
    field = {"name": name, "label": name.capitalize(), "value": value, "was": value}
    return field | dict.fromkeys(
        ("choices", "to", "many", "hint", "elsewhere", "proof", "proof_was")
    )


def answers_in(words: str) -> dict[str, str]:
    """Why fields say what no passage does, as it is typed. Raises Unreadable."""
    pairs = [item.partition(":") for item in re.split(r";\s+(?=\w+:)", words)]
    if words.startswith(_KEPT) or not all(name.strip() and why.strip() for name, _, why in pairs):
        raise Unreadable("inferred: type it as by: They spoke for Japan.; due: They met in 2024.")
    return {name.strip(): why.strip() for name, _, why in pairs}


def answered(form: Form) -> list[str]:
    """The fields for which a reason is typed."""
    words = next((field["value"] for field in form["fields"] if field["name"] == "inferred"), "")
    with suppress(Unreadable):
        return [*answers_in(words)] if words else []
    return []


def _answers(entry: Entry) -> str:
    """The same as words, in brackets where these can't say it."""
    value = entry.get("inferred")
    if not value:
        return ""
    words = (
        "; ".join(f"{name}: {why}" for name, why in value.items())
        if isinstance(value, dict)
        else ""
    )
    try:
        is_whole = answers_in(words) == value
    except Unreadable:
        is_whole = False
    return words if is_whole else f"{_KEPT}{json.dumps(value, ensure_ascii=False)}]"


def _attribution(value: Any) -> dict[str, Any]:
    hint = " ".join(f"{term.value.replace('_', ' ')}: {term.meaning}" for term in Attribution)
    more = {"choices": [term.value for term in Attribution], "hint": hint}
    return _bare("attribution", str(value or "")) | more


def _voice(form: Form) -> str:
    """In whose voice the main passage speaks, as chosen."""
    fields = (field["value"] for field in form["fields"] if field["name"] == "attribution")
    return str(next(fields, "") or Attribution.REPORTED)


def _field(part: RecordField, entry: Entry, proof: list[list[int]] | None) -> dict[str, Any]:
    terms: Any = part.base
    one_of = issubclass(terms, Term) and not part.many
    roles: Any = next((one.base for one in part.parts if one.name == "role"), ())
    hint = f"actor:role, with {', '.join(term.value for term in roles)}" if roles else ""
    if part.name == "measures":
        hint = "pledged: up to EUR 5 million by 2030; goal: 30% of GDP"
    return _bare(part.name, _words(part, entry.get(part.name))) | {
        "label": part.label,
        "choices": [term.value for term in terms] if one_of else None,
        "to": next((kind.value for kind in part.targets), None),
        "many": part.many,
        "hint": hint,
        "proof": proof,
        "proof_was": proof,
    }


# Values as words, and back.


def _words(part: RecordField, value: Any) -> str:
    """The value of a field as it is typed, in brackets where words say less than it holds."""
    if value is None:
        return ""
    try:
        if part.name == "measures":
            return "; ".join(map(in_words, value))
        words = _gap(part).join(map(_word, value)) if part.many else _word(value)
        is_whole = _value(part, words, value, "") == value
    except (TypeError, AttributeError, ValueError, LookupError):
        is_whole = False
    return words if is_whole else f"{_KEPT}{json.dumps(value, ensure_ascii=False)}]"


def _gap(part: RecordField) -> str:
    """What stands between several: names hold commas, ids don't."""
    return ", " if part.targets else "; "


def _word(item: Any) -> str:
    if isinstance(item, str):
        return item
    if "actor" in item:
        return f"{item['actor']}:{item['role']}" if "role" in item else str(item["actor"])
    ((kind, id_),) = item.items()
    return f"{kind}:{id_}"


def _value(part: RecordField, words: str, before: Any, act: str) -> Any:
    """What is typed in a field, as a bundle has it. Raises Unreadable."""
    if words.startswith(_KEPT):
        raise Unreadable(f"{part.name}: says more than a line can; leave it, or edit the file")
    if not part.many:
        return _item(part, words, {}) if part.to else words
    items = [item.strip() for item in words.split(_gap(part).strip()) if item.strip()]
    if part.name == "measures":
        return _measures(items, before or [], act)
    old = {_word(item): item for item in before or ()}
    return [old.get(item) or _item(part, item, old) for item in items]


def _measures(items: list[str], before: list[Any], act: str) -> list[Entry]:
    """Measures as typed; one whose words are the same is the same."""
    left = [(in_words(one), one) for one in before if isinstance(one, dict)]
    measures = []
    for item in items:
        same = next((pair for pair in left if pair[0] == item), None)
        if same:
            left.remove(same)
        try:
            measures.append(same[1] if same else measure_of(item, act))
        except ValueError as error:
            raise Unreadable(f"measures: {error}") from None
    return measures


def _item(part: RecordField, words: str, old: dict[str, Any]) -> Any:
    """One that is named: an id, of two types `document:ID`, or an actor with its role."""
    first, _, second = words.partition(":")
    if not part.parts:
        return {first: second} if second and len(part.to) > 1 else words
    alike: Entry = next((one for one in old.values() if one["actor"] == first), {})
    second = second or ("about" if part.name == "mentions" else "")
    role = {"role": second} if second else {}
    return without_key(alike, "role") | {"actor": first} | role


# What proves them.


def _proofs(form: Form, entry: Entry, before: Entry, words: Words) -> list[Any]:
    """The passages of an entry: as they were, but for what was changed on the page."""
    kind, proofs = form["kind"], list_in(entry, "evidence")[:]
    for field in form["fields"]:
        name, places = field["name"], field["proof"]
        says, moved = claims(entry, name), places != field["proof_was"]
        if not field["proven"] or (says == claims(before, name) and not moved):
            continue
        if moved or not says:
            if says and places:
                proofs = [_explicit(kind, proof, entry) for proof in proofs]
            ours = words.own if says else None
            proofs = list(without_proof(name, proofs, ours))
        if says and moved and places:
            _add(name, words.passage(places, _voice(form)), proofs)
        elif says:
            _name(name, proofs, words)
    if not proofs and form["proofs"]:
        proofs = [words.passage(form["proofs"], _voice(form))]
    voice = next((one for one in form["fields"] if one["name"] == "attribution"), None)
    if voice and voice["value"] != voice["was"]:
        main = next((n for n, one in enumerate(proofs) if words.own(one)), None)
        if main is not None:
            proofs[main] = proofs[main] | {"attribution": voice["value"]}
    return proofs


def _add(name: str, passage: Entry, proofs: list[Any]) -> None:
    """Have a passage prove a field: the one that is there, if it is."""
    for n, one in enumerate(proofs):
        names = list_in(one, "fields") if isinstance(one, dict) else []
        if names and {key: one[key] for key in one if key != "fields"} == passage:
            proofs[n] = one | {"fields": [*names, name]}
            return
    proofs.append(passage | {"fields": [name]})


def _explicit(kind: str, proof: Any, entry: Entry) -> Any:
    """A passage with the names of what it proves: alone, it has none."""
    if not isinstance(proof, dict) or "fields" in proof:
        return proof
    return proof | {"fields": [name for name in proven(kind) if claims(entry, name)]}


def _name(name: str, proofs: list[Any], words: Words) -> None:
    """Have the main passage prove a field that none names, where passages name what they prove."""
    named = {n: list_in(one, "fields") for n, one in enumerate(proofs) if list_in(one, "fields")}
    main = next((n for n in named if words.own(proofs[n])), None)
    if main is not None and not any(name in fields for fields in named.values()):
        proofs[main] = proofs[main] | {"fields": [*named[main], name]}
