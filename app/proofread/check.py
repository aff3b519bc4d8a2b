"""A draft compared with a release: a verdict on each quotation, figure and promise.

It takes time in proportion to the draft: so many of its words and statements are looked at as
`MOST` says, each with a few candidates.
"""

import re
from collections.abc import Iterator
from itertools import islice, zip_longest
from time import sleep
from typing import Any, NamedTuple

from app.proofread.draft import LONGEST_SENTENCE, Draft, Quotation, Span
from app.proofread.names import Names, frames
from app.proofread.shapes import Difference
from app.proofread.sources import Actor, Sources, Text, stems, texts_of
from app.proofread.sums import Sum, same_figure, same_unit, sums
from app.proofread.tokens import Likeness, Words, likeness
from app.text import words
from app.vocabulary import Attribution, DifferenceKind, DraftPart, Verdict

MOST = 300
"""Of each sort, so many are compared."""
_FEW = 4
"""Words that are alike by chance."""
_CANDIDATES = 5
_MANY = 10  # texts, of which the one that is quoted need not be one
_ENOUGH = 0.85  # of its words in one text, and it is not put together of two
_BEGINNING = 10  # words, by which the first of two texts is looked for
_LONGEST_TEXT = 5_000  # characters: no text on record is longer
_LONGEST_WORDS = 400  # of a quotation, by which it is looked for
_promising = re.compile(
    r"\b(?:will|shall|pledge[sd]?|promise[sd]?|commit(?:s|ted)|vow(?:s|ed)|undert(?:ook|akes)|"
    r"agree[sd]? to|plan(?:s|ned)? to|intend(?:s|ed)? to|announce[sd]?)\b"
)
_promised = stems(
    "will shall pledge pledged promise promised commit committed commitment vow vowed undertook "
    "undertake agree agreed plan planned intend intended announce announced announcement"
)
"""Words that say that somebody promises, and nothing of what."""
_denying = re.compile(r"\b(?:not|no|nor|cannot)\b|n['’]t\b", re.IGNORECASE)
_between_clauses = re.compile(r"[,;:()—–]|\s-\s|\b(?:and|but|while|after|before|because|as)\b")
_goes_on = re.compile(r"[,;—–-]\s*[”\"’»]?\s*\Z")
_KINDS = {"quote": 0, "commitment": 1, "agreement": 2}


class Hit(NamedTuple):
    """A text on record that is like what a draft says."""

    text: Text
    figure: dict[str, Any] | None = None
    """The measure that is compared."""


class Judged(NamedTuple):
    """Something that a draft says, with a verdict."""

    kind: DraftPart
    span: Span
    sentence: Span | None
    verdict: Verdict
    hits: tuple[Hit, ...] = ()
    differences: tuple[Difference, ...] = ()
    cut: bool | None = None


class Judgement(NamedTuple):
    """All verdicts on a draft, in its order, and how much was not looked at."""

    items: list[Judged]
    left_out: int


def judge(draft: Draft, sources: Sources) -> Judgement:
    """Compare a draft with the sources."""
    every = draft.quotations()
    quotations = list(islice(every, MOST))
    left_out = sum(1 for _ in every)
    sentences = [one for paragraph in draft.paragraphs() for one in draft.sentences(paragraph)]
    stated = [one for span in sentences for one in sums(draft.text, span)]
    promising = [
        (start, min(end, start + 2 * LONGEST_SENTENCE))
        for start, end in sentences
        if _promising.search(draft.text, start, end)
    ]
    left_out += max(0, len(stated) - MOST) + max(0, len(promising) - MOST)
    stated, promising = stated[:MOST], promising[:MOST]
    spans = [*frames(quotations), *(one.sentence for one in stated), *promising]
    judge = _Judge(draft, sources, Names(draft, spans, sources))
    items = [*judge.quotations(quotations)]
    quoted = _Covered(items)
    items += [judge.sum(one) for one in stated if not quoted.holds(one.span)]
    taken = _Covered([item._replace(span=item.sentence or item.span) for item in items])
    promises = [judge.promise(span) for span in promising if not taken.meets(span)]
    items += [item for item in promises if item]
    return Judgement(sorted(items, key=lambda item: item.span), left_out)


class _Covered:
    """The places of what was judged."""

    def __init__(self, items: list[Judged]) -> None:
        self._spans = [item.span for item in items]

    def holds(self, span: Span) -> bool:
        """Whether a span is within one of them."""
        return any(start <= span[0] and span[1] <= end for start, end in self._spans)

    def meets(self, span: Span) -> bool:
        """Whether a span has a part in common with one of them."""
        return any(start < span[1] and span[0] < end for start, end in self._spans)


class _Judge:
    def __init__(self, draft: Draft, sources: Sources, names: Names) -> None:
        self._draft, self._sources, self._names = draft, sources, names
        self._subjects: dict[str, tuple[set[str], set[str]]] = {}

    def quotations(self, every: list[Quotation]) -> Iterator[Judged]:
        """The verdicts on quotations; two around "he said" are one where a source has it so."""
        end = 0
        skipped: Quotation | None = None
        for one, following in zip_longest(every, every[1:]):
            sleep(0)  # whoever waits for the interpreter goes first
            if one is skipped or (one.inside and one.end <= end):
                continue
            item = self._broken(one, following) if following else None
            if item:
                skipped = following
            else:
                item = self.quotation(one)
            if item is None or (following and self._quotes_another(item, following)):
                continue
            if item.verdict is not Verdict.NOT_ON_RECORD:
                end = one.end
            yield item

    def _quotes_another(self, item: Judged, inner: Quotation) -> bool:
        """Whether words are not on record so, and those that they quote in turn are."""
        if not inner.inside or item.verdict is not Verdict.ALTERED:
            return False
        inside = self.quotation(inner)
        return inside is not None and inside.verdict is Verdict.VERBATIM

    def _broken(self, one: Quotation, following: Quotation) -> Judged | None:
        """The verdict on two quotations as one, where these words stand so in a source."""
        text = self._draft.text
        gap = text[one.end : following.start]
        end = text[max(one.start, one.end - 20) : one.end + 2]
        goes_on = _goes_on.search(end) or gap.rstrip(' "“«').endswith(",")
        if one.inside or following.inside or len(gap) > 100 or "\n\n" in gap or not goes_on:
            return None
        whole = one._replace(spans=(*one.spans, *following.spans))
        words_ = self._words(whole)
        exact = [text for text in self._texts(words_) if text.words.holds(words_)]
        return self._verbatim(whole, words_, exact) if exact else None

    def _words(self, one: Quotation) -> Words:
        text = self._draft.text
        spans = [(start, min(end, start + _LONGEST_TEXT)) for start, end in one.spans]
        every = [token for span in spans for token in Words.of(text, *span).tokens]
        return Words.joined(text, every)

    def _texts(self, some: Words) -> list[Text]:
        """The texts on record that may have these words."""
        typed = self._typed(some)
        texts = self._sources.like(typed)
        if not any(text.words.holds(some) for text in texts):
            if len(texts) >= _MANY or len(typed) <= _FEW:
                texts = [*self._sources.with_phrase(typed), *texts]
            texts += self._sources.withdrawn_like(some.keys)
        return texts

    def _typed(self, some: Words) -> list[str]:
        """The words of some tokens as the index has them."""
        if not some.tokens:
            return []
        parts = [some.text[token.start : token.end] for token in some.tokens[:_LONGEST_WORDS]]
        return [word.folded for word in words(" ".join(parts))]

    def quotation(self, one: Quotation) -> Judged | None:
        """The verdict on a quotation; None for a single word, which nobody looks for."""
        some = self._words(one)
        if len(some.keys) < 2:
            return None
        texts = self._texts(some)
        if exact := [text for text in texts if text.words.holds(some)]:
            return self._verbatim(one, some, exact)
        absent = Judged(DraftPart.QUOTATION, (one.start, one.end), None, Verdict.NOT_ON_RECORD)
        if len(some.keys) <= _FEW:
            return absent
        best = _likest(some, texts)
        is_like = best is not None and best[0].common >= _ENOUGH * len(some.keys)
        if not is_like and (joined := self._joined(some, texts)):
            hits = tuple(map(Hit, joined))
            return absent._replace(verdict=Verdict.ALTERED, hits=hits, differences=(_JOINED,))
        if best is None:
            return absent
        like, text = best
        other = self._other_speaker(one, text)
        return absent._replace(
            verdict=Verdict.ALTERED,
            hits=(Hit(text),),
            differences=(*like.differences, *filter(None, [other])),
        )

    def _verbatim(self, one: Quotation, some: Words, exact: list[Text]) -> Judged:
        """The verdict on words that stand so in these texts: as who says them there says."""
        ranked = sorted(
            enumerate(exact),
            key=lambda pair: (
                pair[1].withdrawn,
                self._other_speaker(one, pair[1]) is not None,
                pair[1].words.keys != some.keys,
                _rank(pair[1]),
                pair[0],
            ),
        )
        text = ranked[0][1]
        item = Judged(DraftPart.QUOTATION, (one.start, one.end), None, Verdict.VERBATIM)
        if other := self._other_speaker(one, text):
            if len(some.keys) <= _FEW:
                return item._replace(verdict=Verdict.NOT_ON_RECORD)
            return item._replace(verdict=Verdict.ALTERED, hits=(Hit(text),), differences=(other,))
        return item._replace(hits=(Hit(text),), cut=text.words.keys != some.keys)

    def _joined(self, some: Words, texts: list[Text]) -> tuple[Text, Text] | None:
        """Two texts of one source that have the beginning and the rest of a quotation."""
        begun = Words.joined(some.text, some.tokens[:_BEGINNING])
        heads = [(text, _head(some, text)) for text in (*texts, *self._texts(begun))]
        for text, size in sorted(heads, key=lambda pair: -pair[1])[:_CANDIDATES]:
            rest = Words.joined(some.text, some.tokens[size:])
            if size < _FEW or len(rest.keys) < _FEW:
                continue
            for other in [*texts, *self._texts(rest)]:
                if other.document == text.document and other.words.holds(rest):
                    return text, other
        return None

    def _other_speaker(self, one: Quotation, text: Text) -> Difference | None:
        """That a quotation is ascribed to somebody who has no part in the record."""
        ascribed, typed = self._names.ascribed(one)
        speaker, said_by = _voices(text)
        if not typed or (not speaker and not text.proof):
            return None
        ids = {actor.id for actor in ascribed}
        if text.proof and not text.is_quote and not _are_own_words(text.proof):
            # They are the words of who wrote of it, whoever it is told of.
            document = text.proof["document"]
            if ids & self._sources.writers_of(document["id"]):
                return None
            return Difference(kind=DifferenceKind.SPEAKER, draft=typed, source=document["title"])
        if not speaker or ids & said_by:
            return None
        # An office speaks for a country, and a country by who holds an office for it.
        for id_ in (*said_by, *ids):
            offices = {office["of"]["id"] for office in self._sources.actor(id_)["offices"]}
            if offices & (ids if id_ in said_by else said_by):
                return None
        return Difference(kind=DifferenceKind.SPEAKER, draft=typed, source=speaker)

    def sum(self, one: Sum) -> Judged:
        """The verdict on a figure."""
        item = Judged(DraftPart.FIGURE, one.span, one.sentence, Verdict.NOT_ON_RECORD)
        sentence = self._draft.text[slice(*one.sentence)]
        actors = self._names.within(one.sentence)
        about = _about(sentence, actors)
        named = stems(" ".join(actor.title for actor in actors))
        records = self._records(one.sentence, actors, about)
        others: list[tuple[int, dict[str, Any], dict[str, Any]]] = []
        for record in records:
            measures = [m for m in record["measures"] if same_unit(m, one, sentence)]
            by = _by(record) & {actor.id for actor in actors}
            if (actors and not by) or not measures:
                continue
            same = [measure for measure in measures if same_figure(measure, one)]
            title, every = self._subject(record)
            if same:
                if about & every and self._says_no_more(self._clause(one), title, record, actors):
                    hit = Hit(_text(record), same[0])
                    return item._replace(verdict=Verdict.ON_RECORD, hits=(hit,))
                continue
            title = title - named
            shared = len(about & title)
            if by and one.currency and shared and 2 * shared >= len(title):
                others.append((shared, record, measures[0]))
        if not others:
            return item
        _, record, measure = max(others, key=lambda other: other[0])
        return item._replace(verdict=Verdict.DIFFERS, hits=(Hit(_text(record), measure),))

    def promise(self, span: Span) -> Judged | None:
        """The verdict on a promise; None where nobody is named who promises."""
        actors = self._names.within(span)
        if not actors:
            return None
        said = self._draft.text[slice(*span)]
        about = _about(said, actors)
        item = Judged(DraftPart.PROMISE, span, None, Verdict.NOT_ON_RECORD)
        named = stems(" ".join(actor.title for actor in actors))
        for record in self._records(span, actors, about):
            title, every = self._subject(record)
            title = title - named
            shared = len(about & title)
            is_its_own = actors[0].id in _by(record) and shared >= max(1, 0.6 * len(title))
            if is_its_own and self._says_no_more(said, every, record, actors):
                return item._replace(verdict=Verdict.ON_RECORD, hits=(Hit(_text(record)),))
        return item

    def _clause(self, one: Sum) -> str:
        """The part of a sentence in which a figure stands, without the figure."""
        text, (start, end) = self._draft.text, one.sentence
        for stop in _between_clauses.finditer(text, start, one.span[0]):
            start = stop.end()
        stop_after = _between_clauses.search(text, one.span[1], end)
        end = stop_after.start() if stop_after else end
        return f"{text[start : one.span[0]]} {text[one.span[1] : end]}"

    def _says_no_more(
        self, said: str, every: set[str], record: dict[str, Any], actors: list[Actor]
    ) -> bool:
        """Whether all that is said is among these words: another may say the opposite."""
        named = {one["id"] for one in record["to"]} | _by(record)
        named |= {mention["actor"]["id"] for mention in record["mentions"]}
        others = [actor for actor in actors if actor.id not in named]
        of_sums = stems("million billion trillion thousand dollar dollars euro euros yen percent")
        rest = _about(said, [actor for actor in actors if actor.id in named])
        return (
            not _denying.search(said)
            and rest - of_sums - _promised <= every
            and all(stems(actor.title) <= every for actor in others if actor.title in said)
        )

    def _records(self, span: Span, actors: list[Actor], about: set[str]) -> list[dict[str, Any]]:
        """The commitments that a sentence may be about: of whom it names, or like it in words."""
        sleep(0)
        records = self._sources.commitments_of([actor.id for actor in actors], about)
        like = self._sources.like(self._typed(Words.of(self._draft.text, *span)))
        records += [text.record for text in like if text.record["type"] == "commitment"]
        return list({record["id"]: record for record in records}.values())

    def _subject(self, record: dict[str, Any]) -> tuple[set[str], set[str]]:
        """What a commitment is about: the words of its title, and all of its words."""
        if record["id"] not in self._subjects:
            title = stems(record["title"])
            texts = [proof["exact"] for proof in record["evidence"]]
            every = stems(" ".join([record["title"], record["summary"] or "", *texts]))
            self._subjects[record["id"]] = title, every
        return self._subjects[record["id"]]


_JOINED = Difference(kind=DifferenceKind.JOINED, draft=None, source=None)


def _likest(some: Words, texts: list[Text]) -> tuple[Likeness, Text] | None:
    """The text that is most like a quotation, and how."""
    keys = set(some.keys)
    near = sorted(texts, key=lambda text: -len(keys.intersection(text.words.keys)))[:_CANDIDATES]
    likenesses = [(like, text) for text in near if (like := likeness(some, text.words))]
    return min(
        likenesses,
        key=lambda pair: (-pair[0].common, len(pair[0].differences), _rank(pair[1])),
        default=None,
    )


def _rank(text: Text) -> int:
    """Which of several records has words as its own: a quote before what it is evidence of."""
    return _KINDS.get(text.record["type"], 3)


def _head(some: Words, text: Text) -> int:
    """How many of the first words of a quotation stand so in a text."""
    size = 0
    while size < len(some.keys) and f" {' '.join(some.keys[: size + 1])} " in text.words.line:
        size += 1
    return size


def _voices(text: Text) -> tuple[str | None, set[str]]:
    """Who says a text on record, by name, and the ids of those to whom it may be ascribed."""
    record, proof = text.record, text.proof
    if text.is_quote:
        speaker = record["speaker"]
        others = [record["on_behalf_of"], proof and proof["according_to"]]
        return speaker["title"], {speaker["id"], *(other["id"] for other in others if other)}
    said = proof and proof["according_to"]
    return (said["title"], {said["id"]}) if said else (None, set())


def _are_own_words(proof: dict[str, Any]) -> bool:
    return bool(proof["attribution"] == Attribution.DIRECT_QUOTE.value)


def _about(sentence: str, actors: list[Actor]) -> set[str]:
    return stems(sentence) - stems(" ".join(actor.title for actor in actors))


def _by(record: dict[str, Any]) -> set[str]:
    return {actor["id"] for role in ("by", "partners") for actor in record[role]}


def _text(record: dict[str, Any]) -> Text:
    """The passage of a commitment that proves its figures, or its first one."""
    texts = list(texts_of(record))
    proving = [text for text in texts if text.proof and "measures" in text.proof["fields"]]
    return (proving or texts)[0]
