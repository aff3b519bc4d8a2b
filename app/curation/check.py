"""The check: every problem of a data set at once, each with its address."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from app.curation.bundle import ENTRIES, Addition, BundledTopic, Defaults, Entry, Part, Withdrawn
from app.curation.catalogue import Catalogue
from app.curation.claims import unsaid
from app.curation.reading import Finding, Place, Source, address_of, as_typed, read
from app.curation.rules import (
    Complaint,
    Rules,
    Suggest,
    added,
    complaints,
    topic_complaints,
    withdrawn_complaints,
)
from app.curation.seals import bundles, read_proven
from app.curation.shape import keys_at, misshapen, schema_at
from app.curation.typed import entries, identified, list_in
from app.nearest import did_you_mean, nearest
from app.settings import STARTER
from app.vocabulary import RecordType

# A file with more problems than this is not a bundle with mistakes, it is something else.
MAX_FINDINGS = 1_000

# Among 100,000 ids the nearest one takes a tenth of a second to find.
MAX_SUGGESTED_IDS = 20

# Where an id that is missing may be declared.
MAX_FILES_BESIDE = 100
MAX_BESIDE = 4 * 1024 * 1024  # bytes

# Where a complaint comes from comparing two keys: the other one.
_COMPARED = {
    "members": "kind",
    "characters": "sha256",
    "evidence": "kind",
    "offices": "kind",
    "relation": "summit",
}


class Survey(NamedTuple):
    """The first reading of all files."""

    catalogue: Catalogue
    findings: list[Finding]
    """Files that can't be read, and ids that are declared twice."""
    digests: dict[str, bytes]
    """Of each file, to see whether it changes before it is read again."""


class Sound(NamedTuple):
    """An entry without a problem."""

    kind: RecordType
    entry: Entry


Read = Callable[[str], Source]
Done = Callable[[int], object]


def check(
    files: Iterable[str], warnings: list[Finding] | None = None, read: Read = read_proven
) -> list[Finding]:
    """Every problem of the files taken together; none means that they can be loaded.

    Adds to `warnings`, where it is given, what they claim and no passage says, and how many
    passages are not compared any more.
    """
    catalogue, findings, digests = survey(files, read=read)
    for file, digest in digests.items():
        source = read(file)
        if source.digest != digest:
            # A pipe, for one, can be read only once; what comes after it is nothing.
            findings.append(Finding(file, "", "changed while it was being checked; check again"))
        for _ in examine(source, catalogue, findings, warnings):
            pass
    return findings


def survey(files: Iterable[str], done: Done = lambda _: None, read: Read = read_proven) -> Survey:
    """Read all files, each once, and say after each how many are done."""
    survey = Survey(Catalogue(), [], {})
    for file in bundles(files):
        source = read(file)
        findings = [*source.findings, *survey.catalogue.add(source)]
        survey.findings.extend(findings[:MAX_FINDINGS])
        if len(findings) > MAX_FINDINGS:
            survey.findings.append(_more(source))
        survey.digests[file] = source.digest
        done(len(survey.digests))
    survey.catalogue.close()
    return survey


def examine(
    source: Source,
    catalogue: Catalogue,
    findings: list[Finding],
    warnings: list[Finding] | None = None,
) -> Iterator[Sound]:
    """Yield the sound entries of a file, and add its problems to `findings`.

    Its warnings come to `warnings`, where that is given.
    """
    most = len(findings) + MAX_FINDINGS
    if warnings is not None:
        warnings.extend(source.warnings[:MAX_FINDINGS])
    most_warnings = len(warnings or ()) + MAX_FINDINGS
    for judgement in _judgements(source, catalogue):
        if isinstance(judgement, Sound):
            if warnings is not None and len(warnings) <= most_warnings:
                warnings.extend(_warnings(source, judgement, catalogue))
                if len(warnings) > most_warnings:
                    warnings[most_warnings:] = [_more(source, "warnings")]
            yield judgement
        elif len(findings) == most:
            findings.append(_more(source))
            return
        else:
            place, message = judgement
            finding = Finding(source.file, source.address(place), message)
            # What a default says wrong is wrong in each entry that it filled in.
            if not source.filled or finding not in findings:
                findings.append(finding)


def _warnings(source: Source, sound: Sound, catalogue: Catalogue) -> Iterator[Finding]:
    """What an entry claims and no passage says."""
    kind, entry = sound
    whole = (kind.plural, catalogue.cards[kind][entry.id].at)
    for place, claim in unsaid(kind, entry, catalogue):
        said = f'{as_typed(claim)} stands in no passage for it; prove it, or say why in "inferred"'
        yield Finding(source.file, address_of((*whole, *place)), said)


def _more(source: Source, sort: str = "problems") -> Finding:
    return Finding(
        source.file, "", f"has more than {MAX_FINDINGS:,} {sort}; the rest is not listed"
    )


def _judgements(source: Source, catalogue: Catalogue) -> Iterator[Complaint | Sound]:
    yield from _around_entries(source)
    yield from _other_texts(source, catalogue)
    suggest = _suggest(source, catalogue)
    for kind, at, typed in entries(source):
        if catalogue.declares(source, kind, at, typed):
            yield from _judge(kind, at, typed, catalogue, suggest)
    for key, (part, rules) in _OTHERS.items():
        for at, typed in enumerate(list_in(source.content, key)):
            made = yield from _shaped(part, (key, at), typed)
            for place, message in rules(made, typed, catalogue, suggest):
                yield (key, at, *place), message


def _suggest(source: Source, catalogue: Catalogue) -> Suggest:
    """What may be meant by the id of no record, and the file that has it."""
    left = iter(range(MAX_SUGGESTED_IDS))
    files = cache(lambda: _files_near(source.file))

    @cache
    def suggest(id_: str, kind: RecordType) -> str:
        if next(left, None) is None:
            return ""
        unread = catalogue.unread
        if not unread and (file := _elsewhere(id_, kind, files(), catalogue)):
            return f"; {file} has it, and is not among these files"
        starters = catalogue.in_starters() if kind is RecordType.ACTOR else {}
        cards = catalogue.cards[kind]
        for match in nearest(id_, dict.fromkeys([*cards, *starters]), most=1):
            file = cards[match].file if match in cards else starters[match]
            beside = "" if file == source.file else f" ({file})"
            return f'; did you mean "{match}"{beside}?'
        return f"; {unread[0]}, which can't be read, may have it" if unread else ""

    return suggest


def _files_near(file: str) -> list[Path]:
    """The first files in its folder and in the one above, and the starter."""
    folder = Path(file).parent
    near = [path for place in (folder, folder.parent) for path in sorted(place.glob("*.json"))]
    return [*near[:MAX_FILES_BESIDE], STARTER]


def _elsewhere(id_: str, kind: RecordType, files: list[Path], catalogue: Catalogue) -> str:
    """The one of these files that has an id and is not taken together with the others."""
    for path in files:
        with suppress(OSError):
            about, other = path.stat(), str(path)
            may_have = other not in catalogue.files and about.st_size < MAX_BESIDE
            if may_have and (kind, id_) in _ids_in(other, about.st_mtime):
                return other
    return ""


@lru_cache(MAX_FILES_BESIDE + 1)  # and the starter
def _ids_in(file: str, _: float) -> set[tuple[RecordType, str]]:
    """The types and ids in a file; the time of its last change tells it apart."""
    source = read(file)
    return {
        (kind, str(typed["id"]))
        for kind in RecordType
        for _, typed in identified(source, kind.plural)
    }


def _around_entries(source: Source) -> Iterator[Complaint]:
    """The problems of a file around its entries."""
    content = source.content
    if not isinstance(content, dict):
        yield (), 'is not a bundle; write an object, {"summits": […], "actors": […], …}'
        return
    keys = keys_at(())
    for key, value in content.items():
        if key not in keys:
            yield (key,), f"is not a key of a bundle{did_you_mean(key, keys)}"
        elif key == "$schema":
            if value is not None and not isinstance(value, str):
                yield (key,), f"is not text: {as_typed(value)}"
        elif key == "starter":
            if not isinstance(value, bool):
                yield (key,), f"is not true or false: {as_typed(value)}"
        elif key == "defaults":
            yield from _shaped(Defaults, (key,), {} if value is None else value)
        elif not isinstance(value, list):
            yield (key,), f"is not a list: {as_typed(value)}"
        elif value and source.is_starter and key != RecordType.ACTOR.plural:
            yield (key,), "is in a starter, which has actors alone; write it into another file"


def _other_texts(source: Source, catalogue: Catalogue) -> Iterator[Complaint]:
    """The documents of which the proof beside the file has another text than their entry."""
    for id_, *text in source.texts:
        card = catalogue.cards[RecordType.DOCUMENT].get(id_)
        if card and card.sha256 and [card.sha256, card.characters] != text:
            why = f"was proved against another text of {id_} than that at {card.place}"
            yield (), f"{why}; prove both against the same: readout verify"


def _judge(
    kind: RecordType, at: int, typed: Any, catalogue: Catalogue, suggest: Suggest
) -> Iterator[Complaint | Sound]:
    """An entry: its problems, or itself where it has none."""
    whole = (kind.plural, at)
    lost: set[str] = set()
    entry: Entry | None
    try:
        entry = ENTRIES[kind].model_validate(typed)
    except ValidationError as error:
        yield from misshapen(whole, error)
        lost = _lost(whole, error)
        entry = _without(kind, typed, lost)
    if entry is None:
        return
    sound = not lost
    for place, message in complaints(kind, typed, entry, catalogue, suggest):
        if not lost & _keys_of(place, entry):
            sound = False
            yield (*whole, *place), message
    grown = catalogue.grown(kind, typed) if sound else typed
    if grown is not typed:
        try:
            entry = ENTRIES[kind].model_validate(grown)
        except ValidationError:
            sound = False  # what is wrong with the addition is said where it stands
    if sound:
        yield Sound(kind, entry)


def _lost(whole: Place, error: ValidationError) -> set[str]:
    """The keys of an entry that nothing more can be said about: the wrong ones and those meant."""
    lost: set[str] = set()
    for detail in error.errors(include_url=False):
        key = str(next(iter(detail["loc"]), ""))
        lost.add(key)
        if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
            lost.update(nearest(key, keys_at(whole), most=1))
    return lost


def _without(kind: RecordType, typed: Any, lost: set[str]) -> Entry | None:
    """The entry without some keys, so that the rest can be judged too."""
    if not isinstance(typed, dict):
        return None
    rest = {key: value for key, value in typed.items() if key not in lost}
    for key in lost.intersection(schema_at((kind.plural, 0)).get("required", ())):
        # A value of the right shape; nothing that is said about it is reported.
        schema = schema_at((kind.plural, 0, key))
        is_list = schema.get("type") == "array"
        rest[key] = [] if is_list else next(iter(schema.get("enum", ["unknown"])))
    try:
        return ENTRIES[kind].model_validate(rest)
    except ValidationError:
        return None


def _keys_of(place: Place, entry: Entry) -> set[str]:
    """The keys that a complaint about a place of an entry compares."""
    match place:
        case ("evidence", int(at), "fields", int(number)):
            return {"evidence", entry.evidence[at].fields[number]}
        case ("evidence", _, "passage"):
            return {"evidence", "text"}
        case (str(key),):
            return {key, _COMPARED.get(key, key)}
    return {str(place[0])}


def _shaped(part: type[Part], whole: Place, typed: Any) -> Generator[Complaint, None, Any]:
    """What is typed at a place as a part of a bundle, or its problems and None."""
    try:
        return part.model_validate(typed)
    except ValidationError as error:
        yield from misshapen(whole, error)
    return None


_OTHERS: dict[str, tuple[type[Part], Rules]] = {
    "topics": (BundledTopic, topic_complaints),
    "additions": (Addition, added),
    "withdrawn": (Withdrawn, withdrawn_complaints),
}
"""What else a file lists: its shape, and the rules for each of it."""
