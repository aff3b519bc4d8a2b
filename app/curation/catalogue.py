"""The catalogue: what a data set holds, known before any record is checked or compiled.

It keeps of each record only what others need of it (its name, what it points to, where it stands
in each order), so a data set may be far larger than memory would hold of it whole. It is built
from files that were not checked yet, so it takes nothing for granted.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b
from operator import attrgetter
from typing import Any

from app.curation.places import spaced
from app.curation.reading import Finding, Source, address_of
from app.dates import first_day
from app.records import MAX_ID, SLUG, title_of
from app.text import fold
from app.vocabulary import RecordType

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
    typed: bytes
    """A digest of its entry."""
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
    wrote: tuple[str, ...]
    """The publisher and the author of a document."""
    former: tuple[str, ...]
    """The ids that it had before."""
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
    kept: bool = False
    """Whether it stands in the new release as it did in the one before."""

    @property
    def place(self) -> str:
        """Where it is declared: `data/seed.json: actors[3]`."""
        return f"{self.file}: {address_of((self.type.plural, self.at))}"

    @property
    def places(self) -> dict[str, int]:
        """Its place in every order of its type."""
        return dict(zip(ORDERS[self.type], _PLACES[self.type](self), strict=True))


_DATED, _TITLED = ("ordinal", "date_up"), ("ordinal", "date_up", "title_up")
ORDERS: dict[RecordType, tuple[str, ...]] = {
    RecordType.SUMMIT: _TITLED,
    RecordType.ACTOR: ("ordinal", "title_up"),
    RecordType.AGREEMENT: _TITLED,
    RecordType.COMMITMENT: (*_TITLED, "due_up", "due_down", "amount_up", "amount_down"),
    RecordType.QUOTE: _DATED,
    RecordType.DOCUMENT: _TITLED,
}
"""The orders of each type, as the columns of its table."""
_PLACES = {kind: attrgetter(*names) for kind, names in ORDERS.items()}

Placed = Iterable[tuple[str, *tuple[int, ...]]]
"""The id of each record of a type, and its places in the orders of the type."""


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
        self.unusual: set[str] = set()
        """The files in which something stands that is no record of this catalogue."""
        self._newest_first: list[Known] = []
        self._principals: dict[str, list[tuple[str, bool]]] = {}

    def add(self, source: Source) -> list[Finding]:
        """Take note of every entry of a file; an id that is declared already is a problem."""
        findings: list[Finding] = []
        for kind, at, typed in entries(source):
            if not isinstance(typed, dict) or not _is_id(typed.get("id")):
                self.unusual.add(source.file)
                continue  # the check says what is wrong with it
            address = address_of((kind.plural, at))
            id_ = typed["id"]
            if earlier := self.known[kind].get(id_):
                self.unusual.add(source.file)
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
        kinds = {kind.value: kind for kind in RecordType}
        for at, typed in enumerate(_list(listed)):
            kind = kinds.get(str(typed.get("type"))) if isinstance(typed, dict) else None
            if kind is None or not _is_id(typed.get("id")):
                continue  # the check says what is wrong with it
            if typed["id"] in self.withdrawn[kind]:
                address = address_of(("withdrawn", at, "id"))
                yield Finding(source.file, address, f'"{typed["id"]}" is withdrawn already')
            self.withdrawn[kind][typed["id"]] = typed

    def close(self) -> None:
        """Work out who points to whom, once all files are in."""
        for commitment in self.known[RecordType.COMMITMENT].values():
            self._date_commitment(commitment)
        by_name = sorted(self.all(), key=lambda entry: (entry.type, entry.sort_title, entry.id))
        in_order = _in_order(by_name, lambda entry: entry.date, descending=True)
        for entry in in_order:
            if entry.type is RecordType.COMMITMENT:
                for agreement in entry.agreements:
                    self.commitments_of[agreement].append(entry)
            if entry.type is RecordType.QUOTE:
                for agreement in entry.agreements:
                    self.quotes_of[agreement].append(entry)
            for document in entry.cites:
                self.cited_in[document].append(entry)
        self._newest_first = in_order
        self._gather_summits(in_order)

    def place(self, before: Callable[[RecordType], Placed] = lambda _: ()) -> None:
        """Give every record its place in each order: the one it had before, where it can stay."""
        for entry in self._newest_first:
            for name in ORDERS[entry.type]:
                setattr(entry, name, 0)
        for kind, of_type in self.known.items():
            for id_, *places in before(kind):
                if known := of_type.get(id_):
                    for name, place in zip(ORDERS[kind], places, strict=True):
                        setattr(known, name, place)
        _place(self._newest_first, "ordinal")
        for kind, of_type in self.known.items():
            by_id = sorted(of_type.values(), key=lambda entry: entry.id)
            for name in ORDERS[kind][1:]:
                _place(_in_order(by_id, _VALUES[name], descending=name.endswith("_down")), name)

    def all(self) -> Iterator[Known]:
        """Every record."""
        for of_type in self.known.values():
            yield from of_type.values()

    def keeps(self, file: str, kind: RecordType, at: int, typed: Any) -> bool:
        """Whether an entry is that of a record that is kept."""
        id_ = typed.get("id") if isinstance(typed, dict) else None
        known = self.known[kind].get(id_) if isinstance(id_, str) else None
        return known is not None and known.kept and (known.file, known.at) == (file, at)

    def files_to_read(self) -> set[str]:
        """The files that hold anything but records that are kept."""
        return self.unusual | {known.file for known in self.all() if not known.kept}

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
        found: dict[str, bool] = {}
        layer, direct = [actor], True
        while layer:
            known = [self.known[RecordType.ACTOR].get(a) for a in layer]
            named = dict.fromkeys(p for k in known if k for p in k.acts_for)
            layer = [p for p in named if p not in found and p != actor]
            found.update(dict.fromkeys(layer, direct))
            direct = False
        return sorted(found.items())

    def _date_commitment(self, entry: Known) -> None:
        of: list[Known | None] = [
            self.known[RecordType.AGREEMENT].get(entry.agreements[0]) if entry.agreements else None,
            self.known[RecordType.SUMMIT].get(entry.summit or ""),
        ]
        entry.date = next((found.date for found in of if found and found.date), None)

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
    places = spaced([getattr(entry, name) for entry in ordered])
    for entry, place in zip(ordered, places, strict=True):
        setattr(entry, name, place)


_VALUES: dict[str, Callable[[Known], Any]] = {
    "date_up": lambda entry: entry.date,
    "title_up": lambda entry: entry.sort_title,
    "due_up": lambda entry: entry.due,
    "due_down": lambda entry: entry.due,
    "amount_up": lambda entry: entry.amount,
    "amount_down": lambda entry: entry.amount,
}


# What the day of a record is called, where it is not its date.
_DAYS = {RecordType.SUMMIT: "starts_on", RecordType.DOCUMENT: "published"}


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
        typed=digest_of(typed),
        date=_day(typed.get(_DAYS.get(kind, "date"))),
        due=_day(typed.get("due")),
        amount=amount if isinstance(amount, int | float) else None,
        summit=_id(typed.get("summit")),
        agreements=_ids(typed.get("agreements")) or _ids([typed.get("agreement")]),
        cites=tuple(dict.fromkeys(_ids(_inner(typed.get("evidence"), "document")))),
        names=tuple(dict.fromkeys(_ids([*named, speaker]))),
        speaks=_id(speaker.get("document")) if isinstance(speaker, dict) else None,
        acts_for=_ids(typed.get("acts_for")),
        wrote=_ids([typed.get("publisher"), typed.get("author")]),
        former=_ids(typed.get("former_ids")),
        url=_id(typed.get("url")),
        characters=characters if isinstance(characters, int) else None,
    )


def digest_of(value: Any) -> bytes:
    """A digest of a value of plain types: the same for no other one, whatever somebody typed."""
    # repr tells 1 from 1.0 and true, and takes what JSON has no words for: NaN, half a surrogate.
    return blake2b(repr(value).encode(), digest_size=16).digest()


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
