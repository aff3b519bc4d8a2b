"""The lists beside a record: the first few of each, and the path of the whole."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import orjson

from app import links
from app.paging import page_of, tally_of, walk_of, whole_of
from app.queries.changes import CHANGES, HistoryParams
from app.queries.listing import Listing
from app.queries.lists import ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS
from app.store.release import OpenRelease
from app.vocabulary import RecordType

LISTINGS: dict[str, Listing] = {
    listing.path.removeprefix("/"): listing
    for listing in (SUMMITS, AGREEMENTS, COMMITMENTS, QUOTES, ACTORS, DOCUMENTS, CHANGES)
}
"""The lists by their names: `agreements`."""
MOST = 200
"""As many records of a list as are read for one page."""


class Some(NamedTuple):
    """The first records of a list."""

    items: list[dict[str, Any]]
    total: int
    """How many there are in all."""
    path: str
    """The path and query of the whole list."""
    left_out: int = 0
    """How many of the first ones are not shown, as they stand elsewhere on the page."""
    facets: Mapping[str, list[dict[str, Any]]] = MappingProxyType({})
    """How many of all have each value of a filter, where that was counted."""

    def but(self, *ids: str) -> "Some":
        """The same without some of them, where they are there."""
        items = [item for item in self.items if item["id"] not in ids]
        return self._replace(items=items, left_out=len(self.items) - len(items))


class Beside(NamedTuple):
    """The release, and `as_of`, in which lists beside a record are read."""

    release: OpenRelease
    as_of: str | None

    async def some(self, name: str, limit: int, facet: str | None = None, **filters: Any) -> Some:
        """The first records of a list that filters find; all of them are counted by a facet."""
        listing = LISTINGS[name]
        query = filters | ({"facet": [facet]} if facet else {})
        params = listing.params(as_of=self.as_of, limit=limit, **query)
        page = await page_of(await walk_of(listing, params, self.release), None, self.release)
        path = self.path(name, **filters)
        return Some(page.records, page.total, path, facets=page.facets)

    async def counts(self, **filters: Any) -> dict[tuple[str, str, bool], int]:
        """How many commitments of each act and status filters find, whole ones and parts apart."""
        params = COMMITMENTS.params(as_of=self.as_of, **filters)
        return await tally_of(await walk_of(COMMITMENTS, params, self.release), self.release)

    async def every(self, name: str, **filters: Any) -> list[dict[str, Any]]:
        """All records of a list that filters find, in its order."""
        listing = LISTINGS[name]
        params = listing.params(as_of=self.as_of, **filters)
        whole = await whole_of(await walk_of(listing, params, self.release), self.release)
        return [orjson.loads(one) async for some in whole.batches(self.release) for one in some]

    def path(self, name: str, **filters: Any) -> str:
        """The path and query of a list."""
        query = [(key, each if isinstance(each, list) else [each]) for key, each in filters.items()]
        pairs = [(key, str(value)) for key, values in query for value in values]
        return links.then(links.query_path(LISTINGS[name].path, pairs), self.as_of)

    async def history(self, kind: RecordType, id_: str, limit: int) -> Some:
        """The last changes of a record; none where nothing happened but that it was added."""
        path = links.history_path(kind, id_)
        ids = [id_, *await self.release.former_ids(kind, id_)]
        params = HistoryParams(limit=limit, as_of=self.as_of, sort="-release")
        fixed = {"type": [kind.value], "id": ids}
        walk = await walk_of(CHANGES, params, self.release, path, fixed)
        page = await page_of(walk, None, self.release)
        changes = page.records
        only_added = [change["action"] for change in changes] == ["added"]
        return Some([] if only_added else changes, page.total, links.then(path, self.as_of))
