"""From filters to SQL: what all lists share.

A statement depends on which filters are asked for and on how many values each has, never on the
values: they are bound by name (`topic_0`, `topic_1`, `since`). So a statement is composed and
compiled once for each such shape, and a request only binds and runs it.
"""

from collections.abc import Callable, Mapping, Sequence
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
from sqlmodel import SQLModel, col

from app.queries.params import PagedParams
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
    first: int = 0
    """The number of the first of the values that are meant."""

    def values(self, name: str) -> list[BindParameter[Any]]:
        """The places of a filter's values; none if it was not asked for."""
        return [bindparam(f"{name}_{self.first + at}") for at in range(self.count(name))]

    def count(self, name: str) -> int:
        """How many values a filter has."""
        return dict(self.counts).get(name, 0)

    def __contains__(self, name: str) -> bool:
        """Whether a filter was asked for."""
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
    row: Table | type[SQLModel]
    found: Callable[..., Found]
    """The records that match, by their places; `q` names the expression of the full-text index."""
    orders: Mapping[str, Order]
    facets: Mapping[str, Callable[[Found], Found]]
    most: Mapping[str, Callable[[Found], Found]] = field(default_factory=dict, kw_only=True)
    """The filters that take ids, by whose most frequent values a result can be counted too."""
    links: Mapping[str, Expression]
    """The filters that can lead through a list, newest first: the places of one value of theirs
    stand in order. The most selective comes first."""
    body: Callable[[Any, Asked], Any] = lambda place, _: select(
        as_bytes(col(RecordRow.body))
    ).where(ordinal(RecordRow) == place)
    """What is sent of the row at a place."""
    lasting: bool = False
    """Whether places stay true in later releases, so that a walk goes on through them."""
    represented: bool = False
    """Whether `actor` finds what was agreed by those for whom a person holds an office."""


def ordinal(row: Table | type[SQLModel]) -> Expression:
    """The place of a record in the newest-first order of everything."""
    if isinstance(row, Table):
        return row.c.ordinal
    return col(row.ordinal)  # type: ignore[attr-defined]  # every table here has one


SHARED: dict[str, type[SQLModel]] = {
    "topic": RecordTopic,
    "document": RecordDocument,
    "summit": RecordSummit,
}
"""The filters that all lists of records share, and the tables of their links."""


def is_a(row: type[SQLModel], kind: RecordType) -> ColumnElement[bool]:
    """Of this type. The type is part of the statement, not of the request."""
    return col(row.type) == literal_column(f"'{kind.value}'")  # type: ignore[attr-defined] # all that are passed have it


def matching(name: str) -> ColumnElement[bool]:
    """Found by the full-text index, for an expression that is bound by name."""
    return record_search.c.record_search.op("MATCH")(bindparam(f"{name}_0"))


MATCHED: ColumnElement[int] = record_search.c.rowid
"""The place of a record that the full-text index finds."""


def matches(q: str) -> Found:
    """Every record that the full-text index finds."""
    # Named, as a count by topic joins to it and keeps no column of it.
    return select(MATCHED).select_from(record_search).where(matching(q))


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
    row: Table | type[SQLModel],
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


def by_value(column: Expression) -> Callable[[Found], Found]:
    """Count a result by the values of a column of the records."""
    return lambda found: found.with_only_columns(column, func.count()).group_by(column)


def by_link(
    link: Any,
    value: Expression,
    *fixed: ColumnElement[bool],
    alone: Sequence[ColumnElement[bool]] = (),
) -> Callable[[Found], Found]:
    """Count a result by the values in a table of links, which is named apart from any other use.

    `alone` says what the links of everything are, where the table has others, too.
    """

    def counted(found: Found) -> Found:
        if found.whereclause is None:  # of everything: the links alone know it
            of_all = select(value, func.count()).select_from(link)
            return of_all.where(*fixed, *alone).group_by(value)
        (place,) = found.selected_columns
        return (
            found.with_only_columns(value, func.count())
            .join(link, col(link.ordinal) == place)
            .where(*fixed)
            .group_by(value)
        )

    return counted


_counted = aliased(RecordTopic, name="counted")


def by_topic(kind: RecordType | None = None) -> Callable[[Found], Found]:
    """Count a result by topic: of one type, or of all."""
    alone = [is_a(_counted, kind)] if kind else []
    return by_link(_counted, col(_counted.topic), alone=alone)


class Statements(NamedTuple):
    """The SQL of a page and of its total."""

    page: str
    total: str


@lru_cache(maxsize=1024)
def statements(listing: Listing, asked: Asked, sort: str) -> Statements:
    """Compose and compile the statements of a shape."""
    order = listing.orders[sort]
    page = _titles_first(listing, asked) if order.titles_first else _page(listing, asked, order)
    records = _from_an_index(listing, asked)
    if records is None:
        records = listing.found(asked)
    return Statements(page=sql(page), total=sql(records.with_only_columns(func.count())))


@lru_cache(maxsize=1024)
def facet_statement(listing: Listing, asked: Asked, facet: str) -> str:
    """Compose and compile the statement that counts a result by the values of a filter."""
    if count := listing.facets.get(facet):
        return sql(count(listing.found(asked)))
    counted = listing.most[facet](listing.found(asked))
    value, _ = counted.selected_columns
    most = counted.order_by(func.count().desc(), value).limit(_MOST).offset(_NONE)
    return sql(most)


_AFTER = bindparam("after", type_=Integer)
_TAKE = bindparam("take", type_=Integer)
# SQLite wants an offset beside a limit; a keyset page has none.
_NONE: ColumnElement[int] = literal_column("0")
# Of a filter that takes ids: there may be any number of them.
_MOST: ColumnElement[int] = literal_column("30")


def _from_an_index(listing: Listing, asked: Asked) -> Found | None:
    """The same records where one index knows all that was asked: it alone finds them."""
    names = {name for name, _ in asked.counts}
    if names == {"q"}:
        return matches("q")
    if listing.kind and asked.count("topic") == 1 and names <= {"topic", "kind"}:
        of_type = select(ordinal(RecordTopic)).where(is_a(RecordTopic, listing.kind))
        of_topic = having(of_type, asked, "topic", col(RecordTopic.topic))
        return having(of_topic, asked, "kind", col(RecordTopic.kind))
    return None


def _page(listing: Listing, asked: Asked, order: Order) -> Found:
    places = _places(listing, asked, order)
    if order.newest and len(asked.counts) == 1:
        ((name, count),) = asked.counts
        if name in listing.links and 1 < count <= _RANGES:
            places = _merged(listing, name, count, order)
    return _with_bodies(listing, asked, places, ascending=order.ascending)


# Several values of the links that lead are read as so many ranges; more are looked up as a set.
_RANGES = 8


def _merged(listing: Listing, name: str, count: int, order: Order) -> Found:
    """The first places of each value's range, put in order: no range is read to its end."""
    ranges = [_places(listing, Asked(((name, 1),), at), order).subquery() for at in range(count)]
    merged = union(*(select(each.c.place, each.c.ordinal) for each in ranges)).subquery()
    place = merged.c.place if order.ascending else merged.c.place.desc()
    return select(merged.c.place, merged.c.ordinal).order_by(place).limit(_TAKE).offset(_NONE)


def _places(listing: Listing, asked: Asked, order: Order) -> Found:
    """The places of a page, and the records that stand there."""
    records = _from_an_index(listing, asked) if order.newest else None
    place = order.column
    if records is not None:
        (place,) = records.selected_columns
    else:
        records = listing.found(asked)
        if order.newest:
            # SQLite does not see that a joined table stands in the order of the records: the table
            # that leads names the place itself, so that a page is read and not sorted.
            leading = (at for name, at in listing.links.items() if asked.count(name) == 1)
            place = next(leading, place)
    at = place if order.newest else ordinal(listing.row)
    page = records.with_only_columns(place.label("place"), at.label("ordinal"))
    if order.ascending:
        page = page.where(place > _AFTER).order_by(place)
    else:
        page = page.where(place < _AFTER).order_by(place.desc())
    return page.limit(_TAKE).offset(_NONE)


# A match in the title comes before every other one: its tier stands above the ordinal.
_TIER: ColumnElement[int] = literal_column(str(2**40))


def _titles_first(listing: Listing, asked: Asked) -> Found:
    """The matches in titles, newest first, and then all others: each a walk of its own."""
    place = listing.orders["-date"].column
    halves = [
        listing.found(asked, q)
        .with_only_columns((place + tier).label("place"), place.label("ordinal"))
        .where(place > _AFTER - tier)
        .order_by(place)
        .limit(_TAKE)
        .offset(_NONE)
        .subquery()
        for q, tier in (("titles", literal_column("0")), ("others", _TIER))
    ]
    both = union_all(*(select(half.c.place, half.c.ordinal) for half in halves))
    return _with_bodies(listing, asked, both).limit(_TAKE).offset(_NONE)


def _with_bodies(
    listing: Listing,
    asked: Asked,
    places: Select[Any, Any] | CompoundSelect[Any, Any],
    *,
    ascending: bool = True,
) -> Found:
    """The bodies of a page: read when it is known which they are, and no others.

    With one more limit, SQLite would sort the bodies and not just their places.
    """
    page = places.subquery()
    body = listing.body(page.c.ordinal, asked)
    order = page.c.place if ascending else page.c.place.desc()
    return select(body.scalar_subquery(), page.c.place).order_by(order)


_DIALECT = SQLiteDialect(paramstyle="named")


def sql(statement: Select[Any]) -> str:
    """A statement as `sqlite3` wants it, with what it binds by name."""
    return str(statement.compile(dialect=_DIALECT))
