"""The check: every problem of a data set at once, each with its address."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.curation.bundle import (
    SPEAKERS,
    AnyEntry,
    Bundle,
    BundledActor,
    BundledAgreement,
    BundledCommitment,
    BundledDocument,
    BundledQuote,
    BundledSummit,
    Withdrawn,
)
from app.curation.catalogue import Catalogue, entries
from app.curation.reading import Finding, Source, address_of, read, shown
from app.dates import first_day, last_day
from app.nearest import did_you_mean, nearest
from app.records import MAX_ID, MAX_NUMBER
from app.text import fold
from app.vocabulary import ActorKind, AgreementStatus, CommitmentStatus, RecordType, Relation, Term

# A file with more problems than this is not a bundle with mistakes, it is something else.
MAX_FINDINGS = 1_000

# Among 100,000 ids the nearest one takes a tenth of a second to find.
MAX_SUGGESTED_IDS = 20

ENTRIES: dict[RecordType, type[AnyEntry]] = {
    RecordType.SUMMIT: BundledSummit,
    RecordType.ACTOR: BundledActor,
    RecordType.AGREEMENT: BundledAgreement,
    RecordType.COMMITMENT: BundledCommitment,
    RecordType.QUOTE: BundledQuote,
    RecordType.DOCUMENT: BundledDocument,
}
_ADAPTERS = {kind: TypeAdapter[AnyEntry](entry) for kind, entry in ENTRIES.items()}
_WITHDRAWN = TypeAdapter(Withdrawn)
Listed = RecordType | Literal["withdrawn"]

# What must be proved wherever it is known. Kinds, topics and languages are how we sort things.
PROVED: dict[RecordType, tuple[str, ...]] = {
    RecordType.SUMMIT: (
        "title", "starts_on", "ends_on", "place", "country", "participants", "summary",
    ),
    RecordType.ACTOR: ("title", "office", "acts_for", "summary"),
    RecordType.AGREEMENT: ("title", "status", "date", "relation", "parties", "summary"),
    RecordType.COMMITMENT: (
        "title", "status", "by", "to", "amount", "currency", "quantity", "unit", "due",
        "relation", "summary",
    ),
    RecordType.QUOTE: ("text", "speaker", "office", "date", "mentions", "summary"),
    RecordType.DOCUMENT: (),
}  # fmt: skip

# What to type where a fact can't be proved, and its key can't be left out either.
_INSTEAD = {
    "status": ', or write "not_stated"',
    "relation": ', or write "context"',
    "by": ", or write []",
}

# Where a complaint comes from comparing two keys: the other one.
_COMPARED = {
    "acts_for": "kind",
    "characters": "sha256",
    "evidence": "kind",
    "office": "kind",
    "relation": "summit",
}

Complaint = tuple[str, str]  # an address inside the record, and what is wrong there
Suggest = Callable[[str, RecordType], str]  # the nearest id of a type, as the end of a sentence


def check(files: Iterable[str]) -> list[Finding]:
    """Every problem of the files taken together; none means that they can be loaded."""
    digests: dict[str, bytes] = {}
    catalogue, findings = survey(
        dict.fromkeys(files), lambda source: digests.update({source.file: source.digest})
    )
    for file, digest in digests.items():
        source = read(file)
        if source.digest != digest:
            # A pipe, for one, can be read only once; what comes after it is nothing.
            findings.append(Finding(file, "", "changed while it was being checked; check again"))
        findings += (found for found, _ in examine(source, catalogue) if found)
    return findings


def survey(
    files: Iterable[str], seen: Callable[[Source], object] = lambda _: None
) -> tuple[Catalogue, list[Finding]]:
    """A first reading of all files: what there is, what can't be read, what is there twice."""
    catalogue = Catalogue()
    findings: list[Finding] = []
    for file in files:
        source = read(file)
        found = [*source.findings, *catalogue.add(source)]
        findings += found if len(found) <= MAX_FINDINGS else [*found[:MAX_FINDINGS], _more(source)]
        outside = any(_outside_entries(source.content)) or source.content.get("withdrawn")
        if outside or source.findings:
            catalogue.unusual.add(file)
        seen(source)
    catalogue.close()
    return catalogue, findings


def examine(
    source: Source, catalogue: Catalogue
) -> Iterator[tuple[Finding | None, tuple[RecordType, AnyEntry] | None]]:
    """Go through a file: each problem, and each entry that has none; but not what is kept."""
    count = 0
    for finding, entry in _examine(source, catalogue):
        count += finding is not None
        if count > MAX_FINDINGS:
            yield _more(source), None
            return
        yield finding, entry


def _more(source: Source) -> Finding:
    return Finding(
        source.file, "", f"has more than {MAX_FINDINGS:,} problems; the rest is not listed"
    )


def _examine(
    source: Source, catalogue: Catalogue
) -> Iterator[tuple[Finding | None, tuple[RecordType, AnyEntry] | None]]:
    for address, message in _outside_entries(source.content):
        yield Finding(source.file, address, message), None
    suggest = _suggest(catalogue)
    for kind, at, typed in entries(source):
        if catalogue.keeps(source.file, kind, at, typed):
            continue
        lost: set[str] = set()
        entry: AnyEntry | None = None
        try:
            entry = _ADAPTERS[kind].validate_python(typed)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path, message = _shape_complaint(kind, detail)
                address = address_of((kind.plural, at, *path))
                yield Finding(source.file, address, message), None
                lost |= _lost(kind, detail)
            entry = _without(kind, typed, lost)
        sound = not lost
        for address, message in _complaints(kind, entry, catalogue, suggest, lost) if entry else ():
            sound = False
            yield Finding(source.file, f"{address_of((kind.plural, at))}.{address}", message), None
        if entry and sound:
            yield None, (kind, entry)
    for address, message in _withdrawn(source.content, catalogue, suggest):
        yield Finding(source.file, address, message), None


def _withdrawn(content: Any, catalogue: Catalogue, suggest: Suggest) -> Iterator[Complaint]:
    """What is wrong with the withdrawals of a file."""
    listed = content.get("withdrawn") if isinstance(content, dict) else None
    for at, typed in enumerate(listed if isinstance(listed, list) else ()):
        try:
            entry = _WITHDRAWN.validate_python(typed)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                path, message = _shape_complaint("withdrawn", detail)
                yield address_of(("withdrawn", at, *path)), message
            continue
        if known := catalogue.known[entry.type].get(entry.id):
            yield (
                address_of(("withdrawn", at, "id")),
                f'"{entry.id}" is declared at {known.place}; leave it out here or there',
            )
        if entry.replaced_by:
            kind, id_ = replacement(entry.type, entry.replaced_by)
            # It may have been withdrawn or renamed itself since.
            later = {*catalogue.withdrawn[kind], *catalogue.former[kind]}
            if id_ not in catalogue.known[kind] and id_ not in later:
                address = address_of(("withdrawn", at, "replaced_by"))
                yield address, f'"{id_}" is not {_a(kind)}{suggest(id_, kind)}'


def replacement(kind: RecordType, named: str) -> tuple[RecordType, str]:
    """The record that takes the place of one of a type: `solar-park`, or `commitments/…`."""
    plural, _, id_ = named.rpartition("/")
    return next((other for other in RecordType if other.plural == plural), kind), id_


def _suggest(catalogue: Catalogue) -> Suggest:
    left = iter(range(MAX_SUGGESTED_IDS))

    def suggest(id_: str, kind: RecordType) -> str:
        return "" if next(left, None) is None else did_you_mean(id_, catalogue.known[kind])

    return suggest


def _lost(kind: RecordType, detail: ErrorDetails) -> set[str]:
    """The keys of an entry that nothing more can be said about: the wrong one and the one meant."""
    key = str(next(iter(detail["loc"]), ""))
    mistyped = detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1
    return {key, *nearest(key, _keys_at(kind, ()), most=1)} if mistyped else {key}


def _without(kind: RecordType, typed: Any, lost: set[str]) -> AnyEntry | None:
    """The entry without some keys, so that the rest can be judged too."""
    if not isinstance(typed, dict):
        return None
    required = lost.intersection(_schema_at(kind, ()).get("required", ()))
    rest = {key: value for key, value in typed.items() if key not in lost}
    try:
        return _ADAPTERS[kind].validate_python(
            rest | {key: _anything(kind, key) for key in required}
        )
    except ValidationError:
        return None


def _anything(kind: RecordType, key: str) -> Any:
    """A value of the right shape; nothing that is said about it is reported."""
    schema = _schema_at(kind, (key,))
    return [] if schema.get("type") == "array" else next(iter(schema.get("enum", ["unknown"])))


def _outside_entries(content: Any) -> Iterator[Complaint]:
    """What is wrong with the file around its entries."""
    if not isinstance(content, dict):
        yield "", 'is not a bundle; write an object, {"summits": […], "actors": […], …}'
        return
    keys = [field.alias or name for name, field in Bundle.model_fields.items()]
    for key, value in content.items():
        if key not in keys:
            yield address_of((key,)), f"is not a key of a bundle{did_you_mean(key, keys)}"
        elif key == "$schema":
            if value is not None and not isinstance(value, str):
                yield key, f"is not text: {shown(value)}"
        elif not isinstance(value, list):
            yield key, f"is not a list: {shown(value)}"


def _shape_complaint(  # noqa: C901 - a table of cases
    kind: Listed, detail: ErrorDetails
) -> tuple[tuple[int | str, ...], str]:
    """A library's error in our words, with what to type instead."""
    path = tuple(step for step in detail["loc"] if step not in SPEAKERS)
    value, context = detail["input"], detail.get("ctx", {})
    key = str(path[-1]) if path else ""
    match detail["type"]:
        case "missing":
            return path, "is missing"
        case "extra_forbidden":
            options = _keys_at(kind, path[:-1])
            return path, f"is not a key here{did_you_mean(key, options)}"
        case "enum":
            options = _terms(kind, path)
            listed = ", ".join(options)
            return path, f"{shown(value)} is not one of {listed}{did_you_mean(str(value), options)}"
        case "blank" | "string_too_short":
            return path, f"is blank{_if_not_known(kind, path)}"
        case "string_type" | "string_sub_type":
            return path, f"is not text: {shown(value)}"
        case "string_unicode":
            return path, "holds half of a surrogate pair; write the character itself"
        case "string_pattern_mismatch" if str(context.get("pattern", "")).startswith("^[0-9a-f]"):
            return path, f"{shown(value)} is not a SHA-256; readout verify --fix fills it in"
        case "string_pattern_mismatch" if key == "withdrawn_at":
            return path, f"{shown(value)} is not a time in UTC, as in 2025-02-07T18:00:00Z"
        case "string_pattern_mismatch":
            return path, (
                f"{shown(value)} is not an id: lower-case letters, digits and single hyphens"
                f"{_as_id(value)}"
            )
        case "string_too_long":
            return path, _too_long(key, len(value), int(context["max_length"]))
        case "list_type":
            return path, f"is not a list: {shown(value)}"
        case "too_short":
            return path, "is empty; name at least one"
        case "model_type" | "model_attributes_type":
            return path, f"is not an object: {shown(value)}"
        case "value_error":
            return path, f"{shown(value)} {context['error']}"
    if detail["type"].startswith(("float", "int", "finite", "greater", "less")):
        whole = " whole" if detail["type"].startswith("int") else ""
        return path, f"{shown(value)} is not a{whole} number from 0 to {MAX_NUMBER}"
    return path, f"{shown(value)}: {detail['msg']}"


def _if_not_known(kind: Listed, path: tuple[int | str, ...]) -> str:
    if isinstance(path[-1], int):
        return "; leave it out"
    if path[-1] in _schema_at(kind, path[:-1]).get("required", ()):
        return ", but needed here"
    return "; leave the key out if it is not known"


def _as_id(name: str) -> str:
    """`Tallinn 2026` gives `tallinn-2026`."""
    letters = re.sub(r"[.']", "", fold(name[: 2 * MAX_ID]))
    id_ = re.sub(r"[^a-z0-9]+", "-", letters)[:MAX_ID].strip("-")
    return f'; did you mean "{id_}"?' if id_ else ""


def _too_long(key: str, length: int, limit: int) -> str:
    advice = "; quote the shortest part that proves it" if key == "passage" else ""
    return f"has {length} characters, the limit is {limit}{advice}"


def _schema_at(kind: Listed, path: tuple[int | str, ...]) -> dict[str, Any]:
    """The JSON Schema of what may stand at a place of an entry."""
    whole = _SCHEMAS[kind]

    def resolved(schema: dict[str, Any]) -> dict[str, Any]:
        for option in schema.get("anyOf", schema.get("oneOf", ())):
            if option.get("type") not in {"null", "string"}:
                return resolved(option)
        if "$ref" in schema:
            return resolved(whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]])
        return schema

    here = resolved(whole)
    for step in path:
        inner = here.get("items") if isinstance(step, int) else here.get("properties", {}).get(step)
        here = resolved(inner or {})
    return here


_SCHEMAS: dict[Listed, dict[str, Any]] = {
    **{kind: adapter.json_schema() for kind, adapter in _ADAPTERS.items()},
    "withdrawn": _WITHDRAWN.json_schema(),
}


def _keys_at(kind: Listed, path: tuple[int | str, ...]) -> list[str]:
    return list(_schema_at(kind, path).get("properties", ()))


def _terms(kind: Listed, path: tuple[int | str, ...]) -> list[str]:
    return list(_schema_at(kind, path).get("enum", ()))


def _complaints(
    kind: RecordType, entry: AnyEntry, catalogue: Catalogue, suggest: Suggest, lost: set[str]
) -> Iterator[Complaint]:
    """What is wrong with an entry of the right shape, but for what hangs on its lost keys."""
    for address, message in _all_complaints(kind, entry, catalogue, suggest):
        if not (lost and lost & _about(address, entry)):
            yield address, message


def _about(address: str, entry: AnyEntry) -> set[str]:
    """The keys that a complaint at an address is about."""
    key = re.split(r"[.\[]", address, maxsplit=1)[0]
    if named := re.fullmatch(r"evidence\[(\d+)\]\.fields\[(\d+)\]", address):
        return {key, entry.evidence[int(named[1])].fields[int(named[2])]}
    if address.endswith(".passage"):
        return {key, "text"}
    return {key, _COMPARED.get(address, key)}


def _all_complaints(
    kind: RecordType, entry: AnyEntry, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint]:
    yield from _dangling(entry, catalogue, suggest)
    yield from _unproved(kind, entry)
    yield from _beyond(entry, catalogue)
    yield from _repeated("topics", [topic.value for topic in entry.topics])
    for at, former in enumerate(entry.former_ids):
        if other := catalogue.known[kind].get(former):
            yield f"former_ids[{at}]", f'"{former}" is an id still, at {other.place}'
        if former in catalogue.withdrawn[kind]:
            yield f"former_ids[{at}]", f'"{former}" is withdrawn too; leave it out there'
    match entry:
        case BundledSummit():
            yield from _summit(entry)
        case BundledActor():
            yield from _actor(entry)
        case BundledAgreement():
            yield from _repeated("parties", [party.actor for party in entry.parties], ".actor")
            if not entry.parties:
                yield "parties", "is empty; name at least one"
            yield from _relation(entry)
        case BundledCommitment():
            yield from _commitment(entry, catalogue)
        case BundledQuote():
            yield from _repeated("mentions", entry.mentions)
            yield from _repeated("agreements", entry.agreements)
            yield from _misquoted(entry)
        case BundledDocument():
            if (entry.sha256 is None) != (entry.characters is None):
                yield "characters", "stands with sha256 or not at all; run readout verify --fix"


def _references(  # noqa: C901 - a table of cases
    entry: AnyEntry,
) -> Iterator[tuple[str, RecordType, str | None]]:
    """Every id that an entry names, where, and of what type it must be."""
    for at, proof in enumerate(entry.evidence):
        yield f"evidence[{at}].document", RecordType.DOCUMENT, proof.document
    match entry:
        case BundledSummit():
            for at, participant in enumerate(entry.participants):
                yield f"participants[{at}].actor", RecordType.ACTOR, participant.actor
        case BundledActor():
            for at, actor in enumerate(entry.acts_for):
                yield f"acts_for[{at}]", RecordType.ACTOR, actor
        case BundledAgreement():
            yield "summit", RecordType.SUMMIT, entry.summit
            for at, party in enumerate(entry.parties):
                yield f"parties[{at}].actor", RecordType.ACTOR, party.actor
        case BundledCommitment():
            yield "summit", RecordType.SUMMIT, entry.summit
            yield "agreement", RecordType.AGREEMENT, entry.agreement
            for field, actors in (("by", entry.by), ("to", entry.to)):
                for at, actor in enumerate(actors):
                    yield f"{field}[{at}]", RecordType.ACTOR, actor
        case BundledQuote():
            yield "summit", RecordType.SUMMIT, entry.summit
            if isinstance(entry.speaker, str):
                yield "speaker", RecordType.ACTOR, entry.speaker
            else:
                yield "speaker.document", RecordType.DOCUMENT, entry.speaker.document
            for at, actor in enumerate(entry.mentions):
                yield f"mentions[{at}]", RecordType.ACTOR, actor
            for at, agreement in enumerate(entry.agreements):
                yield f"agreements[{at}]", RecordType.AGREEMENT, agreement
        case BundledDocument():
            yield "publisher", RecordType.ACTOR, entry.publisher
            yield "author", RecordType.ACTOR, entry.author


def _dangling(entry: AnyEntry, catalogue: Catalogue, suggest: Suggest) -> Iterator[Complaint]:
    for address, kind, id_ in _references(entry):
        if id_ is None or id_ in catalogue.known[kind]:
            continue
        yield address, f'"{id_}" is not {_a(kind)}{suggest(id_, kind)}'


def _a(kind: RecordType) -> str:
    return f"an {kind.value}" if kind.value.startswith("a") else f"a {kind.value}"


def _unproved(kind: RecordType, entry: AnyEntry) -> Iterator[Complaint]:
    """Facts without evidence. A citation proves itself: so may documents and their publishers."""
    fields = _provable(kind)
    for at, proof in enumerate(entry.evidence):
        for place, field in enumerate(proof.fields):
            address = f"evidence[{at}].fields[{place}]"
            if field not in fields:
                yield (
                    address,
                    f"{shown(field)} is not a field of {_a(kind)}{did_you_mean(field, fields)}",
                )
            elif not _value(entry, field):
                yield (
                    address,
                    f"{shown(field)} is proved here, but the {kind.value} does not give it",
                )
    cited = isinstance(entry, BundledDocument) or (
        isinstance(entry, BundledActor) and entry.kind is ActorKind.PUBLISHER
    )
    if not entry.evidence:
        if not cited:
            yield "evidence", "is missing; quote the passage that proves it"
        return
    proved = {field for proof in entry.evidence for field in proof.fields}
    for field in PROVED[kind]:
        if field not in proved and _value(entry, field) and not _claims_nothing(entry, field):
            yield field, f'is not proved; name it in the "fields" of a passage{_or(kind, field)}'


def _or(kind: RecordType, field: str) -> str:
    """What to type where a fact can't be proved."""
    required = field in _schema_at(kind, ()).get("required", ())
    return _INSTEAD.get(field, "" if required else ", or leave it out")


def _value(entry: AnyEntry, field: str) -> bool:
    """Whether an entry says something there (zero is something, `not_stated` is not)."""
    value = getattr(entry, field)
    not_stated = {AgreementStatus.NOT_STATED, CommitmentStatus.NOT_STATED}
    return (
        value is not None and value != [] and not (isinstance(value, Term) and value in not_stated)
    )


def _claims_nothing(entry: AnyEntry, field: str) -> bool:
    """Beside the meeting is where everything stands that is not shown to be its outcome."""
    return getattr(entry, field) is Relation.CONTEXT


def _provable(kind: RecordType) -> list[str]:
    apart = {"id", "former_ids", "evidence", "topics", "sha256", "characters"}
    return [name for name in ENTRIES[kind].model_fields if name not in apart]


def _misquoted(entry: BundledQuote) -> Iterator[Complaint]:
    """A passage that proves the words holds them, or is a part of them where they are long."""
    for at, proof in enumerate(entry.evidence):
        if "text" in proof.fields and not (
            entry.text in proof.passage or proof.passage in entry.text
        ):
            yield f"evidence[{at}].passage", "does not hold the text of the quote, to the character"


def _beyond(entry: AnyEntry, catalogue: Catalogue) -> Iterator[Complaint]:
    for at, proof in enumerate(entry.evidence):
        document = catalogue.known[RecordType.DOCUMENT].get(proof.document)
        if document and document.characters is not None and proof.start is not None:
            end = proof.start + len(proof.passage)
            if end > document.characters:
                yield (
                    f"evidence[{at}].start",
                    f"puts the passage at {proof.start} to {end} of a text of "
                    f"{document.characters} characters; readout verify --fix mends it",
                )


def _repeated(field: str, ids: list[str], suffix: str = "") -> Iterator[Complaint]:
    seen: set[str] = set()
    for at, id_ in enumerate(ids):
        if id_ in seen:
            yield f"{field}[{at}]{suffix}", f'"{id_}" is named twice'
        seen.add(id_)


def _relation(entry: BundledAgreement | BundledCommitment) -> Iterator[Complaint]:
    if entry.relation is not None and entry.summit is None:
        yield "relation", "is a relation to no summit; name the summit, or leave it out"
    if entry.relation is None and entry.summit is not None:
        yield "relation", "is missing: an outcome of the summit, or context beside it?"


def _summit(entry: BundledSummit) -> Iterator[Complaint]:
    yield from _repeated("participants", [p.actor for p in entry.participants], ".actor")
    if not entry.participants:
        yield "participants", "is empty; name at least one"
    if entry.ends_on and not entry.starts_on:
        yield "starts_on", "is missing, though ends_on is given"
    elif entry.ends_on and entry.starts_on and last_day(entry.ends_on) < first_day(entry.starts_on):
        yield "ends_on", f'"{entry.ends_on}" is before starts_on, "{entry.starts_on}"'


def _actor(entry: BundledActor) -> Iterator[Complaint]:
    yield from _repeated("acts_for", entry.acts_for)
    if entry.id in entry.acts_for:
        yield f"acts_for[{entry.acts_for.index(entry.id)}]", "an actor does not act for itself"
    if entry.office and entry.kind is not ActorKind.PERSON:
        yield "office", "is held by a person; this actor is not one"
    elif entry.office and not entry.acts_for:
        yield "acts_for", f'is missing: for whom is the office "{entry.office}" held?'
    if entry.title in entry.aliases:
        yield f"aliases[{entry.aliases.index(entry.title)}]", "is the title; leave it out"


def _commitment(entry: BundledCommitment, catalogue: Catalogue) -> Iterator[Complaint]:
    yield from _repeated("by", entry.by)
    yield from _repeated("to", entry.to)
    if entry.amount is not None and entry.currency is None:
        yield "currency", f"is missing: {entry.amount:,.16g} of what?"
    if entry.currency is not None and entry.amount is None:
        yield "amount", "is missing, though a currency is given"
    if entry.quantity is not None and entry.unit is None:
        yield "unit", f"is missing: {entry.quantity:,.16g} of what?"
    if entry.unit is not None and entry.quantity is None:
        yield "quantity", "is missing, though a unit is given"
    yield from _relation(entry)
    agreement = catalogue.known[RecordType.AGREEMENT].get(entry.agreement or "")
    if agreement and agreement.summit != entry.summit:
        yield (
            "summit",
            (
                f'is not the one of its agreement "{agreement.id}", which is "{agreement.summit}"'
                if agreement.summit
                else "is given, but its agreement has none"
            ),
        )
