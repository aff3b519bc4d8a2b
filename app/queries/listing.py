"""A list of records of one type, made of its parameters and its table."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam, literal_column, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from app.queries.filters import (
    MATCHED,
    SHARED,
    Asked,
    Expression,
    Found,
    Listing,
    Order,
    by_link,
    by_topic,
    by_value,
    having,
    is_a,
    linked,
    matching,
    ordinal,
)
from app.queries.params import ListParams, choices
from app.store.tables import ROWS, record_search
from app.vocabulary import RecordType


@dataclass(frozen=True)
class Link:
    """A table of links in which a filter looks up its values."""

    table: Any
    column: str
    role: str | None = None
    """The only role that is meant."""
    counted: Callable[[Expression], ColumnElement[bool]] | None = None
    """Which of the values are counted."""

    def fixed(self, table: Any) -> list[ColumnElement[bool]]:
        """What is true of these links, whatever is asked."""
        return [col(table.role) == literal_column(f"'{self.role}'")] if self.role else []

    def most(self) -> Callable[[Found], Found]:
        """Count a result by the values."""
        table: Any = aliased(self.table, name="counted_actor")
        value = col(getattr(table, self.column))
        conditions = self.fixed(table)
        if self.counted:
            conditions.append(self.counted(value))
        return by_link(table, value, *conditions)


def list_of(
    kind: RecordType,
    params: type[ListParams],
    links: Mapping[str, Link] = MappingProxyType({}),
    *,
    most: Collection[str] = (),
    narrowed: Callable[[Found, Asked], Found] = lambda found, _: found,
    represented: bool = False,
) -> Listing:
    """A list of a type: a filter looks up its links, or the column that is named as it is.

    `most` names the filters that take ids, by whose most frequent values a result can be counted.
    """
    row = ROWS[kind]
    apart = {*SHARED, *links}
    columns = [name for name in params.model_fields if name in row.c and name not in apart]

    def records(asked: Asked, q: str = "q") -> Found:
        # Named, as a count of everything has no other word of the table.
        query: Found = select(ordinal(row)).select_from(row)
        if "q" in asked:
            query = query.join(record_search, record_search.c.rowid == ordinal(row)).where(
                matching(q)
            )
        for name, table in SHARED.items():
            column, of_type = col(getattr(table, name)), is_a(table, kind)
            query = linked(query, asked, name, row, table, column, of_type)
        query = narrowed(query, asked)
        for name, link in links.items():
            value, role = col(getattr(link.table, link.column)), link.fixed(link.table)
            query = linked(query, asked, name, row, link.table, value, *role)
        for name in columns:
            query = having(query, asked, name, row.c[name])
        # What is less exact than a day is there if it may lie in the period.
        if "since" in asked:
            query = query.where(row.c.latest >= bindparam("since_0"))
        if "until" in asked:
            query = query.where(row.c.earliest <= bindparam("until_0"))
        return query

    facets = {name: by_value(row.c[name]) for name in choices(params, "facet") if name != "topic"}
    # Topics come last, as there are many records of each.
    leading = {"q": MATCHED} | {name: ordinal(SHARED[name]) for name in ("document", "summit")}
    leading |= {name: ordinal(link.table) for name, link in links.items()}
    leading["topic"] = ordinal(SHARED["topic"])
    return Listing(
        kind=kind,
        path=f"/{kind.plural}",
        params=params,
        row=row,
        found=records,
        represented=represented,
        orders={name: _order(row, name) for name in choices(params, "sort")},
        links=leading,
        most={
            name: links[name].most() if name in links else by_value(row.c[name]) for name in most
        },
        facets={"topic": by_topic(kind)} | facets,
    )


def _order(row: Table, name: str) -> Order:
    """What a list is sorted by: `date`, or `-date` for descending."""
    if name == "-date":
        return Order(row.c.ordinal, newest=True)
    field = name.removeprefix("-")
    if name == field:
        return Order(row.c[f"{field}_up"])
    # What is unknown stands last both ways where a column says so.
    down = row.c.get(f"{field}_down")
    return Order(row.c[f"{field}_up"], ascending=False) if down is None else Order(down)
