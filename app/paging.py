"""From a list and its parameters to a page."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from types import MappingProxyType
from typing import Any

import orjson

from app import links
from app.as_of import EVERY_RELEASE, Cursor, name_of_walk, place_in
from app.lookup import Binding, binding_of
from app.queries.counts import MOST, facet_statement, tally_statement
from app.queries.listing import Listing, Order, Statements, statements
from app.queries.params import DataParams, PagedParams
from app.queries.search import SearchParams, hit
from app.store.release import Ask, OpenRelease, Query, Rows
from app.turns import turn
from app.vocabulary import RecordType


@dataclass(frozen=True)
class Walk:
    """A list under its filters and in its order: what all its pages have in common."""

    listing: Listing
    params: PagedParams
    path: str
    binding: Binding
    release: int
    """The number of the release that answers."""
    fixed: Mapping[str, list[str]]
    """The filters that are a part of its path."""
    order: Order
    subject: tuple[Any, ...]
    """The name of its records, in whatever order: the path and the bound values."""
    slow: bool
    """Whether its statements run in a thread: for frequent words, single steps of the full-text
    index are long."""

    @cached_property
    def url(self) -> str:
        """The path and query of the first page, without defaults."""
        return links.query_path(self.path, self.params.pairs("cursor"))

    @cached_property
    def name(self) -> str:
        """The name by which a cursor knows the walk."""
        return name_of_walk(self.path, self.params)

    @cached_property
    def sql(self) -> Statements:
        """The statements of its pages and of its total."""
        return statements(self.listing, self.binding.filters, self.params.sort)


async def walk_of(
    listing: Listing,
    params: PagedParams,
    release: OpenRelease,
    path: str | None = None,
    fixed: Mapping[str, list[str]] = MappingProxyType({}),
) -> Walk:
    """Bind the filters of a list.

    `path` and `fixed` are for a list that belongs to a record: its own path, and the filters that
    are a part of it.
    """
    binding = await binding_of(listing, params, release, fixed)
    search, subject = binding.search, (listing.path, *binding.values.items())
    most = _MANY
    if binding.total is not None:
        release.remember(("", subject), [(binding.total,)])
        most = _MANY_WITHOUT_TOTAL
    return Walk(
        listing, params, path or listing.path, binding, release.info.number, fixed,
        order=listing.orders[params.sort],
        subject=subject,
        slow=search is not None and search.reads(release.frequent) > most,
    )  # fmt: skip


async def walk_without(walk: Walk, name: str, release: OpenRelease, **instead: Any) -> Walk:
    """The same list without one of its filters; `instead` gives others values."""
    kept = walk.params.model_dump(exclude={name, "cursor"}, exclude_unset=True)
    params = type(walk.params).model_validate(kept | instead)
    return await walk_of(walk.listing, params, release, walk.path, walk.fixed)


@dataclass(frozen=True)
class Result:
    """The answer of a list, in any format."""

    path: str
    params: DataParams
    total: int
    """How many records the filters find, on all pages together."""
    url: str
    """Its own path and query, without defaults."""
    release: int
    """The number of the release."""


@dataclass(frozen=True)
class Page(Result):
    """A page of a list."""

    items: list[bytes]
    """Public JSON, one record each."""
    query: dict[str, Any]
    """The request as understood."""
    walk: Walk | None = None
    """The walk that it is a page of; None for a list that has just this page."""
    next: str | None = None
    """The path and query of the next page."""
    next_cursor: str | None = None
    """The cursor of it."""
    facets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """Counts by the values of the filters in `facet`."""
    facets_cut: list[str] = field(default_factory=list)
    """The filters of these that have more values."""

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records, read from their JSON."""
        return [orjson.loads(item) for item in self.items]


@dataclass(frozen=True)
class Whole(Result):
    """The whole result of a list: never in memory at once."""

    params: PagedParams
    walk: Walk

    async def batches(self, release: OpenRelease) -> AsyncIterator[list[bytes]]:
        """Public JSON, a few records at a time, in the order of the list."""
        after: int | None = self.walk.order.beginning
        slow = self.walk.slow
        while after is not None:
            began = perf_counter()
            most = _MOST_AT_ONCE if slow else _AT_ONCE
            [rows] = await release.rows(_page_query(self.walk, after, most), slow=slow)
            page, after = rows[:most], rows[most - 1][1] if len(rows) > most else None
            # What has to look far for a few records reads many from then on, and in a thread.
            slow = slow or perf_counter() - began > _LONG
            for at in range(0, len(page), _AT_ONCE):
                some = page[at : at + _AT_ONCE]
                if isinstance(self.params, SearchParams):
                    items = await asyncio.to_thread(_items, some, self.walk)
                else:
                    items = _items(some, self.walk)
                await turn()
                yield items


# Entries of the full-text index: it goes through more of them than a moment allows in one step,
# which nothing ends.
_MANY = 4_000
_MANY_WITHOUT_TOTAL = 20_000  # a page alone mostly ends before it has read them all
# Records of a whole result that are represented in a turn: a moment's work.
_AT_ONCE = 50
_MOST_AT_ONCE = 500
_LONG = 0.002  # seconds


async def page_of(walk: Walk, cursor: str | None, release: OpenRelease) -> Page:
    """Answer one page of a list. Raises BadQuery for its cursor."""
    params = walk.params
    query = _page_query(walk, begin_of(walk, cursor, release), params.limit)
    if walk.slow:
        rows, items = await _search(walk, query, cursor, release)
    else:
        [rows] = await release.rows(query)
        items = _items(rows[: params.limit], walk)
    more = len(rows) > params.limit
    following = (
        str(Cursor(_tag(walk, release), walk.name, rows[params.limit - 1][1])) if more else None
    )
    facets, cut = {}, []
    for name in getattr(params, "facet", ()):
        facets[name], is_cut = await _facet(name, walk, release)
        cut += [name] if is_cut else []
    return Page(
        walk=walk,
        path=walk.path,
        params=params,
        items=items,
        total=await _total(walk, release) if following or cursor else len(items),
        url=walk.url if cursor is None else links.page_path(walk.url, cursor),
        next=following and links.page_path(walk.url, following),
        next_cursor=following,
        facets=facets,
        facets_cut=cut,
        query=params.query if cursor is None else params.query | {"cursor": cursor},
        release=walk.release,
    )


def begin_of(walk: Walk, cursor: str | None, release: OpenRelease) -> int:
    """The place before a page. Raises BadQuery for its cursor."""
    if cursor is None:
        return walk.order.beginning
    return place_in(walk.name, _tag(walk, release), cursor, walk.url)


def _tag(walk: Walk, release: OpenRelease) -> str:
    # Under the path of a record a walk stays in its release: later on it may have another id.
    lasting = walk.listing.lasting and walk.path == walk.listing.path
    return EVERY_RELEASE if lasting else release.tag


async def _search(
    walk: Walk, query: Query, cursor: str | None, release: OpenRelease
) -> tuple[Rows, list[bytes]]:
    """The rows of a page, and of one more if there is one; and its records.

    One way to a thread for all of it, as that costs as much as a short query: the total is counted
    on the way.
    """
    limit, everything = walk.params.limit, ("", walk.subject)
    has_total = release.remembered(everything) is not None

    def job(ask: Ask) -> tuple[Rows, Rows, list[bytes]]:
        rows = ask(*query)
        counts = not has_total and (cursor or len(rows) > limit)
        total = ask(walk.sql.total, walk.binding.values) if counts else []
        return rows, total, _items(rows[:limit], walk)

    rows, total, items = await release.work(job)
    if total:
        release.remember(everything, total)
    return rows, items


async def whole_of(walk: Walk, release: OpenRelease) -> Whole:
    """Answer everything that the filters of a list find."""
    total = await _total(walk, release)
    return Whole(walk.path, walk.params, total, walk.url, walk.release, walk)


async def _facet(name: str, walk: Walk, release: OpenRelease) -> tuple[list[dict[str, Any]], bool]:
    """The counts of a choice, each value with its name where it has one; and whether it is cut."""
    refers, listed = walk.params.references.get(name), walk.params.listed.get(name)
    counts, is_cut = await counts_to_choose(name, walk, release)
    names = await release.listed(listed.sql) if listed else {}
    for one in counts:
        value = one["value"]
        one["title"] = await release.title(refers.kinds, value) if refers else names.get(value)
    return counts, is_cut


async def counts_to_choose(
    name: str, walk: Walk, release: OpenRelease
) -> tuple[list[dict[str, Any]], bool]:
    """The counts by the values of a filter under all others, and whether there are more values.

    What is chosen of the filter itself is always among them, however few records have it: it is to
    be seen, and given up.
    """
    chosen = walk.params.query.get(name, [])
    others = await walk_without(walk, name, release) if chosen else walk
    counts = await counts_by(name, others, release)
    is_cut = name in walk.listing.most and len(counts) > MOST
    if is_cut:
        counts = counts[:MOST]
    counted = {one["value"] for one in counts}
    for value in chosen:
        if value not in counted:
            alone = await walk_without(walk, name, release, **{name: [value]})
            counts.append({"value": value, "count": await _total(alone, release)})
    return sorted(counts, key=_most_frequent_first), is_cut


async def counts_by(name: str, walk: Walk, release: OpenRelease) -> list[dict[str, Any]]:
    """How many records of a result have each value of a filter, the most frequent first.

    A record without a value is not counted.
    """
    statement = facet_statement(walk.listing, walk.binding.filters, name)
    rows = await _counted(name, statement, walk, release)
    counts = [{"value": value, "count": count} for value, count in rows]
    return sorted(counts, key=_most_frequent_first)


def _most_frequent_first(one: dict[str, Any]) -> tuple[int, str]:
    return -one["count"], one["value"]


async def tally_of(walk: Walk, release: OpenRelease) -> dict[tuple[str, str, bool], int]:
    """How many commitments of a result have each act and status, whole ones and parts apart."""
    statement = tally_statement(walk.listing, walk.binding.filters)
    rows = await _counted("tally", statement, walk, release)
    return {(act, status, bool(is_part)): count for act, status, is_part, count in rows}


async def count_ahead(listing: Listing, release: OpenRelease) -> None:
    """Count everything by each filter of a list, so that nobody has to wait for it later."""
    walk = await walk_of(listing, listing.params(), release)
    await _total(walk, release)
    for name in listing.facets:
        await counts_by(name, walk, release)
    if listing.kind is RecordType.COMMITMENT:
        await tally_of(walk, release)


async def _total(walk: Walk, release: OpenRelease) -> int:
    if walk.listing.kind and not walk.binding.values:
        return release.info.counts[walk.listing.kind.plural]
    [[total]] = await _counted("", walk.sql.total, walk, release)
    return int(total)


async def _counted(by: str, statement: str, walk: Walk, release: OpenRelease) -> Rows:
    """Count once for each release and filter."""
    rows: Rows | None = release.remembered((by, walk.subject))
    if rows is None:
        [rows] = await release.rows((statement, walk.binding.values), slow=walk.slow)
        release.remember((by, walk.subject), rows)
    return rows


def _page_query(walk: Walk, after: int, most: int) -> Query:
    """The query for the records after a place."""
    # One more than a page holds says whether there are more.
    places = {"take": most + 1, "after": after}
    values = walk.binding.values | walk.binding.halves
    since = values.get("since_release_0")
    if since is not None and walk.order.ascending:
        # Of two lower bounds, SQLite begins at one, and goes to the other row by row.
        places["since_release_0"] = max(after, since)
    return walk.sql.page, values | places


def _items(rows: Rows, walk: Walk) -> list[bytes]:
    """The records as they were written at load; in a search, with what matches in each."""
    bodies = [row[0] for row in rows]
    if not isinstance(walk.params, SearchParams):
        return bodies
    terms = walk.binding.search.terms if walk.binding.search else []
    return [hit(body, terms) for body in bodies]
