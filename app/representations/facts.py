"""The facts of a record as labels with words, for feeds and Markdown."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from app.dates import PartialDate
from app.fields import PLAIN, RecordField, TypedAmount, TypedCountry, TypedLanguage, fields_of
from app.records import Reference
from app.representations import wording
from app.resources import SHAPES
from app.resources.commitments import pledged
from app.vocabulary import KINDS, AgreementStatus, Term

Json = Mapping[str, Any]
UNKNOWN = "the sources do not say"
NONE = "none on record"
NOT_STATED = wording.term(AgreementStatus.NOT_STATED)
_UNRECORDED = "not known"


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
    plain = [_fact(field.label, *said) for field, said in plain_fields(record)]
    kind = record["type"]
    of_type = _summit(record) if kind == "summit" else _of_type(record, _FACTS[kind])
    said = [*of_type, *plain]
    fields, labels = fields_by_name(record["type"]), [fact.label for fact in said]
    for name, why in record["inferred"].items():
        label = fields[name].label
        at = labels.index(label) + 1 if label in labels else len(labels)
        said.insert(at, Fact(f"{label}, inferred", (Words(why),)))
        labels.insert(at, "")
    return said


def facts_of_hit(hit: Json) -> list[Fact]:
    """What a hit of a search is, who said, promised or agreed it, and when."""
    sort = [wording.term(hit["type"]), hit["act"], hit["part_of"] and "part of another one"]
    sort += ["context of the summit" if hit["relation"] == "context" else None]
    who = _of_type(hit, _WHO.get(hit["type"], ()))
    when = [_fact("Date", wording.day(hit["date"]))] if hit["date"] else []
    return [_fact("Type", ", ".join(filter(None, sort))), *who, *when]


def plain_fields(record: Json) -> list[tuple[RecordField, list[Words]]]:
    """The fields without a drawing of their own that say something, with their values in words."""
    plain = [field for field in fields_by_name(record["type"]).values() if PLAIN in field]
    said = [(field, _said(field, record[field.name])) for field in plain]
    return [(field, words) for field, words in said if words]


@cache
def fields_by_name(kind: str) -> dict[str, RecordField]:
    """The declared fields of a type of record."""
    return {field.name: field for field in fields_of(SHAPES[KINDS[kind]])}


def _said(field: RecordField, value: Any) -> list[Words]:
    """The value of a field in words, by its declared type."""
    values = value if field.many else [] if value is None else [value]
    if field.base is Reference:
        return [_other(reference) for reference in values]
    if field.parts:
        return [_part(part) for part in values]
    if issubclass(field.base, Term):
        return [Words(wording.term(each)) for each in values if each != "not_stated"]
    written = _WRITTEN.get(field.typed, str)
    return [Words(written(each)) for each in values]


_WRITTEN: dict[Any, Callable[[Any], str]] = {
    PartialDate: wording.day,
    TypedAmount: wording.number,
    TypedCountry: wording.country,
    TypedLanguage: wording.language,
}


def _summit(record: Json) -> list[Fact]:
    place = [record["place"], record["country"] and wording.country(record["country"])]
    days = [words for _, words in wording.days(record["starts_on"], record["ends_on"])]
    counts = [wording.counted(count, name) for name, count in record["counts"].items()]
    return [
        _fact("When", " to ".join(days)),
        _fact("Where", ", ".join(filter(None, place))),
        _fact("Took part", *map(_part, record["participants"])),
        _fact("On record", ", ".join(counts)),
    ]


def _sum(record: Json) -> Fact | None:
    """The pledged sum; nothing where another one is given, which stands among the figures."""
    amount, currency = record["amount"], record["currency"]
    if amount is None:
        is_given = any(one["currency"] for one in record["measures"])
        return None if is_given else _fact("Sum", unknown="none is given")
    # The digits say something where the short form has a word for them.
    exact = None if wording.says_all(amount, currency) else wording.exact_sum(amount, currency)
    return _fact("Sum", Words(wording.pledge(record), note=exact))


def _measures(record: Json) -> Fact | None:
    """The figures but for the pledged sum, which stands by itself."""
    others = [one for one in record["measures"] if one != pledged(record)]
    return _if_any(
        "Figures", [Words(wording.measure(one), note=wording.term(one["role"])) for one in others]
    )


def _events(record: Json) -> Fact | None:
    said = [(event, wording.day(event["date"])) for event in record["events"]]
    words = [Words(f"{day}: {wording.term(one['status'])}", note=one["note"]) for one, day in said]
    return _if_any("What came of it", words)


def _assessments(record: Json) -> Fact | None:
    words = [
        Words(f"{one['score']}, by {one['by']['title']}", one["by"]["href"], one["of"])
        for one in record["assessments"]
    ]
    return _if_any("Judged", words)


def _if_any(label: str, words: list[Words]) -> Fact | None:
    return _fact(label, *words) if words else None


def _speaker(record: Json) -> Fact:
    speaker = record["speaker"]
    return _fact("Said by", Words(speaker["title"], speaker["href"], wording.capacity(record)))


def _quoted(hit: Json) -> Fact:
    return _fact("Said by", Words(hit["speaker"]["title"], hit["speaker"]["href"], hit["voice"]))


def _meeting(record: Json) -> Fact:
    if not record["summit"]:
        return _fact("Summit", unknown=NONE)
    relation = record.get("relation")
    note = {"outcome": "an outcome of it", "context": "reported beside it"}.get(relation or "")
    return _fact("Summit", _other(record["summit"])._replace(note=note))


def _proven(record: Json) -> Fact:
    return _fact("Proves", wording.counted(sum(record["counts"].values()), "records"))


_Said = str | Callable[[Json], Fact | None]
_FACTS: dict[str, tuple[_Said, ...]] = {
    "actor": ("kind", "aliases", "country", "offices", "members", "same_as"),
    "agreement": ("kind", "status", "date", "parties", _meeting),
    "commitment": (
        "kind", "status", "by", "to", _sum, _measures, _events, _assessments, "due", "agreement",
        _meeting
    ),
    "quote": (_speaker, "date", "agreements", _meeting),
    "document": ("kind", "publisher", "author", "published", _proven),
}  # fmt: skip
"""The fields of a type that are said as they are declared, and the facts made of several."""
_WHO: dict[str, tuple[_Said, ...]] = {
    "agreement": ("parties",), "commitment": ("by",), "quote": (_quoted,)
}  # fmt: skip
_UNKNOWN = {"status": NOT_STATED, "country": NONE} | dict.fromkeys(
    ("publisher", "published"), _UNRECORDED
)
# A fact that says nothing where there is none: it is not asked of every record.
_IF_ANY = frozenset(
    {"aliases", "offices", "members", "same_as", "agreement",
     "agreements", "author", "date"}
)  # fmt: skip


def _of_type(record: Json, said: Iterable[_Said]) -> Iterator[Fact]:
    fields = fields_by_name(record["type"])
    for fact in said:
        if callable(fact):
            if made := fact(record):
                yield made
            continue
        words = _said(fields[fact], record[fact])
        if words or fact not in _IF_ANY:
            yield _fact(fields[fact].label, *words, unknown=_UNKNOWN.get(fact, UNKNOWN))


def _fact(label: str, *values: Words | str | None, unknown: str = UNKNOWN) -> Fact:
    words = [value if isinstance(value, Words) else Words(value) for value in values if value]
    return Fact(label, tuple(words) or (Words(unknown),))


def _other(record: Json) -> Words:
    return Words(wording.record_title(record), record["href"])


_NAMED_AS = {
    "about": None, "against": "directed against it", "addressed": "asked to act",
    "supported": "supported",
}  # fmt: skip


def _part(part: Json) -> Words:
    """An actor in its capacity, or an office and for whom it is held."""
    if "of" in part:
        return Words(
            f"{part['title']}, {part['of']['title']}", part["of"]["href"], wording.lasting(part)
        )
    if "office" in part:
        note = wording.capacity(part)
    else:
        note = _NAMED_AS[part["role"]] if "role" in part else wording.lasting(part)
    return Words(part["actor"]["title"], part["actor"]["href"], note)
