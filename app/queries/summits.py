"""Meetings of leaders."""

from typing import Annotated, Literal

from pydantic import Field
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    by_link,
    by_topic,
    by_value,
    having,
    linked,
    newest_first,
    ordinal,
    shared_links,
    starting,
    topic_links,
    within,
)
from app.queries.params import ActorIds, CountryCode, DatedParams, Says, Several
from app.records import Summit
from app.store.tables import SummitParticipant, SummitRow
from app.vocabulary import RecordType

_counted = aliased(SummitParticipant, name="counted_actor")


class SummitParams(DatedParams):
    """What can be asked of the list of summits."""

    shape = Summit

    actor: Annotated[ActorIds, Says("with {}", "Participant", 1)] = Field((), examples=[["japan"]])
    """With this participant. Repeat it for *or*."""
    country: Annotated[Several[CountryCode], Says("in {}", "Country", 3)] = Field(
        (), examples=[["US"]]
    )
    """Held in this country (ISO 3166-1 alpha-2). Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last. `date` is the day it began."""
    facet: Several[Literal["topic", "country"]] = Field((), examples=[["country"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


def summits(asked: Asked, q: str = "q") -> Found:
    """The summits that match."""
    found = starting(SummitRow, RecordType.SUMMIT, asked, q)
    found = linked(
        found, asked, "actor", SummitRow, SummitParticipant, col(SummitParticipant.actor)
    )
    found = having(found, asked, "country", col(SummitRow.country))
    return within(found, asked, SummitRow)


SUMMITS = Listing(
    kind=RecordType.SUMMIT,
    path="/summits",
    params=SummitParams,
    row=SummitRow,
    found=summits,
    orders={
        "-date": newest_first(SummitRow),
        "date": Order(col(SummitRow.date_up)),
        "title": Order(col(SummitRow.title_up)),
        "-title": Order(col(SummitRow.title_up), ascending=False),
    },
    links=shared_links()
    | {
        "actor": ordinal(SummitParticipant),
    }
    | topic_links(),
    most={"actor": by_link(_counted, col(_counted.actor))},
    facets={
        "topic": by_topic(RecordType.SUMMIT),
        "country": by_value(col(SummitRow.country)),
    },
)
