"""What people write for the values of parameters, and what they mean by it.

Each function gives every reading there is: one is what was meant, several are offered.
"""

import re
from calendar import month_name
from collections.abc import Iterator
from datetime import UTC, datetime

import pycountry
import regex

from app.beside import table_beside
from app.countries import codes_named
from app.dates import last_day, partial_date
from app.fields import code_of
from app.figures import figures
from app.formats import BY_NAME, FORMATS
from app.nearest import holding, slips
from app.vocabulary import ActorKind

MOST = "200"
_AS_MANY = 5
_MEANT = table_beside(__file__)
_ORDERS: dict[str, list[str]] = _MEANT["sort"]
_FORMATS = {each.media_type: [each.name] for each in FORMATS} | _MEANT["format"]
_WORDS: dict[str, dict[str, list[str]]] = {**_MEANT, "format": _FORMATS}
_WORDS |= dict.fromkeys(("open", "bom", "raw", "derived"), _MEANT["switch"])
ALSO: dict[str, list[str]] = _MEANT["parameters"]
"""Parameters by what people write in their place: those of these that a request has."""
EVERYTHING = frozenset(_MEANT["everything"])
"""Values by which people ask for all there are: the parameter is left out for that."""
NEARLY: dict[str, dict[str, str]] = _MEANT["nearly"]
"""Parameters by what people write for nearly the same, and where they differ from that."""
_parting = re.compile(r"(?<=\w)[_-](?=\w)|[\[\]]")
_WHOLE = {"sort", "format", "fields"}
"""Parameters of which a part of a value is another one: `text` is not `due_text`."""
# A column of a table is named after its key: `by_titles`.
of_a_key = re.compile(r"(?:\.\w+|_(?:ids?|titles?|types?|roles|offices))\Z")
_of_government = re.compile(r"(?:the )?government of (?:the )?(.+)")
_descending = re.compile(r"(\w+)(?:[ :,_]|\.)(asc|desc)(?:ending)?")


def spelling(name: str) -> str:
    """The name of a parameter without capitals and what parts its words: `pageSize`, `date[lt]`."""
    return _parting.sub("", name.lower())


def format_called(typed: str) -> str | None:
    """The name of the format that is meant by a word, whatever it can show."""
    word = typed.strip().lower().removeprefix(".")
    name = _FORMATS.get(word, [word])[0]
    return name if name in BY_NAME else None


def called(name: str, word: str, valid: list[str]) -> list[str]:
    """The values of a closed parameter for which this is a word."""
    values = [word] if word in valid else _WORDS.get(name, {}).get(word, ())
    return [value for value in values if value in valid]


def value_meant(name: str, typed: str, valid: list[str]) -> list[str]:
    """The values of a closed parameter that may be meant by another one."""
    word = typed.strip().lower()
    if name == "sort":
        if match := _descending.fullmatch(word):
            word = f"{'-' if match[2] == 'desc' else ''}{match[1]}"
        if word.startswith("-") and word[1:] in _ORDERS:
            return [f"-{order}" for order in _ORDERS[word[1:]] if f"-{order}" in valid]
        # The other way round is another question.
        turned = word.startswith("-")
        valid = [each for each in valid if word in _ORDERS or each.startswith("-") == turned]
    if name == "format":
        word = word.removeprefix(".")
        if word not in _FORMATS and any(name != word and name in word for name in BY_NAME):
            return []  # as geojson is no json
    if name == "fields":
        word = of_a_key.sub("", word)
    if word in valid or word in _WORDS.get(name, ()):
        return called(name, word, valid)
    if name == "format" and word in BY_NAME:
        return []
    return slips(word, valid) or ([] if name in _WHOLE else holding(word, valid))


def limit_meant(typed: str) -> list[str]:
    """The size of a page that is written otherwise, or the largest for who wants more, or all."""
    word = typed.strip().lower()
    number = _grouping.sub("", word)
    if word in {"all", "max", "none", "unlimited", "inf", "infinity"}:
        return [MOST]
    return [str(min(int(number[:9]), int(MOST)))] if number.isdecimal() and int(number) else []


def code_meant(table: str, typed: str) -> list[str]:
    """The codes by a name, of a table of pycountry; of a currency by a word or its sign: `$`."""
    if table == "countries":
        return codes_named(typed)
    word = typed.strip().lower()
    singular = word.removesuffix("s")
    if word in EVERYTHING:  # and not the lek
        return []
    if code := code_of(table, word) or code_of(table, singular):
        return [code]
    words = set(_MEANT["currencies"].get(singular, [singular]))
    named = [
        one.alpha_3
        for one in pycountry.currencies
        if words & {one.alpha_3, *one.name.lower().split()}
    ]
    return [code for code in _MEANT["major"] if code in named] or named[:_AS_MANY]


_grouping = re.compile(r"(?<=[0-9])[,_' ](?=[0-9]{3})|\.0+\Z|\A\+")
# A number as people write it: 1,000,000.50 or 1 000 000.
_grouped = re.compile(r"[0-9]{1,3}([,_' \u00a0\u202f])[0-9]{3}(\1[0-9]{3})*(\.[0-9]{1,20})?")
_plain = re.compile(r"[0-9]{1,17}(\.[0-9]{1,20})?")
_between = regex.compile(r"(?<=\D)(?=\d)|\s|(?=\p{Sc})")


def number_meant(typed: str) -> list[str]:
    """A number with marked thousands, or with a word for them: `$1.5bn`; `5m` may be five."""
    bare, currencies = _parted(typed)
    if _grouped.fullmatch(bare) or (currencies and _plain.fullmatch(bare)):
        return [re.sub(r"[^0-9.]", "", bare)]
    return [
        f"{value:f}".removesuffix(".0")
        for each in figures(bare)
        for value in sorted(each.values)[-1 if bare[-1:] in "kK" else 0 :]  # no money is in kelvin
        if each.text == bare and bare[-1:].isalpha()
    ]


def currencies_beside(typed: str) -> list[str]:
    """The codes of the currency that stands before or after a number; none for a bare number."""
    return _parted(typed)[1]


def _parted(typed: str) -> tuple[str, list[str]]:
    """A sum without its currency, and the codes of that: `€5bn`, `5 billion US dollars`."""
    text = typed[:50].strip()
    for cut in _between.finditer(text):
        number, currency = text[: cut.start()].strip(), text[cut.start() :].strip()
        if not number[:1].isdecimal():
            number, currency = currency, number
        if not re.search(r"\d", currency) and (codes := code_meant("currencies", currency)):
            return number, codes
    return text, []


_day_like = re.compile(r"[12]\d{3}-(0[1-9]|1[0-2])-\d\d", re.ASCII)
_time = re.compile(r"([12]\d{3}-\d\d-\d\d)[T ]\d.*", re.ASCII)
_release = re.compile(r"(?:release|rel\.?|r|v)[ -]?([1-9][0-9]{0,8})", re.IGNORECASE)
_written = (
    "%d %B %Y", "%B %d %Y", "%d %b %Y", "%b %d %Y", "%d-%b-%Y", "%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d",
    "%m/%d/%Y", "%d/%m/%Y", "%m.%d.%Y", "%d.%m.%Y", "%m-%d-%Y", "%d-%m-%Y",
)  # fmt: skip
_short = ("%m/%d/%y", "%d/%m/%y", "%y/%m/%d")
_MONTHS = [month.lower() for month in month_name[1:]]
_word = re.compile(r"[a-z]{3,}", re.IGNORECASE)
_months = ("%B %Y", "%b %Y", "%Y %B", "%Y %b", "%m/%Y", "%Y/%m", "%Y-%m")
_weekday = re.compile(
    r"\A(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+", re.IGNORECASE
)
_clock = re.compile(r"\s\d\d?:\d\d.*\Z")
_beside = re.compile(r"[,\s]+(?:of\s)?|(?<=\d)(?:st|nd|rd|th)\b|(?<=[a-z])\.", re.IGNORECASE)


def days_meant(typed: str) -> list[str]:
    """The days, months or years that are written otherwise, or the nearest that exists."""
    if _day_like.fullmatch(typed) and not partial_date(typed):
        return [last_day(typed[:7])]
    if time := _time.fullmatch(typed):
        typed = time[1]
    if re.fullmatch(r"[12][0-9]{7}", typed):
        typed = f"{typed[:4]}-{typed[4:6]}-{typed[6:]}"
    typed = _weekday.sub("", _clock.sub("", typed[:70].strip("\"' ")))  # as JavaScript writes it
    plain = " ".join(_beside.sub(" ", typed[:50]).split())
    word = _word.search(plain)
    months = _months_meant(word[0].lower()) if word else []
    days = [
        day
        for text in [_word.sub(month, plain, count=1) for month in months] or [plain]
        for day in (*_parsed(text, _written, "%Y-%m-%d"), *_parsed(text, _months, "%Y-%m"))
    ]
    days = days or [*_parsed(plain, _short, "%Y-%m-%d")]
    return [day for day in dict.fromkeys(days) if partial_date(day)]


def day_or_today(typed: str) -> list[str]:
    """The same for a day by which people ask yes or no: `overdue=true` asks of today."""
    is_on = called("open", typed.strip().lower(), ["1", "today", "now"])
    return [f"{datetime.now(UTC):%Y-%m-%d}"] if is_on else days_meant(typed)


def _months_meant(word: str) -> list[str]:
    """The months that begin so, or of which it is a slip: `sept`, `febuary`."""
    return [month for month in _MONTHS if month.startswith(word)] or slips(word, _MONTHS)


def bare_names(name: str) -> Iterator[tuple[str, ActorKind]]:
    """A name in folded words without what stands before it, and for which kind of actor it does.

    `government of japan` is Japan; `president trump` is a person, and `president japan` is nobody.
    """
    if match := _of_government.fullmatch(name):
        yield match[1], ActorKind.COUNTRY_OR_AREA
    if (person := without_office(name)) != name:
        yield person, ActorKind.PERSON


def without_office(name: str) -> str:
    """A name in folded words without the office that stands before it: `president trump`."""
    words = name.split()
    while len(words) > 1 and words[0] in _MEANT["offices"]:
        del words[0]
    return " ".join(words)


def means_newest(typed: str) -> bool:
    """Whether a release is asked that is whichever is newest."""
    return typed.strip().lower() in _MEANT["newest"]


def moments_meant(typed: str) -> list[str]:
    """The days or months that are written otherwise: a time without a zone means none of them.

    A release may have a word before its number: `r3`.
    """
    if release := _release.fullmatch(typed):
        return [release[1]]
    # The state of another day is another question.
    is_other = ":" in typed or "T" in typed or _day_like.fullmatch(typed)
    return [] if is_other else days_meant(typed)


def _parsed(typed: str, forms: tuple[str, ...], as_: str) -> Iterator[str]:
    for form in forms:
        try:
            yield datetime.strptime(typed, form).strftime(as_)  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
