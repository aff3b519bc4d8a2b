"""Whether a sentence says that something is promised, or that it was done."""

import re
from typing import NamedTuple

from app.beside import table_beside
from app.text import stem
from app.vocabulary import Act

_ENGLISH = table_beside(__file__, "english.toml")
_PATTERNS = _ENGLISH["patterns"]
PROMISING = re.compile(_PATTERNS["promising"])
IN_A_HEADLINE = re.compile(PROMISING.pattern, re.IGNORECASE)
"""The same with capitals, where it is no name: `Japan Will Invest`."""
_PAST = rf"(?:{_PATTERNS['past']})\b"
_verb = re.compile(
    rf"{_PATTERNS['to_come']}{_PAST}|{_PATTERNS['is_over']}(?P<over>{_PAST})|\b(?P<past>{_PAST})",
    re.IGNORECASE,
)
_no_deeds = {stem(word) for words in ("promised", "no_deeds") for word in _ENGLISH[words].split()}


class SaidAct(NamedTuple):
    """A promise or a deed, and the word of a draft that says so."""

    act: Act
    word: str


def said_act(before: str, after: str = "") -> SaidAct | None:
    """What is said before and after a figure to be done with it; None where nothing is."""
    start = before.rstrip()
    clause = f"{start} {after.lstrip()}"
    promising = IN_A_HEADLINE.search(clause)
    for match in _verb.finditer(clause):
        # Farther behind the figure, or beside a promise, it may tell of anything: `channeled SDRs`.
        is_of_it = match.start() <= len(start) + 1 and not promising
        word = match["over"] or (match["past"] if is_of_it else None)
        if word and stem(word.lower()) not in _no_deeds:
            return SaidAct(Act.DEED, word)
    return SaidAct(Act.PROMISE, promising[0]) if promising else None
