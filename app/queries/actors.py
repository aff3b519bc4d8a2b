"""Persons, states and bodies."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    by_topic,
    by_value,
    having,
    shared_links,
    starting,
    topic_links,
)
from app.queries.params import ActorIds, CountryCode, Kinds, ListParams, Says, Several, SummitIds
from app.records import Actor
from app.store.tables import ActorPrincipal, ActorRow
from app.vocabulary import ActorKind, RecordType


class ActorParams(ListParams):
    """What can be asked of the list of actors."""

    shape = Actor

    kind: Kinds[ActorKind] = Field((), examples=[["person"]])
    """What sort of actor it is. Repeat it for *or*."""
    country: Annotated[Several[CountryCode], Says("of {}", "Country", 3)] = Field(
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
    facet: Several[Literal["topic", "kind", "country"]] = Field((), examples=[["kind"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


def actors(asked: Asked, q: str = "q") -> Found:
    """The actors that match."""
    found = starting(ActorRow, RecordType.ACTOR, asked, q)
    found = having(found, asked, "kind", col(ActorRow.kind))
    found = having(found, asked, "country", col(ActorRow.country))
    if values := asked.values("acts_for"):
        acting = select(col(ActorPrincipal.actor)).where(
            col(ActorPrincipal.principal).in_(values), col(ActorPrincipal.direct)
        )
        found = found.where(col(ActorRow.id).in_(acting))
    return found


ACTORS = Listing(
    kind=RecordType.ACTOR,
    path="/actors",
    params=ActorParams,
    row=ActorRow,
    found=actors,
    orders={
        "title": Order(col(ActorRow.title_up)),
        "-title": Order(col(ActorRow.title_up), ascending=False),
    },
    links=shared_links() | topic_links(),
    facets={
        "topic": by_topic(RecordType.ACTOR),
        "kind": by_value(col(ActorRow.kind)),
        "country": by_value(col(ActorRow.country)),
    },
)
