"""A release as a Data Package: tables as CSV, and what describes them, in one ZIP archive.

It is written while it is sent, so it takes little memory; equal content gives equal bytes.
Source: https://datapackage.org (version 2).
"""

import hashlib
import zipfile
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import NamedTuple

import orjson

from app.dates import PATTERN
from app.records import ABOUT, SHAPES
from app.representations.columns import Cell, Json, Sort, cells_of, columns_of
from app.representations.csv import CSV
from app.representations.delimited import row
from app.store.release import OpenRelease
from app.turns import turn
from app.vocabulary import RecordType

_PROFILES = "https://datapackage.org/profiles/2.0"
_AT_ONCE = 20  # records
_TYPES = {Sort.NUMBER: "number", Sort.WHOLE: "integer"}
# What a reference leads to, by its key; the speaker of a quote may be an actor or a document.
_LEADS_TO = {
    "summit_id": RecordType.SUMMIT,
    "agreement_id": RecordType.AGREEMENT,
    "publisher_id": RecordType.ACTOR,
    "author_id": RecordType.ACTOR,
    "evidence_source_id": RecordType.DOCUMENT,
}
# The lists of references, each a table of its own; those that only turn one round are left out.
_LINKS = (
    (RecordType.SUMMIT, "participants", RecordType.ACTOR),
    (RecordType.ACTOR, "acts_for", RecordType.ACTOR),
    (RecordType.AGREEMENT, "parties", RecordType.ACTOR),
    (RecordType.COMMITMENT, "by", RecordType.ACTOR),
    (RecordType.COMMITMENT, "to", RecordType.ACTOR),
    (RecordType.QUOTE, "mentions", RecordType.ACTOR),
    (RecordType.QUOTE, "agreements", RecordType.AGREEMENT),
)


class _Field(NamedTuple):
    name: str
    meaning: str
    sort: Sort = Sort.TEXT

    def schema(self) -> Json:
        """As Table Schema has it."""
        found = {"name": self.name, "type": _TYPES.get(self.sort, "string")}
        found["description"] = self.meaning
        # A date that is a year or a month is no date to others.
        return found | ({"constraints": {"pattern": PATTERN}} if self.sort is Sort.DATE else {})


class _Table(NamedTuple):
    name: str
    about: str
    kinds: tuple[RecordType, ...]
    """The types whose records it is made of."""
    fields: list[_Field]
    rows: Callable[[Json], list[tuple[Cell, ...]]]
    """The rows that a record gives."""
    key: list[str]
    leads_to: dict[str, RecordType]
    """The columns that hold ids of records of one type."""

    def schema(self) -> Json:
        """As Table Schema has it."""
        return {
            "$schema": f"{_PROFILES}/tableschema.json",
            "fields": [field.schema() for field in self.fields],
            "primaryKey": self.key,
            "foreignKeys": [
                {"fields": [name], "reference": {"resource": kind.plural, "fields": ["id"]}}
                for name, kind in self.leads_to.items()
            ],
        }


async def datapackage(release: OpenRelease, base: str) -> AsyncIterator[bytes]:
    """The archive, in pieces; `base` is the address of the server."""
    sink, tables = _Sink(), _tables(base)
    resources: list[Json] = []
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry("README.md", release), _readme(tables, release, base))
        for table in tables:
            digest, size = hashlib.sha256(), 0
            with archive.open(_entry(f"{table.name}.csv", release), "w", force_zip64=True) as file:
                async for lines in _lines(table, release):
                    file.write(lines)
                    digest.update(lines)
                    size += len(lines)
                    if piece := sink.taken():
                        yield piece
            resources.append(_resource(table, size, digest.hexdigest()))
        about = orjson.dumps(_package(resources, release, base), option=orjson.OPT_INDENT_2)
        archive.writestr(_entry("datapackage.json", release), about)
    yield sink.taken()


async def _lines(table: _Table, release: OpenRelease) -> AsyncIterator[bytes]:
    yield row([field.name for field in table.fields], CSV).encode()
    for kind in table.kinds:
        after = ""
        while found := await release.bodies_after(kind, after, _AT_ONCE):
            await turn()
            rows = [cells for _, body in found for cells in table.rows(orjson.loads(body))]
            yield "".join([row(cells, CSV) for cells in rows]).encode()
            after = found[-1][0]


def _tables(base: str) -> list[_Table]:
    return [
        *(_records(kind, base) for kind in RecordType),
        *(_links(*link) for link in _LINKS),
        _EVIDENCE,
    ]


def _records(kind: RecordType, base: str) -> _Table:
    columns = columns_of(SHAPES[kind])
    cells = cells_of(columns, base)
    return _Table(
        kind.plural,
        kind.meaning,
        (kind,),
        [_Field(column.name, column.meaning, column.sort) for column in columns],
        lambda record: [cells(record)],
        ["id"],
        {column.name: _LEADS_TO[column.name] for column in columns if column.name in _LEADS_TO},
    )


def _links(kind: RecordType, key: str, target: RecordType) -> _Table:
    """The table of a list of references, or of actors with their roles."""
    first, second = f"{kind.value}_id", f"{target.value if target is not kind else key}_id"
    meaning = " ".join((SHAPES[kind].model_fields[key].description or "").split())
    with_role = key in {"participants", "parties"}
    fields = [
        _Field(first, f"The {kind.value}."),
        _Field("position", "Its place in the list, from 1.", Sort.WHOLE),
        _Field(second, meaning),
        *([_Field("role", "In which capacity.")] if with_role else []),
    ]

    def rows(record: Json) -> list[tuple[Cell, ...]]:
        return [
            (record["id"], at, item["actor"]["id"], item["role"])
            if with_role
            else (record["id"], at, item["id"])
            for at, item in enumerate(record[key], start=1)
        ]

    leads_to = {first: kind, second: target}
    about = f"`{key}` of the {kind.plural}: {meaning}"
    return _Table(
        f"{kind.value}_{key}", about, (kind,), fields, rows, [first, "position"], leads_to
    )


def _passages(record: Json) -> list[tuple[Cell, ...]]:
    return [
        (record["type"], record["id"], at, proof["document"]["id"], "; ".join(proof["fields"]),
         *(proof[key] for key in ("attribution", "exact", "start", "end", "sha256", "url")))
        for at, proof in enumerate(record["evidence"], start=1)
    ]  # fmt: skip


_EVIDENCE = _Table(
    "evidence",
    "Every passage that proves a record.",
    tuple(RecordType),
    [
        _Field("type", "The type of the record that it proves."),
        _Field("id", "The id of that record."),
        _Field("position", "Its place among the passages of the record, from 1: the main one.",
               Sort.WHOLE),
        _Field("document_id", "The document in which the passage stands."),
        _Field("fields", "The fields of the record that it proves."),
        _Field("attribution", "In whose voice the passage speaks."),
        _Field("exact", "The passage, to the character."),
        _Field("start", "Where it begins in the document's text, in Unicode code points.",
               Sort.WHOLE),
        _Field("end", "Where it ends, exclusive.", Sort.WHOLE),
        _Field("sha256", "The SHA-256 of the passage in UTF-8, in hexadecimal."),
        _Field("url", "The address that opens the document at the passage."),
    ],
    _passages,
    ["type", "id", "position"],
    {"document_id": RecordType.DOCUMENT},
)  # fmt: skip


def _resource(table: _Table, size: int, digest: str) -> Json:
    return {
        "name": table.name,
        "type": "table",
        "path": f"{table.name}.csv",
        "description": table.about,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": size,
        "hash": f"sha256:{digest}",
        "schema": table.schema(),
    }


def _package(resources: list[Json], release: OpenRelease, base: str) -> Json:
    return {
        "$schema": f"{_PROFILES}/datapackage.json",
        "name": f"readout-{release.info.number}",
        "title": f"Readout, release {release.info.number}",
        "description": _ABOUT,
        "homepage": base,
        "version": f"{release.info.number}.0.0",
        "created": release.info.published_at,
        "resources": resources,
    }


_ABOUT = (
    f"{ABOUT} No rights are claimed in the facts; the passages are quoted to prove them, and "
    "belong to their publishers."
)


def _readme(tables: list[_Table], release: OpenRelease, base: str) -> str:
    lines = [
        f"# Readout, release {release.info.number}",
        f"{_ABOUT}",
        f"Published {release.info.published_at}, from {base}/releases/{release.info.number}; the "
        f"digest of its content is {release.info.digest}.",
        "`datapackage.json` describes the tables to programs ([Data Package](https://datapackage."
        "org), version 2). They are CSV in UTF-8. Dates are only as exact as their sources: "
        "`2025`, `2025-02` or `2025-02-07`. What is not known is blank. A cell that a spreadsheet "
        "would take for a formula begins with an apostrophe; the bundle of the release, "
        f"{base}/releases/{release.info.number}/bundle.json, has everything as it is.",
    ]
    for table in tables:
        rows = "\n".join(f"| `{field.name}` | {field.meaning} |" for field in table.fields)
        lines += [f"## {table.name}.csv", table.about, f"| column | meaning |\n|---|---|\n{rows}"]
    return "\n\n".join(lines) + "\n"


def _entry(name: str, release: OpenRelease) -> zipfile.ZipInfo:
    """A file of the archive, as old as the release on whatever machine it is made."""
    written = datetime.fromisoformat(release.info.published_at)
    entry = zipfile.ZipInfo(name, written.timetuple()[:6])
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


class _Sink:
    """Where the archive is written to, and taken from in pieces. It can't go back."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, piece: bytes, /) -> int:
        """Take what comes next."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing is open."""

    def taken(self) -> bytes:
        """What was written since it was last asked."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
