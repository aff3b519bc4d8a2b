"""What one or more actors promised or did."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from app.dates import PartialDate, first_day, last_day
from app.fields import (
    COLUMN,
    DERIVED,
    INDEXED,
    MAX_NUMBER,
    NOT_EMPTY,
    OWN,
    PLAIN,
    PROVEN,
    REQUIRED,
    CurrencyCode,
    Label,
    Name,
    Number,
    Text,
    To,
    Typed,
)
from app.records import Counts, Mention, Passage, Record, Reference, Shape
from app.vocabulary import (
    Act,
    Bound,
    CommitmentKind,
    CommitmentStatus,
    MeasureRole,
    Relation,
    Standing,
)

Body = Mapping[str, Any]
_CLOSED = {CommitmentStatus.DONE, CommitmentStatus.MISSED, CommitmentStatus.ABANDONED}


def _open(body: Body) -> str | None:
    """`1` for a promise that is not done, missed or abandoned."""
    return "1" if body["act"] == Act.PROMISE and body["status"] not in _CLOSED else None


def _latest_due(body: Body) -> str | None:
    return body["due"] and last_day(body["due"])


def pledged(body: Body) -> Any:
    """The sum of money that is pledged: the first where there are several."""
    sums = (one for one in body["measures"] if one["currency"])
    return next((one for one in sums if one["role"] == MeasureRole.PLEDGED), None)


def _least(body: Body) -> float | None:
    if (measure := pledged(body)) is None:
        return None
    return 0 if measure["bound"] == Bound.UP_TO else float(measure["value"])


def _most(body: Body) -> float | None:
    if (measure := pledged(body)) is None:
        return None
    open_above = measure["bound"] in {Bound.AT_LEAST, Bound.MORE_THAN}
    return float(MAX_NUMBER if open_above else measure["upper"] or measure["value"])


class Measure(Shape):
    """A figure: a sum, a quantity, a share, or a target against a baseline."""

    role: MeasureRole = Field(examples=["pledged"])
    """As what it is given."""
    value: Number = Field(examples=[1000000000000])
    """The figure, or the least of two."""
    upper: Number | None = Field(examples=[2000000000000])
    """The most, where it lies between two figures."""
    bound: Annotated[Bound, Typed(Bound, default=Bound.EXACT)] = Field(examples=["exact"])
    """How exact it is."""
    unit: Name | None = Field(examples=["U.S. personnel in Japan"])
    """What it counts; of a share, `%`; null for a sum of money."""
    currency: CurrencyCode | None = Field(examples=["USD"])
    """The currency of a sum of money (ISO 4217), which is in whole units of it."""
    of: Name | None = Field(examples=["GDP"])
    """Of what it is a share."""
    per: Name | None = Field(examples=["year"])
    """The period in which it comes again."""
    baseline: Name | None = Field(examples=["2019 levels"])
    """Against what it is a change, in the words of the source."""
    by: PartialDate | None = Field(examples=["2030"])
    """When it is to be reached."""


class Event(Shape):
    """What came of a commitment on a day."""

    date: PartialDate | None
    """When it happened, only as exact as the sources."""
    status: CommitmentStatus = Field(examples=["done"])
    """How far the commitment had come then."""
    note: Text | None = Field(examples=["The first part was paid."])
    """What happened, in our own neutral words."""
    evidence: Annotated[list[Passage], NOT_EMPTY]
    """The passages that prove it."""


class Assessment(Shape):
    """Somebody's judgement of how a commitment was kept."""

    by: Annotated[Reference, To("actor")]
    """Who judged."""
    on: PartialDate | None
    """When."""
    scale: Name | None = Field(examples=["none, partial, full"])
    """The scale of the score."""
    score: Name = Field(examples=["partial"])
    """The judgement, in the words or figures of whoever judged."""
    of: Name | None = Field(examples=["The first year"])
    """What was judged, where that is not the whole commitment."""
    evidence: Annotated[list[Passage], NOT_EMPTY]
    """The passages that prove it."""


class CommitmentCounts(Counts):
    """How many records belong to a commitment."""

    parts: int = Field(ge=0, examples=[0])
    """Commitments that are a part of it."""
    documents: int = Field(ge=0, examples=[1])
    """Documents that prove it."""


class Commitment(Record):
    """What one or more actors promised or did."""

    example = "japan-us-investment"
    days = ("date",)
    ends = {
        "due_earliest": lambda body: body["due"] and first_day(body["due"]),
        "due_latest": _latest_due,
        "open": _open,
        "open_due": lambda body: _open(body) and _latest_due(body),
        "amount_least": _least,
        "amount_most": _most,
    }
    orders = (
        "date_up", "title_up", "due_up", "due_down", "amount_up", "amount_down"
    )  # fmt: skip

    type: Literal["commitment"] = "commitment"
    """Always `commitment`."""
    title: Annotated[Name, PROVEN, COLUMN] = Field(
        examples=["$1 trillion investment in the U.S. economy"]
    )
    """What was promised or done."""
    act: Annotated[Act, INDEXED, PLAIN, Label("Promise or deed")] = Field(examples=["promise"])
    """Whether it was promised, was done, or is told of as a fact."""
    kind: Annotated[CommitmentKind, INDEXED] = Field(examples=["investment"])
    """What sort of promise or action it is."""
    status: Annotated[
        CommitmentStatus, Typed(CommitmentStatus | None, default=None), PROVEN, INDEXED
    ] = Field(examples=["announced"])
    """How far it has come, as the sources have it and no further: that of the latest event, where
    there are any."""
    events: Annotated[list[Event], Label("What came of it")]
    """What came of it, in the order in which it is told."""
    assessments: Annotated[list[Assessment], Label("Judged")]
    """Judgements of it, each somebody's own."""
    standing: Annotated[
        Standing, Typed(Standing, default=Standing.NOT_STATED), PROVEN, INDEXED, PLAIN
    ] = Field(examples=["not_stated"])
    """Whether it is new, or was promised before."""
    reaffirms: Annotated[list[Reference], To("agreement", "commitment"), PROVEN, PLAIN]
    """The earlier records that it says again or goes on with."""
    by: Annotated[list[Reference], To("actor"), PROVEN, REQUIRED]
    """Who promised or did it; empty if no source says."""
    to: Annotated[list[Reference], To("actor"), PROVEN]
    """To whom it is owed or directed; of a transfer, to whom it passes; empty if no source says."""
    transferred_from: Annotated[list[Reference], To("actor"), PROVEN, PLAIN]
    """Of a transfer, from whom it passes."""
    partners: Annotated[list[Reference], To("actor"), PROVEN, PLAIN]
    """Who does it with those under `by`, without promising it."""
    measures: Annotated[list[Measure], PROVEN, Label("How much")]
    """How much: sums, quantities, shares and targets, the main one first."""
    amount: Annotated[Number | None, OWN, INDEXED, Label("Sum")] = Field(examples=[1000000000000])
    """The sum that is pledged, in whole units of `currency`: the first of `measures` with a
    currency and the role `pledged`; null if none is."""
    currency: Annotated[CurrencyCode | None, OWN, INDEXED] = Field(examples=["USD"])
    """The currency of `amount` (ISO 4217)."""
    amount_bound: Annotated[Bound | None, OWN, COLUMN] = Field(examples=["exact"])
    """How exact `amount` is; where it is `between`, it is the least, and `measures` has both."""
    date: Annotated[PartialDate | None, PROVEN, COLUMN, PLAIN]
    """When it was said or done, only as exact as the sources."""
    due: Annotated[PartialDate | None, PROVEN, COLUMN]
    """When it is to be done, only as exact as the sources."""
    due_text: Annotated[Name | None, PROVEN, PLAIN, Label("Due, in the source's words")] = Field(
        examples=["by the end of the decade"]
    )
    """When it is to be done, in the words of the source."""
    condition: Annotated[Text | None, PROVEN, PLAIN] = Field(
        examples=["subject to the availability of funds"]
    )
    """On what it depends, in the words of the source."""
    part_of: Annotated[Reference | None, To("commitment"), INDEXED, PLAIN]
    """The commitment that it is a part of, as a share is of a sum."""
    agreement: Annotated[Reference | None, To("agreement"), INDEXED]
    """The agreement under which it was made."""
    summit: Annotated[Reference | None, To("summit"), INDEXED]
    """The meeting it belongs to."""
    relation: Annotated[Relation | None, PROVEN, INDEXED, Label("Relation to the summit")] = Field(
        examples=["outcome"]
    )
    """Whether the source presents it as an outcome of the summit or beside it; null where it does
    not say."""
    mentions: Annotated[list[Mention], PROVEN, PLAIN]
    """The actors that it names beside those that take part in it, each as what."""
    counts: Annotated[CommitmentCounts, DERIVED]
    """How many records belong to it."""
