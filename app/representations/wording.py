"""Values and changes in words, as a person would write them: never more exact than the record."""

import calendar
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from itertools import takewhile
from typing import Any

import pycountry

from app.beside import table_beside
from app.fields import OTHER_CODES, fields_of
from app.records import title_of
from app.resources import SHAPES
from app.resources.commitments import pledged
from app.vocabulary import Term

_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_WORDS = table_beside(__file__)
_SYMBOLS: dict[str, str] = _WORDS["symbols"]
_MANY: dict[str, str] = _WORDS["many"]
_AS_SAID: dict[str, str] = _WORDS["as_said"]


def attribution(
    proof: Mapping[str, Any], publisher: str | None = None, said_by: str | None = None
) -> str:
    """In whose voice a passage speaks: `reported by Red Nation Today`.

    `publisher` is the name of the document's publisher; without it the document itself is named.
    `said_by` names who is quoted, where the record says so (the speaker of a quote):
    `according to Donald Trump, as quoted by Red Nation Today`.
    """
    voice, other = proof["attribution"], proof.get("according_to")
    said_by = said_by or (other and other["title"])
    source = f"by {publisher}" if publisher else f"in {quoted(proof['document']['title'])}"
    if said_by and voice in _AS_SAID:
        return f"according to {said_by}, {_AS_SAID[voice].format(source)}"
    return str(_WORDS["voices"][voice].format(source))


_INNER = str.maketrans('“”"', "‘’'")  # noqa: RUF001 - quotation marks within others


def quoted(text: str) -> str:
    """A text in quotation marks, those within it single."""
    return f"“{text.translate(_INNER)}”"


def day(date: str | None) -> str:
    """A date, only as exact as it is: `7 February 2025`, `February 2025` or `2025`."""
    if not date:
        return "not known"
    year, month, of_month = ([*date[:10].split("-"), "", ""])[:3]
    words = [str(int(of_month))] if of_month else []
    return " ".join([*words, calendar.month_name[int(month)], year] if month else [year])


def days(*dates: str | None) -> list[tuple[str, str]]:
    """The first and the last day, each with its words; those of both stand once: `19`, `21 May`."""
    both = [*dict.fromkeys(filter(None, dates))]
    words = [day(date).split() for date in both]
    if len(words) == 2 and len(words[0]) == len(words[1]):
        pairs = zip(*(reversed(each) for each in words), strict=True)
        shared = [*takewhile(lambda pair: pair[0] == pair[1], pairs)]
        words[0] = words[0][: -len(shared) or None]
    return [(date, " ".join(each)) for date, each in zip(both, words, strict=True)]


def number(value: float) -> str:
    """A number with its thousands marked: `55,000`."""
    return f"{int(value):,}" if float(value).is_integer() else f"{value:,}"


def counted(count: int, plural: str) -> str:
    """How many of something: `1 summit`, `9 agreements`."""
    return f"{number(count)} {plural.removesuffix('s') if count == 1 else plural}"


def sum_of(amount: float, currency: str | None) -> str:
    """A sum in few characters, never rounded: `$1 trillion`, `$1,234,567`, `5 million NOK`."""
    written = _in_few(amount)
    if symbol := _SYMBOLS.get(currency or ""):
        return symbol + written
    return f"{written} {currency}" if currency else written


def _in_few(amount: float) -> str:
    for scale, name in _SCALES:
        # What two decimals do not hold stays as it is.
        if amount >= scale and not amount * 100 % scale:
            return f"{f'{amount / scale:,.2f}'.rstrip('0').rstrip('.')} {name}"
    return number(amount)


def says_all(amount: float, currency: str | None) -> bool:
    """Whether a sum in few characters has each digit, and no code where there is a name."""
    named = currency and currency not in _SYMBOLS and _words_of(currency)[-1] in _MANY
    return _in_few(amount) == number(amount) and not named


def exact_sum(amount: float, code: str | None) -> str:
    """A sum with every digit: `1,000,000,000,000 US dollars`."""
    return f"{number(amount)} {currency(code, one=amount == 1)}" if code else number(amount)


def measure(one: Mapping[str, Any]) -> str:
    """A figure in words: `up to $600 billion`, `3.5 % of GDP per year`."""
    return f"{_WORDS['bounds'].get(one['bound'], '')}{_figure(one)}{_about(one)}"


def _figure(one: Mapping[str, Any]) -> str:
    figures = [value for value in (one["value"], one["upper"]) if value is not None]
    if one["currency"]:
        return " to ".join(sum_of(value, one["currency"]) for value in figures)
    return f"{' to '.join(map(number, figures))} {one['unit']}"


def _about(one: Mapping[str, Any]) -> str:
    until = one["by"] and day(one["by"])
    said = {"of": one["of"], "per": one["per"], "against": one["baseline"], "by": until}
    return "".join(f" {word} {value}" for word, value in said.items() if value)


def pledge(record: Mapping[str, Any]) -> str:
    """The sum of money that a commitment pledges, in words."""
    return measure(pledged(record) or {})


def currency(code: str, *, one: bool = False) -> str:
    """The unit of sums in a currency, by its ISO 4217 code: `US dollars`, of `one` `US dollar`."""
    *first, last = words = _words_of(code)
    if last in _MANY:
        return " ".join([*first, last.lower() if one else _MANY[last]])
    return code if words == [code] else f"{code} ({' '.join(words)})"


@cache
def _words_of(code: str) -> list[str]:
    """The words of the name of a currency; its code where it has none."""
    entry = pycountry.currencies.get(alpha_3=code)
    other = _WORDS["currencies"].get(code) or OTHER_CODES["currencies"].get(code, code)
    return (str(entry.name) if entry and other == code else other).split()


@cache
def country(code: str) -> str:
    """The name by which a country or area is commonly called in English, by its ISO 3166-1 code."""
    if name := _WORDS["countries"].get(code) or OTHER_CODES["countries"].get(code):
        return name
    entry = pycountry.countries.get(alpha_2=code)
    return str(getattr(entry, "common_name", entry.name)) if entry else code


@cache
def language(code: str) -> str:
    """The English name of a language, by its BCP 47 tag: `Chinese (Hant)`."""
    main, *more = code.split("-")
    entry = pycountry.languages.get(**{f"alpha_{len(main)}": main})
    name = str(entry.name) if entry else main
    return f"{name} ({', '.join(more)})" if more else name


def term(value: str) -> str:
    """A value or a key as a person writes it: `not_stated` gives `not stated`."""
    return value.replace("_", " ")


_LABELS = {"evidence": "Source", "fields": "Proves", "exact": "Passage"} | {
    field.name: field.label for shape in SHAPES.values() for field in fields_of(shape)
}


def label(field: str) -> str:
    """The label of a key of a record on a page: `starts_on` gives `Began`."""
    return _LABELS.get(field) or begun(term(field))


def listed(words: Iterable[str], before_last: str = "and") -> str:
    """Words in a row: `by, to and amount`."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} {before_last} {last}" if first else last


def begun(text: str) -> str:
    """A text as a sentence begins."""
    return text[:1].upper() + text[1:]


def fields(names: Iterable[str]) -> str:
    """The fields that a passage proves, in words: `Began and Place`."""
    return listed(map(label, names))


# Controls, which break lines and files, and what turns the direction of the text that follows.
_UNSEEN: dict[int, str | None] = dict.fromkeys([*range(0x20), *range(0x7F, 0xA0)], " ")
_UNSEEN |= dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def line(text: str) -> str:
    """A text on one line that ends where it seems to end, for files that are made of lines."""
    return " ".join(text.translate(_UNSEEN).split())


_needs_no_period = re.compile(r"(https?://\S+|[.!?…][”\"']?)$")


def ended(text: str) -> str:
    """A sentence with its period; none after an address, of which it would be a part."""
    return text if _needs_no_period.search(text) else f"{text}."


def record_title(record: Mapping[str, Any]) -> str:
    """The name of a record: its title, the beginning of a quote in quotation marks."""
    title = title_of(dict(record))
    return f"“{title}”" if record["type"] == "quote" else title


def whole_title(record: Mapping[str, Any]) -> str:
    """The name of a record; the words of a quote to their end."""
    return f"“{record['text']}”" if record["type"] == "quote" else str(record["title"])


def happened(change: Mapping[str, Any]) -> str:
    """A change in a few words: `A solar park was changed`."""
    return str(_WORDS["happened"][change["action"]].format(record_title(change["record"])))


def remarks(change: Mapping[str, Any]) -> list[str]:
    """When, why and what to read instead, a sentence each."""
    sentences = [f"In release {change['release']}, {day(change['published_at'])}."]
    if change["former_id"]:
        sentences.append(f"Its id was {change['former_id']}; it is {change['record']['id']}.")
    if change["message"]:
        sentences.append(f"The release says: “{change['message']}”")
    if change["reason"]:
        sentences.append(f"Why: {change['reason']}")
    if change["replaced_by"]:
        sentences.append(f"Read {change['replaced_by']} in its place.")
    if change["note"]:
        sentences.append(change["note"])
    return sentences


def differences(change: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Where each value stands, before and after, but for what is new or gone as a whole."""
    return [
        (
            _place(field["pointer"]),
            _value(field, "before", "after"),
            _value(field, "after", "before"),
        )
        for field in change["fields"]
        if field["pointer"]
    ]


def _value(field: Mapping[str, Any], side: str, other: str) -> str:
    """The value on one side; of passages, those that stay are only counted."""
    key = field["pointer"].rpartition("/")[2]
    if key != "evidence" or not (field["before"] and field["after"]):
        return in_full(field[side], key)
    own = [in_full(proof) for proof in field[side] if proof not in field[other]]
    stay = len(field[side]) - len(own)
    return "; ".join([f"{counted(stay, 'passages')} unchanged", *own] if stay else own)


def record_of(change: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The record that is new, or gone, as a whole."""
    for field in change["fields"]:
        if not field["pointer"]:
            whole: Mapping[str, Any] | None = field["after"] or field["before"]
            return whole
    return None


def _place(pointer: str) -> str:
    """Where a value stands: `/evidence/0/exact` gives `Source 1, Passage`."""
    words: list[str] = []
    for step in pointer.split("/")[1:]:
        if step.isdecimal() and words:
            words[-1] += f" {int(step) + 1}"
        else:
            words.append(label(step.replace("~1", "/").replace("~0", "~")))
    return ", ".join(words)


_TERMS = {value for terms in Term.__subclasses__() for value in terms}
_is_date = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-\d\d)?)?").fullmatch


def in_full(value: Any, key: str = "") -> str:
    """Any value of a record, under its key, as its page writes it."""
    if value is None or value in ([], ""):
        return "nothing"
    if isinstance(value, dict):
        if "href" in value:
            return str(value["title"])
        if "exact" in value:
            return f"“{value['exact']}” ({value['document']['title']})"
        known = {name: inner for name, inner in value.items() if inner not in (None, [], "")}
        return "; ".join(
            f"{label(name).lower()}: {in_full(inner, name)}" for name, inner in known.items()
        )
    if isinstance(value, list):
        writers: dict[str, Callable[[Any], str]] = {"fields": label, "measures": measure}
        parts = [writers.get(key, in_full)(inner) for inner in value]
        return " · ".join(parts) if key in {"events", "assessments"} else listed(parts)
    if isinstance(value, int | float):
        return number(value)
    if value in _TERMS:
        return term(value)
    return day(value) if _is_date(value) else f"“{value}”"


def capacity(part: Mapping[str, Any]) -> str | None:
    """In which role and office somebody acts, and for whom, as far as is known."""
    role, office, behalf = part.get("role"), part["office"], part["on_behalf_of"]
    parts = [role and term(role), office, behalf and f"for {behalf['title']}"]
    return ", ".join(filter(None, parts)) or None


def lasting(part: Mapping[str, Any]) -> str | None:
    """Since and until when an office is held or a membership lasts, as far as is known."""
    ends = [f"{end} {day(part[end])}" for end in ("since", "until") if part[end]]
    return " ".join(ends) or None
