"""A list of records for people: what was asked, what was found, and what can be done with it."""

from typing import Any

import orjson

from app.paging import Page, Walk, walk_of, whole_of
from app.queries.params import choices
from app.representations.pages.form import Chip, chips, groups, optional, without
from app.representations.sources import proofs_of, sources
from app.representations.values import View
from app.representations.words import ORDERS, in_words, subject
from app.store.release import OpenRelease
from app.vocabulary import KINDS

Json = dict[str, Any]


async def context(page: Page, view: View) -> Json:
    """What the page of a list shows."""
    records = [orjson.loads(item) for item in page.items]
    return await around(page, view) | {
        "about": KINDS[page.path[1:-1]].meaning,
        "records": records,
        "proofs": await proofs(records, view.release),
    }


async def around(page: Page, view: View) -> Json:
    """What stands around the rows of any list that can be walked."""
    assert page.walk is not None  # noqa: S101 - lists that have just one page have their own
    release, walk = view.release, page.walk
    return {
        "words": await in_words(page, release),
        "subject": await subject(page, release),
        "orders": [(value, ORDERS[value]) for value in choices(type(walk.params), "sort")],
        "groups": await groups(walk, release),
        "chips": await chips(walk, release),
        "widen": await widen(walk, release) if not page.total else [],
        # What the form keeps and does not show.
        "hidden": [pair for pair in walk.params.pairs() if pair[0] in {"as_of", "limit"}],
    }


async def proofs(records: list[Json], release: OpenRelease) -> list[Json | None]:
    """The main passage of each record, and in whose voice it speaks."""
    main = [record | {"evidence": record["evidence"][:1]} for record in records]
    documents = await sources(main, release)
    return [next(iter(proofs_of(record, documents)), None) for record in main]


async def widen(walk: Walk, release: OpenRelease) -> list[tuple[Chip, int]]:
    """What would be found without each of the filters."""
    wider_lists = []
    for one in await optional(walk.params, release):
        wider = await walk_of(walk.listing, without(walk.params, one.name), release, walk.path)
        wider_lists.append((Chip(one.words, wider.url), (await whole_of(wider, release)).total))
    return sorted(wider_lists, key=lambda one: -one[1])
