"""A draft compared with a release: a verdict on each quotation, figure and promise.

It takes time in proportion to the draft: so many of its words and statements are looked at as
`MOST` says, each with a few candidates.
"""

import re
from collections.abc import Iterator
from itertools import islice, zip_longest
from time import sleep
from typing import NamedTuple, TypeVar

from app.proofread.acts import IN_A_HEADLINE, PROMISING
from app.proofread.claims import Claims, Hit, Judged
from app.proofread.draft import LONGEST_SENTENCE, Draft, Quotation
from app.proofread.names import Names
from app.proofread.shapes import Difference
from app.proofread.sources import Sources, Text, folded
from app.proofread.sums import sums
from app.proofread.tokens import Likeness, Words, likeness
from app.text import LITTLE, is_shouted
from app.vocabulary import OF_LEADERS, Attribution, DifferenceKind, DraftPart, Verdict

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
_goes_on = re.compile(r"[,;—–-]\s*[”\"’»]?\s*\Z")
T = TypeVar("T")
_RANKS = {"quote": 0, "commitment": 1, "agreement": 2}


class Judgement(NamedTuple):
    """All verdicts on a draft, in its order, and how much was not looked at."""

    items: list[Judged]
    left_out: int


def judge(draft: Draft, sources: Sources) -> Judgement:
    """Compare a draft with the sources."""
    sentences = [one for paragraph in draft.paragraphs() for one in draft.sentences(paragraph)]
    promising = (
        (start, min(end, start + 2 * LONGEST_SENTENCE))
        for start, end in sentences
        if (IN_A_HEADLINE if is_shouted(draft.text[start:end]) else PROMISING).search(
            draft.text, start, end
        )
    )
    quotations, more = _first(draft.quotations())
    stated, more_stated = _first(one for span in sentences for one in sums(draft.text, span))
    promises, more_promised = _first(promising)
    around = (span for one in quotations for span in (one.before, one.after))
    spans = [*around, *(one.sentence for one in stated), *promises]
    names = Names(draft, spans, sources)
    items = [*_Quotations(draft, sources, names).judged(quotations)]
    claims = Claims(draft, sources, names, stated)
    quoted = [item.span for item in items]
    items += [
        claims.figure(one)
        for one in stated
        if not any(start <= one.span[0] and one.span[1] <= end for start, end in quoted)
    ]
    taken = [item.sentence or item.span for item in items]
    for span in promises:
        if not any(start < span[1] and span[0] < end for start, end in taken):
            items += filter(None, [claims.promise(span)])
    return Judgement(sorted(items, key=lambda item: item.span), more + more_stated + more_promised)


def _first(every: Iterator[T]) -> tuple[list[T], int]:
    """As many as are compared, and how many more there are."""
    return [*islice(every, MOST)], sum(1 for _ in every)


class _Quotations:
    """Judges the quotations of a draft."""

    def __init__(self, draft: Draft, sources: Sources, names: Names) -> None:
        self._draft, self._sources, self._names = draft, sources, names

    def judged(self, every: list[Quotation]) -> Iterator[Judged]:
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
        parts = [some.text[token.start : token.end] for token in some.tokens[:_LONGEST_WORDS]]
        typed = folded(" ".join(parts))
        texts = self._sources.like(typed)
        if not any(text.words.holds(some) for text in texts):
            if len(texts) >= _MANY or len(typed) <= _FEW:
                texts = [*self._sources.with_phrase(typed), *texts]
            texts += self._sources.withdrawn_like(some.keys)
        return texts

    def quotation(self, one: Quotation) -> Judged | None:
        """The verdict on a quotation; None for a single word, which nobody looks for."""
        some = self._words(one)
        if len(some.keys) < 2:
            return None
        texts = self._texts(some)
        if exact := [text for text in texts if text.words.holds(some)]:
            return self._verbatim(one, some, exact)
        absent = Judged(DraftPart.QUOTATION, (one.start, one.end))
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
        differences = (*like.differences, *filter(None, [self._other_speaker(one, text)]))
        altered = Verdict.ALTERED
        return absent._replace(verdict=altered, hits=(Hit(text),), differences=differences)

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
        item = item._replace(hits=(Hit(text),), cut=text.words.keys != some.keys)
        if denied := self._names.denied(one):
            no = Difference(kind=DifferenceKind.NEGATION, draft=denied, source=None)
            return item._replace(verdict=Verdict.ALTERED, differences=(no,))
        return item

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
        actors, typed = self._names.ascribed(one)
        ids, record, proof = {actor.id for actor in actors}, text.record, text.proof
        voices = [proof and proof["according_to"]]
        if not typed:
            return None
        if text.is_quote:
            office = folded(f"the {record['office']}")
            if not ids and office in (folded(typed), ["the", *folded(typed)]):
                return None
            voices = [record["speaker"], record["on_behalf_of"], *voices]
        elif proof and proof["attribution"] != Attribution.DIRECT_QUOTE:
            # They are the words of who wrote of it, whoever it is told of.
            reference = proof["document"]
            document = self._sources.record("document", reference["id"]) or reference
            voices = [document, document.get("publisher"), document.get("author")]
            if document.get("kind") in OF_LEADERS:  # whoever put it on a page did not say it
                parties = [party["actor"] for party in record.get("parties", ())]
                voices = [document, *parties, *record.get("by", ())]
        said_by = {voice["id"]: voice["title"] for voice in voices if voice}
        others = {id_ for id_ in ids - {*said_by} if not self._speak_for({id_}, {*said_by})}
        if not said_by or (ids and not others) or (not ids and self._is_text(typed, text)):
            return None
        speaker = next(iter(said_by.values()))
        return Difference(kind=DifferenceKind.SPEAKER, draft=typed, source=speaker)

    def _is_text(self, typed: str, text: Text) -> bool:
        """Whether a text is that which is called so: `the joint statement`."""
        proof = text.proof or {}
        voices = [proof.get("document"), proof.get("according_to"), *proof.get("via", ())]
        voices.append(text.record.get("speaker"))
        for voice in filter(None, voices):
            document = self._sources.record("document", voice["id"])
            if not document:
                continue
            said = [document["title"], (document.get("publisher") or {}).get("title", "")]
            own = {*folded(" ".join([*said, document["kind"].replace("_", " ")]))}
            own |= _CALLED_SO if document["kind"] in OF_LEADERS else set()
            if {*folded(typed)} <= own | LITTLE:
                return True
        return False

    def _speak_for(self, some: set[str], others: set[str]) -> bool:
        """Whether an office speaks for a country, or a country by who holds an office for it."""
        return any(
            office["of"]["id"] in there
            for here, there in ((some, others), (others, some))
            for id_ in here
            for office in self._sources.record("actor", id_).get("offices", ())
        )


_CALLED_SO = frozenset(
    folded("joint final official summit leaders statement communique declaration document text")
)
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
    return _RANKS.get(text.record["type"], 3)


def _head(some: Words, text: Text) -> int:
    """How many of the first words of a quotation stand so in a text."""
    size = 0
    while size < len(some.keys) and f" {' '.join(some.keys[: size + 1])} " in text.words.line:
        size += 1
    return size
