"""The content of a draft: the rows of its records, written and taken out, counted and digested."""

import hashlib
import sqlite3
from collections import defaultdict
from functools import cache
from typing import Any, NamedTuple

import orjson
from sqlalchemy import insert
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel

from app.curation.compile import Compiled
from app.curation.past import IN_ORDER
from app.store.search import searched
from app.store.tables import TABLES, ActorPrincipal, RecordOrigin
from app.vocabulary import FACTS, KINDS, Attribution, RecordType


class Content:
    """What goes into the release: written in batches, then counted and digested as it stands."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Write to a draft."""
        self._connection = connection
        self._rows: defaultdict[type[SQLModel], list[dict[str, Any]]] = defaultdict(list)
        self._search: list[tuple[int, RecordType, str, str]] = []

    def add(self, compiled: Compiled, made_of: bytes) -> None:
        """Take a record, and the digest of what it was made of."""
        for table, row in compiled.rows:
            self._rows[table].append(row)
        ordinal = compiled.search[0]
        self._rows[RecordOrigin].append({"ordinal": ordinal, "made_of": made_of})
        self._search.append(compiled.search)

    def flush(self) -> None:
        """Write what was taken."""
        for table, rows in self._rows.items():
            rows.sort(key=_ordinal)
            self._connection.executemany(insertion(table), rows)
        self._rows.clear()
        self._search.sort()
        for kind in RecordType:
            self._connection.executemany(
                f"INSERT INTO record_search ({_words_of(kind)}) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own names
                [row for row in self._search if row[1] is kind],
            )
        self._search.clear()

    def counts(self) -> dict[str, int]:
        """How many records of each type there are."""
        found = self._connection.execute("SELECT type, count(*) FROM record GROUP BY type")
        counts = dict(found.fetchall())
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


def _words_of(kind: RecordType) -> str:
    """The columns of the full-text index that hold a record of a type."""
    return f"rowid, type, {kind.value}_title, {kind.value}_text"


def empty(connection: sqlite3.Connection) -> None:
    """Remove every record."""
    for table in reversed(TABLES):
        connection.execute(f"DELETE FROM {table.__tablename__}")  # noqa: S608 - our own names
    connection.execute("INSERT INTO record_search (record_search) VALUES ('delete-all')")


def take_out(connection: sqlite3.Connection, ordinals: list[int]) -> None:
    """Remove everything that belongs to some records, and what is written anew in any case."""
    connection.execute("CREATE TEMP TABLE gone (ordinal INTEGER PRIMARY KEY)")
    connection.executemany("INSERT INTO gone VALUES (?)", [(ordinal,) for ordinal in ordinals])
    for ordinal, type_, body in connection.execute(
        "SELECT ordinal, type, body FROM record JOIN gone USING (ordinal)"
    ):
        # The index keeps no texts, so it has to be told what it was given.
        connection.execute(
            f"INSERT INTO record_search (record_search, {_words_of(KINDS[type_])}) "  # noqa: S608 - our own names
            "VALUES ('delete', ?, ?, ?, ?)",
            (ordinal, type_, *searched(orjson.loads(body))),
        )
    connection.execute(
        "DELETE FROM actor_principal "
        "WHERE actor IN (SELECT id FROM actor JOIN gone USING (ordinal))"
    )
    for table in reversed(TABLES):
        where = "WHERE ordinal IN (SELECT ordinal FROM gone)" * ("ordinal" in table.model_fields)
        if table is not ActorPrincipal:
            connection.execute(f"DELETE FROM {table.__tablename__} {where}")  # noqa: S608 - our own names
    connection.execute("DROP TABLE gone")


def _ordinal(row: dict[str, Any]) -> int:
    return int(row.get("ordinal", 0))


@cache
def insertion(table: type[SQLModel]) -> str:
    """The statement that inserts a row, its values named."""
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="named")))
