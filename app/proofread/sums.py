"""The figures of a draft: sums of money and other quantities, with their sentences."""

import re
from calendar import month_name
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

import pycountry

from app.beside import table_beside
from app.figures import figures
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
_in_a_name = re.compile(r"[A-Za-z]-\Z")
_bound = re.compile(_ENGLISH["patterns"]["bound"], re.IGNORECASE)
_bound_after = re.compile(_ENGLISH["patterns"]["bound_after"], re.IGNORECASE)
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


def sums(text: str, sentence: Span) -> Iterator[Sum]:
    """The figures of a sentence that say how much: no dates, years or numbers of things."""
    start, end = sentence
    said = text[start:end]
    for figure in figures(said):
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
        if code or share or (_is_quantity(figure.text, tail) and not _in_a_name.search(head)):
            span = (start + begun, start + ended)
            # As much of a sentence without an end as one may be.
            around = (max(start, span[0] - LONGEST_SENTENCE), min(end, span[1] + LONGEST_SENTENCE))
            before = _bound.search(said, max(0, begun - 20), begun)
            bound = before or _bound_after.match(said, ended)
            ends = (begun, ended, *bound.span()) if bound else (begun, ended)
            bounded = (start + min(ends), start + max(ends))
            counted = frozenset(_things(_of_what.split(tail)[0]))
            is_share, said_bound = share is not None, bound and bound.lastgroup
            so_much = figure.values, code, is_share, counted, said_bound
            yield Sum(span, bounded, around, *so_much)


def _things(phrase: str) -> list[str]:
    """The words of a phrase, one for many: `F-35 fighter jets` gives `f-35`, `fighter`, `jet`."""
    return [stem(word.removesuffix("s")) for word in _word.findall(phrase.lower())]


def _is_quantity(figure: str, tail: str) -> bool:
    """Whether a number counts something: it is large or in words, and something follows."""
    is_large = "," in figure or any(letter.isalpha() for letter in figure)
    is_year = figure.isdecimal() and len(figure) == 4
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
    """Whether a figure is that of a measure, or an end of its range."""
    ends = (measure["value"], measure["upper"])
    return any(Decimal(str(value)) in one.values for value in ends if value is not None)


def same_bound(measure: Mapping[str, Any], one: Sum) -> bool:
    """Whether a figure is no more exact than a measure."""
    is_rounded = one.bound in {None, "about"} and measure["bound"] in {"exact", "about", "between"}
    return is_rounded or one.bound == measure["bound"]


def measures_in(text: str) -> Iterator[dict[str, Any]]:
    """The sums of money that a text says, as measures of a record."""
    for one in sums(text, (0, len(text))):
        if one.currency and one.bound != "below":
            said = {"value": float(max(one.values)), "bound": one.bound or "exact"}
            yield dict.fromkeys(_UNSAID) | said | {"currency": one.currency}
