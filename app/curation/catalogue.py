"""The catalogue: all records of a data set, before any of them is checked or compiled.

It keeps of each record only what others need of it (its name, what it points to, where it stands
in each order), so a data set may be far larger than memory would hold of it whole. It is built
from files that were not checked yet, so it takes nothing for granted.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from app.curation.bundle import GROWING, typed_fields
from app.curation.reading import Finding, Place, Source, address_of
from app.curation.ties import Acting, Span, Ties
from app.dates import partial_date
from app.fields import MAX_ID, SLUG, RecordField, fields_of
from app.records import Evidence, title_of
from app.resources import SHAPES, topics
from app.resources.topics import Topic
from app.text import in_order
from app.vocabulary import KINDS, MeasureRole, ParticipantRole, RecordType, Way

_slug = re.compile(SLUG)


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


ORDERS: dict[RecordType, tuple[str, ...]] = {
    kind: ("ordinal", *shape.orders) for kind, shape in SHAPES.items()
}
"""The orders of each type, as the columns of its table."""


ACTING: dict[RecordType, tuple[str, ...]] = {
    RecordType.SUMMIT: ("participants",),
    RecordType.AGREEMENT: ("parties",),
    RecordType.COMMITMENT: ("by", "partners", "transferred_from"),
    RecordType.QUOTE: ("speaker",),
}
"""The fields that say who does, agrees or says what a record tells."""
COUNTED = {
    kind: tuple(counts.model_fields)
    for kind, shape in SHAPES.items()
    if (counts := shape.model_fields["counts"].annotation)
}
"""The records that are counted for one of each type, as the keys of its `counts`."""


def listed(source: Source, key: str) -> list[Any]:
    """The items of one of the lists of a file, as typed."""
    return _list(source.content.get(key)) if isinstance(source.content, dict) else []


def entries(source: Source) -> Iterator[tuple[RecordType, int, Any]]:
    """Every entry of a file: its type, its number in the list, and what was typed."""
    for kind in RecordType:
        for at, typed in enumerate(listed(source, kind.plural)):
            yield kind, at, typed


TypedPassage = tuple[Place, str, list[dict[str, Any]]]
"""A passage: its place, its document, and its parts as typed, or itself alone."""


def typed_passages(source: Source) -> Iterator[TypedPassage]:
    """Every passage of a file, those of additions and events too."""
    for kind, at, typed in entries(source):
        yield from _typed_passages((kind.plural, at), typed)
    for at, typed in enumerate(listed(source, "additions")):
        yield from _typed_passages(("additions", at), typed)


def _typed_passages(whole: Place, typed: Any) -> Iterator[TypedPassage]:
    if not isinstance(typed, dict):
        return
    for at, proof in enumerate(_list(typed.get("evidence"))):
        if isinstance(proof, dict) and isinstance(proof.get("document"), str):
            parts = [part for part in _list(proof.get("parts")) if isinstance(part, dict)]
            yield (*whole, "evidence", at), proof["document"], parts or [proof]
    for name in GROWING[RecordType.COMMITMENT]:
        for at, item in enumerate(_list(typed.get(name))):
            yield from _typed_passages((*whole, name, at), item)


Reference = tuple[Place, RecordType, str]


def references(kind: RecordType, typed: dict[str, Any]) -> Iterator[Reference]:
    """Every id that an entry names: its place, the type that it is to be of, and itself."""
    for at, proof in enumerate(_list(typed.get("evidence"))):
        if isinstance(proof, dict):
            yield from _references(fields_of(Evidence), proof, ("evidence", at))
    yield from _references(typed_fields(kind), typed, ())


def is_proof(place: Place) -> bool:
    """Whether a reference at a place is to the document of a passage."""
    return len(place) > 2 and (place[-3], place[-1]) == ("evidence", "document")


def _references(
    fields: Iterable[RecordField], typed: dict[str, Any], whole: Place
) -> Iterator[Reference]:
    for part in fields:
        if not (part.to or part.parts):
            continue
        value = typed.get(part.name)
        for at, item in enumerate(_list(value) if part.many else [value]):
            place = (*whole, part.name, at) if part.many else (*whole, part.name)
            if isinstance(item, str) and part.to:
                yield place, part.to[0], item
            elif isinstance(item, dict) and part.parts:
                yield from _references(part.parts, item, place)
            elif isinstance(item, dict):
                for kind in part.to[1:]:
                    if isinstance(item.get(kind.value), str):
                        yield (*place, kind.value), kind, item[kind.value]


class Catalogue:
    """All records of a data set by type and id, who points to whom, and the orders."""

    def __init__(self) -> None:
        """Start empty."""
        self.cards: dict[RecordType, dict[str, Card]] = {kind: {} for kind in RecordType}
        self._counts: dict[tuple[RecordType, str], Counter[str]] = defaultdict(Counter)
        """How many records belong to one, as filters of lists find them."""
        self.former: dict[RecordType, dict[str, Card]] = {kind: {} for kind in RecordType}
        """The record that had an id once."""
        self.withdrawn: dict[RecordType, dict[str, dict[str, Any]]] = {
            kind: {} for kind in RecordType
        }
        """The withdrawals, as typed."""
        self.additions: dict[tuple[RecordType, str], list[dict[str, Any]]] = defaultdict(list)
        """What later files add to records, as typed, in the order of the files."""
        self._named_at: dict[tuple[RecordType, str], list[str]] = defaultdict(list)
        self.ties = Ties()
        self.topics: dict[str, topics.Row] = dict(topics.BASE_TOPICS)
        """Every topic by its id: the base list, and what the files declare."""
        self._starters: list[Source] = []
        self.files: set[str] = set()
        self.unread: list[str] = []
        """The files that can't be read, and may declare what seems to be missing."""

    def add(self, source: Source) -> list[Finding]:
        """Take note of every entry of a file; an id that is declared already is a problem."""
        self.files.add(source.file)
        if source.is_starter:
            self._starters.append(source)  # until all that may refer to it is in
            return []
        findings: list[Finding] = []
        if any((one.file, one.address) == (source.file, "") for one in source.findings):
            self.unread.append(source.file)
        for kind, at, typed in entries(source):
            if not isinstance(typed, dict) or not _is_id(typed.get("id")):
                continue  # the check says what is wrong with it
            id_ = typed["id"]
            if earlier := self.cards[kind].get(id_):
                twice = (
                    f'"{id_}" is declared already, at {earlier.place}; give one of them another '
                    "id, or merge them"
                )
                findings.append(Finding(source.file, address_of((kind.plural, at, "id")), twice))
                continue
            card = self.cards[kind][id_] = _card(kind, typed, source.file, at)
            if kind is RecordType.ACTOR:
                self.ties.add(id_, typed)
            for number, former in enumerate(_list(typed.get("former_ids"))):
                if not _is_id(former):
                    continue
                if other := self.former[kind].get(former):
                    address = address_of((kind.plural, at, "former_ids", number))
                    twice = f'"{former}" is a former id of "{other.id}" already, at {other.place}'
                    findings.append(Finding(source.file, address, twice))
                self.former[kind][former] = card
        findings += self._add_topics(source)
        for typed in listed(source, "additions"):
            to = KINDS.get(str(typed.get("type"))) if isinstance(typed, dict) else None
            if to and _is_id(typed.get("id")):
                self.additions[to, typed["id"]].append(typed)
        return [*findings, *self._withdraw(source)]

    def _add_starters(self) -> None:
        """Take note of the actors of starters to which something refers, and which no file has."""
        cards = [card for of_type in self.cards.values() for card in of_type.values()]
        named = {id_ for card in cards for id_ in card.actors}
        for (kind, to), additions in self.additions.items():
            named.update([to] if kind is RecordType.ACTOR else [])
            for addition in additions:
                named.update(
                    id_ for _, meant, id_ in references(kind, addition) if meant is RecordType.ACTOR
                )
        for source in self._starters:
            for kind, at, typed in entries(source):
                id_ = typed.get("id") if isinstance(typed, dict) else None
                if kind is not RecordType.ACTOR or not _is_id(id_):
                    continue
                if id_ in named and id_ not in self.cards[kind]:
                    self.cards[kind][id_] = _card(kind, typed, source.file, at)

    def in_starters(self) -> dict[str, str]:
        """The ids of the actors that starters offer, and the file of each."""
        return {
            typed["id"]: source.file
            for source in self._starters
            for kind, _, typed in entries(source)
            if kind is RecordType.ACTOR and isinstance(typed, dict) and _is_id(typed.get("id"))
        }

    def is_of_a_starter(self, kind: RecordType, id_: str) -> bool:
        """Whether a record is an actor of a starter, and of no other file."""
        card = self.cards[kind].get(id_)
        return card is not None and card.file in {source.file for source in self._starters}

    def declares(self, source: Source, kind: RecordType, at: int, typed: Any) -> bool:
        """Whether an entry counts: of a starter, only if something refers to it."""
        id_ = typed.get("id") if isinstance(typed, dict) else None
        card = self.cards[kind].get(id_) if isinstance(id_, str) else None
        own = card is not None and (card.file, card.at) == (source.file, at)
        return own or not source.is_starter

    def _add_topics(self, source: Source) -> Iterator[Finding]:
        """Take note of the topics of a file."""
        for at, typed in enumerate(listed(source, "topics")):
            id_ = _text(typed.get("id")) if isinstance(typed, dict) else None
            if id_ in self.topics:
                address = address_of(("topics", at, "id"))
                yield Finding(source.file, address, f'"{id_}" is a topic already; leave it out')
            elif id_:
                self.topics[id_] = {name: _text(typed.get(name)) for name in Topic.model_fields}

    def grown(self, kind: RecordType, typed: dict[str, Any]) -> dict[str, Any]:
        """An entry as typed, with what other files add to its lists."""
        for addition in self.additions.get((kind, typed["id"]), ()):
            if _list(addition.get("events")) and typed.get("status"):
                typed = _with_status_as_event(typed)
            for name in ("evidence", *GROWING.get(kind, ())):
                if _list(addition.get(name)):
                    typed = typed | {name: _list(typed.get(name)) + addition[name]}
        return typed

    def _withdraw(self, source: Source) -> Iterator[Finding]:
        """Take note of the withdrawals of a file."""
        for at, typed in enumerate(listed(source, "withdrawn")):
            kind = KINDS.get(str(typed.get("type"))) if isinstance(typed, dict) else None
            if kind is None or not _is_id(typed.get("id")):
                continue  # the check says what is wrong with it
            if typed["id"] in self.withdrawn[kind]:
                address = address_of(("withdrawn", at, "id"))
                yield Finding(source.file, address, f'"{typed["id"]}" is withdrawn already')
            self.withdrawn[kind][typed["id"]] = typed

    def close(self) -> None:
        """Work out who points to whom, and every record's number in each order: all are in."""
        self._add_starters()
        for (kind, id_), additions in self.additions.items():
            for addition in additions:
                self._grow(kind, id_, addition)
        for commitment in self.cards[RecordType.COMMITMENT].values():
            commitment.days = self.days_of(commitment)
        cards = [card for of_type in self.cards.values() for card in of_type.values()]
        cards.sort(key=lambda card: (card.type, card.sort_title, card.id))
        cards = _in_order(cards, "date", descending=True)
        _number(cards)
        for card in cards:
            self._count(card)
        self._gather_summits(cards)
        for kind, of_type in self.cards.items():
            by_id = sorted(of_type.values(), key=attrgetter("id"))
            for order in ORDERS[kind][1:]:
                value, _, direction = order.partition("_")
                value = "sort_title" if value == "title" else value
                _number(_in_order(by_id, value, descending=direction == "down"))

    def _grow(self, kind: RecordType, id_: str, addition: dict[str, Any]) -> None:
        """Take note of what an addition names."""
        if card := self.cards[kind].get(id_):
            for place, type_, named in references(kind, addition):
                if is_proof(place):
                    card.cites = tuple(dict.fromkeys([*card.cites, named]))
                elif type_ is RecordType.ACTOR:
                    card.actors = tuple(dict.fromkeys([*card.actors, named]))
            if kind is RecordType.ACTOR:
                self.ties.add(id_, addition)

    def summits_of(self, card: Card) -> list[str]:
        """The summits to which a record belongs, or that name it."""
        if card.type in {RecordType.ACTOR, RecordType.DOCUMENT}:
            return self._named_at.get((card.type, card.id), [])
        if card.type is RecordType.SUMMIT:
            return [card.id]
        return [card.summit] if card.summit else []

    def _count(self, card: Card) -> None:
        """Count a record for each one that it belongs to."""
        actors = self.doers(card) if card.type in ACTING else ()
        for kind, ids in (
            (RecordType.AGREEMENT, card.agreements),
            (RecordType.DOCUMENT, card.cites),
            (RecordType.ACTOR, actors),
        ):
            for id_ in ids:
                self._counts[kind, id_][card.type.plural] += 1
        if card.part_of:
            self._counts[card.type, card.part_of]["parts"] += 1

    def counts(self, kind: RecordType, id_: str) -> dict[str, int]:
        """How many records belong to one, by the keys of its shape."""
        counted: dict[str, int] = {**self._counts.get((kind, id_), {})}
        if kind not in {RecordType.DOCUMENT, RecordType.SUMMIT}:
            counted["documents"] = len(self.cards[kind][id_].cites)  # those that prove it
        return {name: counted.get(name, 0) for name in COUNTED[kind]}

    def doers(self, card: Card) -> dict[str, Way]:
        """By whom a record is found, and in which way."""
        summit = self.cards[RecordType.SUMMIT].get(card.summit or "")
        return self.ties.doers(card.acting, self.days_of(card), summit.acting if summit else ())

    def days_of(self, card: Card) -> Span | None:
        """When a record was: its own date, else that of its agreement, else that of its summit."""
        agreements = map(self.cards[RecordType.AGREEMENT].get, card.agreements)
        summit = self.cards[RecordType.SUMMIT].get(card.summit or "")
        return next((one.days for one in (card, *agreements, summit) if one and one.days), None)

    def _gather_summits(self, cards: Iterable[Card]) -> None:
        members_of: dict[str, dict[RecordType, set[str]]] = {
            summit: {kind: set() for kind in RecordType} for summit in self.cards[RecordType.SUMMIT]
        }
        for card in cards:
            summit = card.id if card.type is RecordType.SUMMIT else card.summit
            members = members_of.get(summit or "")
            if members:
                members[card.type].add(card.id)
                members[RecordType.ACTOR].update(card.actors)
                members[RecordType.DOCUMENT].update(card.cites, card.documents)
        for summit, members in members_of.items():
            self._counts[RecordType.SUMMIT, summit] |= {
                kind.plural: len(ids) for kind, ids in members.items()
            }
            for kind in (RecordType.ACTOR, RecordType.DOCUMENT):
                for id_ in members[kind]:
                    self._named_at[kind, id_].append(summit)


def _with_status_as_event(typed: dict[str, Any]) -> dict[str, Any]:
    """An entry whose status is the first of its events, with the passages that prove it."""
    proofs = [proof for proof in _list(typed.get("evidence")) if "status" in proof["fields"]]
    # No source gives its day: whatever is told of later comes after it.
    event = {"status": typed["status"], "evidence": [_but(proof, "fields") for proof in proofs]}
    rest = [
        proof | {"fields": [field for field in proof["fields"] if field != "status"]}
        for proof in _list(typed.get("evidence"))
    ]
    entry = _but(typed, "status") | {"evidence": [proof for proof in rest if proof["fields"]]}
    return entry | {"events": [event, *_list(typed.get("events"))]} if proofs else entry


def _but(typed: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in typed.items() if name != key}


def _in_order(cards: list[Card], value: str, *, descending: bool = False) -> list[Card]:
    """Sort by a value that may be unknown: those last, and equals in the order they came in."""
    value_of = attrgetter(value)
    valued = [card for card in cards if value_of(card) is not None]
    # Python's sort keeps equals in their order in both directions.
    valued.sort(key=value_of, reverse=descending)
    return valued + [card for card in cards if value_of(card) is None]


def _number(cards: list[Card]) -> None:
    """Number the records of an order."""
    for number, card in enumerate(cards, start=1):
        card.numbers.append(number)


def _card(kind: RecordType, typed: dict[str, Any], file: str, at: int) -> Card:
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
        url=_text(typed.get("url")),
        sha256=_text(typed.get("sha256")),
        characters=characters if isinstance(characters, int) else None,
        kind=_text(typed.get("kind")),
        country=_text(typed.get("country")),
        aliases=tuple(alias for alias in _list(typed.get("aliases")) if isinstance(alias, str)),
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_ID and bool(_slug.match(value))


def _amount(typed: dict[str, Any]) -> Any:
    """The sum of money that a commitment pledges first."""
    for one in _list(typed.get("measures")):
        if isinstance(one, dict) and one.get("role") == MeasureRole.PLEDGED and one.get("currency"):
            return one.get("value")
    return None


def _acting(kind: RecordType, typed: dict[str, Any]) -> Iterator[Acting]:
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
                yield Acting(actor, _text(part.get("on_behalf_of")))


def _day(value: Any) -> str | None:
    days = Span.of(partial_date(value))
    return days and days.first
