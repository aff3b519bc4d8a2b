"""What one or more actors promised or did."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import (
    COLUMN,
    INDEXED,
    PROVEN,
    RANGED,
    REQUIRED,
    CurrencyCode,
    Label,
    Name,
    Number,
    To,
)
from app.records import Record, Reference
from app.vocabulary import CommitmentKind, CommitmentStatus, Relation


class Commitment(Record):
    """What one or more actors promised or did."""

    example = {
        "id": "japan-us-investment",
        "summary": (
            "The article reports that Japan announced a $1 trillion investment in the U.S. "
            "economy, including participation in the Alaska LNG project and investments in "
            "U.S. Steel."
        ),
        "topics": ["economy", "investment"],
    }

    days = ("date",)
    orders = (
        "date_up", "title_up", "due_up", "due_down", "amount_up", "amount_down"
    )  # fmt: skip

    type: Literal["commitment"] = "commitment"
    """Always `commitment`."""
    title: Annotated[Name, PROVEN, COLUMN] = Field(
        examples=["$1 trillion investment in the U.S. economy"]
    )
    """What was promised or done."""
    kind: Annotated[CommitmentKind, INDEXED] = Field(examples=["investment"])
    """What sort of promise or action it is."""
    status: Annotated[CommitmentStatus, PROVEN, INDEXED] = Field(examples=["announced"])
    """How far it has come, as the sources have it and no further."""
    by: Annotated[list[Reference], To("actor"), PROVEN, REQUIRED]
    """Who promised or did it; of a transfer, from whom it passes; empty if no source says."""
    to: Annotated[list[Reference], To("actor"), PROVEN]
    """To whom it is owed or directed; of a transfer, to whom it passes; empty if no source says."""
    amount: Annotated[Number | None, PROVEN, INDEXED, Label("Sum")] = Field(
        examples=[1000000000000]
    )
    """A sum of money, in whole units of `currency`; it stands where it is said, once, and never
    at the parts that are named with it."""
    currency: Annotated[CurrencyCode | None, PROVEN, INDEXED] = Field(examples=["USD"])
    """The currency of `amount` (ISO 4217)."""
    quantity: Annotated[Number | None, PROVEN, COLUMN, Label("Number")] = Field(examples=[55000])
    """A number of things or people, counted in `unit`."""
    unit: Annotated[Name | None, PROVEN, COLUMN] = Field(examples=["U.S. personnel in Japan"])
    """What `quantity` counts."""
    date: Annotated[PartialDate | None, PROVEN, COLUMN]
    """When it was said or done, only as exact as the sources."""
    due: Annotated[PartialDate | None, PROVEN, COLUMN, RANGED]
    """When it is to be done, only as exact as the sources."""
    agreement: Annotated[Reference | None, To("agreement"), INDEXED]
    """The agreement under which it was made."""
    summit: Annotated[Reference | None, To("summit"), INDEXED]
    """The meeting it belongs to."""
    relation: Annotated[Relation | None, PROVEN, INDEXED, Label("Relation to the summit")] = Field(
        examples=["outcome"]
    )
    """Whether the source presents it as an outcome of the summit or beside it."""
