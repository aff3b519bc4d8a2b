"""The figures of a draft: sums of money and other quantities, with their sentences."""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import zip_longest
from typing import Any, NamedTuple

import pycountry

from app.beside import table_beside
from app.figures import Figure, figures
from app.proofread.draft import LONGEST_SENTENCE, Span
from app.text import stem

_ENGLISH = table_beside(__file__, "english.toml")
_SIGNS: dict[str, str] = _ENGLISH["signs"]
_NAMES: dict[str, str] = _ENGLISH["names"]
_UNSAID = ("role", "upper", "unit", "of", "per", "baseline", "by")
_CODES = frozenset(currency.alpha_3 for currency in pycountry.currencies)
_signed = re.compile(r"([A-Z]{0,3}[$€£¥₩₹₽₺₴]|\b[A-Z][A-Za-z]{1,2})[ \u00a0\u202f]?\Z")
_named = re.compile(
    r"[-\s]{0,3}(?:(?:U\.?S\.?|American) )?(?:([A-Z]{3})\b|([€£¥₩])|([A-Za-z]{3,8}?)s?\b)"
)
_percent = re.compile(r"\s?(?:%|per ?cent\b)")
# What is counted: "55,000 personnel", "18 F-35s", "12 Patriot batteries".
_counted = re.compile(r"[-\s]{1,3}(?:[a-z]{3}|[A-Z][\w-]*s\b|[A-Z][\w-]+ [a-z]{3})")
_in_a_name = re.compile(r"[A-Za-z]-?\Z")  # F-35, G20
_bound = re.compile(_ENGLISH["patterns"]["bound"], re.IGNORECASE)
_bound_after = re.compile(_ENGLISH["patterns"]["bound_after"], re.IGNORECASE)
_to = re.compile(r"\s?[-–—]\s?|\s+to\s+")
_between = re.compile(r"\b(?:between|from)\s\Z", re.IGNORECASE)
_YEAR = 4  # digits
_word = re.compile(r"[\w-]*\w")
_of_what = re.compile(r"\b(?:in|of|for|per|on|at|from|to|by|with|and|or)\b|[,;:()—–]")
_dated = re.compile(rf"\s*(?:{'|'.join(month_name[1:])})\b|(?:st|nd|rd|th)\b")


class Sum(NamedTuple):
    """A figure, and the sentence in which it stands."""

    span: Span
    bounded: Span
    """It, with the words that say how exact it is."""
    sentence: Span
    values: frozenset[Decimal]
    currency: str | None
    """The code of the currency; None for what is no sum of money."""
    is_share: bool
    """Whether it is in per cent."""
    counted: frozenset[str]
    """The words of what it counts."""
    bound: str | None
    """How exact it is; None where nothing is said of that."""
    upper: Decimal | None = None
    """The end of a range."""


def sums(text: str, sentence: Span) -> Iterator[Sum]:
    """The figures of a sentence that say how much: no dates, years or numbers of things."""
    start, end = sentence
    said, taken = text[start:end], 0
    every = [_read(said, figure) for figure in figures(said)]
    for one, later in zip_longest(every, every[1:]):
        last = later if later and _is_range(said, one, later) else one
        is_sum = one.code or last.code or last.is_share or last.is_quantity
        if one.begun < taken or not is_sum:
            continue
        begun, taken = one.begun, last.ended
        span = (start + begun, start + taken)
        # As much of a sentence without an end as one may be.
        around = (max(start, span[0] - LONGEST_SENTENCE), min(end, span[1] + LONGEST_SENTENCE))
        how_exact = _bound if last is one else _between
        before = how_exact.search(said, max(0, begun - 20), begun)
        bound = before or _bound_after.match(said, taken)
        ends = (begun, taken, *bound.span()) if bound else (begun, taken)
        bounded = (start + min(ends), start + max(ends))
        counted = frozenset(_things(_of_what.split(said[taken : taken + 60])[0]))
        how = one.code or last.code, last.is_share, counted
        if last is one:
            # Of another number's scale nothing is this one's, but in a range.
            values = one.values if one.is_scaled else frozenset({min(one.values)})
            yield Sum(span, bounded, around, values, *how, bound and bound.lastgroup)
        else:
            lower, upper = frozenset({max(one.values)}), max(last.values)
            yield Sum(span, bounded, around, lower, *how, "between", upper)


class _Read(NamedTuple):
    """A number, and what stands beside it."""

    begun: int
    ended: int
    values: frozenset[Decimal]
    code: str | None
    is_share: bool
    is_quantity: bool
    is_scaled: bool
    is_year: bool


def _read(said: str, figure: Figure) -> _Read:
    begun, ended = figure.start, figure.end
    head, tail = said[max(0, begun - 6) : begun], said[ended : ended + 60]
    sign = _signed.search(head)
    code = _code(sign[1]) if sign else None
    begun -= len(sign[0]) if sign and code else 0
    if code is None and (named := _named.match(tail)):
        code = _code(named[1] or named[2] or "") or _NAMES.get((named[3] or "").lower())
        ended += named.end() if code else 0
    share = None if code else _percent.match(tail)
    ended += share.end() if share else 0
    is_quantity = _is_quantity(figure.text, tail) and not _in_a_name.search(head)
    is_scaled = figure.text[-1].isalpha()
    is_year = figure.text.isdecimal() and len(figure.text) == _YEAR
    return _Read(
        begun, ended, figure.values, code, share is not None, is_quantity, is_scaled, is_year
    )


def _is_range(said: str, one: _Read, later: _Read) -> bool:
    """Whether two numbers are the ends of a range: `$1-2 trillion`, `30 to 50 percent`."""
    joint = said[one.ended : later.begun]
    is_between = joint.strip() == "and" and _between.search(said, max(0, one.begun - 9), one.begun)
    if not (is_between or _to.fullmatch(joint)) or (one.is_year and not one.code):
        return False
    if later.code or later.is_share:
        return one.code in {None, later.code}
    return later.is_scaled if one.code else later.is_quantity


def _things(phrase: str) -> list[str]:
    """The words of a phrase, one for many: `F-35 fighter jets` gives `f-35`, `fighter`, `jet`."""
    return [stem(word.removesuffix("s")) for word in _word.findall(phrase.lower())]


def _is_quantity(figure: str, tail: str) -> bool:
    """Whether a number counts something: it is large or in words, and something follows."""
    is_large = "," in figure or any(letter.isalpha() for letter in figure)
    is_year = figure.isdecimal() and len(figure) == _YEAR
    if is_year or _dated.match(tail):
        return False
    return is_large or (figure.isdecimal() and len(figure) > 1 and _counted.match(tail) is not None)


def _code(sign: str) -> str | None:
    return _SIGNS.get(sign) or (sign if sign in _CODES else _SIGNS.get(sign[-1:]))


def same_unit(measure: Mapping[str, Any], one: Sum) -> bool:
    """Whether a measure on record is of the currency or unit of a figure."""
    if one.currency or measure["currency"]:
        return bool(one.currency == measure["currency"])
    if one.is_share:
        return str(measure["unit"]).lower().startswith(("%", "per cent", "percent"))
    return not unit_of(measure).isdisjoint(one.counted)


def unit_of(measure: Mapping[str, Any]) -> set[str]:
    """What a measure counts: the last word of its unit, and a type such as `f-35`."""
    every = _things(_of_what.split(measure["unit"] or "")[0])
    return {*every[-1:], *(word for word in every if any(map(str.isdigit, word)))}


def same_value(measure: Mapping[str, Any], one: Sum) -> bool:
    """Whether a figure is that of a measure, or an end of its range, or a range the same."""
    if one.upper is not None:
        upper = measure["upper"]
        is_range = upper is not None and Decimal(str(upper)) == one.upper
        return is_range and Decimal(str(measure["value"])) in one.values
    ends = (measure["value"], measure["upper"])
    return any(Decimal(str(value)) in one.values for value in ends if value is not None)


def same_bound(measure: Mapping[str, Any], one: Sum) -> bool:
    """Whether a figure is as exact as a measure."""
    return bool((one.bound or "exact") == measure["bound"])


def measures_in(text: str) -> Iterator[dict[str, Any]]:
    """The sums of money that a text says, as measures of a record."""
    for one in sums(text, (0, len(text))):
        if one.currency and one.bound != "below":
            said = {"value": float(max(one.values)), "bound": one.bound or "exact"}
            upper = None if one.upper is None else float(one.upper)
            yield dict.fromkeys(_UNSAID) | said | {"currency": one.currency, "upper": upper}
