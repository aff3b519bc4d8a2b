"""Answers that were given before, against a function that has them in memory.

`python -m bench.hot FOLDER --write` keeps the figures in README.md.
"""

import http.client
import os
import pickle
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from app.resources.topics import BASE_TOPICS
from bench import report
from bench.data import READOUT, Data
from bench.limit import Answer, Answers
from bench.load import CLIENT_CORE, SERVER_CORE, measure
from bench.servers import Server, running
from bench.steady import ask_steadily

CONNECTIONS = 16
BASE = "http://readout.example"
RATE = 2_000  # requests a second
COLD = 10_000  # requests
_KEYS = ("id", "title", "summary", "parties", "evidence")


class Case(NamedTuple):
    """Something that is asked again and again."""

    name: str
    path: str
    headers: dict[str, str]
    target: float | None


def main() -> None:
    """Measure, and show the figures."""
    options = report.arguments("bench.hot", rounds=5).parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    data = Data(options.folder, 2_000)
    data.write()
    data.load()
    lines = [
        *_against_the_limit(data, options.rounds, options.seconds), "",
        *_many(data, options.rounds, options.seconds), "",
        *_cold(data),
    ]  # fmt: skip
    report.show("hot", lines, options)


@contextmanager
def _readout(
    data: Data, *options: str, core: str = SERVER_CORE, **settings: str
) -> Iterator[Server]:
    # The same address for all: it is in their answers.
    own = {"READOUT_CACHE_MIB": "64", "READOUT_PUBLIC_URL": BASE}
    command = [READOUT, "serve", "--port", "{port}", *options]
    with running(command, data.environment | own | settings, "/health/ready", core=core) as server:
        yield server


def _cases(server: Server) -> list[Case]:
    listing = "/agreements?limit=20"
    record = max(server.get("/agreements?limit=200")["items"], key=lambda item: len(str(item)))
    etag = _answer(server, listing, {})[1]
    tag = next(value.decode() for name, value in etag if name == b"etag")
    return [
        Case("record", record["href"], {}, 0.8),
        Case("list of 20", listing, {}, 0.8),
        Case("list, not modified (304)", listing, {"If-None-Match": tag}, 0.8),
        Case("list, gzip", listing, {"Accept-Encoding": "gzip"}, 0.75),
        Case("list, brotli", listing, {"Accept-Encoding": "br"}, 0.75),
        Case(
            "list as a page, brotli",
            listing,
            {"Accept": "text/html", "Accept-Encoding": "br"},
            None,
        ),
    ]


def _answer(server: Server, path: str, headers: dict[str, str]) -> Answer:
    """What Readout answers the third time: kept, and packed."""
    for _ in range(3):
        connection = http.client.HTTPConnection(server.base.removeprefix("http://"))
        connection.request("GET", path, headers=headers)
        got = connection.getresponse()
        body = got.read()
        connection.close()
    sent = [(n.lower().encode(), v.encode()) for n, v in got.getheaders() if n.lower() != "date"]
    return got.status, sent, body


def _against_the_limit(data: Data, rounds: int, seconds: int) -> list[str]:
    quiet = {"READOUT_LOG_REQUESTS": "false"}
    with _readout(data, **quiet) as readout:
        cases = _cases(readout)
        answers = {case.name: _answer(readout, case.path, case.headers) for case in cases}
    lines = [
        "| asked again and again | body | the limit, a second | Readout, of the limit "
        "| with its log | the limit on its protocol | target |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for case in cases:
        file = data.bundles.with_name("answers.pickle")
        kept: Answers = {case.path.partition("?")[0]: answers[case.name]}
        file.write_bytes(pickle.dumps(kept))
        limit = ["python", "-m", "bench.limit", "{port}", str(file)]
        limit[0] = str(Path(READOUT).with_name("python"))
        with ExitStack() as open_:
            servers = [
                open_.enter_context(running(limit, {}, case.path, statuses=(200, 304))),
                open_.enter_context(_readout(data, **quiet)),
                open_.enter_context(_readout(data)),
                open_.enter_context(running([*limit, "ours"], {}, case.path, statuses=(200, 304))),
            ]
            for server in servers:
                # All of them send the same bytes: only then is anything counted.
                again = _answer(server, case.path, case.headers)
                if _same(again) != _same(answers[case.name]):
                    raise RuntimeError(f"the answers for {case.name} differ")
            rates: list[list[float]] = [[] for _ in servers]
            for _ in range(rounds):
                for server, seen in zip(servers, rates, strict=True):
                    measured = measure(server.base, [case.path], seconds, CONNECTIONS, case.headers)
                    seen.append(measured.rate)
        top = median(rates[0])
        shares = [
            f"{median(rate / first for rate, first in zip(seen, rates[0], strict=True)):.2f}"
            for seen in rates[1:]
        ]
        size = f"{len(answers[case.name][2]):,}"
        target = "" if case.target is None else f"{case.target:.2f}"
        lines.append(
            f"| {case.name} | {size} | {top:,.0f} | **{shares[0]}** | {shares[1]} | {shares[2]} "
            f"| {target} |"
        )
    return lines


def _same(answer: Answer) -> Answer:
    """An answer without the name of its request."""
    status, headers, body = answer
    return status, sorted(header for header in headers if header[0] != b"x-request-id"), body


def _many(data: Data, rounds: int, seconds: int) -> list[str]:
    """A hot list for many clients; two processes have the load generator's core as well."""
    path = "/agreements?limit=20"
    lines = ["| hot list | clients | a second | p50 | p99 |", "|---|--:|--:|--:|--:|"]
    with ExitStack() as open_:
        one = open_.enter_context(_readout(data, READOUT_LOG_REQUESTS="false"))
        two = open_.enter_context(
            _readout(data, "--workers", "2", core="0,1", READOUT_LOG_REQUESTS="false")
        )
        for name, server, connections in (
            ("1 process", one, 16), ("1 process", one, 256), ("1 process", one, 1_000),
            ("2 processes", two, 16), ("2 processes", two, 256), ("2 processes", two, 1_000),
        ):  # fmt: skip
            runs = [measure(server.base, [path], seconds, connections) for _ in range(rounds)]
            rate, p50, p99 = (median(run[at] for run in runs) for at in range(3))
            lines.append(
                f"| {name} | {connections:,} | {rate:,.0f} | {p50:.1f} ms | {p99:.1f} ms |"
            )
    return lines


def _cold(data: Data) -> list[str]:
    """Nothing is kept yet, and everything that comes is another request; three times."""
    half, most, slowest = (
        median(seen) for seen in zip(*(_once(data) for _ in range(3)), strict=True)
    )
    return [
        f"| an empty cache under {RATE:,} different requests a second | | target |",
        "|---|--:|--:|",
        f"| half take no longer than | {half:.2f} ms | |",
        f"| 99 of 100 | {most:.2f} ms ({most / half:.1f} times) | 10 times |",
        f"| the slowest of {COLD:,} | {slowest:.1f} ms | |",
    ]


def _once(data: Data) -> tuple[float, float, float]:
    with _readout(data, READOUT_LOG_REQUESTS="false") as server:
        ids = [item["id"] for item in _all(server, "/agreements?limit=200&fields=id")]
        # Nine records and a list, and so on: no two requests are the same.
        records = iter([f"/agreements/{id_}?fields={key}" for key in _KEYS for id_ in ids])
        lists = iter(
            [f"/agreements?limit={n}&topic={t}" for t in BASE_TOPICS for n in range(1, 201)]
        )
        mixed = [next(lists) if at % 10 == 9 else next(records) for at in range(COLD)]
        return ask_steadily(server.base, mixed, RATE)


def _all(server: Server, path: str) -> list[dict[str, str]]:
    records: list[dict[str, str]] = []
    next_: str | None = path
    while next_:
        page = server.get(next_.removeprefix(BASE))
        records += page["items"]
        next_ = page["next"]
    return records


if __name__ == "__main__":
    main()
