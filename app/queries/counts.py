"""The statements that count the result of a list by the values of a filter."""

from functools import lru_cache
from typing import Any

from sqlalchemy import func, literal_column, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from app.queries.listing import NONE_BEFORE, Filters, Listing, Records, having, of_field, sql_of
from app.queries.values import Link

MOST = 100
"""Of a filter that takes ids, the most frequent values: there may be any number of them."""
# One more says whether there are more.
_TAKE: ColumnElement[int] = literal_column(str(MOST + 1))


@lru_cache(maxsize=1024)
def facet_statement(listing: Listing, filters: Filters, facet: str) -> str:
    """Compose and compile the statement that counts a result by the values of a filter."""
    if link := listing.links.get(facet):
        counts = _by_link(listing, filters, link, link.column, link.narrowed, func.count())
    elif other := listing.narrowing.get(facet):
        link = listing.links[other]
        _, narrowed = link.narrowed or ("", "")
        # A record may have several links of a sort, and is one record of that sort.
        number = func.count(literal_column("counted.ordinal").distinct())
        counts = _by_link(listing, filters, link, narrowed, (other, link.column), number)
    else:
        records, column = listing.with_rows(listing.records(filters)), listing.row.c[facet]
        counts = records.with_only_columns(column, func.count()).group_by(column)
    value, _ = counts.selected_columns
    counts = counts.where(value.is_not(None))  # a record without a value has no place among them
    if facet in listing.most:
        counts = counts.order_by(func.count().desc(), value).limit(_TAKE).offset(NONE_BEFORE)
    return sql_of(counts)


@lru_cache(maxsize=256)
def tally_statement(listing: Listing, filters: Filters) -> str:
    """Count commitments by their act and status, whole ones and parts apart."""
    row, records = listing.row.c, listing.with_rows(listing.records(filters))
    columns = row.act, row.status, row.part_of.is_not(None)
    return sql_of(records.with_only_columns(*columns, func.count()).group_by(*columns))


def _by_link(
    listing: Listing,
    filters: Filters,
    link: Link,
    column: str,
    narrowed: tuple[str, str] | None,
    number: ColumnElement[int],
) -> Records:
    """Count by a column of a table of links.

    Where another filter chooses among the links, those are counted that both would find.
    """
    records = listing.records(filters)
    table: Any = aliased(link.table, name="counted")  # apart from any other use
    value = col(getattr(table, column))
    if records.whereclause is None:  # of everything: the links alone know it
        of_all = select(value, number).select_from(table)
        return of_all.where(*of_field(link, listing.kind, table)).group_by(value)
    (place,) = records.selected_columns
    counts = (
        records.with_only_columns(value, number)
        .join(table, col(table.ordinal) == place)
        .where(*of_field(link, None, table))
        .group_by(value)
    )
    other, chosen = narrowed or ("", "")
    return having(counts, filters, other, col(getattr(table, chosen))) if other else counts
