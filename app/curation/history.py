"""The history: the differences between two releases, and how the later one keeps them.

Both are read through one connection: the later release is `main`, the other one `earlier`.
"""

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from app import links
from app.curation.difference import Fields, differences, keys_of, with_derived
from app.curation.past import Key, Past
from app.records import title_of
from app.store.kept import Manifest
from app.store.tables import REVISION
from app.vocabulary import KINDS, ChangeAction, RecordType

Body = dict[str, Any]
_AT_ONCE = 5_000  # changes


class RecordChange(NamedTuple):
    """The difference between a record in two releases; `before` or `after` is None for none."""

    action: ChangeAction
    kind: RecordType
    id: str
    before: Body | None
    after: Body | None
    former: str | None = None

    @property
    def title(self) -> str:
        """The title of the record, or its last one."""
        return title_of(self.after or self.before or {})


def changes(connection: sqlite3.Connection, former: dict[Key, str]) -> Iterator[RecordChange]:
    """The records that differ between two releases.

    First what was renamed; then those of one type stand together, in the order of their ids.
    """
    seen: set[Key] = set()
    for (kind, old_id), id_ in sorted(former.items()):
        old, new = _body(connection, "earlier", kind, old_id), _body(connection, "main", kind, id_)
        if old and new:
            yield RecordChange(ChangeAction.RENAMED, kind, id_, old, new, old_id)
            if not _body(connection, "earlier", kind, id_):
                seen.add((kind, id_))
            seen.add((kind, old_id))
    for name, id_, before, after in connection.execute(_DIFFERENT):
        kind = KINDS[name]
        if (kind, id_) in seen:
            continue
        if before is None:
            yield RecordChange(ChangeAction.ADDED, kind, id_, None, orjson.loads(after))
        elif after is None:
            yield RecordChange(ChangeAction.WITHDRAWN, kind, id_, orjson.loads(before), None)
        else:
            old, new = orjson.loads(before), orjson.loads(after)
            yield RecordChange(ChangeAction.CHANGED, kind, id_, old, new)


_DIFFERENT = """
SELECT old.type, old.id, CAST(old.body AS BLOB), CAST(new.body AS BLOB)
FROM earlier.record AS old LEFT JOIN main.record AS new ON new.type = old.type AND new.id = old.id
WHERE new.body IS NOT old.body
UNION ALL
SELECT new.type, new.id, NULL, CAST(new.body AS BLOB) FROM main.record AS new
WHERE NOT EXISTS (
    SELECT 1 FROM earlier.record AS old WHERE old.type = new.type AND old.id = new.id
)
ORDER BY 1, 2
"""


def _body(connection: sqlite3.Connection, schema: str, kind: RecordType, id_: str) -> Body | None:
    sql = f"SELECT CAST(body AS BLOB) FROM {schema}.record WHERE type = ? AND id = ?"  # noqa: S608 - our own names
    row = connection.execute(sql, (kind.value, id_)).fetchone()
    return orjson.loads(row[0]) if row else None


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
        self.facts: defaultdict[int, Counter[str]] = defaultdict(Counter)
        """How many changes of each action a release has, but for those that are only derived."""

    def add(self, row: Row, fields: Fields | None) -> None:
        """Take a change; `fields` is None for what was added."""
        marked = with_derived(fields or [], row.type)
        facts = [field for field in marked if not field["derived"]]
        is_derived = row.action == ChangeAction.CHANGED.value and not facts
        self.facts[row.release][row.action] += not is_derived
        written = None if fields is None else orjson.dumps(marked).decode()
        only = None if len(facts) == len(marked) else orjson.dumps(facts).decode()
        head = orjson.dumps(row.head).decode()[1:-1]
        self._fields += [
            (key, row.ordinal, derived) for key, derived in sorted(keys_of(marked).items())
        ]
        self._changes.append((*row[:5], is_derived, head, written, only))
        if len(self._changes) >= _AT_ONCE:
            self.flush()

    def counts(self, release: int) -> dict[str, int]:
        """`facts` of a release, each action named."""
        return {action.value: self.facts[release][action.value] for action in ChangeAction}

    def flush(self) -> None:
        """Write what was taken."""
        many = self._connection.executemany
        many(f"INSERT INTO change ({_CHANGE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._changes)  # noqa: S608 - our own names
        many("INSERT INTO change_field (field, ordinal, derived) VALUES (?, ?, ?)", self._fields)
        many("INSERT INTO change_summit (summit, ordinal) VALUES (?, ?)", self.summits)
        for rows in (self._changes, self._fields, self.summits):
            rows.clear()


def write_changes(
    connection: sqlite3.Connection, past: Past, release: int
) -> tuple[dict[str, int], int]:
    """Write the changes that lead to a release; gives its counts, and the last change of all."""
    (last,) = connection.execute("SELECT coalesce(max(ordinal), 0) FROM change").fetchone()
    batch = ChangeBatch(connection)
    for change in changes(connection, past.former):
        last += 1
        if change.before is not None:
            _close(connection, change)
        stone = None if change.after else past.tombstones.get((change.kind, change.id))
        head = {
            "action": change.action.value,
            "record": {
                "type": change.kind.value,
                "id": change.id,
                "title": change.title,
                "href": links.record_path(change.kind, change.id),
            },
            "former_id": change.former,
            "reason": stone.reason if stone else None,
            "replaced_by": stone.replaced_by if stone else None,
        }
        row = Row(last, release, change.kind.value, change.id, change.action.value, head)
        fields = None if change.before is None else differences(change.before, change.after)
        batch.add(row, fields)
        summits = _summits(change.before) | _summits(change.after)
        batch.summits += [(id_, last) for id_ in sorted(summits)]
    batch.flush()
    return batch.counts(release), last


def _close(connection: sqlite3.Connection, change: RecordChange) -> None:
    """Give the addition of a record its own body: the record is about to have another one."""
    whole = {"pointer": "", "before": None, "after": change.before, "derived": False}
    connection.execute(
        "UPDATE change SET fields = ? WHERE id = ? AND type = ? AND fields IS NULL",
        (orjson.dumps([whole]).decode(), change.former or change.id, change.kind.value),
    )


def _summits(body: Body | None) -> set[str]:
    if body is None:
        return set()
    if body["type"] == RecordType.SUMMIT.value:
        return {body["id"]}
    return {body["summit"]["id"]} if body.get("summit") else set()


_RELEASE = (
    "number, published_at, digest, counts, program, message, changes, last_change, past, direct"
)
_CHANGE = "ordinal, release, type, id, action, derived, head, fields, facts"
_HEAD = ("action", "record", "former_id", "reason", "replaced_by")


def copy_history(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Take over the releases and changes of the earlier release, whose manifest this is."""
    _copy(connection, "release", _RELEASE)
    connection.execute(
        "UPDATE release SET published_at = ? WHERE number = ?",
        (manifest.published_at, manifest.number),
    )
    if manifest.revision == REVISION:
        _copy(connection, "change", _CHANGE)
        _copy(connection, "change_field", "field, ordinal, derived")
    else:
        _copy_changes_of_0_1_0(connection)
    _copy(connection, "change_summit", "summit, ordinal")


def _copy(connection: sqlite3.Connection, table: str, columns: str) -> None:
    connection.execute(
        f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM earlier.{table}"  # noqa: S608 - our own names
    )


def _copy_changes_of_0_1_0(connection: sqlite3.Connection) -> None:
    """Work out what is derived, which that program did not write."""
    batch = ChangeBatch(connection)
    for ordinal, release, kind, id_, action, head, fields in connection.execute(
        "SELECT ordinal, release, type, id, action, head, fields FROM earlier.change"
    ):
        kept = {k: v for k, v in orjson.loads(f"{head}null}}").items() if k in _HEAD}
        row = Row(ordinal, release, kind, id_, action, kept)
        batch.add(row, fields and orjson.loads(fields))
    batch.flush()
    connection.executemany(
        "UPDATE release SET changes = ? WHERE number = ? AND changes IS NOT NULL",
        [(orjson.dumps(batch.counts(number)).decode(), number) for number in batch.facts],
    )


def described(change: RecordChange) -> list[str]:
    """A change for a terminal: what happened to which record, and each value before and after."""
    path = f"{change.kind.plural}/{change.id}"
    if change.before is None:
        return [f"+ {path}  {change.title}"]
    if change.after is None:
        return [f"- {path}  {change.title}"]
    renamed = f" (was {change.former})" if change.former else ""
    return [
        f"~ {path}{renamed}  {change.title}",
        *(
            f"    {field['pointer']}: {_short(field['before'])} → {_short(field['after'])}"
            for field in differences(change.before, change.after)
        ),
    ]


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 100 else f"{text[:99]}…"
