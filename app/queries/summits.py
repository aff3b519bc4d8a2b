"""Meetings of leaders."""

from typing import Annotated, Literal

from pydantic import Field

from app.fields import Id
from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import Actors, Countries, Facets, Listed, Refers, Says, Several, Ways
from app.resources.summits import Summit
from app.vocabulary import RecordType

_Series = Annotated[str, Field(max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]


class SummitParams(DatedParams):
    """The parameters of `/summits`."""

    shape = Summit

    actor: Annotated[Actors, Says("with {}", "Participant", 1)] = Field((), examples=[["japan"]])
    """With this actor: itself, by a person in an office for it, or by a group of which it was a
    member on that day.
    Repeat it for *or*."""
    way: Ways = Field((), examples=[["self"]])
    series: Annotated[
        Several[_Series],
        Listed("series", "SELECT DISTINCT series, series FROM summit WHERE series IS NOT NULL"),
        Says("of the series {}", "Series", 3),
    ] = ()
    """One of this series, to the letter. Repeat it for *or*."""
    part_of: Annotated[
        Several[Id], Refers((RecordType.SUMMIT,)), Says("within {}", "Part of", 8)
    ] = Field((), examples=[["us-japan-2025-02"]])
    """Held within this meeting. Repeat it for *or*."""
    country: Annotated[Countries, Says("in {}", "Country", 3, "country")] = Field(
        (), examples=[["US"]]
    )
    """Held in this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title", "-changed"] = Field(
        "-date", examples=["-date"]
    )
    """The order; `-` for descending, unknown dates last. `date` is the day it began."""
    facet: Facets[Literal["topic", "country", "series", "actor", "way", "document"]] = Field(
        (), examples=[["country"]]
    )


SUMMITS = list_of(RecordType.SUMMIT, SummitParams)
