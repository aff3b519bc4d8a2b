"""What was said."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import COLUMN, DERIVED, INDEXED, PLAIN, PROVEN, Label, LanguageCode, Name, Text, To
from app.records import Counts, Mention, Record, Reference


class QuoteCounts(Counts):
    """How many records belong to a quote."""

    documents: int = Field(ge=0, examples=[1])
    """Documents that prove it."""


class Quote(Record):
    """Words that someone is reported to have said."""

    example = "trump-chinese-economic-aggression"
    days = ("date",)
    orders = ("date_up",)

    type: Literal["quote"] = "quote"
    """Always `quote`."""
    text: Annotated[Text, PROVEN, Label("Words")] = Field(
        examples=[
            "We agreed to cooperate even more closely to combat the Chinese economic aggression, "
            "which is quite aggressive"
        ]
    )
    """The words between the quotation marks of the source, to the character."""
    speaker: Annotated[Reference, To("actor", "document"), PROVEN, INDEXED]
    """Who said it: an actor, or the document that is quoted."""
    office: Annotated[Name | None, PROVEN, COLUMN] = Field(examples=["President"])
    """The office that the speaker held when speaking."""
    on_behalf_of: Annotated[Reference | None, To("actor"), PROVEN]
    """For whom the speaker spoke."""
    language: Annotated[LanguageCode | None, COLUMN, PLAIN] = Field(examples=["en"])
    """The language of `text` (BCP 47)."""
    date: Annotated[PartialDate | None, PROVEN, COLUMN]
    """When it was said, only as exact as the sources."""
    mentions: Annotated[list[Mention], PROVEN, PLAIN]
    """The actors that the words name, each as what."""
    agreements: Annotated[list[Reference], To("agreement"), Label("About")]
    """The agreements that the words are about or taken from."""
    cut: Annotated[bool | None, Label("Cut short")] = Field(examples=[True])
    """Whether the source quotes it cut short; null where that is not noted."""
    summit: Annotated[Reference | None, To("summit"), INDEXED]
    """The meeting it belongs to."""
    counts: Annotated[QuoteCounts, DERIVED]
    """How many records belong to it."""
