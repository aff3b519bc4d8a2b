"""The past of a data set: the records that were withdrawn, or had another id.

A release holds the tombstones and former ids of all releases before it. They are declared once:
what a file says of them stays true when a later file leaves it out.
"""

import sqlite3
from typing import Any

from app import links
from app.curation.catalogue import Catalogue
from app.curation.check import replacement
from app.curation.reading import Finding
from app.vocabulary import KINDS, RecordType

_NAMED = 20  # ids in a refusal
_UNNAMED = "No record refers to it any more."
"""Why an actor of a starter is withdrawn: nobody can take it out of a file."""


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
    gone = connection.execute(
        "SELECT type, id FROM earlier.record EXCEPT SELECT type, id FROM main.record "
        "EXCEPT SELECT type, former FROM main.former_id "
        "EXCEPT SELECT type, id FROM main.tombstone ORDER BY type, id"
    ).fetchall()
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
    connection.execute(
        "INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by) "
        "SELECT type, id, title, reason, withdrawn_at, path_now(replaced_by) "
        "FROM earlier.tombstone WHERE (type, id) NOT IN (SELECT type, former FROM main.former_id)"
    )
    connection.execute(
        "INSERT OR IGNORE INTO former_id (type, former, id) "
        "SELECT old.type, old.former, coalesce(new.id, old.id) FROM earlier.former_id AS old "
        "LEFT JOIN main.former_id AS new ON new.type = old.type AND new.former = old.id"
    )


def _withdraw(
    connection: sqlite3.Connection, kind: RecordType, id_: str, typed: dict[str, Any], now: str
) -> None:
    """Write a tombstone; one that is there keeps its title and its moment."""
    instead = typed.get("replaced_by")
    connection.execute(
        "INSERT INTO tombstone (type, id, title, reason, withdrawn_at, replaced_by) "
        "VALUES (:type, :id, coalesce(:title, ("
        "    SELECT title FROM earlier.record WHERE type = :type AND id = :id"
        ")), :reason, :withdrawn_at, :replaced_by) "
        "ON CONFLICT DO UPDATE SET title = coalesce(title, excluded.title), "
        "reason = excluded.reason, replaced_by = excluded.replaced_by",
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
