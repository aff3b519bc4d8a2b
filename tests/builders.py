"""Builders with defaults: a test types what it is about, and the rest is right by itself.

`a_bundle(commitments=[a_commitment(by=["japn"])])` is a whole data set with one problem.
"""

import json
from pathlib import Path
from typing import Any

Typed = dict[str, Any]

# What a builder does not have to prove: an id, how an entry is sorted, and the proof itself.
_UNPROVED = {
    "id",
    "former_ids",
    "inferred",
    "cut",
    "events",
    "assessments",
    "kind",
    "act",
    "topics",
    "language",
    "evidence",
    "sha256",
    "characters",
    "url",
}


def a_proof(*fields: str, **given: Any) -> Typed:
    """A passage of the report that proves some fields."""
    return {
        "document": "report",
        "passage": "the words of the report",
        "fields": list(fields) or ["title"],
        "attribution": "reported",
    } | given


def _proved(entry: Typed, given: Typed) -> Typed:
    """An entry as given, and a passage for everything that it says."""
    entry |= given
    fields = [
        key
        for key, value in entry.items()
        if key not in _UNPROVED and value not in (None, [], "not_stated")
    ]
    words = {"passage": entry["text"][:300]} if isinstance(entry.get("text"), str) else {}
    return entry if "evidence" in given else entry | {"evidence": [a_proof(*fields, **words)]}


def a_summit(**given: Any) -> Typed:
    """A meeting of Japan with itself, on no known day."""
    participants = [{"actor": "japan", "role": "country"}]
    entry = {"id": "meeting", "title": "The meeting", "participants": participants}
    return _proved(entry, given)


def an_actor(id_: str = "japan", **given: Any) -> Typed:
    """A country, unless told otherwise."""
    entry = {"id": id_, "title": id_.replace("-", " ").title(), "kind": "country_or_area"}
    return _proved(entry, given)


def an_agreement(**given: Any) -> Typed:
    """A framework of Japan, with no state, date or summit."""
    entry = {
        "id": "framework",
        "title": "A framework",
        "kind": "framework",
        "status": "not_stated",
        "parties": [{"actor": "japan"}],
    }
    return _proved(entry, given)


def a_commitment(*, amount: Any = None, currency: Any = None, **given: Any) -> Typed:
    """A pledge that nobody in particular made to nobody; `amount` is a sum that it pledges."""
    entry: Typed = {
        "id": "pledge",
        "title": "A pledge",
        "act": "promise",
        "kind": "other",
        "status": "not_stated",
        "by": [],
    }
    if amount is not None:
        pledged = a_measure(amount) if currency is None else a_measure(amount, currency=currency)
        entry["measures"] = [pledged]
    return _proved(entry, given)


def a_measure(value: Any = 1, **given: Any) -> Typed:
    """A figure that somebody pledges, of nothing unless told of what."""
    return {"role": "pledged", "value": value} | given


def a_mention(actor: str = "japan", **given: Any) -> Typed:
    """An actor that a record is about."""
    return {"actor": actor, "role": "about"} | given


def a_quote(**given: Any) -> Typed:
    """Words of Japan."""
    entry = {"id": "words", "text": "the words of the report", "speaker": "japan"}
    return _proved(entry, given)


def a_document(id_: str = "report", **given: Any) -> Typed:
    """A report that nothing is known of, and that needs no proof."""
    return {"id": id_, "title": "The report", "kind": "news_article"} | given


def a_bundle(**lists: Any) -> Typed:
    """A file with the entries given; Japan and the report are there unless they are given too."""
    return {"actors": [an_actor()], "documents": [a_document()]} | lists


def write(file: Path, bundle: Any) -> str:
    """Write a bundle to a file, and say which."""
    file.write_text(json.dumps(bundle), encoding="utf-8")
    return str(file)
