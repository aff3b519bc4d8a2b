"""What leaders adopted, founded, stated or launched together."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import COLUMN, DERIVED, INDEXED, PLAIN, PROVEN, REQUIRED, Label, Name, To, Typed
from app.records import Counts, Mention, Record, Reference, Shape
from app.vocabulary import AgreementKind, AgreementStatus, PartyRole, Relation, Standing


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


class AgreementCounts(Counts):
    """How many records belong to an agreement."""

    commitments: int = Field(ge=0, examples=[2])
    """Commitments made under it."""
    quotes: int = Field(ge=0, examples=[1])
    """Quotes about it or from it."""
    parts: int = Field(ge=0, examples=[0])
    """Agreements that are a part of it."""
    documents: int = Field(ge=0, examples=[1])
    """Documents that prove it."""


class Agreement(Record):
    """What the parties adopted, founded, stated or launched together."""

    example = "defense-industrial-cooperation"
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
    standing: Annotated[
        Standing, Typed(Standing, default=Standing.NOT_STATED), PROVEN, INDEXED, PLAIN
    ] = Field(examples=["not_stated"])
    """Whether it is new, or was agreed before."""
    reaffirms: Annotated[list[Reference], To("agreement", "commitment"), PROVEN, PLAIN]
    """The earlier records that it says again or goes on with."""
    date: Annotated[PartialDate | None, PROVEN, COLUMN]
    """When it was agreed, only as exact as the sources."""
    summit: Annotated[Reference | None, To("summit"), INDEXED]
    """The meeting it belongs to."""
    relation: Annotated[Relation | None, PROVEN, INDEXED, Label("Relation to the summit")] = Field(
        examples=["outcome"]
    )
    """Whether the source presents it as an outcome of the summit or beside it; null where it does
    not say."""
    parties: Annotated[list[Party], PROVEN, REQUIRED]
    """Who agreed, in which capacity; empty if no source says."""
    part_of: Annotated[Reference | None, To("agreement"), INDEXED, PLAIN]
    """The agreement that it is a part of, as a position is of the statement that takes it."""
    full_text: Annotated[Reference | None, To("document"), COLUMN, PLAIN]
    """The document that is its text."""
    founds: Annotated[Reference | None, To("actor"), PROVEN, COLUMN, PLAIN]
    """The body that it created."""
    mentions: Annotated[list[Mention], PROVEN, PLAIN]
    """The actors that it names beside those that take part in it, each as what."""
    counts: Annotated[AgreementCounts, DERIVED]
    """How many records belong to it."""
