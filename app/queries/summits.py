"""Meetings of leaders."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import ActorIds, Countries, Facets, Most, Says, linked
from app.resources.summits import Summit
from app.vocabulary import RecordType


class SummitParams(DatedParams):
    """The parameters of `/summits`."""

    shape = Summit

    actor: Annotated[
        ActorIds, linked("participants"), Most(), Says("with {}", "Participant", 1)
    ] = Field((), examples=[["japan"]])
    """With this participant. Repeat it for *or*."""
    country: Annotated[Countries, Says("in {}", "Country", 3, "country")] = Field(
        (), examples=[["US"]]
    )
    """Held in this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last. `date` is the day it began."""
    facet: Facets[Literal["topic", "country"]] = Field((), examples=[["country"]])


SUMMITS = list_of(RecordType.SUMMIT, SummitParams)
