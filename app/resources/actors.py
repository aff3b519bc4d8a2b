"""Persons, states and bodies."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import COLUMN, DERIVED, INDEXED, PROVEN, CountryCode, Label, Name, To, Url
from app.records import Counts, Record, Reference, Shape
from app.vocabulary import ActorKind


class Office(Shape):
    """An office that a person holds or held (a membership in a post, in Popolo's words)."""

    title: Name = Field(examples=["President"])
    """What the office is called."""
    of: Annotated[Reference, To("actor")]
    """For whom it is held: who acts where its holder does."""
    since: PartialDate | None
    """The day it began, only as exact as the sources; null where they do not say."""
    until: PartialDate | None
    """Its last day; null where it goes on, or no source says."""


class Member(Shape):
    """A member of a group."""

    actor: Annotated[Reference, To("actor")]
    """Who is or was a member."""
    since: PartialDate | None
    """The day the membership began; null where no source says."""
    until: PartialDate | None
    """Its last day; null where it goes on, or no source says."""


class ActorCounts(Counts):
    """How many records belong to an actor."""

    summits: int = Field(ge=0, examples=[1])
    """Summits at which it was, or those were for whom or by whom it acts."""
    agreements: int = Field(ge=0, examples=[9])
    """Agreements that it comes to in any way, as `actor` finds them."""
    commitments: int = Field(ge=0, examples=[8])
    """Commitments that are its own in any way, as `actor` finds them."""
    quotes: int = Field(ge=0, examples=[2])
    """Quotes that are its own in any way, as `actor` finds them."""
    documents: int = Field(ge=0, examples=[1])
    """Documents that prove it."""


class Actor(Record):
    """A person, a country or area, an alliance, a body, a command, a company, a publisher."""

    example = "donald-trump"
    orders = ("title_up",)

    type: Literal["actor"] = "actor"
    """Always `actor`."""
    title: Annotated[Name, PROVEN, COLUMN] = Field(examples=["Donald Trump"])
    """The name."""
    kind: Annotated[ActorKind, INDEXED] = Field(examples=["person"])
    """What sort of actor it is."""
    aliases: Annotated[list[Name], Label("Also called")] = Field(
        examples=[["Donald J. Trump", "Trump"]]
    )
    """Other forms of the name that the sources use."""
    country: Annotated[CountryCode | None, INDEXED] = Field(examples=["US"])
    """The country that it is, belongs to or is based in (ISO 3166-1 alpha-2)."""
    offices: Annotated[list[Office], PROVEN]
    """The offices that a person holds or held, and for whom."""
    members: Annotated[list[Member], PROVEN]
    """The members of a group, and since and until when they were."""
    same_as: Annotated[list[Url], Label("Elsewhere on the web")] = Field(
        examples=[["https://www.wikidata.org/wiki/Q22686"]]
    )
    """Addresses of the same person or thing in other records."""
    counts: Annotated[ActorCounts, DERIVED]
    """How many records belong to it."""
