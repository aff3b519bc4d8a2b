"""What changed from release to release."""

import operator
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, func, literal_column, select
from sqlmodel import SQLModel, col

from app.fields import Id
from app.formats import Content
from app.queries.listing import Expression, Filters, Listing, Order, as_bytes
from app.queries.params import PagedParams
from app.queries.values import Bound, Count, Facets, Link, Refers, Says, Several
from app.records import Change
from app.resources import SHAPES
from app.store.tables import ChangeField, ChangeRow, ChangeSummit, RecordRow, ReleaseRow
from app.vocabulary import ChangeAction, RecordType

KEYS = tuple(sorted({key for shape in SHAPES.values() for key in shape.model_fields} - {"type"}))
Derived = Annotated[
    Literal["0", "1"] | None,
    Says("{} what follows from other records", "What follows from others", 13, "with"),
]


class ChangeParams(PagedParams):
    """The parameters of `/changes`."""

    shape = Change
    content = Content.CHANGES

    type: Annotated[Several[RecordType], Says("to {}", "Type", 1, "type")] = Field(
        (), examples=[["agreement"]]
    )
    """Of records of this type. Repeat it for *or*."""
    id: Annotated[
        Several[Id], Refers(tuple(RecordType), ever=True), Says("of the record {}", "Record", 2)
    ] = Field((), examples=[["japan"]])
    """Of the record with this id, whatever its type; one that was withdrawn too. Repeat it for
    *or*."""
    action: Annotated[
        Several[ChangeAction], Says("by which a record was {}", "What happened", 3)
    ] = Field((), examples=[["added"]])
    """What happened to the record. Repeat it for *or*."""
    field: Annotated[
        Several[Literal[KEYS]],  # type: ignore[valid-type] # the keys of all records
        Link(ChangeField, "field", narrowed=("derived", "derived")),
        Says("about {}", "Field", 4),
    ] = Field((), examples=[["amount"]])
    """About this key of a record. Repeat it for *or*."""
    since_release: Annotated[
        Count | None, Bound("ordinal", operator.gt), Says("after release {}", "After release", 10)
    ] = Field(None, examples=[0])
    """After this release: what a copy of it has to be changed by."""
    summit: Annotated[
        Several[Id],
        Refers((RecordType.SUMMIT,), ever=True),
        Link(ChangeSummit, "summit"),
        Says("from {}", "Summit", 9),
    ] = Field((), examples=[["us-japan-2025-02"]])
    """Of a record of this summit, before or after the change. Repeat it for *or*."""
    derived: Derived = Field(None, examples=["0"])
    """Whether to show what follows from other records (a title, a count), too: `1` shows it, `0`
    shows facts alone. If it is not said, a query with `since_release` shows all, as a copy needs
    it, and every other one facts alone."""
    sort: Literal["-release", "release"] = Field("-release", examples=["release"])
    """The order; `-` for the latest change first. With `release` they come in the order in which
    they are to be applied."""
    facet: Facets[Literal["action", "type"]] = Field((), examples=[["action"]])


class HistoryParams(PagedParams):
    """The parameters of the history of a record."""

    shape = Change
    content = Content.CHANGES

    derived: Derived = Field(None, examples=["1"])
    """Whether to show what follows from other records (a title, a count), too: `1` shows it; `0`,
    or nothing said, shows facts alone."""
    sort: Literal["-release", "release"] = Field("-release", examples=["release"])
    """The order; `-` for the latest change first."""


class _Changes(Listing):
    """The list of changes, whose bodies are put together of what is stored of each."""

    def all_orders(self) -> dict[str, Order]:
        """The orders by their names: `release`, or `-release` for descending."""
        place = self.row.c.ordinal
        return {
            "-release": Order(place, ascending=False, newest=True),
            "release": Order(place, newest=True),
        }

    def body(self, place: Expression, filters: Filters) -> Any:
        """A statement that gives the public JSON of the change at a place."""
        # What was added and not changed since is as the record is.
        added = _written(
            '[{"pointer":"","before":null,"after":%s,"derived":false}]', col(RecordRow.body)
        )
        whole = select(added).where(
            col(RecordRow.type) == col(ChangeRow.type), col(RecordRow.id) == col(ChangeRow.id)
        )
        fields = [col(ChangeRow.fields), whole.scalar_subquery()]
        facts = [col(ChangeRow.facts)] if filters.values("derived") else []
        message = select(col(ReleaseRow.message)).where(
            col(ReleaseRow.number) == col(ChangeRow.release)
        )
        body = _written(
            '{"type":"change","number":%d,"release":%d,"published_at":"%s","message":%s,%s,'
            '"fields":%s}',
            col(ChangeRow.ordinal),
            col(ChangeRow.release),
            # What a release says of itself is when its file was finished.
            func.published_at(col(ChangeRow.release)),
            func.json_quote(message.scalar_subquery()),
            col(ChangeRow.head),
            func.coalesce(*facts, *fields),
        )
        return select(as_bytes(body)).where(col(ChangeRow.ordinal) == place)


def _written(form: str, *values: Any) -> ColumnElement[str]:
    return func.printf(literal_column(f"'{form}'"), *values)


_ROW = SQLModel.metadata.tables[ChangeRow.__tablename__]
CHANGES = _Changes("/changes", ChangeParams, _ROW, lasting=True)
