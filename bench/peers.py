"""Readout beside what else serves records from a table: `python -m bench.peers FOLDER --write`.

Each peer has the same agreements, in the same order; where it keeps bodies they are Readout's own.
"""

import argparse
import json
import os
import platform
import random
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

from bench import report, textbook
from bench.data import READOUT, Data
from bench.load import CLIENT_CORE, measure
from bench.plot import bars
from bench.servers import Server, running

PAGE, PAGES, RECORDS = 20, 400, 4_000
CONNECTIONS = 16
SMALL = 20  # agreements; json-server keeps all in memory, and reads them from one JSON file


class Peer(NamedTuple):
    """A program that serves the same, and how it is asked."""

    name: str
    command: list[str]
    environment: dict[str, str]
    list_: Callable[[int], str]
    """The path of a page by its number, from 0."""
    record: Callable[[str], str]
    rows: Callable[[Any], list[Any]]
    """What is on a page, of its answer."""
    id: Callable[[Any], str]
    one: Callable[[Any], Any]
    """The record, of the answer for one."""


def main() -> None:
    """Measure, and show the figures."""
    parser = report.arguments("bench.peers", rounds=3)
    parser.add_argument("--datasette", default="", help="the command of Datasette 0.65")
    parser.add_argument("--datasette1", default="", help="the command of Datasette 1.0")
    parser.add_argument("--node", default="", help="the folder .bin of json-server and soul")
    parser.add_argument("--agreements", type=int, nargs="+", default=[SMALL, 100_000])
    asked = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    lines = []
    for agreements in asked.agreements:
        data = Data(asked.folder, agreements)
        data.write()
        data.load()
        data.offer()
        lines += [*_measured(data, asked), ""]
    lines.append(f"Measured on {_machine()}.")
    report.show("peers", lines, asked)


def _peers(data: Data, asked: argparse.Namespace) -> Iterator[Peer]:
    """Those that are installed."""
    stem = data.peer.stem
    if asked.datasette:
        command = [asked.datasette, "serve", "--immutable", str(data.peer), "--port", "{port}",
                   "--metadata", str(data.canned), "--setting", "num_sql_threads", "1",
                   "--setting", "suggest_facets", "off"]  # fmt: skip
        yield Peer(
            "Datasette 0.65, canned query", command, {},
            lambda page: f"/{stem}/newest.json?after={_AFTER[page]}&_shape=array&_json=body",
            lambda id_: f"/{stem}/record.json?id={id_}&_shape=array&_json=body",
            lambda answer: [row["body"] for row in answer], _id, lambda answer: answer[0]["body"],
        )  # fmt: skip
        yield Peer(
            "Datasette 0.65, table page", command, {},
            lambda page: f"/{stem}/found.json?_sort=ordinal&_size={PAGE}&ordinal__gt={_AFTER[page]}"
                         "&_nofacet=1&_nocount=1&_shape=array&_json=body",
            lambda id_: f"/{stem}/agreement/{id_}.json?_shape=array&_json=body",
            lambda answer: [row["body"] for row in answer], _id, lambda answer: answer[0]["body"],
        )  # fmt: skip
    if asked.datasette1:
        command = [asked.datasette1, "serve", "--immutable", str(data.peer), "--port", "{port}",
                   "--setting", "num_sql_threads", "1",
                   "--setting", "suggest_facets", "off"]  # fmt: skip
        yield Peer(
            "Datasette 1.0, table page", command, {},
            lambda page: f"/{stem}/found.json?_sort=ordinal&_size={PAGE}&ordinal__gt={_AFTER[page]}"
                         "&_nofacet=1&_nocount=1&_shape=array&_json=body",
            lambda id_: f"/{stem}/agreement/{id_}.json?_shape=array&_json=body",
            lambda answer: [_body(row) for row in answer], _id, lambda answer: _body(answer[0]),
        )  # fmt: skip
    books = data.peer.with_name(f"textbook-{data.agreements}.db")
    if not books.exists():
        textbook.fill(data.readout, books)
    yield Peer(
        "textbook FastAPI + SQLModel",
        [str(Path(READOUT).with_name("uvicorn")), "bench.textbook:app", "--port", "{port}",
         "--no-access-log"],
        {"TEXTBOOK": f"sqlite:///{books}"},
        lambda page: f"/agreements?offset={page * PAGE}&limit={PAGE}",
        lambda id_: f"/agreements/{id_}", lambda answer: answer, _id, lambda answer: answer,
    )  # fmt: skip
    if asked.node:
        yield Peer(
            "soul-cli", [f"{asked.node}/soul", "-d", str(data.peer), "-p", "{port}"], {},
            lambda page: f"/api/tables/found/rows?_page={page + 1}&_limit={PAGE}&_ordering=ordinal",
            lambda id_: f"/api/tables/agreement/rows/{id_}",
            lambda answer: [json.loads(row["body"]) for row in answer["data"]], _id,
            lambda answer: json.loads((answer["data"][0] if isinstance(answer["data"], list)
                                       else answer["data"])["body"]),
        )  # fmt: skip
        if data.agreements == SMALL:
            file = data.peer.with_suffix(".small.json")
            file.write_text(json.dumps({"agreements": _BODIES}), encoding="utf-8")
            yield Peer(
                "json-server", [f"{asked.node}/json-server", str(file), "--port", "{port}"], {},
                lambda page: f"/agreements?_page={page + 1}&_per_page={PAGE}",
                lambda id_: f"/agreements/{id_}",
                lambda answer: answer["data"], _id, lambda answer: answer,
            )  # fmt: skip


def _body(row: Any) -> Any:
    """What was kept as a string of JSON, in a version that gives it as one."""
    return json.loads(row["body"]) if isinstance(row["body"], str) else row["body"]


def _id(row: Any) -> str:
    return str(row["id"])


_AFTER: list[int] = []
"""The place of the last record before each page."""
_BODIES: list[Any] = []


@contextmanager
def _readout(data: Data, **settings: str) -> Iterator[Server]:
    command = [READOUT, "serve", "--port", "{port}"]
    environment = data.environment | {"READOUT_LOG_REQUESTS": "false"} | settings
    with running(command, environment, "/health/ready") as server:
        yield server


def _measured(data: Data, asked: argparse.Namespace) -> list[str]:
    chance = random.Random(1)  # noqa: S311 - chance, no secret
    with _readout(data) as cold:
        pages, walked = _walk(cold, data)
        ids = [row["id"] for page in walked for row in page]
        records = [f"/agreements/{id_}" for id_ in ids[:RECORDS]]
        chance.shuffle(pages)
        chance.shuffle(records)
        with _readout(data, READOUT_CACHE_MIB="64") as hot:
            ours = {"Readout, nothing kept": (cold, pages, records),
                    "Readout, asked again": (hot, pages[:50], records[:50])}  # fmt: skip
            rates: dict[str, dict[str, list[float]]] = {}
            peers = list(_peers(data, asked))
            for peer in peers:
                with running(peer.command, peer.environment, peer.list_(0)) as server:
                    _verify(peer, server, walked)
                    for _ in range(asked.rounds):
                        # In turns with Readout, so that all meet the same weather.
                        for name, (mine, lists, single) in ours.items():
                            _run(rates, name, mine, lists, single, asked.seconds)
                        order = list(range(len(walked)))
                        chance.shuffle(order)
                        _run(
                            rates, peer.name, server, [peer.list_(at) for at in order],
                            [peer.record(id_) for id_ in ids[:RECORDS]], asked.seconds,
                        )  # fmt: skip
    return _table(data, rates)


def _run(
    rates: dict[str, dict[str, list[float]]], name: str, server: Server, lists: list[str],
    records: list[str], seconds: int,
) -> None:  # fmt: skip
    for what, paths in (("list", lists), ("record", records)):
        rate = measure(server.base, paths, seconds, CONNECTIONS).rate
        rates.setdefault(name, {}).setdefault(what, []).append(rate)


def _walk(server: Server, data: Data) -> tuple[list[str], list[list[Any]]]:
    """The first pages, newest first: their paths and what is on them."""
    pages: list[str] = []
    walked: list[list[Any]] = []
    path: str | None = f"/agreements?limit={PAGE}"
    while path and len(pages) < PAGES:
        answer = server.get(path)
        pages.append(path)
        walked.append(answer["items"])
        path = answer["next"] and answer["next"].removeprefix(server.base)
    with closing(sqlite3.connect(data.peer)) as peer:
        places = dict(peer.execute("SELECT id, ordinal FROM agreement"))
    _AFTER[:] = [places[page[0]["id"]] - 1 for page in walked]
    _BODIES[:] = walked[0]
    return pages, walked


def _verify(peer: Peer, server: Server, walked: list[list[Any]]) -> None:
    """It has the same records on the same pages; only then is anything counted."""
    for at in range(0, len(walked), max(1, len(walked) // 10)):
        theirs = [peer.id(row) for row in peer.rows(server.get(peer.list_(at)))]
        if theirs != [row["id"] for row in walked[at]]:
            raise RuntimeError(f"{peer.name} has other records on page {at}: {theirs[:3]}")
        id_ = walked[at][0]["id"]
        if peer.one(server.get(peer.record(id_)))["title"] != walked[at][0]["title"]:
            raise RuntimeError(f"{peer.name} has another {id_}")


def _table(data: Data, rates: dict[str, dict[str, list[float]]]) -> list[str]:
    lines = [
        f"| {data.agreements:,} agreements | list of 20, a second | Readout is | record, a second "
        "| Readout is | spread |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    own = {what: median(seen) for what, seen in rates["Readout, nothing kept"].items()}
    ordered = sorted(rates.items(), key=lambda found: -median(found[1]["list"]))
    for name, seen in ordered:
        rate = {what: median(found) for what, found in seen.items()}
        times = {what: f"{own[what] / rate[what]:.1f} times" if rate[what] else "" for what in own}
        if name.startswith("Readout"):
            times = dict.fromkeys(own, "")
        spreads = [(max(found) - min(found)) / (median(found) or 1) for found in seen.values()]
        lines.append(f"| {name} | {rate['list']:,.0f} | {times['list']} | {rate['record']:,.0f} "
                     f"| {times['record']} | {max(spreads):.0%} |")  # fmt: skip
    picture = report.README.with_name(f"peers-{data.agreements}.svg")
    values = [(name, median(seen["list"])) for name, seen in ordered]
    picture.write_text(
        bars(f"Lists of 20 a second, {data.agreements:,} agreements", values), encoding="utf-8"
    )
    return [*lines, "", f"![The same as bars]({picture.name})"]


def _machine() -> str:
    model = next(
        (line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.machine(),
    )  # fmt: skip
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False)
    return (
        f"{model}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, Node "
        f"{node.stdout.strip().removeprefix('v')}, Linux {platform.release().split('-')[0]}"
    )


if __name__ == "__main__":
    main()
