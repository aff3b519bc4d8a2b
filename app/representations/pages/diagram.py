"""Who promised what to whom, each promise as a line: a function from promises to geometry.

Units are CSS pixels at the drawing's own size.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.representations.pages.lettering import Label, fitted
from app.representations.wording import begun, counted, listed

Actors = tuple[tuple[str, str], ...]
"""Those who promise together, or to whom: the id and the name of each."""

FEW, FEW_SIDES = 24, 10
NOBODY = "nobody named"
WIDE = 1136.0
"""The width of a drawing that fills a wide page, in CSS pixels."""


class Promise(NamedTuple):
    """A commitment, as a drawing shows it."""

    id: str
    title: str
    href: str
    by: Actors
    to: Actors
    beside: bool
    """Whether the source reports it beside the summit."""


def promises_of(commitments: Iterable[Mapping[str, Any]]) -> list[Promise]:
    """The promises that commitments are, as drawings need them."""
    return [
        Promise(
            item["id"],
            item["title"],
            item["href"],
            tuple((actor["id"], actor["title"]) for actor in item["by"]),
            tuple((actor["id"], actor["title"]) for actor in item["to"]),
            item["relation"] == "context",
        )
        for item in commitments
    ]


def named(actors: Actors) -> str:
    """Those who stand together, in words."""
    return listed(name for _, name in actors) or NOBODY


def toward(promise: Promise) -> str:
    """To whom it was made, in words."""
    return f"to {named(promise.to)}" if promise.to else "not said to whom"


def are_few(promises: Sequence[Promise]) -> bool:
    """Whether each promise can be a line of its own."""
    sides = max(len({p.by for p in promises}), len({p.to for p in promises}), 0)
    return len(promises) <= FEW and sides <= FEW_SIDES


def grouped(promises: Iterable[Promise]) -> list[tuple[Actors, list[Promise]]]:
    """Promises by who made them: who made most first, who is not named last."""
    by_maker: dict[Actors, list[Promise]] = defaultdict(list)
    for promise in promises:
        by_maker[promise.by].append(promise)
    return sorted(by_maker.items(), key=lambda made: (not made[0], -len(made[1]), named(made[0])))


class Bar(NamedTuple):
    """A side of a promise: an upright bar with a name beside it."""

    x: float
    y: float
    height: float
    labels: list[Label]


class Line(NamedTuple):
    """A promise: its path, and its title upon it."""

    promise: Promise
    path: str
    labels: list[Label]


class Lines(NamedTuple):
    """Each promise as a line."""

    width: float
    height: float
    bars: list[Bar]
    lines: list[Line]


_PITCH, _GAP, _BAR = 31.0, 26.0, 5.0
_FROM, _TEXT, _BEND, _TO = 216.0, 236.0, 720.0, 900.0


def lines_of(promises: Sequence[Promise]) -> Lines:
    """The drawing for a wide page: who, what and to whom in three columns."""
    bars: list[Bar] = []
    heights: dict[str, float] = {}
    top = 8.0
    for actors, made in grouped(promises):
        label = _side(actors, len(made), "end")
        height = max(len(made) * _PITCH, _height(label))
        bars.append(Bar(_FROM - _BAR, top, height, _placed(label, _FROM - 16, top + height / 2)))
        first = top + (height - len(made) * _PITCH) / 2
        for at, promise in enumerate(sorted(made, key=lambda p: named(p.to))):
            heights[promise.id] = first + (at + 0.8) * _PITCH
        top += height + _GAP
    ends, right, bottom = _right(promises, heights, top - _GAP)
    lines = [_line(p, heights[p.id], ends[p.id]) for p in promises]
    return Lines(WIDE, max(top - _GAP, bottom) + 8, bars + right, lines)


def _line(promise: Promise, y: float, end: float) -> Line:
    middle = (_BEND + _TO) / 2
    path = f"M{_FROM:g} {y:g}H{_BEND:g}C{middle:g} {y:g} {middle:g} {end:g} {_TO:g} {end:g}"
    text = fitted(promise.title, _BEND - _TEXT, 14.5)[0]
    return Line(promise, path, [Label(_TEXT, y - 7, text, 14.5)])


def _right(
    promises: Sequence[Promise], heights: Mapping[str, float], least: float
) -> tuple[dict[str, float], list[Bar], float]:
    """Where each promise ends, the bars there, and the bottom of the lowest."""
    by_target: dict[Actors, list[Promise]] = defaultdict(list)
    for promise in sorted(promises, key=lambda p: heights[p.id]):
        by_target[promise.to].append(promise)
    wanted = [
        (sum(heights[p.id] for p in made) / len(made), actors, made, _side(actors, len(made)))
        for actors, made in by_target.items()
    ]
    wanted.sort(key=lambda side: (side[0], named(side[1])))
    sizes = [max(_height(label), 8.0 * len(made)) for _, _, made, label in wanted]
    tops = _apart([y - size / 2 for (y, *_), size in zip(wanted, sizes, strict=True)], sizes, least)
    ends: dict[str, float] = {}
    bars: list[Bar] = []
    for (_, _, made, label), top, size in zip(wanted, tops, sizes, strict=True):
        bar, middle = 8.0 * len(made), top + size / 2
        bars.append(Bar(_TO, middle - bar / 2, bar, _placed(label, _TO + 16, middle)))
        for at, promise in enumerate(made):
            ends[promise.id] = middle - bar / 2 + (at + 0.5) * 8.0
    return ends, bars, max((top + size for top, size in zip(tops, sizes, strict=True)), default=0.0)


def _apart(tops: list[float], sizes: list[float], least: float) -> list[float]:
    """Moved down, and up again from the bottom, until none lies over another."""
    gap = 12.0
    bottom = max(least, 8 + sum(sizes) + gap * (len(sizes) - 1))
    placed: list[float] = []
    free = 8.0
    for top, size in zip(tops, sizes, strict=True):
        placed.append(max(top, free))
        free = placed[-1] + size + gap
    for at in range(len(placed) - 1, -1, -1):
        placed[at] = min(placed[at], bottom - sizes[at])
        bottom = placed[at] - gap
    return placed


def _side(actors: Actors, count: int, anchor: Any = "start") -> list[Label]:
    """The name of a side in two lines at most, and how many promises there are."""
    names = fitted(begun(named(actors)), _FROM - 20, 15.5, lines=2, bold=True)
    many = counted(count, "promises")
    return [
        *(
            Label(0, 18.0 * at, name, 15.5, anchor, dim=not actors, bold=bool(actors))
            for at, name in enumerate(names)
        ),
        Label(0, 18.0 * len(names), many, 13, anchor, dim=True),
    ]


def _height(labels: list[Label]) -> float:
    return 18.0 * len(labels) + 4


def _placed(labels: list[Label], x: float, middle: float) -> list[Label]:
    first = middle - 9.0 * len(labels) + 14
    return [label._replace(x=x, y=first + label.y) for label in labels]


_NARROW, _INDENT = 344.0, 20.0


def narrow_lines_of(promises: Sequence[Promise]) -> Lines:
    """The drawing for a phone: under each who promised, what, and to whom an arrow leads."""
    bars: list[Bar] = []
    lines: list[Line] = []
    y = 0.0
    for actors, made in grouped(promises):
        heads = []
        for name in fitted(begun(named(actors)), _NARROW, 16, lines=2, bold=True):
            y += 20
            heads.append(Label(0, y, name, 16, dim=not actors, bold=bool(actors)))
        top = y + 10
        y = top
        for promise in sorted(made, key=lambda p: named(p.to)):
            labels = []
            for text in fitted(promise.title, _NARROW - _INDENT, 14.5, lines=3):
                y += 19
                labels.append(Label(_INDENT, y, text, 14.5))
            y += 20
            to = fitted(toward(promise), _NARROW - _INDENT - 34, 13.5)[0]
            labels.append(Label(_INDENT + 34, y, to, 13.5, dim=True))
            lines.append(Line(promise, _arrow(y - 4.5), labels))
            y += 10
        bars.append(Bar(0, top, y - top, heads))
        y += 18
    return Lines(_NARROW, max(y - 10, 1), bars, lines)


def _arrow(y: float) -> str:
    tip = _INDENT + 26
    return f"M{_BAR:g} {y:g}H{tip:g}M{tip - 5:g} {y - 4:g}L{tip:g} {y:g}L{tip - 5:g} {y + 4:g}"
