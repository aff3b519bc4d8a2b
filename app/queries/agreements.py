"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import (
    Actors,
    Facets,
    Kinds,
    Relations,
    Says,
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
