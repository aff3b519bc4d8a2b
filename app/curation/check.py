"""The check: every problem of a data set at once, each with its address."""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from app.curation.bundle import ENTRIES, SPEAKERS, Bundle, Entry, Withdrawn
from app.curation.catalogue import Catalogue, entries
from app.curation.reading import Finding, Source, address_of, read, shown
from app.curation.rules import Complaint, Suggest, a_record, complaints
from app.fields import MAX_ID, MAX_NUMBER
from app.nearest import did_you_mean, nearest
from app.text import fold
from app.vocabulary import RecordType

# A file with more problems than this is not a bundle with mistakes, it is something else.
MAX_FINDINGS = 1_000

# Among 100,000 ids the nearest one takes a tenth of a second to find.
MAX_SUGGESTED_IDS = 20

_ADAPTERS = {kind: TypeAdapter(entry) for kind, entry in ENTRIES.items()}
_WITHDRAWN = TypeAdapter(Withdrawn)
Listed = RecordType | Literal["withdrawn"]

# Where a complaint comes from comparing two keys: the other one.
_COMPARED = {
    "acts_for": "kind",
    "characters": "sha256",
    "evidence": "kind",
    "office": "kind",
    "relation": "summit",
}


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
        findings += (finding for finding, _ in examine(source, catalogue) if finding)
    return findings


def survey(
    files: Iterable[str], seen: Callable[[Source], object] = lambda _: None
) -> tuple[Catalogue, list[Finding]]:
    """A first reading of all files: what there is, what can't be read, what is there twice."""
    catalogue = Catalogue()
    findings: list[Finding] = []
    for file in files:
        source = read(file)
        of_file = [*source.findings, *catalogue.add(source)]
        findings += of_file[:MAX_FINDINGS]
        if len(of_file) > MAX_FINDINGS:
            findings.append(_more(source))
        seen(source)
    catalogue.close()
    return catalogue, findings


def examine(
    source: Source, catalogue: Catalogue
) -> Iterator[tuple[Finding | None, tuple[RecordType, Entry] | None]]:
    """Go through a file: each problem, and each entry that has none."""
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
) -> Iterator[tuple[Finding | None, tuple[RecordType, Entry] | None]]:
    for address, message in _outside_entries(source.content):
        yield Finding(source.file, address, message), None
    suggest = _suggest(catalogue)
    for kind, at, typed in entries(source):
        lost: set[str] = set()
        entry: Entry | None = None
        try:
            entry = _ADAPTERS[kind].validate_python(typed)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                address, message = _shape_complaint(kind, at, detail)
                yield Finding(source.file, address, message), None
                lost |= _lost(kind, detail)
            entry = _without(kind, typed, lost)
        sound = not lost
        for address, message in complaints(kind, entry, catalogue, suggest) if entry else ():
            if not (lost and entry and lost & _about(address, entry)):
                sound = False
                place = f"{address_of((kind.plural, at))}.{address}"
                yield Finding(source.file, place, message), None
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
                yield _shape_complaint("withdrawn", at, detail)
            continue
        if record := catalogue.known[entry.type].get(entry.id):
            address = address_of(("withdrawn", at, "id"))
            yield address, f'"{entry.id}" is declared at {record.place}; leave it out here or there'
        if entry.replaced_by:
            kind, id_ = replacement(entry.type, entry.replaced_by)
            # It may have been withdrawn or renamed itself since.
            later = {*catalogue.withdrawn[kind], *catalogue.former[kind]}
            if id_ not in catalogue.known[kind] and id_ not in later:
                address = address_of(("withdrawn", at, "replaced_by"))
                yield address, f'"{id_}" is not {a_record(kind)}{suggest(id_, kind)}'


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


def _without(kind: RecordType, typed: Any, lost: set[str]) -> Entry | None:
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


def _shape_complaint(kind: Listed, at: int, detail: ErrorDetails) -> Complaint:
    """A library's error in our words, with what to type instead."""
    path = tuple(step for step in detail["loc"] if step not in SPEAKERS)
    listed = "withdrawn" if kind == "withdrawn" else kind.plural
    return address_of((listed, at, *path)), _wrong_shape(kind, path, detail)


def _wrong_shape(  # noqa: C901 - a table of cases
    kind: Listed, path: tuple[int | str, ...], detail: ErrorDetails
) -> str:
    value, context = detail["input"], detail.get("ctx", {})
    key = str(path[-1]) if path else ""
    match detail["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            options = _keys_at(kind, path[:-1])
            return f"is not a key here{did_you_mean(key, options)}"
        case "enum":
            options = list(_schema_at(kind, path).get("enum", ()))
            listed = ", ".join(options)
            return f"{shown(value)} is not one of {listed}{did_you_mean(str(value), options)}"
        case "blank" | "string_too_short":
            return f"is blank{_if_not_known(kind, path)}"
        case "string_type" | "string_sub_type":
            return f"is not text: {shown(value)}"
        case "string_unicode":
            return "holds half of a surrogate pair; write the character itself"
        case "string_pattern_mismatch" if str(context.get("pattern", "")).startswith("^[0-9a-f]"):
            return f"{shown(value)} is not a SHA-256; readout verify --fix fills it in"
        case "string_pattern_mismatch" if key == "withdrawn_at":
            return f"{shown(value)} is not a time in UTC, as in 2025-02-07T18:00:00Z"
        case "string_pattern_mismatch":
            rule = "lower-case letters, digits and single hyphens"
            return f"{shown(value)} is not an id: {rule}{_as_id(value)}"
        case "string_too_long":
            advice = "; quote the shortest part that proves it" if key == "passage" else ""
            limit = context["max_length"]
            return f"has {len(value)} characters, the limit is {limit}{advice}"
        case "list_type":
            return f"is not a list: {shown(value)}"
        case "too_short":
            return "is empty; name at least one"
        case "model_type" | "model_attributes_type":
            return f"is not an object: {shown(value)}"
        case "value_error":
            return f"{shown(value)} {context['error']}"
    if detail["type"].startswith(("float", "int", "finite", "greater", "less")):
        whole = " whole" if detail["type"].startswith("int") else ""
        return f"{shown(value)} is not a{whole} number from 0 to {MAX_NUMBER}"
    return f"{shown(value)}: {detail['msg']}"


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


def _about(address: str, entry: Entry) -> set[str]:
    """The keys that a complaint at an address is about."""
    key = re.split(r"[.\[]", address, maxsplit=1)[0]
    if named := re.fullmatch(r"evidence\[(\d+)\]\.fields\[(\d+)\]", address):
        return {key, entry.evidence[int(named[1])].fields[int(named[2])]}
    if address.endswith(".passage"):
        return {key, "text"}
    return {key, _COMPARED.get(address, key)}
