"""Places in an order: numbers with gaps, so that a record comes in without moving the others."""

from bisect import bisect_left
from collections.abc import Sequence

# A place fits into four bytes of a row. In front of the first one there is room for four
# million newer records.
_FIRST, _LAST = 1, 2**31 - 1
_START = 2**25
_GAP = 8


def spaced(before: Sequence[int]) -> list[int]:
    """Ascending places for what stands in this order.

    `before` has the place that each had in the release before, 0 where it had none. As many stay as
    the new order allows; what comes between two of them where there is no room moves its
    neighbours.
    """
    places = [0] * len(before)
    for at in _ascending(before):
        places[at] = before[at]
    at = 0
    while at < len(places):
        if places[at]:
            at += 1
            continue
        first, end, room = at, _end_of_run(places, at), 1
        while (found := _between(places, first, end, room)) is None:
            # Twice as much room as is needed now, so that the next load need not move them too.
            first, end, room = max(0, first - 1), _end_of_run(places, end + 1), 2
        places[first:end] = found
        at = end
    return places


def _end_of_run(places: list[int], at: int) -> int:
    """Where the next place stands that is taken."""
    while at < len(places) and not places[at]:
        at += 1
    return min(at, len(places))


def _between(places: list[int], first: int, end: int, room: int) -> list[int] | None:
    """Places for a run; None where its neighbours do not leave so many times its length."""
    low = places[first - 1] if first else None
    high = places[end] if end < len(places) else None
    many = end - first
    if low is None or high is None:
        start = _START if high is None else high - many * _GAP
        start = start if low is None else low + _GAP
        if start >= _FIRST and start + many * _GAP <= _LAST:
            return list(range(start, start + many * _GAP, _GAP))
        if low is high:
            low, high = _FIRST - 1, _LAST + 1
    if low is None or high is None or high - low <= many * room:
        return None
    return [low + (high - low) * at // (many + 1) for at in range(1, many + 1)]


def _ascending(before: Sequence[int]) -> list[int]:
    """The longest ascending part of what has a place: where its elements stand."""
    ends: list[int] = []  # the least place in which a part of each length can end
    where: list[int] = []
    previous: list[int] = [-1] * len(before)
    for at, place in enumerate(before):
        if not place:
            continue
        length = len(ends) if not ends or place > ends[-1] else bisect_left(ends, place)
        previous[at] = where[length - 1] if length else -1
        if length == len(ends):
            ends.append(place)
            where.append(at)
        else:
            ends[length], where[length] = place, at
    found = []
    at = where[-1] if where else -1
    while at >= 0:
        found.append(at)
        at = previous[at]
    return found[::-1]
