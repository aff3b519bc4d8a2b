"""Where releases are published to, and how to see from outside that what is there is whole."""

from pathlib import Path
from typing import Protocol

import psycopg

from app.curation.publish import copied
from app.store.files import published
from app.store.schemas import SCHEMAS, Schema, parameters, schemas_in
from tests.conftest import wait_until
from tests.faults.world import Content, assert_whole


class Place(Protocol):
    """A database."""

    @property
    def url(self) -> str:
        """Its address."""

    def is_written(self) -> bool:
        """Whether a load is writing the next release."""

    def settle(self) -> None:
        """Wait until the load that was killed is gone."""

    def number(self) -> int:
        """The number of the release that is published."""

    def assert_whole(self, number: int, content: Content) -> None:
        """It is this release, all of it."""

    def assert_nothing_is_left_over(self) -> None:
        """No load that was killed left anything."""

    def close(self) -> None:
        """Give back what looking needs."""


class FilePlace:
    """A file."""

    def __init__(self, path: Path) -> None:
        """Begin with nothing there."""
        self._path = path
        self._draft = path.with_name(f"{path.name}.draft")

    @property
    def url(self) -> str:
        """Its address."""
        return f"sqlite:///{self._path}"

    def is_written(self) -> bool:
        """There is a draft."""
        return self._draft.exists()

    def settle(self) -> None:
        """A lock ends with its process."""

    def number(self) -> int:
        """The number in the file."""
        release = published(self._path)
        assert release is not None
        return release.number

    def assert_whole(self, number: int, content: Content) -> None:
        """The file is sound, and holds this release."""
        assert_whole(self._path, number, content)

    def assert_nothing_is_left_over(self) -> None:
        """There is no draft."""
        assert not list(self._path.parent.glob("*.draft*"))

    def close(self) -> None:
        """Nothing is open."""


class SchemaPlace:
    """A database of PostgreSQL."""

    def __init__(self, url: str) -> None:
        """Stay connected, so that looking takes a moment."""
        self.url = url
        self._connection = psycopg.connect(**parameters(url), autocommit=True)

    def _ask(self, sql: str) -> list[tuple[object, ...]]:
        return self._connection.execute(sql.encode()).fetchall()

    def is_written(self) -> bool:
        """A transaction has written something."""
        return bool(
            self._ask(
                "SELECT 1 FROM pg_stat_activity "
                "WHERE datname = current_database() AND backend_xid IS NOT NULL"
            )
        )

    def settle(self) -> None:
        """The database needs a moment to see that its client is gone."""
        held = (
            "SELECT 1 FROM pg_locks JOIN pg_database ON oid = database "
            "WHERE locktype = 'advisory' AND datname = current_database()"
        )
        wait_until(lambda: not self._ask(held))

    def _schemas(self) -> list[Schema]:
        return sorted(schemas_in(self._connection.execute(SCHEMAS)))

    def number(self) -> int:
        """The number of the newest schema."""
        return self._schemas()[-1].number

    def assert_whole(self, number: int, content: Content) -> None:
        """The rows are those of this release, and so is the file beside them."""
        schema = self._schemas()[-1]
        assert schema == Schema(number)
        rows = self._ask(f"SELECT title FROM {schema}.record WHERE type = 'agreement'")  # noqa: S608 - our own names
        assert [str(title).split()[1] for (title,) in rows] == [content.word] * content.agreements
        counts = [
            self._ask(f"SELECT count(*) FROM {schema}.{table}")  # noqa: S608 - our own names
            for table in ("record", "record_search")
        ]
        assert counts[0] == counts[1]
        with copied(self.url) as (path, _):
            assert_whole(path, number, content)

    def assert_nothing_is_left_over(self) -> None:
        """Each release has one schema."""
        assert [schema.number for schema in self._schemas()] == list(range(1, self.number() + 1))

    def close(self) -> None:
        """Disconnect."""
        self._connection.close()
