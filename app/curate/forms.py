"""The form of a record on the page: its fields as words, and the way back to an entry."""

from typing import Any

from app.curation.amounts import in_words, measures
from app.curation.matching import SourceText, Stretch
from app.records import MAX_PASSAGE
from app.vocabulary import (
    Act,
    AgreementKind,
    AgreementStatus,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    Standing,
    Term,
)

Form = dict[str, Any]
"""`kind`; `id` of the record that is edited; `entry` as it was; `fields`, each with its `value`
and the `proof` that it has of its own; `proofs`, the places of the main passage."""

_CHOICES: dict[tuple[str, str], type[Term]] = {
    ("commitment", "act"): Act,
    ("commitment", "kind"): CommitmentKind,
    ("commitment", "standing"): Standing,
    ("agreement", "kind"): AgreementKind,
    ("agreement", "status"): AgreementStatus,
    ("event", "status"): CommitmentStatus,
    ("document", "kind"): DocumentKind,
}
_FIELDS = {
    "commitment": [
        "id", "title", "by", "to", "measures", "due", "due_text", "act", "kind", "standing",
        "mentions", "date", "summary",
    ],
    "agreement": ["id", "title", "parties", "kind", "status", "date", "summary"],
    "quote": ["id", "text", "speaker", "office", "date", "summary"],
    "event": ["commitment", "status", "date", "note"],
    "document": ["title", "kind", "publisher", "published", "url", "language"],
}  # fmt: skip
_LISTS = {"by", "to", "parties", "mentions"}
_REFERENCES = dict.fromkeys([*_LISTS, "speaker"], "actor") | {
    "commitment": "commitment",
    "publisher": "actor",
}
_WITHOUT_PROOF = {"id", "act", "kind", "commitment", "note"}
_LABELS = {
    "measures": "Sums and shares", "due_text": "Due, as worded", "mentions": "Also named",
}  # fmt: skip


def form_of(kind: str, entry: dict[str, Any], places: list[Stretch], text: str) -> Form:
    """The form of an entry whose passages stand at some places."""
    own: dict[str, list[list[int]]] = {}
    evidence = entry.get("evidence") or []
    if len(evidence) > 1:
        for proof, place in zip(evidence[1:], places[1:], strict=False):
            own |= {name: [list(place)] for name in proof.get("fields", ())}
        places = places[:1]
    fields = []
    for name in _FIELDS[kind]:
        choices = _CHOICES.get((kind, name))
        fields.append(
            {
                "name": name,
                "label": _LABELS.get(name, name.capitalize().replace("_", " ")),
                "value": _words(name, entry.get(name)),
                "choices": [term.value for term in choices] if choices else None,
                "to": _REFERENCES.get(name),
                "many": name in _LISTS,
                "proven": kind != "document" and name not in _WITHOUT_PROOF,
                "proof": own.get(name),
            }
        )
    return {
        "kind": kind,
        "id": None,
        "entry": {key: value for key, value in entry.items() if key != "evidence"},
        "fields": fields,
        "proofs": [list(place) for place in places],
        "passage": " … ".join(text[place.start : place.end] for place in places),
    }


def _words(name: str, value: Any) -> str:
    """The value of a field as it is typed."""
    if value is None:
        return ""
    if name == "measures":
        return "; ".join(in_words(one) for one in value)
    if name == "mentions":
        return ", ".join(f"{one['actor']}:{one['role']}" for one in value)
    if name == "parties":
        return ", ".join(party["actor"] for party in value)
    if name in _LISTS:
        return ", ".join(value)
    return str(value) if not isinstance(value, dict) else ""


def entry_of(
    form: Form, text: SourceText, content: dict[str, Any]
) -> tuple[str, dict[str, Any], int]:
    """The list that a form belongs to, its entry, and where its passage stands."""
    kind, before = form["kind"], dict(form.get("entry") or {})
    values = {field["name"]: str(field["value"]).strip() for field in form["fields"]}
    typed = {
        name: _value(name, value, before.get(name), str(values.get("act", "promise")))
        for name, value in values.items()
    }
    entry: dict[str, Any] = {"id": values.get("id", before.get("id", ""))} | before | typed
    kept = {"by", "parties", "id", "title", "text", "kind", "act", "status", "speaker"}
    entry = {key: value for key, value in entry.items() if value or key in kept}
    if kind == "agreement" and not entry.get("status"):
        entry["status"] = "not_stated"
    if kind != "agreement" and not entry.get("status"):
        entry.pop("status", None)
    proofs = [[Stretch(*place) for place in form["proofs"]]]
    fields: list[list[str] | None] = [None]
    for field in form["fields"]:
        if field.get("proof") and entry.get(field["name"]):
            proofs.append([Stretch(*place) for place in field["proof"]])
            fields.append([field["name"]])
    proven = [f["name"] for f in form["fields"] if f["proven"] and _says(entry.get(f["name"]))]
    others = {name for one in fields[1:] for name in one or ()}
    if len(proofs) > 1:
        fields[0] = [name for name in proven if name not in others]
    voice = _voice(content)
    entry["evidence"] = [
        _passage(places, text) | voice | ({"fields": named} if named else {})
        for places, named in zip(proofs, fields, strict=True)
        if places
    ]
    start = min((place.start for places in proofs for place in places), default=0)
    if kind == "document":
        del entry["evidence"]
    if kind == "event":
        return "additions", _addition(entry), start
    return f"{kind}s", entry, start


def _says(value: Any) -> bool:
    return value not in (None, "", [], "not_stated")


def _value(name: str, words: str, before: Any, act: str) -> Any:
    """What is typed in a field, as a bundle has it; as it was, where the words are the same."""
    if before is not None and words == _words(name, before):
        return before
    items = [item.strip() for item in words.split(",") if item.strip()]
    if name == "measures":
        return measures(words, act) if words else None
    if name == "mentions":
        pairs = [item.partition(":") for item in items]
        return [{"actor": actor, "role": role or "about"} for actor, _, role in pairs]
    if name == "parties":
        return [{"actor": item} for item in items]
    return items if name in _LISTS else words or None


def _passage(places: list[Stretch], text: SourceText) -> dict[str, Any]:
    """A passage of some places, with what says which one where there are several."""
    parts = []
    for place in places[:10]:
        exact = text.text[place.start : place.end]
        part: dict[str, Any] = {"passage": exact}
        same = text.places(exact) if len(exact) <= MAX_PASSAGE else [place]
        if len(same) > 1:
            number = text.paragraph_at(place.start)
            one = len(text.near(same, number)) == 1
            part |= {"near": number} if one else {"start": place.start}
        parts.append(part)
    return parts[0] if len(parts) == 1 else {"parts": parts}


def _voice(content: dict[str, Any]) -> dict[str, str]:
    """The document and attribution of a passage, where no default says them."""
    defaults = content.get("defaults") or {}
    documents = content.get("documents") or [{}]
    voice = {"document": documents[0].get("id"), "attribution": "direct_quote"}
    return {key: value for key, value in voice.items() if key not in defaults}


def _addition(entry: dict[str, Any]) -> dict[str, Any]:
    """What came of a commitment, as news of it."""
    event = {key: entry[key] for key in ("date", "status", "note") if entry.get(key)}
    evidence = [{k: v for k, v in proof.items() if k != "fields"} for proof in entry["evidence"]]
    return {
        "type": "commitment",
        "id": entry.get("commitment", ""),
        "events": [event | {"evidence": evidence}],
    }
