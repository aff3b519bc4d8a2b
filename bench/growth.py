"""The same asked of more and more data: `python -m bench.growth FOLDER --write`.

No answer is kept between requests. Of a list the total is known, as on any page of a walk but the
first; of a search it is not.
"""

import json
import os
import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from statistics import median
from typing import NamedTuple

from app.resources.topics import BASE_TOPICS
from app.vocabulary import AgreementKind
from bench import report
from bench.data import READOUT, Data
from bench.load import CLIENT_CORE, measure
from bench.plot import curves
from bench.servers import Server, running
from bench.synthetic import vocabulary

PAGE, LARGEST_PAGE = 20, 200
SOME = 3_000  # paths of each kind
SEARCHES = 12_000  # more than are asked in all rounds: no total is known
TARGET = 1.5
# Of the vocabulary's words by frequency: one in every tenth record, and those in one of 185.
TENTH, RARE = 19, 2_500
MANY = range(5_000, 6_000)
AHEAD = 20  # seconds; what a server counts ahead is counted by then
SAME = "search, 5,000 to 6,000 matches"


class Size(NamedTuple):
    """A data set, the server that serves it, and what is asked of it."""

    agreements: int
    server: Server
    paths: dict[str, list[str]]


def main() -> None:
    """Measure, and show the figures."""
    parser = report.arguments("bench.growth", rounds=5, seconds=1)
    parser.add_argument("--agreements", type=int, nargs="+", default=[2_000, 100_000, 1_000_000])
    options = parser.parse_args()
    os.sched_setaffinity(0, {int(CLIENT_CORE)})
    lines: list[str] = []
    with ExitStack() as open_:
        sizes = []
        for agreements in options.agreements:
            data = Data(options.folder, agreements)
            data.write()
            data.load()
            command = [READOUT, "serve", "--port", "{port}"]
            environment = data.environment | {"READOUT_LOG_REQUESTS": "false"}
            server = open_.enter_context(running(command, environment, "/health/ready"))
            time.sleep(AHEAD)
            lines += [*_first(server, agreements), ""]
            sizes.append(Size(agreements, server, _paths(data, server)))
        took = _in_turns(sizes, options.rounds, options.seconds)
    lines += _table(options.agreements, took)
    report.show("growth", lines, options)


def _first(server: Server, agreements: int) -> list[str]:
    """What is dear, the first time in a release and the second."""
    words, _ = vocabulary()
    lines = [
        f"| {agreements:,} agreements | first asked | asked again | answer |",
        "|---|--:|--:|---|",
    ]
    for name, path in {
        "`/`": "/",
        "`/` as a page": "/?format=html",
        "facets of everything": "/agreements?facet=kind&facet=topic&facet=status",
        "facets of a topic": "/commitments?topic=economy&facet=kind&facet=currency",
        "a word in every tenth record": f"/agreements?q={words[TENTH]}",
        "the same with facets": f"/agreements?q={words[TENTH]}&facet=kind&facet=topic",
        "the same in all types": f"/search?q={words[TENTH]}",
        "the same in all types, by rank": f"/search?q={words[TENTH]}&sort=rank",
    }.items():
        took = []
        for _ in range(2):
            begun = time.perf_counter()
            status, body = server.ask(path)
            took.append(time.perf_counter() - begun)
        answer = {} if body.startswith(b"<") else json.loads(body)
        total = f"{status}, total {answer['total']:,}" if "total" in answer else f"{status}"
        lines.append(f"| {name} | {took[0] * 1000:,.1f} ms | {took[1] * 1000:,.1f} ms | {total} |")
    return lines


def _paths(data: Data, server: Server) -> dict[str, list[str]]:
    chance = random.Random(1)  # noqa: S311 - chance, no secret
    words, _ = vocabulary()
    rare = words[-RARE:]
    return {
        "record": [f"/agreements/{id_}" for id_ in _ids(data, chance)],
        "list by topic and kind": list(_lists(server, chance)),
        "page at half depth": list(_deep(server, data.agreements)),
        SAME: _searches(_with_as_many(words, server), "", chance),
        "search, one record in 185": _searches(rare, "", chance),
        "search, one in 185 and one in ten": _searches(rare, f"%20{words[TENTH]}", chance),
    }


def _with_as_many(words: list[str], server: Server) -> list[str]:
    """Words that about as many records have, however much there is; the rarest are so many."""
    frequent = (word for at, word in enumerate(words[:400]) if at > TENTH)
    some = [word for word in [*frequent, *words[-20:]]
            if server.get(f"/agreements?q={word}&limit=1")["total"] in MANY]  # fmt: skip
    return (some * SEARCHES)[:SEARCHES]


def _ids(data: Data, chance: random.Random) -> list[str]:
    with closing(sqlite3.connect(data.readout)) as opened:
        (last,) = opened.execute(
            "SELECT max(ordinal) FROM record WHERE type = 'agreement'"
        ).fetchone()
        query = (
            "SELECT id FROM record WHERE type = 'agreement' AND ordinal >= ? "
            "ORDER BY ordinal LIMIT 1"
        )
        places = [chance.randint(1, last) for _ in range(SOME)]
        return [opened.execute(query, (place,)).fetchone()[0] for place in places]


def _lists(server: Server, chance: random.Random) -> Iterator[str]:
    """Five pages each of lists by topic and kind, newest first."""
    filters = [(topic, kind.value) for topic in BASE_TOPICS for kind in AgreementKind]
    chance.shuffle(filters)
    for topic, kind in filters:
        path = f"/agreements?topic={topic}&kind={kind}&limit={PAGE}"
        for _ in range(5):
            yield path
            following = server.get(path)["next"]
            if following is None:
                break
            path = following.removeprefix(server.base)


def _deep(server: Server, agreements: int) -> Iterator[str]:
    """Pages in the middle of everything, found by walking there."""
    path = f"/agreements?limit={LARGEST_PAGE}"
    for _ in range(agreements // 2 // LARGEST_PAGE):
        path = server.get(path)["next"].removeprefix(server.base)
    path = path.replace(f"limit={LARGEST_PAGE}", f"limit={PAGE}")
    for _ in range(min(SOME, agreements // 4) // PAGE):
        yield path
        path = server.get(path)["next"].removeprefix(server.base)


def _searches(words: list[str], also: str, chance: random.Random) -> list[str]:
    """Searches that were never made: each leaves out a word that no record has."""
    chosen = chance.choices(words, k=SEARCHES) if words else []
    return [
        f"/agreements?q={word}{also}%20-none{at}&limit={PAGE}" for at, word in enumerate(chosen)
    ]


def _in_turns(sizes: list[Size], rounds: int, seconds: int) -> dict[str, list[list[float]]]:
    """The medians in milliseconds of each round, by what was asked and by size."""
    took: dict[str, list[list[float]]] = {name: [[] for _ in sizes] for name in sizes[0].paths}
    for at in range(rounds):
        for name, seen in took.items():
            for size, medians in zip(sizes, seen, strict=True):
                if paths := size.paths[name][at::rounds]:
                    medians.append(measure(size.server.base, paths, seconds, 1).p50)
    return took


def _table(agreements: list[int], took: dict[str, list[list[float]]]) -> list[str]:
    heads = [f"{size:,}" for size in agreements]
    lines = [
        f"| median, one client | {' | '.join(heads)} | {heads[-1]} to {heads[-2]} | spread "
        "| target |",
        f"|---|{'--:|' * len(heads)}--:|--:|--:|",
    ]
    values: dict[str, list[tuple[int, float]]] = {}
    for name, seen in took.items():
        figures = [median(medians) if medians else None for medians in seen]
        ratios = sorted(last / before for last, before in zip(seen[-1], seen[-2], strict=False))
        if not ratios:
            continue
        times = " | ".join("" if one is None else f"{one:.2f} ms" for one in figures)
        target = f"{TARGET}" if "185" not in name else ""
        lines.append(
            f"| {name} | {times} | **{median(ratios):.2f}** | {ratios[0]:.2f} to {ratios[-1]:.2f} "
            f"| {target} |"
        )
        pairs = zip(agreements, figures, strict=True)
        values[name] = [(size, one) for size, one in pairs if one is not None]
    picture = report.README.with_name("growth.svg")
    picture.write_text(
        curves("Milliseconds for an answer, by the number of agreements", values), encoding="utf-8"
    )
    return [*lines, "", f"![The same as curves]({picture.name})"]


if __name__ == "__main__":
    main()
