"""The content of a draft: the rows of its records, written, counted and digested."""

import hashlib
import sqlite3
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Table, insert
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel

from app.curation.compile import Compiled
from app.curation.past import IN_ORDER
from app.vocabulary import FACTS, Attribution, RecordType


class Content:
    """What goes into the release: written in batches, then counted and digested as it stands."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write to a draft."""
        self._connection = connection
        self._rows: defaultdict[type[SQLModel] | Table, list[dict[str, Any]]] = defaultdict(list)
        self._search: list[tuple[int, RecordType, str, str]] = []

    def add(self, compiled: Compiled) -> None:
        """Take a record."""
        for table, row in compiled.rows:
            self._rows[table].append(row)
        self._search.append(compiled.search)

    def flush(self) -> None:
        """Write what was taken."""
        for table, rows in self._rows.items():
            rows.sort(key=lambda row: row.get("ordinal", 0))
            self._connection.executemany(insertion(table), rows)
        self._rows.clear()
        self._search.sort()
        for kind in RecordType:
            columns = f"rowid, type, {kind}_title, {kind}_text"
            self._connection.executemany(
                f"INSERT INTO record_search ({columns}) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own names
                [row for row in self._search if row[1] is kind],
            )
        self._search.clear()

    def counts(self) -> dict[str, int]:
        """How many records of each type there are."""
        counts = dict(self._connection.execute("SELECT type, count(*) FROM record GROUP BY type"))
        return {kind.plural: counts.get(kind.value, 0) for kind in RecordType}

    def whole(self) -> "Whole":
        """What is told of all public records, whatever the order or number of the files."""
        whole, direct = hashlib.sha256(), 0
        for kind, id_, body in self._connection.execute(IN_ORDER):
            whole.update(f"{kind}/{id_}:".encode() + hashlib.sha256(body).digest())
            direct += kind in FACTS and _DIRECT in body
        return Whole(whole.hexdigest(), direct)


# As it stands in public JSON, and in no text of it: there, quotation marks are escaped.
_DIRECT = f'"attribution":"{Attribution.DIRECT_QUOTE.value}"'.encode()


class Whole(NamedTuple):
    """What is told of all records of a release."""

    digest: str
    direct: int
    """How many facts have a passage with somebody's very words."""


@cache
def insertion(table: type[SQLModel] | Table) -> str:
    """The statement that inserts a row, its values named."""
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="named")))
