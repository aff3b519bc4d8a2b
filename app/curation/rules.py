"""The rules: what an entry of the right shape must hold, each complaint with its place."""

from collections.abc import Callable, Iterator
from typing import Any

from app.curation.bundle import (
    ENTRIES,
    GROWING,
    PROVED,
    Addition,
    BundledPassage,
    Entry,
    typed_fields,
)
from app.curation.catalogue import Catalogue
from app.curation.reading import Place, as_typed
from app.curation.typed import references
from app.dates import first_day, last_day
from app.fields import MEASURED
from app.nearest import did_you_mean
from app.resources import SHAPES
from app.resources.topics import with_broader
from app.vocabulary import KINDS, PLURALS, ActorKind, Bound, RecordType, Term

# What to type where a fact can't be proved, and its key can't be left out either.
_INSTEAD = {"status": ', or write "not_stated"', "by": ", or write []"}

Complaint = tuple[Place, str]  # in the entry, and what is wrong there
Suggest = Callable[[str, RecordType], str]  # the nearest id of a type, as the end of a sentence
Rules = Callable[[Any, Any, Catalogue, Suggest], Iterator[Complaint]]
"""The problems of a part of a bundle in its shape (None where it has another one), as typed."""


def complaints(
    kind: RecordType, typed: Any, entry: Entry, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint]:
    """The problems of an entry of the right shape, and of the ids that are typed in it."""
    yield from dangling(kind, typed, catalogue, suggest)
    yield from _unproved(kind, entry, names_only=catalogue.is_of_a_starter(kind, entry.id))
    yield from _passages(entry, catalogue)
    for name in entry.inferred:
        if name not in ENTRIES[kind].model_fields:
            hint = did_you_mean(name, ENTRIES[kind].model_fields)
            yield ("inferred", name), f"is not a field of {kind.noun}{hint}"
    yield from _topics(entry, catalogue)
    for at, former in enumerate(entry.former_ids):
        if other := catalogue.cards[kind].get(former):
            yield ("former_ids", at), f'"{former}" is an id still, at {other.place}'
        if former in catalogue.withdrawn[kind]:
            yield ("former_ids", at), f'"{former}" is withdrawn too; leave it out there'
    for field in typed_fields(kind):
        values = getattr(entry, field.name)
        if field.many and field.to:
            yield from _repeated(field.name, values)
        if {"actor", "role"} <= {part.name for part in field.parts}:
            yield from _repeated(field.name, [part.actor for part in values], "actor")
    yield from _offices(kind, entry, catalogue)
    if kind in _PARTS_OF:
        yield from _whole(kind, entry, catalogue)
    yield from _RULES[kind](entry, catalogue)


def dangling(
    kind: RecordType, typed: Any, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint]:
    """The ids that are named and that no record has."""
    for place, meant, id_ in references(kind, typed):
        if id_ not in catalogue.cards[meant]:
            yield place, f'"{id_}" is not {meant.noun}{suggest(id_, meant)}'


def _topics(entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    """The topics of an entry that there are not, or that are named twice."""
    yield from _repeated("topics", entry.topics)
    for at, topic in enumerate(entry.topics):
        if topic not in catalogue.topics:
            yield ("topics", at), _no_topic(topic, catalogue)


def topic_complaints(topic: Any, _: Any, catalogue: Catalogue, __: Suggest) -> Iterator[Complaint]:
    """The problems of a topic: what it is a part of. None for one of the wrong shape."""
    if topic is None or topic.broader is None:
        return
    if topic.broader not in catalogue.topics:
        yield ("broader",), _no_topic(topic.broader, catalogue)
    elif topic.id in with_broader([topic.broader], catalogue.topics):
        yield ("broader",), f'"{topic.broader}" is "{topic.id}" itself, or a part of it'


def _no_topic(id_: str, catalogue: Catalogue) -> str:
    meant = did_you_mean(id_, catalogue.topics)
    return f'"{id_}" is not a topic{meant or "; declare it in the topics of a bundle"}'


def _misnamed_fields(kind: RecordType, entry: Any) -> Iterator[Complaint]:
    """Passages that prove what is no field of the type, or none that can be proved."""
    fields = [field.name for field in typed_fields(kind) if MEASURED not in field]
    for at, proof in enumerate(entry.evidence):
        for number, field in enumerate(proof.fields):
            if field not in fields:
                hint = did_you_mean(field, fields)
                place = ("evidence", at, "fields", number)
                yield place, f"{as_typed(field)} is not a field of {kind.noun}{hint}"


def _unproved(kind: RecordType, entry: Entry, *, names_only: bool) -> Iterator[Complaint]:
    """Facts without evidence. A citation proves itself: so may documents and their publishers.

    An actor of a starter needs none for its names and codes.
    """
    yield from _misnamed_fields(kind, entry)
    fields = {field.name for field in typed_fields(kind)}
    for at, proof in enumerate(entry.evidence):
        for number, field in enumerate(proof.fields):
            if field in fields and not _value(entry, field):
                without = f"is proved here, but the {kind.value} does not give it"
                yield ("evidence", at, "fields", number), f"{as_typed(field)} {without}"
    if not entry.evidence and not names_only:
        if not (SHAPES[kind].proves_itself or getattr(entry, "kind", "") is ActorKind.PUBLISHER):
            yield ("evidence",), "is missing; quote the passage that proves it"
        return
    proved = {field for proof in entry.evidence for field in proof.fields}
    for field in PROVED[kind]:
        if names_only and field == "title":
            continue
        by_events = field == "status" and getattr(entry, "events", [])
        if field not in proved and _value(entry, field) and not by_events:
            optional = not ENTRIES[kind].model_fields[field].is_required()
            instead = _INSTEAD.get(field, ", or leave it out" if optional else "")
            yield (field,), f'is not proved; name it in the "fields" of a passage{instead}'


def _value(entry: Entry, field: str) -> bool:
    """Whether an entry says something there (zero is something, `not_stated` is not)."""
    if field == "status" and getattr(entry, "events", []):
        return True  # the latest of them
    value = getattr(entry, field)
    nothing = isinstance(value, Term) and value.value == "not_stated"
    return value is not None and value != [] and not nothing


def _quote(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    """A passage that proves the words holds them, or is a part of them where they are long."""
    for at, proof in enumerate(entry.evidence):
        if "text" in proof.fields and not (entry.text in proof.exact or proof.exact in entry.text):
            holds = "does not hold the text of the quote, to the character"
            yield ("evidence", at, "passage"), holds


def passages(entry: Any) -> Iterator[tuple[Place, BundledPassage]]:
    """The passages of an entry or an addition, also those of its events, each with its place."""
    for at, proof in enumerate(entry.evidence):
        yield ("evidence", at), proof
    for name in GROWING[RecordType.COMMITMENT]:
        for at, item in enumerate(getattr(entry, name, ())):
            for number, proof in enumerate(item.evidence):
                yield (name, at, "evidence", number), proof


def _passages(entry: Any, catalogue: Catalogue) -> Iterator[Complaint]:
    """Passages without words, with words twice, or that end after the end of their document."""
    for place, proof in passages(entry):
        if bool(proof.passage) == bool(proof.parts):
            wrong = "stands beside its parts; leave one out" if proof.parts else "is missing"
            yield (*place, "passage"), wrong
        if proof.parts and proof.start is not None:
            yield (*place, "start"), "stands in each of the parts, and not here"
        document = catalogue.cards[RecordType.DOCUMENT].get(proof.document)
        length = document.characters if document else None
        start = proof.parts[0].start if proof.parts else proof.start
        if length is not None and proof.end is not None and proof.end > length:
            puts = f"puts the passage at {start} to {proof.end} of a text of {length} characters"
            yield (*place, "start"), f"{puts}; readout verify --fix mends it"


def added(addition: Any, typed: Any, catalogue: Catalogue, suggest: Suggest) -> Iterator[Complaint]:
    """The problems of an addition; of one of the wrong shape (None), the ids that no record has."""
    kind = KINDS.get(str(typed.get("type"))) if isinstance(typed, dict) else None
    if kind is None:
        return
    if addition and addition.id not in catalogue.cards[kind]:
        yield ("id",), f'"{addition.id}" is not {kind.noun}{suggest(addition.id, kind)}'
    yield from dangling(kind, typed, catalogue, suggest)
    if addition is None:
        return
    own = ("evidence", *GROWING.get(kind, ()))
    lists = [name for name in Addition.model_fields if getattr(addition, name) and name in typed]
    for name in lists:
        if name not in {"type", "id", *own}:
            yield (name,), f"{kind.noun} has none; it takes {' and '.join(own)}"
    if lists == ["type", "id"]:
        yield (), f"adds nothing; give {' or '.join(own)}"
    yield from _misnamed_fields(kind, addition)
    yield from _passages(addition, catalogue)


def withdrawn_complaints(
    entry: Any, _: Any, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint]:
    """The problems of a withdrawal; none for one of the wrong shape (None)."""
    if entry is None:
        return
    if card := catalogue.cards[entry.type].get(entry.id):
        yield ("id",), f'"{entry.id}" is declared at {card.place}; leave it out here or there'
    if entry.replaced_by:
        kind, id_ = replacement(entry.type, entry.replaced_by)
        # It may have been withdrawn or renamed itself since.
        later = {*catalogue.withdrawn[kind], *catalogue.former[kind]}
        if id_ not in catalogue.cards[kind] and id_ not in later:
            yield ("replaced_by",), f'"{id_}" is not {kind.noun}{suggest(id_, kind)}'


def replacement(kind: RecordType, named: str) -> tuple[RecordType, str]:
    """The record that takes the place of one of a type: `solar-park`, or `commitments/…`."""
    plural, _, id_ = named.rpartition("/")
    return PLURALS.get(plural, kind), id_


def _repeated(field: str, ids: list[str], *inner: str) -> Iterator[Complaint]:
    seen: set[str] = set()
    for at, id_ in enumerate(ids):
        if id_ in seen:
            yield (field, at, *inner), f'"{id_}" is named twice'
        seen.add(id_)


def _relation(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    if entry.relation is not None and entry.summit is None:
        yield ("relation",), "is a relation to no summit; name the summit, or leave it out"


def _summit(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    if entry.ends_on and not entry.starts_on:
        yield ("starts_on",), "is missing, though ends_on is given"
    elif entry.ends_on and entry.starts_on and last_day(entry.ends_on) < first_day(entry.starts_on):
        yield ("ends_on",), f'"{entry.ends_on}" is before starts_on, "{entry.starts_on}"'


def _actor(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    if entry.offices and entry.kind is not ActorKind.PERSON:
        yield ("offices",), "are held by a person; this actor is not one"
    if entry.members and entry.kind is ActorKind.PERSON:
        yield ("members",), "belong to a group; a person has none"
    for key, other in (("offices", "of"), ("members", "actor")):
        for at, tie in enumerate(getattr(entry, key)):
            if getattr(tie, other) == entry.id:
                yield (key, at, other), "is the actor itself"
            if tie.since and tie.until and last_day(tie.until) < first_day(tie.since):
                yield (key, at, "until"), f'"{tie.until}" is before since, "{tie.since}"'
    if entry.title in entry.aliases:
        yield ("aliases", entry.aliases.index(entry.title)), "is the title; leave it out"


_PARTS_OF = {RecordType.SUMMIT, RecordType.AGREEMENT, RecordType.COMMITMENT}


def _whole(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    """Parts that are their own whole, and records that say again what came after them."""
    cards = catalogue.cards[kind]
    way, card = [entry.id], cards.get(entry.part_of or "")
    while card and card.id not in way:
        way.append(card.id)
        card = cards.get(card.part_of or "")
    if card and card.id == entry.id:
        yield ("part_of",), f"leads in a circle: {' is part of '.join([*way, entry.id])}"
    own = cards.get(entry.id)
    for at, (other_kind, id_) in enumerate(own.reaffirms if own else ()):
        other = catalogue.cards[other_kind].get(id_)
        days, others = own and catalogue.days_of(own), other and catalogue.days_of(other)
        if other is own:
            yield ("reaffirms", at), "is the record itself"
        elif days and others and others.first > days.last:
            yield ("reaffirms", at), f'"{id_}" is of {others.first}, later than {days.last}'


def _offices(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    """Offices in which somebody acted that are known to have been held on other days."""
    card = catalogue.cards[kind].get(entry.id)
    days = card and catalogue.days_of(card)
    acting: list[tuple[Place, str, str]] = [
        ((name, at, "office"), part.actor, part.office)
        for name in ("participants", "parties")
        for at, part in enumerate(getattr(entry, name, ()))
    ]
    if isinstance(getattr(entry, "speaker", None), str):
        acting.append((("office",), entry.speaker, entry.office))
    for place, actor, title in acting:
        held = [tie for tie in catalogue.ties.offices[actor] if title and tie.title == title]
        if days and held and not any(tie.touches(days) for tie in held):
            when = " to ".join(filter(None, (held[-1].since, held[-1].until)))
            other = f"on other days, {when}, not on {days.first}"
            yield place, f'"{title}" is held by "{actor}" {other}'


def _measure(one: Any) -> Iterator[tuple[str, str]]:
    """What a figure says too little or too much of."""
    if not (one.unit or one.currency):
        yield "unit", f"is missing: {one.value:,.16g} of what? For money, give its currency"
    if one.unit and one.currency:
        yield "unit", "is given, and a currency too; a sum of money has none"
    if (one.upper is None) == (one.bound is Bound.BETWEEN):
        yield "upper", 'stands with "bound": "between", and only there'
    elif one.upper is not None and one.upper <= one.value:
        yield "upper", f"{one.upper:,.16g} is not above value, {one.value:,.16g}"


def _commitment(entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    if entry.status and entry.events:
        yield ("status",), "is said by the events; leave it out"
    for at, one in enumerate(entry.measures):
        yield from ((("measures", at, key), what) for key, what in _measure(one))
    yield from _relation(entry, catalogue)
    card = catalogue.cards[RecordType.COMMITMENT].get(entry.id)
    days = card and catalogue.days_of(card)
    if entry.due and days and last_day(entry.due) < days.first:
        yield ("due",), f'"{entry.due}" is before the day on which it was said, {days.first}'
    agreement = catalogue.cards[RecordType.AGREEMENT].get(entry.agreement or "")
    if agreement and not agreement.summit and entry.summit:
        yield ("summit",), "is given, but its agreement has none"
    elif agreement and agreement.summit != entry.summit:
        its_own = f'"{agreement.id}", which is "{agreement.summit}"'
        yield ("summit",), f"is not the one of its agreement {its_own}"


def _document(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    if (entry.sha256 is None) != (entry.characters is None):
        yield ("characters",), "stands with sha256 or not at all; run readout verify --fix"


_RULES: dict[RecordType, Callable[[Entry, Catalogue], Iterator[Complaint]]] = {
    RecordType.SUMMIT: _summit,
    RecordType.ACTOR: _actor,
    RecordType.AGREEMENT: _relation,
    RecordType.COMMITMENT: _commitment,
    RecordType.QUOTE: _quote,
    RecordType.DOCUMENT: _document,
}
