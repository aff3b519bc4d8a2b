"""The public shape of a draft that was checked."""

from pydantic import Field

from app.records import Reference, Shape
from app.vocabulary import Attribution, DifferenceKind, DraftPart, RecordState, Verdict


class Difference(Shape):
    """Words of a draft that are not those on record."""

    kind: DifferenceKind = Field(examples=["number"])
    """What sort of difference it is."""
    draft: str | None = Field(examples=["$2"])
    """The words of the draft; null where it has none there."""
    source: str | None = Field(examples=["$1"])
    """The words on record; null where it has none there."""


class RecordMatch(Shape):
    """A record that has what a draft says, or nearly."""

    record: Reference
    """The record."""
    text: str = Field(examples=["Japan announced a $1 trillion investment in the U.S. economy"])
    """The words on record, to the character: of a quote, or of a passage."""
    figure: str | None = Field(examples=["$1 trillion"])
    """The figure on record; null where it is not one that is compared."""
    source: Reference | None
    """The document in which they stand."""
    voice: str | None = Field(examples=["reported by Red Nation Today"])
    """In whose voice they stand there, in words."""
    attribution: Attribution | None = Field(examples=["reported"])
    """In whose voice they stand there."""
    speaker: Reference | None
    """Who said them, of a quote."""
    url: str | None = Field(examples=["https://rednationtoday.com/japan-teams-up/#:~:text=Japan"])
    """Where to read them in the source."""
    citation: str | None = Field(examples=["“Japan announced …” [quote]. In: Readout, release 1."])
    """A citation to paste, which names the release."""
    state: RecordState = Field(examples=["current"])
    """Whether the record was corrected or withdrawn since it was published."""
    warning: str | None = Field(examples=["The record was corrected in release 2."])
    """What to know before it is cited; null where there is nothing."""


class Checked(Shape):
    """Something that a draft says, and how it stands on record."""

    kind: DraftPart = Field(examples=["quotation"])
    """What sort of thing it is."""
    start: int = Field(ge=0, examples=[0])
    """Where it begins in the draft, in Unicode code points."""
    end: int = Field(ge=0, examples=[60])
    """Where it ends, exclusive."""
    text: str = Field(examples=["Japan announced a $1 trillion investment"])
    """It, as the draft has it, without markup."""
    sentence: str | None = Field(examples=["Japan announced a $1 trillion investment."])
    """Of a figure, the sentence of the draft in which it stands; else null."""
    verdict: Verdict = Field(examples=["verbatim"])
    """How it stands on record."""
    cut: bool | None = Field(examples=[True])
    """Of words that stand so: whether the text on record has more of them; else null."""
    differences: list[Difference]
    """What is not as on record."""
    matches: list[RecordMatch]
    """The records that have it, or nearly: mostly one, two where passages are joined."""


class CheckedDraft(Shape):
    """What a draft says that can be on record, in its order. Nothing of it is kept."""

    characters: int = Field(ge=0, examples=[280])
    """The size of the draft, in Unicode code points."""
    release: int = Field(ge=1, examples=[1])
    """The number of the release that it was compared with."""
    counts: dict[str, int] = Field(examples=[{"verbatim": 1, "not_on_record": 0}])
    """How many have each verdict."""
    left_out: int = Field(ge=0, examples=[0])
    """How many more there are that were not compared, as there are too many for one request."""
    items: list[Checked]
    """Each thing, with its place in the draft."""
