"""A thousand people who search at the same moment: `python -m bench.crowd FOLDER --write`.

Every round is a server that has just been started, so that nobody has asked for a word before.
"""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from statistics import median
from urllib.parse import urlsplit

from bench import report
from bench.data import READOUT, Data
from bench.growth import AHEAD
from bench.load import CLIENT_CORE
from bench.servers import running

PEOPLE = 1_000
FEWEST, MOST = 20, 3_000  # of 100,000 agreements have the word
CORES = "0,1"


def main() -> None:
    """Measure, and show the figures."""
    parser = report.arguments("bench.crowd", rounds=3)
    parser.add_argument("--agreements", type=int, default=100_000)
    options = parser.parse_args()
    data = Data(options.folder, options.agreements)
    data.write()
    data.load()
    data.offer()
    words = _words(data)
    chance = random.Random(1)  # noqa: S311 - chance, no secret
    asked: dict[str, Callable[[], str]] = {
        "a word": words.pop,
        "two words": lambda: f"{words.pop()}%20{chance.choice(words)}",
    }
    lines = [
        f"| {PEOPLE:,} people ask at once for | refused | half have it after | 99 of 100 after |",
        "|---|--:|--:|--:|",
    ]
    command = [READOUT, "serve", "--port", "{port}"]
    environment = data.environment | {"READOUT_LOG_REQUESTS": "false"}
    for name, word in asked.items():
        rounds: list[tuple[int, float, float]] = []
        for _ in range(options.rounds):
            words[:] = _words(data)
            chance.shuffle(words)
            with running(command, environment, "/health/ready", core=CORES) as server:
                time.sleep(AHEAD)
                paths = [f"/search?q={word()}" for _ in range(PEOPLE)]
                os.sched_setaffinity(0, {int(CLIENT_CORE)})
                rounds.append(asyncio.run(_all_at_once(server.base, paths)))
        refused, half, most = (median(each) for each in zip(*rounds, strict=True))
        lines.append(f"| {name} | {refused:.0f} | {half:.2f} s | {most:.2f} s |")
    report.show("crowd", lines, options)


def _words(data: Data) -> list[str]:
    """Different words that neither nearly all agreements have nor hardly any."""
    query = "SELECT term FROM frequency WHERE doc BETWEEN ? AND ? ORDER BY term"
    with closing(sqlite3.connect(data.peer)) as opened:
        return [word for (word,) in opened.execute(query, (FEWEST, MOST))]


async def _all_at_once(base: str, paths: list[str]) -> tuple[int, float, float]:
    """How many were refused, and after how many seconds half and 99 of 100 had their answer."""
    start = asyncio.Event()
    asking = [asyncio.create_task(_ask(base, path, start)) for path in paths]
    await asyncio.sleep(2)  # all are connected
    start.set()
    answers = await asyncio.gather(*asking)
    took = sorted(seconds for seconds, _ in answers)
    refused = sum(status != b"200" for _, status in answers)
    return refused, took[len(took) // 2], took[len(took) * 99 // 100]


async def _ask(base: str, path: str, start: asyncio.Event) -> tuple[float, bytes]:
    address = urlsplit(base)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    await start.wait()
    begun = time.perf_counter()
    head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode())
    answer = await reader.read()
    writer.close()
    return time.perf_counter() - begun, answer[9:12]


if __name__ == "__main__":
    main()
