"""Measure Readout beside Datasette: `python -m bench.run FOLDER --datasette PATH`.

README.md says how, and keeps the figures of the last run.
"""

import argparse
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from bench import report
from bench.contests import Contest, contests
from bench.data import READOUT, Data
from bench.load import CLIENT_CORE, measure
from bench.report import Beside, Result, Run
from bench.servers import Server, running
from bench.slow import asking, slow_paths
from bench.workloads import PAGE, Facts, Peer, verify, walks

CONNECTIONS = 8
STARTS = 5


def main() -> None:
    """Prepare the data, measure, show the figures."""
    options = _arguments()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    data = Data(options.folder, options.agreements)
    data.write()
    load = data.load()
    data.offer()
    facts = Facts.of(data)
    starts = [_start(data) for _ in range(STARTS)]
    with _readout(data) as readout, _datasette(data, options.datasette) as datasette:
        chance = random.Random(1)  # noqa: S311 - chance, no secret
        pages = walks(readout, facts, chance, options.pages)
        verify(readout, datasette, Peer(data), pages, facts)
        servers = {"readout": readout, "datasette": datasette}
        against = contests(data, facts, pages, chance)
        results = _compare(against, servers, data, options)
        memory = readout.memory()
        beside = _beside(readout, [page.path for page in pages], data, options)
        lines = [
            *report.compared(results),
            "",
            *report.alone(load, median(starts), [memory, readout.memory()], beside),
        ]
    report.show("run", lines, options)


def _arguments() -> argparse.Namespace:
    parser = report.arguments("bench.run", rounds=5)
    parser.add_argument("--datasette", required=True, help="the command of Datasette 0.65")
    parser.add_argument("--agreements", type=int, default=100_000)
    parser.add_argument("--pages", type=int, default=60_000, help="how many different pages")
    return parser.parse_args()


@contextmanager
def _readout(data: Data) -> Iterator[Server]:
    command = [READOUT, "serve", "--port", "{port}"]
    with running(command, data.environment, f"/agreements?limit={PAGE}") as server:
        yield server


@contextmanager
def _datasette(data: Data, datasette: str) -> Iterator[Server]:
    # One thread for queries is its fastest on one core, and facets that nobody asked for are off.
    command = [
        datasette, "serve", "--immutable", str(data.peer), "--port", "{port}",
        "--metadata", str(data.canned), "--setting", "num_sql_threads", "1",
        "--setting", "suggest_facets", "off",
    ]  # fmt: skip
    with running(command, {}, "/-/versions.json") as server:
        yield server


def _start(data: Data) -> float:
    data.keep_in_memory()
    with _readout(data) as server:
        return server.first_answer


def _compare(
    against: list[Contest], servers: dict[str, Server], data: Data, options: argparse.Namespace
) -> list[Result]:
    """Short runs of everything in turn, again and again, so that all meet the same weather."""
    results = [Result(contest, [], [[] for _ in contest.rivals]) for contest in against]

    def run(server: str, paths: list[str], at: int) -> Run:
        # No round asks for what another one asked for.
        return _run(servers[server], paths[at :: options.rounds], options.seconds)

    for at in range(options.rounds):
        data.keep_in_memory()
        for contest, ours, theirs in results:
            ours.append(run("readout", contest.paths, at))
            for rival, runs in zip(contest.rivals, theirs, strict=True):
                runs.append(run(rival.server, rival.paths, at))
    return results


def _run(server: Server, paths: list[str], seconds: int, connections: int = CONNECTIONS) -> Run:
    before = server.cpu()
    measured = measure(server.base, paths, seconds, connections)
    return Run(measured, (server.cpu() - before) / measured.requests * 1e6)


def _beside(server: Server, paths: list[str], data: Data, options: argparse.Namespace) -> Beside:
    """List pages as usual, and while one other client asks for the slowest there is."""
    calm: list[Run] = []
    disturbed: list[Run] = []
    slow: list[float] = []
    for at in range(options.rounds):
        data.keep_in_memory()
        some = paths[at :: options.rounds]
        calm.append(_run(server, some, options.seconds))
        with asking(server, slow_paths(at)) as took:
            disturbed.append(_run(server, some, max(options.seconds, 5)))
        slow += took
    return Beside(calm, disturbed, slow)


if __name__ == "__main__":
    main()
