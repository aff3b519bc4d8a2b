"""Who spoke for whom, and who was a member of what, on which day: by whom a record is found."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.dates import first_day, last_day, partial_date
from app.vocabulary import ActorKind, Way


class Span(NamedTuple):
    """The first and the last day that a partial date, or two of them, can mean."""

    first: str
    last: str

    @classmethod
    def of(cls, *dates: str | None) -> "Span | None":
        """The span from the first known date to the last; None where none is known."""
        bounds = [date for date in dates if date]
        return cls(first_day(bounds[0]), last_day(bounds[-1])) if bounds else None


class Tie(NamedTuple):
    """An office or a membership: of whom or of what, and between which days."""

    other: str
    since: str | None
    until: str | None
    title: str | None = None

    def covers(self, days: Span) -> bool:
        """Whether it lasted on each of these days; an open bound covers all."""
        begun = self.since is None or first_day(self.since) <= days.first
        return begun and (self.until is None or days.last <= last_day(self.until))

    def touches(self, days: Span) -> bool:
        """Whether it may have lasted on one of these days."""
        begun = self.since is None or first_day(self.since) <= days.last
        return begun and (self.until is None or days.first <= last_day(self.until))


class Acting(NamedTuple):
    """An actor that does, agrees or says something, and for whom, where that is said."""

    actor: str
    on_behalf_of: str | None = None


@dataclass
class Ties:
    """The offices of persons and the members of groups, of a whole data set."""

    offices: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    members: dict[str, list[Tie]] = field(default_factory=lambda: defaultdict(list))
    _persons: set[str] = field(default_factory=set)

    def add(self, id_: str, typed: dict[str, Any]) -> None:
        """Take note of an actor as typed; what has the wrong shape is nothing."""
        if typed.get("kind") == ActorKind.PERSON.value:
            self._persons.add(id_)
        self.offices[id_] += _ties(typed.get("offices"), "of")
        self.members[id_] += _ties(typed.get("members"), "actor")

    def doers(
        self, acting: Iterable[Acting], days: Span | None, present: Iterable[Acting] = ()
    ) -> dict[str, Way]:
        """By whom a record is found where these act on a day, each by its most direct way.

        `present` are those who attended the summit. Without a day, nobody inherits but those on
        whose behalf somebody is said to act.
        """
        acting = [*acting]
        ways = {one.actor: Way.SELF for one in acting}
        for one in acting:
            for principal in self._spoken_for(one, days):
                ways.setdefault(principal, Way.OFFICE)
        bound = [actor for actor, way in ways.items() if way is Way.SELF]
        ties = [tie for group in bound for tie in self.members[group]]
        for member in [tie.other for tie in ties if days and tie.covers(days)]:
            bound.append(member)
            ways.setdefault(member, Way.GROUP)
        for one in present:
            principals = self._spoken_for(one, days) if one.actor in self._persons else ()
            if not set(bound).isdisjoint(principals):
                ways.setdefault(one.actor, Way.ATTENDED)
        return ways

    def _spoken_for(self, one: Acting, days: Span | None) -> list[str]:
        if one.on_behalf_of:
            return [one.on_behalf_of]
        return [tie.other for tie in self.offices[one.actor] if days and tie.covers(days)]


def _ties(typed: Any, other: str) -> Iterator[Tie]:
    for one in typed if isinstance(typed, list) else ():
        if isinstance(one, dict) and isinstance(one.get(other), str):
            since, until = partial_date(one.get("since")), partial_date(one.get("until"))
            title = one.get("title")
            yield Tie(one[other], since, until, title if isinstance(title, str) else None)
