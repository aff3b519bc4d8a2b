"""The figures of a draft: sums of money and other quantities, with their sentences."""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

import pycountry

from app.figures import figures
from app.proofread.draft import LONGEST_SENTENCE, Span

_SIGNS = {
    "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₩": "KRW", "₹": "INR", "₽": "RUB", "₺": "TRY",
    "₴": "UAH", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
    "S$": "SGD", "R$": "BRL", "US$": "USD", "CN¥": "CNY", "RMB": "CNY", "Rs": "INR",
}  # fmt: skip
_NAMES = {
    "dollar": "USD", "euro": "EUR", "yen": "JPY", "pound": "GBP", "won": "KRW", "yuan": "CNY",
    "renminbi": "CNY", "rupee": "INR", "rouble": "RUB", "ruble": "RUB", "hryvnia": "UAH",
    "baht": "THB", "rand": "ZAR",
}  # fmt: skip
_signed = re.compile(r"([A-Z]{0,3}[$€£¥₩₹₽₺₴]|\b[A-Z][A-Za-z]{1,2})[ \u00a0\u202f]?\Z")
_named = re.compile(
    r"[-\s]{0,3}(?:(?:U\.?S\.?|American) )?(?:([A-Z]{3})\b|([€£¥₩])|([A-Za-z]{3,8}?)s?\b)"
)
_percent = re.compile(r"\s?(?:%|per ?cent\b)")
_unit = re.compile(r"[-\s]{1,3}[a-z]{3}")
_MONTHS = "January February March April May June July August September October November December"
_dated = re.compile(rf"\s*(?:{'|'.join(_MONTHS.split())})\b|(?:st|nd|rd|th)\b")


class Sum(NamedTuple):
    """A figure, and the sentence in which it stands."""

    span: Span
    sentence: Span
    values: frozenset[Decimal]
    currency: str | None
    """The code of the currency; None for what is no sum of money."""
    is_share: bool
    """Whether it is in per cent."""


def sums(text: str, sentence: Span) -> Iterator[Sum]:
    """The figures of a sentence that say how much: no dates, years or numbers of things."""
    start, end = sentence
    said = text[start:end]
    for figure in figures(said):
        head, tail = (
            said[max(0, figure.start - 6) : figure.start],
            said[figure.end : figure.end + 24],
        )
        sign = _signed.search(head)
        code = _code(sign[1]) if sign else None
        begun = figure.start - len(sign[0]) if sign and code else figure.start
        ended = figure.end
        if code is None and (named := _named.match(tail)):
            code = _code(named[1] or named[2] or "") or _NAMES.get((named[3] or "").lower())
            ended += named.end() if code else 0
        share = None if code else _percent.match(tail)
        ended += share.end() if share else 0
        if code or share or _is_quantity(figure.text, tail):
            span = (start + begun, start + ended)
            # As much of a sentence without an end as one may be.
            around = (max(start, span[0] - LONGEST_SENTENCE), min(end, span[1] + LONGEST_SENTENCE))
            yield Sum(span, around, figure.values, code, share is not None)


def _is_quantity(figure: str, tail: str) -> bool:
    """Whether a number counts something: it is large or in words, and something follows."""
    is_large = "," in figure or any(letter.isalpha() for letter in figure)
    is_year = figure.isdecimal() and len(figure) == 4
    if is_year or _dated.match(tail):
        return False
    return is_large or (figure.isdecimal() and len(figure) > 1 and _unit.match(tail) is not None)


@cache
def _currencies() -> frozenset[str]:
    return frozenset(currency.alpha_3 for currency in pycountry.currencies)


def _code(sign: str) -> str | None:
    return _SIGNS.get(sign) or (sign if sign in _currencies() else _SIGNS.get(sign[-1:]))


def same_unit(measure: dict[str, object], one: Sum, sentence: str) -> bool:
    """Whether a measure on record is of the currency or unit of a figure."""
    if one.currency or measure["currency"]:
        return one.currency == measure["currency"]
    unit = str(measure["unit"] or "").lower()
    if one.is_share:
        return unit.startswith(("%", "per cent", "percent"))
    return bool(unit) and unit.split()[-1].rstrip("s") in sentence.lower()


def same_figure(measure: dict[str, object], one: Sum) -> bool:
    """Whether a figure is that of a measure, or an end of its range."""
    ends = (measure["value"], measure["upper"])
    return any(Decimal(str(value)) in one.values for value in ends if value is not None)
