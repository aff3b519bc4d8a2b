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
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import Any, NamedTuple

from bench import report, textbook
from bench.data import READOUT, Data
from bench.load import CLIENT_CORE, measure
from bench.plot import bars
from bench.servers import Server, running

PAGE, PAGES, RECORDS = 20, 400, 4_000
CONNECTIONS, MANY = 16, 256
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
    search: Callable[[str], str] | None = None
    """The path of the newest with a word, if it can search."""
    by_letters: bool = False
    """Whether it finds the letters within other words, too, or in fewer texts."""
    html: Callable[[int], str] | None = None
    """The path of a page for a browser, if it has one."""


def main() -> None:
    """Measure, and show the figures."""
    parser = report.arguments("bench.peers", rounds=3, seconds=1)
    parser.add_argument("--datasette", default="", help="the command of Datasette 0.65")
    parser.add_argument("--datasette1", default="", help="the command of Datasette 1.0")
    parser.add_argument("--node", default="", help="the folder .bin of json-server and soul")
    parser.add_argument("--agreements", type=int, nargs="+", default=[SMALL, 100_000])
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    lines = []
    for agreements in options.agreements:
        data = Data(options.folder, agreements)
        data.write()
        data.load()
        data.offer()
        lines += [*_measured(data, options), ""]
    lines.append(f"Measured on {_machine()}.")
    report.show("peers", lines, options)


def _peers(data: Data, options: argparse.Namespace) -> Iterator[Peer]:
    """Those that are installed."""
    stem = data.peer.stem
    if options.datasette:
        command = [options.datasette, "serve", "--immutable", str(data.peer), "--port", "{port}",
                   "--metadata", str(data.canned), "--setting", "num_sql_threads", "1",
                   "--setting", "suggest_facets", "off"]  # fmt: skip
        yield Peer(
            "Datasette 0.65, canned query", command, {},
            lambda page: f"/{stem}/newest.json?after={_AFTER[page]}&_shape=array&_json=body",
            lambda id_: f"/{stem}/record.json?id={id_}&_shape=array&_json=body",
            lambda answer: [row["body"] for row in answer], _id, lambda answer: answer[0]["body"],
            lambda word: f"/{stem}/search.json?q={word}&_shape=array&_json=body",
        )  # fmt: skip
        yield Peer(
            "Datasette 0.65, table page", command, {},
            lambda page: f"/{stem}/items.json?_sort=ordinal&_size={PAGE}&ordinal__gt={_AFTER[page]}"
                         "&_nofacet=1&_nocount=1&_shape=array&_json=body",
            lambda id_: f"/{stem}/agreement/{id_}.json?_shape=array&_json=body",
            lambda answer: [row["body"] for row in answer], _id, lambda answer: answer[0]["body"],
            lambda word: f"/{stem}/items.json?_search={word}&_sort=ordinal&_size={PAGE}&_nofacet=1"
                         "&_nocount=1&_shape=array&_json=body",
            html=lambda page: _table_page(stem, page),
        )  # fmt: skip
    if options.datasette1:
        command = [options.datasette1, "serve", "--immutable", str(data.peer), "--port", "{port}",
                   "--config", str(data.canned), "--setting", "num_sql_threads", "1",
                   "--setting", "suggest_facets", "off"]  # fmt: skip
        yield Peer(
            "Datasette 1.0, table page", command, {},
            lambda page: f"/{stem}/items.json?_sort=ordinal&_size={PAGE}&ordinal__gt={_AFTER[page]}"
                         "&_nofacet=1&_nocount=1&_shape=array&_json=body",
            lambda id_: f"/{stem}/agreement/{id_}.json?_shape=array&_json=body",
            lambda answer: [_body(row) for row in answer], _id, lambda answer: _body(answer[0]),
            lambda word: f"/{stem}/items.json?_search={word}&_sort=ordinal&_size={PAGE}&_nofacet=1"
                         "&_nocount=1&_shape=array&_json=body",
            html=lambda page: _table_page(stem, page),
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
        lambda word: f"/agreements?q={word}&limit={PAGE}", by_letters=True,
    )  # fmt: skip
    if options.node:
        yield Peer(
            "soul-cli", [f"{options.node}/soul", "-d", str(data.peer), "-p", "{port}"], {},
            lambda page: f"/api/tables/items/rows?_page={page + 1}&_limit={PAGE}&_ordering=ordinal",
            lambda id_: f"/api/tables/agreement/rows/{id_}",
            lambda answer: [json.loads(row["body"]) for row in answer["data"]], _id,
            lambda answer: json.loads((answer["data"][0] if isinstance(answer["data"], list)
                                       else answer["data"])["body"]),
            lambda word: f"/api/tables/items/rows?_search={word}&_limit={PAGE}&_ordering=ordinal",
            by_letters=True,
        )  # fmt: skip
        if data.agreements == SMALL:
            file = data.peer.with_suffix(".small.json")
            file.write_text(json.dumps({"agreements": _BODIES}), encoding="utf-8")
            yield Peer(
                "json-server", [f"{options.node}/json-server", str(file), "--port", "{port}"], {},
                lambda page: f"/agreements?_page={page + 1}&_per_page={PAGE}",
                lambda id_: f"/agreements/{id_}",
                lambda answer: answer["data"], _id, lambda answer: answer,
            )  # fmt: skip


def _table_page(stem: str, page: int) -> str:
    return (
        f"/{stem}/items?_sort=ordinal&_size={PAGE}&ordinal__gt={_AFTER[page]}&_nofacet=1&_nocount=1"
    )


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


class Workload(NamedTuple):
    """What is asked of a server: paths of a kind, with a header where that matters."""

    what: str
    paths: list[str]
    connections: int = CONNECTIONS
    headers: Mapping[str, str] = MappingProxyType({})


BROWSER = {"Accept": "text/html", "Accept-Encoding": "gzip"}


def _measured(data: Data, options: argparse.Namespace) -> list[str]:
    chance = random.Random(1)  # noqa: S311 - chance, no secret
    words = _words(data)
    with _readout(data) as cold, _readout(data, READOUT_CACHE_MIB="64") as hot:
        pages, walked = _walk(cold, data)
        ids = [row["id"] for page in walked for row in page][:RECORDS]
        lists, records = chance.sample(pages, len(pages)), chance.sample(ids, len(ids))
        searches = [_search(word) for word in words]
        own = [
            Workload("list", lists),
            Workload("record", [f"/agreements/{id_}" for id_ in records]),
            Workload("search", searches),
            Workload("page", lists, headers=BROWSER),
            Workload("many", lists, MANY),
        ]
        few = [one._replace(paths=one.paths[:50]) for one in own]
        ours = {"Readout, nothing kept": (cold, own), "Readout, asked again": (hot, few)}
        rates: dict[str, dict[str, list[float]]] = {}
        for peer in _peers(data, options):
            with running(peer.command, peer.environment, peer.list_(0)) as server:
                _verify(peer, server, walked)
                _verify_searches(peer, server, cold, words)
                order = chance.sample(range(len(walked)), len(walked))
                theirs = [
                    Workload("list", [peer.list_(at) for at in order]),
                    Workload("record", [peer.record(id_) for id_ in records]),
                ]
                if peer.search:
                    theirs.append(Workload("search", [peer.search(word) for word in words]))
                if peer.html:
                    _verify_page(server, peer.html(0), walked[0])
                    theirs.append(
                        Workload("page", [peer.html(at) for at in order], headers=BROWSER)
                    )
                many = Workload("many", theirs[0].paths, MANY)
                # In turns with Readout, so that all meet the same weather; many clients come last,
                # as some servers do not recover from them.
                for last in (False, True):
                    for _ in range(options.rounds):
                        for name, (mine, all_) in ours.items():
                            some = [one for one in all_ if (one.what == "many") == last]
                            _run(rates, name, mine, some, options.seconds)
                        _run(rates, peer.name, server, [many] if last else theirs, options.seconds)
    return _table(data, rates)


def _run(
    rates: dict[str, dict[str, list[float]]], name: str, server: Server, workloads: list[Workload],
    seconds: int,
) -> None:  # fmt: skip
    for one in workloads:
        try:
            rate = measure(server.base, one.paths, seconds, one.connections, one.headers).rate
        except RuntimeError:  # it refuses connections, or makes them wait for too long
            if one.what != "many":
                raise
            rate = 0.0
        rates.setdefault(name, {}).setdefault(one.what, []).append(rate)


def _words(data: Data) -> list[str]:
    """Words that some of the agreements contain: 500 to 580 of 100,000, or at least one."""
    least, most = max(1, data.agreements // 200), max(2, data.agreements * 580 // 100_000)
    with closing(sqlite3.connect(data.peer)) as peer:
        terms = peer.execute(
            "SELECT term FROM frequency WHERE doc BETWEEN ? AND ? AND length(term) > 5 "
            "ORDER BY term LIMIT 400", (least, most),
        )  # fmt: skip
        return [word for (word,) in terms]


def _search(word: str) -> str:
    """The path of the newest with this very word: without marks, forms of it count, too."""
    return f"/agreements?q=%22{word}%22&limit={PAGE}"


def _verify_searches(peer: Peer, server: Server, readout: Server, words: list[str]) -> None:
    if peer.search is None:
        return
    for word in words[:: max(1, len(words) // 10)]:
        ours = readout.get(_search(word))["items"]
        theirs = peer.rows(server.get(peer.search(word)))
        if peer.by_letters:
            right = all(word in json.dumps(row).lower() for row in theirs)
        else:
            right = [peer.id(row) for row in theirs] == [row["id"] for row in ours]
        if not right:
            raise RuntimeError(f"{peer.name} has other records with {word}")


def _verify_page(server: Server, path: str, rows: list[Any]) -> None:
    status, body = server.ask(path, **BROWSER | {"Accept-Encoding": "identity"})
    if status != 200 or not all(row["id"] in body.decode() for row in rows):
        raise RuntimeError(f"{path} has other records")


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
    heads = {"list": f"list of {PAGE}", "record": "record", "search": "search",
             "page": f"page of {PAGE} in HTML", "many": f"list, {MANY} clients"}  # fmt: skip
    lines = [
        f"| {data.agreements:,} agreements | {' | '.join(heads.values())} | spread |",
        f"|---|{'--:|' * len(heads)}--:|",
    ]
    medians = {
        name: {what: median(series) for what, series in seen.items()}
        for name, seen in rates.items()
    }
    own = medians["Readout, nothing kept"]
    ordered = sorted(medians.items(), key=lambda entry: -entry[1]["list"])
    for name, rate in ordered:
        cells = []
        for what in heads:
            cell = f"{rate[what]:,.0f}" if what in rate else ""
            if rate.get(what) and not name.startswith("Readout"):
                cell += f" (**{own[what] / rate[what]:.1f}**)"
            cells.append(cell)
        spreads = [
            (max(series) - min(series)) / (median(series) or 1) for series in rates[name].values()
        ]
        lines.append(f"| {name} | {' | '.join(cells)} | {max(spreads):.0%} |")
    picture = report.README.with_name(f"peers-{data.agreements}.svg")
    values = [(name, rate["list"]) for name, rate in ordered]
    picture.write_text(
        bars(f"Lists of {PAGE} a second, {data.agreements:,} agreements", values), encoding="utf-8"
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
