"""The figures and promises of a draft, compared with the commitments on record.

Another word may say the opposite, so nothing is called on record that says more than the record.
"""

import re
from collections.abc import Iterable, Mapping
from time import sleep
from typing import Any, NamedTuple

from app.beside import table_beside
from app.proofread.draft import Draft, Span
from app.proofread.names import Names
from app.proofread.shapes import Difference
from app.proofread.sources import Actor, Sources, Text, folded, stems, texts_of
from app.proofread.sums import BOUND, Sum, same_figure, same_unit, unit_of
from app.text import words
from app.vocabulary import Act, DraftPart, Verdict

_ENGLISH = table_beside(__file__, "english.toml")
PROMISING = re.compile(_ENGLISH["patterns"]["promising"])
_promised, _of_sums = stems(_ENGLISH["promised"]), stems(_ENGLISH["of_sums"])
_denying = re.compile(r"\b(?:not|no|nor|cannot)\b|n['’]t\b", re.IGNORECASE)
_before = re.compile(r"\b(by|from|in|into|to|for|on|of|with) (?:the )?\Z")
"""What says of whom comes next that he does something, or that it is done to him."""
_between_clauses = re.compile(r"[,;:()—–]|\s-\s|\b(?:and|but|while|after|before|because|as)\b")


class Hit(NamedTuple):
    """A text on record that is like what a draft says."""

    text: Text
    figure: dict[str, Any] | None = None
    """The measure that is compared."""


class Judged(NamedTuple):
    """Something that a draft says, with a verdict."""

    kind: DraftPart
    span: Span
    sentence: Span | None = None
    verdict: Verdict = Verdict.NOT_ON_RECORD
    hits: tuple[Hit, ...] = ()
    differences: tuple[Difference, ...] = ()
    cut: bool | None = None


class _Subject(NamedTuple):
    """The words of a text that say what it is about."""

    stems: set[str]
    line: str

    @classmethod
    def of(cls, *texts: str | None) -> "_Subject":
        text = " ".join(filter(None, texts))
        return cls(stems(text), f" {' '.join(folded(text))} ")


class Claims:
    """Judges what the sentences of a draft say of commitments."""

    def __init__(self, draft: Draft, sources: Sources, names: Names) -> None:
        """Compare the draft with the sources, by whom its sentences name."""
        self._text, self._sources, self._names = draft.text, sources, names
        self._subjects: dict[str, tuple[_Subject, _Subject, _Subject]] = {}

    def figure(self, one: Sum) -> Judged:
        """The verdict on a figure."""
        actors, clause = self._names.within(one.sentence), self._clause(one)
        about = _about(self._text[slice(*one.sentence)], actors)
        item = Judged(DraftPart.FIGURE, one.span, one.sentence)
        differing: list[tuple[int, Hit]] = []
        for record in self._records(one.sentence, actors, about):
            measures = [measure for measure in record["measures"] if same_unit(measure, one)]
            if not measures or _denying.search(clause):
                continue
            # Of what nobody is said to do, those whom it concerns are as good.
            makers = _ids(record, "by", "partners")
            others = makers or _ids(record, "to", "transferred_from")
            if makers and _is_of_others(self._text[slice(*one.sentence)], actors, makers):
                continue
            named = {actor.id for actor in actors} & others
            title, proven, every = self._subjects_of(record)
            if same := [measure for measure in measures if same_figure(measure, one)]:
                is_theirs = named or not actors or not makers
                if (
                    is_theirs
                    and about & every.stems
                    and _adds_nothing(clause, proven, record, actors)
                ):
                    return item._replace(verdict=Verdict.ON_RECORD, hits=(_hit(record, same[0]),))
            elif named and not one.is_share:
                subject = title.stems - _stems_of(actors) - unit_of(measures[0])
                shared = len(about & subject)
                if shared and 2 * shared >= len(subject):
                    differing.append((shared, _hit(record, measures[0])))
        if not differing:
            return item
        _, hit = max(differing, key=lambda pair: pair[0])
        return item._replace(verdict=Verdict.DIFFERS, hits=(hit,))

    def promise(self, span: Span) -> Judged | None:
        """The verdict on a promise; None where nobody is named who promises."""
        actors, said = self._names.within(span), self._text[slice(*span)]
        if not actors:
            return None
        about = _about(said, actors)
        item = Judged(DraftPart.PROMISE, span)
        for record in self._records(span, actors, about):
            title, _, every = self._subjects_of(record)
            subject = title.stems - _stems_of(actors)
            is_its_own = next(iter(actors)).id in _ids(record, "by", "partners")
            is_alike = len(about & subject) >= max(1, 0.6 * len(subject))
            if is_its_own and is_alike and _adds_nothing(said, every, record, actors):
                return item._replace(verdict=Verdict.ON_RECORD, hits=(_hit(record),))
        return item

    def _clause(self, one: Sum) -> str:
        """The part of a sentence in which a figure stands, without the figure and its bound."""
        start, end = one.sentence
        for stop in _between_clauses.finditer(self._text, start, one.span[0]):
            start = stop.end()
        stop_after = _between_clauses.search(self._text, one.span[1], end)
        end = stop_after.start() if stop_after else end
        before = BOUND.sub("", self._text[start : one.span[0]])
        return f"{before} {self._text[one.span[1] : end]}"

    def _records(
        self, span: Span, actors: Iterable[Actor], about: set[str]
    ) -> Iterable[dict[str, Any]]:
        """The commitments that a sentence may be about: of whom it names, or like it in words."""
        sleep(0)  # whoever waits for the interpreter goes first
        records = self._sources.commitments_of([actor.id for actor in actors], about)
        typed = folded(self._text[slice(*span)])
        records += [
            text.record for text in self._sources.like(typed) if text.record["type"] == "commitment"
        ]
        return {record["id"]: record for record in records}.values()

    def _subjects_of(self, record: dict[str, Any]) -> tuple[_Subject, _Subject, _Subject]:
        """The words of the title of a commitment; those that prove its figures, too; and all."""
        if record["id"] not in self._subjects:
            title, every = record["title"], record["evidence"]
            proving = [proof["exact"] for proof in every if "measures" in proof["fields"]]
            proving += [measure["unit"] for measure in record["measures"]]
            texts = [record["summary"], *(proof["exact"] for proof in every)]
            self._subjects[record["id"]] = (
                _Subject.of(title), _Subject.of(title, *proving), _Subject.of(title, *texts),
            )  # fmt: skip
        return self._subjects[record["id"]]


def _adds_nothing(
    said: str, subject: _Subject, record: dict[str, Any], actors: Mapping[Actor, str]
) -> bool:
    """Whether all that is said, and whoever is named, is among the words of a subject."""
    parts = {*_ids(record, "by", "partners", "to")}
    parts |= {mention["actor"]["id"] for mention in record["mentions"]}
    own = [actor for actor in actors if actor.id in parts]
    others = {name for actor, name in actors.items() if actor not in own}
    # Letters in capitals are a name, too, of whoever has no record (UK).
    others |= {word.folded for word in words(said) if _is_name(said[word.start : word.end])}
    others -= {actors[actor] for actor in own}
    # What was done, or is reported, was promised by nobody.
    may_be_said = _of_sums | _promised if record["act"] == Act.PROMISE else _of_sums
    what = _Subject.of(said)
    return (
        not _denying.search(said)
        and what.stems - _stems_of(own) - may_be_said <= subject.stems
        and all(f" {name} " in subject.line for name in others if f" {name} " in what.line)
    )


def _is_of_others(sentence: str, actors: Mapping[Actor, str], makers: set[str]) -> bool:
    """Whether others than these do what a sentence says: `A gives B`, and `to B by A`."""
    line = " ".join(folded(sentence))
    before = {
        actor.id: _before.search(line, max(0, match.start() - 9), match.start())
        for actor, name in actors.items()
        if (match := re.search(rf"\b{re.escape(name)}\b", line))
    }
    givers = {id_ for id_, word in before.items() if word and word[1] in {"by", "from"}}
    givers = givers or {id_ for id_, word in before.items() if not word}
    return bool(givers) and givers.isdisjoint(makers)


def _is_name(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _about(sentence: str, actors: Iterable[Actor]) -> set[str]:
    return stems(sentence) - _stems_of(actors)


def _stems_of(actors: Iterable[Actor]) -> set[str]:
    return stems(" ".join(actor.title for actor in actors))


def _ids(record: dict[str, Any], *roles: str) -> set[str]:
    """The ids of those who have these parts in a commitment."""
    return {actor["id"] for role in roles for actor in record[role]}


def _hit(record: dict[str, Any], measure: dict[str, Any] | None = None) -> Hit:
    """A commitment with the passage that proves its figures, or its first one."""
    texts = list(texts_of(record))
    proving = [text for text in texts if text.proof and "measures" in text.proof["fields"]]
    return Hit((proving or texts)[0], measure)
