"""Persons, states and bodies."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import TypeParams
from app.queries.values import ActorIds, Countries, Facets, Kinds, Says, SummitIds, linked
from app.resources.actors import Actor
from app.vocabulary import ActorKind, RecordType


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
    summit: Annotated[SummitIds, Says("named at {}", "Summit", 9)] = Field(
        (), examples=[["us-japan-2025-02"]]
    )
    """Named in a record of this summit. Repeat it for *or*."""
    sort: Literal["title", "-title", "-changed"] = Field("title", examples=["title"])
    """The order; `-` for descending."""
    facet: Facets[Literal["topic", "kind", "country", "summit", "document"]] = Field(
        (), examples=[["kind"]]
    )


ACTORS = list_of(RecordType.ACTOR, ActorParams)
