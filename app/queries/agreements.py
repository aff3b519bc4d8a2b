"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select, union
from sqlmodel import col

from app.queries.filters import Filters, Records
from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import (
    ActorIds,
    Facets,
    Kinds,
    Link,
    Most,
    Relations,
    Says,
    Statuses,
    SummitIds,
)
from app.resources.agreements import Agreement
from app.store.tables import ROWS, AgreementActor, AgreementParty
from app.vocabulary import AgreementKind, AgreementStatus, RecordType, Relation

_actor = ROWS[RecordType.ACTOR].c
# Who holds an office finds more than what names that person.
_IN_OFFICE = select(_actor.id).where(_actor.office.is_not(None))


class AgreementParams(DatedParams):
    """The parameters of `/agreements`."""

    shape = Agreement

    actor: Annotated[
        ActorIds, Link(AgreementActor, "actor"), Most(but=_IN_OFFICE), Says("with {}", "Party", 1)
    ] = Field((), examples=[["japan"]])
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


def _represented(records: Records, filters: Filters) -> Records:
    """Narrow to those of an actor itself, and of those for whom it holds an office."""
    if "principal" not in filters:
        return records
    own = select(col(AgreementActor.ordinal)).where(
        col(AgreementActor.actor).in_(filters.values("acting"))
    )
    of_principals = select(col(AgreementParty.ordinal)).where(
        col(AgreementParty.actor).in_(filters.values("principal"))
    )
    either = select(union(own, of_principals).subquery().c.ordinal)
    return records.where(ROWS[RecordType.AGREEMENT].c.ordinal.in_(either))


AGREEMENTS = list_of(RecordType.AGREEMENT, AgreementParams, _represented, represented=True)
