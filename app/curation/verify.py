"""The proof: each passage against the text of its document."""

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple, Self

from rapidfuzz import fuzz

from app.curation.catalogue import entries, listed, typed_passages
from app.curation.check import check
from app.curation.reading import Finding, Place, Source, address_of, as_typed, data_of, read
from app.curation.seals import Proof, Text, proof_beside, proof_of, seal_of, without_proofs
from app.nearest import did_you_mean
from app.records import MAX_PASSAGE
from app.text import counted
from app.vocabulary import RecordType

# What --fix fills in: a problem there is no reason to stop.
_COUNTED = re.compile(
    r"^documents\[\d+\]\.(sha256|characters)$|\.evidence\[\d+\](\.parts\[\d+\])?\.start$"
)
FIRST = (
    "nothing was compared with a text: mend these problems first; a file that refers to others is "
    "verified together with them"
)
_COUNTED_PLACES = 1_000
_SEARCHED = 1_000_000  # characters of a text
_WORD = 30  # characters


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
                texts[document] = data_of(file).decode("utf-8-sig")
            except UnicodeDecodeError:
                raise TextError(f"{file}: is not UTF-8 text") from None
            except ValueError as error:
                raise TextError(f"{file}: {error}") from None
        if not texts:
            raise TextError("nothing to prove against: give --text DOCUMENT=FILE")
        return texts

    _comparisons = 4_000_000_000
    """So many are left for the search of what was meant: some seconds, of the worst of texts."""

    def closest(self, document: str, passage: str) -> str:
        """Say which part of a text is most like a passage, or like the beginning of a long one."""
        whole, passage = self[document], passage[:MAX_PASSAGE]
        text = whole[:_SEARCHED]
        self._comparisons -= len(passage) * len(text)
        if self._comparisons < 0:
            return "what is like it was not looked for, as too much is missing"
        match = fuzz.partial_ratio_alignment(passage, text, score_cutoff=50)
        if match is None:
            there = "there" if text == whole else f"in its first {_SEARCHED:,} characters"
            return f"nothing {there} is like it"
        start, end = match.dest_start, match.dest_end
        # Whole words, so that the two can be compared at a glance.
        while 0 < start > match.dest_start - _WORD and not text[start - 1].isspace():
            start -= 1
        while len(text) > end < match.dest_end + _WORD and not text[end].isspace():
            end += 1
        return f"the closest is {_quoted(text[start:end])} at {start}"


class Report(NamedTuple):
    """The outcome of a comparison."""

    findings: list[Finding]
    notes: list[str]


def verify_files(files: Iterable[str], texts: Texts, *, fix: bool = False) -> Report:
    """Prove each passage of the files, and write the proof beside each; with `fix`, into it.

    A passage that is not in the text is never moved: what it should be is the curator's to say,
    and until then nothing is written for its file, and no proof.
    """
    files = without_proofs(files)
    findings = check(files, read=read)
    if fix:
        findings = [finding for finding in findings if not _COUNTED.search(finding.address)]
    if findings:
        return Report(findings, [FIRST])
    notes: list[str] = []
    declared: set[str] = set()
    tally: Counter[str] = Counter()
    comparisons: list[_Comparison] = []
    for file in files:
        comparison = _Comparison(read(file), texts, tally, fix=fix)
        comparisons.append(comparison)
        findings += comparison.findings
        declared.update(document["id"] for document in listed(comparison.source, "documents"))
        if comparison.findings and fix:
            notes.append(f"{file}: nothing filled in while something in it is not proved")
        elif comparison.filled:
            content = json.dumps(comparison.source.content, indent=2, ensure_ascii=False)
            _write(file, f"{content}\n")
            notes.append(f"{file}: {counted(comparison.filled, 'place')} filled in")
    if fix:
        findings += check(files, read=read)  # what could not be mended, as its text was not given
    for document in (id_ for id_ in texts if id_ not in declared):
        suggestion = did_you_mean(document, declared)
        unknown = f'"{document}" is not a document of these files{suggestion}'
        findings.append(Finding("--text", "", unknown))
    proved = tally.pop("", 0)
    notes.append(
        "1 passage stands in its text" if proved == 1 else f"{proved} passages stand in their texts"
    )
    notes += [
        f"{count} of {document} left as they were: its text was not given"
        for document, count in sorted(tally.items())
    ]
    if not findings:
        written = (comparison.write_proof() for comparison in comparisons)
        notes += [f"{name}: written" for name in written if name]
    return Report(findings, notes)


class _Comparison:
    """The passages of a file, which has passed the check, against the texts of their documents.

    Counts in `tally` what was proved (under no name) and what had no text (by document).
    """

    def __init__(self, source: Source, texts: Texts, tally: Counter[str], *, fix: bool) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self.filled = 0
        """How many places were filled in."""
        self._texts = texts
        self._tally = tally
        self._fix = fix
        self._before, _, self._digest = proof_beside(source.file)
        named = {document["id"] for document in listed(source, "documents")}
        named.update(document for _, document, _ in typed_passages(source))
        measured = {id_: _measured(id_, texts[id_]) for id_ in named & texts.keys()}
        before = {id_: text for id_, text in self._before.texts.items() if id_ in named}
        self._proof = Proof(before | measured, {})
        for kind, at, typed in entries(source):
            place = (kind.plural, at)
            if kind is RecordType.DOCUMENT:
                self._document(place, typed)
            if kind is RecordType.QUOTE:
                self._quote((*place, "text"), typed)
        for whole, document, parts in typed_passages(source):
            for part in parts:
                self._passage((*whole, "passage"), document, part)

    def write_proof(self) -> str | None:
        """Seal what was proved, and of texts not given what was before; gives the file, if new."""
        content = self._proof.written()
        # With --fix the bundle says it all; a proof that is there must go on saying the same.
        wanted = self._digest or (self._proof.texts and not self._fix)
        if not wanted or hashlib.sha256(content.encode()).digest() == self._digest:
            return None
        _write(proof_of(self.source.file), content)
        return proof_of(self.source.file)

    def _complain(self, place: Place, message: str) -> None:
        self.findings.append(Finding(self.source.file, address_of(place), message))

    def _document(self, place: Place, typed: dict[str, Any]) -> None:
        text = self._texts.get(typed["id"])
        if text is None:
            return
        for key in ("sha256", "characters"):
            value = getattr(self._proof.texts[typed["id"]], key)
            if typed.get(key) == value or (typed.get(key) is None and not self._fix):
                continue
            if self._fix:
                typed[key] = value
                self.filled += 1
            else:
                difference = f"is not that of the text, {as_typed(value)}"
                self._complain((*place, key), f"{difference}; readout verify --fix fills it in")

    def _passage(self, place: Place, document: str, proof: dict[str, Any]) -> None:
        passage, start = proof["passage"], proof.get("start")
        text = self._texts.get(document)
        if text is None:
            self._tally[document] += 1
            for seal in self._before.seals(document, proof):
                if seal in self._before.starts:
                    self._proof.starts[seal] = self._before.starts[seal]
            return
        places = _places(passage, text)
        if type(start) is int and start >= 0 and text.startswith(passage, start):
            self._proved(document, passage, start, once=len(places) == 1)
        elif not places:
            closest = self._texts.closest(document, passage)
            self._complain(place, f"{_quoted(passage)} is not in the text; {closest}")
        elif len(places) > 1:
            listed = ", ".join(map(str, places[:5]))
            times = len(places) if len(places) < _COUNTED_PLACES else f"at least {len(places):,}"
            given = "" if start is None else f", and not at {as_typed(start)}"
            advice = "give the start of the one that is meant, or a longer passage"
            stands = f"stands {times} times, at {listed}{given}; {advice}"
            self._complain(place, f"{_quoted(passage)} {stands}")
        elif start is None or self._fix:
            self._proved(document, passage, places[0], once=True)
            if self._fix:
                proof["start"] = places[0]
                self.filled += 1
        else:
            stands = f"stands at {places[0]}, not at {start}; readout verify --fix mends it"
            self._complain(place, f"{_quoted(passage)} {stands}")

    def _proved(self, document: str, passage: str, start: int, *, once: bool) -> None:
        self._tally[""] += 1
        seal = seal_of(self._proof.texts[document], passage, None if once else start)
        self._proof.starts[seal] = start

    def _quote(self, place: Place, typed: dict[str, Any]) -> None:
        """A quotation stands, to the character, in each text that is named to prove it."""
        for proof in typed.get("evidence", ()):
            text = self._texts.get(proof["document"])
            if "text" in proof["fields"] and text is not None and typed["text"] not in text:
                closest = self._texts.closest(proof["document"], typed["text"])
                self._complain(place, f"{_quoted(typed['text'])} is not in the text; {closest}")
                return


def _places(passage: str, text: str) -> list[int]:
    places: list[int] = []
    at = text.find(passage)
    while at >= 0 and len(places) < _COUNTED_PLACES:
        places.append(at)
        at = text.find(passage, at + 1)
    return places


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _measured(id_: str, text: str) -> Text:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Text(id=id_, sha256=digest, characters=len(text))


def _write(file: str, content: str) -> None:
    """Write a file anew, whole or not at all."""
    path = Path(file).resolve()
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("w", encoding="utf-8") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
