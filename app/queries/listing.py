"""A list that clients can ask for, and its statements: of a page, and of its total.

A statement depends on the filters of a request and on how many values each has, never on the
values: these are bound by name (`topic_0`, `topic_1`, `since_0`). So each is composed and compiled
once for every shape of a request, and a request only binds and runs it.
"""

from dataclasses import dataclass
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
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlmodel import col

from app.queries.params import ListParams, PagedParams, choices
from app.queries.values import Bound, Link, Most
from app.store.tables import ROWS, NameRow, RecordRow, record_search
from app.vocabulary import RecordType

Expression = ColumnElement[Any] | Mapped[Any]
Condition = ColumnElement[bool]
Records = Select[*tuple[Any, ...]]
"""The records that match, by `ordinal`: no order, no limit, no columns to show yet."""


@dataclass(frozen=True)
class Filters:
    """The shape of a request: its filters, and how many values each has."""

    counts: tuple[tuple[str, int], ...]
    alone: tuple[str, int] | None = None
    """A filter of which one value alone is meant, and the number of that."""

    def values(self, name: str) -> list[BindParameter[Any]]:
        """The places of a filter's values; none if the request does not have it."""
        if self.alone and self.alone[0] == name:
            return [bindparam(f"{name}_{self.alone[1]}")]
        return [bindparam(f"{name}_{at}") for at in range(dict(self.counts).get(name, 0))]


def as_bytes(text: Expression) -> ColumnElement[bytes]:
    """The UTF-8 of a text: an answer is written without decoding it."""
    return cast(text, LargeBinary)


def of_field(link: Link, kind: RecordType | None, table: Any) -> list[Condition]:
    """The links of this field alone, and of records of this type; any, where it is None."""
    # Both are part of the statement, not of the request.
    meant = [table.field == literal_column(f"'{link.field}'")] if link.field else []
    if kind and hasattr(table, "type"):
        meant.append(table.type == literal_column(f"'{kind}'"))
    return meant


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
    records: Records, filters: Filters, name: str, place: Expression, link: Link, *meant: Condition
) -> Records:
    """Narrow to records, by their places, with one of the values in a table of links.

    One value is a join: the links of a value stand in the order of the records, so a page is read
    from them without sorting. Several are a set, as a record may have more than one of them.
    """
    values = filters.values(name)
    at, column = col(link.table.ordinal), col(getattr(link.table, link.column))
    narrowing, narrowed = link.narrowed or ("", "")
    if chosen := filters.values(narrowing):
        meant = (*meant, getattr(link.table, narrowed).in_(chosen))
    if len(values) == 1:
        return records.join(link.table, at == place).where(*meant, column == values[0])
    if values:  # without any, it is the other filter alone: all that is linked in this way
        meant = (*meant, column.in_(values))
    return records.where(place.in_(select(at).where(*meant)))


LAST_PLACE = 2**62
"""No record stands at this place or after it, in any order."""
# A document proves few records, a topic is that of many: the lower, the fewer, and the sooner
# SQLite begins with it.
_SELECTIVE = {"document": 1, "field": 1, "summit": 2, "agreement": 3, "topic": 5}


class Order(NamedTuple):
    """One way to sort: a column of unique whole numbers, and the direction."""

    column: Expression
    ascending: bool = True
    newest: bool = False
    """Whether it is the newest-first order, in which links and the full-text index stand too."""
    best_first: bool = False
    """Whether what has the name comes first, then matches in a title, then all others."""

    @property
    def beginning(self) -> int:
        """A place before the first record."""
        return 0 if self.ascending else LAST_PLACE


class Listing:
    """A list: each filter does what its marks say."""

    def __init__(
        self,
        path: str,
        params: type[PagedParams],
        row: Table,
        kind: RecordType | None = None,
        *,
        lasting: bool = False,
    ) -> None:
        """Read from the parameters what can be asked for.

        `kind` is the type of its records, None for all types; `lasting` says whether places stay
        true in later releases, so that a walk goes on through them.
        """
        self.path, self.params, self.row, self.kind, self.lasting = path, params, row, kind, lasting
        self.links = params.marks(Link)
        self.bounds = params.marks(Bound)
        self.narrowing = {
            link.narrowed[0]: name for name, link in self.links.items() if link.narrowed
        }
        """The filters that choose among the links of another one."""
        self.columns = [n for n in params.model_fields if n in row.c and n not in self.links]
        self.orders = self.all_orders()
        self.most = params.marks(Most)
        self.facets = choices(params, "facet")
        """The filters by whose values it can be counted; of one in `most`, the most frequent."""
        names = sorted(self.links, key=lambda name: _SELECTIVE.get(name, 4))
        self.leading = {"q": MATCHED} | {name: self.links[name].table.ordinal for name in names}
        """The filters that can lead through the list, newest first, the most selective first: the
        places of one value of theirs stand in order."""

    def all_orders(self) -> dict[str, Order]:
        """The orders by their names: `date`, or `-date` for descending."""
        return {name: _order(self.row, name) for name in choices(self.params, "sort")}

    def with_rows(self, records: Records) -> Records:
        """Records of the list beside their columns in its table."""
        return records

    def records(self, filters: Filters, q: str = "q") -> Records:
        """The records that match; `q` names the expression of the full-text index."""
        row, place = self.row, self.row.c.ordinal
        # Named, as a count of everything has no other word of the table.
        records: Records = select(place).select_from(row)
        if filters.values("q"):
            on = record_search.c.rowid == place
            records = records.join(record_search, on).where(matching(q))
        for name, link in self.links.items():
            narrowing = link.narrowed[0] if link.field and link.narrowed else ""
            if filters.values(name) or filters.values(narrowing):
                meant = of_field(link, self.kind, link.table)
                records = linked(records, filters, name, place, link, *meant)
        for name in self.columns:
            records = having(records, filters, name, row.c[name])
        for name, bound in self.bounds.items():
            if filters.values(name):
                end = bound.compare(row.c[bound.column], bindparam(f"{name}_0"))
                records = records.where(end)
        return records

    def body(self, place: Expression, filters: Filters) -> Any:  # noqa: ARG002 - some lists have several
        """A statement that gives the public JSON of the row at a place."""
        return select(as_bytes(col(RecordRow.body))).where(col(RecordRow.ordinal) == place)


def list_of(kind: RecordType, params: type[ListParams]) -> Listing:
    """A list of records of one type."""
    return Listing(f"/{kind.plural}", params, ROWS[kind], kind)


def _order(row: Table, name: str) -> Order:
    if name == "-date":
        return Order(row.c.ordinal, newest=True)
    field = name.removeprefix("-")
    if name == field:
        return Order(row.c[f"{field}_up"])
    # What is unknown stands last both ways where a column says so.
    down = row.c.get(f"{field}_down")
    return Order(row.c[f"{field}_up"], ascending=False) if down is None else Order(down)


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
    return Statements(page=sql_of(page), total=sql_of(records.with_only_columns(func.count())))


_AFTER = bindparam("after", type_=Integer)
_TAKE = bindparam("take", type_=Integer)
# SQLite wants an offset beside a limit; a keyset page has none.
NONE_BEFORE: ColumnElement[int] = literal_column("0")


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

    None where it is not one filter of several values that leads, newest first, alone or with what
    chooses among its links.
    """
    counts = dict(filters.counts)
    name = next((name for name in listing.leading if 1 < counts.get(name, 0) <= _RANGES), None)
    if name is None or not order.newest:
        return None
    others = {other: counts[other] for other in counts.keys() - {name}}
    for other in others:
        of = listing.narrowing.get(other)
        if of is None or (of != name and listing.links[of].field):  # it finds records by itself
            return None
    shape = ((name, 1), *others.items())
    ranges = [
        _places(listing, Filters(shape, (name, at)), order).subquery() for at in range(counts[name])
    ]
    merged = union(*(select(each.c.place, each.c.ordinal) for each in ranges)).subquery()
    place = merged.c.place if order.ascending else merged.c.place.desc()
    return select(merged.c.place, merged.c.ordinal).order_by(place).limit(_TAKE).offset(NONE_BEFORE)


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
            once = [name for name in listing.leading if len(filters.values(name)) == 1]
            place = listing.leading[once[0]] if once else place
    at = place if order.newest else listing.row.c.ordinal
    if listing.kind and filters.values("id"):
        # Few records, which are found one by one and then sorted: no order leads to them.
        place = place + literal_column("0")
    page = records.with_only_columns(place.label("place"), at.label("ordinal"))
    if order.ascending:
        page = page.where(place > _AFTER).order_by(place)
    else:
        page = page.where(place < _AFTER).order_by(place.desc())
    return page.limit(_TAKE).offset(NONE_BEFORE)


# What has the very name comes before what has all words in its title, and that before all others:
# each tier stands above the ordinals of the one before it.
_TIER = 2**40
_NAMED = select(col(NameRow.ordinal)).where(
    col(NameRow.name).in_([bindparam("exact_0"), bindparam("exact_1")])
)


def _best_first(listing: Listing, filters: Filters) -> Records:
    """What has the name that is typed, matches in titles, all others: each a walk of its own."""
    place = listing.orders["-date"].column
    ways: tuple[tuple[str, ColumnElement[bool], ColumnElement[int]], ...] = (
        ("q", place.in_(_NAMED), literal_column("0")),
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
        .offset(NONE_BEFORE)
        .subquery()
        for q, is_named, above in ways
    ]
    all_tiers = union_all(*(select(tier.c.place, tier.c.ordinal) for tier in tiers))
    return _with_bodies(listing, filters, all_tiers).limit(_TAKE).offset(NONE_BEFORE)


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


def sql_of(statement: Select[Any]) -> str:
    """A statement as `sqlite3` wants it, with what it binds by name."""
    return str(statement.compile(dialect=_DIALECT))
