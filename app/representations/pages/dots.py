"""Who promised how much to whom, counted: a row for each who promised, a column for each to whom.

A function from promises to geometry, in CSS pixels at the drawing's own size.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from app.representations.pages.diagram import NOBODY, WIDE, Promise
from app.representations.pages.lettering import Label, fitted
from app.representations.wording import begun


class Dot(NamedTuple):
    """All promises of one to another."""

    x: float
    y: float
    """Its middle."""
    by: tuple[str, str]
    to: tuple[str, str]
    promises: list[Promise]
    side: float

    @property
    def sides(self) -> dict[str, str]:
        """The filters that find all of them; of a side that is nobody, there is none."""
        return {name: id_ for name, (id_, _) in (("by", self.by), ("to", self.to)) if id_}


class Dots(NamedTuple):
    """Promises counted by who made them and to whom."""

    width: float
    height: float
    left: float
    top: float
    """Where the field of dots begins."""
    rows: list[Label]
    columns: list[Label]
    """To be turned upright about their places."""
    dots: list[Dot]
    undrawn: int
    """Promises between actors for whom there was no room."""


CELL, MOST_ACTORS = 24.0, 40
_NONE = ("", NOBODY)
_Pairs = dict[tuple[tuple[str, str], tuple[str, str]], list[Promise]]


def dots_of(promises: Sequence[Promise]) -> Dots:
    """The drawing of many promises; one of several together counts for each of them."""
    pairs = _pairs(promises)
    columns = _most_first((to, made) for (_, to), made in pairs.items())
    rows = _most_first((by, made) for (by, to), made in pairs.items() if to in columns)
    columns = [at for at in columns if any(by in rows for by, to in pairs if to == at)]
    room = min(max(WIDE - CELL * len(columns) - 16, 110), 200)
    row_names = [fitted(begun(name), room, 13)[0] for _, name in rows]
    column_names = [fitted(begun(name), 150, 13)[0] for _, name in columns]
    left = 12 + max((-Label(0, 0, name, 13, "end").box[0] for name in row_names), default=0)
    top = 12 + max((Label(0, 0, name, 13).box[2] for name in column_names), default=0)
    dots = [
        Dot(
            x=left + (columns.index(to) + 0.5) * CELL,
            y=top + (rows.index(by) + 0.5) * CELL,
            by=by,
            to=to,
            promises=made,
            side=min(13 + 3.0 * len(made), CELL - 2),
        )
        for (by, to), made in pairs.items()
        if by in rows and to in columns
    ]
    drawn = {promise.id for dot in dots for promise in dot.promises}
    return Dots(
        width=left + CELL * len(columns) + 2,
        height=top + CELL * len(rows) + 2,
        left=left,
        top=top,
        rows=[
            Label(left - 8, top + (at + 0.68) * CELL, n, 13, "end")
            for at, n in enumerate(row_names)
        ],
        columns=[
            Label(left + (at + 0.68) * CELL, top - 8, n, 13) for at, n in enumerate(column_names)
        ],
        dots=sorted(dots, key=lambda dot: (dot.y, dot.x)),
        undrawn=sum(promise.id not in drawn for promise in promises),
    )


def _pairs(promises: Sequence[Promise]) -> _Pairs:
    """Promises by each who made them and each to whom."""
    pairs: _Pairs = defaultdict(list)
    for promise in promises:
        for by in promise.by or (_NONE,):
            for to in promise.to or (_NONE,):
                pairs[by, to].append(promise)
    return pairs


def _most_first(
    promises: Iterable[tuple[tuple[str, str], list[Promise]]],
) -> list[tuple[str, str]]:
    """Actors with the most promises first, and who is not named last."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for actor, made in promises:
        counts[actor] += len(made)
    ordered = sorted(counts, key=lambda actor: (-counts[actor], actor[1], actor[0]))
    actors = [actor for actor in ordered if actor != _NONE][:MOST_ACTORS]
    if _NONE in counts:
        actors.append(_NONE)
    return actors
