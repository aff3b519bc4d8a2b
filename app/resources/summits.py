"""Meetings of leaders."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import (
    COLUMN,
    DERIVED,
    INDEXED,
    NOT_EMPTY,
    PLAIN,
    PROVEN,
    CountryCode,
    Label,
    Name,
    To,
)
from app.records import Counts, Record, Reference, Shape
from app.vocabulary import ParticipantRole


class Participant(Shape):
    """An actor at a summit."""

    actor: Annotated[Reference, To("actor")]
    """Who took part."""
    role: ParticipantRole = Field(examples=["leader"])
    """In which capacity."""
    office: Name | None = Field(examples=["President"])
    """The office that it held then."""
    on_behalf_of: Annotated[Reference | None, To("actor")]
    """For whom it acted then."""


class SummitCounts(Counts):
    """How many records belong to a summit."""

    agreements: int = Field(ge=0, examples=[9])
    """Agreements of the summit."""
    commitments: int = Field(ge=0, examples=[13])
    """Commitments of the summit."""
    quotes: int = Field(ge=0, examples=[4])
    """Quotes of the summit."""
    documents: int = Field(ge=0, examples=[4])
    """Documents that prove the summit or a record of it, or speak in it."""


class Summit(Record):
    """A meeting of leaders."""

    example = "us-japan-2025-02"
    days = ("starts_on", "ends_on")
    orders = ("date_up", "title_up")

    type: Literal["summit"] = "summit"
    """Always `summit`."""
    title: Annotated[Name, PROVEN, COLUMN] = Field(examples=["U.S.-Japan summit, February 2025"])
    """What the meeting is called."""
    starts_on: Annotated[PartialDate | None, PROVEN, COLUMN, Label("Began")]
    """The day it began, only as exact as the sources."""
    ends_on: Annotated[PartialDate | None, PROVEN, COLUMN, Label("Ended")]
    """The day it ended, only as exact as the sources."""
    place: Annotated[Name | None, PROVEN, COLUMN] = Field(examples=["Washington, D.C."])
    """Where it was held, as the source names it."""
    venue: Annotated[Name | None, PROVEN, PLAIN] = Field(examples=["White House"])
    """The house or room in which it was held."""
    series: Annotated[Name | None, PROVEN, INDEXED, PLAIN] = Field(examples=["G7 summit"])
    """The series of meetings that it is one of."""
    part_of: Annotated[Reference | None, To("summit"), INDEXED, PLAIN]
    """The meeting within which it was held."""
    country: Annotated[CountryCode | None, PROVEN, INDEXED] = Field(examples=["US"])
    """The country of the place (ISO 3166-1 alpha-2)."""
    participants: Annotated[list[Participant], PROVEN, NOT_EMPTY, Label("Who met")]
    """Who took part, in which capacity."""
    counts: Annotated[SummitCounts, DERIVED]
    """How many records belong to it."""
