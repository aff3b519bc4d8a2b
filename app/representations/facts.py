"""What a record says, as a list of labels with words: the same in feeds and in Markdown."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app.representations.wording import (
    counted,
    country,
    day,
    exact_sum,
    language,
    number,
    record_title,
    sum_of,
    term,
)

Json = Mapping[str, Any]
UNKNOWN = "the sources do not say"
NONE = "none on record"
NOT_KNOWN = "not known"
NOTED = "none is noted"


class Words(NamedTuple):
    """A value in words; of another record, with its path."""

    text: str
    href: str | None = None
    note: str | None = None


class Fact(NamedTuple):
    """A label and what is said under it: always something."""

    label: str
    values: tuple[Words, ...]


def facts(record: Json) -> list[Fact]:
    """The facts of a record in the order in which a person asks for them."""
    return _FACTS[record["type"]](record)


def _summit(record: Json) -> list[Fact]:
    held = [record["place"], record["country"] and country(record["country"])]
    days = [day(date) for date in (record["starts_on"], record["ends_on"]) if date]
    counts = [counted(count, name) for name, count in record["counts"].items()]
    return [
        _fact("When", " to ".join(days)),
        _fact("Where", ", ".join(filter(None, held))),
        _fact("Took part", *(_actor(found) for found in record["participants"])),
        _fact("On record", ", ".join(counts)),
    ]


def _person_or_body(record: Json) -> list[Fact]:
    place = record["country"] and country(record["country"])
    return [
        _fact("Kind", term(record["kind"])),
        *_if_any("Also called", *record["aliases"]),
        _fact("Country", place, unknown=NONE),
        *_if_any("Office", record["office"]),
        *_if_any("Acts for", *map(_other, record["acts_for"])),
    ]


def _agreement(record: Json) -> list[Fact]:
    return [
        _fact("Kind", term(record["kind"])),
        _fact("Status", _status(record)),
        _fact("Date", record["date"] and day(record["date"])),
        _fact("Parties", *(_actor(found) for found in record["parties"])),
        _meeting(record),
        *_if_any("Commitments", *map(_other, record["commitments"])),
        *_if_any("Quotes", *map(_other, record["quotes"])),
    ]


def _commitment(record: Json) -> list[Fact]:
    amount, currency = record["amount"], record["currency"]
    money = [] if amount is None else [sum_of(amount, currency), exact_sum(amount, currency)]
    # The digits say something where the short form has a word for them.
    exact = f"{money[1]}" if money and money[0].strip("$€£¥") not in money[1] else None
    quantity = record["quantity"]
    things = None if quantity is None else f"{number(quantity)} {record['unit'] or ''}".strip()
    return [
        _fact("Kind", term(record["kind"])),
        _fact("Status", _status(record)),
        _fact("By", *map(_other, record["by"])),
        _fact("To", *map(_other, record["to"])),
        _fact("Sum", Words(money[0], None, exact) if money else None, unknown="none is given"),
        *_if_any("Quantity", things),
        _fact("Due", record["due"] and day(record["due"])),
        *_if_any("Agreement", record["agreement"] and _other(record["agreement"])),
        _meeting(record),
    ]


def _quote(record: Json) -> list[Fact]:
    said_by = Words(record["speaker"]["title"], record["speaker"]["href"], record["office"])
    return [
        _fact("Said by", said_by),
        _fact("Date", record["date"] and day(record["date"])),
        _fact("Language", record["language"] and language(record["language"]), unknown=NOTED),
        *_if_any("Names", *map(_other, record["mentions"])),
        *_if_any("About", *map(_other, record["agreements"])),
        _meeting(record),
    ]


def _document(record: Json) -> list[Fact]:
    return [
        _fact("Kind", term(record["kind"])),
        _fact("Publisher", record["publisher"] and _other(record["publisher"]), unknown=NOT_KNOWN),
        *_if_any("Author", record["author"] and _other(record["author"])),
        _fact("Published", record["published"] and day(record["published"]), unknown=NOT_KNOWN),
        _fact("Language", record["language"] and language(record["language"]), unknown=NOTED),
        _fact("Proves", counted(len(record["cited_in"]), "records")),
    ]


_FACTS = {
    "summit": _summit,
    "actor": _person_or_body,
    "agreement": _agreement,
    "commitment": _commitment,
    "quote": _quote,
    "document": _document,
}


def _fact(label: str, *values: Words | str | None, unknown: str = UNKNOWN) -> Fact:
    known = [value if isinstance(value, Words) else Words(value) for value in values if value]
    return Fact(label, tuple(known) or (Words(unknown),))


def _if_any(label: str, *values: Words | str | None) -> Iterable[Fact]:
    """A fact that says nothing where there is none: it is not asked of every record."""
    return [_fact(label, *values)] if any(values) else []


def _other(found: Json) -> Words:
    return Words(record_title(found), found["href"])


def _actor(found: Json) -> Words:
    return Words(found["actor"]["title"], found["actor"]["href"], term(found["role"]))


def _status(record: Json) -> str | None:
    return None if record["status"] == "not_stated" else term(record["status"])


def _meeting(record: Json) -> Fact:
    if not record["summit"]:
        return _fact("Summit", None, unknown=NONE)
    relation = record.get("relation")
    note = {"outcome": "an outcome of it", "context": "reported beside it"}.get(relation or "")
    return _fact("Summit", _other(record["summit"])._replace(note=note))
