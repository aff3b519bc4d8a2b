"""The lists of the six types of record: what each can be asked for, in the order of its words."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate, first_day, last_day
from app.fields import Id
from app.queries.listing import list_of
from app.queries.meant import day_or_today
from app.queries.params import DatedParams, TypeParams
from app.queries.values import (
    ActorIds,
    Actors,
    AgreementIds,
    AmountMax,
    AmountMin,
    Bound,
    Countries,
    Currencies,
    Day,
    Facets,
    Involves,
    Kinds,
    Listed,
    Meant,
    MentionRoles,
    Mentions,
    Most,
    OfSummit,
    Reaffirmed,
    Refers,
    Relations,
    Says,
    Several,
    Standings,
    Statuses,
    SummitIds,
    Ways,
    linked,
    not_below,
)
from app.resources.actors import Actor
from app.resources.agreements import Agreement
from app.resources.commitments import Commitment
from app.resources.documents import Document
from app.resources.quotes import Quote
from app.resources.summits import Summit
from app.vocabulary import (
    Act,
    ActorKind,
    AgreementKind,
    AgreementStatus,
    CommitmentKind,
    CommitmentStatus,
    DocumentKind,
    RecordType,
)

_DateOrTitle = Literal["-date", "date", "title", "-title", "-changed"]
_Series = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


class SummitParams(DatedParams):
    """The parameters of `/summits`."""

    shape = Summit

    actor: Annotated[Actors, Says("with {}", "Participant", 1)] = Field((), examples=[["japan"]])
    """With this actor: itself, by a person in an office for it, or by a group of which it was a
    member on that day.
    Repeat it for *or*."""
    way: Ways = ()
    series: Annotated[
        Several[_Series],
        Listed("series", "SELECT DISTINCT series, series FROM summit WHERE series IS NOT NULL"),
        Says("of the series {}", "Series", 3),
    ] = ()
    """One of this series, to the letter. Repeat it for *or*."""
    part_of: Annotated[
        Several[Id], Refers((RecordType.SUMMIT,)), Says("within {}", "Part of", 8)
    ] = Field((), examples=[["us-japan-2025-02"]])
    """Held within this meeting. Repeat it for *or*."""
    country: Annotated[Countries, Says("in {}", "Country", 3, "country")] = Field(
        (), examples=[["US"]]
    )
    """Held in this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    sort: _DateOrTitle = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last. `date` is the day it began."""
    facet: Facets[Literal["topic", "country", "series", "actor", "way", "document"]] = Field(
        (), examples=[["country"]]
    )


class ActorParams(TypeParams):
    """The parameters of `/actors`."""

    shape = Actor

    kind: Kinds[ActorKind] = Field((), examples=[["person"]])
    """What sort of actor it is. Repeat it for *or*."""
    country: Annotated[Countries, Says("of {}", "Country", 3, "country")] = Field(
        (), examples=[["JP"]]
    )
    """Of this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    office_of: Annotated[ActorIds, linked("offices"), Says("in office for {}", "Office of", 1)] = (
        Field((), examples=[["japan"]])
    )
    """Persons who hold or held an office for this actor. Repeat it for *or*."""
    summit: Annotated[SummitIds, Says("named at {}", "Summit", 9)] = ()
    """Named in a record of this summit. Repeat it for *or*."""
    sort: Literal["title", "-title", "-changed"] = Field("title", examples=["title"])
    """The order; `-` for descending."""
    facet: Facets[Literal["topic", "kind", "country", "summit", "document"]] = Field(
        (), examples=[["kind"]]
    )


class AgreementParams(DatedParams):
    """The parameters of `/agreements`."""

    shape = Agreement

    actor: Annotated[Actors, Says("with {}", "Party", 1)] = Field((), examples=[["japan"]])
    """Agreed by this actor: itself, by a person in an office for it, by a group of which it was a
    member, or, for a person, by those it spoke for at the summit; each as on the day of the record.
    Repeat it for *or*."""
    way: Ways = ()
    mentions: Mentions = Field((), examples=[["china"]])
    mention_role: MentionRoles = Field((), examples=[["against"]])
    involves: Involves = ()
    standing: Standings = ()
    reaffirms: Reaffirmed = Field((), examples=[["joint-leaders-statement"]])
    part_of: Annotated[
        Several[Id], Refers((RecordType.AGREEMENT,)), Says("in {}", "Part of", 8)
    ] = Field((), examples=[["joint-leaders-statement"]])
    """A part of this agreement. Repeat it for *or*."""
    kind: Kinds[AgreementKind] = Field((), examples=[["framework"]])
    """What sort of thing was agreed. Repeat it for *or*."""
    status: Statuses[AgreementStatus] = Field((), examples=[["launched"]])
    relation: Relations = ()
    summit: OfSummit = ()
    sort: _DateOrTitle = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Facets[
        Literal[
            "topic", "kind", "status", "relation", "standing", "actor", "way", "mentions",
            "summit", "document",
        ]
    ] = Field((), examples=[["topic"]])  # fmt: skip


class CommitmentParams(DatedParams):
    """The parameters of `/commitments`."""

    shape = Commitment

    actor: Annotated[Actors, Says("of {}", "Actor, also through others", 1)] = Field(
        (), examples=[["japan"]]
    )
    """Promised or done by this actor: itself, by a person in an office for it, by a group of which
    it was a member, or, for a person, by those it spoke for at the summit; each as on the day of
    the record. Repeat it for *or*."""
    way: Ways = ()
    mentions: Mentions = Field((), examples=[["senkaku-islands"]])
    mention_role: MentionRoles = Field((), examples=[["about"]])
    involves: Involves = ()
    standing: Standings = ()
    reaffirms: Reaffirmed = Field((), examples=[["japan-us-investment"]])
    part_of: Annotated[
        Several[Id], Refers((RecordType.COMMITMENT,)), Says("in {}", "Part of", 8)
    ] = Field((), examples=[["japan-us-investment"]])
    """A part of this commitment. Repeat it for *or*."""
    by: Annotated[ActorIds, linked("by"), Most(), Says("by {}", "By", 1)] = Field(
        (), examples=[["japan"]]
    )
    """Made by this actor itself. Repeat it for *or*."""
    to: Annotated[ActorIds, linked("to"), Most(), Says("to {}", "To", 2)] = Field(
        (), examples=[["united-states"]]
    )
    """Owed or directed to this actor itself. Repeat it for *or*."""
    agreement: AgreementIds = Field((), examples=[["defense-industrial-cooperation"]])
    """Made under this agreement. Repeat it for *or*."""
    kind: Kinds[CommitmentKind] = Field((), examples=[["investment"]])
    """What sort of promise or action it is. Repeat it for *or*."""
    status: Statuses[CommitmentStatus] = Field((), examples=[["announced"]])
    relation: Relations = ()
    currency: Currencies = Field((), examples=[["USD"]])
    """The currency of the sum (ISO 4217). Repeat it for *or*."""
    amount_min: AmountMin = Field(None, examples=[1000000])
    """A pledged sum that may be as much as this. Numbers are compared as they are: ask for one
    `currency` too."""
    amount_max: AmountMax = Field(None, examples=[2000000000000])
    """A pledged sum that may be as little as this. Numbers are compared as they are: ask for one
    `currency` too."""
    act: Annotated[Several[Act], Says("that are a {}", "Promise or deed", 3)] = Field(
        (), examples=[["promise"]]
    )
    """Whether it was promised, was done, or is told of. Repeat it for *or*."""
    open: Annotated[Literal["1"] | None, Says("{} still open", "Still open", 6, "only")] = Field(
        None, examples=["1"]
    )
    """With `1`, promises that are not done, missed or abandoned."""
    overdue: Annotated[
        PartialDate | None,
        Meant(day_or_today),
        Bound("open_due", operator.lt, first_day),
        Says("overdue when {} began", "Overdue at the start of", 12, "day"),
    ] = Field(None, examples=["2026"])
    """Open, and due before this day, month or year began."""
    due_since: Annotated[
        Day,
        Bound("due_latest", operator.ge, first_day),
        Says("due since {}", "Due since", 12, "bound"),
    ] = Field(None, examples=["2025-02"])
    """Due not before this day, month or year; one that is due at no known date is not found."""
    due_until: Annotated[
        Day,
        not_below("due_since"),
        Bound("due_earliest", operator.le, last_day),
        Says("due until {}", "Due until", 12, "bound"),
    ] = Field(None, examples=["2030"])
    """Due not after this day, month or year; one that is due at no known date is not found."""
    summit: OfSummit = ()
    sort: Literal[
        "-date", "date", "-due", "due", "-amount", "amount", "title", "-title", "-changed"
    ] = Field("-date", examples=["-amount"])
    """The order; `-` for descending, unknown values last. `date` is its own, else that of its
    agreement, else that of its summit."""
    facet: Facets[
        Literal[
            "topic", "kind", "status", "relation", "currency", "act", "standing", "by", "to",
            "actor", "way", "mentions", "agreement", "summit", "document",
        ]
    ] = Field((), examples=[["kind"]])  # fmt: skip


class QuoteParams(DatedParams):
    """The parameters of `/quotes`."""

    shape = Quote

    actor: Annotated[Actors, Says("of {}", "In whose name", 1)] = Field((), examples=[["japan"]])
    """Said by this actor itself, by a person in an office for it, or by a group of which it was a
    member on that day.
    Repeat it for *or*."""
    way: Ways = ()
    speaker: Annotated[
        Several[Id],
        Refers((RecordType.ACTOR, RecordType.DOCUMENT)),
        Most(),
        Says("by {}", "Speaker", 1),
    ] = Field((), examples=[["donald-trump"]])
    """Said by this actor, or quoted from this document. Repeat it for *or*."""
    mentions: Mentions = Field((), examples=[["china"]])
    mention_role: MentionRoles = Field((), examples=[["about"]])
    involves: Involves = ()
    agreement: Annotated[AgreementIds, linked("agreements"), Says("about {}", "Agreement", 8)] = (
        Field((), examples=[["new-golden-age"]])
    )
    """About this agreement, or taken from it. Repeat it for *or*."""
    summit: OfSummit = ()
    sort: Literal["-date", "date", "-changed"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Facets[
        Literal[
            "topic", "speaker", "actor", "way", "mentions", "agreement", "summit", "document"
        ]
    ] = Field((), examples=[["topic"]])  # fmt: skip


class DocumentParams(DatedParams):
    """The parameters of `/documents`."""

    shape = Document

    kind: Kinds[DocumentKind] = Field((), examples=[["news_article"]])
    """What sort of source it is. Repeat it for *or*."""
    publisher: Annotated[ActorIds, Most(), Says("published by {}", "Publisher", 1)] = Field(
        (), examples=[["red-nation-today"]]
    )
    """Published by this actor. Repeat it for *or*."""
    summit: SummitIds = ()
    """Proving this summit or a record of it, or speaking in it. Repeat it for *or*."""
    sort: _DateOrTitle = Field("-date", examples=["title"])
    """The order; `-` for descending, unknown dates last. `date` is the date of publication."""
    facet: Facets[Literal["topic", "kind", "publisher", "summit"]] = Field((), examples=[["kind"]])


SUMMITS = list_of(RecordType.SUMMIT, SummitParams)
ACTORS = list_of(RecordType.ACTOR, ActorParams)
AGREEMENTS = list_of(RecordType.AGREEMENT, AgreementParams)
COMMITMENTS = list_of(RecordType.COMMITMENT, CommitmentParams)
QUOTES = list_of(RecordType.QUOTE, QuoteParams)
DOCUMENTS = list_of(RecordType.DOCUMENT, DocumentParams)
