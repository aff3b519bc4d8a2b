"""From the parameters of a list to what its statement binds: ids are looked up, `q` is read.

An id that names no record is refused: an empty answer would look like a fact.
"""

import re
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

import regex

from app import links
from app.countries import all_names, codes_named, countries_with_demonym
from app.dates import last_moment, partial_date
from app.fields import MAX_ID
from app.nearest import denies, likeliest, misspelt_parts, negated, question, slips
from app.problems import Fault, ValueFault
from app.queries.listing import Filters, Listing
from app.queries.meant import bare_names, means_newest, without_office
from app.queries.params import PagedParams, Params
from app.queries.querystring import QueryFaults
from app.queries.values import MAX_IDS, MAX_Q, MAX_VALUES, Refers
from app.store.release import OpenRelease
from app.store.search import Search
from app.text import LITTLE, fold, searchable, slug_of
from app.vocabulary import PLURALS, ActorKind, RecordType
from app.widened import widened

_LOOKED_UP = 5  # so many unknown ids get a suggestion: each costs a look at a thousand others
_NAMED = (
    "SELECT record.id FROM name JOIN record USING (ordinal) "
    "WHERE name.name = ? AND record.type = ? LIMIT 20"
)
_ACTORS_NAMED = (
    "SELECT actor.id FROM name JOIN actor USING (ordinal) "
    "WHERE name.name = ? AND actor.kind = ? LIMIT 20"
)
_ACTOR = "SELECT kind FROM actor WHERE id = ?"
_AT_A_SUMMIT = (
    "SELECT 1 FROM record_link WHERE type = 'summit' AND field = 'actor' AND value = ? LIMIT 1"
)
_ANY = "SELECT 1 FROM record_search WHERE record_search MATCH :q LIMIT 1"
_FIRST = (
    "SELECT record.id FROM record_search JOIN record ON record.ordinal = record_search.rowid "
    "WHERE record_search MATCH :q LIMIT 6"
)
# An address as it is copied from a record, here or elsewhere.
_path = re.compile(r"(?:https?://\S+)?/?\b([a-z]+)/([^/?#\s]+)/?")
_day = re.compile(r"(?<=-[0-9]{4}-[0-9]{2})-[0-9]{2}\Z")
# A little word in lower case is no code, and only a longer number is a year.
_says_nothing = re.compile(rf"[0-9]{{1,3}}|{'|'.join(sorted(LITTLE))}").fullmatch
# An id would lose the words of another script, and a sign by which people part or deny.
_no_id = regex.compile(
    r"[[\p{L}\p{N}]--[\p{ASCII}]]|[!;|<>^~\u2260\u00ac\u3001:]|\s\p{Pd}(?=\w)", regex.V1
)
_AND = (re.compile(r"(?<!\s)\s+(?:and|or)\s+|[&/+]", re.IGNORECASE), re.compile(r"\s+"))
_SIZES = (1, 2, 4, 8, MAX_VALUES, 50, MAX_IDS)


class Guess(NamedTuple):
    """The ids that a person may have meant."""

    ids: list[str]
    sure: bool = True
    """Whether one alone can be run."""


class Binding(NamedTuple):
    """The shape of a request, and the value of each of its places."""

    filters: Filters
    values: dict[str, Any]
    halves: dict[str, Any]
    """The values of `sort=rank` beside `q`: the name, the matches in titles, and all others."""
    search: Search | None
    """What `q` looks for, with other names and forms."""
    total: int | None
    """How many records there are, where that was counted at load."""


async def binding_of(
    listing: Listing, params: PagedParams, release: OpenRelease, fixed: Mapping[str, list[str]]
) -> Binding:
    """Bind every filter of a request whose ids are known to exist, and what its path fixes."""
    lists: dict[str, list[Any]] = {
        name: value if isinstance(value, list) else [value]
        for name, value in params.query.items()
        if name in params.filters - {"as_of", "derived"}
    }
    for name, bound in listing.bounds.items():
        if name in lists:
            lists[name] = [bound.value(lists[name][0])]
    lists |= fixed
    halves: dict[str, Any] = {}
    search = total = None
    if listing.kind is None and not params.search and not _shows_derived(params):
        lists["derived"] = [0]
    if since := lists.get("since_release"):
        lists["since_release"] = [await _last_change(params, since[0], release)]
    if params.search:
        search = await widened(params.search, release)
        # The type of a record is a word of its own in the index.
        lists.pop("type", None)
        kinds: list[RecordType] = [listing.kind] if listing.kind else [*getattr(params, "type", ())]
        lists["q"] = [search.expression(kinds)]
        total = search.found if [*lists] == ["q"] and not kinds else None
        if listing.orders[params.sort].best_first:
            halves["titles_0"] = search.expression(kinds, titles=True)
            halves["others_0"] = search.expression(kinds, titles=False)
            halves["exact_0"] = params.search.name
            halves["exact_1"] = without_office(params.search.name)
    lists = {name: _padded(values) for name, values in lists.items() if values}
    return Binding(
        Filters(tuple((name, len(values)) for name, values in lists.items())),
        {f"{name}_{at}": v for name, values in lists.items() for at, v in enumerate(values)},
        halves,
        search,
        total,
    )


def _shows_derived(params: PagedParams) -> bool:
    """Whether a list of changes shows what follows from other records: a copy needs it."""
    derived = getattr(params, "derived", None)
    return derived == "1" or (derived is None and params.query.get("since_release") is not None)


async def _last_change(params: PagedParams, number: int, release: OpenRelease) -> int:
    """The place of the last change that a copy of a release has. Raises QueryFaults."""
    if number == 0 and await release.last_change(1) != 0:
        return 0
    place = await release.last_change(number)
    if place is not None:
        return place
    latest, meant = release.info.number, None
    if number > latest:
        # A copy that is ahead of the server is of another record: no change leads from it to here.
        detail = f"is not a release; the latest is {latest}: start from a copy of that one"
    else:
        numbers = [each.number for each in release.releases]
        meant = str(min([n for n in numbers if await release.last_change(n) is not None]))
        detail = (
            f"is before the history, which begins after release {meant}; start from a copy of that "
            "one"
        )
    detail = f"since_release={number} {detail}"
    fault = Fault(parameter="since_release", detail=detail, nearest=meant)
    raise QueryFaults([fault], params.pairs_with("since_release", meant) if meant else None)


def _padded(values: list[Any]) -> list[Any]:
    """The last value again and again, so that there are few shapes: 1, 2, 4, 8 or 20 values."""
    size = next(size for size in _SIZES if size >= len(values))
    return values + values[-1:] * (size - len(values))


async def refuse_unknown_values(params: Params, release: OpenRelease) -> None:
    """Raises QueryFaults, with the nearest ids and values that exist."""
    faults: dict[tuple[str, str], Fault] = {}
    apart: dict[tuple[str, str], list[str]] = {}
    for name, listed in params.listed.items():
        for value in getattr(params, name):
            values = await release.listed(listed.sql)
            if value in values:
                continue
            several = [one.strip() for one in value.split(",")]
            if len(several) > 1 and {*several} & {*values}:
                detail = f"{name}={value[:100]}: for several, repeat {name}"
                faults[name, value] = Fault(parameter=name, detail=detail)
                apart[name, value] = several
            else:
                faults[name, value] = _not_listed(name, value, listed.noun, values)
    for name, refers in params.references.items():
        for id_ in await release.without(refers.kinds, getattr(params, name)):
            past = [await release.ever_had(kind, id_) for kind in refers.kinds if refers.ever]
            if not any(past):
                look = len(faults) < _LOOKED_UP
                faults[name, id_] = await _no_such(name, id_, refers, release, look=look)
    if faults:
        meant = {at: fault.nearest for at, fault in faults.items() if at not in apart}
        sent = params.pairs("cursor")
        pairs = [(name, one) for name, value in sent for one in apart.get((name, value), [value])]
        # Of a batch, those that are there can be had without those that are not.
        there = [pair for pair in pairs if pair[0] != "id" or meant.get(pair, pair[1])]
        pairs = there if any(name == "id" for name, _ in there) else pairs
        raise QueryFaults([*faults.values()], _mended(pairs, meant))


async def with_ids(faults: QueryFaults, shape: type[Params], release: OpenRelease) -> QueryFaults:
    """The same faults, with the ids of what is named by no id, and the release that is newest."""
    explained: list[Fault] = []
    meant: dict[tuple[str, str], str | None] = {}
    for fault in faults.faults:
        refers = shape.references.get(fault.parameter)
        more: dict[str, Any] = {}
        if isinstance(fault, ValueFault) and fault.parameter == "as_of":
            newest, near = str(release.info.number), fault.nearest
            if means_newest(fault.value):
                near = newest
            elif near and not _was_there(near, release):
                near = None
            also = question([near] if near else []) or f"; the newest release is as_of={newest}"
            more = {"detail": f"{fault.typed} {fault.reason}{also}", "nearest": near}
            meant["as_of", fault.value] = near
        elif refers and isinstance(fault, ValueFault):
            also, more = "", {"nearest": None}
            one_by_one = fault.value.split(",")
            if len(one_by_one) > 1:
                # Unless it is a name with a comma, they are several: these are looked up when the
                # mended query is read.
                ids = await _named(fault.value, refers.kinds, release)
                if len(ids) == 1:
                    also, more = question(ids), {"nearest": ids[0]}
                    meant |= {(fault.parameter, one): ids[0] for one in one_by_one}
            else:
                if len(meant) < _LOOKED_UP:
                    also, more = await _readings(fault.value, refers, release)
                meant[fault.parameter, fault.value] = more["nearest"]
            more["detail"] = fault.detail.removesuffix(also) + also
        explained.append(fault.model_copy(update=more))
    return QueryFaults(explained, faults.mended and _mended(faults.mended, meant))


def _was_there(as_of: str, release: OpenRelease) -> bool:
    """Whether there was a release of this number, or at this moment."""
    if as_of.isdecimal():
        return int(as_of) in {past.number for past in release.releases}
    return (last_moment(as_of) or "") >= release.releases[-1].published_at


async def _readings(typed: str, refers: Refers, release: OpenRelease) -> tuple[str, dict[str, Any]]:
    """What was meant by no id, as the end of a sentence and in a fault: several are offered.

    What is no record of these types may still stand in some as words.
    """
    ids, sure = await guess(typed, refers.kinds, release)
    if len(ids) == 1 and sure:
        return question(ids), {"nearest": ids[0]}
    if not ids and (elsewhere := await _at_summits(typed, refers.kinds, release)):
        return elsewhere, {"nearest": None}
    search = Search.parse(typed[:MAX_Q])
    is_vague = denies(typed) or _says_nothing(typed) or any(t.prefix for t in search.terms)
    if not ids and search.wanted and not is_vague:
        wider = await widened(search, release)
        # Actors are found by their names: a word in one is another actor.
        titled = [kind for kind in refers.kinds if kind is not RecordType.ACTOR]
        if titled:
            [rows] = await release.rows((_FIRST, {"q": wider.expression(titled, titles=True)}))
            ids = sorted({row[0] for row in rows if len(rows) <= _LOOKED_UP})
        [rows] = await release.rows((_ANY, {"q": wider.expression([])}))
        if rows and not ids:
            path = links.query_path("/search", [("q", typed[:MAX_Q])])
            return f"; {path} finds it in records", {"nearest": None}
    if ids:
        return question(ids), {"valid": ids, "nearest": None}
    return f"; /{refers.kinds[0].plural} lists them", {"nearest": None}


async def _at_summits(typed: str, kinds: Iterable[RecordType], release: OpenRelease) -> str:
    """The end of a sentence that names the summits of an actor, where one stands for these."""
    if RecordType.SUMMIT not in kinds:
        return ""
    ids, sure = await guess(typed, [RecordType.ACTOR], release)
    if len(ids) != 1 or not sure or not await release.look_up(_AT_A_SUMMIT, ids[0]):
        return ""
    return f"; {links.query_path('/summits', [('actor', ids[0])])} lists those with this actor"


def _mended(pairs: links.Pairs, meant: Mapping[tuple[str, str], str | None]) -> links.Pairs | None:
    """A query with what was meant in the place of what was sent; None where that is not clear."""
    values = dict.fromkeys((name, meant.get((name, value), value)) for name, value in pairs)
    mended = [(name, value) for name, value in values if value]
    return mended if len(mended) == len(values) else None


def _not_listed(name: str, value: str, noun: str, titles: Mapping[str, str]) -> Fault:
    values = [*titles]
    called = [id_ for id_ in titles if searchable(titles[id_]) == searchable(value)]
    near = [id_ for id_ in called or likeliest(value, values) if not denies(value, id_)]
    also = question(near) or f"; it is one of {', '.join(values[:20])}"
    detail = f"{name}={value[:100]}: there is no such {noun}{also if values else '; here is none'}"
    meant = near[0] if len(near) == 1 else None
    return Fault(parameter=name, detail=detail, valid=values[:100], nearest=meant)


async def ids_meant(text: str, kinds: Iterable[RecordType], release: OpenRelease) -> list[str]:
    """The ids that a person may have meant: by a name or a code, as an id is made of it, or alike.

    Several, where there is more than one reading; each names a record. What is the id of another
    type was not mistyped.
    """
    return (await guess(text, kinds, release)).ids


async def guess(text: str, kinds: Iterable[RecordType], release: OpenRelease) -> Guess:
    """The ids that a person may have meant, and whether one alone of them was."""
    kinds, match = [*kinds], _path.fullmatch(text)
    if match and PLURALS.get(match[1]) in kinds:
        kinds, text = [PLURALS[match[1]]], match[2]
    slug = "" if _no_id.search(fold(text)) else slug_of(text, MAX_ID)
    if negated(text) or _says_nothing(text):
        return Guess([])
    ids = await _named(text, kinds, release)
    if ids:  # a publisher may be called as the government is
        ids += await _bare_named(searchable(text).removeprefix("the "), kinds, release)
    ids += [slug for kind in kinds if slug and await release.has(kind, slug)]
    sure = True
    if not ids and slug and not any([await release.has(other, slug) for other in RecordType]):
        ids, sure = await _more_or_less_named(text, slug, kinds, release)
    return Guess(sorted(set(ids)), sure)


async def _more_or_less_named(
    text: str, slug: str, kinds: list[RecordType], release: OpenRelease
) -> Guess:
    """The ids by a name with something before it, by several names, or by a slip of an id.

    What is the name of a country is no slip of another one.
    """
    name, countries = searchable(text), codes_named(text)
    ids = await _named(name.removeprefix("the "), kinds, release)
    ids += await _bare_named(name, kinds, release, countries)
    for mark in _AND:
        several = [await _named(one, kinds, release) for one in mark.split(text, _LOOKED_UP)]
        if len(several) > 1 and all(several):
            ids += chain.from_iterable(several)
    # Nor what is called after another, or is a slip of several.
    like = {code for each in slips(name, all_names()) for code in codes_named(each)}
    if ids or countries or countries_with_demonym(name) or len(like) > 1:
        return Guess(ids, len(countries) <= 1)
    near = [id_ for kind in kinds for id_ in await release.ids_near(kind, slug)]
    if ids := likeliest(slug, near):
        # Of very many ids, those that are far in the alphabet may be as near.
        every = len(near) == sum(release.info.counts[kind.plural] for kind in kinds)
        is_slip = slips(slug, ids) == ids
        return Guess(ids, every and (is_slip or await _names_alone(slug, ids[0], release)))
    # The day of a summit says more than its id does.
    return Guess(misspelt_parts(slug, near) or slips(_day.sub("", slug), near), sure=False)


async def _bare_named(
    name: str, kinds: Iterable[RecordType], release: OpenRelease, countries: Iterable[str] = ()
) -> list[str]:
    """The ids of actors by a name without what stands before it, and of countries by codes."""
    names = [*bare_names(name), *((c.lower(), ActorKind.COUNTRY_OR_AREA) for c in countries)]
    if RecordType.ACTOR not in kinds:
        return []
    rows = [await release.look_up(_ACTORS_NAMED, bare, kind.value) for bare, kind in names]
    return [row[0] for row in chain.from_iterable(rows)]


async def _names_alone(part: str, id_: str, release: OpenRelease) -> bool:
    """Whether a part of an id names its record: a surname does, and neither a year nor `south`."""
    if not re.search("[a-z]", part):
        return False
    rows = await release.look_up(_ACTOR, id_)
    return not rows or (rows[0][0] == ActorKind.PERSON and id_.endswith(f"-{part}"))


async def _named(name: str, kinds: Iterable[RecordType], release: OpenRelease) -> list[str]:
    """The ids of the records of these types that have a name."""
    if negated(name):
        return []
    for folded in dict.fromkeys(map(searchable, (name, name.upper()))):
        every = [await release.look_up(_NAMED, folded, kind.value) for kind in kinds]
        if any(every):
            return [id_ for rows in every for (id_,) in rows]
    return []


async def _no_such(
    name: str, id_: str, refers: Refers, release: OpenRelease, *, look: bool
) -> Fault:
    for kind in refers.kinds:
        if now := await release.renamed_to(kind, id_):
            when = release.then or " now"
            detail = f"{name}={id_}: this {kind.value} has another id{when}, {now}"
            return Fault(parameter=name, detail=detail, nearest=now)
        if stone := await release.tombstone(kind, id_):
            detail = f"{name}={id_}: this {kind.value} was withdrawn; {stone.history} says why"
            place, _, other = (stone.replaced_by or "").rpartition("/")
            instead = other if place == f"/{kind.plural}" else None
            also = f", and {instead} is in its place" if instead else ""
            return Fault(parameter=name, detail=f"{detail}{also}", nearest=instead)
    later = [each for kind in refers.kinds if (each := await release.came_later(kind, id_))]
    look &= not later
    also, readings = await _readings(id_, refers, release) if look else ("".join(later), {})
    if name == "to" and partial_date(id_):
        also = question([f"until={id_}"])
    sort = " or ".join(kind.value for kind in refers.kinds)
    detail = f"{name}={id_}: there is no {sort} with this id{release.then}{also}"
    return Fault(parameter=name, detail=detail, **readings)
