"""A record in the catalogue: what the others need of it, and by whom it is found.

That is who spoke for whom, and who was a member of what, on which day.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.curation.reading import address_of
from app.curation.typed import Typed, is_proof, list_in, objects_in, references, text_in
from app.dates import first_day, last_day, partial_date
from app.records import title_of
from app.resources import SHAPES
from app.text import in_order
from app.vocabulary import ActorKind, MeasureRole, ParticipantRole, RecordType, Way

ACTING: dict[RecordType, tuple[str, ...]] = {
    RecordType.SUMMIT: ("participants",),
    RecordType.AGREEMENT: ("parties",),
    RecordType.COMMITMENT: ("by", "partners", "transferred_from"),
    RecordType.QUOTE: ("speaker",),
}
"""The fields that say who does, agrees or says what a record tells."""


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
        self.offices[id_] += _ties(typed, "offices", "of")
        self.members[id_] += _ties(typed, "members", "actor")

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


def _ties(typed: Typed, name: str, other: str) -> Iterator[Tie]:
    for _, one in objects_in(typed, name):
        if isinstance(one.get(other), str):
            since, until = partial_date(one.get("since")), partial_date(one.get("until"))
            yield Tie(one[other], since, until, text_in(one, "title"))


@dataclass(slots=True, eq=False)
class Card:
    """A record in the catalogue: its name, its references, its number in each order."""

    type: RecordType
    id: str
    title: str
    sort_title: str
    file: str
    at: int
    """Its number in the list of its type in that file."""
    days: Span | None
    """When it was; of a commitment, else that of its agreement, else that of its summit."""
    due: str | None
    amount: float | None
    summit: str | None
    agreements: tuple[str, ...]
    """The agreements it is made under or is about."""
    part_of: str | None
    """The record of its type that it is a part of."""
    reaffirms: tuple[tuple[RecordType, str], ...]
    """The earlier records that it says again."""
    cites: tuple[str, ...]
    """The documents that prove it."""
    actors: tuple[str, ...]
    """The actors it names; of an actor, those for whom it acts."""
    documents: tuple[str, ...]
    """The documents it names, as a quote its speaker."""
    acting: tuple[Acting, ...]
    """Who does, agrees or says it; of a summit, who was there."""
    url: str | None
    sha256: str | None
    characters: int | None
    kind: str | None
    country: str | None
    aliases: tuple[str, ...]
    numbers: list[int] = field(default_factory=list)
    """Its number in each of the `ORDERS` of its type."""

    @property
    def place(self) -> str:
        """Where it is declared: `data/seed.json: actors[3]`."""
        return f"{self.file}: {address_of((self.type.plural, self.at))}"

    @property
    def date(self) -> str | None:
        """The earliest day that its date can mean."""
        return self.days and self.days.first

    @property
    def ordinal(self) -> int:
        """Its number in the newest-first order of all records."""
        return self.numbers[0]


def card_of(kind: RecordType, typed: Typed, file: str, at: int) -> Card:
    """The card of an entry that has an id, and stands in a file at a number."""
    titles = {key: typed[key] for key in ("title", "text") if isinstance(typed.get(key), str)}
    title = title_of(titles) if titles else typed["id"]
    amount, characters = _amount(typed), typed.get("characters")
    # No id twice, in the order in which they are typed.
    cites: dict[str, None] = {}
    named: defaultdict[RecordType, dict[str, None]] = defaultdict(dict)
    under: defaultdict[str, dict[tuple[RecordType, str], None]] = defaultdict(dict)
    for place, type_, id_ in references(kind, typed):
        under[str(place[0])][type_, id_] = None
        (cites if is_proof(place) else named[type_])[id_] = None
    return Card(
        type=kind,
        id=typed["id"],
        title=title,
        sort_title=in_order(title),
        file=file,
        at=at,
        days=Span.of(*(partial_date(typed.get(name)) for name in SHAPES[kind].days)),
        due=_day(typed.get("due")),
        amount=amount if isinstance(amount, int | float) else None,
        summit=next((id_ for _, id_ in under["summit"]), None),
        agreements=tuple(id_ for _, id_ in (*under["agreement"], *under["agreements"])),
        part_of=next((id_ for _, id_ in under["part_of"]), None),
        reaffirms=tuple(under["reaffirms"]),
        cites=tuple(cites),
        actors=tuple(named[RecordType.ACTOR]),
        documents=tuple(named[RecordType.DOCUMENT]),
        acting=tuple(_acting(kind, typed)),
        url=text_in(typed, "url"),
        sha256=text_in(typed, "sha256"),
        characters=characters if isinstance(characters, int) else None,
        kind=text_in(typed, "kind"),
        country=text_in(typed, "country"),
        aliases=tuple(alias for alias in list_in(typed, "aliases") if isinstance(alias, str)),
    )


def _amount(typed: Typed) -> Any:
    """The sum of money that a commitment pledges first."""
    for _, one in objects_in(typed, "measures"):
        if one.get("role") == MeasureRole.PLEDGED and one.get("currency"):
            return one.get("value")
    return None


def _acting(kind: RecordType, typed: Typed) -> Iterator[Acting]:
    for name in ACTING.get(kind, ()):
        value = typed.get(name)
        # Who speaks stands beside the words, all others in parts of their own.
        parts = value if isinstance(value, list) else [{**typed, "actor": value}]
        for part in parts:
            if isinstance(part, str):
                yield Acting(part)
                continue
            actor = part.get("actor") if isinstance(part, dict) else None
            if isinstance(actor, str) and part.get("role") != ParticipantRole.ABSENT.value:
                yield Acting(actor, text_in(part, "on_behalf_of"))


def _day(value: Any) -> str | None:
    days = Span.of(partial_date(value))
    return days and days.first
