"""What a release keeps of the one before: every record that would be made of the same again.

Whether a record has problems, and what is written of it, hangs on its entry, on its places in the
orders, on what the data set says of the records that it names and of those that name it, and on the
program. A digest of all that stands beside each record; where a load finds the same one, the record
has been checked and written already.
"""

import hashlib
import sqlite3
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache, partial
from importlib.metadata import distributions
from typing import Any

from app.curation.catalogue import ORDERS, Catalogue, Known, Placed, digest_of
from app.settings import PROJECT
from app.vocabulary import RecordType


def made_of(known: Known, catalogue: Catalogue) -> bytes:
    """A digest of everything that the check and the compilation look at for a record."""
    return digest_of(
        (known.typed, known.places, _named(known, catalogue), _around(known, catalogue))
    )


def _named(known: Known, catalogue: Catalogue) -> list[Any]:
    """What is said of the records that it names, in their order; None of what is not there."""
    actors, documents = catalogue.known[RecordType.ACTOR], catalogue.known[RecordType.DOCUMENT]
    agreements, summits = catalogue.known[RecordType.AGREEMENT], catalogue.known[RecordType.SUMMIT]
    found: list[Any] = []
    for id_ in (*known.names, *known.acts_for, *known.wrote):
        actor = actors.get(id_)
        found.append(actor and actor.title)
    for id_ in (*known.cites, known.speaks or ""):
        document = documents.get(id_)
        found.append(document and (document.title, document.url, document.characters))
    for id_ in known.agreements:
        agreement = agreements.get(id_)
        found.append(agreement and (agreement.title, agreement.summit))
    summit = summits.get(known.summit or "")
    found.append(summit and summit.title)
    of_type, withdrawn = catalogue.known[known.type], catalogue.withdrawn[known.type]
    found += [(former in of_type, former in withdrawn) for former in known.former]
    return found


def _around(known: Known, catalogue: Catalogue) -> list[Any]:
    """What other records say that it shows, or is found by."""
    match known.type:
        case RecordType.SUMMIT:
            members = catalogue.members_of[known.id]
            return [(kind.value, len(ids)) for kind, ids in members.items()]
        case RecordType.ACTOR:
            summits = sorted(catalogue.summits_of(known))
            return [summits, catalogue.all_principals(known.id)]
        case RecordType.AGREEMENT:
            return [
                _listed(catalogue.commitments_of.get(known.id, [])),
                _listed(catalogue.quotes_of.get(known.id, [])),
                [catalogue.all_principals(actor) for actor in known.names],
            ]
        case RecordType.DOCUMENT:
            summits = sorted(catalogue.summits_of(known))
            return [summits, _listed(catalogue.cited_in.get(known.id, []))]
        case _:
            return []


def _listed(records: list[Known]) -> list[tuple[str, str, str]]:
    return [(known.type.value, known.id, known.title) for known in records]


@cache
def rules() -> str:
    """A digest of the program and of all that it runs on: another one checks and makes all anew."""
    runs_on = (sys.version, unicodedata.unidata_version, sqlite3.sqlite_version)
    whole = hashlib.sha256(" ".join(runs_on).encode())
    for installed in sorted(f"{found.name} {found.version}" for found in distributions()):
        whole.update(f"\n{installed}".encode())
    for file in sorted((PROJECT / "app").rglob("*.py")):
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def place_and_keep(before: sqlite3.Connection, catalogue: Catalogue) -> list[int] | None:
    """Give each record its places, and mark those that are kept from the release before.

    Returns the ordinals of what is not kept of it; None where nothing is.
    """
    if _rules_of(before) == rules():
        catalogue.place(partial(_placed, before))
        others = list(_others(before, catalogue))
        # Taking a record out costs more than writing it.
        if len(others) < sum(known.kept for known in catalogue.all()):
            return others
    for known in catalogue.all():
        known.kept = False
    catalogue.place()
    return None


def _rules_of(release: sqlite3.Connection) -> str | None:
    found = release.execute("SELECT rules FROM release ORDER BY number DESC LIMIT 1").fetchone()
    return found[0] if found else None


def _placed(before: sqlite3.Connection, kind: RecordType) -> Placed:
    columns = ", ".join(("id", *ORDERS[kind]))
    return before.execute(f"SELECT {columns} FROM {kind.value}")  # noqa: S608 - our own names


def _others(before: sqlite3.Connection, catalogue: Catalogue) -> Iterator[int]:
    """Mark what is kept, and give the ordinals of the rest."""
    for kind, of_type in catalogue.known.items():
        for id_, ordinal, digest in before.execute(
            f"SELECT id, ordinal, made_of FROM {kind.value} JOIN record_origin USING (ordinal)"  # noqa: S608 - our own names
        ):
            known = of_type.get(id_)
            if known and made_of(known, catalogue) == digest:
                known.kept = True
            else:
                yield ordinal
