"""The first page: what this is, how much there is, and what is new."""

from typing import Any

from app import links
from app.paging import counts_by, walk_of
from app.representations.pages.made import tallied
from app.representations.pages.related import LISTINGS, Beside
from app.representations.pages.summit import came, met
from app.representations.values import One, View
from app.representations.words import value_in_words
from app.store.release import OpenRelease

Json = dict[str, Any]
_SUMMITS = 4
_CHANGES = 6
_WAYS = 8
_FILES = {
    "bundle.json": "application/json",
    "datapackage.zip": "application/zip",
    "readout.db": "application/octet-stream",
}


async def context(one: One, view: View) -> Json:
    """The context of the first page."""
    release, beside = view.release, Beside(view.release, None)
    newest = (await beside.some("summits", _SUMMITS)).items
    return {
        "record": one.record,
        "summits": [
            (record, met(record), came(record, await beside.counts(summit=[record["id"]]), beside))
            for record in newest
        ],
        "changes": (await beside.some("changes", _CHANGES)).items,
        "by": await _ways("commitments", "by", release),
        "topics": await _ways("agreements", "topic", release),
        "files": _FILES,
        "came_of": tallied(await beside.counts()),
    }


async def _ways(of: str, name: str, release: OpenRelease) -> list[tuple[str, str, int]]:
    """The most frequent values of a filter: the path of its list, its words, and its records."""
    listing = LISTINGS[of]
    params = listing.params()
    counts = await counts_by(name, await walk_of(listing, params, release), release)
    return [
        (
            links.query_path(listing.path, [(name, one["value"])]),
            await value_in_words(params, name, one["value"], release),
            one["count"],
        )
        for one in counts[:_WAYS]
    ]
