"""Sums, shares and dates as a text words them, ready for `measures` and `due` of a bundle."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from app.figures import SCALES
from app.vocabulary import MeasureRole

_SIGNS = {
    "US$": "USD", "USD": "USD", "U.S.$": "USD", "$": "USD", "€": "EUR", "EUR": "EUR", "£": "GBP",
    "GBP": "GBP", "JPY": "JPY", "¥": "JPY", "CAD": "CAD", "C$": "CAD", "A$": "AUD", "AUD": "AUD",
    "CHF": "CHF", "NOK": "NOK", "SEK": "SEK", "DKK": "DKK", "CNY": "CNY", "RMB": "CNY",
    "INR": "INR", "₹": "INR", "KRW": "KRW", "₩": "KRW", "BRL": "BRL", "R$": "BRL",
}  # fmt: skip
_NAMES = {
    "us dollars": "USD", "u.s. dollars": "USD", "dollars": "USD", "euros": "EUR", "euro": "EUR",
    "pounds": "GBP", "pounds sterling": "GBP", "yen": "JPY", "yuan": "CNY",
}  # fmt: skip
_BOUNDS = {
    "up_to": "up to|as much as|no more than|not more than|at most|a maximum of",
    "at_least": "at least|no less than|not less than|a minimum of|a floor of",
    "more_than": "more than|over|exceeding|in excess of|above|upwards of",
    "about": "around|about|approximately|nearly|almost|some|roughly|circa|close to",
}
_bound = "|".join(f"(?P<{name}>{words})" for name, words in _BOUNDS.items())
# Of a long row of digits no part is read: that would take a moment for each of them.
_value = r"(?<!\d)(?:\d{1,3}(?:[,\u00a0\u202f]\d{3}){1,6}+|\d{1,20}+)(?!\d)(?:\.\d{1,20}+)?"
_scale = "|".join(sorted(SCALES, key=len, reverse=True))
_sign = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_name = "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True))
_money = (
    rf"(?:(?P<sign>(?<![A-Za-z])(?:{_sign}))\s?)?(?P<value>{_value})(?:[\s-]?(?P<scale>{_scale})\b)?"
    rf"(?:(?:\s?[-\u2013]\s?|\s(?:and|to)\s)(?P<sign2>{_sign})?\s?(?P<upper>{_value})"
    rf"(?:[\s-]?(?P<scale2>{_scale})\b)?)?"
)
_sum = re.compile(
    rf"(?:\b(?:{_bound}|between)\s+)?(?:(?:an additional|a total of)\s+)?"
    rf"{_money}(?(sign)|\s(?P<name>{_name})\b)",
    re.IGNORECASE,
)
_share = re.compile(
    rf"(?:\b(?:{_bound})\s+)?(?<![\w.,])(?P<value>{_value})\s?(?:%|per\s?cent\b)"
    r"(?:\s(?:of|in)\s(?:(?:the|its|their|our|all)\s)?"
    r"(?P<of>(?!20\d\d)[^\s,.;:)]+(?:\s"
    r"(?!(?:by|in|for|from|and|to|until|relative|within|annually|on|per|each)\b)[^\s,.;:)]+){0,5}))?",
    re.IGNORECASE,
)
_MONTHS = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
]  # fmt: skip
_month = "|".join(_MONTHS)
_when = (
    rf"(?:(?P<day>\d{{1,2}})\s)?(?:(?P<month>{_month})\s(?:(?P<day2>\d{{1,2}}),\s)?)?"
    r"(?P<year>20\d\d)"
)
_due = re.compile(
    rf"\b(?:(?:no|not) later than|by|until|before|through to)\s"
    r"(?:or (?:around|before)\s)?"
    r"(?:(?:the\s)?(?:end|middle|close|start|beginning|course)\s(?:of\s)?(?:the\s)?"
    r"|mid-|early\s|late\s|year\s)?"
    rf"{_when}(?![-\u2013/]\d|\d| level| through to)"
    r"(?: at the latest| or (?:sooner|earlier))?"
)
_loose = re.compile(
    r"\b(?:by|before|until|within|over|in|during|at) (?:the )?(?:end of )?"
    r"(?:the |this |next |coming |an )?"
    r"(?:year|decade|century|summer|autumn|spring|winter|month|months|end of the year|early date"
    r"|coming (?:years?|decades?|months?|weeks?)"
    r"|next (?:year|decade|(?:two|three|five|ten|\d+) years))\b"
)
_baseline = re.compile(
    r"\b(?:relative to|compared (?:to|with)|below|from|against)\s(?:the\s)?"
    r"(?:(?:19|20)\d\d levels?|levels? (?:in|of) (?:19|20)\d\d|pre-industrial levels?)"
)


_ROLES = {"promise": "pledged", "deed": "spent"}
"""As what a sum is given, where nothing else says it."""
_typed = re.compile(
    rf"(?:(?P<role>{'|'.join(role.value for role in MeasureRole)}):\s*)?(?:(?:{_bound})\s)?"
    rf"(?:(?P<code>[A-Z]{{3}})\s)?{_money}"
    rf"(?:\s?(?P<share>%)(?:\sof\s(?P<of>[^;()]+?))?"
    rf"|\s(?P<name>{_name})|\s(?P<unit>[^;:()]+?))??"
    r"(?:\s\((?P<baseline>[^;()]+)\))?(?:\s(?:per|a)\s(?P<per>[^;()]+?))?"
    r"(?:\sby\s(?P<by>\d{4}(?:-\d\d){0,2}))?"
)
_LONGEST = 400  # characters of a measure as typed, and from a share to its baseline


class Due(NamedTuple):
    """A date by which something is to be done, as worded."""

    text: str
    date: str | None
    """None where it is not said in figures."""
    start: int
    end: int


def due_dates(text: str) -> list[Due]:
    """Every date by which something is to be done."""
    dates = [Due(m[0], _iso(m), m.start(), m.end()) for m in _due.finditer(text)]
    if dates:
        return dates
    return [Due(m[0], None, m.start(), m.end()) for m in _loose.finditer(text)][:1]


def _iso(match: re.Match[str]) -> str:
    day, month = match["day"] or match["day2"], match["month"]
    parts = [match["year"], *([f"{_MONTHS.index(month) + 1:02}"] if month else [])]
    return "-".join([*parts, f"{int(day):02}"] if month and day else parts)


def measures(text: str, act: str) -> list[dict[str, Any]]:
    """The sums of money and the shares that a text gives, as `measures` of a commitment."""
    found = sorted([*_sums(text, act), *_shares(text)], key=lambda pair: pair[0])
    dates = [due for due in due_dates(text) if due.date]
    for at, measure in found:
        after = next((due for due in dates if due.start >= at), dates[-1] if dates else None)
        if after and after.date:
            measure["by"] = after.date
    return [measure for _, measure in found]


def _sums(text: str, act: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for match in _sum.finditer(text):
        money = {"role": _role(text[max(0, match.start() - 90) : match.start()], act)}
        money |= _figures(match) | {"currency": _currency(match)}
        yield match.start(), money | _period(text[match.end() : match.end() + 20])


def _figures(match: re.Match[str]) -> dict[str, Any]:
    """How much a match says: a figure, or two of which the scale may stand after the second."""
    value = _number(match["value"], match["scale"])
    other = _SIGNS.get((match["sign2"] or "").upper())
    if not match["upper"] or other not in {None, _currency(match)}:
        return {"value": value} | _bounds(match)
    upper = _number(match["upper"], match["scale2"] or match["scale"])
    if not match["scale"] and value < 1_000:  # 5-7 million, and not 900,000-1 million
        value = _number(match["value"], match["scale2"])
    return {"value": value} | (
        {"upper": upper, "bound": "between"} if upper > value else _bounds(match)
    )


def _currency(match: re.Match[str]) -> str | None:
    return _SIGNS.get((match["sign"] or "").upper()) or _NAMES.get((match["name"] or "").lower())


def _shares(text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    role = "goal" if _due.search(text) else "stated"
    for match in _share.finditer(text):
        share: dict[str, Any] = {"role": role}
        share |= {"value": _number(match["value"], None)} | _bounds(match) | {"unit": "%"}
        if match["of"]:
            share["of"] = match["of"]
        if base := _baseline.search(text, match.end(), match.end() + _LONGEST):
            share["baseline"] = base[0]
        yield match.start(), share


def _role(before: str, act: str) -> str:
    """As what a sum is given, by the last words before it."""
    near = before.lower()
    for role, words in (
        ("stated", "totaling|totalling|can add|amounting"),
        ("mobilised", "mobiliz|mobilis|leverag|catalyz|catalys|unlock|raise"),
        ("called_for", "call for|calls for|urge|ambition|need of"),
        ("spent", "has provided|have provided|spent|disbursed|have delivered|have contributed"),
        ("goal", "goal of|target of"),
    ):
        if re.search(words, near):
            return role
    return _ROLES.get(act, "stated")


def _bounds(match: re.Match[str]) -> dict[str, str]:
    return next(({"bound": name} for name in _BOUNDS if match[name]), {})


def _number(digits: str, scale: str | None) -> int | float:
    number = Decimal(re.sub(r"[,\u00a0\u202f]", "", digits)) * SCALES.get((scale or "").lower(), 1)
    return int(number) if number == number.to_integral() else float(number)


def _period(after: str) -> dict[str, str]:
    return (
        {"per": "year"}
        if re.match(r"\s(?:annually|a year|per year|per annum|each year)\b", after)
        else {}
    )


def in_words(measure: dict[str, Any]) -> str:
    """A measure as it may be typed, and is read again: `pledged: up to USD 5,000 by 2030`.

    One that says more than such words can is in brackets, which are not read.
    """
    before = {"up_to": "up to ", "at_least": "at least ", "more_than": "over ", "about": "about "}
    one = {name: value for name, value in measure.items() if value is not None}
    words = f"{one.get('role')}: {before.get(one.get('bound', ''), '')}"
    words += f"{one['currency']} " if "currency" in one else ""
    words += "-".join(_digits(one[name]) for name in ("value", "upper") if name in one)
    unit = one.get("unit", "")
    words += unit if unit == "%" else f" {unit}" if unit else ""
    words += f" of {one['of']}" if "of" in one else ""
    words += f" ({one['baseline']})" if "baseline" in one else ""
    words += f" per {one['per']}" if "per" in one else ""
    words += f" by {one['by']}" if "by" in one else ""
    try:
        same = {"bound": "exact"} | measure_of(words, "") == {"bound": "exact"} | one
    except ValueError:
        same = False
    same = same and words == " ".join(words.split())  # blanks at an end are not typed again
    return words if same else f"[{words.replace(';', ',')}]"


def _digits(number: Any) -> str:
    is_number = isinstance(number, int | float) and not isinstance(number, bool)
    return f"{number:,}" if is_number else str(number)


def measure_of(words: str, act: str) -> dict[str, Any]:
    """The measure that is meant by what is typed. Raises ValueError, with what to type."""
    match = _typed.fullmatch(words) if len(words) <= _LONGEST else None
    if words.startswith("["):
        raise ValueError(f"{words} says more than can be typed here; leave it, or edit the file")
    money = match and (match["code"] or _currency(match))
    if not match or bool(money) == bool(match["share"] or match["unit"]):
        raise ValueError(
            f"“{words}” is no sum or share; type it as in pledged: up to EUR 5 million by 2030, "
            "goal: 30% of GDP per year, or stated: about 55,000 troops, with ; between two"
        )
    figures = _figures(match)
    if match["upper"] and "upper" not in figures:
        raise ValueError(f"“{words}” is no range; type the less first, as in EUR 5-7 million")
    unit = {"currency": money} if money else {"unit": match["share"] or match["unit"]}
    measure = {"role": match["role"] or _ROLES.get(act, "stated")} | figures | unit
    return measure | {k: match[k] for k in ("of", "baseline", "per", "by") if match[k]}
