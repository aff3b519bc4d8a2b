"""What changed from release to release."""

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import ColumnElement, String, bindparam, cast, func, literal_column, select
from sqlmodel import col

from app.formats import Content
from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    as_bytes,
    by_value,
    having,
    linked,
    ordinal,
)
from app.queries.params import Count, EverySummitIds, PagedParams, RecordIds, Says, Several
from app.records import Change
from app.resources import SHAPES
from app.store.tables import ChangeField, ChangeRow, ChangeSummit, RecordRow
from app.vocabulary import ChangeAction, RecordType

KEYS = tuple(sorted({key for shape in SHAPES.values() for key in shape.model_fields} - {"type"}))
Derived = Annotated[
    Literal["0", "1"] | None, Says("{} what follows from other records", "What follows", 13)
]


class ChangeParams(PagedParams):
    """What can be asked of the list of changes."""

    shape = Change
    content = Content.CHANGES

    type: Annotated[Several[RecordType], Says("to {}", "Type", 1)] = Field(
        (), examples=[["agreement"]]
    )
    """Of records of this type. Repeat it for *or*."""
    id: RecordIds = Field((), examples=[["japan"]])
    """Of the record with this id, whatever its type; one that was withdrawn too. Repeat it for
    *or*."""
    action: Annotated[
        Several[ChangeAction], Says("by which a record was {}", "What happened", 3)
    ] = Field((), examples=[["added"]])
    """What happened to the record. Repeat it for *or*."""
    field: Annotated[Several[Literal[KEYS]], Says("about {}", "Field", 4)] = Field(  # type: ignore[valid-type] # the keys of all records
        (), examples=[["amount"]]
    )
    """About this key of a record. Repeat it for *or*."""
    since_release: Annotated[Count | None, Says("after release {}", "After release", 10)] = Field(
        None, examples=[0]
    )
    """After this release: what a copy of it has to be changed by."""
    summit: EverySummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of a record of this summit, before or after the change. Repeat it for *or*."""
    derived: Derived = Field(None, examples=["0"])
    """Whether to show what follows from other records (a title, a count), too: `1` shows it, `0`
    shows facts alone. If it is not said, a query with `since_release` shows all, as a copy needs
    it, and every other one facts alone."""
    sort: Literal["-release", "release"] = Field("-release", examples=["release"])
    """The order; `-` for the latest change first. With `release` they come in the order in which
    they are to be applied."""
    facet: Several[Literal["action", "type"]] = Field((), examples=[["action"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


class HistoryParams(PagedParams):
    """What can be asked of the history of one record."""

    shape = Change
    content = Content.CHANGES

    derived: Derived = Field(None, examples=["1"])
    """Whether to show what follows from other records (a title, a count), too: `1` shows it; `0`,
    or nothing said, shows facts alone."""
    sort: Literal["-release", "release"] = Field("-release", examples=["release"])
    """The order; `-` for the latest change first."""


def changes(asked: Asked, q: str = "q") -> Found:  # noqa: ARG001 - as all lists are asked
    """The changes that match."""
    query: Found = select(ordinal(ChangeRow)).select_from(ChangeRow)
    for name in ("type", "id", "action"):
        query = having(query, asked, name, col(getattr(ChangeRow, name)))
    facts = [col(ChangeField.derived) == bindparam("facts_0")] if "facts" in asked else []
    query = linked(query, asked, "field", ChangeRow, ChangeField, col(ChangeField.field), *facts)
    query = linked(query, asked, "summit", ChangeRow, ChangeSummit, col(ChangeSummit.summit))
    query = having(query, asked, "facts", col(ChangeRow.derived))
    if "since_release" in asked:
        query = query.where(ordinal(ChangeRow) > bindparam("since_release_0"))
    return query


def _text(written: str) -> ColumnElement[str]:
    return literal_column(f"'{written}'", String)


def _body(place: Any, asked: Asked) -> Any:
    """The public JSON of a change. What was added and not changed since is as the record is."""
    whole = select(
        _text('[{"pointer":"","before":null,"after":')
        + col(RecordRow.body)
        + _text(',"derived":false}]')
    ).where(col(RecordRow.type) == col(ChangeRow.type), col(RecordRow.id) == col(ChangeRow.id))
    fields = [col(ChangeRow.fields), whole.scalar_subquery()]
    facts = [col(ChangeRow.facts)] if "facts" in asked else []
    release = col(ChangeRow.release)
    body = (
        _text('{"type":"change","number":')
        + cast(ordinal(ChangeRow), String)
        + _text(',"release":')
        + cast(release, String)
        + _text(',"published_at":"')
        # What a release says of itself is when its file was finished.
        + func.published_at(release, type_=String)
        + _text('",')
        + col(ChangeRow.head)
        + _text(',"fields":')
        + func.coalesce(*facts, *fields)
        + _text("}")
    )
    return select(as_bytes(body)).where(ordinal(ChangeRow) == place)


CHANGES = Listing(
    kind=None,
    path="/changes",
    params=ChangeParams,
    row=ChangeRow,
    found=changes,
    orders={
        "-release": Order(ordinal(ChangeRow), ascending=False, newest=True),
        "release": Order(ordinal(ChangeRow), newest=True),
    },
    links={"field": ordinal(ChangeField), "summit": ordinal(ChangeSummit)},
    facets={
        "action": by_value(col(ChangeRow.action)),
        "type": by_value(col(ChangeRow.type)),
    },
    body=_body,
    lasting=True,
)
