"""The past of a data set: what was withdrawn, what had another id, and what changed by a load.

A release holds the tombstones, former ids and changes of all releases before it. They are declared
once: what a file says of them stays true when a later file leaves it out.
"""

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from app import links
from app.curation.catalogue import Catalogue
from app.curation.check import replacement
from app.curation.difference import Fields, differences, keys_of, with_derived
from app.curation.reading import Finding
from app.records import title_of
from app.store.kept import Manifest
from app.store.tables import REVISION
from app.vocabulary import KINDS, ChangeAction, RecordType

Key = tuple[RecordType, str]
_SHOWN = 20  # ids that a refusal names
_AT_ONCE = 5_000  # changes


class Tombstone(NamedTuple):
    """What is known of a record that was withdrawn."""

    title: str | None
    reason: str
    withdrawn_at: str
    replaced_by: str | None


class Past:
    """What a new release remembers of records that are not in it under these ids."""

    def __init__(self, before: sqlite3.Connection, catalogue: Catalogue, now: str) -> None:
        """Read what the release before remembers, and add what the files say."""
        self._before = before
        self._catalogue = catalogue
        self._now = now
        self.former = former_ids(before)
        self.tombstones: dict[Key, Tombstone] = {
            (KINDS[kind], id_): Tombstone(*rest)
            for kind, id_, *rest in before.execute(
                "SELECT type, id, title, reason, withdrawn_at, replaced_by FROM tombstone"
            )
        }
        self._rename(
            {
                (kind, former): known.id
                for kind, formers in catalogue.former.items()
                for former, known in formers.items()
            }
        )
        for kind, listed in catalogue.withdrawn.items():
            for id_, typed in listed.items():
                self._withdraw(kind, id_, typed)
        for kind, ids in catalogue.known.items():
            for id_ in ids:  # what is here again is neither withdrawn nor renamed
                self.former.pop((kind, id_), None)
                self.tombstones.pop((kind, id_), None)

    def _rename(self, renamed: dict[Key, str]) -> None:
        for (kind, former), led_to in self.former.items():
            self.former[kind, former] = renamed.get((kind, led_to), led_to)
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
        known = self.tombstones.get((kind, id_))
        instead = typed.get("replaced_by")
        path = links.record_path(*replacement(kind, instead)) if instead else None
        title, at = known[0] if known else None, known[2] if known else None
        self.tombstones[kind, id_] = Tombstone(
            title or typed.get("title") or self._title(kind, id_),
            str(typed.get("reason")),
            at or typed.get("withdrawn_at") or self._now,
            path,
        )
        self.former.pop((kind, id_), None)

    def _title(self, kind: RecordType, id_: str) -> str | None:
        body = _body(self._before, kind, id_)
        return title_of(body) if body else None

    def refuse_disappearing(self, prune: str | None) -> list[Finding]:
        """What was published and is not accounted for; with a reason, it is withdrawn instead."""
        gone: list[Key] = [
            (KINDS[kind], id_)
            for kind, id_ in self._before.execute("SELECT type, id FROM record")
            if id_ not in self._catalogue.known[KINDS[kind]]
            and (KINDS[kind], id_) not in self.former
            and (KINDS[kind], id_) not in self.tombstones
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
            for kind, id_ in gone[:_SHOWN]
        ]
        if gone:
            many = f"{len(gone):,} records are" if len(gone) > 1 else "1 record is"
            findings.append(
                Finding(
                    "",
                    "",
                    f"{many} published and not in the files; name all files of the data set, or "
                    'withdraw whatever is not in them: readout load --prune "the reason" FILES',
                )
            )
        return findings

    def digest(self) -> str:
        """Of everything that was withdrawn or renamed."""
        known = sorted((*key, *stone) for key, stone in self.tombstones.items())
        formers = sorted((*key, id_) for key, id_ in self.former.items())
        return hashlib.sha256(
            orjson.dumps([known, formers]) if known or formers else b""
        ).hexdigest()

    def write(self, connection: sqlite3.Connection) -> None:
        """Write the tombstones and the former ids."""
        connection.executemany(
            "INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(kind.value, id_, *stone) for (kind, id_), stone in sorted(self.tombstones.items())],
        )
        connection.executemany(
            "INSERT INTO former_id (type, former, id) VALUES (?, ?, ?)",
            [(kind.value, former, id_) for (kind, former), id_ in sorted(self.former.items())],
        )


class Recorded(NamedTuple):
    """A change, as it is written."""

    action: ChangeAction
    kind: RecordType
    id: str
    before: bytes | None
    after: bytes | None
    former: str | None = None


def former_ids(connection: sqlite3.Connection) -> dict[Key, str]:
    """The ids that records had once, in a release."""
    found = connection.execute("SELECT type, former, id FROM former_id")
    return {(KINDS[kind], former): id_ for kind, former, id_ in found}


def changes(
    connection: sqlite3.Connection, before: sqlite3.Connection, former: dict[Key, str]
) -> Iterator[Recorded]:
    """What is different between the records of a database and those of the one before.

    Those of one type stand together, in the order of their ids.
    """
    seen: set[Key] = set()
    for (kind, old_id), id_ in sorted(former.items()):
        old, new = _bytes(before, kind, old_id), _bytes(connection, kind, id_)
        if old and new:
            yield Recorded(ChangeAction.RENAMED, kind, id_, old, new, old_id)
            if not _bytes(before, kind, id_):
                seen.add((kind, id_))
            seen.add((kind, old_id))
    ours = connection.execute(IN_ORDER)
    theirs = before.execute(IN_ORDER)
    mine, other = ours.fetchone(), theirs.fetchone()
    while mine or other:
        key = min(row[:2] for row in (mine, other) if row)
        new = mine[2] if mine and mine[:2] == key else None
        old = other[2] if other and other[:2] == key else None
        kind, id_ = KINDS[key[0]], str(key[1])
        if (kind, id_) not in seen and new != old:
            action = (
                ChangeAction.ADDED
                if old is None
                else ChangeAction.WITHDRAWN
                if new is None
                else ChangeAction.CHANGED
            )
            yield Recorded(action, kind, id_, old, new)
        mine = ours.fetchone() if new is not None else mine
        other = theirs.fetchone() if old is not None else other


IN_ORDER = "SELECT type, id, CAST(body AS BLOB) FROM record ORDER BY type, id"


class Written(NamedTuple):
    """What was written of the changes that lead to a release."""

    counts: dict[str, int]
    """How many facts of each sort: what is only derived is not counted."""
    last: int
    """The place of the last change of all."""


def write_changes(
    connection: sqlite3.Connection, changes: Iterable[Recorded], past: Past, release: int
) -> Written:
    """Write the changes that lead to a release."""
    ordinal = connection.execute("SELECT coalesce(max(ordinal), 0) FROM change").fetchone()[0]
    counts = {action.value: 0 for action in ChangeAction}
    batch = ChangeBatch(connection)
    for change in changes:
        ordinal += 1
        before, after = (orjson.loads(b) if b else None for b in (change.before, change.after))
        fields = [] if before is None else differences(before, after)
        if before is not None:
            _close(connection, change)
        stone = past.tombstones.get((change.kind, change.id)) if after is None else None
        head = {
            "action": change.action.value,
            "record": {
                "type": change.kind.value,
                "id": change.id,
                "title": title_of(after or before or {}),
                "href": links.record_path(change.kind, change.id),
            },
            "former_id": change.former,
            "reason": stone.reason if stone else None,
            "replaced_by": stone.replaced_by if stone else None,
        }
        row = Row(ordinal, release, change.kind.value, change.id, change.action.value, head)
        is_derived = batch.add(row, None if before is None else fields)
        counts[change.action.value] += not is_derived
        batch.summits += [(id_, ordinal) for id_ in sorted(_summits(before) | _summits(after))]
    batch.flush()
    return Written(counts, ordinal)


class Row(NamedTuple):
    """A change as it is written, but for its fields."""

    ordinal: int
    release: int
    type: str
    id: str
    action: str
    head: dict[str, Any]


class ChangeBatch:
    """Writes changes, many at once."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes: list[tuple[Any, ...]] = []
        self._fields: list[tuple[str, int, bool]] = []
        self.summits: list[tuple[str, int]] = []

    def add(self, row: Row, fields: Fields | None) -> bool:
        """Take a change; says whether all of it is derived. `fields` is None for what was added."""
        marked = with_derived(fields or [], row.type)
        facts = [field for field in marked if not field["derived"]]
        is_derived = row.action == ChangeAction.CHANGED.value and not facts
        written = None if fields is None else orjson.dumps(marked).decode()
        only = None if len(facts) == len(marked) else orjson.dumps(facts).decode()
        head = orjson.dumps(row.head).decode()[1:-1]
        self._fields += [
            (key, row.ordinal, derived) for key, derived in sorted(keys_of(marked).items())
        ]
        self._changes.append((*row[:5], is_derived, head, written, only))
        if len(self._changes) >= _AT_ONCE:
            self.flush()
        return is_derived

    def flush(self) -> None:
        """Write what was taken."""
        many = self._connection.executemany
        many(f"INSERT INTO change ({_CHANGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._changes)  # noqa: S608 - our own names
        many("INSERT INTO change_field (field, ordinal, derived) VALUES (?, ?, ?)", self._fields)
        many("INSERT INTO change_summit (summit, ordinal) VALUES (?, ?)", self.summits)
        for rows in (self._changes, self._fields, self.summits):
            rows.clear()


def _close(connection: sqlite3.Connection, change: Recorded) -> None:
    """Give the addition of a record its own body: the record is about to have another one."""
    whole = {"pointer": "", "before": None, "after": orjson.loads(change.before or b"null")}
    connection.execute(
        "UPDATE change SET fields = ? WHERE id = ? AND type = ? AND fields IS NULL",
        (
            orjson.dumps([whole | {"derived": False}]).decode(),
            change.former or change.id,
            change.kind.value,
        ),
    )


def copy_history(
    connection: sqlite3.Connection, before: sqlite3.Connection, manifest: Manifest
) -> None:
    """Write what the release before has of releases and changes; `manifest` is its own."""
    _copy(connection, before, "release", _RELEASE)
    connection.execute(
        "UPDATE release SET published_at = ? WHERE number = ?",
        (manifest.published_at, manifest.number),
    )
    if manifest.revision == REVISION:
        _copy(connection, before, "change", _CHANGE)
        _copy(connection, before, "change_field", "field, ordinal, derived")
    else:
        batch = ChangeBatch(connection)
        for ordinal, release, kind, id_, action, head, fields in before.execute(
            "SELECT ordinal, release, type, id, action, head, fields FROM change"
        ):
            kept = {k: v for k, v in orjson.loads(f"{head}null}}").items() if k in _HEAD}
            row = Row(ordinal, release, kind, id_, action, kept)
            batch.add(row, fields and orjson.loads(fields))
        batch.flush()
        counts = ", ".join(
            f"'{action.value}', "
            f"count(CASE WHEN action = '{action.value}' AND NOT derived THEN 1 END)"
            for action in ChangeAction
        )
        connection.execute(
            f"UPDATE release SET changes = (SELECT json_object({counts}) FROM change "  # noqa: S608 - our own names
            "WHERE change.release = number) WHERE changes IS NOT NULL"
        )
    _copy(connection, before, "change_summit", "summit, ordinal")


_RELEASE = (
    "number, published_at, digest, counts, program, message, changes, last_change, past, direct"
)
_CHANGE = "ordinal, release, type, id, action, derived, head, fields, facts"
_HEAD = ("action", "record", "former_id", "reason", "replaced_by")


def _copy(
    connection: sqlite3.Connection, before: sqlite3.Connection, table: str, columns: str
) -> None:
    places = ", ".join("?" * len(columns.split(",")))
    connection.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({places})",  # noqa: S608 - our own names
        before.execute(f"SELECT {columns} FROM {table}"),  # noqa: S608 - our own names
    )


def _summits(body: dict[str, Any] | None) -> set[str]:
    if body is None:
        return set()
    if body["type"] == RecordType.SUMMIT.value:
        return {body["id"]}
    return {body["summit"]["id"]} if body.get("summit") else set()


def _bytes(connection: sqlite3.Connection, kind: RecordType, id_: str) -> bytes | None:
    sql = "SELECT CAST(body AS BLOB) FROM record WHERE type = ? AND id = ?"
    found = connection.execute(sql, (kind.value, id_)).fetchone()
    return found[0] if found else None


def _body(connection: sqlite3.Connection, kind: RecordType, id_: str) -> dict[str, Any] | None:
    found = _bytes(connection, kind, id_)
    return orjson.loads(found) if found else None


def described(change: Recorded) -> list[str]:
    """A change for a terminal: what happened to which record, and each value before and after."""
    before, after = (orjson.loads(b) if b else None for b in (change.before, change.after))
    path = f"{change.kind.plural}/{change.id}"
    title = title_of(after or before or {})
    if before is None:
        return [f"+ {path}  {title}"]
    if after is None:
        return [f"- {path}  {title}"]
    renamed = f" (was {change.former})" if change.former else ""
    return [
        f"~ {path}{renamed}  {title}",
        *(
            f"    {found['pointer']}: {_short(found['before'])} → {_short(found['after'])}"
            for found in differences(before, after)
        ),
    ]


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 100 else f"{text[:99]}…"
