"""Promises as drawings show them: who made each, what it is, to whom."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from app.representations.wording import listed

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
    """What is drawn of commitments."""
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
