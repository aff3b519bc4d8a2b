"""The past of a data set: the records that were withdrawn, or had another id.

A release holds the tombstones and former ids of all releases before it. They are declared once:
what a file says of them stays true when a later file leaves it out.
"""

import hashlib
import sqlite3
from typing import Any, NamedTuple

import orjson

from app import links
from app.curation.catalogue import Catalogue
from app.curation.check import replacement
from app.curation.reading import Finding
from app.vocabulary import KINDS, RecordType

Key = tuple[RecordType, str]
_NAMED = 20  # ids in a refusal


class Tombstone(NamedTuple):
    """A record that was withdrawn."""

    title: str | None
    reason: str
    withdrawn_at: str
    replaced_by: str | None


def former_ids(connection: sqlite3.Connection, schema: str = "main") -> dict[Key, str]:
    """The ids that records had once, in a release, with those that they have now."""
    rows = connection.execute(f"SELECT type, former, id FROM {schema}.former_id")  # noqa: S608 - our own names
    return {(KINDS[kind], former): id_ for kind, former, id_ in rows}


class Past:
    """The tombstones and former ids that a new release keeps."""

    def __init__(self, connection: sqlite3.Connection, catalogue: Catalogue, now: str) -> None:
        """Read what the `earlier` release remembers, and add what the files say."""
        self._connection = connection
        self._now = now
        self.former = former_ids(connection, "earlier")
        self.tombstones: dict[Key, Tombstone] = {
            (KINDS[kind], id_): Tombstone(*rest)
            for kind, id_, *rest in connection.execute(
                "SELECT type, id, title, reason, withdrawn_at, replaced_by FROM earlier.tombstone"
            )
        }
        self._rename(
            {
                (kind, former): card.id
                for kind, formers in catalogue.former.items()
                for former, card in formers.items()
            }
        )
        for kind, listed in catalogue.withdrawn.items():
            for id_, typed in listed.items():
                self._withdraw(kind, id_, typed)
        # What is here again is neither withdrawn nor renamed.
        for remembered in (self.former, self.tombstones):
            for kind, id_ in [*remembered]:
                if id_ in catalogue.cards[kind]:
                    del remembered[kind, id_]

    def _rename(self, renamed: dict[Key, str]) -> None:
        for (kind, former), id_ in self.former.items():
            self.former[kind, former] = renamed.get((kind, id_), id_)
        self.former |= renamed
        now = {
            links.record_path(kind, former): links.record_path(kind, id_)
            for (kind, former), id_ in renamed.items()
        }
        self.tombstones = {
            key: stone._replace(replaced_by=now.get(stone.replaced_by or "", stone.replaced_by))
            for key, stone in self.tombstones.items()
            if key not in renamed
        }

    def _withdraw(self, kind: RecordType, id_: str, typed: dict[str, Any]) -> None:
        earlier = self.tombstones.get((kind, id_))
        instead = typed.get("replaced_by")
        self.tombstones[kind, id_] = Tombstone(
            (earlier and earlier.title) or typed.get("title") or self._title(kind, id_),
            str(typed.get("reason")),
            (earlier and earlier.withdrawn_at) or typed.get("withdrawn_at") or self._now,
            links.record_path(*replacement(kind, instead)) if instead else None,
        )
        self.former.pop((kind, id_), None)

    def _title(self, kind: RecordType, id_: str) -> str | None:
        sql = "SELECT title FROM earlier.record WHERE type = ? AND id = ?"
        row = self._connection.execute(sql, (kind.value, id_)).fetchone()
        return str(row[0]) if row else None

    def refuse_disappearing(self, prune: str | None) -> list[Finding]:
        """A finding for each record that is in no file, and neither renamed nor withdrawn.

        With a reason, all of them are withdrawn instead.
        """
        gone = [
            (KINDS[kind], id_)
            for kind, id_ in self._connection.execute(
                "SELECT type, id FROM earlier.record EXCEPT SELECT type, id FROM main.record "
                "ORDER BY type, id"
            )
            if (KINDS[kind], id_) not in self.former and (KINDS[kind], id_) not in self.tombstones
        ]
        if prune is not None:
            for kind, id_ in gone:
                self._withdraw(kind, id_, {"reason": prune})
            return []
        findings = [
            Finding(
                "",
                links.record_path(kind, id_),
                "is published, and not in the files; to withdraw it, write under "
                f'"withdrawn": {{"type": "{kind}", "id": "{id_}", "reason": "…"}}; '
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

    def digest(self) -> str:
        """Of everything that was withdrawn or renamed."""
        stones = sorted((*key, *stone) for key, stone in self.tombstones.items())
        formers = sorted((*key, id_) for key, id_ in self.former.items())
        content = orjson.dumps([stones, formers]) if stones or formers else b""
        return hashlib.sha256(content).hexdigest()

    def write(self) -> None:
        """Write the tombstones and the former ids."""
        self._connection.executemany(
            "INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(kind.value, id_, *stone) for (kind, id_), stone in sorted(self.tombstones.items())],
        )
        self._connection.executemany(
            "INSERT INTO former_id (type, former, id) VALUES (?, ?, ?)",
            [(kind.value, former, id_) for (kind, former), id_ in sorted(self.former.items())],
        )
