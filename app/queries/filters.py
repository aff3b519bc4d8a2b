"""From filters to SQL: what all lists share.

A statement depends on the filters of a request and on how many values each has, never on the
values: these are bound by name (`topic_0`, `topic_1`, `since_0`). So a statement is composed and
compiled once for each such shape, and a request only binds and runs it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Integer,
    LargeBinary,
    Select,
    Table,
    bindparam,
    cast,
    func,
    literal_column,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.orm import Mapped, aliased
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlmodel import col

from app.queries.params import PagedParams
from app.queries.values import Link
from app.store.tables import RecordRow, RecordTopic, record_search
from app.vocabulary import RecordType

LAST_PLACE = 2**62
"""No record stands at this place or after it, in any order."""

Expression = ColumnElement[Any] | Mapped[Any]
Condition = ColumnElement[bool]
Records = Select[*tuple[Any, ...]]
"""The records that match, by `ordinal`: no order, no limit, no columns to show yet."""
Count = Callable[[Records], Records]
"""From records to how many of them have each value of a filter."""


@dataclass(frozen=True)
class Filters:
    """The shape of a request: its filters, and how many values each has."""

    counts: tuple[tuple[str, int], ...]
    first: int = 0
    """The number of the first of the values that are meant."""

    def values(self, name: str) -> list[BindParameter[Any]]:
        """The places of a filter's values; none if the request does not have it."""
        return [bindparam(f"{name}_{self.first + at}") for at in range(self.count(name))]

    def count(self, name: str) -> int:
        """How many values a filter has."""
        return dict(self.counts).get(name, 0)

    def __contains__(self, name: str) -> bool:
        """Whether the request has a filter."""
        return self.count(name) > 0


class Order(NamedTuple):
    """One way to sort: a column of unique whole numbers, and the direction."""

    column: Expression
    ascending: bool = True
    newest: bool = False
    """Whether it is the newest-first order, in which links and the full-text index stand too."""
    titles_first: bool = False
    """Whether matches in a title come before all others."""

    @property
    def beginning(self) -> int:
        """A place before the first record."""
        return 0 if self.ascending else LAST_PLACE


def as_bytes(text: Expression) -> ColumnElement[bytes]:
    """The UTF-8 of a text: an answer is written without decoding it."""
    return cast(text, LargeBinary)


@dataclass(frozen=True, eq=False)
class Listing:
    """A list that clients can ask for: its parameters, its rows, its statement."""

    kind: RecordType | None
    """The type of its records; None for all types."""
    path: str
    params: type[PagedParams]
    row: Table
    records: Callable[..., Records]
    """The records that match, by their places; `q` names the expression of the full-text index."""
    orders: Mapping[str, Order]
    facets: Mapping[str, Count]
    most: Mapping[str, Count] = field(default_factory=dict, kw_only=True)
    """The filters that take ids, by whose most frequent values a result can be counted too."""
    links: Mapping[str, Expression]
    """The filters that can lead through a list, newest first: the places of one value of theirs
    stand in order. The most selective comes first."""
    body: Callable[[Any, Filters], Any] = lambda place, _: select(
        as_bytes(col(RecordRow.body))
    ).where(col(RecordRow.ordinal) == place)
    """What is sent of the row at a place."""
    lasting: bool = False
    """Whether places stay true in later releases, so that a walk goes on through them."""
    represented: bool = False
    """Whether `actor` finds what was agreed by those for whom a person holds an office."""


def of_type(table: Any, kind: RecordType | None) -> list[Condition]:
    """Of this type, where a table has links of others, too."""
    if kind is None or not hasattr(table, "type"):
        return []
    # The type is part of the statement, not of the request.
    return [col(table.type) == literal_column(f"'{kind}'")]


def of_role(link: Link, table: Any) -> list[Condition]:
    """In the role that is meant, if it is not any."""
    return [col(table.role) == literal_column(f"'{link.role}'")] if link.role else []


def matching(name: str) -> Condition:
    """Found by the full-text index, for an expression that is bound by name."""
    return record_search.c.record_search.op("MATCH")(bindparam(f"{name}_0"))


MATCHED: ColumnElement[int] = record_search.c.rowid
"""The place of a record that the full-text index finds."""


def matches(q: str) -> Records:
    """Every record that the full-text index finds."""
    # Named, as a count by topic joins to it and keeps no column of it.
    return select(MATCHED).select_from(record_search).where(matching(q))


def having(records: Records, filters: Filters, name: str, column: Expression) -> Records:
    """Narrow to records with one of the values in a column of their own."""
    values = filters.values(name)
    if len(values) == 1:
        return records.where(column == values[0])
    return records.where(column.in_(values)) if values else records


def linked(
    records: Records, filters: Filters, name: str, place: Expression, link: Link, *fixed: Condition
) -> Records:
    """Narrow to records, by their places, with one of the values in a table of links.

    One value is a join: the links of a value stand in the order of the records, so a page is read
    from them without sorting. Several are a set, as a record may have more than one of them.
    """
    values = filters.values(name)
    if not values:
        return records
    at, column = col(link.table.ordinal), col(getattr(link.table, link.column))
    if link.shared and link.shared in filters:
        fixed = (*fixed, getattr(link.table, link.shared) == bindparam(f"{link.shared}_0"))
    if len(values) == 1:
        return records.join(link.table, at == place).where(*fixed, column == values[0])
    return records.where(place.in_(select(at).where(*fixed, column.in_(values))))


def by_value(column: Expression) -> Count:
    """Count a result by the values of a column of the records."""
    return lambda records: records.with_only_columns(column, func.count()).group_by(column)


def by_link(link: Link, kind: RecordType | None = None, but: Any = None) -> Count:
    """Count a result of records of a type, or of all, by the values in a table of links.

    The table is named apart from any other use; `but` gives values that are not counted.
    """
    table: Any = aliased(link.table, name="counted")
    value = col(getattr(table, link.column))
    fixed = of_role(link, table) if but is None else [*of_role(link, table), value.not_in(but)]

    def counted(records: Records) -> Records:
        if records.whereclause is None:  # of everything: the links alone know it
            of_all = select(value, func.count()).select_from(table)
            return of_all.where(*fixed, *of_type(table, kind)).group_by(value)
        (place,) = records.selected_columns
        return (
            records.with_only_columns(value, func.count())
            .join(table, col(table.ordinal) == place)
            .where(*fixed)
            .group_by(value)
        )

    return counted


class Statements(NamedTuple):
    """The SQL of a page and of its total."""

    page: str
    total: str


@lru_cache(maxsize=1024)
def statements(listing: Listing, filters: Filters, sort: str) -> Statements:
    """Compose and compile the statements of a shape."""
    order = listing.orders[sort]
    page = _titles_first(listing, filters) if order.titles_first else _page(listing, filters, order)
    records = _from_an_index(listing, filters)
    if records is None:
        records = listing.records(filters)
    return Statements(page=sql(page), total=sql(records.with_only_columns(func.count())))


@lru_cache(maxsize=1024)
def facet_statement(listing: Listing, filters: Filters, facet: str) -> str:
    """Compose and compile the statement that counts a result by the values of a filter."""
    if count := listing.facets.get(facet):
        return sql(count(listing.records(filters)))
    counted = listing.most[facet](listing.records(filters))
    value, _ = counted.selected_columns
    most = counted.order_by(func.count().desc(), value).limit(_MOST).offset(_NONE)
    return sql(most)


_AFTER = bindparam("after", type_=Integer)
_TAKE = bindparam("take", type_=Integer)
# SQLite wants an offset beside a limit; a keyset page has none.
_NONE: ColumnElement[int] = literal_column("0")
# Of a filter that takes ids: there may be any number of them.
_MOST: ColumnElement[int] = literal_column("30")


def _from_an_index(listing: Listing, filters: Filters) -> Records | None:
    """The same records where one index knows all filters: it alone finds them."""
    names = {name for name, _ in filters.counts}
    if names == {"q"}:
        return matches("q")
    if listing.kind and filters.count("topic") == 1 and names <= {"topic", "kind"}:
        of_kind = select(col(RecordTopic.ordinal)).where(*of_type(RecordTopic, listing.kind))
        of_topic = having(of_kind, filters, "topic", col(RecordTopic.topic))
        return having(of_topic, filters, "kind", col(RecordTopic.kind))
    return None


def _page(listing: Listing, filters: Filters, order: Order) -> Records:
    places = _places(listing, filters, order)
    if order.newest and len(filters.counts) == 1:
        ((name, count),) = filters.counts
        if name in listing.links and 1 < count <= _RANGES:
            places = _merged(listing, name, count, order)
    return _with_bodies(listing, filters, places, ascending=order.ascending)


# Several values of the links that lead are read as so many ranges; more are looked up as a set.
_RANGES = 8


def _merged(listing: Listing, name: str, count: int, order: Order) -> Records:
    """The first places of each value's range, put in order: no range is read to its end."""
    ranges = [_places(listing, Filters(((name, 1),), at), order).subquery() for at in range(count)]
    merged = union(*(select(each.c.place, each.c.ordinal) for each in ranges)).subquery()
    place = merged.c.place if order.ascending else merged.c.place.desc()
    return select(merged.c.place, merged.c.ordinal).order_by(place).limit(_TAKE).offset(_NONE)


def _places(listing: Listing, filters: Filters, order: Order) -> Records:
    """The places of a page, and the records that stand there."""
    records = _from_an_index(listing, filters) if order.newest else None
    place = order.column
    if records is not None:
        (place,) = records.selected_columns
    else:
        records = listing.records(filters)
        if order.newest:
            # SQLite does not see that a joined table stands in the order of the records: the table
            # that leads names the place itself, so that a page is read and not sorted.
            leading = (at for name, at in listing.links.items() if filters.count(name) == 1)
            place = next(leading, place)
    at = place if order.newest else listing.row.c.ordinal
    page = records.with_only_columns(place.label("place"), at.label("ordinal"))
    if order.ascending:
        page = page.where(place > _AFTER).order_by(place)
    else:
        page = page.where(place < _AFTER).order_by(place.desc())
    return page.limit(_TAKE).offset(_NONE)


# A match in the title comes before every other one: its tier stands above the ordinal.
_TIER: ColumnElement[int] = literal_column(str(2**40))


def _titles_first(listing: Listing, filters: Filters) -> Records:
    """The matches in titles, newest first, and then all others: each a walk of its own."""
    place = listing.orders["-date"].column
    halves = [
        listing.records(filters, q)
        .with_only_columns((place + tier).label("place"), place.label("ordinal"))
        .where(place > _AFTER - tier)
        .order_by(place)
        .limit(_TAKE)
        .offset(_NONE)
        .subquery()
        for q, tier in (("titles", literal_column("0")), ("others", _TIER))
    ]
    both = union_all(*(select(half.c.place, half.c.ordinal) for half in halves))
    return _with_bodies(listing, filters, both).limit(_TAKE).offset(_NONE)


def _with_bodies(
    listing: Listing,
    filters: Filters,
    places: Select[Any, Any] | CompoundSelect[Any, Any],
    *,
    ascending: bool = True,
) -> Records:
    """The bodies of a page, read once its places are settled.

    With one more limit, SQLite would sort the bodies and not just their places.
    """
    page = places.subquery()
    body = listing.body(page.c.ordinal, filters)
    order = page.c.place if ascending else page.c.place.desc()
    return select(body.scalar_subquery(), page.c.place).order_by(order)


_DIALECT = SQLiteDialect(paramstyle="named")


def sql(statement: Select[Any]) -> str:
    """A statement as `sqlite3` wants it, with what it binds by name."""
    return str(statement.compile(dialect=_DIALECT))
