"""The columns of a table: what each record of a list is in cells.

They follow from the shape of the record, key by key, so a key that is added there is a column here.
A reference gives its id and its title, a list is joined with `; `, and of the passages that prove
the record the first one, the main one, stands in the table.

A column says in Python what its cell is, and the columns of a table become one function: a result
may have a million records, and a call for each cell took four times as long.
"""

import types
from collections.abc import Callable, Iterable
from enum import Enum
from functools import cache, lru_cache
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


class Sort(Enum):
    """What the cells of a column are."""

    TEXT = "any text"
    TERM = "an id, a code, a word of a closed list, or several of one"
    NUMBER = "a number"
    WHOLE = "a whole number"
    DATE = "a day, a month or a year: as exact as the source"
    MOMENT = "a time in UTC"
    LINK = "a web address"


FREE = frozenset({Sort.TEXT, Sort.LINK})
"""What may hold any character; the load has seen to it that nothing else does."""


class Column(NamedTuple):
    """One column."""

    name: str
    key: str
    """The key of the record that it comes from."""
    meaning: str
    source: str
    """Its cell in Python, where `value` is what the record has under the key."""
    sort: Sort = Sort.TEXT


# What a person looks for first stands first; what is long stands last.
_FIRST = ("id", "type", "title", "text")
_LAST = ("summary", "topics", "matches", "fields", "href", "evidence")
_OF_ANY_TYPE = frozenset({"speaker", "cited_in", "record"})
_ADDRESSES = {"href": "url", "replaced_by": "replaced_by"}


def columns_of(shape: type[BaseModel], keys: Iterable[str] = ()) -> tuple[Column, ...]:
    """The columns of a record of this shape, or of these of its keys in their order."""
    by_key = _by_key(shape)
    return tuple(column for key in keys or by_key for column in by_key[key])


def cells_of(columns: tuple[Column, ...], base: str) -> Callable[[Json], tuple[Cell, ...]]:
    """What gives the cells of a record; `base` is the address of the server, for whole URLs."""
    return _compiled(columns, "(" + "".join(f"{_cell(column)}, " for column in columns) + ")", base)


def line_of(
    columns: tuple[Column, ...], base: str, text: Callable[[str | None], str], between: str
) -> Callable[[Json], str]:
    """What gives the cells of a record as one text, `between` them; `text` writes a free one."""
    written = [f"{{{_written(column)}}}" for column in columns]
    line = repr(between)[1:-1].join(written)
    return _compiled(columns, f"f'''{line}'''", base, text)


def _written(column: Column) -> str:
    """A cell as text; what is null is blank."""
    cell = _cell(column)
    if column.sort in FREE:
        return f"text({cell})"
    # A number may be 0.
    number = column.sort in {Sort.NUMBER, Sort.WHOLE}
    return f'"" if ({cell}) is None else {cell}' if number else f'({cell}) or ""'


def _cell(column: Column) -> str:
    return column.source.replace("value", f"{column.key}_")


@lru_cache(maxsize=256)
def _compiled(
    columns: tuple[Column, ...],
    result: str,
    base: str,
    text: Callable[[str | None], str] | None = None,
) -> Callable[[Json], Any]:
    """The function of a row. Its words are our own: keys of our shapes, and the sources below."""
    keys = dict.fromkeys(column.key for column in columns)
    values = (f'{key}_ = record["{key}"]' for key in keys)
    source = "\n    ".join(["def row(record):", *values, f"return {result}"])
    names: dict[str, Any] = {"base": base, "text": text, "in_json": _in_json}
    exec(source, names)  # noqa: S102 - for the reason above; nothing of it comes from a request
    found: Callable[[Json], Any] = names["row"]
    return found


@cache
def _by_key(shape: type[BaseModel]) -> dict[str, list[Column]]:
    names = [*shape.model_fields]
    middle = [name for name in names if name not in _FIRST + _LAST]
    ordered = [name for name in (*_FIRST, *middle, *_LAST) if name in names]
    return {name: _columns(shape, name) for name in ordered}


def _columns(shape: type[BaseModel], key: str) -> list[Column]:
    field = shape.model_fields[key]
    meaning = " ".join((field.description or "").split())
    annotation = _known(field.annotation)
    if key in _ADDRESSES:
        meaning = f"{meaning[:-1]}, as a whole URL."
        return [Column(_ADDRESSES[key], key, meaning, "value and base + value", Sort.LINK)]
    if annotation in _PARTS:
        return _PARTS[annotation](key, meaning)
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        return [Column(key, key, meaning, '"; ".join(value)', _sort(key, inner))]
    # The address of a record is its `url`, also of a document that has another one elsewhere.
    name = "source_url" if key == "url" else key
    return [Column(name, key, meaning, "value", _sort(key, annotation))]


def _known(annotation: Any) -> Any:
    """The annotation of a key that may be null, without the null."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(option for option in get_args(annotation) if option is not type(None))
    return annotation


def _sort(key: str, annotation: Any) -> Sort:
    named = {"published_at": Sort.MOMENT, "url": Sort.LINK, "id": Sort.TERM}
    found = {PartialDate: Sort.DATE, Number: Sort.NUMBER, int: Sort.WHOLE, str: Sort.TEXT}
    return named.get(key) or found.get(annotation, Sort.TERM)


def _reference(key: str, meaning: str) -> list[Column]:
    of_any = [Column(f"{key}_type", key, f"{meaning} Its type.", 'value["type"]', Sort.TERM)]
    found = [
        *of_any[: key in _OF_ANY_TYPE],
        Column(f"{key}_id", key, f"{meaning} Its id.", 'value and value["id"]', Sort.TERM),
        Column(f"{key}_title", key, f"{meaning} Its title.", 'value and value["title"]'),
    ]
    if key == "record":
        where = 'base + value["href"]'
        found.append(Column("url", key, "The whole URL of the record.", where, Sort.LINK))
    return found


def _references(key: str, meaning: str) -> list[Column]:
    of_any = [Column(f"{key}_types", key, f"{meaning} Their types.", _joined("type"), Sort.TERM)]
    return [
        *of_any[: key in _OF_ANY_TYPE],
        Column(f"{key}_ids", key, f"{meaning} Their ids.", _joined("id"), Sort.TERM),
        Column(f"{key}_titles", key, f"{meaning} Their titles.", _joined("title")),
    ]


def _members(key: str, meaning: str) -> list[Column]:
    """Actors with their roles."""
    ids, names = _joined('actor"]["id'), _joined('actor"]["title')
    return [
        Column(f"{key}_ids", key, f"{meaning} Their ids.", ids, Sort.TERM),
        Column(f"{key}_titles", key, f"{meaning} Their names.", names),
        Column(f"{key}_roles", key, f"{meaning} Their roles.", _joined("role"), Sort.TERM),
    ]


def _joined(part: str) -> str:
    # Most lists have one item.
    one = f'value[0]["{part}"] if len(value) == 1 else '
    return f'{one}"; ".join([item["{part}"] for item in value])'


def _counts(key: str, _: str) -> list[Column]:
    return [
        Column(f"{key}_{name}", key, str(field.description), f'value["{name}"]', Sort.WHOLE)
        for name, field in Counts.model_fields.items()
    ]


def _evidence(key: str, _: str) -> list[Column]:
    """The main passage, where it stands, and how many there are."""

    def column(name: str, meaning: str, part: str, sort: Sort = Sort.TEXT) -> Column:
        return Column(name, key, meaning, f"value[0]{part} if value else None", sort)

    return [
        column(key, "The main passage that proves it, to the character.", '["exact"]'),
        column(f"{key}_attribution", "In whose voice it speaks.", '["attribution"]', Sort.TERM),
        column(f"{key}_source_id", "The id of its document.", '["document"]["id"]', Sort.TERM),
        column(f"{key}_source_title", "The title of its document.", '["document"]["title"]'),
        column(
            f"{key}_url",
            "The address that opens its document at the passage.",
            '["url"]',
            Sort.LINK,
        ),
        Column(
            f"{key}_count",
            key,
            "How many passages prove the record; JSON has all.",
            "len(value)",
            Sort.WHOLE,
        ),
    ]


def _matches(key: str, _: str) -> list[Column]:
    fields, texts = "The fields in which the words stand.", "The texts around the words."
    pieces = '"; ".join(["".join([piece["text"] for piece in item["text"]]) for item in value])'
    return [
        Column(f"{key}_fields", key, fields, _joined("field"), Sort.TERM),
        Column(key, key, texts, pieces),
    ]


def _changed(key: str, _: str) -> list[Column]:
    pointers = "What is another value now, as JSON Pointers; empty for a whole record."
    before = "The values before, as JSON, by their pointers."
    after = "The values since, as JSON, by their pointers."
    return [
        Column(key, key, pointers, _joined("pointer")),
        Column("before", key, before, 'in_json(value, "before")'),
        Column("after", key, after, 'in_json(value, "after")'),
    ]


def _in_json(changes: list[Json], side: str) -> str | None:
    """Values by their pointers; a record that is added or withdrawn as a whole is none."""
    found = {change["pointer"]: change[side] for change in changes if change["pointer"]}
    return orjson.dumps(found).decode() if found else None


_PARTS: dict[Any, Callable[[str, str], list[Column]]] = {
    Reference: _reference,
    list[Reference]: _references,
    list[Participant]: _members,
    list[Party]: _members,
    Counts: _counts,
    list[Evidence]: _evidence,
    list[Match]: _matches,
    list[FieldChange]: _changed,
}
