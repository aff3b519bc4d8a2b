"""The file of the next release as it is written: its rows, its past, their sums, the last checks.

A release holds the tombstones and former ids of all releases before it. They are declared once:
what a file says of them stays true when a later file leaves it out.
"""

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

from app import links
from app.beside import sql_beside
from app.curation.catalogue import Catalogue
from app.curation.compile import Compiled
from app.curation.reading import Finding
from app.curation.rules import replacement
from app.resources.topics import BASE_TOPICS
from app.store import migrations
from app.store.release import TOPICS, read_only
from app.store.search import is_typed
from app.store.tables import WordRow
from app.text import stem
from app.vocabulary import FACTS, KINDS, Attribution, RecordType

SQL = sql_beside(__file__)
"""The statements of `draft.sql` by their names."""
# As it stands in public JSON, and in no text of it: there, quotation marks are escaped.
_DIRECT = f'"attribution":"{Attribution.DIRECT_QUOTE.value}"'.encode()
_NAMED = 20  # ids in a refusal
_UNNAMED = "No record refers to it any more."
"""Why an actor of a starter is withdrawn: nobody can take it out of a file."""


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
    search: list[tuple[int, RecordType, str, str, str]] = []
    for compiled in records:
        for table, row in compiled.rows:
            rows_of[table].append(row)
        search.append(compiled.search)
    for table, rows in rows_of.items():
        rows.sort(key=lambda row: row.get("ordinal", 0))
        connection.executemany(insertion(table), rows)
    for ordinal, kind, *entry in sorted(search):
        columns = f"rowid, type, {kind}_title, {kind}_text"
        connection.execute(
            f"INSERT INTO record_search ({columns}) VALUES (?, ?, ?, ?)",  # noqa: S608 - our own names
            (ordinal, *entry),
        )


def write_words(connection: sqlite3.Connection) -> None:
    """Write the words of the full-text index: their stems, and how many records have them.

    A search for one word looks for all forms of it: how many it finds is counted here, once.
    """
    connection.execute(
        "CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, record_search, row)"
    )
    forms: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for word, records in connection.execute("SELECT term, doc FROM temp.vocabulary"):
        if is_typed(word):
            forms[stem(word)][word] = records
    connection.execute("DROP TABLE temp.vocabulary")
    any_form = "SELECT count(*) FROM record_search WHERE record_search MATCH ?"
    for of_stem, words in forms.items():
        query = " OR ".join(f'"{word}"' for word in words)
        alone = words.values() if len(words) == 1 else None
        [together] = alone or connection.execute(any_form, (query,)).fetchone()
        same = {"stem": of_stem, "of_stem": together}
        rows = ({"word": word, "records": records} | same for word, records in words.items())
        connection.executemany(insertion(WordRow), rows)


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


def write_past(
    connection: sqlite3.Connection, catalogue: Catalogue, prune: str | None, now: str
) -> list[Finding]:
    """Write what the `earlier` release remembers and what the files say; the records are there.

    Returns a finding for each published record that is in no file, and neither renamed nor
    withdrawn; with a reason to prune, all of them are withdrawn instead. An actor of a starter to
    which nothing refers any more is withdrawn in any case.
    """
    _rename(connection, catalogue)
    for kind, listed in catalogue.withdrawn.items():
        for id_, typed in listed.items():
            _withdraw(connection, kind, id_, typed, now)
    # What is here again is neither withdrawn nor renamed.
    for past in ("tombstone WHERE (type, id)", "former_id WHERE (type, former)"):
        connection.execute(f"DELETE FROM {past} IN (SELECT type, id FROM main.record)")  # noqa: S608 - our own names
    gone = connection.execute(SQL["gone"]).fetchall()
    offered = catalogue.in_starters()
    unnamed = [one for one in gone if one[0] == RecordType.ACTOR and one[1] in offered]
    for kind, id_ in unnamed:
        _withdraw(connection, KINDS[kind], id_, {"reason": _UNNAMED}, now)
    gone = [one for one in gone if one not in unnamed]
    if prune is None:
        return _disappeared(gone)
    for kind, id_ in gone:
        _withdraw(connection, KINDS[kind], id_, {"reason": prune}, now)
    return []


def _rename(connection: sqlite3.Connection, catalogue: Catalogue) -> None:
    """Write the former ids, and the earlier tombstones with the ids that records have now."""
    renamed = [
        (kind, former, card.id)
        for kind, formers in catalogue.former.items()
        for former, card in formers.items()
    ]
    connection.executemany("INSERT INTO former_id (type, former, id) VALUES (?, ?, ?)", renamed)
    paths = {
        links.record_path(kind, former): links.record_path(kind, id_)
        for kind, former, id_ in renamed
    }
    connection.create_function("path_now", 1, lambda path: paths.get(path, path))
    connection.execute(SQL["tombstones"])
    connection.execute(SQL["former_ids"])


def _withdraw(
    connection: sqlite3.Connection, kind: RecordType, id_: str, typed: dict[str, Any], now: str
) -> None:
    """Write a tombstone; one that is there keeps its title and its moment."""
    instead = typed.get("replaced_by")
    connection.execute(
        SQL["withdraw"],
        {
            "type": kind,
            "id": id_,
            "title": typed.get("title"),
            "reason": typed["reason"],
            "withdrawn_at": typed.get("withdrawn_at") or now,
            "replaced_by": links.record_path(*replacement(kind, instead)) if instead else None,
        },
    )
    connection.execute("DELETE FROM former_id WHERE type = ? AND former = ?", (kind, id_))


def _disappeared(gone: list[tuple[str, str]]) -> list[Finding]:
    findings = [
        Finding(
            "",
            links.record_path(KINDS[kind], id_),
            "is published, and not in the files; to withdraw it, write under "
            f'"withdrawn": [{{"type": "{kind}", "id": "{id_}", "reason": "…"}}]; '
            'if it has another id now, name this one in its "former_ids"',
        )
        for kind, id_ in gone[:_NAMED]
    ]
    if gone:
        many = f"{len(gone):,} records are" if len(gone) > 1 else "1 record is"
        advice = (
            f"{many} published and not in the files; name all files of the data set, or "
            'withdraw whatever is not in them: readout load --prune "the reason" FILES'
        )
        findings.append(Finding("", "", advice))
    return findings
