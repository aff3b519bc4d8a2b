"""A list that clients can ask for, made of its parameters and its table."""

from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, select
from sqlmodel import col

from app.queries.filters import (
    MATCHED,
    Count,
    Expression,
    Filters,
    Records,
    as_bytes,
    by_link,
    by_value,
    by_what_narrows,
    having,
    linked,
    matching,
    of_field,
)
from app.queries.params import ListParams, PagedParams, choices
from app.queries.values import Bound, Link, Most
from app.store.tables import ROWS, RecordRow, record_search
from app.vocabulary import RecordType

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
        if "q" in filters:
            on = record_search.c.rowid == place
            records = records.join(record_search, on).where(matching(q))
        for name, link in self.links.items():
            if name in filters or (link.field and link.narrowed and link.narrowed[0] in filters):
                meant = of_field(link, self.kind, link.table)
                records = linked(records, filters, name, place, link, *meant)
        for name in self.columns:
            records = having(records, filters, name, row.c[name])
        for name, bound in self.bounds.items():
            if name in filters:
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
