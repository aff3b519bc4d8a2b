"""What one or more actors promised or did."""

import operator
from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate, first_day
from app.fields import Id
from app.queries.listing import list_of
from app.queries.meant import days_meant
from app.queries.params import DatedParams
from app.queries.values import (
    ActorIds,
    Actors,
    AgreementIds,
    AmountMax,
    AmountMin,
    Bound,
    Currencies,
    DueSince,
    DueUntil,
    Facets,
    Involves,
    Kinds,
    Meant,
    MentionRoles,
    Mentions,
    Most,
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
)
from app.resources.commitments import Commitment
from app.vocabulary import Act, CommitmentKind, CommitmentStatus, RecordType, Relation


class CommitmentParams(DatedParams):
    """The parameters of `/commitments`."""

    shape = Commitment

    actor: Annotated[Actors, Says("of {}", "Of", 1)] = Field((), examples=[["japan"]])
    """Promised or done by this actor: itself, by a person in an office for it, by a group of which
    it was a member, or, for a person, by those it spoke for at the summit; each as on the day of
    the record. Repeat it for *or*."""
    way: Ways = Field((), examples=[["self"]])
    mentions: Mentions = Field((), examples=[["senkaku-islands"]])
    mention_role: MentionRoles = Field((), examples=[["about"]])
    involves: Involves = Field((), examples=[["japan"]])
    standing: Standings = Field((), examples=[["reaffirmed"]])
    """Whether it is new or was said before. Repeat it for *or*."""
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
    """How far it has come. Repeat it for *or*."""
    relation: Relations[Relation] = Field((), examples=[["outcome"]])
    """An outcome of the summit, or context beside it. Repeat it for *or*."""
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
        Bound("open_due", operator.lt, first_day),
        Meant(days_meant),
        Says("overdue when {} began", "Overdue when this began", 12, "day"),
    ] = Field(None, examples=["2026"])
    """Open, and due before this day, month or year began."""
    due_since: DueSince = Field(None, examples=["2025-02"])
    """Due not before this day, month or year; one that is due at no known date is not found."""
    due_until: DueUntil = Field(None, examples=["2030"])
    """Due not after this day, month or year; one that is due at no known date is not found."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
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


COMMITMENTS = list_of(RecordType.COMMITMENT, CommitmentParams)
