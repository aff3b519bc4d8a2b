"""Persons, states and bodies."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from app.queries.filters import Filters, Records
from app.queries.listing import list_of
from app.queries.params import ListParams
from app.queries.values import ActorIds, Countries, Facets, Kinds, Says, SummitIds
from app.resources.actors import Actor
from app.store.tables import ROWS, ActorPrincipal
from app.vocabulary import ActorKind, RecordType


class ActorParams(ListParams):
    """The parameters of `/actors`."""

    shape = Actor

    kind: Kinds[ActorKind] = Field((), examples=[["person"]])
    """What sort of actor it is. Repeat it for *or*."""
    country: Annotated[Countries, Says("of {}", "Country", 3, "country")] = Field(
        (), examples=[["JP"]]
    )
    """Of this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    acts_for: Annotated[ActorIds, Says("acting for {}", "Acts for", 1)] = Field(
        (), examples=[["japan"]]
    )
    """Speaking and acting for this actor. Repeat it for *or*."""
    summit: Annotated[SummitIds, Says("named at {}", "Summit", 9)] = Field(
        (), examples=[["us-japan-2025-02"]]
    )
    """Named in a record of this summit. Repeat it for *or*."""
    sort: Literal["title", "-title"] = Field("title", examples=["title"])
    """The order; `-` for descending."""
    facet: Facets[Literal["topic", "kind", "country"]] = Field((), examples=[["kind"]])


def _acting(records: Records, filters: Filters) -> Records:
    """Narrow to actors that act for one of these themselves."""
    if "acts_for" not in filters:
        return records
    principal, direct = col(ActorPrincipal.principal), col(ActorPrincipal.direct)
    acting = select(col(ActorPrincipal.actor))
    acting = acting.where(principal.in_(filters.values("acts_for")), direct)
    return records.where(ROWS[RecordType.ACTOR].c.id.in_(acting))


ACTORS = list_of(RecordType.ACTOR, ActorParams, _acting)
