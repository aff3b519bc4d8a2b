"""Persons, states and bodies."""

from typing import Annotated, Literal

from pydantic import Field

from app.fields import COLUMN, INDEXED, PROVEN, CountryCode, Label, Name, To
from app.records import Record, Reference
from app.vocabulary import ActorKind


class Actor(Record):
    """A person, a country or area, an alliance, a body, a command, a company, a publisher."""

    example = {
        "id": "donald-trump",
        "summary": "The President of the United States, who met the Prime Minister of Japan.",
        "topics": [],
    }

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
    office: Annotated[Name | None, PROVEN, COLUMN] = Field(examples=["President"])
    """The office that a person holds in the sources."""
    acts_for: Annotated[list[Reference], To("actor"), PROVEN]
    """The actors for whom it speaks and acts."""
