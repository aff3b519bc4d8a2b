"""The proof: each passage against the text of its document."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

from rapidfuzz import fuzz

from app.curation.catalogue import entries
from app.curation.check import check
from app.curation.reading import Finding, Source, address_of, read, shown
from app.nearest import did_you_mean
from app.vocabulary import RecordType

# What --fix fills in: a problem there is no reason to stop.
_COUNTED = re.compile(r"^documents\[\d+\]\.(sha256|characters)$|\.evidence\[\d+\]\.start$")


class TextError(Exception):
    """A `--text` that can't be used; its text says why."""


class Texts(dict[str, str]):
    """The texts of documents by the documents' ids."""

    @classmethod
    def read(cls, named: Iterable[str]) -> Self:
        """Read `DOCUMENT=FILE` pairs. Raises TextError."""
        texts = cls()
        for pair in named:
            document, equals, file = pair.partition("=")
            if not equals or not document or not file:
                raise TextError(f"{pair}: write DOCUMENT=FILE, as in communique=communique.txt")
            if document in texts:
                raise TextError(f"{document}: two texts are given; which one is it?")
            try:
                texts[document] = Path(file).read_bytes().decode("utf-8-sig")
            except OSError as error:
                raise TextError(f"{file}: can't be read: {error.strerror}") from None
            except UnicodeDecodeError:
                raise TextError(f"{file}: is not UTF-8 text") from None
        if not texts:
            raise TextError("nothing to prove against: give --text DOCUMENT=FILE")
        return texts


class Report(NamedTuple):
    """What was found out."""

    findings: list[Finding]
    notes: list[str]


def verify_files(files: Iterable[str], texts: Texts, *, fix: bool = False) -> Report:
    """Prove each passage of the files, and with `fix` fill in what a curator should not count.

    A passage that is not in the text is never moved: what it should be is the curator's to say,
    and until then nothing is written to its file.
    """
    files = list(dict.fromkeys(files))
    findings = check(files)
    if fix:
        findings = [found for found in findings if not _COUNTED.search(found.address)]
    if findings:
        return Report(findings, ["nothing was compared with a text: mend these problems first"])
    tally: Counter[str] = Counter()
    notes: list[str] = []
    for file in files:
        source = read(file)
        found, changes = _file(source, texts, tally, fix=fix)
        findings += found
        if found and fix:
            notes.append(f"{file}: nothing filled in while something in it is not proved")
        elif changes:
            _write(source)
            notes.append(f"{file}: {changes} place{'s'[: changes != 1]} filled in")
    if fix:
        findings += check(files)  # what could not be mended, as its text was not given
    findings += _not_declared(files, texts)
    proved = tally.pop("", 0)
    notes.append(
        "1 passage stands in its text" if proved == 1 else f"{proved} passages stand in their texts"
    )
    notes += [
        f"{count} of {document} not compared: its text was not given"
        for document, count in sorted(tally.items())
    ]
    return Report(findings, notes)


def _file(
    source: Source, texts: Texts, tally: Counter[str], *, fix: bool
) -> tuple[list[Finding], int]:
    """What is wrong in a file, and how many places of it were filled in.

    Counts in `tally` what was proved (under no name) and what had no text (by document).
    """
    findings: list[Finding] = []
    changes = 0
    for kind, at, typed in entries(source):
        place = address_of((kind.plural, at))
        if kind is RecordType.DOCUMENT and typed["id"] in texts:
            found, changed = _document(typed, texts[typed["id"]], fix=fix)
            findings += [Finding(source.file, f"{place}.{key}", what) for key, what in found]
            changes += changed
        for number, proof in enumerate(typed.get("evidence", ())):
            if proof["document"] not in texts:
                tally[proof["document"]] += 1
                continue
            what, changed = _passage(proof, texts[proof["document"]], fix=fix)
            changes += changed
            tally[""] += what is None
            if what:
                address = f"{place}.evidence[{number}].passage"
                findings.append(Finding(source.file, address, what))
        if kind is RecordType.QUOTE and (misquoted := _quote(typed, texts)):
            findings.append(Finding(source.file, f"{place}.text", misquoted))
    return findings, changes


def _not_declared(files: list[str], texts: Texts) -> Iterator[Finding]:
    declared = {
        typed["id"]
        for file in files
        for kind, _, typed in entries(read(file))
        if kind is RecordType.DOCUMENT
    }
    for document in texts:
        if document not in declared:
            suggestion = did_you_mean(document, declared)
            what = f'"{document}" is not a document of these files{suggestion}'
            yield Finding("--text", "", what)


def _document(typed: dict[str, Any], text: str, *, fix: bool) -> tuple[list[tuple[str, str]], int]:
    """Compare a document's digest and length with its text, or fill them in."""
    true = {
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
        "characters": len(text),
    }
    differing = [key for key in true if typed.get(key) != true[key]]
    if fix:
        typed.update({key: true[key] for key in differing})
        return [], len(differing)
    return [
        (key, f"is not that of the text, {shown(true[key])}; readout verify --fix fills it in")
        for key in differing
    ], 0


def _passage(proof: dict[str, Any], text: str, *, fix: bool) -> tuple[str | None, int]:
    """What is wrong with a passage, if anything, and how many places were filled in."""
    passage, start = proof["passage"], proof.get("start")
    if type(start) is int and start >= 0 and text.startswith(passage, start):
        return None, 0
    places = _places(passage, text)
    if not places:
        return f"{_quoted(passage)} is not in the text; {_closest(passage, text)}", 0
    if len(places) > 1:
        listed = ", ".join(map(str, places[:5]))
        given = "" if start is None else f", and not at {shown(start)}"
        return (
            f"{_quoted(passage)} stands {len(places)} times, at {listed}{given}; give the start "
            "of the one that is meant, or a longer passage",
            0,
        )
    if fix:
        proof["start"] = places[0]
        return None, 1
    if start is None:
        return None, 0
    return (
        f"{_quoted(passage)} stands at {places[0]}, not at {start}; readout verify --fix mends it",
        0,
    )


def _quote(typed: dict[str, Any], texts: Texts) -> str | None:
    """A quotation stands, to the character, in each text that is named to prove it."""
    for proof in typed.get("evidence", ()):
        text = texts.get(proof["document"])
        if "text" in proof["fields"] and text is not None and typed["text"] not in text:
            return f"{_quoted(typed['text'])} is not in the text; {_closest(typed['text'], text)}"
    return None


def _places(passage: str, text: str) -> list[int]:
    places = []
    at = text.find(passage)
    while at >= 0:
        places.append(at)
        at = text.find(passage, at + 1)
    return places


def _closest(passage: str, text: str) -> str:
    """The part of the text that is most like a passage."""
    found = fuzz.partial_ratio_alignment(passage, text, score_cutoff=50)
    if found is None:
        return "nothing there is like it"
    start, end = found.dest_start, found.dest_end
    # Whole words, so that the two can be compared at a glance.
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return f"the closest is {_quoted(text[start:end])} at {start}"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _write(source: Source) -> None:
    """Write a file anew, whole or not at all."""
    path = Path(source.file).resolve()
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            json.dump(source.content, stream, indent=2, ensure_ascii=False)
            stream.write("\n")
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
