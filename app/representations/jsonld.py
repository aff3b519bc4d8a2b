"""JSON-LD 1.1: schema.org for what a record is about, PROV and Web Annotation for its proof.

The context is inline, so nothing is fetched to read it. What a source says is a `Claim` that
appears in it: no one is made its author. A country or area is an `AdministrativeArea`, a word
that takes no view of its status. What schema.org has no exact word for is under
`urn:readout:term:`.
"""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import orjson

from app import links
from app.dates import PartialDate
from app.fields import PLAIN, RecordField, fields_of
from app.paging import Page
from app.records import Reference, passages_of
from app.representations.facts import fields_by_name
from app.representations.html import TEMPLATES
from app.representations.values import Body, One, View
from app.representations.wording import record_title
from app.representations.words import in_words
from app.resources import SHAPES

Json = dict[str, Any]

_TERMS = orjson.loads((TEMPLATES / "jsonld.json").read_bytes())
"""The context; the types of actors and documents by their kinds; and the name of each key of a
record, in the order of the facts: an actor is said to have spoken the words of a quote."""
_TEXTS = frozenset({"joint_statement", "treaty"})
_XSD = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}


async def represent(answer: Page | One, view: View) -> Body:
    """A record, or a page of a list, as linked data."""
    if isinstance(answer, One):
        return orjson.dumps({"@context": _TERMS["context"], **node(answer.record, view)})
    page = {
        "@context": _TERMS["context"],
        "@id": view.base + answer.url,
        "@type": "ItemList",
        "name": await in_words(answer, view.release),
        "numberOfItems": answer.total,
        "next": view.base + answer.next if answer.next else None,
        "itemListElement": [node(record, view) for record in answer.records],
    }
    return orjson.dumps(_without_empty(page))


def node(record: Json, view: View) -> Json:
    """A record as a node, with its evidence."""
    info = view.release.info
    about = {
        "@id": view.base + record["href"],
        "name": record_title(record),
        "description": record["summary"],
        "readout:topic": record["topics"],
        **_sort(record, view.base),
        **_facts(record, view.base),
        "readout:event": [_event(record, one, view.base) for one in record.get("events", ())],
        "readout:assessment": [
            _event(record, one, view.base) for one in record.get("assessments", ())
        ],
        "subjectOf": {
            "@id": view.base + links.release_path(info.number),
            "@type": ["Dataset", "prov:Entity"],
            "name": f"Readout, release {info.number}",
            "version": str(info.number),
            "datePublished": {"@value": info.published_at, "@type": "xsd:dateTime"},
        },
        "evidence": [_annotation(record, proof, view.base) for proof in record["evidence"]],
    }
    return _without_empty(about)


def _annotation(record: Json, proof: Json, base: str) -> Json:
    """A passage that proves a record (https://www.w3.org/TR/annotation-model/)."""
    document = base + proof["document"]["href"]
    selectors = [selector for part in proof["parts"] or [proof] for selector in _selectors(part)]
    annotation = {
        "@type": ["oa:Annotation", "prov:Entity"],
        "oa:motivatedBy": {"@id": "oa:linking"},
        "body": base + record["href"],
        "target": {"@type": "oa:SpecificResource", "source": document, "selector": selectors},
        "prov:wasDerivedFrom": _reference(proof["document"], base),
        "readout:attribution": proof["attribution"],
        "readout:accordingTo": _reference(proof["according_to"], base),
        "readout:via": _references(proof["via"], base),
        "readout:locator": proof["locator"],
        "readout:proves": proof.get("fields"),
        "readout:sha256": proof["sha256"],
        "url": links.web_address(proof["url"]),
    }
    return _without_empty(annotation)


def _selectors(part: Json) -> list[Json]:
    """A passage, or a part of one, by its words, and by its place where that is known."""
    around = {name: part[name] for name in ("prefix", "suffix") if part.get(name)}
    words = {"@type": "oa:TextQuoteSelector", "exact": part["exact"], **around}
    if part["start"] is None:
        return [words]
    return [words, {"@type": "oa:TextPositionSelector", "start": part["start"], "end": part["end"]}]


def _event(record: Json, one: Json, base: str) -> Json:
    """What came of a commitment, or somebody's judgement of it."""
    said = {name: one.get(name) for name in ("status", "score", "scale", "of", "note")}
    return _without_empty(
        {f"readout:{name}": value for name, value in said.items()}
        | {
            "readout:date": _date(one.get("date") or one.get("on")),
            "readout:by": _reference(one.get("by"), base),
            "evidence": [_annotation(record, proof, base) for proof in one["evidence"]],
        }
    )


def _sort(record: Json, base: str) -> Json:
    """The `@type` of a record, and the documents that it is derived from."""
    match record["type"]:
        case "summit":
            return {"@type": "Event"}
        case "actor":
            return {"@type": _TERMS["actors"].get(record["kind"], "Organization")}
        case "document":
            return {"@type": _TERMS["documents"].get(record["kind"], "CreativeWork")}
        case "quote":
            return {"@type": "Quotation", **_derived(record, base)}
    if record["kind"] in _TEXTS:
        return {"@type": "CreativeWork", **_derived(record, base)}
    # Everything else is what a source says was agreed: a claim. It appears in the documents that
    # prove its title, not in those of a detail.
    saying = [proof for proof in record["evidence"] if "title" in proof["fields"]]
    appearance = _documents(saying, base)
    return {"@type": "Claim", **_derived(record, base), "appearance": appearance}


def _derived(record: Json, base: str) -> Json:
    derived_from = _documents(passages_of(record), base)
    return {"readout:kind": record.get("kind"), "prov:wasDerivedFrom": derived_from}


def _documents(proofs: list[Json], base: str) -> list[Json | None]:
    """The documents of passages, each once."""
    documents = {proof["document"]["id"]: proof["document"] for proof in proofs}
    return _references([*documents.values()], base)


def _facts(record: Json, base: str) -> Json:
    """The facts of a record under their JSON-LD names."""
    names = _PLAIN[record["type"]] | _TERMS["names"][record["type"]]
    # A document that is quoted has the words as a part of it.
    if record["type"] == "quote" and record["speaker"]["type"] == "document":
        names = names | {"speaker": "isPartOf"}
    fields = fields_by_name(record["type"])
    return {
        name: _COMPOSED[key](record)
        if key in _COMPOSED
        else _value(fields[key], record[key], name, base)
        for key, name in names.items()
    }


def _value(field: RecordField, value: Any, name: str, base: str) -> Any:
    """A value as its field is declared: a date, a reference, actors with roles, or as it is."""
    if field.base is Reference:
        return _references(value, base) if field.many else _reference(value, base)
    if field.parts:
        return [_role(part, name, base) for part in value]
    return _date(value) if field.typed is PartialDate else value


def _role(part: Json, name: str, base: str) -> Json:
    """Somebody in a capacity, between two days (https://schema.org/Role)."""
    behalf, actor = part.get("on_behalf_of"), part.get("actor") or part["of"]
    return _without_empty(
        {
            "@type": "Role",
            "roleName": part.get("role") or part.get("title"),
            "startDate": _date(part.get("since")),
            "endDate": _date(part.get("until")),
            "readout:office": part.get("office"),
            "readout:onBehalfOf": behalf and _reference(behalf, base),
            name: _reference(actor, base),
        }
    )


def _place(record: Json) -> Json | None:
    place = {
        "@type": "Place",
        "name": record["place"],
        "address": {"@type": "PostalAddress", "addressCountry": record["country"]},
    }
    return _without_empty(place) if record["place"] or record["country"] else None


def _amount(record: Json) -> Json | None:
    amount, currency = record["amount"], record["currency"]
    if amount is None:
        return None
    money = {"@type": "MonetaryAmount", "value": _decimal(amount), "currency": currency}
    return money | {"readout:bound": record["amount_bound"]}


def _measure(one: Json) -> Json:
    """A figure, or the two between which it lies (https://schema.org/QuantitativeValue)."""
    figures = {"value": one["value"]}
    if one["upper"] is not None:
        figures = {"minValue": one["value"], "maxValue": one["upper"]}
    said = {"currency": one["currency"], "unitText": one["unit"]}
    said |= {f"readout:{name}": one[name] for name in ("role", "bound", "of", "per", "baseline")}
    return _without_empty(
        {"@type": "MonetaryAmount" if one["currency"] else "QuantitativeValue"}
        | {name: _decimal(value) for name, value in figures.items()}
        | said
        | {"readout:by": _date(one["by"])}
    )


_COMPOSED: dict[str, Callable[[Json], Any]] = {
    "place": _place,
    "amount": _amount,
    "measures": lambda record: [_measure(one) for one in record["measures"]],
    "url": lambda record: links.web_address(record["url"]),
}
_PLAIN = {
    kind.value: {
        field.name: "readout:" + re.sub("_(.)", lambda letter: letter[1].upper(), field.name)
        for field in fields_of(shape)
        if PLAIN in field
    }
    for kind, shape in SHAPES.items()
}
"""The names of the keys that need none of another vocabulary: `readout:dueText`."""


def _references(listed: list[Json], base: str) -> list[Json | None]:
    return [_reference(reference, base) for reference in listed]


def _reference(record: Json | None, base: str) -> Json | None:
    return {"@id": base + record["href"], "name": record_title(record)} if record else None


def _date(date: str | None) -> Json | None:
    """A date, only as exact as it is."""
    return {"@value": date, "@type": _XSD[len(date)]} if date else None


def _decimal(value: float) -> Json:
    return {"@value": format(Decimal(str(value)), "f"), "@type": "xsd:decimal"}


def _without_empty(node: Json) -> Json:
    """A node without null and empty values: to leave one out is to say nothing."""
    return {name: value for name, value in node.items() if value not in (None, [], {})}
