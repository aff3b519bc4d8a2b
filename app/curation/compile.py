"""From an entry of a bundle to the public record and the rows that find it."""

import hashlib
from typing import Any, NamedTuple

import orjson
from sqlmodel import SQLModel

from app import links
from app.curation.bundle import (
    AnyEntry,
    BundledActor,
    BundledAgreement,
    BundledCommitment,
    BundledDocument,
    BundledQuote,
    BundledSummit,
)
from app.curation.catalogue import Catalogue, Known
from app.dates import first_day, last_day
from app.records import SHAPES, title_of
from app.store.search import searched
from app.store.tables import (
    ActorPrincipal,
    ActorRow,
    AgreementActor,
    AgreementParty,
    AgreementRow,
    CommitmentActor,
    CommitmentRow,
    DocumentRow,
    QuoteAgreement,
    QuoteMention,
    QuoteRow,
    RecordDocument,
    RecordRow,
    RecordSummit,
    RecordTopic,
    SummitParticipant,
    SummitRow,
)
from app.vocabulary import RecordType

Row = tuple[type[SQLModel], dict[str, Any]]
Body = dict[str, Any]


class Compiled(NamedTuple):
    """A record, ready to be written."""

    kind: RecordType
    id: str
    body: bytes
    rows: list[Row]
    search: tuple[int, RecordType, str, str]
    """`rowid`, `type`, `title` and `text` of the full-text index."""


def compile_entry(kind: RecordType, entry: AnyEntry, catalogue: Catalogue) -> Compiled:
    """Join the names, prove the evidence, write the JSON. The entry has passed the check."""
    known = catalogue.known[kind][entry.id]
    body = _public(kind, entry, catalogue)
    # The shape is defined once; a body that differs from it is never published.
    SHAPES[kind].model_validate(body)
    written = orjson.dumps(body)
    record = {
        "ordinal": known.ordinal,
        "type": kind.value,
        "id": entry.id,
        "title": title_of(body),
        "body": written.decode(),
    }
    return Compiled(
        kind,
        entry.id,
        written,
        [
            (RecordRow, record),
            *_own_rows(entry, known, catalogue),
            *_links(entry, known, catalogue),
        ],
        (known.ordinal, kind, *searched(body)),
    )


def _public(kind: RecordType, entry: AnyEntry, catalogue: Catalogue) -> Body:
    """The public record, its keys in the order in which a person reads them."""
    return {
        "type": kind.value,
        "id": entry.id,
        "href": links.record_path(kind, entry.id),
        **_own_fields(entry, catalogue),
        "summary": entry.summary,
        "topics": [topic.value for topic in entry.topics],
        "evidence": _evidence(entry, catalogue),
    }


def _own_fields(entry: AnyEntry, catalogue: Catalogue) -> Body:
    match entry:
        case BundledSummit():
            return _summit(entry, catalogue)
        case BundledActor():
            return _actor(entry, catalogue)
        case BundledAgreement():
            return _agreement(entry, catalogue)
        case BundledCommitment():
            return _commitment(entry, catalogue)
        case BundledQuote():
            return _quote(entry, catalogue)
        case BundledDocument():
            return _document(entry, catalogue)


def _summit(entry: BundledSummit, catalogue: Catalogue) -> Body:
    members = catalogue.members_of[entry.id]
    return {
        "title": entry.title,
        "starts_on": entry.starts_on,
        "ends_on": entry.ends_on,
        "place": entry.place,
        "country": entry.country,
        "participants": [
            {"actor": _reference(catalogue, RecordType.ACTOR, p.actor), "role": p.role.value}
            for p in entry.participants
        ],
        "counts": {
            kind.plural: len(members[kind])
            for kind in (
                RecordType.AGREEMENT,
                RecordType.COMMITMENT,
                RecordType.QUOTE,
                RecordType.DOCUMENT,
            )
        },
    }


def _actor(entry: BundledActor, catalogue: Catalogue) -> Body:
    return {
        "title": entry.title,
        "kind": entry.kind.value,
        "aliases": entry.aliases,
        "country": entry.country,
        "office": entry.office,
        "acts_for": _references(catalogue, RecordType.ACTOR, entry.acts_for),
    }


def _agreement(entry: BundledAgreement, catalogue: Catalogue) -> Body:
    return {
        "title": entry.title,
        "kind": entry.kind.value,
        "status": entry.status.value,
        "date": entry.date,
        "summit": _reference(catalogue, RecordType.SUMMIT, entry.summit),
        "relation": entry.relation.value if entry.relation else None,
        "parties": [
            {"actor": _reference(catalogue, RecordType.ACTOR, p.actor), "role": p.role.value}
            for p in entry.parties
        ],
        "commitments": [_refer(known) for known in catalogue.commitments_of.get(entry.id, ())],
        "quotes": [_refer(known) for known in catalogue.quotes_of.get(entry.id, ())],
    }


def _commitment(entry: BundledCommitment, catalogue: Catalogue) -> Body:
    return {
        "title": entry.title,
        "kind": entry.kind.value,
        "status": entry.status.value,
        "by": _references(catalogue, RecordType.ACTOR, entry.by),
        "to": _references(catalogue, RecordType.ACTOR, entry.to),
        "amount": _number(entry.amount),
        "currency": entry.currency,
        "quantity": _number(entry.quantity),
        "unit": entry.unit,
        "due": entry.due,
        "agreement": _reference(catalogue, RecordType.AGREEMENT, entry.agreement),
        "summit": _reference(catalogue, RecordType.SUMMIT, entry.summit),
        "relation": entry.relation.value if entry.relation else None,
    }


def _quote(entry: BundledQuote, catalogue: Catalogue) -> Body:
    speaker = (
        _reference(catalogue, RecordType.ACTOR, entry.speaker)
        if isinstance(entry.speaker, str)
        else _reference(catalogue, RecordType.DOCUMENT, entry.speaker.document)
    )
    return {
        "text": entry.text,
        "speaker": speaker,
        "office": entry.office,
        "language": entry.language,
        "date": entry.date,
        "mentions": _references(catalogue, RecordType.ACTOR, entry.mentions),
        "agreements": _references(catalogue, RecordType.AGREEMENT, entry.agreements),
        "summit": _reference(catalogue, RecordType.SUMMIT, entry.summit),
    }


def _document(entry: BundledDocument, catalogue: Catalogue) -> Body:
    return {
        "title": entry.title,
        "kind": entry.kind.value,
        "publisher": _reference(catalogue, RecordType.ACTOR, entry.publisher),
        "author": _reference(catalogue, RecordType.ACTOR, entry.author),
        "published": entry.published,
        "url": entry.url,
        "language": entry.language,
        "sha256": entry.sha256,
        "characters": entry.characters,
        "cited_in": [_refer(known) for known in catalogue.cited_in.get(entry.id, ())],
    }


def _evidence(entry: AnyEntry, catalogue: Catalogue) -> list[Body]:
    return [
        {
            "document": _reference(catalogue, RecordType.DOCUMENT, proof.document),
            "fields": proof.fields,
            "attribution": proof.attribution.value,
            "exact": proof.passage,
            "start": proof.start,
            "end": None if proof.start is None else proof.start + len(proof.passage),
            "sha256": hashlib.sha256(proof.passage.encode()).hexdigest(),
            "url": links.passage_url(
                catalogue.known[RecordType.DOCUMENT][proof.document].url, proof.passage
            ),
        }
        for proof in entry.evidence
    ]


def _refer(known: Known) -> Body:
    return {
        "type": known.type.value,
        "id": known.id,
        "title": known.title,
        "href": links.record_path(known.type, known.id),
    }


def _reference(catalogue: Catalogue, kind: RecordType, id_: str | None) -> Body | None:
    return None if id_ is None else _refer(catalogue.known[kind][id_])


def _references(catalogue: Catalogue, kind: RecordType, ids: list[str]) -> list[Body]:
    return [_refer(catalogue.known[kind][id_]) for id_ in ids]


def _number(value: float | None) -> float | None:
    """A whole number without a decimal point."""
    return int(value) if value is not None and float(value).is_integer() else value


def _days(first: str | None, last: str | None) -> Body:
    return {
        "earliest": first_day(first) if first else None,
        "latest": last_day(last) if last else None,
    }


def _own_rows(entry: AnyEntry, known: Known, catalogue: Catalogue) -> list[Row]:
    """The row of the record in its own table, and those that belong to it."""
    row: Body = {"id": entry.id, **known.places}
    match entry:
        case BundledSummit():
            plain = entry.model_dump(
                mode="json", include={"title", "starts_on", "ends_on", "place", "country"}
            )
            days = _days(entry.starts_on, entry.ends_on or entry.starts_on)
            return [
                (SummitRow, row | plain | days),
                *(
                    (
                        SummitParticipant,
                        {"actor": p.actor, "ordinal": known.ordinal, "role": p.role.value},
                    )
                    for p in entry.participants
                ),
            ]
        case BundledActor():
            plain = entry.model_dump(mode="json", include={"title", "kind", "country", "office"})
            return [
                (ActorRow, row | plain),
                *(
                    (ActorPrincipal, {"principal": principal, "actor": entry.id, "direct": direct})
                    for principal, direct in catalogue.all_principals(entry.id)
                ),
            ]
        case BundledAgreement():
            return [
                (AgreementRow, row | _agreement_row(entry)),
                *_party_rows(entry, known, catalogue),
            ]
        case BundledCommitment():
            return [
                (CommitmentRow, row | _commitment_row(entry)),
                *(
                    (CommitmentActor, {"role": role, "actor": actor, "ordinal": known.ordinal})
                    for role, actors in (("by", entry.by), ("to", entry.to))
                    for actor in actors
                ),
            ]
        case BundledQuote():
            return _quote_rows(entry, known)
        case BundledDocument():
            plain = entry.model_dump(
                mode="json",
                include={"title", "kind", "publisher", "author", "published", "url", "language"},
            )
            days = _days(entry.published, entry.published)
            return [(DocumentRow, row | plain | days)]


def _agreement_row(entry: BundledAgreement) -> Body:
    plain = entry.model_dump(
        mode="json", include={"title", "kind", "status", "relation", "date", "summit"}
    )
    return plain | _days(entry.date, entry.date)


def _party_rows(entry: BundledAgreement, known: Known, catalogue: Catalogue) -> list[Row]:
    found: dict[str, None] = {}
    for party in entry.parties:
        found[party.actor] = None
        found.update((principal, None) for principal, _ in catalogue.all_principals(party.actor))
    return [
        *(
            (AgreementParty, {"actor": p.actor, "ordinal": known.ordinal, "role": p.role.value})
            for p in entry.parties
        ),
        *((AgreementActor, {"actor": actor, "ordinal": known.ordinal}) for actor in found),
    ]


def _commitment_row(entry: BundledCommitment) -> Body:
    plain = entry.model_dump(
        mode="json",
        include={
            "title", "kind", "status", "relation", "amount", "currency", "quantity", "unit",
            "due", "agreement", "summit",
        },
    )  # fmt: skip
    return plain | _days(entry.due, entry.due)


def _quote_rows(entry: BundledQuote, known: Known) -> list[Row]:
    plain = entry.model_dump(mode="json", include={"office", "language", "date", "summit"})
    speaker = entry.speaker if isinstance(entry.speaker, str) else entry.speaker.document
    row = {"id": entry.id, "speaker": speaker, **known.places}
    return [
        (QuoteRow, row | plain | _days(entry.date, entry.date)),
        *((QuoteMention, {"actor": a, "ordinal": known.ordinal}) for a in entry.mentions),
        *((QuoteAgreement, {"agreement": a, "ordinal": known.ordinal}) for a in entry.agreements),
    ]


def _links(entry: AnyEntry, known: Known, catalogue: Catalogue) -> list[Row]:
    """What every record is found by: its topics, its sources, its summits."""
    link = {"type": known.type.value, "ordinal": known.ordinal}
    # A quote and a summit have no kind.
    of_topic = link | {"kind": getattr(entry, "kind", None)}
    topics = dict.fromkeys(topic.value for topic in entry.topics)
    return [
        *((RecordTopic, of_topic | {"topic": topic}) for topic in topics),
        *((RecordDocument, link | {"document": document}) for document in known.cites),
        *((RecordSummit, link | {"summit": summit}) for summit in catalogue.summits_of(known)),
    ]
