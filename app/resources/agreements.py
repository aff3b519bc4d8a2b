"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import COLUMN, DERIVED, INDEXED, NOT_EMPTY, PROVEN, Label, Name, To, Typed
from app.records import Record, Reference, Shape
from app.vocabulary import AgreementKind, AgreementStatus, PartyRole, Relation


class Party(Shape):
    """An actor in an agreement."""

    actor: Annotated[Reference, To("actor")]
    """Who agreed."""
    role: Annotated[PartyRole, Typed(PartyRole, default=PartyRole.PARTY)] = Field(
        examples=["party"]
    )
    """In which capacity."""
    office: Name | None = Field(examples=["President"])
    """The office that it held then."""
    on_behalf_of: Annotated[Reference | None, To("actor")]
    """For whom it acted then."""


class Agreement(Record):
    """What the parties adopted, founded, stated or launched together."""

    example = {
        "id": "defense-industrial-cooperation",
        "summary": (
            "The article reports that the two countries have launched the Defense Industrial "
            "Cooperation framework for the joint production of air-to-air missiles."
        ),
        "topics": ["defense_industry"],
    }

    days = ("date",)
    orders = ("date_up", "title_up")

    type: Literal["agreement"] = "agreement"
    """Always `agreement`."""
    title: Annotated[Name, PROVEN, COLUMN] = Field(
        examples=["Defense Industrial Cooperation framework"]
    )
    """What it is called, or what was agreed."""
    kind: Annotated[AgreementKind, INDEXED] = Field(examples=["framework"])
    """What sort of thing was agreed."""
    status: Annotated[AgreementStatus, PROVEN, INDEXED] = Field(examples=["launched"])
    """How far it has come, as the sources have it and no further."""
    date: Annotated[PartialDate | None, PROVEN, COLUMN]
    """When it was agreed, only as exact as the sources."""
    summit: Annotated[Reference | None, To("summit"), INDEXED]
    """The meeting it belongs to."""
    relation: Annotated[Relation | None, PROVEN, INDEXED, Label("Relation to the summit")] = Field(
        examples=["outcome"]
    )
    """Whether the source presents it as an outcome of the summit or beside it."""
    parties: Annotated[list[Party], PROVEN, NOT_EMPTY]
    """Who agreed, in which capacity."""
    commitments: Annotated[list[Reference], DERIVED]
    """The commitments made under it."""
    quotes: Annotated[list[Reference], DERIVED]
    """The quotes about it or from it."""
