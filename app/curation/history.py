"""The history: the differences between two releases, and how the later one keeps them.

Both are read through one connection: the later release is `main`, the other one `earlier`.
"""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
from sqlmodel import SQLModel

from app.curation.compile import reference
from app.curation.draft import SQL, insertion
from app.export import derived_keys, entry_of
from app.records import passages_of, title_of
from app.store.kept import Manifest
from app.store.tables import REVISION, ChangeField, ChangeRow, ChangeSummit, ReleaseRow
from app.text import counted
from app.vocabulary import KINDS, ChangeAction, RecordType

Body = dict[str, Any]
Fields = list[Body]

# What a record shows of another one, or what is worked out from what stands beside it.
_OF_ANOTHER = re.compile(r"/.+/(title|href)|/evidence/[0-9]+/(url|sha256|end)")


def differences(before: Any, after: Any, pointer: str = "") -> Fields:
    """The values to replace, each by its JSON Pointer (RFC 6901).

    A pointer names a key that both have, or a place in lists of the same length; where keys or
    lengths differ, the whole object or list is replaced.
    """
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        pairs = [(key, before[key], after[key]) for key in after]
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        pairs = [(str(at), *values) for at, values in enumerate(zip(before, after, strict=True))]
    elif before == after and type(before) is type(after):
        return []
    else:
        return [{"pointer": pointer, "before": before, "after": after}]
    return [
        field
        for key, old, new in pairs
        for field in differences(old, new, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    ]


def with_derived(fields: Fields, kind: str) -> Fields:
    """The same fields, each with `derived`: whether it follows from what other records say.

    A key of a record is derived as a whole: where an id in it is another one, its title belongs
    to the same fact.
    """
    facts = {key_of(field) for field in fields if _is_fact(field, kind)}
    return [field | {"derived": key_of(field) not in facts} for field in fields]


def _is_fact(field: dict[str, Any], kind: str) -> bool:
    pointer, before, after = field["pointer"], field["before"], field["after"]
    if not pointer:  # the record as a whole
        return before is None or after is None or entry_of(before) != entry_of(after)
    return key_of(field) not in derived_keys(kind) and not _OF_ANOTHER.fullmatch(pointer)


def key_of(field: dict[str, Any]) -> str:
    """The key of the record that a field stands under; empty for the record as a whole."""
    pointer: str = field["pointer"]
    return pointer.split("/")[1] if pointer else ""


def note(before: Any, after: Any) -> str | None:
    """Say how many passages were compared with their texts, and are not as they stand now."""
    was, now = Counter(_compared(before)), Counter(_compared(after))
    lost = Counter(document for document, _, compared in (was - now).elements() if compared)
    new = Counter(document for document, _, compared in (now - was).elements() if not compared)
    said = [f"{counted(n, 'passage')} of “{title}”" for (_, title), n in (lost & new).items()]
    return f"No longer compared with the text: {', '.join(said)}." if said else None


def _compared(body: Any) -> Iterator[tuple[tuple[str, str], str, bool]]:
    """The passages of a record: document, words, and whether they were compared."""
    for passage in passages_of(body) if body else ():
        document, ends = passage["document"], (passage["start"], passage["end"])
        yield (document["id"], document["title"]), passage["exact"], None not in ends


class RecordChange(NamedTuple):
    """The difference between a record in two releases; `before` or `after` is None for none."""

    kind: RecordType
    id: str
    before: Body | None
    after: Body | None
    former: str | None = None

    @property
    def action(self) -> ChangeAction:
        """What happened to it."""
        if self.former:
            return ChangeAction.RENAMED
        if self.before is None:
            return ChangeAction.ADDED
        return ChangeAction.WITHDRAWN if self.after is None else ChangeAction.CHANGED

    @property
    def title(self) -> str:
        """The title of the record, or its last one."""
        return title_of(self.after or self.before or {})


def changes(connection: sqlite3.Connection) -> Iterator[RecordChange]:
    """The records that differ between two releases.

    First what was renamed; then those of one type stand together, in the order of their ids.
    """
    seen: set[tuple[str, str]] = set()
    for kind, id_, before, after, former, is_new in connection.execute(SQL["renamed"]):
        yield RecordChange(KINDS[kind], id_, orjson.loads(before), orjson.loads(after), former)
        seen.add((kind, former))
        if is_new:
            seen.add((kind, id_))
    for kind, id_, before, after in connection.execute(SQL["different"]):
        if (kind, id_) not in seen:
            old, new = before and orjson.loads(before), after and orjson.loads(after)
            yield RecordChange(KINDS[kind], id_, old, new)


def write_changes(connection: sqlite3.Connection, release: int) -> tuple[dict[str, int], int]:
    """Write the changes that lead to a release; gives its counts, and the last change of all."""
    (last,) = connection.execute("SELECT coalesce(max(ordinal), 0) FROM change").fetchone()
    for change in changes(connection):
        last += 1
        if change.before is not None:
            _close(connection, change)
        reason, replaced_by = None, None
        if change.after is None:
            reason, replaced_by = connection.execute(
                "SELECT reason, replaced_by FROM main.tombstone WHERE type = ? AND id = ?",
                (change.kind, change.id),
            ).fetchone() or (None, None)
        head = {
            "action": change.action.value,
            "record": reference(change.kind, change.id, change.title),
            "former_id": change.former,
            "reason": reason,
            "replaced_by": replaced_by,
            "note": note(change.before, change.after),
        }
        fields = None if change.before is None else differences(change.before, change.after)
        write_change(connection, last, release, head, fields)
        summits = _summits(change.before) | _summits(change.after)
        connection.executemany(
            insertion(ChangeSummit), [{"summit": id_, "ordinal": last} for id_ in summits]
        )
    return _counts(connection, release), last


def write_change(
    connection: sqlite3.Connection, ordinal: int, release: int, head: Body, fields: Fields | None
) -> None:
    """Write a change; `fields` is None for what was added."""
    action, record = head["action"], head["record"]
    marked = with_derived(fields or [], record["type"])
    facts = [field for field in marked if not field["derived"]]
    row = {
        "ordinal": ordinal,
        "release": release,
        "type": record["type"],
        "id": record["id"],
        "action": action,
        "derived": action == ChangeAction.CHANGED.value and not facts,
        "head": orjson.dumps(head).decode()[1:-1],
        "fields": None if fields is None else orjson.dumps(marked).decode(),
        "facts": None if len(facts) == len(marked) else orjson.dumps(facts).decode(),
    }
    connection.execute(insertion(ChangeRow), row)
    # The whole of a record, which came or went, has no key.
    derived_of = {key_of(field): field["derived"] for field in marked if field["pointer"]}
    keys = [{"field": key, "ordinal": ordinal, "derived": d} for key, d in derived_of.items()]
    connection.executemany(insertion(ChangeField), keys)


def _counts(connection: sqlite3.Connection, release: int) -> dict[str, int]:
    """How many changes of each action a release has, but for those that are only derived."""
    counts = dict.fromkeys(map(str, ChangeAction), 0)
    return counts | dict(
        connection.execute(
            "SELECT action, count(*) FROM change WHERE release = ? AND NOT derived GROUP BY action",
            (release,),
        ).fetchall()
    )


def _close(connection: sqlite3.Connection, change: RecordChange) -> None:
    """Give the addition of a record its own body: the record is about to have another one."""
    whole = {"pointer": "", "before": None, "after": change.before, "derived": False}
    # A draft has no statistics yet: left alone, SQLite looks through all changes of the type.
    connection.execute(
        "UPDATE change INDEXED BY ix_change_id SET fields = ? "
        "WHERE id = ? AND type = ? AND fields IS NULL",
        (orjson.dumps([whole]).decode(), change.former or change.id, change.kind.value),
    )


def _summits(body: Body | None) -> set[str]:
    if body and body["type"] == RecordType.SUMMIT.value:
        return {body["id"]}
    return {body["summit"]["id"]} if body and body.get("summit") else set()


def number_by_changes(connection: sqlite3.Connection) -> None:
    """Number the records of each type: what a release added or corrected last comes first."""
    connection.execute(SQL["latest"])
    connection.execute("CREATE UNIQUE INDEX temp.latest_ordinal ON latest (ordinal)")
    for kind in RecordType:
        connection.execute(
            f"UPDATE main.{kind} SET changed_down = latest.number "  # noqa: S608 - our own names
            f"FROM temp.latest WHERE latest.ordinal = {kind}.ordinal"
        )
    connection.execute("DROP TABLE temp.latest")


def copy_history(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Take over the releases and changes of the earlier release, whose manifest this is."""
    _copy(connection, ReleaseRow)
    connection.execute(
        "UPDATE release SET published_at = ? WHERE number = ?",
        (manifest.published_at, manifest.number),
    )
    if manifest.revision == REVISION:
        _copy(connection, ChangeRow)
        _copy(connection, ChangeField)
    else:
        _copy_changes_of_0_1_0(connection)
    _copy(connection, ChangeSummit)


def _copy(connection: sqlite3.Connection, table: type[SQLModel]) -> None:
    columns = ", ".join(table.model_fields)
    connection.execute(
        f"INSERT INTO main.{table.__tablename__} ({columns}) "  # noqa: S608 - our own names
        f"SELECT {columns} FROM earlier.{table.__tablename__}"
    )


_HEAD = ("action", "record", "former_id", "reason", "replaced_by")


def _copy_changes_of_0_1_0(connection: sqlite3.Connection) -> None:
    """Work out what is derived, which that program did not write."""
    releases = set()
    for ordinal, release, head, fields in connection.execute(
        "SELECT ordinal, release, head, fields FROM earlier.change"
    ):
        kept = {k: v for k, v in orjson.loads(f"{head}null}}").items() if k in _HEAD}
        kept["note"] = None
        write_change(connection, ordinal, release, kept, fields and orjson.loads(fields))
        releases.add(release)
    connection.executemany(
        "UPDATE release SET changes = ? WHERE number = ? AND changes IS NOT NULL",
        [(orjson.dumps(_counts(connection, number)).decode(), number) for number in releases],
    )


def described(change: RecordChange) -> list[str]:
    """A change for a terminal: what happened to which record, and each value before and after."""
    path = f"{change.kind.plural}/{change.id}"
    if change.before is None or change.after is None:
        return [f"{'+' if change.before is None else '-'} {path}  {change.title}"]
    renamed = f" (was {change.former})" if change.former else ""
    lines = [
        f"{one['pointer']}: {_short(one['before'])} → {_short(one['after'])}"
        for one in differences(change.before, change.after)
    ]
    lines += filter(None, [note(change.before, change.after)])
    return [f"~ {path}{renamed}  {change.title}", *(f"    {line}" for line in lines)]


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 100 else f"{text[:99]}…"
