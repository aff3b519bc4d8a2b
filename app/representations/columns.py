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
from app.fields import Name, Number, Text
from app.records import Evidence, FieldChange, Match, Reference
from app.resources.agreements import Party
from app.resources.summits import Counts, Participant

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
# References that may lead to records of any type, and the one of a change, with its address.
_ONLY_OF = {"{}_type": {"speaker", "record"}, "{}_types": {"cited_in"}, "url": {"record"}}
_SORTS_OF_KEYS = {"published_at": Sort.MOMENT, "url": Sort.LINK, "id": Sort.TERM}
_SORTS = {
    PartialDate: Sort.DATE, Number: Sort.NUMBER, int: Sort.WHOLE, str: Sort.TEXT,
    Name: Sort.TEXT, Text: Sort.TEXT,
}  # fmt: skip
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
    row: Callable[[Json], Any] = names["row"]
    return row


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
        return [
            Column(name.format(key), key, about.format(meaning), cell, sort)
            for name, about, cell, sort in _PARTS[annotation]
            if key in _ONLY_OF.get(name, (key,))
        ]
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
    return _SORTS_OF_KEYS.get(key) or _SORTS.get(annotation, Sort.TERM)


def _joined(part: str) -> str:
    # Most lists have one item.
    one = f'value[0]["{part}"] if len(value) == 1 else '
    return f'{one}"; ".join([item["{part}"] for item in value])'


def _in_json(changes: list[Json], side: str) -> str | None:
    """Values by their pointers; a record that is added or withdrawn as a whole is none."""
    values = {change["pointer"]: change[side] for change in changes if change["pointer"]}
    return orjson.dumps(values).decode() if values else None


def _main(part: str) -> str:
    """A part of the main passage."""
    return f"value[0]{part} if value else None"


_MEMBERS = (
    ("{}_ids", "{} Their ids.", _joined('actor"]["id'), Sort.TERM),
    ("{}_titles", "{} Their names.", _joined('actor"]["title'), Sort.TEXT),
    ("{}_roles", "{} Their roles.", _joined("role"), Sort.TERM),
)
# What each kind of value gives: the names of columns, in which `{}` is the key, what they mean,
# in which `{}` is what the key means, their cells, and what these are.
_PARTS: dict[Any, tuple[tuple[str, str, str, Sort], ...]] = {
    Reference: (
        ("{}_type", "{} Its type.", 'value["type"]', Sort.TERM),
        ("{}_id", "{} Its id.", 'value and value["id"]', Sort.TERM),
        ("{}_title", "{} Its title.", 'value and value["title"]', Sort.TEXT),
        ("url", "The whole URL of the record.", 'base + value["href"]', Sort.LINK),
    ),
    list[Reference]: (
        ("{}_types", "{} Their types.", _joined("type"), Sort.TERM),
        ("{}_ids", "{} Their ids.", _joined("id"), Sort.TERM),
        ("{}_titles", "{} Their titles.", _joined("title"), Sort.TEXT),
    ),
    list[Participant]: _MEMBERS,
    list[Party]: _MEMBERS,
    Counts: tuple(
        (f"{{}}_{name}", str(field.description), f'value["{name}"]', Sort.WHOLE)
        for name, field in Counts.model_fields.items()
    ),
    list[Evidence]: (
        ("{}", "The main passage that proves it, to the character.", _main('["exact"]'), Sort.TEXT),
        ("{}_attribution", "In whose voice it speaks.", _main('["attribution"]'), Sort.TERM),
        ("{}_source_id", "The id of its document.", _main('["document"]["id"]'), Sort.TERM),
        ("{}_source_title", "The title of its document.", _main('["document"]["title"]'),
         Sort.TEXT),
        ("{}_url", "The address that opens its document at the passage.", _main('["url"]'),
         Sort.LINK),
        ("{}_count", "How many passages prove the record; JSON has all.", "len(value)", Sort.WHOLE),
    ),
    list[Match]: (
        ("{}_fields", "The fields in which the words stand.", _joined("field"), Sort.TERM),
        ("{}", "The texts around the words.",
         '"; ".join(["".join([piece["text"] for piece in item["text"]]) for item in value])',
         Sort.TEXT),
    ),
    list[FieldChange]: (
        ("{}", "What is another value now, as JSON Pointers; empty for a whole record.",
         _joined("pointer"), Sort.TEXT),
        ("before", "The values before, as JSON, by their pointers.",
         'in_json(value, "before")', Sort.TEXT),
        ("after", "The values since, as JSON, by their pointers.",
         'in_json(value, "after")', Sort.TEXT),
        ("derived",
         "The pointers of those that follow from other records, as a title or a count does.",
         '"; ".join(i["pointer"] for i in value if i["derived"])', Sort.TEXT),
    ),
}  # fmt: skip
