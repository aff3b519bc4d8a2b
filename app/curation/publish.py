"""The load into PostgreSQL.

A release is always built as an SQLite file, by the load that builds them all. Here the file of
the newest release is fetched, the next one is built beside it, and what came of it is published:
a schema with every table, and the file itself, in one transaction. Killed at any moment, the
database has all of a release or nothing of it.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import psycopg
from psycopg import sql
from sqlalchemy import Boolean, Connection, Table, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool
from sqlmodel import SQLModel

from app.curation.load import NotLoaded, Progress
from app.curation.load import load as load_file
from app.curation.load import migrate as migrate_file
from app.records import Release
from app.settings import shown
from app.store import migrations
from app.store.files import kept_file, look, published
from app.store.release import UnusableRelease
from app.store.schemas import (
    PIECE,
    SCHEMAS,
    Schema,
    is_outdated,
    last_editions,
    parameters,
    said,
    schemas_in,
)
from app.store.search import searched
from app.store.tsvectors import vector

# One load at a time into a database: the number is ours, whatever else is in it.
_LOCK = int.from_bytes(b"readout", "big")


def load(
    files: Iterable[str],
    url: str,
    progress: Progress = lambda *_: None,
    *,
    message: str | None = None,
    prune: str | None = None,
    keep: int | None = None,
) -> tuple[Release, bool]:
    """Publish the files as the next release, as `load` into a file does; raises what it raises."""
    with _alone(url) as connection:
        _drop_earlier_editions(connection)
        _bring_up_to_date(connection)
        with _fetched(connection, _newest(connection)) as path:
            before = look(path)
            release, new = load_file(files, path, progress, message=message, prune=prune)
            if look(path) != before:
                _publish(connection, path, release)
        if new and keep is not None:
            _forget(connection, keep)
        return release, new


def _forget(connection: psycopg.Connection[Any], keep: int) -> None:
    """Drop the oldest releases, until so many are left."""
    there = _schemas(connection)
    kept = list(last_editions(there))[-max(1, keep) :]
    for schema in there:
        if schema.number not in kept:
            _drop(connection, schema)


def _drop_earlier_editions(connection: psycopg.Connection[Any]) -> None:
    """Drop what was written anew before this load: servers have changed over since."""
    there = _schemas(connection)
    for schema in there:
        if schema not in last_editions(there).values():
            _drop(connection, schema)


def _drop(connection: psycopg.Connection[Any], schema: Schema) -> None:
    connection.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(sql.Identifier(str(schema))))


def _schemas(connection: psycopg.Connection[Any]) -> list[Schema]:
    """What there is, in the order of numbers and editions."""
    return sorted(schemas_in(connection.execute(SCHEMAS)))


def _newest(connection: psycopg.Connection[Any]) -> Schema | None:
    return max(_schemas(connection), default=None)


def _bring_up_to_date(connection: psycopg.Connection[Any]) -> None:
    """Write the releases anew that an older program made, each from its file, migrated.

    The newest comes last: an upgrade that was killed is begun again as long as it is outdated.
    Raises NotLoaded.
    """
    for schema in last_editions(_schemas(connection)).values():
        try:
            if not is_outdated(connection, schema):
                continue
        except UnusableRelease:
            continue  # whoever asks for it is told
        with _fetched(connection, schema) as path:
            migrate_file(path)
            publish_file(connection, path)


@contextmanager
def copied(url: str, *numbers: int) -> Iterator[tuple[Path, list[int]]]:
    """The newest release as a file, those of these numbers beside it, and which there are.

    Raises NotLoaded.
    """
    with _alone(url) as connection, _fetched(connection, _newest(connection)) as path:
        there = last_editions(_schemas(connection))
        for number in list(there)[:-1]:
            if number in numbers:
                kept_file(path, number).parent.mkdir(exist_ok=True)
                _fetch(connection, there[number], kept_file(path, number))
        yield path, list(there)


def migrate(url: str) -> None:
    """Bring every release to this program's schema, its content as it is. Raises NotLoaded."""
    with _alone(url) as connection:
        _bring_up_to_date(connection)


def publish(path: Path, url: str) -> Release:
    """Publish a release as it stands in a file, under its own number. Raises NotLoaded."""
    with _alone(url) as connection:
        return publish_file(connection, path)


def publish_file(connection: psycopg.Connection[Any], path: Path) -> Release:
    """The same, for the one that has the database for itself."""
    release = published(path)
    if release is None:
        raise NotLoaded(f"{path} holds no release")
    _publish(connection, path, release)
    return release


@contextmanager
def _alone(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the one load that may run. Raises NotLoaded for whatever fails in it."""
    try:
        with closing(psycopg.connect(**parameters(url), autocommit=True)) as connection:
            locked = connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
            if locked != (True,):
                raise NotLoaded(f"another load into {shown(url)} is running; wait for it")
            yield connection
            # It ends with the connection as well, but a busy database notices that late.
            with suppress(psycopg.Error):
                connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
    except (psycopg.Error, DBAPIError) as error:
        fault = error.orig if isinstance(error, DBAPIError) and error.orig else error
        raise NotLoaded(f"can't publish to {shown(url)}: {said(fault)}") from error


@contextmanager
def _fetched(connection: psycopg.Connection[Any], schema: Schema | None) -> Iterator[Path]:
    """A folder of its own with the file of a release; without it, where there is none."""
    with TemporaryDirectory(prefix="readout-") as folder:
        path = Path(folder) / "readout.db"
        if schema:
            _fetch(connection, schema, path)
        yield path


def _fetch(connection: psycopg.Connection[Any], schema: Schema, path: Path) -> None:
    pieces = sql.SQL("SELECT bytes FROM {} ORDER BY at").format(
        sql.Identifier(str(schema), "release_file")
    )
    with (
        path.open("wb") as file,
        connection.transaction(),
        connection.cursor("pieces", binary=True) as cursor,
    ):
        cursor.itersize = 16
        for (piece,) in cursor.execute(pieces):
            file.write(piece)


def _publish(connection: psycopg.Connection[Any], path: Path, release: Release) -> None:
    before = last_editions(_schemas(connection)).get(release.number)
    schema = Schema(release.number, before.edition + 1 if before else 1)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=StaticPool
    )
    engine.connect().close()  # it asks who is there, and undoes that
    connection.autocommit = False
    try:
        with engine.begin() as writing, closing(sqlite3.connect(path)) as file:
            _make_schema(writing, connection, schema)
            with connection.cursor() as cursor:
                for table in SQLModel.metadata.sorted_tables:
                    _copy_table(cursor, file, table)
                _copy_words(cursor, file)
                _copy_file(cursor, path)
                for name in (*SQLModel.metadata.tables, "record_search"):
                    cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))
    finally:
        connection.autocommit = True


def _make_schema(writing: Connection, connection: psycopg.Connection[Any], schema: Schema) -> None:
    """Empty tables, made by the migrations that make those of a file."""
    name = sql.Identifier(str(schema))
    connection.execute(sql.SQL("CREATE SCHEMA {}").format(name))
    connection.execute(sql.SQL("SET LOCAL search_path TO {}").format(name))
    migrations.upgrade(writing)
    connection.execute("CREATE TABLE release_file (at integer PRIMARY KEY, bytes bytea NOT NULL)")
    # As it is, so that any part of it can be read alone.
    connection.execute("ALTER TABLE release_file ALTER COLUMN bytes SET STORAGE EXTERNAL")


def _copy_table(cursor: psycopg.Cursor[Any], file: sqlite3.Connection, table: Table) -> None:
    names = [column.name for column in table.columns]
    switches = [at for at, column in enumerate(table.columns) if isinstance(column.type, Boolean)]
    listed = ", ".join(f'"{name}"' for name in names)
    rows = file.execute(f'SELECT {listed} FROM "{table.name}"')  # noqa: S608 - our own names
    with cursor.copy(_copying(table.name, *names)) as copy:
        for found in rows:
            row = list(found)
            for at in switches:  # SQLite has 0 and 1
                row[at] = None if row[at] is None else bool(row[at])
            copy.write_row(row)


def _copy_words(cursor: psycopg.Cursor[Any], file: sqlite3.Connection) -> None:
    """The full-text index. FTS5 keeps no texts, so they come from the records once more."""
    with cursor.copy(_copying("record_search", "rowid", "record_search")) as copy:
        for ordinal, kind, body in file.execute("SELECT ordinal, type, body FROM record"):
            copy.write_row((ordinal, vector(kind, *searched(orjson.loads(body)))))
    # What waits to be sorted in would slow down every search until the next vacuum.
    cursor.execute("SELECT gin_clean_pending_list('ix_record_search'::regclass)")


def _copy_file(cursor: psycopg.Cursor[Any], path: Path) -> None:
    with path.open("rb") as file, cursor.copy(_copying("release_file", "at", "bytes")) as copy:
        for at, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
            copy.write_row((at, piece))


def _copying(table: str, *columns: str) -> sql.Composed:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
