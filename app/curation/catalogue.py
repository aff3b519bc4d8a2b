"""The catalogue: what a data set holds, known before any record is checked or compiled.

It keeps of each record only what others need of it (its name, what it points to, where it stands
in each order), so a data set may be far larger than memory would hold of it whole. It is built
from files that were not checked yet, so it takes nothing for granted.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from app.curation.reading import Finding, Source, address_of
from app.dates import first_day
from app.fields import MAX_ID, SLUG
from app.records import title_of
from app.resources import SHAPES
from app.text import fold
from app.vocabulary import KINDS, RecordType

_slug = re.compile(SLUG)


@dataclass(slots=True, eq=False)
class Known:
    """What is kept of a record."""

    type: RecordType
    id: str
    title: str
    sort_title: str
    file: str
    at: int
    """Its number in the list of its type in that file."""
    date: str | None
    """Its own earliest day; of a commitment, that of its agreement or summit."""
    due: str | None
    amount: float | None
    summit: str | None
    agreements: tuple[str, ...]
    """The agreements it is made under or is about."""
    cites: tuple[str, ...]
    """The documents that prove it."""
    names: tuple[str, ...]
    """The actors it names."""
    speaks: str | None
    """The document that it quotes."""
    acts_for: tuple[str, ...]
    url: str | None
    characters: int | None
    ordinal: int = 0
    """Its place in the newest-first order of all records."""
    date_up: int = 0
    """This and the following are its places in the other orders of its type."""
    title_up: int = 0
    due_up: int = 0
    due_down: int = 0
    amount_up: int = 0
    amount_down: int = 0

    @property
    def place(self) -> str:
        """Where it is declared: `data/seed.json: actors[3]`."""
        return f"{self.file}: {address_of((self.type.plural, self.at))}"

    @property
    def places(self) -> dict[str, int]:
        """Its place in every order of its type."""
        return {name: getattr(self, name) for name in ORDERS[self.type]}


ORDERS: dict[RecordType, tuple[str, ...]] = {
    kind: ("ordinal", *shape.orders) for kind, shape in SHAPES.items()
}
"""The orders of each type, as the columns of its table."""


def entries(source: Source) -> Iterator[tuple[RecordType, int, Any]]:
    """Every entry of a file: its type, its place in the list, and what was typed."""
    if isinstance(source.content, dict):
        for kind in RecordType:
            listed = source.content.get(kind.plural)
            for at, typed in enumerate(listed if isinstance(listed, list) else ()):
                yield kind, at, typed


class Catalogue:
    """All records of a data set by type and id, who points to whom, and the orders."""

    def __init__(self) -> None:
        """Start empty."""
        self.known: dict[RecordType, dict[str, Known]] = {kind: {} for kind in RecordType}
        self.commitments_of: dict[str, list[Known]] = defaultdict(list)
        self.quotes_of: dict[str, list[Known]] = defaultdict(list)
        self.cited_in: dict[str, list[Known]] = defaultdict(list)
        self.members_of: dict[str, dict[RecordType, set[str]]] = {}
        self.former: dict[RecordType, dict[str, Known]] = {kind: {} for kind in RecordType}
        """The record that had an id once."""
        self.withdrawn: dict[RecordType, dict[str, dict[str, Any]]] = {
            kind: {} for kind in RecordType
        }
        """What is withdrawn, as typed."""
        self._principals: dict[str, list[tuple[str, bool]]] = {}

    def add(self, source: Source) -> list[Finding]:
        """Take note of every entry of a file; an id that is declared already is a problem."""
        findings: list[Finding] = []
        for kind, at, typed in entries(source):
            if not isinstance(typed, dict) or not _is_id(typed.get("id")):
                continue  # the check says what is wrong with it
            address = address_of((kind.plural, at))
            id_ = typed["id"]
            if earlier := self.known[kind].get(id_):
                findings.append(
                    Finding(
                        source.file,
                        f"{address}.id",
                        f'"{id_}" is declared already, at {earlier.place}; give one of them '
                        "another id, or merge them",
                    )
                )
                continue
            known = self.known[kind][id_] = _known(kind, typed, source.file, at)
            for place, former in enumerate(_list(typed.get("former_ids"))):
                if not _is_id(former):
                    continue
                if other := self.former[kind].get(former):
                    findings.append(
                        Finding(
                            source.file,
                            f"{address}.former_ids[{place}]",
                            f'"{former}" is a former id of "{other.id}" already, at {other.place}',
                        )
                    )
                self.former[kind][former] = known
        return [*findings, *self._withdraw(source)]

    def _withdraw(self, source: Source) -> Iterator[Finding]:
        """Take note of what a file withdraws."""
        listed = source.content.get("withdrawn") if isinstance(source.content, dict) else ()
        for at, typed in enumerate(_list(listed)):
            kind = KINDS.get(str(typed.get("type"))) if isinstance(typed, dict) else None
            if kind is None or not _is_id(typed.get("id")):
                continue  # the check says what is wrong with it
            if typed["id"] in self.withdrawn[kind]:
                address = address_of(("withdrawn", at, "id"))
                yield Finding(source.file, address, f'"{typed["id"]}" is withdrawn already')
            self.withdrawn[kind][typed["id"]] = typed

    def close(self) -> None:
        """Work out who points to whom, and every record's place in each order: all files are in."""
        for commitment in self.known[RecordType.COMMITMENT].values():
            self._date_commitment(commitment)
        by_name = sorted(self.all(), key=lambda entry: (entry.type, entry.sort_title, entry.id))
        in_order = _in_order(by_name, lambda entry: entry.date, descending=True)
        for entry in in_order:
            under = self.quotes_of if entry.type is RecordType.QUOTE else self.commitments_of
            for agreement in entry.agreements:
                under[agreement].append(entry)
            for document in entry.cites:
                self.cited_in[document].append(entry)
        self._gather_summits(in_order)
        _place(in_order, "ordinal")
        for kind, of_type in self.known.items():
            by_id = sorted(of_type.values(), key=lambda entry: entry.id)
            for name in ORDERS[kind][1:]:
                field, _, direction = name.partition("_")
                value = attrgetter("sort_title" if field == "title" else field)
                _place(_in_order(by_id, value, descending=direction == "down"), name)

    def all(self) -> Iterator[Known]:
        """Every record."""
        for of_type in self.known.values():
            yield from of_type.values()

    def summits_of(self, entry: Known) -> list[str]:
        """The summits to which a record belongs, or that name it."""
        if entry.type in {RecordType.ACTOR, RecordType.DOCUMENT}:
            return self._named_at.get((entry.type, entry.id), [])
        if entry.type is RecordType.SUMMIT:
            return [entry.id]
        return [entry.summit] if entry.summit else []

    def all_principals(self, actor: str) -> list[tuple[str, bool]]:
        """For whom an actor acts, and whether directly or through another; once all are in."""
        if actor not in self._principals:
            self._principals[actor] = self._all_principals(actor)
        return self._principals[actor]

    def _all_principals(self, actor: str) -> list[tuple[str, bool]]:
        principals: dict[str, bool] = {}
        layer, direct = [actor], True
        while layer:
            actors = [self.known[RecordType.ACTOR].get(a) for a in layer]
            named = dict.fromkeys(p for each in actors if each for p in each.acts_for)
            layer = [p for p in named if p not in principals and p != actor]
            principals.update(dict.fromkeys(layer, direct))
            direct = False
        return sorted(principals.items())

    def _date_commitment(self, entry: Known) -> None:
        agreement = self.known[RecordType.AGREEMENT].get(next(iter(entry.agreements), ""))
        summit = self.known[RecordType.SUMMIT].get(entry.summit or "")
        entry.date = (agreement and agreement.date) or (summit and summit.date) or None

    def _gather_summits(self, in_order: Iterable[Known]) -> None:
        members: dict[str, dict[RecordType, set[str]]] = {
            summit: {kind: set() for kind in RecordType} for summit in self.known[RecordType.SUMMIT]
        }
        for entry in in_order:
            summit = entry.id if entry.type is RecordType.SUMMIT else entry.summit
            if summit not in members:
                continue
            of_summit = members[summit]
            of_summit[entry.type].add(entry.id)
            of_summit[RecordType.ACTOR].update(entry.names)
            of_summit[RecordType.DOCUMENT].update(entry.cites)
            if entry.speaks:
                of_summit[RecordType.DOCUMENT].add(entry.speaks)
        self.members_of = members
        self._named_at: dict[tuple[RecordType, str], list[str]] = defaultdict(list)
        for summit, kinds in members.items():
            for kind in (RecordType.ACTOR, RecordType.DOCUMENT):
                for id_ in kinds[kind]:
                    self._named_at[kind, id_].append(summit)


def _in_order(
    entries: Iterable[Known], value: Callable[[Known], Any], *, descending: bool = False
) -> list[Known]:
    """Sort by a value that may be unknown: those last, and equals in the order they came in."""
    entries = list(entries)
    valued = [entry for entry in entries if value(entry) is not None]
    # Python's sort keeps equals in their order in both directions.
    valued.sort(key=value, reverse=descending)
    return valued + [entry for entry in entries if value(entry) is None]


def _place(ordered: list[Known], name: str) -> None:
    """Number the records of an order."""
    for place, entry in enumerate(ordered, start=1):
        setattr(entry, name, place)


def _known(kind: RecordType, typed: dict[str, Any], file: str, at: int) -> Known:
    titled = {key: typed[key] for key in ("title", "text") if isinstance(typed.get(key), str)}
    title = title_of(titled) if titled else typed["id"]
    amount, characters, speaker = typed.get("amount"), typed.get("characters"), typed.get("speaker")
    named = [*_list(typed.get("by")), *_list(typed.get("to")), *_list(typed.get("mentions"))]
    named += _inner(typed.get("participants"), "actor") + _inner(typed.get("parties"), "actor")
    return Known(
        type=kind,
        id=typed["id"],
        title=title,
        sort_title=fold(title),
        file=file,
        at=at,
        date=_day(typed.get(next(iter(SHAPES[kind].days), ""))),
        due=_day(typed.get("due")),
        amount=amount if isinstance(amount, int | float) else None,
        summit=_id(typed.get("summit")),
        agreements=_ids(typed.get("agreements")) or _ids([typed.get("agreement")]),
        cites=tuple(dict.fromkeys(_ids(_inner(typed.get("evidence"), "document")))),
        names=tuple(dict.fromkeys(_ids([*named, speaker]))),
        speaks=_id(speaker.get("document")) if isinstance(speaker, dict) else None,
        acts_for=_ids(typed.get("acts_for")),
        url=_id(typed.get("url")),
        characters=characters if isinstance(characters, int) else None,
    )


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _inner(value: Any, key: str) -> list[Any]:
    return [item.get(key) for item in _list(value) if isinstance(item, dict)]


def _id(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_ID and bool(_slug.match(value))


def _ids(value: Any) -> tuple[str, ...]:
    return tuple(item for item in _list(value) if isinstance(item, str))


def _day(value: Any) -> str | None:
    return first_day(value) if isinstance(value, str) and len(value) in {4, 7, 10} else None
