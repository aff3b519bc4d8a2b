"""From a list and its parameters to a page."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from time import perf_counter
from types import MappingProxyType
from typing import Any

from app import links
from app.cursors import Cursor, name_of_walk, place_in
from app.lookup import bound
from app.queries.filters import HALVES, Asked, Listing, Statements, facet_statement, statements
from app.queries.params import PagedParams, Params
from app.queries.search import SearchParams, hit
from app.store.release import OpenRelease, Query, Rows
from app.store.search import Search
from app.turns import turn


@dataclass(frozen=True)
class Walk:
    """What all pages of a list have in common, as it was asked for."""

    listing: Listing
    params: PagedParams
    path: str
    url: str
    """The path and query of the first page, without what is asked by default."""
    name: str
    query: dict[str, Any]
    """The request as understood, but for the cursor."""
    asked: Asked
    values: dict[str, Any]
    """What the statements bind."""
    filters: tuple[Any, ...]
    """What decides which records are found, in whatever order."""
    sql: Statements
    release: int
    """The number of the release that is asked."""


async def walk_of(
    listing: Listing,
    params: PagedParams,
    release: OpenRelease,
    path: str | None = None,
    fixed: Mapping[str, list[str]] = MappingProxyType({}),
) -> Walk:
    """Work out what every page has in common, whichever of them is asked for.

    `path` and `fixed` are for a list that belongs to a record: its own path, and the filters that
    are a part of it.
    """
    asked, values = await bound(listing, params, release, fixed)
    path = path or listing.path
    first = [pair for pair in params.pairs() if pair[0] != "cursor"]
    return Walk(
        listing,
        params,
        path,
        url=links.query_path(path, first),
        name=name_of_walk(path, params),
        query={name: value for name, value in params.asked.items() if name != "cursor"},
        asked=asked,
        values=values,
        filters=(listing.path, *((n, v) for n, v in values.items() if n[:-2] not in HALVES)),
        sql=statements(listing, asked, params.sort),
        release=release.info.number,
    )


@dataclass(frozen=True)
class Page:
    """A page of a list, whatever the format."""

    walk: Walk | None
    """Where it stands; None for a list that has just this page."""
    path: str
    params: Params
    items: list[bytes]
    """Public JSON, one record each."""
    total: int
    """How many records the filters find, on all pages together."""
    url: str
    """Its own path and query, without what is asked by default."""
    next: str | None
    """The path and query of the next page."""
    facets: dict[str, list[dict[str, Any]]]
    """Counts by the values of the filters that were asked for."""
    query: dict[str, Any]
    """The request as understood."""
    release: int
    """The number of the release."""


@dataclass(frozen=True)
class Whole:
    """The whole result of a list, whatever the format: never in memory at once."""

    walk: Walk
    path: str
    params: PagedParams
    total: int
    """How many records the filters find."""
    url: str
    """The path and query, without what is asked by default."""
    release: int
    """The number of the release."""

    async def batches(self, release: OpenRelease) -> AsyncIterator[list[bytes]]:
        """Public JSON, a few records at a time, in the order of the list."""
        after: int | None = _beginning(self.walk)
        slow = _is_slow(self.walk)
        while after is not None:
            began = perf_counter()
            most = _MOST_AT_ONCE if slow else _AT_ONCE
            bodies, after = await _bodies(self.walk, after, most, release, slow=slow)
            # What has to look far for a few records reads many from then on, and in a thread.
            slow = slow or perf_counter() - began > _LONG
            for at in range(0, len(bodies), _AT_ONCE):
                items = await _items(bodies[at : at + _AT_ONCE], self.params)
                await turn()
                yield items


# Records of a whole result that are represented in a turn: a moment's work.
_AT_ONCE = 50
_MOST_AT_ONCE = 500
_LONG = 0.002  # seconds
# In a cursor, for a walk that goes on through releases.
_EVERY_RELEASE = "all"


async def page_of(walk: Walk, cursor: str | None, release: OpenRelease) -> Page:
    """Answer one page of a list. Raises BadQuery or StaleCursor for its cursor."""
    params = walk.params
    after = _beginning(walk)
    tag = _EVERY_RELEASE if walk.listing.lasting else release.tag
    if cursor is not None:
        after = place_in(walk.name, tag, cursor, walk.url)
    queries = [_page_query(walk, after, params.limit)]
    slow = _is_slow(walk)
    if slow and _known("", walk, release) is None:
        queries.append((walk.sql.total, walk.values))  # one way to a thread for both
    rows, *count = await release.rows(*queries, slow=slow)
    if count:
        _remember("", walk, release, count[0])
    bodies, last = _shown(rows, params.limit)
    items = await _items(bodies, params)
    return Page(
        walk=walk,
        path=walk.path,
        params=params,
        items=items,
        total=await _total(walk, release),
        url=walk.url if cursor is None else links.page_path(walk.url, cursor),
        next=None if last is None else links.page_path(walk.url, str(Cursor(tag, walk.name, last))),
        facets={name: await counts_by(name, walk, release) for name in params.counted},
        query=walk.query if cursor is None else walk.query | {"cursor": cursor},
        release=release.info.number,
    )


async def whole_of(walk: Walk, release: OpenRelease) -> Whole:
    """Answer everything that the filters of a list find."""
    return Whole(
        walk=walk,
        path=walk.path,
        params=walk.params,
        total=await _total(walk, release),
        url=walk.url,
        release=release.info.number,
    )


async def counts_by(name: str, walk: Walk, release: OpenRelease) -> list[dict[str, Any]]:
    """How many records of a result have each value of a filter, the most frequent first.

    A record without a value is not counted.
    """
    statement = facet_statement(walk.listing, walk.asked, name)
    rows = await _remembered(name, statement, walk, release)
    known = [(value, count) for value, count in rows if value is not None]
    return [
        {"value": value, "count": count}
        for value, count in sorted(known, key=lambda found: (-found[1], found[0]))
    ]


async def count_ahead(listing: Listing, release: OpenRelease) -> None:
    """Count everything by each filter of a list, so that nobody has to wait for it later."""
    walk = await walk_of(listing, listing.params(), release)
    await _total(walk, release)
    for name in (*listing.facets, *listing.most):
        await counts_by(name, walk, release)


async def _total(walk: Walk, release: OpenRelease) -> int:
    if walk.listing.kind and not walk.values:
        return release.info.counts[walk.listing.kind.plural]
    total: int = (await _remembered("", walk.sql.total, walk, release))[0][0]
    return total


async def _remembered(what: str, statement: str, walk: Walk, release: OpenRelease) -> Rows:
    """Count once for each release and filter."""
    found = _known(what, walk, release)
    if found is None:
        [found] = await release.rows((statement, walk.values), slow=_is_slow(walk))
        _remember(what, walk, release, found)
    return found


def _known(what: str, walk: Walk, release: OpenRelease) -> Rows | None:
    found: Rows | None = release.remembered((what, walk.filters))
    return found


def _remember(what: str, walk: Walk, release: OpenRelease, counted: Rows) -> None:
    release.remember((what, walk.filters), counted)


def _is_slow(walk: Walk) -> bool:
    # Full-text search works inside single steps that can't be timed, so it never runs at once.
    return walk.params.search is not None


def _beginning(walk: Walk) -> int:
    """A place before the first record."""
    return walk.listing.orders[walk.params.sort].beginning


async def _bodies(
    walk: Walk, after: int, most: int, release: OpenRelease, *, slow: bool
) -> tuple[list[bytes], int | None]:
    [rows] = await release.rows(_page_query(walk, after, most), slow=slow)
    return _shown(rows, most)


def _page_query(walk: Walk, after: int, most: int) -> Query:
    """What asks for the records after a place."""
    # One more than is shown says whether there are more.
    places = {"take": most + 1, "after": after}
    since = walk.values.get("since_release_0")
    if since is not None and walk.listing.orders[walk.params.sort].ascending:
        # Of two lower bounds, SQLite begins at one, and goes to the other row by row.
        places["since_release_0"] = max(after, since)
    return walk.sql.page, walk.values | places


def _shown(rows: Rows, most: int) -> tuple[list[bytes], int | None]:
    """The records of a page, and the place of the last one if more come after it."""
    shown = rows[:most]
    return [row[0] for row in shown], shown[-1][1] if len(rows) > most else None


async def _items(bodies: list[bytes], params: PagedParams) -> list[bytes]:
    """The records as they were written at load; in a search, what was found of each."""
    if not isinstance(params, SearchParams):
        return bodies
    search = params.search or Search((), ())
    return await asyncio.to_thread(lambda: [hit(body, search) for body in bodies])
