"""The figures and promises of a draft, compared with the commitments on record.

Another word may say the opposite, so nothing is called on record that says more than the record.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from time import sleep
from typing import Any, NamedTuple

from app.beside import table_beside
from app.proofread.acts import IN_A_HEADLINE, SaidAct, said_act
from app.proofread.contrary import denied, ended, other_number
from app.proofread.draft import Draft, Span
from app.proofread.names import Names
from app.proofread.shapes import Difference
from app.proofread.sources import COMMON, Actor, Sources, Text, folded, stems, texts_of
from app.proofread.sums import Sum, measures_in, same_bound, same_unit, same_value, unit_of
from app.text import LITTLE, Word, is_shouted, stem, words
from app.vocabulary import Act, CommitmentStatus, DifferenceKind, DraftPart, MeasureRole, Verdict

_ENGLISH = table_beside(__file__, "english.toml")
_LISTS = ("promised", "given", "of_sums")
_promised, _given, _of_sums = (stems(folded(_ENGLISH[name])) for name in _LISTS)
_SHORT = 2  # letters of a word that says nothing of what a text is about
_not_yet = re.compile(_ENGLISH["patterns"]["not_yet"])
_often = re.compile(
    r"\s((?:an?|per|each|every) (?:year|month|week|day|quarter)|annually|yearly|monthly)\b"
)
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


class _Said(NamedTuple):
    """What a text says, cut into words once."""

    stems: set[str]
    """Of the words that say what it is about."""
    line: str
    names: set[str]
    """Words in capitals: a name, too, of whoever has no record (UK)."""
    denied: list[str]
    ended: set[str]

    @classmethod
    def of(cls, *texts: str | None) -> "_Said":
        text = " ".join(filter(None, texts))
        every = [(word.folded, text[word.start : word.end]) for word in words(text)]
        typed = [word for word, _ in every]
        names = {word for word, written in every if len(written) > 1 and written.isupper()}
        if is_shouted(text):  # what is long is looked for among the words of a record
            names = {word for word in names - COMMON if len(word) <= _SHORT}
        line = f" {' '.join(typed)} "
        return cls(stems(typed), line, names, denied(text), ended(line))


class _Claim(NamedTuple):
    """What a sentence says of a figure."""

    one: Sum
    sentence: _Said
    clause: _Said
    """The part of the sentence in which it stands, without the figure and its bound."""
    bare: _Said
    """The same without a verb that promises."""
    actors: Mapping[Actor, str]
    about: set[str]
    act: SaidAct | None
    besides: list[Span]
    """The figure, and the parts of its sentence that tell of others."""


class _Figure(NamedTuple):
    """A figure of a commitment, or of an event that came of it, and the words that prove it."""

    measure: dict[str, Any]
    subject: _Said
    event: str | None = None
    """The passage of the event."""

    def bears_out(self, act: SaidAct | None, record: Mapping[str, Any]) -> bool:
        """Whether it is promised, or done, as a draft says."""
        if act is None:
            return True
        if self.event is not None:  # terms that were agreed are a deed, and no other one
            return act.act is Act.DEED and act.word.lower() in folded(self.event)
        if act.act is Act.PROMISE:
            return bool(record["act"] == Act.PROMISE)
        is_there = not self.measure["by"] and not _not_yet.search(self.subject.line)
        is_told = record["act"] == Act.REPORT and self.measure["role"] == MeasureRole.STATED
        is_done = record["act"] == Act.DEED or record["status"] == CommitmentStatus.DONE
        return (is_told and is_there) or self.measure["role"] == MeasureRole.SPENT or is_done


class _Compared(NamedTuple):
    """A figure on record that may be meant, and how that of a draft differs from it."""

    rank: tuple[bool, bool, bool, int]
    """Whether it is on record so, of the same size, of the same act; how many words it shares."""
    record: dict[str, Any]
    figure: _Figure
    differences: list[Difference]


class Claims:
    """Judges what the sentences of a draft say of commitments."""

    def __init__(self, draft: Draft, sources: Sources, names: Names, stated: Iterable[Sum]) -> None:
        """Compare the draft, with its figures, with the sources, by whom its sentences name."""
        self._stated = [one.span[0] for one in stated]
        self._text, self._sources, self._names = draft.text, sources, names
        self._subjects: dict[str, tuple[_Said, _Said, _Said]] = {}
        self._figures: dict[str, list[_Figure]] = {}

    def figure(self, one: Sum) -> Judged:
        """The verdict on a figure."""
        item = Judged(DraftPart.FIGURE, one.span, one.sentence)
        claim = self._claim(one)
        if claim.clause.denied:
            return item
        compared = (
            self._compared(claim, record, figure)
            for record in self._records(claim.sentence, claim.actors, claim.about)
            for figure in self._figures_of(record)
            if same_unit(figure.measure, one)
        )
        likest = max(filter(None, compared), key=lambda each: each.rank, default=None)
        # Without a difference, it is the same of something else.
        if likest is None or not (likest.rank[0] or likest.differences):
            return item
        verdict = Verdict.ON_RECORD if likest.rank[0] else Verdict.DIFFERS
        hit, differences = _hit(likest.record, likest.figure), tuple(likest.differences)
        return item._replace(verdict=verdict, hits=(hit,), differences=differences)

    def _compared(self, claim: _Claim, record: dict[str, Any], figure: _Figure) -> _Compared | None:
        """How a figure is on record; None where that is one of others, or of something else."""
        one, actors, measure = claim.one, claim.actors, figure.measure
        makers = _ids(record, "by", "partners")
        # Of what nobody is said to do, those whom it concerns are as good.
        others = makers or _ids(record, "to", "transferred_from")
        is_borne_out = figure.bears_out(claim.act, record)
        if (figure.event and not is_borne_out) or (
            makers and _is_of_others(claim.sentence, actors, makers)
        ):
            return None
        title, _, every = self._subjects_of(record)
        is_same = same_value(measure, one)
        says_all = is_same and bool(claim.about & every.stems)
        says_all = says_all and _adds_nothing(claim.bare, title, figure.subject, record, actors)
        differences = self._other_numbers(one.sentence, record, claim.besides) if says_all else []
        if not is_same or not same_bound(measure, one):
            kind = DifferenceKind.BOUND if is_same else DifferenceKind.NUMBER
            draft = self._text[slice(*one.bounded)]
            # Words for a measure are made where it is answered.
            differences.append(Difference(kind=kind, draft=draft, source=None))
        if (often := _often.match(self._text, one.bounded[1])) and not measure["per"]:
            added = DifferenceKind.ADDED  # `in total, this year` is not each year
            differences.append(Difference(kind=added, draft=often[1], source=None))
        # Whatever was done may have been promised, too.
        if claim.act and says_all and not is_borne_out and record["act"] != Act.DEED:
            kind, draft = DifferenceKind.ACT, claim.act.word
            differences.append(Difference(kind=kind, draft=draft, source=record["act"]))
        is_on_record = says_all and is_borne_out and not differences
        is_named = not others.isdisjoint(actor.id for actor in actors)
        shared = 0 if one.is_share else _shared(claim, title, record, figure)
        if not (is_named and (says_all or shared)) and (not is_on_record or (actors and makers)):
            return None
        rank = is_on_record, is_same, is_borne_out, shared
        return _Compared(rank, record, figure, differences)

    def promise(self, span: Span) -> Judged | None:
        """The verdict on a promise; None where nobody is named who promises."""
        actors, text = self._names.within(span), self._text[slice(*span)]
        if not actors:
            return None
        said = _Said.of(text)
        about = said.stems - _stems_of(actors)
        item = Judged(DraftPart.PROMISE, span)
        is_over = (act := said_act(text)) is not None and act.act is Act.DEED
        differing: Judged | None = None
        for record in self._records(said, actors, about):
            is_done = record["status"] == CommitmentStatus.DONE
            # What was done, or is reported, was promised by nobody.
            if record["act"] != Act.PROMISE or (is_over and not is_done):
                continue
            title, _, every = self._subjects_of(record)
            subject = title.stems - _stems_of(actors)
            is_its_own = next(iter(actors)).id in _ids(record, "by")
            is_alike = len(about & subject) >= max(1, 0.6 * len(subject))
            if (
                is_its_own
                and is_alike
                and _order(actors, record, said) == _order(actors, record, title)
                and _adds_nothing(said, title, every, record, actors)
            ):
                others = self._other_numbers(span, record) + _left_out(record, said, about)
                if not others:
                    return item._replace(verdict=Verdict.ON_RECORD, hits=(_hit(record),))
                only = self._figures_of(record) if len(record["measures"]) == 1 else [None]
                hits, differs = (_hit(record, only[0]),), Verdict.DIFFERS
                differing = differing or item._replace(
                    verdict=differs, hits=hits, differences=(*others,)
                )
        return differing or item

    def _other_numbers(
        self, span: Span, record: dict[str, Any], besides: Iterable[Span] = ()
    ) -> list[Difference]:
        """The first number of a sentence that a commitment does not have, if there is one."""
        summit = record["summit"] and self._sources.record("summit", record["summit"]["id"])
        met = (summit["starts_on"], summit.get("ends_on")) if summit else ()
        return [*filter(None, [other_number(self._text, span, besides, record, met)])]

    def _claim(self, one: Sum) -> _Claim:
        """What a sentence says of a figure of it."""
        (start, end), (first, last) = one.sentence, one.bounded
        stops = (stop.span() for stop in _between_clauses.finditer(self._text, start, end))
        around = (stop for stop in stops if stop[1] <= one.span[0] or last <= stop[0])
        edges = [start, *(edge for stop in around for edge in stop), end]
        clauses = [*zip(edges[::2], edges[1::2], strict=True)]
        start, end = next(span for span in clauses if span[0] <= one.span[0] <= span[1])
        others = (span for span in clauses if span != (start, end) and self._states(*span))
        before, after = self._text[start:first], self._text[last:end]
        actors = self._names.within(one.sentence)
        sentence = _Said.of(self._text[slice(*one.sentence)])
        about = sentence.stems - _stems_of(actors)
        # A figure that begins a clause has its verb in the one before: `pledged, in Rome, $5`.
        act = said_act(before if before.strip() else self._text[one.sentence[0] : first], after)
        clause = f"{before} {after}"
        bare = _Said.of(IN_A_HEADLINE.sub(" ", clause))
        return _Claim(
            one, sentence, _Said.of(clause), bare, actors, about, act, [one.span, *others]
        )

    def _states(self, start: int, end: int) -> bool:
        """Whether figures stand in a part of the draft."""
        return bisect_left(self._stated, start) < bisect_left(self._stated, end)

    def _records(
        self, said: _Said, actors: Iterable[Actor], about: set[str]
    ) -> Iterable[dict[str, Any]]:
        """The commitments that a sentence may be about: of whom it names, or like it in words."""
        sleep(0)  # whoever waits for the interpreter goes first
        records = self._sources.commitments_of([actor.id for actor in actors], about)
        like = self._sources.like(said.line.split())
        records += [text.record for text in like if text.record["type"] == "commitment"]
        return {record["id"]: record for record in records}.values()

    def _figures_of(self, record: dict[str, Any]) -> list[_Figure]:
        """The figures of a commitment, and those of the events that came of it."""
        if record["id"] not in self._figures:
            proven = self._subjects_of(record)[1]
            figures = [_Figure(measure, proven) for measure in record["measures"]]
            for event in record["events"]:
                for passage in (proof["exact"] for proof in event["evidence"]):
                    if not denied(passage):
                        subject = _Said.of(proven.line, event["note"], passage)
                        figures += [_Figure(one, subject, passage) for one in measures_in(passage)]
            self._figures[record["id"]] = figures
        return self._figures[record["id"]]

    def _subjects_of(self, record: dict[str, Any]) -> tuple[_Said, _Said, _Said]:
        """The words of the title of a commitment; those that prove its figures, too; and all."""
        if record["id"] not in self._subjects:
            title, every = record["title"], record["evidence"]
            proving = [proof["exact"] for proof in every if "measures" in proof["fields"]]
            proving += [measure["unit"] for measure in record["measures"]]
            texts = [record["summary"], *(proof["exact"] for proof in every)]
            self._subjects[record["id"]] = (
                _Said.of(title), _Said.of(title, *proving), _Said.of(title, *texts),
            )  # fmt: skip
        return self._subjects[record["id"]]


def _shared(claim: _Claim, title: _Said, record: dict[str, Any], figure: _Figure) -> int:
    """How many words of a title a draft has: none where it has few, or names others."""
    subject = title.stems - _stems_of(claim.actors) - _of_sums - _promised
    subject -= unit_of(figure.measure)
    shared = len(claim.about & subject)
    if not shared or 2 * shared < len(subject):
        return 0
    return 0 if _names_strangers(claim.clause, figure.subject, record, claim.actors) else shared


def _adds_nothing(
    said: _Said, title: _Said, subject: _Said, record: dict[str, Any], actors: Mapping[Actor, str]
) -> bool:
    """Whether all that is said, and whoever is named, is among the words of a subject."""
    # What was done, or is reported, was promised by nobody.
    may_be_said = _of_sums | _promised | _given if record["act"] == Act.PROMISE else _of_sums
    own = _own(record, actors)
    return (
        all(no in subject.line for no in said.denied)
        and said.stems - _stems_of(own) - may_be_said <= subject.stems
        and not _names_strangers(said, subject, record, actors)
        # What is ended is no other thing, neither here nor there.
        and not (title.ended and title.ended.isdisjoint(said.ended))
        and not (said.ended and said.ended.isdisjoint(title.ended or subject.ended))
    )


def _left_out(record: dict[str, Any], said: _Said, about: set[str]) -> list[Difference]:
    """What limits a promise in its title and is not in a draft: `inefficient` subsidies.

    It stands before a word that the draft has; or the title begins with it: the `accountability`
    for something is not that. Of several things that are joined, a draft may have one. Where a
    draft has another word instead, or none of what is done, all that it does not have is said.
    """
    little, any_way = COMMON | LITTLE, _promised | _given | _of_sums
    every = [(word, word.folded in little) for word in words(record["title"])]
    missing = [
        not is_little
        and word.folded.isalpha()
        and len(word.folded) > _SHORT
        and stem(word.folded) not in said.stems | any_way
        for word, is_little in every
    ]
    ends = (at for at, (word, is_) in enumerate(every) if is_ and word.folded not in {"and", "or"})
    first = next(ends, 0)
    begins = all(missing[i] for i in range(first) if not every[i][1])
    done = [lacks for lacks, (word, _) in zip(missing, every, strict=True) if _is_done(word)]
    has_other = bool(about - stems(word.folded for word, _ in every) - any_way)
    says_less = has_other or (bool(done) and all(done))
    limiting: list[str] = []
    for at, (word, _) in enumerate(every):
        behind = at + 1
        while behind < len(every) and missing[behind]:
            behind += 1
        limits = behind < len(every) and not every[behind][1]
        if missing[at] and (limits or (begins and at < first) or says_less):
            limiting.append(record["title"][word.start : word.end])
    kind, source = DifferenceKind.LEFT_OUT, " \u2026 ".join(limiting)
    return [Difference(kind=kind, draft=None, source=source)] if limiting else []


def _is_done(word: Word) -> bool:
    """Whether a word of a title says what is done: `incentives identified by 2025`."""
    return re.fullmatch(r"\w{3,}ed", word.folded) is not None


def _order(actors: Mapping[Actor, str], record: dict[str, Any], said: _Said) -> list[str]:
    """Those who do not promise, in the order in which a text names them."""
    makers = _ids(record, "by", "partners")
    places = {
        actor.id: max(
            said.line.find(f" {name} ") for name in (called, " ".join(folded(actor.title)))
        )
        for actor, called in actors.items()
        if actor.id not in makers
    }
    return sorted((id_ for id_, at in places.items() if at >= 0), key=places.__getitem__)


def _own(record: dict[str, Any], actors: Mapping[Actor, str]) -> dict[Actor, str]:
    """Those of some actors that have a part in a commitment."""
    parts = _ids(record, "by", "partners", "to")
    parts |= {mention["actor"]["id"] for mention in record["mentions"]}
    return {actor: name for actor, name in actors.items() if actor.id in parts}


def _names_strangers(
    said: _Said, subject: _Said, record: dict[str, Any], actors: Mapping[Actor, str]
) -> bool:
    """Whether a name is said that is neither in a commitment nor in its words."""
    others = (said.names | {*actors.values()}) - {*_own(record, actors).values()}
    named = [f" {name} " for name in others]
    return any(name in said.line and name not in subject.line for name in named)


def _is_of_others(sentence: _Said, actors: Mapping[Actor, str], makers: set[str]) -> bool:
    """Whether others than these do what a sentence says: `A gives B`, and `to B by A`."""
    line = sentence.line
    before = {
        actor.id: _before.search(line, max(0, match.start() - 9), match.start())
        for actor, name in actors.items()
        if (match := re.search(rf"\b{re.escape(name)}\b", line))
    }
    givers = {id_ for id_, word in before.items() if word and word[1] in {"by", "from"}}
    givers = givers or {id_ for id_, word in before.items() if not word}
    return bool(givers) and givers.isdisjoint(makers)


def _stems_of(actors: Mapping[Actor, str]) -> set[str]:
    titles = " ".join(word for actor, name in actors.items() for word in (actor.title, name))
    return stems(folded(titles))


def _ids(record: dict[str, Any], *roles: str) -> set[str]:
    """The ids of those who have these parts in a commitment."""
    return {actor["id"] for role in roles for actor in record[role]}


def _hit(record: dict[str, Any], figure: _Figure | None = None) -> Hit:
    """A commitment with the passage that proves a figure, or its figures, or its first one."""
    texts = list(texts_of(record))
    event = figure and figure.event
    proofs = [(text, text.proof) for text in texts if text.proof]
    proving = [text for text, proof in proofs if proof["exact"] == event]
    proving = proving or [text for text, proof in proofs if "measures" in proof["fields"]]
    return Hit((proving or texts)[0], figure.measure if figure else None)
