"""From an entry of a bundle to the public record and the rows that find it."""

import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table
from sqlmodel import SQLModel

from app import links
from app.curation.bundle import BundledPassage, Entry, named, typed_fields
from app.curation.cards import ACTING, Card
from app.curation.catalogue import ORDERS, Catalogue
from app.curation.names import names_of
from app.dates import last_day
from app.fields import RecordField, fields_of
from app.records import Passage, title_of
from app.resources import SHAPES
from app.resources.commitments import pledged
from app.resources.topics import with_broader
from app.store.search import searched
from app.store.tables import COLUMNS, ROWS, NameRow, RecordLink, RecordRow
from app.vocabulary import CommitmentStatus, RecordType, Term

Row = tuple[type[SQLModel] | Table, dict[str, Any]]
Body = dict[str, Any]


class Compiled(NamedTuple):
    """A record, ready to be written."""

    rows: list[Row]
    search: tuple[int, RecordType, str, str, str]
    """`rowid`, `type`, `title` and `text` of the full-text index."""


def compile_entry(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Compiled:
    """Join the names, prove the evidence, write the JSON. The entry has passed the check."""
    card = catalogue.cards[kind][entry.id]
    body = _public(kind, entry, catalogue)
    # The shape is defined once; a body that differs from it is never published.
    SHAPES[kind].model_validate(body)
    record = {
        "ordinal": card.ordinal,
        "type": kind.value,
        "id": entry.id,
        "title": title_of(body),
        "body": orjson.dumps(body).decode(),
    }
    return Compiled(
        [
            (RecordRow, record),
            (ROWS[kind], _row(body, card)),
            *((RecordLink, link) for link in _links(body, card, catalogue)),
            *(
                (NameRow, {"name": name, "ordinal": card.ordinal, "code": is_code})
                for name, is_code in names_of(body).items()
            ),
        ],
        (card.ordinal, kind, *searched(body)),
    )


def _public(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Body:
    """The public record, its keys in the order in which a person reads them."""
    body = {
        "type": kind.value,
        "id": entry.id,
        "href": links.record_path(kind, entry.id),
        # What is not typed is worked out below, once the other fields are there.
        **dict.fromkeys(field.name for field in fields_of(SHAPES[kind])),
        **{field.name: _value(field, entry, catalogue) for field in typed_fields(kind)},
        "counts": catalogue.counts(kind, entry.id),
        "topics": entry.topics,
        "evidence": [
            _passage(proof, catalogue) | {"fields": proof.fields} for proof in entry.evidence
        ],
        "inferred": dict(sorted(entry.inferred.items())),
    }
    if kind is RecordType.COMMITMENT:
        pledge = pledged(body) or {}
        body |= {"status": _status(entry).value, "amount": pledge.get("value")}
        body |= {"currency": pledge.get("currency"), "amount_bound": pledge.get("bound")}
    return body


def _value(field: RecordField, whole: Any, catalogue: Catalogue) -> Any:
    """The public value of a field, of what an entry or a part of it says."""
    value = getattr(whole, field.name)
    if field.many:
        return [_single(field, item, catalogue) for item in value]
    return None if value is None else _single(field, value, catalogue)


def _single(field: RecordField, value: Any, catalogue: Catalogue) -> Any:
    """The public value of one that is typed in a field."""
    if field.to:
        return _reference(catalogue, *named(value, field.to))
    if field.base is Passage:
        return _passage(value, catalogue)
    if field.parts:
        return {part.name: _value(part, value, catalogue) for part in field.parts}
    if isinstance(value, Term):
        return value.value
    # A whole number has no decimal point.
    return int(value) if field.base is float and float(value).is_integer() else value


def _passage(proof: BundledPassage, catalogue: Catalogue) -> Body:
    """A passage with its place, its digest and an address that opens it."""
    parts = [
        {
            "exact": part.passage,
            "start": part.start,
            "end": None if part.start is None else part.start + len(part.passage),
        }
        for part in proof.parts
    ]
    voice = proof.according_to
    return {
        "document": _reference(catalogue, RecordType.DOCUMENT, proof.document),
        "via": [_reference(catalogue, RecordType.DOCUMENT, id_) for id_ in proof.via],
        "attribution": proof.attribution.value,
        "according_to": voice and _reference(catalogue, *named(voice, _VOICES)),
        "exact": proof.exact,
        "parts": parts,
        "prefix": proof.prefix,
        "suffix": proof.suffix,
        "locator": proof.locator,
        "start": proof.parts[0].start if proof.parts else proof.start,
        "end": proof.end,
        "sha256": hashlib.sha256(proof.exact.encode()).hexdigest(),
        "url": links.passage_url(
            catalogue.cards[RecordType.DOCUMENT][proof.document].url,
            proof.exact,
            proof.prefix,
            proof.suffix,
            [part.passage for part in proof.parts],
        ),
    }


_VOICES = (RecordType.ACTOR, RecordType.DOCUMENT)


def _status(entry: Entry) -> CommitmentStatus:
    """That of the latest event, of those without a day the last; else as typed."""
    events = sorted(entry.events, key=lambda event: last_day(event.date) if event.date else "")
    typed: CommitmentStatus | None = entry.status
    return events[-1].status if events else typed or CommitmentStatus.NOT_STATED


def _reference(catalogue: Catalogue, kind: RecordType, id_: str) -> Body:
    return reference(kind, id_, catalogue.cards[kind][id_].title)


def reference(kind: RecordType, id_: str, title: str) -> Body:
    """A record as others refer to it."""
    return {"type": kind.value, "id": id_, "title": title, "href": links.record_path(kind, id_)}


def _row(body: Body, card: Card) -> Body:
    """The row of the record in the table of its type."""
    row: Body = {
        "id": card.id,
        "changed_down": 0,
        **dict(zip(ORDERS[card.type], card.numbers, strict=True)),
    }
    for field in COLUMNS[card.type]:
        value = body[field.name]
        row[field.name] = value["id"] if field.to and value else value
    row |= {name: worked_out(body) for name, worked_out in SHAPES[card.type].ends.items()}
    if SHAPES[card.type].days:
        row["earliest"], row["latest"] = card.days or (None, None)
    return row


def _links(body: Body, card: Card, catalogue: Catalogue) -> Iterator[Body]:
    """The rows by which filters find a record: each value that it names once in each field."""
    link = {"type": card.type.value, "ordinal": card.ordinal}
    for topic in with_broader(body["topics"], catalogue.topics):
        yield link | {"field": "topic", "value": topic, "detail": body.get("kind")}
    named: dict[str, list[tuple[str, str | None]]] = {
        "document": [(document, None) for document in card.cites],
        "summit": [(summit, None) for summit in catalogue.summits_of(card)],
        **{name: [_named(item, key) for item in body[name]] for name, key in _MANY[card.type]},
    }
    if card.type in ACTING:
        doers = catalogue.doers(card)
        named["actor"] = [(actor, way.value) for actor, way in doers.items()]
        named["involves"] = [(actor, None) for actor in (*card.actors, *doers)]
    for field, values in named.items():
        for value, detail in dict(values).items():
            yield link | {"field": field, "value": value, "detail": detail}


def _named(item: Body, key: str | None) -> tuple[str, str | None]:
    """The id of a reference, or of the actor under a key and its role."""
    return (item[key] if key else item)["id"], item.get("role")


_MANY = {
    kind: [
        (field.name, next((part.name for part in field.parts if part.to), None))
        for field in fields_of(shape)
        if field.many and field.names_records
    ]
    for kind, shape in SHAPES.items()
}
"""The fields of each type that refer to several records, and the key of those in their parts."""
