"""Large downloads: as fast as Datasette's, and what a page takes beside them.

`python -m bench.downloads FOLDER --datasette PATH`, after `bench.run` has filled the folder, or a
`python -m bench.synthetic` and `readout load` of its own. README.md keeps the last figures.
"""

import http.client
import os
import socket
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple
from urllib.parse import urlsplit

import orjson

from app.representations.columns import Sort, columns_of, rows_of
from app.resources.commitments import Commitment
from bench import report
from bench.data import READOUT, Data
from bench.load import CLIENT_CORE, pinned
from bench.servers import Server, running

OURS = "/commitments?format=csv"
# The fastest that it has: the largest pages, without counts and facets.
THEIRS = "/{}/commitment.csv?_stream=on&_size=max&_nofacet=1&_nocount=1"
PAGE = "/agreements?topic=defense&kind=treaty&limit=20"
KINDS = {
    "4 CSV": [OURS] * 4,
    "CSV, NDJSON, a search as NDJSON, Excel": [
        OURS, "/quotes?format=ndjson", "/search?q=the&format=ndjson", "/agreements?format=xlsx",
    ],
    "4 Data Packages": ["/releases/1/datapackage.zip"] * 4,
}  # fmt: skip
SLOW_READERS = 20


class Took(NamedTuple):
    """What a download took."""

    first: float
    """Seconds to the first byte."""
    seconds: float
    lines: int


def main() -> None:
    """Prepare the rows, measure, show the figures."""
    parser = report.arguments("bench.downloads", rounds=3)
    parser.add_argument("--datasette", required=True)
    parser.add_argument("--agreements", type=int, default=100_000)
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    data = Data(options.folder, options.agreements)
    data.write()
    data.load()
    rows = _rows(data)
    ours = [READOUT, "serve", "--port", "{port}"]
    theirs = [options.datasette, "serve", "--immutable", str(rows), "--port", "{port}",
              "--setting", "num_sql_threads", "1", "--setting", "suggest_facets", "off",
              "--setting", "max_csv_mb", "0"]  # fmt: skip
    with (
        running(ours, data.environment, PAGE) as readout,
        running(theirs, {}, "/-/versions.json") as datasette,
    ):
        lines = [
            *_compare(readout, datasette, THEIRS.format(rows.stem), options.rounds), "",
            "| a list page (median) | as usual | beside | times | target |",
            "|---|--:|--:|--:|--:|",
            *(_beside(readout, name, paths, options.rounds) for name, paths in KINDS.items()),
            _slow(readout), "",
            f"The memory was {readout.memory().anonymous:.0f} MB after all of these.",
        ]  # fmt: skip
    report.show("downloads", lines, options)


def _rows(data: Data) -> Path:
    """The same cells as a table of Datasette's, in the same order."""
    file = data.peer.with_name(f"cells-{data.agreements}.db")
    if file.exists():
        return file
    columns = columns_of(Commitment)
    types = {Sort.WHOLE: "INTEGER", Sort.NUMBER: "REAL"}
    named = ", ".join(f'"{column.name}" {types.get(column.sort, "TEXT")}' for column in columns)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    with closing(sqlite3.connect(data.readout)) as source, closing(sqlite3.connect(draft)) as made:
        made.execute(f"CREATE TABLE commitment ({named})")
        bodies = source.execute(
            "SELECT body FROM record WHERE type = 'commitment' ORDER BY ordinal"
        )
        places = ", ".join("?" * len(columns))
        made.executemany(
            f"INSERT INTO commitment VALUES ({places})",  # noqa: S608 - question marks
            (
                cells
                for (body,) in bodies
                for cells in rows_of(columns, [orjson.loads(body)], "http://127.0.0.1:8000")
            ),
        )
        made.commit()
    draft.rename(file)
    return file


def _download(server: Server, path: str) -> Took:
    connection = http.client.HTTPConnection(urlsplit(server.base).netloc)
    started = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    piece = answer.read1(65_536)
    first = time.perf_counter() - started
    lines = 0
    while piece:
        lines += piece.count(b"\n")
        piece = answer.read1(2**20)
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{answer.status} for {path}")
    return Took(first, time.perf_counter() - started, lines)


def _compare(readout: Server, datasette: Server, theirs: str, rounds: int) -> list[str]:
    mine, others = [], []
    memory = []
    for _ in range(rounds):
        mine.append(_download(readout, OURS))
        memory.append(readout.memory().anonymous)
        others.append(_download(datasette, theirs))
    if len({took.lines for took in mine + others}) != 1:
        raise RuntimeError("the two do not send the same rows")
    fast, slow = (median(took.seconds for took in runs) for runs in (mine, others))
    first, its = (1000 * max(took.first for took in runs) for runs in (mine, others))
    return [
        "| downloads | Readout | Datasette | times | target |",
        "|---|--:|--:|--:|--:|",
        f"| CSV of {mine[0].lines - 1:,} commitments | {fast:.2f} s | {slow:.2f} s "
        f"| **{slow / fast:.2f}** | 3.00 |",
        f"| first byte, the latest | {first:.0f} ms | {its:.0f} ms | | 200 ms |",
        f"| memory after each (anonymous) | {', '.join(f'{mb:.0f}' for mb in memory)} MB "
        "| | | flat |",
    ]


def _beside(server: Server, name: str, paths: list[str], rounds: int) -> str:
    """A list page as usual, and while other clients download again and again."""
    calm: list[float] = []
    disturbed: list[float] = []
    for _ in range(rounds):
        calm += _pages(server)
        with _downloading(server, paths):
            disturbed += _pages(server)
    usual, beside = 1000 * median(calm), 1000 * median(disturbed)
    return f"| {name} | {usual:.2f} ms | {beside:.2f} ms | **{beside / usual:.2f}** | 3.00 |"


@contextmanager
def _downloading(server: Server, paths: list[str]) -> Iterator[None]:
    again = 'while :; do curl -sfo /dev/null "$0"; done'
    clients = [
        subprocess.Popen(
            pinned(CLIENT_CORE, "sh", "-c", again, server.base + path), start_new_session=True
        )
        for path in paths
    ]
    try:
        time.sleep(1)
        yield
    finally:
        for client in clients:
            os.killpg(client.pid, 15)
            client.wait()
        time.sleep(0.5)


def _pages(server: Server, count: int = 300) -> list[float]:
    connection = http.client.HTTPConnection(urlsplit(server.base).netloc)
    took = []
    for _ in range(count):
        started = time.perf_counter()
        connection.request("GET", PAGE)
        connection.getresponse().read()
        took.append(time.perf_counter() - started)
        time.sleep(0.005)
    connection.close()
    return took


def _slow(server: Server) -> str:
    """Readers that take a byte a second, and a page beside them."""
    calm = _pages(server)
    before = server.memory().anonymous
    with ExitStack() as stack:
        readers = []
        for _ in range(SLOW_READERS):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            reader.connect(("127.0.0.1", urlsplit(server.base).port))
            reader.sendall(f"GET {OURS} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            readers.append(reader)
        beside: list[float] = []
        for _ in range(5):
            for reader in readers:
                reader.recv(1)
            beside += _pages(server, 100)
        more = server.memory().anonymous - before
    usual, slow = 1000 * median(calm), 1000 * median(beside)
    return (
        f"| {SLOW_READERS} readers of a byte a second, which hold {more:.1f} MB | {usual:.2f} ms "
        f"| {slow:.2f} ms | **{slow / usual:.2f}** | 3.00 |"
    )


if __name__ == "__main__":
    main()
