"""The catalogue: all records of a data set, before any of them is checked or compiled.

It keeps of each record only what others need of it (its name, what it points to, where it stands
in each order), so a data set may be far larger than memory would hold of it whole. It is built
from files that were not checked yet, so it takes nothing for granted.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any

from app.curation.bundle import GROWING
from app.curation.cards import ACTING, Card, Span, Ties, card_of
from app.curation.reading import Finding, Source, address_of
from app.curation.typed import (
    Typed,
    identified,
    is_id,
    is_proof,
    list_in,
    objects_in,
    references,
    text_in,
    without_key,
    without_proof,
)
from app.resources import SHAPES, topics
from app.resources.topics import Topic
from app.vocabulary import KINDS, RecordType, Way

ORDERS: dict[RecordType, tuple[str, ...]] = {
    kind: ("ordinal", *shape.orders) for kind, shape in SHAPES.items()
}
"""The orders of each type, as the columns of its table."""


COUNTED = {
    kind: tuple(counts.model_fields)
    for kind, shape in SHAPES.items()
    if (counts := shape.model_fields["counts"].annotation)
}
"""The records that are counted for one of each type, as the keys of its `counts`."""


class Catalogue:
    """All records of a data set by type and id, who points to whom, and the orders."""

    def __init__(self) -> None:
        self.cards: dict[RecordType, dict[str, Card]] = {kind: {} for kind in RecordType}
        self._counts: dict[tuple[RecordType, str], Counter[str]] = defaultdict(Counter)
        """How many records belong to one, as filters of lists find them."""
        self.former: dict[RecordType, dict[str, Card]] = {kind: {} for kind in RecordType}
        """The record that had an id once."""
        self.withdrawn: dict[RecordType, dict[str, Typed]] = {kind: {} for kind in RecordType}
        """The withdrawals, as typed."""
        self.additions: dict[tuple[RecordType, str], list[Typed]] = defaultdict(list)
        """What later files add to records, as typed, in the order of the files."""
        self._named_at: dict[tuple[RecordType, str], list[str]] = defaultdict(list)
        self.ties = Ties()
        self.topics: dict[str, topics.Row] = dict(topics.BASE_TOPICS)
        """Every topic by its id: the base list, and what the files declare."""
        self._starters: set[str] = set()
        self._offered: list[tuple[str, int, Typed]] = []
        """The actors of starters, each with its file and number, until all is in that may refer."""
        self.files: set[str] = set()
        self.unread: list[str] = []
        """The files that can't be read, and may declare what seems to be missing."""

    def add(self, source: Source) -> list[Finding]:
        """Take note of every entry of a file; an id that is declared already is a problem."""
        self.files.add(source.file)
        if source.is_starter:
            self._starters.add(source.file)
            actors = identified(source, RecordType.ACTOR.plural)
            self._offered += [(source.file, at, typed) for at, typed in actors]
            return []
        findings: list[Finding] = []
        if any((one.file, one.address) == (source.file, "") for one in source.findings):
            self.unread.append(source.file)
        for kind in RecordType:
            for at, typed in identified(source, kind.plural):
                findings += self._add(kind, at, typed, source.file)
        findings += self._add_topics(source)
        for _, typed in identified(source, "additions"):
            if to := KINDS.get(str(typed.get("type"))):
                self.additions[to, typed["id"]].append(typed)
        return [*findings, *self._withdraw(source)]

    def _add(self, kind: RecordType, at: int, typed: Typed, file: str) -> Iterator[Finding]:
        """Take note of an entry, and of the ids that it had."""
        id_ = typed["id"]
        if earlier := self.cards[kind].get(id_):
            twice = f'"{id_}" is declared already, at {earlier.place}'
            advice = "give one of them another id, or merge them"
            yield Finding(file, address_of((kind.plural, at, "id")), f"{twice}; {advice}")
            return
        card = self.cards[kind][id_] = card_of(kind, typed, file, at)
        if kind is RecordType.ACTOR:
            self.ties.add(id_, typed)
        for number, former in enumerate(list_in(typed, "former_ids")):
            if not is_id(former):
                continue
            if other := self.former[kind].get(former):
                address = address_of((kind.plural, at, "former_ids", number))
                twice = f'"{former}" is a former id of "{other.id}" already, at {other.place}'
                yield Finding(file, address, twice)
            self.former[kind][former] = card

    def _add_starters(self) -> None:
        """Take note of the actors of starters to which something refers, and which no file has."""
        cards = [card for of_type in self.cards.values() for card in of_type.values()]
        named = {id_ for card in cards for id_ in card.actors}
        for (kind, to), additions in self.additions.items():
            ids = [(kind, to), *(ref[1:] for one in additions for ref in references(kind, one))]
            named.update(id_ for meant, id_ in ids if meant is RecordType.ACTOR)
        actors = self.cards[RecordType.ACTOR]
        for file, at, typed in self._offered:
            if typed["id"] in named and typed["id"] not in actors:
                actors[typed["id"]] = card_of(RecordType.ACTOR, typed, file, at)

    def in_starters(self) -> dict[str, str]:
        """The ids of the actors that starters offer, and the file of each."""
        return {typed["id"]: file for file, _, typed in self._offered}

    def is_of_a_starter(self, kind: RecordType, id_: str) -> bool:
        """Whether a record is an actor of a starter, and of no other file."""
        card = self.cards[kind].get(id_)
        return card is not None and card.file in self._starters

    def declares(self, source: Source, kind: RecordType, at: int, typed: Any) -> bool:
        """Whether an entry counts: of a starter, only if something refers to it."""
        id_ = typed.get("id") if isinstance(typed, dict) else None
        card = self.cards[kind].get(id_) if isinstance(id_, str) else None
        own = card is not None and (card.file, card.at) == (source.file, at)
        return own or not source.is_starter

    def _add_topics(self, source: Source) -> Iterator[Finding]:
        """Take note of the topics of a file."""
        for at, typed in objects_in(source.content, "topics"):
            id_ = text_in(typed, "id")
            if id_ in self.topics:
                address = address_of(("topics", at, "id"))
                yield Finding(source.file, address, f'"{id_}" is a topic already; leave it out')
            elif id_:
                self.topics[id_] = {name: text_in(typed, name) for name in Topic.model_fields}

    def grown(self, kind: RecordType, typed: Typed) -> Typed:
        """An entry as typed, with what other files add to its lists."""
        for addition in self.additions.get((kind, typed["id"]), ()):
            if list_in(addition, "events") and typed.get("status"):
                typed = _with_status_as_event(typed)
            for name in ("evidence", *GROWING.get(kind, ())):
                if list_in(addition, name):
                    typed = typed | {name: list_in(typed, name) + addition[name]}
        return typed

    def _withdraw(self, source: Source) -> Iterator[Finding]:
        """Take note of the withdrawals of a file."""
        for at, typed in identified(source, "withdrawn"):
            if (kind := KINDS.get(str(typed.get("type")))) is None:
                continue
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

    def _grow(self, kind: RecordType, id_: str, addition: Typed) -> None:
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


def _with_status_as_event(typed: Typed) -> Typed:
    """An entry whose status is the first of its events, with the passages that prove it."""
    proofs = [proof for proof in list_in(typed, "evidence") if "status" in proof["fields"]]
    # No source gives its day: whatever is told of later comes after it.
    evidence = [without_key(proof, "fields") for proof in proofs]
    event = {"status": typed["status"], "evidence": evidence}
    rest = list(without_proof("status", list_in(typed, "evidence")))
    entry = without_key(typed, "status") | {"evidence": rest}
    return entry | {"events": [event, *list_in(typed, "events")]} if proofs else entry


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
