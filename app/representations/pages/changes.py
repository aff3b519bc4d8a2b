"""What changed, for people: release by release, each value before and after."""

from itertools import groupby
from typing import Any

import orjson

from app.paging import Page
from app.representations.changed import record_of
from app.representations.pages.lists import around
from app.representations.values import View

Json = dict[str, Any]


async def context(page: Page, view: View) -> Json:
    """What the page of a list of changes, or of a history, shows."""
    listed = [orjson.loads(item) for item in page.items]
    for change in listed:
        change["whole"] = record_of(change)
    by_release = groupby(listed, key=lambda change: int(change["release"]))
    releases = {past.number: past for past in await view.release.releases()}
    shared = await around(page, view)
    since = page.params.query.get("since_release")
    alone = since is not None and len(shared["chips"]) == 1
    return shared | {
        "heading": f"Nothing has changed since release {since}"
        if alone
        else "Nothing matches all of this",
        "rounds": [(releases[number], list(group)) for number, group in by_release],
        "history": page.path.endswith("/history"),
        "of": page.path.removesuffix("/history"),
    }
