"""The proof: each passage against the text of its document."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple, Self

from rapidfuzz import fuzz

from app.curation.check import check
from app.curation.matching import MOST_PLACES, SourceText, Stretch, marked_difference
from app.curation.reading import Finding, Place, Source, address_of, as_typed, data_of, read
from app.curation.seals import Proof, Seal, Text, bundles, proof_beside, proof_of, seal_of
from app.curation.typed import entries, objects_in, typed_passages
from app.curation.writing import with_values, write_whole
from app.nearest import did_you_mean
from app.records import MAX_PASSAGE
from app.text import clean, counted
from app.vocabulary import RecordType

# What --fix fills in: a problem there is no reason to stop.
_COUNTED = re.compile(
    r"^documents\[\d+\]\.(sha256|characters)$|\.evidence\[\d+\](\.parts\[\d+\])?\.start$"
)
FIRST = (
    "nothing was compared with a text: mend these problems first; a file that refers to others is "
    "verified together with them"
)
_SEARCHED = 1_000_000  # characters of a text
_WORD = 30  # characters
_AROUND = 40  # characters


class TextError(Exception):
    """A `--text` that can't be used; its text says why."""


class Texts(dict[str, SourceText]):
    """The texts of documents by the documents' ids."""

    def __init__(self, **texts: str) -> None:
        super().__init__({id_: SourceText(text) for id_, text in texts.items()})

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
                texts[document] = SourceText(text_of(file))
            except ValueError as error:
                raise TextError(f"{file}: {error}") from None
        if not texts:
            raise TextError("nothing to prove against: give --text DOCUMENT=FILE")
        return texts

    _comparisons = 4_000_000_000
    """So many are left for the search of what was meant: some seconds, of the worst of texts."""

    def closest(self, document: str, passage: str) -> str:
        """Say which part of a text is most like a passage, or like the beginning of a long one."""
        whole, passage = self[document].text, passage[:MAX_PASSAGE]
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
        marked = marked_difference(passage, text[start:end])
        return f"the closest is {marked or _quoted(text[start:end])} at {start}"


def text_of(file: str) -> str:
    """The text of a file, with every end of a line as one character. Raises ValueError."""
    try:
        text = data_of(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8 text") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


class Report(NamedTuple):
    """The outcome of a comparison."""

    findings: list[Finding]
    notes: list[str]


def verify_files(files: Iterable[str], texts: Texts, *, fix: bool = False) -> Report:
    """Prove each passage of the files, and write the proof beside each; with `fix`, into it.

    A passage that is not in the text is never moved: what it should be is the curator's to say,
    and until then nothing is written for its file, and no proof.
    """
    files = bundles(files)
    findings = check(files, read=read)
    if fix:
        findings = [finding for finding in findings if not _COUNTED.search(finding.address)]
    broken = {finding.file for finding in findings}
    notes = [f"{file}: not compared; mend its problems first" for file in files if file in broken]
    sound = [file for file in files if file not in broken]
    if findings and not sound:
        return Report(findings, [FIRST])
    declared: set[str] = set()
    tally: Counter[str] = Counter()
    comparisons: list[_Comparison] = []
    for file in sound:
        comparison = _Comparison(read(file), texts, tally, fix=fix)
        comparisons.append(comparison)
        findings += comparison.findings
        declared |= comparison.documents
        if comparison.findings and fix:
            notes.append(f"{file}: nothing filled in while something in it is not proved")
        elif comparison.values:
            write_whole(file, with_values(data_of(file).decode(), comparison.values))
            notes.append(f"{file}: {counted(len(comparison.values), 'place')} filled in")
    if fix:
        # What could not be mended, as its text was not given.
        findings += [one for one in check(files, read=read) if one not in findings]
    for document in (id_ for id_ in texts if id_ not in declared and not broken):
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
    if all(finding.file in broken for finding in findings):
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
        self.values: dict[Place, Any] = {}
        """What is to be filled in, and where."""
        self._texts = texts
        self._tally = tally
        self._fix = fix
        self._before, _, self._digest = proof_beside(source.file)
        self.documents = {typed["id"] for _, typed in objects_in(source.content, "documents")}
        named = self.documents.union(document for _, document, _ in typed_passages(source))
        measured = {id_: _measured(id_, texts[id_].text) for id_ in named & texts.keys()}
        before = {id_: text for id_, text in self._before.texts.items() if id_ in named}
        self._proof = Proof(before | measured, {})
        for kind, at, typed in entries(source):
            place = (kind.plural, at)
            if kind is RecordType.DOCUMENT:
                self._document(place, typed)
            if kind is RecordType.QUOTE:
                self._quote((*place, "text"), typed)
        for whole, document, parts in typed_passages(source):
            for at, part in enumerate(parts):
                stands: Place = whole if "document" in part else (*whole, "parts", at)
                self._passage(stands, document, part)

    def write_proof(self) -> str | None:
        """Seal what was proved, and of texts not given what was before; gives the file, if new."""
        content = self._proof.written()
        # With --fix the bundle says it all; a proof that is there must go on saying the same.
        wanted = self._digest or (self._proof.texts and not self._fix)
        if not wanted or hashlib.sha256(content.encode()).digest() == self._digest:
            return None
        write_whole(proof_of(self.source.file), content)
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
                self.values[*place, key] = value
            else:
                difference = f"is not that of the text, {as_typed(value)}"
                self._complain((*place, key), f"{difference}; readout verify --fix fills it in")

    def _passage(self, place: Place, document: str, proof: dict[str, Any]) -> None:
        start, near, text = proof.get("start"), proof.get("near"), self._texts.get(document)
        if text is None:
            self._tally[document] += 1
            for seal in self._before.seals(document, proof):
                if seal in self._before.stands:
                    self._proof.stands[seal] = self._before.stands[seal]
            return
        places = text.places(proof["passage"])
        chosen = [one for one in places if type(start) is int and one.start == start]
        if near is not None and not chosen:
            chosen = text.near(places, near)
        if len(chosen or places) != 1:
            self._complain((*place, "passage"), self._unclear(document, proof, places, chosen))
            return
        [stand] = chosen or places
        if start is not None and start != stand.start and not self._fix:
            stands = f"stands at {stand.start}, not at {start}; readout verify --fix mends it"
            self._complain((*place, "passage"), f"{_quoted(proof['passage'])} {stands}")
            return
        by = None if len(places) == 1 else start if type(start) is int else near
        self._proved(place, document, proof, stand, by)

    def _proved(
        self, place: Place, document: str, proof: dict[str, Any], stand: Stretch, by: Any
    ) -> None:
        """Seal a passage that stands at a place, which `by` decided where there are several."""
        exact = self._texts[document].text[stand.start : stand.end]
        if bad := clean(exact):
            holds = f"stands where the text has {bad}; readout text makes one without it"
            self._complain((*place, "passage"), f"{_quoted(proof['passage'])} {holds}")
            return
        self._tally[""] += 1
        other = exact if exact != proof["passage"] else None
        if self._fix:
            if other:
                self.values[*place, "passage"] = exact
            if proof.get("start") != stand.start or type(proof["start"]) is not int:
                self.values[*place, "start"] = stand.start
        seal = seal_of(self._proof.texts[document], proof["passage"], by)
        self._proof.stands[seal] = Seal.of(seal, stand.start, other)

    def _unclear(
        self, document: str, proof: dict[str, Any], places: list[Stretch], chosen: list[Stretch]
    ) -> str:
        """Why it can't be said where a passage stands."""
        passage, text = _quoted(proof["passage"]), self._texts[document]
        if not places:
            closest = self._texts.closest(document, proof["passage"])
            return f"{passage} is not in the text; {closest}"
        near, start = proof.get("near"), proof.get("start")
        stated = [f"not at {as_typed(start)}"] * (start is not None)
        if near is not None:
            where = f"in paragraph {near}" if isinstance(near, int) else f"after {as_typed(near)}"
            stated.append(f"{len(chosen) or 'none'} of them {where}")
        times = len(places) if len(places) < MOST_PLACES else f"at least {len(places):,}"
        around = "; ".join(self._around(text, one) for one in (chosen or places)[:5])
        advice = 'say which with "near" (a paragraph, or words before it), or quote more words'
        beside = f", and {', '.join(stated)}" if stated else ""
        return f"{passage} stands {times} times{beside}: {around}; {advice}"

    @staticmethod
    def _around(text: SourceText, place: Stretch) -> str:
        """A place with some words around it, as `at 19 in paragraph 1 (…the U.S. agreed. We…)`."""
        whole, start, end = text.text, place.start - _AROUND, place.end + _AROUND
        # Words that are cut are left out.
        first = whole.find(" ", start, place.start) + 1 or place.start if start > 0 else 0
        last = max(whole.rfind(" ", place.end, end), place.end) if end < len(whole) else len(whole)
        words = " ".join(whole[first:last].split())
        return f"at {place.start} in paragraph {text.paragraph_at(place.start)} (…{words}…)"

    def _quote(self, place: Place, typed: dict[str, Any]) -> None:
        """A quotation stands in each text that is named to prove it."""
        for proof in typed.get("evidence", ()):
            text = self._texts.get(proof["document"])
            if "text" not in proof["fields"] or text is None:
                continue
            stands = text.places(typed["text"])
            if not stands:
                closest = self._texts.closest(proof["document"], typed["text"])
                self._complain(place, f"{_quoted(typed['text'])} is not in the text; {closest}")
                return
            exact = text.text[stands[0].start : stands[0].end]
            if exact != typed["text"]:
                seal = seal_of(self._proof.texts[proof["document"]], typed["text"], None)
                self._proof.stands[seal] = Seal.of(seal, stands[0].start, exact)
                if self._fix:
                    self.values[place] = exact


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _measured(id_: str, text: str) -> Text:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Text(id=id_, sha256=digest, characters=len(text))
