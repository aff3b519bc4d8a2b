"""What was said."""

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
from app.queries.params import (
    ActorIds,
    AgreementIds,
    DatedParams,
    Says,
    Several,
    SpeakerIds,
    SummitIds,
)
from app.records import Quote
from app.store.tables import QuoteAgreement, QuoteMention, QuoteRow
from app.vocabulary import RecordType

_counted = aliased(QuoteMention, name="counted_actor")


class QuoteParams(DatedParams):
    """What can be asked of the list of quotes."""

    shape = Quote

    speaker: Annotated[SpeakerIds, Says("by {}", "Speaker", 1)] = Field(
        (), examples=[["donald-trump"]]
    )
    """Said by this actor, or quoted from this document. Repeat it for *or*."""
    mentions: Annotated[ActorIds, Says("naming {}", "Names", 2)] = Field((), examples=[["china"]])
    """Naming this actor. Repeat it for *or*."""
    agreement: Annotated[AgreementIds, Says("about {}", "Agreement", 8)] = Field(
        (), examples=[["new-golden-age"]]
    )
    """About this agreement, or taken from it. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    sort: Literal["-date", "date"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Several[Literal["topic"]] = Field((), examples=[["topic"]])
    """For JSON: count the result by the values of a closed filter."""


def quotes(asked: Asked, q: str = "q") -> Found:
    """The quotes that match."""
    found = starting(QuoteRow, RecordType.QUOTE, asked, q)
    found = having(found, asked, "speaker", col(QuoteRow.speaker))
    found = linked(found, asked, "mentions", QuoteRow, QuoteMention, col(QuoteMention.actor))
    found = linked(
        found, asked, "agreement", QuoteRow, QuoteAgreement, col(QuoteAgreement.agreement)
    )
    return within(found, asked, QuoteRow)


QUOTES = Listing(
    kind=RecordType.QUOTE,
    path="/quotes",
    params=QuoteParams,
    row=QuoteRow,
    found=quotes,
    orders={
        "-date": newest_first(QuoteRow),
        "date": Order(col(QuoteRow.date_up)),
    },
    links=shared_links()
    | {
        "agreement": ordinal(QuoteAgreement),
        "mentions": ordinal(QuoteMention),
    }
    | topic_links(),
    most={
        "speaker": by_value(col(QuoteRow.speaker)),
        "mentions": by_link(_counted, col(_counted.actor)),
    },
    facets={"topic": by_topic(RecordType.QUOTE)},
)
