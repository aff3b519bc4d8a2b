"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field

from app.fields import Id
from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import (
    Actors,
    Facets,
    Involves,
    Kinds,
    MentionRoles,
    Mentions,
    Reaffirmed,
    Refers,
    Relations,
    Says,
    Several,
    Standings,
    Statuses,
    SummitIds,
    Ways,
)
from app.resources.agreements import Agreement
from app.vocabulary import AgreementKind, AgreementStatus, RecordType, Relation


class AgreementParams(DatedParams):
    """The parameters of `/agreements`."""

    shape = Agreement

    actor: Annotated[Actors, Says("with {}", "Party", 1)] = Field((), examples=[["japan"]])
    """Agreed by this actor: itself, by a person in an office for it, by a group of which it was a
    member, or, for a person, by those it spoke for at the summit; each as on the day of the record.
    Repeat it for *or*."""
    way: Ways = Field((), examples=[["self"]])
    mentions: Mentions = Field((), examples=[["china"]])
    mention_role: MentionRoles = Field((), examples=[["against"]])
    involves: Involves = Field((), examples=[["japan"]])
    standing: Standings = Field((), examples=[["reaffirmed"]])
    """Whether it is new or was said before. Repeat it for *or*."""
    reaffirms: Reaffirmed = Field((), examples=[["joint-leaders-statement"]])
    part_of: Annotated[
        Several[Id], Refers((RecordType.AGREEMENT,)), Says("in {}", "Part of", 8)
    ] = Field((), examples=[["joint-leaders-statement"]])
    """A part of this agreement. Repeat it for *or*."""
    kind: Kinds[AgreementKind] = Field((), examples=[["framework"]])
    """What sort of thing was agreed. Repeat it for *or*."""
    status: Statuses[AgreementStatus] = Field((), examples=[["launched"]])
    """How far it has come. Repeat it for *or*."""
    relation: Relations[Relation] = Field((), examples=[["outcome"]])
    """An outcome of the summit, or context beside it. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title", "-changed"] = Field(
        "-date", examples=["-date"]
    )
    """The order; `-` for descending, unknown dates last."""
    facet: Facets[
        Literal[
            "topic", "kind", "status", "relation", "standing", "actor", "way", "mentions",
            "summit", "document",
        ]
    ] = Field((), examples=[["topic"]])  # fmt: skip


AGREEMENTS = list_of(RecordType.AGREEMENT, AgreementParams)
