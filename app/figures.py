"""The numbers of a text: `$1 trillion`, `1,000`, `fifty per cent`, `both`."""

import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import chain, zip_longest
from typing import NamedTuple

from text_to_num import alpha2digit  # type: ignore[import-untyped] # it has no types

from app.beside import table_beside
from app.text import POINT

_DATA = table_beside(__file__)
SCALES: dict[str, int] = _DATA["scales"]
"""What may follow a number in digits, and how much more that makes it."""
_SPACES = "\u00a0\u2009\u202f "
_NUMBER = rf"\d{{1,3}}(?:[,{_SPACES}]\d{{3}})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?"
_figure = re.compile(rf"({_NUMBER})(?:[\s-]*({'|'.join(SCALES)})s?\b)?", re.IGNORECASE)
_range = re.compile(r"\s*(?:-|\u2013|\u2014|to|and|or)\W{0,3}(?:[A-Z]{2,3})?\W{0,3}")
_separator = re.compile(rf"[,{_SPACES}]")
_large = re.compile(r"\b(thousand|million|billion|trillion)", re.IGNORECASE)
_half_of = re.compile(r"\bhalf an? (?=(?:m|b|tr)illion)", re.IGNORECASE)
_MONEY: list[dict[str, list[str]]] = _DATA["money"]
_names = "|".join({name for names in _MONEY for name in chain(*names.values())})
_sum = re.compile(
    rf"(?:(?P<before>{_names}) )?(?P<number>\d+(?:{POINT}\d+)?)"
    rf"(?: ?(?P<scale>{'|'.join(SCALES)}))?(?: ?(?P<behind>{_names}))?"
)
_LARGE = 1_000_000  # a number that is a sum by itself
_FEW = 10_000  # of a scale: what is more is written with the next one
_HUNDRED = 100
_SHORT = 2  # letters of a scale that is written without a blank before it
_MARK = "qq"  # letters, as anything else would end the word
_word = re.compile(r"[a-z]+")


class Figure(NamedTuple):
    """A number in digits."""

    text: str
    values: frozenset[Decimal]
    """What it can mean: `5m` is five, or five million."""
    start: int
    """Where it begins in the text, in code points."""
    end: int


def sums_like(words: str) -> list[str]:
    """What says the same as a sum in folded words, or as a share; empty for other words.

    `dollar 1 trillion` and `one trillion dollars` are one, `five percent` is `5 percent`.
    """
    has_digits = any(map(str.isdigit, words))
    in_digits = words if has_digits else alpha2digit(words, "en", 0).replace(".", POINT)
    match = _sum.fullmatch(in_digits)
    if match is None or (match["before"] and match["behind"]):
        return []
    value = Decimal(match["number"].replace(POINT, ".")) * SCALES.get(match["scale"], 1)
    currency = match["before"] or match["behind"]
    if not (match["scale"] or currency or value >= _LARGE):
        return []
    bare = [*_written(value)]
    for names in _MONEY:
        if currency in names["before"] + names["behind"]:
            before = [f"{name} {number}" for number in bare for name in names["before"]]
            blanks = [(name, " ") for name in names["behind"]]
            blanks += [(name, "") for name in names["behind"] if len(name) == 1]
            return before + [f"{number}{blank}{name}" for number in bare for name, blank in blanks]
    return bare


def _written(value: Decimal) -> Iterator[str]:
    """A number in folded words: in digits, and in those that each scale leaves."""
    yield _digits_of(value)
    for scale, each in SCALES.items():
        number = value / each
        if len(scale) > 1 and each > _HUNDRED and 1 <= number < _FEW:
            digits = _digits_of(number)
            yield f"{digits} {scale}"
            if len(scale) == _SHORT:
                yield f"{digits}{scale}"


def _digits_of(number: Decimal) -> str:
    return f"{number.normalize():f}".replace(".", POINT)


def figures(text: str) -> Iterator[Figure]:
    """The numbers that a text writes in digits."""
    matches = list(_figure.finditer(text))
    for match, later in zip_longest(matches, matches[1:]):
        number = Decimal(_separator.sub("", match[1]))
        scale = (match[2] or "").lower()
        values = {number * SCALES.get(scale, 1)}
        if len(scale) == 1:
            values.add(number)
        if later and later[2] and not scale and _range.fullmatch(text, match.end(), later.start()):
            values.add(number * SCALES[later[2].lower()])
        yield Figure(match[0], frozenset(values), *match.span())


def numbers(text: str) -> set[Decimal]:
    """All numbers that a text says, in digits and in words."""
    # Marked, a scale keeps apart from its number: "ten to 15 billion" has one for both.
    marked = _large.sub(rf"{_MARK}\1", _half_of.sub("0.5 ", text))
    in_digits = alpha2digit(marked, "en", 0).replace(_MARK, "")
    in_words = alpha2digit(_figure.sub(" ", text), "en", 0)
    values = {value for one in (in_digits, in_words) for f in figures(one) for value in f.values}
    for word in set(_word.findall(text.lower())):
        values.update(map(Decimal, _DATA["words"].get(word, ())))
    return values
