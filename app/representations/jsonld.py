"""JSON-LD 1.1: schema.org for what a record is about, PROV and Web Annotation for its proof.

The context is inline, so nothing is fetched to read it. What a source says is a `Claim` that
appears in it: no one is made its author. A country or area is an `AdministrativeArea`, a word
that takes no view of its status. What schema.org has no exact word for is under
`urn:readout:term:`.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import orjson

from app import links
from app.paging import Page
from app.representations.values import Body, One, Shown, View
from app.representations.wording import record_title
from app.representations.words import in_words

Json = dict[str, Any]

_IRI = {"@type": "@id"}
CONTEXT: Json = {
    "@version": 1.1,
    "@vocab": "https://schema.org/",
    "readout": "urn:readout:term:",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "hydra": "http://www.w3.org/ns/hydra/core#",
    "url": {"@id": "url", **_IRI},
    "itemListElement": {"@id": "itemListElement", "@container": "@list"},
    "next": {"@id": "hydra:next", **_IRI},
    "evidence": "readout:evidence",
    "body": {"@id": "oa:hasBody", **_IRI},
    "target": "oa:hasTarget",
    "source": {"@id": "oa:hasSource", **_IRI},
    "selector": "oa:hasSelector",
    "exact": "oa:exact",
    "start": {"@id": "oa:start", "@type": "xsd:nonNegativeInteger"},
    "end": {"@id": "oa:end", "@type": "xsd:nonNegativeInteger"},
}
_ACTORS = {
    "person": "Person",
    "country_or_area": "AdministrativeArea",
    "government_body": "GovernmentOrganization",
}
_DOCUMENTS = {"news_article": "NewsArticle", "social_media_post": "SocialMediaPosting"}
_TEXTS = frozenset({"joint_statement", "treaty"})
_XSD = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}


async def represent(shown: Shown, view: View) -> Body:
    """A record, or a page of a list, as linked data."""
    if isinstance(shown, One):
        return orjson.dumps({"@context": CONTEXT, **node(orjson.loads(shown.body), view)})
    assert isinstance(shown, Page)  # noqa: S101 - the table has this as a format of pages
    found = {
        "@context": CONTEXT,
        "@id": view.base + shown.url,
        "@type": "ItemList",
        "name": await in_words(shown, view.release),
        "numberOfItems": shown.total,
        "next": view.base + shown.next if shown.next else None,
        "itemListElement": [node(orjson.loads(item), view) for item in shown.items],
    }
    return orjson.dumps(_known(found))


def node(record: Json, view: View) -> Json:
    """A record as a node, with its evidence."""
    info = view.release.info
    about = {
        "@id": view.base + record["href"],
        "name": record_title(record),
        "description": record["summary"],
        "readout:topic": record["topics"],
        **_DESCRIBED[record["type"]](record, view.base),
        "subjectOf": {
            "@id": view.base + links.release_path(info.number),
            "@type": ["Dataset", "prov:Entity"],
            "name": f"Readout, release {info.number}",
            "version": str(info.number),
            "datePublished": {"@value": info.published_at, "@type": "xsd:dateTime"},
        },
        "evidence": [_annotation(record, proof, view.base) for proof in record["evidence"]],
    }
    return _known(about)


def _annotation(record: Json, proof: Json, base: str) -> Json:
    """A passage that proves a record (https://www.w3.org/TR/annotation-model/)."""
    document = base + proof["document"]["href"]
    selectors: list[Json] = [{"@type": "oa:TextQuoteSelector", "exact": proof["exact"]}]
    if proof["start"] is not None:
        place = {"start": proof["start"], "end": proof["end"]}
        selectors.append({"@type": "oa:TextPositionSelector", **place})
    found = {
        "@type": ["oa:Annotation", "prov:Entity"],
        "oa:motivatedBy": {"@id": "oa:linking"},
        "body": base + record["href"],
        "target": {"@type": "oa:SpecificResource", "source": document, "selector": selectors},
        "prov:wasDerivedFrom": _reference(proof["document"], base),
        "readout:attribution": proof["attribution"],
        "readout:proves": proof["fields"],
        "readout:sha256": proof["sha256"],
        "url": links.web_address(proof["url"]),
    }
    return _known(found)


def _summit(record: Json, base: str) -> Json:
    place = {
        "@type": "Place",
        "name": record["place"],
        "address": {"@type": "PostalAddress", "addressCountry": record["country"]},
    }
    return {
        "@type": "Event",
        "startDate": _date(record["starts_on"]),
        "endDate": _date(record["ends_on"]),
        "location": _known(place) if record["place"] or record["country"] else None,
        "attendee": _roles("attendee", record["participants"], base),
    }


def _actor(record: Json, base: str) -> Json:
    office = "jobTitle" if record["kind"] == "person" else "readout:office"
    return {
        "@type": _ACTORS.get(record["kind"], "Organization"),
        "alternateName": record["aliases"],
        office: record["office"],
        "readout:kind": record["kind"],
        "readout:country": record["country"],
        "readout:actsFor": _references(record["acts_for"], base),
    }


def _agreement(record: Json, base: str) -> Json:
    return {
        # A text is a work; everything else is what a source says was agreed.
        **(_derived if record["kind"] in _TEXTS else _claim)(record, base),
        "readout:status": record["status"],
        "readout:date": _date(record["date"]),
        "readout:party": _roles("readout:party", record["parties"], base),
        "readout:commitment": _references(record["commitments"], base),
        "readout:quote": _references(record["quotes"], base),
        **_meeting(record, base),
    }


def _commitment(record: Json, base: str) -> Json:
    money = {
        "@type": "MonetaryAmount",
        "value": _decimal(record["amount"]),
        "currency": record["currency"],
    }
    counted = {
        "@type": "QuantitativeValue",
        "value": _decimal(record["quantity"]),
        "unitText": record["unit"],
    }
    return {
        **_claim(record, base),
        "readout:status": record["status"],
        "readout:by": _references(record["by"], base),
        "readout:to": _references(record["to"], base),
        "readout:amount": None if record["amount"] is None else _known(money),
        "readout:quantity": None if record["quantity"] is None else _known(counted),
        "readout:due": _date(record["due"]),
        "readout:agreement": _reference(record["agreement"], base),
        **_meeting(record, base),
    }


def _quote(record: Json, base: str) -> Json:
    # A document that is quoted has the words as a part of it; an actor is said to have spoken them.
    speaker = "isPartOf" if record["speaker"]["type"] == "document" else "spokenByCharacter"
    return {
        **_derived(record, base),
        "@type": "Quotation",
        "text": record["text"],
        speaker: _reference(record["speaker"], base),
        "readout:office": record["office"],
        "inLanguage": record["language"],
        "dateCreated": _date(record["date"]),
        "mentions": _references(record["mentions"], base),
        "about": _references(record["agreements"], base),
        "readout:summit": _reference(record["summit"], base),
    }


def _document(record: Json, base: str) -> Json:
    return {
        "@type": _DOCUMENTS.get(record["kind"], "CreativeWork"),
        "readout:kind": record["kind"],
        "publisher": _reference(record["publisher"], base),
        "author": _reference(record["author"], base),
        "datePublished": _date(record["published"]),
        "url": links.web_address(record["url"]),
        "inLanguage": record["language"],
        "readout:sha256": record["sha256"],
        "readout:characters": record["characters"],
    }


_DESCRIBED = {
    "summit": _summit,
    "actor": _actor,
    "agreement": _agreement,
    "commitment": _commitment,
    "quote": _quote,
    "document": _document,
}


def _claim(record: Json, base: str) -> Json:
    """What sources say: it appears in those that say it, and not in one that proves a detail."""
    saying = {
        proof["document"]["id"]: proof["document"]
        for proof in record["evidence"]
        if "title" in proof["fields"]
    }
    appearance = _references([*saying.values()], base)
    return {**_derived(record, base), "@type": "Claim", "appearance": appearance}


def _derived(record: Json, base: str) -> Json:
    documents = {proof["document"]["id"]: proof["document"] for proof in record["evidence"]}
    return {
        "@type": "CreativeWork",
        "readout:kind": record.get("kind"),
        "prov:wasDerivedFrom": _references([*documents.values()], base),
    }


def _meeting(record: Json, base: str) -> Json:
    return {
        "readout:summit": _reference(record["summit"], base),
        "readout:relation": record["relation"],
    }


def _roles(name: str, listed: list[Json], base: str) -> list[Json]:
    """Actors in a capacity (https://schema.org/Role)."""
    return [
        {"@type": "Role", "roleName": found["role"], name: _reference(found["actor"], base)}
        for found in listed
    ]


def _references(listed: list[Json], base: str) -> list[Json | None]:
    return [_reference(found, base) for found in listed]


def _reference(found: Json | None, base: str) -> Json | None:
    return {"@id": base + found["href"], "name": record_title(found)} if found else None


def _date(date: str | None) -> Json | None:
    """A date, only as exact as it is."""
    return {"@value": date, "@type": _XSD[len(date)]} if date else None


def _decimal(value: float | None) -> Json | None:
    if value is None:
        return None
    return {"@value": format(Decimal(str(value)), "f"), "@type": "xsd:decimal"}


def _known(found: Mapping[str, Any]) -> Json:
    """Without what is not known: to leave it out is to say nothing."""
    return {name: value for name, value in found.items() if value not in (None, [], {})}
