"""A release that is opened for reading.

A release never changes, so it is opened once, and what was worked out from it stays true.
"""

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, NamedTuple

from app import links
from app.problems import Tombstone
from app.records import Release
from app.store.tables import REVISION
from app.vocabulary import RecordType

Binds = Mapping[str, Any]
Query = tuple[str, Binds]
Rows = list[tuple[Any, ...]]

_REMEMBERED = 4_096

RELEASES = (
    "SELECT number, published_at, digest, counts, program, message, changes FROM release "
    "ORDER BY number DESC"
)
LATEST = f"{RELEASES} LIMIT 1"
REVISIONS = "SELECT version_num FROM alembic_version"


class UnusableRelease(Exception):
    """A release that is there but can't be served; its text says why."""


class OutdatedRelease(UnusableRelease):
    """A release that an older program wrote: a migration makes it usable."""


class Load(NamedTuple):
    """How much a database has to do now."""

    busy: int
    """Connections in use."""
    idle: int
    """Connections that are open and not in use."""
    waiting: int
    """Queries that wait for a turn."""


class OpenRelease(ABC):
    """One release: its name, its rows, and what was worked out from them so far.

    The statements of this class have `?` for what is bound.
    """

    info: Release
    tag: str
    """The name of the state of everything: in ETags and cursors."""

    def __init__(self) -> None:
        """Begin with nothing worked out."""
        self._memory: dict[Any, Any] = {}
        self._held = 0
        self._retired = False

    @abstractmethod
    async def look_up(self, sql: str, *binds: str | int) -> Rows:
        """Run a query that takes a few rows from an index."""

    @abstractmethod
    async def rows(self, *queries: Query, slow: bool = False) -> list[Rows]:
        """Run queries of a list; `slow` where they are known to take longer than a moment."""

    @abstractmethod
    def load(self) -> Load:
        """How much its database has to do now."""

    @abstractmethod
    def _close(self) -> None:
        """Give back what reading needs."""

    async def releases(self) -> list[Release]:
        """Every release up to this one, the newest first."""
        found: list[Release] | None = self.remembered("releases")
        if found is None:
            found = [release_of(row) for row in await self.look_up(RELEASES)]
            self.remember("releases", found)
        return found

    async def body(self, kind: RecordType, id_: str) -> bytes | None:
        """The public JSON of one record."""
        found = await self.look_up(
            "SELECT CAST(body AS BLOB) FROM record WHERE type = ? AND id = ?",
            kind.value,
            id_,
        )
        return found[0][0] if found else None

    async def bodies_after(self, kind: RecordType, id_: str, most: int) -> list[tuple[str, bytes]]:
        """The records of a type whose ids come after one in the alphabet: id and public JSON."""
        sql = (
            "SELECT id, CAST(body AS BLOB) FROM record WHERE type = ? AND id > ? "
            "ORDER BY id LIMIT ?"
        )
        return [(row[0], row[1]) for row in await self.look_up(sql, kind.value, id_, most)]

    @abstractmethod
    async def read(self, at: int, size: int) -> bytes:
        """A part of the SQLite file that the release is."""

    @abstractmethod
    async def size(self) -> int:
        """How many bytes the SQLite file has."""

    async def title(self, kind: RecordType, id_: str) -> str | None:
        """What a record is called, or was when it was withdrawn; None where that is not known."""
        for table in ("record", "tombstone"):
            sql = f"SELECT title FROM {table} WHERE type = ? AND id = ?"  # noqa: S608 - our own words
            if found := await self.look_up(sql, kind.value, id_):
                return None if found[0][0] is None else str(found[0][0])
        return None

    async def has(self, kind: RecordType, id_: str) -> bool:
        """Whether there is such a record."""
        sql = "SELECT 1 FROM record WHERE type = ? AND id = ?"
        return bool(await self.look_up(sql, kind.value, id_))

    async def ever_had(self, kind: RecordType, id_: str) -> bool:
        """Whether there is or was such a record."""
        sql = "SELECT 1 FROM change WHERE type = ? AND id = ? LIMIT 1"
        return (
            await self.has(kind, id_)
            or await self.renamed_to(kind, id_) is not None
            or await self.tombstone(kind, id_) is not None
            or bool(await self.look_up(sql, kind.value, id_))
        )

    async def renamed_to(self, kind: RecordType, former: str) -> str | None:
        """The id that a record with a former one has now."""
        sql = "SELECT id FROM former_id WHERE type = ? AND former = ?"
        found = await self.look_up(sql, kind.value, former)
        return found[0][0] if found else None

    async def former_ids(self, kind: RecordType, id_: str) -> list[str]:
        """The ids that a record had before, if any."""
        sql = "SELECT former FROM former_id WHERE type = ? AND id = ? ORDER BY former"
        return [row[0] for row in await self.look_up(sql, kind.value, id_)]

    async def tombstone(self, kind: RecordType, id_: str) -> Tombstone | None:
        """What is left of a record that was withdrawn."""
        sql = (
            "SELECT title, reason, withdrawn_at, replaced_by FROM tombstone "
            "WHERE type = ? AND id = ?"
        )
        found = await self.look_up(sql, kind.value, id_)
        if not found:
            return None
        title, reason, withdrawn_at, replaced_by = found[0]
        return Tombstone(
            type=kind,
            id=id_,
            title=title,
            reason=reason,
            withdrawn_at=withdrawn_at,
            replaced_by=replaced_by,
            history=links.history_path(kind, id_),
        )

    async def last_change(self, number: int) -> int | None:
        """The last change that led to a release; None where history was not written yet."""
        found = await self.look_up("SELECT last_change FROM release WHERE number = ?", number)
        return found[0][0] if found else None

    async def principals(self, actor: str) -> list[str]:
        """For whom an actor acts, directly or through others."""
        found = await self.look_up("SELECT principal FROM actor_principal WHERE actor = ?", actor)
        return [row[0] for row in found]

    async def ids_near(self, kind: RecordType, id_: str, most: int = 500) -> list[str]:
        """Ids that stand around this one in the alphabet: all of them, where there are few."""
        after = "SELECT id FROM record WHERE type = ? AND id >= ? ORDER BY id LIMIT ?"
        before = "SELECT id FROM record WHERE type = ? AND id < ? ORDER BY id DESC LIMIT ?"
        return [
            row[0]
            for half in (after, before)
            for row in await self.look_up(half, kind.value, id_, most)
        ]

    def remembered(self, key: Any) -> Any:
        """What was worked out before in this release, or None."""
        return self._memory.get(key)

    def remember(self, key: Any, value: Any) -> None:
        """Keep what was worked out; the oldest is forgotten."""
        if key not in self._memory and len(self._memory) >= _REMEMBERED:
            del self._memory[next(iter(self._memory))]
        self._memory[key] = value

    def hold(self) -> None:
        """Keep it open for a request, which lets it go when it is done.

        For the event loop's thread alone, as is everything that opens and closes releases.
        """
        self._held += 1

    def let_go(self) -> None:
        """End what `hold` began."""
        self._held -= 1
        self._close_if_idle()

    def retire(self) -> None:
        """Close it as soon as no request reads from it any more."""
        self._retired = True
        self._close_if_idle()

    def _close_if_idle(self) -> None:
        if self._retired and not self._held:
            self._close()


def release_of(row: tuple[Any, ...]) -> Release:
    """A release from its row, in the order of `RELEASES`."""
    number, published_at, digest, counts, program, message, changes = row
    return Release(
        number=number,
        published_at=published_at,
        digest=digest,
        counts=json.loads(counts),
        program=program,
        message=message,
        changes=json.loads(changes) if changes else None,
    )


def tag_of(release: Release) -> str:
    """The name of the state of everything in a release."""
    rendered = blake2b(f"{release.digest} {release.program}".encode(), digest_size=6)
    return f"{release.number}-{rendered.hexdigest()}"


def refuse_other_revisions(revisions: list[str]) -> None:
    """Raises UnusableRelease where the schema is not this program's."""
    if revisions == [REVISION]:
        return
    older = len(revisions) == 1 and revisions[0] < REVISION
    raise (OutdatedRelease if older else UnusableRelease)(
        f"its schema is revision {', '.join(revisions)}, this program's is {REVISION}; "
        + (
            "readout serve --seed FILE brings it up to date, and so does the next load"
            if older
            else "a newer program made it, so serve it with that one"
        )
    )
