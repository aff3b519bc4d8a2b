"""The columns of a table: what each record of a list is in cells.

They follow from the shape of the record, key by key, so a key that is added there is a column here.
A reference gives its id and its title, a list is joined with `; `, and of the passages that prove
the record the first one, the main one, stands in the table.

A column works out its cells for many records at a time: a result may have a million records, and
so not every cell costs a call.
"""

import types
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from enum import Enum
from functools import cache
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias, Union, get_args, get_origin

import orjson
from pydantic import BaseModel

from app.dates import PartialDate
from app.fields import Name, Number, Text
from app.records import Counts, Evidence, FieldChange, Match, Mention, Reference, passages_of
from app.representations.wording import record_title
from app.resources.actors import Member, Office
from app.resources.agreements import Party
from app.resources.commitments import Assessment, Event, Measure
from app.resources.summits import Participant

Json: TypeAlias = dict[str, Any]
Cell: TypeAlias = str | int | float | None
Cells: TypeAlias = Callable[[list[Any]], list[Any]]
"""From what each of several records has under a key to a cell for each."""


class Sort(Enum):
    """What the cells of a column are."""

    TEXT = "any text"
    TERM = "an id, a code, a word of a closed list, or several of one"
    NUMBER = "a number"
    WHOLE = "a whole number"
    DATE = "a day, a month or a year: as exact as the source"
    MOMENT = "a time in UTC"
    LINK = "a web address"


_NONE: Json = {"id": None, "title": None}
FREE = frozenset({Sort.TEXT, Sort.LINK})
"""What may hold any character; the load has seen to it that nothing else does."""


class Column(NamedTuple):
    """One column."""

    name: str
    meaning: str
    sort: Sort = Sort.TEXT
    cells: Cells = list
    key: str = ""
    """The key of the record that it comes from; its own name where there is none."""
    is_path: bool = False
    """Whether its cells are paths, which a table has as whole URLs."""


# What a person looks for first stands first; what is long stands last.
_FIRST = ("id", "type", "title", "text")
_LAST = ("summary", "topics", "matches", "fields", "counts", "href", "evidence")
# References that may lead to records of any type, and the one of a change, with its address.
_ONLY_OF = {"{}_type": {"speaker", "record", "according_to"}, "url": {"record"}}
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


def rows_of(
    columns: Sequence[Column], records: Sequence[Json], base: str
) -> Iterator[tuple[Cell, ...]]:
    """The cells of each record; `base` is the address of the server, for whole URLs."""
    return zip(*_cells_by_column(columns, records, base), strict=True)


def lines_of(
    columns: Sequence[Column],
    records: Sequence[Json],
    base: str,
    text: Callable[[list[str | None]], list[str]],
    between: str,
    as_text: Collection[Sort] = FREE,
) -> Iterator[str]:
    """The cells of each record as one text, `between` them; `text` writes those of some sorts."""
    by_column = zip(columns, _cells_by_column(columns, records, base), strict=True)
    written = [
        text(cells) if column.sort in as_text else _written(column, cells)
        for column, cells in by_column
    ]
    return map(between.join, zip(*written, strict=True))


def _cells_by_column(
    columns: Sequence[Column], records: Sequence[Json], base: str
) -> Iterator[list[Any]]:
    keys = {column.key or column.name for column in columns}
    values = {key: list(map(itemgetter(key), records)) for key in keys}
    for column in columns:
        cells = column.cells(values[column.key or column.name])
        yield [path and base + path for path in cells] if column.is_path else cells


def _written(column: Column, cells: list[Any]) -> list[str]:
    """Cells as text; what is null is blank."""
    if column.sort in {Sort.NUMBER, Sort.WHOLE}:
        return ["" if cell is None else str(cell) for cell in cells]
    return [cell or "" for cell in cells] if None in cells else cells


@cache
def _by_key(shape: type[BaseModel]) -> dict[str, list[Column]]:
    names = [*shape.model_fields]
    middle = [name for name in names if name not in _FIRST + _LAST]
    ordered = [name for name in (*_FIRST, *middle, *_LAST) if name in names]
    return {name: _columns(shape, name) for name in ordered}


def _columns(shape: type[BaseModel], key: str) -> list[Column]:
    field = shape.model_fields[key]
    meaning = " ".join((field.description or "").split())
    annotation = _without_null(field.annotation)
    if key in _ADDRESSES:
        meaning = f"{meaning[:-1]}, as a whole URL."
        return [Column(_ADDRESSES[key], meaning, Sort.LINK, key=key, is_path=True)]
    if isinstance(annotation, type) and issubclass(annotation, Counts):
        return [
            Column(f"{key}_{name}", str(counted.description), Sort.WHOLE, _part(name), key)
            for name, counted in annotation.model_fields.items()
        ]
    if annotation in _PARTS:
        return [
            part._replace(name=part.name.format(key), meaning=part.meaning.format(meaning), key=key)
            for part in _PARTS[annotation]
            if key in _ONLY_OF.get(part.name, (key,))
        ]
    if annotation is bool:
        return [Column(key, meaning, Sort.TERM, cells=_yes_or_no, key=key)]
    if get_origin(annotation) is list:
        (inner,) = get_args(annotation)
        return [Column(key, meaning, _sort(key, inner), _all_joined, key)]
    # The address of a record is its `url`, also of a document that has another one elsewhere.
    name = "source_url" if key == "url" else key
    return [Column(name, meaning, _sort(key, annotation), key=key)]


def _without_null(annotation: Any) -> Any:
    """The annotation of a key that may be null, without the null."""
    if get_origin(annotation) in {Union, types.UnionType}:
        return next(option for option in get_args(annotation) if option is not type(None))
    return annotation


def _sort(key: str, annotation: Any) -> Sort:
    return _SORTS_OF_KEYS.get(key) or _SORTS.get(annotation, Sort.TERM)


def _part(key: str) -> Cells:
    """A part of a value that may be null."""
    return lambda values: [value and value[key] for value in values]


def _main(key: str, part: Cells = list) -> Cells:
    """A part of the main passage, or a part of that."""
    return lambda values: part([value[0][key] if value else None for value in values])


def _joined(key: str) -> Cells:
    """A part of each item."""
    # Most lists have one item.
    return lambda values: [
        value[0][key] if len(value) == 1 else _all_in_place([item[key] or "" for item in value])
        for value in values
    ]


def _all_in_place(cells: list[str]) -> str:
    """Cells joined, a blank one for each that is not known; nothing where none is."""
    return "; ".join(cells) if any(cells) else ""


def _joined_of(part: str, key: str) -> Cells:
    """A part of the reference in each item."""
    joined = _joined(key)
    return lambda values: joined([[item[part] or _NONE for item in value] for value in values])


def _all_joined(values: list[list[str]]) -> list[str]:
    return ["; ".join(value) for value in values]


def _yes_or_no(values: list[bool | None]) -> list[str | None]:
    """`true` and `false`, as JSON has them."""
    return [None if value is None else str(value).lower() for value in values]


def _in_json(side: str) -> Cells:
    """Values by their pointers; a record that is added or withdrawn as a whole is none."""

    def cell(changes: list[Json]) -> str | None:
        values = {change["pointer"]: change[side] for change in changes if change["pointer"]}
        return orjson.dumps(values).decode() if values else None

    return lambda values: list(map(cell, values))


def _as_json(values: list[Any]) -> list[str | None]:
    """Values as JSON; nothing where there are none."""
    return [orjson.dumps(value).decode() if value else None for value in values]


def _derived(values: list[list[Json]]) -> list[str]:
    derived = [[change for change in value if change["derived"]] for value in values]
    return _joined("pointer")(derived)


def _matching_texts(values: list[list[Json]]) -> list[str]:
    """The pieces of each match, joined."""
    return _all_joined(
        [
            ["".join([piece["text"] for piece in match["text"]]) for match in value]
            for value in values
        ]
    )


_ACTORS = (
    Column("{}_ids", "{} Their ids.", Sort.TERM, _joined_of("actor", "id")),
    Column("{}_titles", "{} Their names.", Sort.TEXT, _joined_of("actor", "title")),
)
_LASTING = (
    Column("{}_since", "{} Since when; one place for each.", Sort.TERM, _joined("since")),
    Column("{}_until", "{} Until when; one place for each.", Sort.TERM, _joined("until")),
)
_IN_ROLES = (
    *_ACTORS,
    Column("{}_roles", "{} Their roles.", Sort.TERM, _joined("role")),
    Column("{}_offices", "{} Their offices then; one place for each.",
           Sort.TEXT, _joined("office")),
    Column("{}_on_behalf_of_ids", "{} The ids of those for whom they acted; one place for each.",
           Sort.TERM, _joined_of("on_behalf_of", "id")),
)  # fmt: skip
_AS_JSON = (Column("{}", "{} As JSON.", Sort.TEXT, _as_json),)
_PARTS: dict[Any, tuple[Column, ...]] = {
    Reference: (
        Column("{}_type", "{} Its type.", Sort.TERM, _part("type")),
        Column("{}_id", "{} Its id.", Sort.TERM, _part("id")),
        Column("{}_title", "{} Its title.", Sort.TEXT, _part("title")),
        Column("url", "The whole URL of the record.", Sort.LINK, _part("href"), is_path=True),
    ),
    list[Reference]: (
        Column("{}_ids", "{} Their ids.", Sort.TERM, _joined("id")),
        Column("{}_titles", "{} Their titles.", Sort.TEXT, _joined("title")),
    ),
    list[Participant]: _IN_ROLES,
    list[Party]: _IN_ROLES,
    list[Mention]: (*_ACTORS, Column("{}_roles", "{} As what.", Sort.TERM, _joined("role"))),
    list[Member]: _ACTORS + _LASTING,
    list[Office]: (
        Column("{}_titles", "{} What they are called.", Sort.TEXT, _joined("title")),
        Column("{}_of_ids", "{} The ids of those for whom.", Sort.TERM, _joined_of("of", "id")),
        Column("{}_of_titles", "{} The names of those.", Sort.TEXT, _joined_of("of", "title")),
        *_LASTING,
    ),
    list[Evidence]: (
        Column("{}", "The main passage that proves it, to the character.",
               Sort.TEXT, _main("exact")),
        Column("{}_attribution", "In whose voice it speaks.", Sort.TERM, _main("attribution")),
        Column("{}_according_to_id", "The id of the actor or document of whom the source says it.",
               Sort.TERM, _main("according_to", _part("id"))),
        Column("{}_according_to_title", "The name of that actor or document.",
               Sort.TEXT, _main("according_to", _part("title"))),
        Column("{}_source_id", "The id of its document.",
               Sort.TERM, _main("document", _part("id"))),
        Column("{}_source_title", "The title of its document.",
               Sort.TEXT, _main("document", _part("title"))),
        Column("{}_url", "The address that opens its document at the passage.",
               Sort.LINK, _main("url")),
        Column("{}_count", "How many passages prove the record; JSON has all.", Sort.WHOLE,
               lambda values: list(map(len, values))),
    ),
    list[Measure]: _AS_JSON,
    list[Event]: _AS_JSON,
    list[Assessment]: _AS_JSON,
    dict[str, str]: _AS_JSON,
    list[Match]: (
        Column("{}_fields", "The fields in which the words stand.", Sort.TERM, _joined("field")),
        Column("{}", "The texts around the words.", Sort.TEXT, _matching_texts),
    ),
    list[FieldChange]: (
        Column("{}", "What is another value now, as JSON Pointers; empty for a whole record.",
               Sort.TEXT, _joined("pointer")),
        Column("before", "The values before, as JSON, by their pointers.",
               Sort.TEXT, _in_json("before")),
        Column("after", "The values since, as JSON, by their pointers.",
               Sort.TEXT, _in_json("after")),
        Column("derived",
               "The pointers of those that follow from other records, as a title or a count does.",
               Sort.TEXT, _derived),
    ),
}  # fmt: skip
"""The columns of each kind of value: `{}` in a name is the key, in a meaning what the key means."""

PASSAGES = (
    Column("type", "The type of the record that it proves.", Sort.TERM),
    Column("id", "The id of that record.", Sort.TERM),
    Column("title", "What that record is called."),
    Column("position", "Its place among the passages of the record, from 1: the main one.",
           Sort.WHOLE),
    *columns_of(Evidence, ("document", "fields", "attribution", "according_to", "exact", "locator",
                           "start", "end", "sha256")),
    columns_of(Evidence, ["url"])[0]._replace(name="url"),
)  # fmt: skip
"""The columns of the table of all passages."""


def passages(records: Iterable[Json]) -> list[Json]:
    """Every passage that proves one of some records, as a row."""
    return [
        proof
        | {"type": record["type"], "id": record["id"]}
        | {"title": record_title(record), "position": at}
        for record in records
        for at, proof in enumerate(passages_of(record), start=1)
    ]
