"""From filters to SQL: how the records that match are narrowed, and counted by their values.

A statement depends on the filters of a request and on how many values each has, never on the
values: these are bound by name (`topic_0`, `topic_1`, `since_0`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import LargeBinary, Select, bindparam, cast, func, literal_column, select
from sqlalchemy.orm import Mapped, aliased
from sqlalchemy.sql.elements import BindParameter, ColumnElement
from sqlmodel import col

from app.queries.values import Link
from app.store.tables import record_search
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
        return [bindparam(f"{name}_{self.first + at}") for at in range(self.count(name))]

    def count(self, name: str) -> int:
        """How many values a filter has."""
        return dict(self.counts).get(name, 0)

    def __contains__(self, name: str) -> bool:
        """Whether the request has a filter."""
        return self.count(name) > 0


def as_bytes(text: Expression) -> ColumnElement[bytes]:
    """The UTF-8 of a text: an answer is written without decoding it."""
    return cast(text, LargeBinary)


def of_field(link: Link, kind: RecordType | None, table: Any) -> list[Condition]:
    """The links of this field alone, and of records of this type; any, where it is None."""
    # Both are part of the statement, not of the request.
    meant = [table.field == literal_column(f"'{link.field}'")] if link.field else []
    return meant if kind is None else [*meant, *of_type(table, kind)]


def of_type(table: Any, kind: RecordType) -> list[Condition]:
    """Of this type, where a table has links of others, too."""
    return [table.type == literal_column(f"'{kind}'")] if hasattr(table, "type") else []


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
    if not values:  # the other filter alone: what anything is linked to in this way
        return records.where(place.in_(select(at).where(*meant, *_narrowing(link, filters))))
    meant = (*meant, *_narrowing(link, filters))
    if len(values) == 1:
        return records.join(link.table, at == place).where(*meant, column == values[0])
    return records.where(place.in_(select(at).where(*meant, column.in_(values))))


def _narrowing(link: Link, filters: Filters) -> list[Condition]:
    """What another filter asks of the links."""
    other, column = link.narrowed or ("", "")
    return [getattr(link.table, column).in_(filters.values(other))] if other in filters else []


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
