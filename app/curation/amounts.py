"""Sums, shares and dates as a text words them, ready for `measures` and `due` of a bundle."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from app.beside import table_beside
from app.figures import SCALES
from app.vocabulary import MeasureRole


def filled(patterns: dict[str, str], given: dict[str, str] | None = None) -> dict[str, str]:
    """Regular expressions in which `{name}` is one of those before them, or a given one."""
    whole = dict(given or {})
    for name, pattern in patterns.items():
        whole[name] = re.sub(r"\{([a-z]+)\}", lambda match: whole[match[1]], pattern)
    return whole


def _any_of(options: Iterable[str]) -> str:
    """A pattern of any of these, the longest first."""
    return "|".join(map(re.escape, sorted(options, key=len, reverse=True)))


_DATA = table_beside(__file__)
_SIGNS, _NAMES = (
    {word: code for code, words in _DATA[table].items() for word in words}
    for table in ("signs", "names")
)
_BOUNDS: dict[str, str] = _DATA["bounds"]
_PATTERNS = filled(
    _DATA["patterns"],
    {
        "signs": _any_of(_SIGNS),
        "names": _any_of(_NAMES),
        "scales": _any_of(SCALES),
        "bounds": "|".join(f"(?P<{name}>{words})" for name, words in _BOUNDS.items()),
        "roles": "|".join(role.value for role in MeasureRole),
    },
)
_MONTHS = _PATTERNS["month"].split("|")
_sum, _share, _due, _loose, _baseline, _typed, _period = (
    re.compile(_PATTERNS[name])
    for name in ("sum", "share", "due", "loose", "baseline", "typed", "period")
)
_ROLES = {"promise": "pledged", "deed": "spent"}
"""As what a sum is given, where nothing else says it."""
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
        per = {"per": "year"} if _period.match(text, match.end()) else {}
        yield match.start(), money | per


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
        share: dict[str, Any] = {"role": role, "value": _number(match["value"], None)}
        share |= _bounds(match) | {"unit": "%"}
        if match["of"]:
            share["of"] = match["of"]
        if base := _baseline.search(text, match.end(), match.end() + _LONGEST):
            share["baseline"] = base[0]
        yield match.start(), share


def _role(before: str, act: str) -> str:
    """As what a sum is given, by the last words before it."""
    near = before.lower()
    roles = (role for role, words in _DATA["given"].items() if re.search(words, near))
    return next(roles, _ROLES.get(act, "stated"))


def _bounds(match: re.Match[str]) -> dict[str, str]:
    return next(({"bound": name} for name in _BOUNDS if match[name]), {})


def _number(digits: str, scale: str | None) -> int | float:
    number = Decimal(re.sub(r"[,\u00a0\u202f]", "", digits)) * SCALES.get((scale or "").lower(), 1)
    return int(number) if number == number.to_integral() else float(number)


def in_words(measure: dict[str, Any]) -> str:
    """A measure as it may be typed, and is read again: `pledged: up to USD 5,000 by 2030`.

    One that says more than such words can is in brackets, which are not read.
    """
    one = {name: value for name, value in measure.items() if value is not None}
    bound = _BOUNDS.get(one.get("bound", ""), "").split("|")[0]
    words = f"{one.get('role')}: {f'{bound} ' if bound else ''}"
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
