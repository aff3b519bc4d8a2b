"""What was said."""

from typing import Annotated, Literal

from pydantic import Field

from app.fields import Id
from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import (
    Actors,
    AgreementIds,
    Facets,
    Involves,
    MentionRoles,
    Mentions,
    Most,
    Refers,
    Says,
    Several,
    SummitIds,
    Ways,
    linked,
)
from app.resources.quotes import Quote
from app.vocabulary import RecordType


class QuoteParams(DatedParams):
    """The parameters of `/quotes`."""

    shape = Quote

    actor: Annotated[Actors, Says("of {}", "In whose name", 1)] = Field((), examples=[["japan"]])
    """Said by this actor itself, by a person in an office for it, or by a group of which it was a
    member on that day.
    Repeat it for *or*."""
    way: Ways = Field((), examples=[["self"]])
    speaker: Annotated[
        Several[Id],
        Refers((RecordType.ACTOR, RecordType.DOCUMENT)),
        Most(),
        Says("by {}", "Speaker", 1),
    ] = Field((), examples=[["donald-trump"]])
    """Said by this actor, or quoted from this document. Repeat it for *or*."""
    mentions: Mentions = Field((), examples=[["china"]])
    mention_role: MentionRoles = Field((), examples=[["about"]])
    involves: Involves = Field((), examples=[["japan"]])
    agreement: Annotated[AgreementIds, linked("agreements"), Says("about {}", "Agreement", 8)] = (
        Field((), examples=[["new-golden-age"]])
    )
    """About this agreement, or taken from it. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    sort: Literal["-date", "date", "-changed"] = Field("-date", examples=["-date"])
    """The order; `-` for descending, unknown dates last."""
    facet: Facets[
        Literal[
            "topic", "speaker", "actor", "way", "mentions", "agreement", "summit", "document"
        ]
    ] = Field((), examples=[["topic"]])  # fmt: skip


QUOTES = list_of(RecordType.QUOTE, QuoteParams)
