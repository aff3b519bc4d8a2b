"""The draft: what a text may hold for the record, each proposal with its passage and its rule.

The rules are data, in `draft.toml` beside this file. The same text gives the same proposals.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from app.countries import demonyms_of
from app.curation.amounts import due_dates, filled, measures
from app.curation.matching import SourceText, Stretch
from app.curation.reading import read
from app.curation.speakers import (
    DRAFT,
    PATTERNS,
    names_speaker,
    speaker_beside,
    spoken_at,
    words_of,
)
from app.curation.typed import list_in, objects_in
from app.records import MAX_PASSAGE
from app.text import slug_of
from app.vocabulary import Attribution

_MOST = 2  # proposals of a sentence
_LONGEST = 5_000  # characters of a sentence that are looked at
_item, _clause = PATTERNS["item"], PATTERNS["clause"]


class Rule(NamedTuple):
    """What a kind of sentence proposes."""

    name: str
    sentence: str
    example: str
    act: str
    pattern: re.Pattern[str]
    needs_figure: bool
    standing: str | None = None


class Proposal(NamedTuple):
    """An entry that a text may hold."""

    rule: str
    type: str
    """`commitment` or `quote`."""
    paragraph: int
    places: list[Stretch]
    """Where its passage stands: one place, or those of its parts."""
    entry: dict[str, Any]
    """As it may stand in a bundle, but for its document."""
    said_by: str | None = None
    """Of a quote, the speaker as the text has it."""

    @property
    def start(self) -> int:
        """Where its own words begin: of an item, those after the words that introduce it."""
        return self.places[-1].start

    @property
    def end(self) -> int:
        """Where they end."""
        return self.places[-1].end

    def written(self, document: str) -> dict[str, Any]:
        """The proposal as JSON, its passages those of a document."""
        evidence = [{"document": document} | proof for proof in self.entry["evidence"]]
        entry = self.entry | {"evidence": evidence}
        return self._asdict() | {"places": [list(place) for place in self.places], "entry": entry}


class Name(NamedTuple):
    """A name of an actor in a text."""

    actor: str
    start: int
    end: int


@cache
def rules() -> tuple[list[Rule], list[tuple[str, re.Pattern[str]]]]:
    """The rules, and the kinds of commitments by their words."""
    made = []
    for one in DRAFT["rules"]:
        pattern = filled(DRAFT["fragments"] | {"": one["pattern"]})[""]
        says = {key: value for key, value in one.items() if key not in {"needs", "pattern"}}
        figure = one.get("needs") == "figure"
        made.append(Rule(**says, pattern=re.compile(pattern), needs_figure=figure))
    kinds = [(one["kind"], re.compile(one["pattern"], re.IGNORECASE)) for one in DRAFT["kinds"]]
    return made, kinds


def sentences(text: str, place: Stretch) -> Iterator[Stretch]:
    """The sentences of a paragraph; a number or a bullet at its head is no part of one."""
    start = place.start
    for pattern in (PATTERNS["numbered"], _item):
        if head := pattern.match(text, start, place.end):
            start = head.end()
    for end in PATTERNS["end"].finditer(text, start, place.end):
        if not PATTERNS["abbreviation"].search(text[start : end.start()]):
            yield Stretch(start, end.start() + len(end[0].rstrip()))
            start = end.end()
    if start < place.end:
        yield Stretch(start, place.end)


class Draft:
    """The proposals of a text."""

    def __init__(
        self, text: str, actors: Iterable[dict[str, Any]] = (), we: Iterable[str] = ()
    ) -> None:
        """Take the text, the actors as bundles have them, and who is meant by “we”."""
        self.source = SourceText(text)
        self._we = list(we)
        self._names, self._pattern = _names_of(actors)
        self._ids: dict[str, int] = {}

    def proposals(self) -> list[Proposal]:
        """All proposals in the order of the text."""
        made = [*self._of_sentences(), *self._quotes()]
        made.sort(key=lambda one: (one.start, one.end, one.type))
        return [self._with_id(one) for one in made]

    def entry_of(self, kind: str, place: Stretch) -> Proposal:
        """A part of the text as a record of a kind, whatever the rules say of it."""
        number, passage = self.source.paragraph_at(place.start), self.source.text[slice(*place)]
        if kind == "commitment":
            clauses = [rule for rule, _ in self._clauses(place)]
            promise = next(rule for rule in rules()[0] if rule.name == "will")
            made = self._commitment(number, (clauses or [promise])[0], place)
            made.entry["id"] = _id_of(made.entry)
            return made
        names = list(dict.fromkeys(name.actor for name in self.names(*place)))
        entry: dict[str, Any] = {"id": "", "title": _title(passage)}
        if kind == "agreement":
            entry |= {"kind": "joint_statement", "status": "not_stated"}
            entry["parties"] = [{"actor": actor} for actor in names or self._we]
        elif kind == "summit":
            entry["participants"] = [{"actor": actor} for actor in names]
        elif kind == "quote":
            entry = {"id": "", "text": words_of(passage)}
            entry |= self._speaking(spoken_at(self.source.text, place))
        elif kind == "event":
            dates = [due.date for due in due_dates(passage) if due.date]
            entry = {"id": "", "note": _title(passage), "status": "done"}
            entry |= {"date": dates[0]} if dates else {}
        voice = Attribution.DIRECT_QUOTE if kind == "quote" else Attribution.REPORTED
        entry["evidence"] = [{"passage": passage, "attribution": voice.value}]
        entry["id"] = _id_of(entry)
        return Proposal("chosen", kind, number, [place], entry)

    def names(self, start: int, end: int) -> list[Name]:
        """The actors that a part of the text names, each by the longest of its names."""
        return [
            Name(self._names[match[0]], match.start(), match.end())
            for match in self._pattern.finditer(self.source.text, start, end)
        ]

    def _of_sentences(self) -> Iterator[Proposal]:
        text, stem = self.source.text, None
        for number, place in enumerate(self.source.paragraphs, 1):
            is_item = _item.match(text, place.start, place.end) is not None
            if stem and is_item and len(list(sentences(text, place))) == 1:
                yield self._item(number, place, stem)
                continue
            stem = stem if is_item else None
            for sentence in sentences(text, place):
                clauses = list(self._clauses(sentence))
                if text[sentence.start : sentence.end].rstrip().endswith((":", "to:")) and clauses:
                    stem = (sentence, clauses[0][0])
                    continue
                for rule, part in clauses:
                    yield self._commitment(number, rule, part)

    def _clauses(self, sentence: Stretch) -> Iterator[tuple[Rule, Stretch]]:
        """The parts of a sentence that commit, each with its rule."""
        text = self.source.text[sentence.start : min(sentence.end, sentence.start + _LONGEST)]
        # At the head of an item, a verb may have a capital.
        lower = text[:1].lower() + text[1:]
        has_figure = PATTERNS["figure"].search(text) is not None
        hits: list[tuple[int, Rule]] = []
        for rule in rules()[0]:
            if rule.needs_figure and (hits or not has_figure):
                continue
            matches = [*rule.pattern.finditer(text)] or rule.pattern.finditer(lower)
            for match in matches:
                if all(abs(match.start() - at) > 40 for at, _ in hits):
                    hits.append((match.start(), rule))
        if not hits:
            return
        hits.sort(key=lambda hit: hit[0])
        # A second one is a clause of its own, not a verb in the middle of the first.
        kept = hits[:1] + [hit for hit in hits[1:] if _begins_clause(text, hit[0])][: _MOST - 1]
        ends = [at for at, _ in kept[1:]] + [len(text)]
        for n, ((at, rule), end) in enumerate(zip(kept, ends, strict=True)):
            whole = not n and end <= MAX_PASSAGE and (at <= 200 or rule.needs_figure)
            begin = 0 if whole else at
            yield rule, _trimmed(text, begin, end, sentence.start)

    def _item(self, number: int, place: Stretch, stem: tuple[Stretch, Rule]) -> Proposal:
        """An item of a list, under the words that introduce it."""
        text = self.source.text
        head = _item.match(text, place.start, place.end)
        part = _trimmed(text, head.end() if head else place.start, place.end, 0)
        sentence, rule = stem
        one = self._commitment(number, rule, part)
        intro = text[sentence.start : sentence.end].rstrip(": \n")
        if len(intro) + part.end - part.start < MAX_PASSAGE - 3:
            passages = [{"passage": intro}, {"passage": text[part.start : part.end]}]
            one.entry["evidence"] = [{"parts": passages, "attribution": "reported"}]
            before = Stretch(sentence.start, sentence.start + len(intro))
            return one._replace(places=[before, part])
        return one

    def _commitment(self, number: int, rule: Rule, part: Stretch) -> Proposal:
        passage = self.source.text[part.start : part.end]
        entry: dict[str, Any] = {"id": "", "title": _title(passage), "act": rule.act}
        entry["kind"] = next((k for k, p in rules()[1] if p.search(passage)), "other")
        if rule.standing:
            entry["standing"] = rule.standing
        names = self.names(part.start, part.end)
        by = self._subject(passage, names, part.start)
        entry["by"] = by
        others = dict.fromkeys(name.actor for name in names if name.actor not in by)
        role = "addressed" if rule.name == "call" else "about"
        if others:
            entry["mentions"] = [{"actor": actor, "role": role} for actor in others]
        if figures := measures(passage, rule.act):
            entry["measures"] = figures
        entry |= _due(passage) if rule.act == "promise" else {}
        entry["evidence"] = [{"passage": passage, "attribution": "reported"}]
        return Proposal(rule.name, "commitment", number, [part], entry)

    def _subject(self, passage: str, names: list[Name], start: int) -> list[str]:
        """Who acts: those named at the head of the passage, or whoever is meant by “we”."""
        if re.match(r"(?:[^.;]{0,200}?\b)?[Ww]e\b", passage):
            return self._we
        head: list[str] = []
        at = start
        for name in names:
            between = self.source.text[at : name.start]
            if re.fullmatch(r"(?:[Tt]he |,? ?and (?:the )?|, (?:the )?|[Bb]oth )?", between):
                head.append(name.actor)
                at = name.end
        return list(dict.fromkeys(head))

    def _quotes(self) -> Iterator[Proposal]:
        """The quotations that somebody is said to have spoken."""
        text = self.source.text
        for match in PATTERNS["quoted"].finditer(text):
            speaker = speaker_beside(text, Stretch(*match.span()))
            if speaker is None or len(match[1].split()) < 4:
                continue
            inner = Stretch(match.start(1), match.end(1))
            whole = Stretch(min(speaker.start, match.start()), max(speaker.end, match.end()))
            passage = text[whole.start : whole.end]
            if len(passage) > MAX_PASSAGE:
                passage, whole = text[inner.start : inner.end][:MAX_PASSAGE], inner
            entry: dict[str, Any] = {"id": "", "text": match[1].rstrip(",")}
            entry |= self._speaking(speaker)
            entry["evidence"] = [{"passage": passage, "attribution": "direct_quote"}]
            number = self.source.paragraph_at(match.start())
            yield Proposal("quotation", "quote", number, [whole], entry, text[slice(*speaker)])

    def _speaking(self, place: Stretch | None) -> dict[str, str]:
        """The actor of which the subject of a verb of saying is a name, with a title or without."""
        if place is None:
            return {}
        text = self.source.text
        for name in self.names(*place):
            is_last = not text[name.end : place.end].strip(" .")
            if is_last and names_speaker(text, place, name.start):
                return {"speaker": name.actor}
        return {}

    def _with_id(self, one: Proposal) -> Proposal:
        """An id made of its words, which no other proposal has."""
        base = _id_of(one.entry)
        # Counted on from the last of them, as a text may say one thing a thousand times.
        number = self._ids.get(base, 0) + 1
        while (id_ := f"{base}-{number}" if number > 1 else base) in self._ids:
            number += 1
        self._ids |= {base: number, id_: self._ids.get(id_, 1)}
        one.entry["id"] = id_
        return one


def _id_of(entry: dict[str, Any]) -> str:
    """An id made of the first words that say something."""
    said = entry.get("title") or entry.get("text") or entry.get("note") or ""
    words = re.findall(r"[\w\u2019]+", said)
    meant = [word for word in words if word.lower() not in DRAFT["small"]][:5]
    return slug_of(" ".join(meant), 60) or "proposal"


def _begins_clause(text: str, at: int) -> bool:
    """Whether a part of a sentence begins after a comma, a dash or an “and”."""
    return _clause.search(text[max(0, at - 6) : at]) is not None or text[at] in ",;"


def _trimmed(text: str, begin: int, end: int, offset: int) -> Stretch:
    """A part of a text as a passage: without what surrounds it, and short enough to publish."""
    if end - begin > MAX_PASSAGE:
        cut = max(text.rfind(mark, begin, begin + MAX_PASSAGE) for mark in ("; ", ", ", " "))
        end = cut if cut > begin else begin + MAX_PASSAGE
    while begin < end and text[begin] in " ,;\n":
        begin += 1
    part = re.sub(r"(?:[\s.,;:]|,? and)+$", "", text[begin:end])
    part = re.sub(r"^and\s", "", part)
    begin = text.index(part, begin) if part else begin
    return Stretch(offset + begin, offset + begin + len(part))


def _title(passage: str) -> str:
    """The words that say it: without who says it, and not too long."""
    words = re.sub(r"^(?:[Ww]e|[Tt]hey)\s+(?:(?:also|further|will)\s+)*", "", passage).split()
    title = " ".join(words[:14]).rstrip(",;:")
    return title[:1].upper() + title[1:]


def _due(passage: str) -> dict[str, str]:
    """When it is to be done, where the passage says one date."""
    dates = due_dates(passage)
    if not dates or len({due.date for due in dates}) > 1:
        return {}
    return {"due_text": dates[0].text} | ({"due": dates[0].date} if dates[0].date else {})


def actors_in(files: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The actors that bundles declare, each once; what has the wrong shape is none."""
    ids: set[str] = set()
    for file in files:
        for _, typed in objects_in(read(file).content, "actors"):
            texts = [typed.get("id"), typed.get("title"), *list_in(typed, "aliases")]
            is_whole = all(isinstance(text, str) and text for text in texts)
            is_whole = is_whole and isinstance(typed.get("country") or "", str)
            if is_whole and typed["id"] not in ids:
                ids.add(typed["id"])
                yield typed


def _names_of(actors: Iterable[dict[str, Any]]) -> tuple[dict[str, str], re.Pattern[str]]:
    """Actors by all their names, and a pattern of these, the longest first."""
    names: dict[str, str] = {}
    for actor in actors:
        titles = [actor["title"], *list_in(actor, "aliases")]
        code = actor.get("country") if actor.get("kind") == "country_or_area" else None
        people = demonyms_of(code) if code else ()
        if actor.get("kind") == "person":
            titles.append(actor["title"].split()[-1])
        for name in (*titles, *people):
            names.setdefault(name.replace("'", "\u2019"), actor["id"])
            names.setdefault(name, actor["id"])
    longest = sorted(names, key=lambda name: (-len(name), name))
    any_name = "|".join(map(re.escape, longest)) or r"(?!)"  # of nobody, nothing
    return names, re.compile(rf"(?<!\w)(?:{any_name})(?!\w)")
