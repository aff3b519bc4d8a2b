"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select, union
from sqlmodel import col

from app.queries.filters import Asked, Found, ordinal
from app.queries.listing import Link, list_of
from app.queries.params import (
    ActorIds,
    DatedParams,
    Kinds,
    Relations,
    Says,
    Several,
    Statuses,
    SummitIds,
)
from app.resources.agreements import Agreement
from app.store.tables import ROWS, AgreementActor, AgreementParty
from app.vocabulary import AgreementKind, AgreementStatus, RecordType, Relation


class AgreementParams(DatedParams):
    """What can be asked of the list of agreements."""

    shape = Agreement

    actor: Annotated[ActorIds, Says("with {}", "Party", 1)] = Field((), examples=[["japan"]])
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
    facet: Several[Literal["topic", "kind", "status", "relation"]] = Field((), examples=[["topic"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


def _represented(found: Found, asked: Asked) -> Found:
    """Narrow to those of an actor itself, and of those for whom it holds an office."""
    if "principal" not in asked:
        return found
    own = select(ordinal(AgreementActor)).where(
        col(AgreementActor.actor).in_(asked.values("acting"))
    )
    of_principals = select(ordinal(AgreementParty)).where(
        col(AgreementParty.actor).in_(asked.values("principal"))
    )
    either = select(union(own, of_principals).subquery().c.ordinal)
    return found.where(ROWS[RecordType.AGREEMENT].c.ordinal.in_(either))


_actor = ROWS[RecordType.ACTOR].c
# Who holds an office finds more than what names that person.
_in_office = select(_actor.id).where(_actor.office.is_not(None))
AGREEMENTS = list_of(
    RecordType.AGREEMENT,
    AgreementParams,
    {"actor": Link(AgreementActor, "actor", counted=lambda actor: actor.not_in(_in_office))},
    most=("actor",),
    narrowed=_represented,
    represented=True,
)
