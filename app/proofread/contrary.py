"""What words that are alike may say otherwise: their numbers, and what they put an end to."""

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from app.beside import table_beside
from app.figures import Figure, figures
from app.proofread.draft import Span
from app.proofread.shapes import Difference
from app.proofread.sources import folded, stems
from app.vocabulary import DifferenceKind

_PATTERNS = table_beside(__file__, "english.toml")["patterns"]
_denying = re.compile(r"\b(?:not|no|nor|cannot)\b|n['’]t\b", re.IGNORECASE)
_ending = re.compile(_PATTERNS["ending"])
_due = re.compile(_PATTERNS["due"], re.IGNORECASE)
_in_a_word = re.compile(r"[^\W\d_]-?\Z")
_DENIED = 3  # words that stand so on record, too, and are a part of what is promised
_NEAR = 80  # characters
_YEAR = 4  # digits
_ENDED = 6  # words, among which stands what is ended


def denied(text: str) -> list[str]:
    """What a text says no to, with that word: what stands so on record is a part of it."""
    places = (match.start() for match in _denying.finditer(text))
    every = (folded(text[at : at + _NEAR])[:_DENIED] for at in places)
    return [f" {' '.join(some)} " for some in every]


def ended(line: str) -> set[str]:
    """The words of folded ones behind those that end something; before them if none follow."""
    every = set()
    for match in _ending.finditer(line):
        start, end = match.span()
        behind = stems(line[end : end + _NEAR].split()[:_ENDED])
        every |= behind or stems(line[max(0, start - _NEAR) : start].split()[-_ENDED:])
    return every


def other_number(
    text: str,
    span: Span,
    besides: Iterable[Span],
    record: Mapping[str, Any],
    met: Iterable[str | None],
) -> Difference | None:
    """The first number of a sentence that a record does not have; its dates are `met`, too."""
    own, around = _values(_texts_of(record)), _values(met)
    for figure in _written(text[slice(*span)]):
        at = span[0] + figure.start
        if any(start <= at < end for start, end in besides):
            continue
        # Nothing is due when they met.
        is_due = _due.search(text, max(span[0], at - 40), at)
        if figure.values.isdisjoint(own if is_due else own | around):
            due = record["due"] if is_due and len(figure.text) == _YEAR else None
            return Difference(kind=DifferenceKind.NUMBER, draft=figure.text, source=due)
    return None


def _written(text: str) -> Iterator[Figure]:
    """The numbers of a text but for those in names: `G7`, `F-35`."""
    return (
        one
        for one in figures(text)
        if not _in_a_word.search(text[max(0, one.start - 2) : one.start])
    )


def _values(texts: Iterable[str | None]) -> set[Decimal]:
    return {value for text in texts for one in figures(text or "") for value in one.values}


def _texts_of(record: Mapping[str, Any]) -> Iterator[str | None]:
    """What a commitment says: its words, its dates and its figures."""
    yield from (record[field] for field in ("title", "summary", "date", "due", "due_text"))
    for each in (record, *record["events"]):
        yield from (proof["exact"] for proof in each["evidence"])
    for event in record["events"]:
        yield from (event["date"], event["note"])
    for measure in record["measures"]:
        yield from (str(value) for value in measure.values() if value is not None)
