"""From a list and its parameters to a page."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from app import links
from app.cursors import Cursor, name_of_walk, place_in
from app.lookup import bound
from app.queries.filters import HALVES, Asked, Listing, Statements, facet_statement, statements
from app.queries.params import PagedParams
from app.queries.search import SearchParams, hit
from app.store.release import OpenRelease, Rows
from app.store.search import Search


@dataclass(frozen=True)
class Walk:
    """What all pages of a list have in common, as it was asked for."""

    listing: Listing
    params: PagedParams
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
        url=links.query_path(path, first),
        name=name_of_walk(path, params),
        query={name: value for name, value in params.asked.items() if name != "cursor"},
        asked=asked,
        values=values,
        filters=(listing.path, *((n, v) for n, v in values.items() if n[:-2] not in HALVES)),
        sql=statements(listing, asked, params.sort, release.dialect),
        release=release.info.number,
    )


@dataclass(frozen=True)
class Page:
    """What a list answers, whatever the format."""

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
    fields: tuple[str, ...]
    """The keys that were asked for; none for all."""


# In a cursor, for a walk that goes on through releases.
_EVERY_RELEASE = "all"


async def page_of(walk: Walk, cursor: str | None, release: OpenRelease) -> Page:
    """Answer one page of a list. Raises BadQuery or StaleCursor for its cursor."""
    listing, params, values = walk.listing, walk.params, walk.values
    order = listing.orders[params.sort]
    after = order.beginning
    tag = _EVERY_RELEASE if listing.lasting else release.tag
    if cursor is not None:
        after = place_in(walk.name, tag, cursor, walk.url)
    # Full-text search works inside single steps that can't be timed, so it never runs at once.
    slow = params.search is not None

    async def remembered(what: str, statement: str) -> Rows:
        """Count once for each release and filter."""
        found: Rows | None = release.remembered((what, walk.filters))
        if found is None:
            found = await release.rows(statement, values, slow=slow)
            release.remember((what, walk.filters), found)
        return found

    # One more than is shown says whether there is a next page.
    places = {"take": params.limit + 1, "after": after}
    if order.ascending and "since_release_0" in values:
        # Of two lower bounds, SQLite begins at one, and goes to the other row by row.
        places["since_release_0"] = max(after, values["since_release_0"])
    rows = await release.rows(walk.sql.page, values | places, slow=slow)
    if listing.kind and not values:
        total = release.info.counts[listing.kind.plural]
    else:
        total = (await remembered("", walk.sql.total))[0][0]
    facets = {
        name: _counts(
            await remembered(name, facet_statement(listing, walk.asked, name, release.dialect))
        )
        for name in params.counted
    }
    shown = rows[: params.limit]
    following = None
    if len(rows) > params.limit:
        following = links.page_path(walk.url, str(Cursor(tag, walk.name, shown[-1][1])))
    return Page(
        items=await _items([row[0] for row in shown], params),
        total=total,
        url=walk.url if cursor is None else links.page_path(walk.url, cursor),
        next=following,
        facets=facets,
        query=walk.query if cursor is None else walk.query | {"cursor": cursor},
        release=release.info.number,
        fields=params.fields,
    )


async def _items(bodies: list[bytes], params: PagedParams) -> list[bytes]:
    """The records as they were written at load; in a search, what was found of each."""
    if not isinstance(params, SearchParams):
        return bodies
    search = Search.parse(params.q)
    return await asyncio.to_thread(lambda: [hit(body, search) for body in bodies])


def _counts(rows: Rows) -> list[dict[str, Any]]:
    """The most frequent value first; a record without one is not counted."""
    known = [(value, count) for value, count in rows if value is not None]
    return [
        {"value": value, "count": count}
        for value, count in sorted(known, key=lambda found: (-found[1], found[0]))
    ]
