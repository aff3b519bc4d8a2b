"""The statements of a list: of a page, of its total, of its counts.

Each is composed and compiled once for every shape of a request, and a request only binds and runs
it.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    func,
    literal_column,
    select,
    union,
    union_all,
)
from sqlalchemy.dialects.sqlite.base import SQLiteDialect
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from app.queries.listing import Filters, Listing, Order, Records, having, matches, of_field
from app.store.tables import NameRow


class Statements(NamedTuple):
    """The SQL of a page and of its total."""

    page: str
    total: str


@lru_cache(maxsize=1024)
def statements(listing: Listing, filters: Filters, sort: str) -> Statements:
    """Compose and compile the statements of a shape."""
    order = listing.orders[sort]
    if order.best_first:
        page = _best_first(listing, filters)
    else:
        places = _merged(listing, filters, order)
        if places is None:
            places = _places(listing, filters, order)
        page = _with_bodies(listing, filters, places, ascending=order.ascending)
    records = _from_an_index(listing, filters)
    if records is None:
        records = listing.records(filters)
    return Statements(page=_sql(page), total=_sql(records.with_only_columns(func.count())))


@lru_cache(maxsize=1024)
def facet_statement(listing: Listing, filters: Filters, facet: str) -> str:
    """Compose and compile the statement that counts a result by the values of a filter."""
    counts = listing.facets[facet](listing.records(filters), filters)
    if facet in listing.most:
        value, _ = counts.selected_columns
        counts = counts.order_by(func.count().desc(), value).limit(_MOST).offset(_NONE)
    return _sql(counts)


_AFTER = bindparam("after", type_=Integer)
_TAKE = bindparam("take", type_=Integer)
# SQLite wants an offset beside a limit; a keyset page has none.
_NONE: ColumnElement[int] = literal_column("0")
# Of a filter that takes ids: there may be any number of them.
_MOST: ColumnElement[int] = literal_column("100")


def _from_an_index(listing: Listing, filters: Filters) -> Records | None:
    """The same records where one index knows all filters: it alone finds them."""
    counts = dict(filters.counts)
    if [*counts] == ["q"]:
        return matches("q")
    if listing.kind and counts.get("topic") == 1 and counts.keys() <= {"topic", "kind"}:
        link = listing.links["topic"]
        of_any = select(link.table.ordinal).where(*of_field(link, listing.kind, link.table))
        of_topic = having(of_any, filters, "topic", link.table.value)
        return having(of_topic, filters, "kind", link.table.detail)
    return None


# Several values of the links that lead are read as so many ranges; more are looked up as a set.
_RANGES = 8


def _merged(listing: Listing, filters: Filters, order: Order) -> Records | None:
    """The first places of each value's range, put in order: no range is read to its end.

    None where it is not one filter of several values that leads, newest first.
    """
    if len(filters.counts) != 1 or not order.newest:
        return None
    ((name, count),) = filters.counts
    if name not in listing.leading or not 1 < count <= _RANGES:
        return None
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
            leading = (at for name, at in listing.leading.items() if len(filters.values(name)) == 1)
            place = next(leading, place)
    at = place if order.newest else listing.row.c.ordinal
    if listing.kind and filters.values("id"):
        # Few records, which are found one by one and then sorted: no order leads to them.
        place = place + literal_column("0")
    page = records.with_only_columns(place.label("place"), at.label("ordinal"))
    if order.ascending:
        page = page.where(place > _AFTER).order_by(place)
    else:
        page = page.where(place < _AFTER).order_by(place.desc())
    return page.limit(_TAKE).offset(_NONE)


# What has the very name comes before what has all words in its title, and that before all others:
# each tier stands above the ordinals of the one before it.
_TIER = 2**40
_NAMED = select(col(NameRow.ordinal)).where(col(NameRow.name) == bindparam("exact_0"))


def _best_first(listing: Listing, filters: Filters) -> Records:
    """What has the name that is typed, matches in titles, all others: each a walk of its own."""
    place = listing.orders["-date"].column
    ways: tuple[tuple[str, ColumnElement[bool], ColumnElement[int]], ...] = (
        ("titles", place.in_(_NAMED), literal_column("0")),
        ("titles", place.not_in(_NAMED), literal_column(str(_TIER))),
        ("others", place.not_in(_NAMED), literal_column(str(2 * _TIER))),
    )
    tiers = [
        listing.records(filters, q)
        .where(is_named)
        .with_only_columns((place + above).label("place"), place.label("ordinal"))
        .where(place > _AFTER - above)
        .order_by(place)
        .limit(_TAKE)
        .offset(_NONE)
        .subquery()
        for q, is_named, above in ways
    ]
    all_tiers = union_all(*(select(tier.c.place, tier.c.ordinal) for tier in tiers))
    return _with_bodies(listing, filters, all_tiers).limit(_TAKE).offset(_NONE)


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


def _sql(statement: Select[Any]) -> str:
    """A statement as `sqlite3` wants it, with what it binds by name."""
    return str(statement.compile(dialect=_DIALECT))
