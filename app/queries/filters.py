"""From filters to SQL: what all lists share.

A statement depends on which filters are asked for and on how many values each has, never on the
values: they are bound by name (`topic_0`, `topic_1`, `since`). So a statement is composed and
compiled once for each such shape, and a request only binds and runs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Integer, LargeBinary, Select, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlmodel import SQLModel, col

from app.queries.params import ListParams
from app.store.tables import RecordDocument, RecordRow, RecordSummit, RecordTopic, record_search
from app.vocabulary import RecordType

LAST_PLACE = 2**62
"""No record stands at this place or after it, in any order."""

Expression = ColumnElement[Any] | Mapped[Any]
Found = Select[*tuple[Any, ...]]
"""The records that match, by `ordinal`: no order, no limit, no columns to show yet."""


@dataclass(frozen=True)
class Asked:
    """The shape of a request: which filters, how many values each."""

    counts: tuple[tuple[str, int], ...]

    def values(self, name: str) -> list[BindParameter[Any]]:
        """The places of a filter's values; none if it was not asked for."""
        return [bindparam(f"{name}_{at}") for at in range(dict(self.counts).get(name, 0))]

    def __contains__(self, name: object) -> bool:
        """Whether a filter was asked for."""
        return any(asked == name for asked, _ in self.counts)


class Order(NamedTuple):
    """One way to sort: a column of unique whole numbers, and the direction."""

    column: Expression
    ascending: bool = True

    @property
    def beginning(self) -> int:
        """A place before the first record."""
        return 0 if self.ascending else LAST_PLACE


@dataclass(frozen=True, eq=False)
class Listing:
    """A list that clients can ask for: its parameters, its rows, its statement."""

    kind: RecordType | None
    """The type of its records; None for all types."""
    path: str
    params: type[ListParams]
    row: type[SQLModel]
    found: Callable[[Asked], Found]
    orders: Mapping[str, Order]
    facets: Mapping[str, Callable[[Found], Found]]
    represented: bool = False
    """Whether `actor` finds what was agreed by those for whom an actor acts."""


def ordinal(row: type[SQLModel]) -> Expression:
    """The place of a record in the newest-first order of everything."""
    return col(row.ordinal)  # type: ignore[attr-defined]  # every table here has one


def starting(row: type[SQLModel], kind: RecordType, asked: Asked) -> Found:
    """Every record of a type, narrowed by the filters that all lists share."""
    # Named, as a count of everything has no other word of the table.
    found = select(ordinal(row)).select_from(row)
    if "q" in asked:
        found = found.join(record_search, record_search.c.rowid == ordinal(row))
        found = found.where(matching("q"))
    for name, link in (
        ("topic", RecordTopic),
        ("document", RecordDocument),
        ("summit", RecordSummit),
    ):
        found = linked(found, asked, name, row, link, col(getattr(link, name)), is_a(link, kind))
    return found


def is_a(row: type[SQLModel], kind: RecordType) -> ColumnElement[bool]:
    """Of this type. The type is part of the statement, not of the request."""
    return col(row.type) == literal_column(f"'{kind.value}'")  # type: ignore[attr-defined] # all that are passed have it


def matching(name: str) -> ColumnElement[bool]:
    """Found by the full-text index, for an expression that is bound by name."""
    return record_search.c.record_search.op("MATCH")(bindparam(f"{name}_0"))


def having(found: Found, asked: Asked, name: str, column: Expression) -> Found:
    """Narrow to records with one of the values in a column of their own."""
    values = asked.values(name)
    if len(values) == 1:
        return found.where(column == values[0])
    return found.where(column.in_(values)) if values else found


def linked(
    found: Found,
    asked: Asked,
    name: str,
    row: type[SQLModel],
    link: type[SQLModel],
    column: Expression,
    *fixed: ColumnElement[bool],
) -> Found:
    """Narrow to records with one of the values in a table of links.

    One value is a join: the links of a value stand in the order of the records, so a page is read
    from them without sorting. Several are a set, as a record may have more than one of them.
    """
    values = asked.values(name)
    if not values:
        return found
    if len(values) == 1:
        on = ordinal(link) == ordinal(row)
        return found.join(link, on).where(*fixed, column == values[0])
    return found.where(ordinal(row).in_(select(ordinal(link)).where(*fixed, column.in_(values))))


def within(found: Found, asked: Asked, row: Any) -> Found:
    """Narrow to records whose date may lie in the period asked for."""
    if "since" in asked:
        found = found.where(col(row.latest) >= bindparam("since_0"))
    if "until" in asked:
        found = found.where(col(row.earliest) <= bindparam("until_0"))
    return found


def by_value(column: Expression) -> Callable[[Found], Found]:
    """Count a result by the values of a column of the records."""
    return lambda found: found.with_only_columns(column, func.count()).group_by(column)


def by_topic(kind: RecordType) -> Callable[[Found], Found]:
    """Count a result by topic."""

    def counted(found: Found) -> Found:
        topic = col(RecordTopic.topic)
        return (
            select(topic, func.count())
            .where(is_a(RecordTopic, kind), ordinal(RecordTopic).in_(found))
            .group_by(topic)
        )

    return counted


class Statements(NamedTuple):
    """The SQL of a request."""

    page: str
    total: str
    facets: dict[str, str]


@lru_cache(maxsize=2048)
def statements(listing: Listing, asked: Asked, sort: str, facets: tuple[str, ...]) -> Statements:
    """Compose and compile the statements of a shape."""
    found = listing.found(asked)
    order = listing.orders[sort]
    body = cast(col(RecordRow.body), LargeBinary)
    page = found.with_only_columns(body, order.column)
    if listing.row is not RecordRow:
        page = page.join(RecordRow, ordinal(RecordRow) == ordinal(listing.row))
    # Also on the first page: the bound shows SQLite that the links are in the order asked for.
    after = bindparam("after", type_=Integer)
    page = page.where(order.column > after if order.ascending else order.column < after)
    page = page.order_by(order.column if order.ascending else order.column.desc())
    return Statements(
        # SQLite wants an offset beside a limit; a keyset page has none.
        page=_sql(page.limit(bindparam("take")).offset(literal_column("0"))),
        total=_sql(found.with_only_columns(func.count())),
        facets={name: _sql(listing.facets[name](found)) for name in facets},
    )


def _sql(statement: Found) -> str:
    return str(statement.compile(dialect=sqlite.dialect(paramstyle="named")))
