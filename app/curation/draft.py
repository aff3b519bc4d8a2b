"""The file of the next release as it is written: its rows, their sums, the last checks."""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Table, create_engine, insert
from sqlalchemy.dialects import sqlite
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from app.curation.compile import Compiled
from app.resources.topics import BASE_TOPICS
from app.store import migrations
from app.store.release import TOPICS, read_only
from app.store.tables import WordRow
from app.text import stem
from app.vocabulary import FACTS, KINDS, Attribution, RecordType

# As it stands in public JSON, and in no text of it: there, quotation marks are escaped.
_DIRECT = f'"attribution":"{Attribution.DIRECT_QUOTE.value}"'.encode()


class Summary(NamedTuple):
    """Counts and digest of all records, whatever the order or number of the files."""

    counts: dict[str, int]
    """How many records of each type there are."""
    digest: str
    past: str
    """The digest of everything that was withdrawn or renamed."""
    direct: int
    """How many facts have a passage with somebody's very words."""


@contextmanager
def begun(file: Path, earlier: Path | None) -> Iterator[sqlite3.Connection]:
    """Begin an empty file, which builds on the file of a release, or on none."""
    uri = file.resolve().as_uri()
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        # Nobody else sees the draft, and a load that dies leaves it to be thrown away: it needs
        # no journal, and is synced once, when it is complete.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA cache_size = -262144")
        engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
        with engine.begin() as migrating:
            migrations.upgrade(migrating)
        attach_earlier(connection, earlier)
        connection.execute("BEGIN EXCLUSIVE")
        yield connection


def write_records(connection: sqlite3.Connection, records: Iterable[Compiled]) -> None:
    """Write some records, of each table the rows in their order."""
    rows_of: defaultdict[type[SQLModel] | Table, list[dict[str, Any]]] = defaultdict(list)
    search: list[tuple[int, RecordType, str, str]] = []
    for compiled in records:
        for table, row in compiled.rows:
            rows_of[table].append(row)
        search.append(compiled.search)
    for table, rows in rows_of.items():
        rows.sort(key=lambda row: row.get("ordinal", 0))
        connection.executemany(insertion(table), rows)
    for words in sorted(search):
        columns = f"rowid, type, {words[1]}_title, {words[1]}_text"
        connection.execute(f"INSERT INTO record_search ({columns}) VALUES (?, ?, ?, ?)", words)  # noqa: S608 - our own names


def write_words(connection: sqlite3.Connection) -> None:
    """Write the words of the full-text index with their stems."""
    connection.execute(
        "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, record_search, row)"
    )
    all_words = connection.execute("SELECT term FROM temp.vocabulary")
    connection.executemany(
        insertion(WordRow), ({"word": word, "stem": stem(word)} for (word,) in all_words)
    )
    connection.execute("DROP TABLE temp.vocabulary")


def summary_of(connection: sqlite3.Connection) -> Summary:
    """Count and digest the records as they stand in the file."""
    counts = {kind.plural: 0 for kind in RecordType}
    whole, direct = hashlib.sha256(), 0
    for kind, id_, body in connection.execute(
        "SELECT type, id, CAST(body AS BLOB) FROM main.record ORDER BY type, id"
    ):
        counts[KINDS[kind].plural] += 1
        whole.update(f"{kind}/{id_}:".encode() + hashlib.sha256(body).digest())
        direct += kind in FACTS and _DIRECT in body
    # The name of a table is that of `main` first.
    if own := [row for row in connection.execute(TOPICS) if row[0] not in BASE_TOPICS]:
        whole.update(orjson.dumps(own))
    past = [
        connection.execute(f"SELECT {columns} ORDER BY 1, 2").fetchall()
        for columns in (
            "type, id, title, reason, withdrawn_at, replaced_by FROM main.tombstone",
            "type, former, id FROM main.former_id",
        )
    ]
    content = orjson.dumps(past) if any(past) else b""
    return Summary(counts, whole.hexdigest(), hashlib.sha256(content).hexdigest(), direct)


def finish(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    """Optimize the file and complete it; gives what SQLite finds damaged in it."""
    connection.execute("INSERT INTO record_search (record_search) VALUES ('optimize')")
    connection.execute("ANALYZE main")
    connection.execute("COMMIT")
    broken = connection.execute("PRAGMA main.foreign_key_check").fetchall()
    damaged = connection.execute("PRAGMA main.quick_check").fetchall()
    return broken if damaged == [("ok",)] else broken + damaged


def attach_earlier(connection: sqlite3.Connection, file: Path | None) -> None:
    """Read the file of a release beside another one; the tables are empty where there is none."""
    connection.execute("ATTACH ? AS earlier", (read_only(file) if file else ":memory:",))
    if file is None:
        for table in ("record", "tombstone", "former_id"):
            connection.execute(f"CREATE TABLE earlier.{table} AS SELECT * FROM main.{table}")  # noqa: S608 - our own names


@cache
def insertion(table: type[SQLModel] | Table) -> str:
    """The statement that inserts a row, its values named."""
    return str(insert(table).compile(dialect=sqlite.dialect(paramstyle="named")))
