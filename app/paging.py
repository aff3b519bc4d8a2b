"""From a list and its parameters to a page."""

import asyncio
from dataclasses import dataclass
from typing import Any

from app import links
from app.cursors import Cursor, place_in, walk_of
from app.lookup import bound
from app.queries.filters import Listing, facet_statement, statements
from app.queries.params import ListParams
from app.queries.search import SearchParams, hit
from app.store.database import OpenRelease, Rows
from app.store.search import Search


@dataclass(frozen=True)
class Page:
    """What a list answers, whatever the format."""

    items: list[bytes]
    """Public JSON, one record each."""
    total: int
    """How many records the filters find, on all pages together."""
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


async def page_of(listing: Listing, params: ListParams, release: OpenRelease) -> Page:
    """Answer a list. Raises BadQuery or StaleCursor for its cursor."""
    walk = walk_of(listing.path, params)
    place = place_in(walk, release.tag, listing.path, params)
    asked, values = bound(listing, params, release)
    sql = statements(listing, asked, params.sort)
    after = listing.orders[params.sort].beginning if place is None else place
    # Full-text search works inside single steps that can't be timed, so it never runs at once.
    slow = params.search is not None
    filters = (
        listing.path,
        *((n, v) for n, v in values.items() if n not in {"titles_0", "others_0"}),
    )

    async def remembered(what: str, statement: str) -> Rows:
        """Count once for each release and filter."""
        found: Rows | None = release.remembered((what, filters))
        if found is None:
            found = await release.rows(statement, values, slow=slow)
            release.remember((what, filters), found)
        return found

    # One more than is shown says whether there is a next page.
    places = {"take": params.limit + 1, "after": after}
    rows = await release.rows(sql.page, values | places, slow=slow)
    if listing.kind and not values:
        total = release.info.counts[listing.kind.plural]
    else:
        total = (await remembered("", sql.total))[0][0]
    facets = {
        name: _counts(await remembered(name, facet_statement(listing, asked, name)))
        for name in params.facet
    }
    shown = rows[: params.limit]
    following = None
    if len(rows) > params.limit:
        cursor = Cursor(release.tag, walk, shown[-1][1])
        following = links.query_path(listing.path, params.pairs(cursor=str(cursor)))
    return Page(
        items=await _items([row[0] for row in shown], params),
        total=total,
        next=following,
        facets=facets,
        query=params.asked,
        release=release.info.number,
        fields=params.fields,
    )


async def _items(bodies: list[bytes], params: ListParams) -> list[bytes]:
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
