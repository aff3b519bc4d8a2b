"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import (
    ActorIds,
    Facets,
    Kinds,
    Most,
    Relations,
    Says,
    Statuses,
    SummitIds,
    linked,
)
from app.resources.agreements import Agreement
from app.vocabulary import AgreementKind, AgreementStatus, RecordType, Relation


class AgreementParams(DatedParams):
    """The parameters of `/agreements`."""

    shape = Agreement

    actor: Annotated[ActorIds, linked("actor"), Most(), Says("with {}", "Party", 1)] = Field(
        (), examples=[["japan"]]
    )
    """A party, a person with an office held for a party, or someone for whom a party acts. Repeat
    it for *or*."""
    kind: Kinds[AgreementKind] = Field((), examples=[["framework"]])
    """What sort of thing was agreed. Repeat it for *or*."""
    status: Statuses[AgreementStatus] = Field((), examples=[["launched"]])
    """How far it has come. Repeat it for *or*."""
    relation: Relations[Relation] = Field((), examples=[["outcome"]])
    """An outcome of the summit, or context beside it. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Facets[Literal["topic", "kind", "status", "relation"]] = Field((), examples=[["topic"]])


AGREEMENTS = list_of(RecordType.AGREEMENT, AgreementParams)
