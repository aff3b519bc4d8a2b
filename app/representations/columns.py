"""The columns of a table: what each record of a list is in cells.

They follow from the shape of the record, key by key, so a key that is added there is a column here.
A reference gives its id and its title, a list is joined with `; `, and of the passages that prove
the record the first one, the main one, stands in the table.
"""

import types
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.dates import PartialDate
from app.records import (
    Counts,
    Evidence,
    FieldChange,
    Match,
    Number,
    Participant,
    Party,
    Reference,
)

Json = dict[str, Any]
Cell = str | int | float | None
BETWEEN = "; "


class Sort(Enum):
    """What the cells of a column are."""

    TEXT = "text"
    NUMBER = "number"
    WHOLE = "whole number"
    DATE = "date"
    """As exact as its source: a day, a month or a year."""
    MOMENT = "time in UTC"
    LINK = "web address"


class Column(NamedTuple):
    """One column."""

    name: str
    key: str
    """The key of the record that it comes from."""
    meaning: str
    read: Callable[[Json], Cell]
    sort: Sort = Sort.TEXT


# What a person looks for first stands first; what is long stands last.
_FIRST = ("id", "type", "title", "text")
_LAST = ("summary", "topics", "matches", "fields", "href", "evidence")
_ADDRESSES = {"href": "url", "replaced_by": "replaced_by"}
_OF_ANY_TYPE = frozenset({"speaker", "cited_in", "record"})


def columns_of(shape: type[BaseModel], base: str, keys: Iterable[str] = ()) -> tuple[Column, ...]:
    """The columns of a record of this shape, or of these of its keys in their order.

    `base` is the address of the server, for whole URLs.
    """
    by_key = _by_key(shape, base)
    return tuple(column for key in keys or by_key for column in by_key[key])


@cache
def _by_key(shape: type[BaseModel], base: str) -> dict[str, list[Column]]:
    names = [*shape.model_fields]
    middle = [name for name in names if name not in _FIRST + _LAST]
    ordered = [name for name in (*_FIRST, *middle, *_LAST) if name in names]
    return {name: _columns(shape, name, base) for name in ordered}


def _columns(shape: type[BaseModel], key: str, base: str) -> list[Column]:
    field = shape.model_fields[key]
    meaning = (field.description or "").replace("\n", " ")
    annotation = _known(field.annotation)
    if key in _ADDRESSES:
        name = _ADDRESSES[key]
        return [
            Column(name, key, f"{meaning[:-1]}, as a whole URL.", _address(base, key), Sort.LINK)
        ]
    if annotation in _PARTS:
        return _PARTS[annotation](key, meaning, base)
    if get_origin(annotation) is list:
        return [Column(key, key, meaning, lambda record: BETWEEN.join(record[key]))]
    # The address of a record is its `url`, also of a document that has another one elsewhere.
    name = "source_url" if key == "url" else key
    return [Column(name, key, meaning, itemgetter(key), _sort(key, annotation))]


def _known(annotation: Any) -> Any:
    """The annotation of a key that may be null, without the null."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(option for option in get_args(annotation) if option is not type(None))
    return annotation


def _sort(key: str, annotation: Any) -> Sort:
    named = {"published_at": Sort.MOMENT, "url": Sort.LINK}
    found = {PartialDate: Sort.DATE, Number: Sort.NUMBER, int: Sort.WHOLE}
    return named.get(key) or found.get(annotation, Sort.TEXT)


def _address(base: str, key: str) -> Callable[[Json], Cell]:
    return lambda record: record[key] and base + record[key]


def _part(key: str, part: str) -> Callable[[Json], Cell]:
    """A part of an object that may be null."""

    def read(record: Json) -> Cell:
        found = record[key]
        return found and found[part]  # type: ignore[no-any-return] # JSON

    return read


def _parts(key: str, part: str) -> Callable[[Json], Cell]:
    """A part of each object of a list."""
    return lambda record: BETWEEN.join([item[part] for item in record[key]])


def _reference(key: str, meaning: str, base: str) -> list[Column]:
    found = [
        Column(f"{key}_id", key, f"{meaning} Its id.", _part(key, "id")),
        Column(f"{key}_title", key, f"{meaning} Its title.", _part(key, "title")),
    ]
    if key in _OF_ANY_TYPE:
        found.insert(0, Column(f"{key}_type", key, f"{meaning} Its type.", _part(key, "type")))
    if key == "record":
        url = Column("url", key, "The whole URL of the record.",
                     lambda change: base + change[key]["href"], Sort.LINK)  # fmt: skip
        found.append(url)
    return found


def _references(key: str, meaning: str, _: str) -> list[Column]:
    found = [
        Column(f"{key}_ids", key, f"{meaning} Their ids.", _parts(key, "id")),
        Column(f"{key}_titles", key, f"{meaning} Their titles.", _parts(key, "title")),
    ]
    if key in _OF_ANY_TYPE:
        found.insert(0, Column(f"{key}_types", key, f"{meaning} Their types.", _parts(key, "type")))
    return found


def _members(key: str, meaning: str, _: str) -> list[Column]:
    """Actors with their roles."""

    def of(part: str) -> Callable[[Json], Cell]:
        return lambda record: BETWEEN.join([member["actor"][part] for member in record[key]])

    return [
        Column(f"{key}_ids", key, f"{meaning} Their ids.", of("id")),
        Column(f"{key}_titles", key, f"{meaning} Their names.", of("title")),
        Column(f"{key}_roles", key, f"{meaning} Their roles.", _parts(key, "role")),
    ]


def _counts(key: str, _: str, __: str) -> list[Column]:
    return [
        Column(f"{key}_{name}", key, str(field.description), _part(key, name), Sort.WHOLE)
        for name, field in Counts.model_fields.items()
    ]


def _evidence(key: str, _: str, __: str) -> list[Column]:
    """The main passage, where it stands, and how many there are."""

    def main(part: str) -> Callable[[Json], Cell]:
        return lambda record: record[key][0][part] if record[key] else None

    def source(part: str) -> Callable[[Json], Cell]:
        return lambda record: record[key][0]["document"][part] if record[key] else None

    return [
        Column(key, key, "The main passage that proves it, to the character.", main("exact")),
        Column(f"{key}_attribution", key, "In whose voice it speaks.", main("attribution")),
        Column(f"{key}_source_id", key, "The id of its document.", source("id")),
        Column(f"{key}_source_title", key, "The title of its document.", source("title")),
        Column(f"{key}_url", key, "The address that opens its document at the passage.",
               main("url"), Sort.LINK),
        Column(f"{key}_count", key, "How many passages prove the record; JSON has all.",
               lambda record: len(record[key]), Sort.WHOLE),
    ]  # fmt: skip


def _matches(key: str, _: str, __: str) -> list[Column]:
    def texts(hit: Json) -> Cell:
        found = ("".join([piece["text"] for piece in match["text"]]) for match in hit[key])
        return BETWEEN.join(found)

    return [
        Column(f"{key}_fields", key, "The fields in which the words stand.", _parts(key, "field")),
        Column(key, key, "The texts around the words.", texts),
    ]


def _changed(key: str, _: str, __: str) -> list[Column]:
    def values(side: str) -> Callable[[Json], Cell]:
        def read(change: Json) -> Cell:
            # A record that is added or withdrawn as a whole is no value.
            found = {item["pointer"]: item[side] for item in change[key] if item["pointer"]}
            return orjson.dumps(found).decode() if found else None

        return read

    return [
        Column(key, key, "What is another value now, as JSON Pointers; empty for a whole record.",
               _parts(key, "pointer")),
        Column("before", key, "The values before, as JSON, by their pointers.", values("before")),
        Column("after", key, "The values since, as JSON, by their pointers.", values("after")),
    ]  # fmt: skip


_PARTS: dict[Any, Callable[[str, str, str], list[Column]]] = {
    Reference: _reference,
    list[Reference]: _references,
    list[Participant]: _members,
    list[Party]: _members,
    Counts: _counts,
    list[Evidence]: _evidence,
    list[Match]: _matches,
    list[FieldChange]: _changed,
}
