"""From the parameters of a list to what its statement binds: ids are looked up, `q` is read.

An id that names no record is refused: an empty answer would look like a fact.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.nearest import nearest
from app.problems import Fault
from app.queries.filters import Asked, Listing
from app.queries.params import MAX_VALUES, PagedParams, Params, Refers, days
from app.queries.querystring import QueryFaults
from app.store.release import OpenRelease
from app.vocabulary import RecordType

# What says how an answer is shown, not which records it holds.
PRESENTATION = frozenset({"limit", "cursor", "fields", "facet", "format", "bom", "raw"})
_LOOKED_UP = 5  # so many unknown ids get a suggestion: each costs a look at a thousand others
_SIZES = (1, 2, 4, 8, MAX_VALUES, 1_000)
_SPECIAL = PRESENTATION | {"as_of", "q", "sort", "since", "until"}


class Bound(NamedTuple):
    """The shape of a request, and the value of each of its places."""

    asked: Asked
    values: dict[str, Any]


async def bound(
    listing: Listing, params: PagedParams, release: OpenRelease, fixed: Mapping[str, list[str]]
) -> Bound:
    """Bind every filter of a request whose ids are known to exist, and what its path fixes."""
    lists: dict[str, list[Any]] = {
        name: value if isinstance(value, list) else [value]
        for name, value in params.asked.items()
        if name not in _SPECIAL
    }
    period = days(getattr(params, "since", None), getattr(params, "until", None))
    lists |= {name: [day] for name, day in period.items()}
    lists |= fixed
    if since := lists.get("since_release"):
        lists["since_release"] = [await _last_change(params, since[0], release)]
    if search := params.search:
        # The type of a record is a word of its own in the index.
        lists.pop("type", None)
        kinds: list[RecordType] = [listing.kind] if listing.kind else [*getattr(params, "type", ())]
        lists["q"] = [search.expression(kinds)]
        if listing.orders[params.sort].titles_first:
            for name, titles in (("titles", True), ("others", False)):
                lists[name] = [search.expression(kinds, titles)]
    if listing.represented and (actors := lists.get("actor")):
        principals = {p for actor in actors for p in await release.principals(actor)}
        if principals:
            lists |= {"acting": lists.pop("actor"), "principal": sorted(principals)}
    lists = {name: _padded(values) for name, values in lists.items() if values}
    return Bound(
        Asked(tuple((name, len(values)) for name, values in lists.items())),
        {f"{name}_{at}": v for name, values in lists.items() for at, v in enumerate(values)},
    )


async def _last_change(params: PagedParams, number: int, release: OpenRelease) -> int:
    """The place of the last change that a copy of a release has. Raises QueryFaults."""
    if number == 0 and await release.last_change(1) != 0:
        return 0
    place = await release.last_change(number)
    if place is not None:
        return place
    latest = release.info.number
    began = [
        known.number
        for known in await release.releases()
        if await release.last_change(known.number) is not None
    ]
    detail = (
        f"since_release={number} is not a release; the latest is {latest}"
        if number > latest
        else f"since_release={number} is before the history, which begins after release "
        f"{min(began)}; start from a copy of that one"
    )
    meant = str(latest if number > latest else min(began))
    fault = Fault(parameter="since_release", detail=detail, nearest=meant)
    raise QueryFaults([fault], params.pairs_with("since_release", meant))


def _padded(values: list[Any]) -> list[Any]:
    """The last value again and again, so that there are few shapes: 1, 2, 4, 8 or 20 values."""
    size = next(size for size in _SIZES if size >= len(values))
    return values + values[-1:] * (size - len(values))


async def refuse_unknown_ids(params: Params, release: OpenRelease) -> None:
    """Raises QueryFaults, with the nearest ids that exist."""
    nearby: dict[tuple[str, str], str | None] = {}
    faults: list[Fault] = []
    for name, refers in params.references().items():
        for id_ in getattr(params, name):
            if not await _exists(id_, refers, release):
                look = len(faults) < _LOOKED_UP
                fault = await _no_such(name, id_, refers, release, look=look)
                nearby[name, id_] = fault.nearest
                faults.append(fault)
    if faults:
        pairs = [
            (name, nearby.get((name, value), value))
            for name, value in params.pairs()
            if name != "cursor"
        ]
        mended = [(name, value) for name, value in dict.fromkeys(pairs) if value]
        raise QueryFaults(faults, mended if all(nearby.values()) else None)


async def _exists(id_: str, refers: Refers, release: OpenRelease) -> bool:
    known = release.ever_had if refers.ever else release.has
    for kind in refers.kinds:
        if await known(kind, id_):
            return True
    return False


async def _no_such(
    name: str, id_: str, refers: Refers, release: OpenRelease, *, look: bool
) -> Fault:
    for kind in refers.kinds:
        if now := await release.renamed_to(kind, id_):
            detail = f"{name}={id_}: this {kind.value} has another id now, {now}"
            return Fault(parameter=name, detail=detail, nearest=now)
        if stone := await release.tombstone(kind, id_):
            detail = f"{name}={id_}: this {kind.value} was withdrawn; {stone.history} says why"
            return Fault(parameter=name, detail=detail)
    kinds = refers.kinds if look else ()
    near = [i for kind in kinds for i in nearest(id_, await release.ids_near(kind, id_), most=1)]
    meant = next(iter(nearest(id_, near, most=1)), None)
    sort = " or ".join(kind.value for kind in refers.kinds)
    also = f"; did you mean {meant}?" if meant else f"; /{refers.kinds[0].plural} lists them"
    return Fault(
        parameter=name, detail=f"{name}={id_}: there is no {sort} with this id{also}", nearest=meant
    )
