"""Measure a long history: `python -m bench.history FOLDER`; README.md keeps the figures.

A million changes of a few thousand records in a hundred releases are written as loads write them,
but at once.
"""

import json
import os
import random
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from app.as_of import Cursor
from app.curation.draft import insertion
from app.curation.history import write_change
from app.curation.load import load
from app.resources import SHAPES
from app.store.folder import Folder
from app.store.mirror import Mirror
from app.store.seal import LENGTH, seal
from app.store.tables import ChangeSummit
from app.vocabulary import RecordType
from bench import report
from bench.data import READOUT
from bench.load import CLIENT_CORE, measure
from bench.servers import Server, running
from bench.synthetic import synthesize

RELEASES = 100
PAGES = 30
"""So many different pages are asked for at each depth; the median counts."""
CONNECTIONS = 8
READS = ("/agreements?topic=defense&limit=20", "/agreements/{id}", "/search?q=treaty&limit=20")


class Depths(NamedTuple):
    """How long a page takes, in milliseconds."""

    counted: float
    """The very first, for which the total is counted."""
    first: float
    middle: float
    last: float


def main() -> None:
    """Make the history, measure, print the figures."""
    parser = report.arguments("bench.history", rounds=5)
    parser.add_argument("--changes", type=int, default=1_000_000)
    given = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    database = given.folder / f"history-{given.changes}.db"
    if RELEASES not in Folder(database).manifests():
        _make(given.folder, database, given.changes)
    environment = {"READOUT_DATABASE_URL": f"sqlite:///{database}"}
    with running([READOUT, "serve", "--port", "{port}"], environment, "/agreements") as server:
        lines = [
            *_changes(server, given.changes), "",
            *_as_of(server, given.rounds, given.seconds),
        ]  # fmt: skip
    report.show("history", lines, given)


def _make(folder: Path, database: Path, changes: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    kept = Folder(database)
    load([str(file) for file in synthesize(folder / "few", 1_000)], Mirror(kept))
    first = kept.manifests()[1]
    with kept.draft() as draft:
        draft.write_bytes(kept.file(first).read_bytes()[:-LENGTH])
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA foreign_keys = OFF")
            _write(connection, changes)
            connection.commit()
            connection.execute("ANALYZE")
        about = {"number": RELEASES, "digest": seal(draft), "size": draft.stat().st_size}
        last = first.model_copy(update=about)
        kept.keep(draft, last)
        kept.publish(last)
        kept.point_to_newest()


def _write(connection: sqlite3.Connection, count: int) -> None:
    """So many changes, a hundredth of them in each release."""
    chance = random.Random(1)  # noqa: S311 - chance, no secret
    records = [
        (kind, id_, title, (json.loads(body).get("summit") or {}).get("id"))
        for kind, id_, title, body in connection.execute("SELECT type, id, title, body FROM record")
    ]
    keys = {
        kind.value: sorted(set(SHAPES[kind].model_fields) - {"type", "id", "href"})
        for kind in RecordType
    }
    columns = [row[1] for row in connection.execute("PRAGMA table_info(release)")]
    copied = ", ".join(
        {"number": "?", "last_change": "?"}.get(column, column) for column in columns
    )
    (begin,) = connection.execute("SELECT max(ordinal) FROM change").fetchone()
    for release in range(2, RELEASES + 1):
        last = begin + count * (release - 1) // (RELEASES - 1)
        connection.execute(
            f"INSERT INTO release SELECT {copied} FROM release WHERE number = 1",  # noqa: S608 - its own columns
            [value for name in columns for value in _new(name, release, last)],
        )
    for ordinal in range(begin + 1, begin + count + 1):
        kind, id_, title, summit = chance.choice(records)
        key = chance.choice(keys[kind])
        action = "changed" if chance.random() < 0.98 else "renamed"
        release = 2 + (ordinal - begin - 1) * (RELEASES - 1) // count
        record = {"type": kind, "id": id_, "title": title, "href": f"/{kind}s/{id_}"}
        head = {
            "action": action, "record": record, "former_id": None, "reason": None,
            "replaced_by": None,
        }  # fmt: skip
        what = {"pointer": f"/{key}", "before": f"As it was at {ordinal}.", "after": "As it is."}
        write_change(connection, ordinal, release, head, [what])
        if summit:
            connection.execute(insertion(ChangeSummit), {"summit": summit, "ordinal": ordinal})


def _new(column: str, number: int, last_change: int) -> list[int]:
    return {"number": [number], "last_change": [last_change]}.get(column, [])


def _changes(server: Server, count: int) -> list[str]:
    some = server.get("/agreements?limit=1")["items"][0]
    queries = [
        "", "type=agreement", "type=agreement&type=quote", f"id={some['id']}", "action=changed",
        "action=renamed", "field=title", "field=title&field=status",
        f"summit={some['summit']['id']}",
        f"since_release={RELEASES // 2}", "type=agreement&action=renamed",
        "type=agreement&field=title",
    ]  # fmt: skip
    paths = [
        f"/changes?{query}&sort={sort}&limit=25"
        for query in queries for sort in ("-release", "release")
    ]  # fmt: skip
    depths = [_depths(server, path, count) for path in paths]
    counted, *slowest = (max(times) for times in zip(*depths, strict=True))
    times = " | ".join(f"{taken:.1f} ms" for taken in (*slowest, counted))
    return [
        "| | first page | middle | last page | the first request, which counts |",
        "|---|--:|--:|--:|--:|",
        f"| slowest of {len(paths)} queries | {times} |",
    ]


def _depths(server: Server, path: str, count: int) -> Depths:
    began = time.perf_counter()
    page = server.get(path)
    counted = (time.perf_counter() - began) * 1000
    if page["next"] is None:
        return Depths(counted, *[_median(server, [path] * PAGES)] * 3)
    first = Cursor.parse(parse_qs(urlsplit(page["next"]).query)["cursor"][0])
    if first is None:
        raise RuntimeError(f"no cursor in the next of {path}")
    places = {"first": 0.01, "middle": 0.5, "last": 0.99}
    if "sort=-release" in path:
        places = {depth: 1 - part for depth, part in places.items()}
    times = []
    for part in places.values():
        cursors = [first._replace(place=int(count * part) + at * 7) for at in range(PAGES)]
        times.append(_median(server, [f"{path}&cursor={cursor}" for cursor in cursors]))
    return Depths(counted, *times)


def _median(server: Server, paths: list[str]) -> float:
    taken = []
    for path in paths:
        began = time.perf_counter()
        server.get(path)
        taken.append(time.perf_counter() - began)
    return median(taken) * 1000


def _as_of(server: Server, rounds: int, seconds: int) -> list[str]:
    lines = [
        "| read | now, a second | `as_of=1`, a second | times slower |",
        "|---|--:|--:|--:|",
    ]
    ids = [item["id"] for item in server.get("/agreements?limit=200")["items"]]
    for read in READS:
        now = [read.format(id=id_) for id_ in ids] if "{id}" in read else [read]
        then = [f"{path}{'&' if '?' in path else '?'}as_of=1" for path in now]
        server.get(then[0])  # the first touch opens it
        rates: tuple[list[float], list[float]] = ([], [])
        for _ in range(rounds):
            for paths, seen in zip((now, then), rates, strict=True):
                seen.append(measure(server.base, paths, seconds, CONNECTIONS).rate)
        current, older = map(median, rates)
        lines.append(f"| `{read}` | {current:,.0f} | {older:,.0f} | {current / older:.2f} |")
    return lines


if __name__ == "__main__":
    main()
