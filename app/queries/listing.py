"""A list of records of one type, made of its parameters and its table."""

from collections.abc import Callable
from functools import partial

from sqlalchemy import Table, bindparam, select

from app.queries.filters import (
    MATCHED,
    Filters,
    Listing,
    Order,
    Records,
    by_link,
    by_value,
    having,
    linked,
    matching,
    of_role,
    of_type,
)
from app.queries.params import ListParams, PagedParams, choices
from app.queries.values import Bound, Link, Most
from app.store.tables import ROWS, record_search
from app.vocabulary import RecordType

# A document proves few records, a topic is that of many: the lower, the fewer.
_SELECTIVE = {"document": 1, "summit": 2, "agreement": 3, "topic": 5}
Narrowed = Callable[[Records, Filters], Records]


def list_of(
    kind: RecordType,
    params: type[ListParams],
    narrowed: Narrowed | None = None,
    *,
    represented: bool = False,
) -> Listing:
    """A list of a type: each filter does what its marks say.

    `narrowed` is for a filter that does something of its own.
    """
    row, links, most = ROWS[kind], params.marks(Link), params.marks(Most)
    leading = sorted(links, key=lambda name: _SELECTIVE.get(name, 4))

    def by(name: str) -> Callable[[Records], Records]:
        but = most[name].but if name in most else None
        return by_link(links[name], kind, but) if name in links else by_value(row.c[name])

    return Listing(
        kind=kind,
        path=f"/{kind.plural}",
        params=params,
        row=row,
        records=partial(records_of, row, params, kind, narrowed),
        represented=represented,
        orders={name: _order(row, name) for name in choices(params, "sort")},
        links={"q": MATCHED} | {name: links[name].table.ordinal for name in leading},
        most={name: by(name) for name in most},
        facets={name: by(name) for name in choices(params, "facet")},
    )


def records_of(
    row: Table,
    params: type[PagedParams],
    kind: RecordType | None,
    narrowed: Narrowed | None,
    filters: Filters,
    q: str = "q",
) -> Records:
    """The rows of a table that match."""
    place, links = row.c.ordinal, params.marks(Link)
    # Named, as a count of everything has no other word of the table.
    records: Records = select(place).select_from(row)
    if "q" in filters:
        on = record_search.c.rowid == place
        records = records.join(record_search, on).where(matching(q))
    for name, link in links.items():
        fixed = (*of_type(link.table, kind), *of_role(link, link.table))
        records = linked(records, filters, name, place, link, *fixed)
    if narrowed:
        records = narrowed(records, filters)
    for name in params.model_fields:
        if name in row.c and name not in links:
            records = having(records, filters, name, row.c[name])
    for name, bound in params.marks(Bound).items():
        if name in filters:
            end = bound.compare(row.c[bound.column], bindparam(f"{name}_0"))
            records = records.where(end)
    return records


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
