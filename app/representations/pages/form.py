"""The form by which a list is narrowed: each filter with its values, and how many have them."""

from typing import NamedTuple

from app import links
from app.paging import Walk, counts_to_choose
from app.queries.params import PagedParams, choices
from app.queries.values import Says
from app.representations.words import Phrase, phrases, value_in_words
from app.store.release import OpenRelease

_TYPED = 30
UNFOLDED = 6
"""So many values of a filter stand in the form; the others unfold."""


class Choice(NamedTuple):
    """A value of a filter."""

    value: str
    label: str
    records: int | None
    """How many records have it under all other filters; None where it was not counted."""
    chosen: bool


class Group(NamedTuple):
    """A filter: values to choose from, a place to type one, or both."""

    name: str
    says: Says
    choices: list[Choice]
    more: list[Choice]
    """Values that fewer records have."""
    typed: str | None
    """The text in the input field; None where there is no such field."""
    named: list[Choice]
    """Ids that can be typed."""
    several: bool = True
    """Whether more than one value can be chosen."""


async def groups(walk: Walk, release: OpenRelease) -> list[Group]:
    """The filters of a list but for `q`, in the order of their phrases."""
    chosen = {one.name: one.values for one in await phrases(walk.params, release)}
    # How an actor comes to something is asked where an actor is.
    facets = walk.listing.facets
    narrowing = {name: of for name, of in walk.listing.narrowing.items() if name in facets}
    all_groups = [
        await _group(name, chosen.get(name, {}), walk, release)
        for name in walk.params.says
        if name != "q" and (name not in narrowing or {name, narrowing[name]} & {*chosen})
    ]
    return [group for group in all_groups if group]


async def _group(
    name: str, chosen: dict[str, str], walk: Walk, release: OpenRelease
) -> Group | None:
    params, listing = walk.params, walk.listing
    says = params.says[name]
    if name in listing.facets:
        values = await _counted(name, chosen, walk, release)
        last = max(UNFOLDED, len(chosen))
        if name in listing.most and values:
            return Group(name, says, values[:last], [], "", values[last:_TYPED])
        return Group(name, says, values[:last], values[last:], None, []) if values else None
    if name in params.repeated:
        # Nobody knows its values by heart: what is asked for can be given up.
        picked = [Choice(value, words, None, chosen=True) for value, words in chosen.items()]
        return Group(name, says, picked, [], None, []) if picked else None
    if closed := choices(type(params), name):
        one_of = [
            Choice(value, await value_in_words(params, name, value, release), None, value in chosen)
            for value in closed
        ]
        # A radio button by itself could not be given up.
        return Group(name, says, one_of, [], None, [], several=len(one_of) == 1)
    return Group(name, says, [], [], next(iter(chosen), ""), [])


async def _counted(
    name: str, chosen: dict[str, str], walk: Walk, release: OpenRelease
) -> list[Choice]:
    """The values of a filter, those that are asked for first, then the most frequent ones."""
    values, _ = await counts_to_choose(name, walk, release)
    counts = {one["value"]: one["count"] for one in values}
    return [
        Choice(
            value,
            chosen.get(value) or await value_in_words(walk.params, name, value, release),
            counts[value],
            chosen=value in chosen,
        )
        for value in [*chosen, *(value for value in counts if value not in chosen)]
    ]


async def chips(walk: Walk, release: OpenRelease) -> list[tuple[str, str]]:
    """The words of each active value of a filter, and the path of the list without it."""
    params = walk.params
    pairs = params.pairs("cursor")
    return [
        (
            params.says[one.name].phrase.format(words),
            links.query_path(walk.path, [pair for pair in pairs if pair != (one.name, value)]),
        )
        for one in await optional(params, release)
        for value, words in one.values.items()
    ]


async def optional(params: PagedParams, release: OpenRelease) -> list[Phrase]:
    """The filters that are asked for and could be left out."""
    shape = type(params).model_fields
    return [one for one in await phrases(params, release) if not shape[one.name].is_required()]
