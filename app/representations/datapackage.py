"""A release as a Data Package: tables as CSV, and what describes them, in one ZIP archive.

It is written while it is sent, so it takes little memory; equal content gives equal bytes.
Source: https://datapackage.org (version 2).
"""

import hashlib
import zipfile
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from io import RawIOBase
from typing import Any, NamedTuple

import orjson

from app.dates import PATTERN
from app.fields import RecordField, fields_of
from app.records import ABOUT
from app.representations.columns import PASSAGES, Column, Json, Sort, columns_of, lines_of, passages
from app.representations.csv import Texts, disarmed, quoted
from app.representations.html import render
from app.resources import SHAPES
from app.store.release import OpenRelease
from app.turns import turn
from app.vocabulary import RecordType

_AT_ONCE = 20  # records
_TYPES = {Sort.NUMBER: "number", Sort.WHOLE: "integer"}
_AS_TEXT = frozenset(Sort) - frozenset(_TYPES)


class _Table(NamedTuple):
    name: str
    about: str
    kinds: tuple[RecordType, ...]
    """The types whose records it is made of."""
    columns: Sequence[Column]
    rows: Callable[[list[Json]], list[Json]]
    """The rows that records give, with a value under the key of each column."""
    key: list[str]
    leads_to: dict[str, RecordType]
    """The columns that hold ids of records of one type."""


async def datapackage(release: OpenRelease, base: str) -> AsyncIterator[bytes]:
    """The archive, in pieces; `base` is the address of the server."""
    sink, tables = _Sink(), _tables()
    files: list[tuple[_Table, int, str]] = []
    readme = render("datapackage.md", info=release.info, about=_ABOUT, base=base, tables=tables)
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("README.md", release), readme)
        for table in tables:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(f"{table.name}.csv", release), "w", force_zip64=True) as file:
                async for lines in _lines(table, release, base):
                    file.write(lines)
                    digest.update(lines)
                    size += len(lines)
                    if piece := sink.taken():
                        yield piece
            files.append((table, size, digest.hexdigest()))
        context = {"files": files, "types": _TYPES, "pattern": PATTERN}
        written = render("datapackage.json", info=release.info, about=_ABOUT, base=base, **context)
        about = orjson.dumps(orjson.loads(written), option=orjson.OPT_INDENT_2)
        archive.writestr(_entry("datapackage.json", release), about)
    yield sink.taken()


async def _lines(table: _Table, release: OpenRelease, base: str) -> AsyncIterator[bytes]:
    yield f"{','.join(quoted([column.name for column in table.columns]))}\r\n".encode()
    for kind in table.kinds:
        after = ""
        while bodies := await release.bodies_after(kind, after, _AT_ONCE):
            await turn()
            rows = table.rows([orjson.loads(body) for _, body in bodies])
            lines = lines_of(table.columns, rows, base, _text, ",", as_text=_AS_TEXT)
            yield "".join([f"{line}\r\n" for line in lines]).encode()
            after = bodies[-1][0]


def _text(texts: Texts) -> list[str]:
    return quoted(disarmed(texts))


def _tables() -> list[_Table]:
    return [
        *(_records(kind) for kind in RecordType),
        *(
            _links(kind, field)
            for kind in RecordType
            for field in fields_of(SHAPES[kind])
            if field.many and field.names_records
        ),
        _EVIDENCE,
    ]


def _records(kind: RecordType) -> _Table:
    columns = columns_of(SHAPES[kind])
    # The speaker of a quote may be an actor or a document.
    leads_to = {f"{f.name}_id": f.to[0] for f in fields_of(SHAPES[kind]) if len(f.to) == 1}
    leads_to["evidence_source_id"] = RecordType.DOCUMENT
    return _Table(
        kind.plural,
        kind.meaning,
        (kind,),
        columns,
        list,
        ["id"],
        {column.name: leads_to[column.name] for column in columns if column.name in leads_to},
    )


def _links(kind: RecordType, field: RecordField) -> _Table:
    """The table of a list of references, alone or in parts that say more of each."""
    key, target = field.name, field.targets[0]
    first, second = f"{kind.value}_id", f"{target.value if target is not kind else key}_id"
    references = [part for part in field.parts if part.to]
    names = {part.name: f"{part.name}_id" for part in references[1:]}
    names |= {part.name: second for part in references[:1]}
    columns = [
        Column(first, f"The {kind.value}."),
        Column("position", "Its place in the list, from 1.", Sort.WHOLE),
        *([] if field.parts else [Column(second, field.meaning)]),
        *(
            Column(names.get(part.name, part.name), part.meaning)
            for part in field.parts
            if not part.parts
        ),
    ]

    def row(item: Json) -> Json:
        if not field.parts:
            return {second: item["id"]}
        ids = {name: item[part] and item[part]["id"] for part, name in names.items()}
        return item | ids

    def rows(records: list[Json]) -> list[Json]:
        return [
            row(item) | {first: record["id"], "position": at}
            for record in records
            for at, item in enumerate(record[key], start=1)
        ]

    leads_to = {first: kind, second: target}
    leads_to |= {names[part.name]: part.to[0] for part in references[1:]}
    about = f"`{key}` of the {kind.plural}: {field.meaning}"
    return _Table(
        f"{kind.value}_{key}", about, (kind,), columns, rows, [first, "position"], leads_to
    )


_EVIDENCE = _Table(
    "evidence",
    "Every passage that proves a record.",
    tuple(RecordType),
    PASSAGES,
    passages,
    ["type", "id", "position"],
    {"document_id": RecordType.DOCUMENT},
)


_ABOUT = (
    f"{ABOUT} No rights are claimed in the facts; the passages are quoted to prove them, and "
    "belong to their publishers."
)


def _entry(name: str, release: OpenRelease) -> zipfile.ZipInfo:
    """A file of the archive, as old as the release on whatever machine it is made."""
    written = datetime.fromisoformat(release.info.published_at)
    entry = zipfile.ZipInfo(name, written.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


class _Sink(RawIOBase):
    """Where the archive is written to, and taken from in pieces. It can't go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: Any, /) -> int:
        """Take what comes next."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        """The bytes that were written since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
