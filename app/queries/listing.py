"""A list that clients can ask for: how the records that match are narrowed, counted and ordered.

A statement depends on the filters of a request and on how many values each has, never on the
values: these are bound by name (`topic_0`, `topic_1`, `since_0`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import LargeBinary, Select, Table, bindparam, cast, func, literal_column, select
from sqlalchemy.orm import Mapped, aliased
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlmodel import col

from app.queries.params import ListParams, PagedParams, choices
from app.queries.values import Bound, Link, Most
from app.store.tables import ROWS, RecordRow, record_search
from app.vocabulary import RecordType

Expression = ColumnElement[Any] | Mapped[Any]
Condition = ColumnElement[bool]
Records = Select[*tuple[Any, ...]]
"""The records that match, by `ordinal`: no order, no limit, no columns to show yet."""


@dataclass(frozen=True)
class Filters:
    """The shape of a request: its filters, and how many values each has."""

    counts: tuple[tuple[str, int], ...]
    first: int = 0
    """The number of the first of the values that are meant."""

    def values(self, name: str) -> list[BindParameter[Any]]:
        """The places of a filter's values; none if the request does not have it."""
        count = dict(self.counts).get(name, 0)
        return [bindparam(f"{name}_{self.first + at}") for at in range(count)]


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


Count = Callable[[Records, Filters], Records]
"""From records, found by filters, to how many of them have each value of one."""


def by_value(column: Expression) -> Count:
    """Count a result by the values of a column of the records."""
    return lambda records, _: records.with_only_columns(column, func.count()).group_by(column)


def by_link(link: Link, kind: RecordType | None = None) -> Count:
    """Count a result of records of a type, or of all, by the values in a table of links.

    Where another filter chooses among the links, those are counted that both would find.
    """
    return _by_column(link, kind, link.column, link.narrowed, func.count())


def by_what_narrows(link: Link, name: str, kind: RecordType | None) -> Count:
    """Count a result by the values of the filter that chooses among the links of this name."""
    assert link.narrowed is not None  # noqa: S101 - only such a link is asked for
    # A record may have several links of a sort, and is one record of that sort.
    number = func.count(literal_column("counted.ordinal").distinct())
    return _by_column(link, kind, link.narrowed[1], (name, link.column), number)


def _by_column(
    link: Link,
    kind: RecordType | None,
    column: str,
    narrowed: tuple[str, str] | None,
    number: ColumnElement[int],
) -> Count:
    table: Any = aliased(link.table, name="counted")  # apart from any other use
    value = col(getattr(table, column))

    def counted(records: Records, filters: Filters) -> Records:
        if records.whereclause is None:  # of everything: the links alone know it
            of_all = select(value, number).select_from(table)
            return of_all.where(*of_field(link, kind, table)).group_by(value)
        (place,) = records.selected_columns
        counts = (
            records.with_only_columns(value, number)
            .join(table, col(table.ordinal) == place)
            .where(*of_field(link, None, table))
            .group_by(value)
        )
        if narrowed is None:
            return counts
        name, other = narrowed
        return having(counts, filters, name, col(getattr(table, other)))

    return counted


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
        self.facets = {name: self.count(name) for name in choices(params, "facet")}
        """The counts by the values of a filter; of one in `most`, by the most frequent ones."""
        names = sorted(self.links, key=lambda name: _SELECTIVE.get(name, 4))
        self.leading = {"q": MATCHED} | {name: self.links[name].table.ordinal for name in names}
        """The filters that can lead through the list, newest first, the most selective first: the
        places of one value of theirs stand in order."""

    def all_orders(self) -> dict[str, Order]:
        """The orders by their names: `date`, or `-date` for descending."""
        return {name: _order(self.row, name) for name in choices(self.params, "sort")}

    def count(self, name: str) -> Count:
        """The count by the values of a filter."""
        if link := self.links.get(name):
            return by_link(link, self.kind)
        if name not in self.narrowing:
            return by_value(self.row.c[name])
        other = self.narrowing[name]
        return by_what_narrows(self.links[other], other, self.kind)

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
