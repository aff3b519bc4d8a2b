"""Lists for people: of records, of what a search finds, and of changes."""

from functools import partial
from itertools import groupby
from typing import Any

from app import links
from app.fields import MAX_ID
from app.nearest import nearest
from app.paging import Page, Walk, counts_by, tally_of, walk_without, whole_of
from app.queries.params import choices
from app.records import passages_of
from app.representations.pages.form import chips, groups, optional
from app.representations.pages.made import tallied
from app.representations.pages.rows import row
from app.representations.sources import sources, voice, with_voices
from app.representations.values import View
from app.representations.wording import listed
from app.representations.words import ORDERS, in_words, subject
from app.store.marks import marked
from app.store.release import OpenRelease
from app.store.search import Search
from app.suggestions import SMALL, suggestions
from app.vocabulary import KINDS, RecordType

Json = dict[str, Any]
_MOST = 6  # suggestions
_WHOLE = 1_000  # characters: more than a passage has
_THEMSELVES = frozenset({"by", "speaker"})
"""The filters by whom somebody is without what others did for it, as `actor` has it."""


async def context_of_records(page: Page, view: View) -> Json:
    """The context of the page of a list of records, but for its rows."""
    kind, tally = KINDS[page.path[1:-1]], {}
    if page.walk and kind is RecordType.COMMITMENT:
        tally = tallied(await tally_of(page.walk, view.release))
    return await around(page, view) | {"about": kind.meaning, "tally": listed(tally.values())}


async def rows_of(page: Page, view: View) -> str:
    """The records of a page of a list as rows."""
    records, walk = page.records, page.walk
    search = (walk and walk.binding.search) or Search(())
    there = partial(links.then, as_of=page.params.as_of)
    proven = await proofs(records, view.release, search)
    return "".join(row(one, there, proof) for one, proof in zip(records, proven, strict=True))


async def around(page: Page, view: View) -> Json:
    """The context that the pages of all lists share: filters, orders and chips.

    The pages of a walk have the same: it is worked out once for each release.
    """
    assert page.walk is not None  # noqa: S101 - lists that have just one page have their own
    release, walk = view.release, page.walk
    context: Json | None = release.remembered(("around", walk.url))
    if context is None:
        context = await _around(page, walk, release)
        release.remember(("around", walk.url), context)
    return context


async def _around(page: Page, walk: Walk, release: OpenRelease) -> Json:
    return {
        "words": await in_words(page, release),
        "subject": await subject(page, release),
        "orders": [(value, ORDERS[value]) for value in choices(type(walk.params), "sort")],
        "groups": await groups(walk, release),
        "chips": await chips(walk, release),
        "widen": await widen(walk, release) if not page.total else [],
        "through": await through_others(walk, release) if not page.total else None,
    }


async def proofs(records: list[Json], release: OpenRelease, search: Search) -> list[Json | None]:
    """A passage of each record, and in whose voice it speaks: one with the words of the search,
    cut up where they stand, or else the first."""
    chosen: list[Json] = []
    terms = search.terms
    cuts = []
    for record in records:
        pairs = ((proof, marked(proof["exact"], terms, _WHOLE)) for proof in record["evidence"])
        match = next((pair for pair in pairs if pair[1]), None) if terms else None
        main = [match[0]] if match else record["evidence"][:1] or passages_of(record)[:1]
        chosen.append({"evidence": main})
        cuts.append(match and match[1])
    documents = await sources(chosen, release)
    mains = [one["evidence"][0] if one["evidence"] else None for one in chosen]
    return [
        proof
        and {
            "exact": proof["exact"],
            "pieces": cut,
            "source": (source := documents[proof["document"]["id"]]),
            "voice": voice(record, proof, source),
        }
        for record, proof, cut in zip(records, mains, cuts, strict=True)
    ]


async def widen(walk: Walk, release: OpenRelease) -> list[tuple[str, str, int]]:
    """Each active filter with the list without it and its total, the largest first."""
    wider_lists = []
    for one in await optional(walk.params, release):
        wider = await walk_without(walk, one.name, release)
        total = (await whole_of(wider, release)).total
        wider_lists.append((one.words, wider.url, total))
    return sorted(wider_lists, key=lambda one: -one[2])


async def through_others(walk: Walk, release: OpenRelease) -> tuple[str, str, int] | None:
    """The list of what actors came to in whatever way, its words, path and total.

    None where it has nothing more than what they did themselves.
    """
    query = walk.params.query
    for name in _THEMSELVES & query.keys() if "actor" not in query else ():
        if not await release.without([RecordType.ACTOR], query[name]):
            wider = await walk_without(walk, name, release, actor=query[name])
            whole = await whole_of(wider, release)
            if whole.total:
                return await subject(whole, release), whole.url, whole.total
    return None


async def context_of_changes(page: Page, view: View) -> Json:
    """The context of the page of a list of changes, or of a history."""
    by_release = groupby(page.records, key=lambda change: int(change["release"]))
    releases = {past.number: past for past in view.release.releases}
    return await around(page, view) | {
        "rounds": [(releases[number], list(group)) for number, group in by_release]
    }


async def context_of_hits(page: Page, view: View) -> Json:
    """The context of the page of a search."""
    assert page.walk is not None  # noqa: S101 - a search can be walked
    release, walk = view.release, page.walk
    return await around(page, view) | {
        "sections": await _sections(page, walk, release),
        "near": await _near(walk, release) if not page.total else [],
        "suggestions": await suggestions(page, release),
    }


async def _sections(page: Page, walk: Walk, release: OpenRelease) -> list[Json]:
    """The hits by type, in the order in which the types come first."""
    hits: dict[str, list[Json]] = {}
    for hit in await with_voices(page.records, release):
        hits.setdefault(hit["type"], []).append(hit)
    counts = {one["value"]: one["count"] for one in await counts_by("type", walk, release)}
    others = walk.params.pairs("type", "cursor")
    return [
        {
            "kind": KINDS[kind],
            "hits": of_kind,
            "total": counts[kind],
            "only": links.query_path(walk.path, [*others, ("type", kind)]),
        }
        for kind, of_kind in hits.items()
    ]


async def _near(walk: Walk, release: OpenRelease) -> list[tuple[str, str]]:
    """Records whose ids are like what was typed, or like a word of it: titles and paths."""
    search = walk.params.search or Search(())
    wanted = [part.term for part in search.parts if not part.unwanted]
    typed = [word for term in wanted for word in term.words if word not in SMALL][:_MOST]
    kinds: dict[str, RecordType] = {}
    ids: dict[str, None] = {}
    for like in dict.fromkeys(["-".join(typed)[:MAX_ID], *typed]):
        around_it = {
            id_: kind for kind in RecordType for id_ in await release.ids_near(kind, like, 200)
        }
        kinds |= around_it
        ids |= dict.fromkeys(nearest(like, around_it, most=2))
    return [
        (await release.title([kinds[id_]], id_) or id_, links.record_path(kinds[id_], id_))
        for id_ in [*ids][:_MOST]
    ]
