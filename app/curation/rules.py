"""The rules: what an entry of the right shape must hold, each complaint with its place."""

from collections.abc import Callable, Iterator
from typing import Any

from app.curation.bundle import ENTRIES, Entry, typed_fields
from app.curation.catalogue import Catalogue, references
from app.curation.reading import Place, as_typed
from app.dates import first_day, last_day
from app.fields import MEASURED, NOT_EMPTY, PROVEN, fields_of
from app.nearest import did_you_mean
from app.resources import SHAPES
from app.vocabulary import ActorKind, RecordType, Relation, Term

# What must be proved wherever it is known. Kinds, topics and languages are how we sort things.
PROVED: dict[RecordType, tuple[str, ...]] = {
    kind: tuple(
        field.name for field in fields_of(shape) if PROVEN in field and not shape.proves_itself
    )
    for kind, shape in SHAPES.items()
}

# What to type where a fact can't be proved, and its key can't be left out either.
_INSTEAD = {
    "status": ', or write "not_stated"',
    "relation": ', or write "context"',
    "by": ", or write []",
}

Complaint = tuple[Place, str]  # in the entry, and what is wrong there
Suggest = Callable[[str, RecordType], str]  # the nearest id of a type, as the end of a sentence


def complaints(
    kind: RecordType, typed: Any, entry: Entry, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint]:
    """The problems of an entry of the right shape, and of the ids that are typed in it."""
    for place, meant, id_ in references(kind, typed):
        if id_ not in catalogue.cards[meant]:
            yield place, f'"{id_}" is not {a_record(meant)}{suggest(id_, meant)}'
    yield from _unproved(kind, entry)
    yield from _beyond(entry, catalogue)
    yield from _repeated("topics", [topic.value for topic in entry.topics])
    for at, former in enumerate(entry.former_ids):
        if other := catalogue.cards[kind].get(former):
            yield ("former_ids", at), f'"{former}" is an id still, at {other.place}'
        if former in catalogue.withdrawn[kind]:
            yield ("former_ids", at), f'"{former}" is withdrawn too; leave it out there'
    for field in typed_fields(kind):
        values = getattr(entry, field.name)
        if field.many and field.to:
            yield from _repeated(field.name, values)
        if any(part.name == "role" for part in field.parts):
            yield from _repeated(field.name, [part.actor for part in values], "actor")
        if NOT_EMPTY in field and not values:
            yield (field.name,), "is empty; name at least one"
    yield from _offices(kind, entry, catalogue)
    yield from _RULES[kind](entry, catalogue)


def a_record(kind: RecordType) -> str:
    """A type as a noun: `an actor`."""
    return f"an {kind.value}" if kind.value.startswith("a") else f"a {kind.value}"


def _unproved(kind: RecordType, entry: Entry) -> Iterator[Complaint]:
    """Facts without evidence. A citation proves itself: so may documents and their publishers."""
    fields = [field.name for field in typed_fields(kind) if MEASURED not in field]
    for at, proof in enumerate(entry.evidence):
        for number, field in enumerate(proof.fields):
            place = ("evidence", at, "fields", number)
            if field not in fields:
                hint = did_you_mean(field, fields)
                yield place, f"{as_typed(field)} is not a field of {a_record(kind)}{hint}"
            elif not _value(entry, field):
                without = f"is proved here, but the {kind.value} does not give it"
                yield place, f"{as_typed(field)} {without}"
    if not entry.evidence:
        if not (SHAPES[kind].proves_itself or getattr(entry, "kind", "") is ActorKind.PUBLISHER):
            yield ("evidence",), "is missing; quote the passage that proves it"
        return
    proved = {field for proof in entry.evidence for field in proof.fields}
    for field in PROVED[kind]:
        # Beside the meeting is where everything stands that is not shown to be its outcome.
        claims_nothing = getattr(entry, field) is Relation.CONTEXT
        if field not in proved and _value(entry, field) and not claims_nothing:
            optional = not ENTRIES[kind].model_fields[field].is_required()
            instead = _INSTEAD.get(field, ", or leave it out" if optional else "")
            yield (field,), f'is not proved; name it in the "fields" of a passage{instead}'


def _value(entry: Entry, field: str) -> bool:
    """Whether an entry says something there (zero is something, `not_stated` is not)."""
    value = getattr(entry, field)
    nothing = isinstance(value, Term) and value.value == "not_stated"
    return value is not None and value != [] and not nothing


def _quote(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    """A passage that proves the words holds them, or is a part of them where they are long."""
    for at, proof in enumerate(entry.evidence):
        if "text" in proof.fields and not (
            entry.text in proof.passage or proof.passage in entry.text
        ):
            holds = "does not hold the text of the quote, to the character"
            yield ("evidence", at, "passage"), holds


def _beyond(entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    """Passages that end after the last character of their document."""
    for at, proof in enumerate(entry.evidence):
        document = catalogue.cards[RecordType.DOCUMENT].get(proof.document)
        if document and document.characters is not None and proof.start is not None:
            end = proof.start + len(proof.passage)
            if end > document.characters:
                yield (
                    ("evidence", at, "start"),
                    f"puts the passage at {proof.start} to {end} of a text of "
                    f"{document.characters} characters; readout verify --fix mends it",
                )


def _repeated(field: str, ids: list[str], *inner: str) -> Iterator[Complaint]:
    seen: set[str] = set()
    for at, id_ in enumerate(ids):
        if id_ in seen:
            yield (field, at, *inner), f'"{id_}" is named twice'
        seen.add(id_)


def _relation(entry: Entry, _: Catalogue) -> Iterator[Complaint]:
    if entry.relation is not None and entry.summit is None:
        yield ("relation",), "is a relation to no summit; name the summit, or leave it out"
    if entry.relation is None and entry.summit is not None:
        yield ("relation",), "is missing: an outcome of the summit, or context beside it?"


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


def _offices(kind: RecordType, entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    """Offices in which somebody acted that are known to have been held on other days."""
    card = catalogue.cards[kind].get(entry.id)
    days = card and catalogue.days_of(card)
    for place, actor, title in _in_office(entry):
        held = [tie for tie in catalogue.ties.offices[actor] if tie.title == title]
        if days and held and not any(tie.touches(days) for tie in held):
            when = " to ".join(filter(None, (held[-1].since, held[-1].until)))
            yield (
                place,
                f'"{title}" is held by "{actor}" on other days, {when}, not on {days.first}',
            )


def _in_office(entry: Entry) -> Iterator[tuple[Place, str, str]]:
    for name in ("participants", "parties"):
        for at, part in enumerate(getattr(entry, name, ())):
            if part.office:
                yield (name, at, "office"), part.actor, part.office
    if isinstance(getattr(entry, "speaker", None), str) and entry.office:
        yield ("office",), entry.speaker, entry.office


def _commitment(entry: Entry, catalogue: Catalogue) -> Iterator[Complaint]:
    for number, unit in (("amount", "currency"), ("quantity", "unit")):
        value, of = getattr(entry, number), getattr(entry, unit)
        if value is not None and of is None:
            yield (unit,), f"is missing: {value:,.16g} of what?"
        if of is not None and value is None:
            yield (number,), f"is missing, though a {unit} is given"
    yield from _relation(entry, catalogue)
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
