"""The slowest that can be asked for, again and again, by a client of its own."""

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from urllib.parse import quote, urlsplit

from app.queries.values import MAX_BEGINNINGS
from bench.servers import Server

# Every record has a word that begins with each of these, so each narrows nothing and costs all.
_EVERYWHERE = "satroupcfbldg"


def slow_paths(seed: int) -> Iterator[str]:
    """Searches that find nearly everything, ranked and counted; hardly two are spelt the same."""
    chance = random.Random(seed)  # noqa: S311 - chance, no secret
    for _ in count():
        letters = chance.sample(_EVERYWHERE, MAX_BEGINNINGS)
        typed = " ".join(f"{chance.choice((a, a.upper()))}*" for a in letters)
        yield f"/search?q={quote(typed)}&sort=rank&limit=200&facet=type&facet=topic"


@contextmanager
def asking(server: Server, paths: Iterator[str]) -> Iterator[list[float]]:
    """Ask for one path after another meanwhile; gives how long each answer took, in seconds."""
    took: list[float] = []
    enough = threading.Event()

    def ask() -> None:
        connection = http.client.HTTPConnection(urlsplit(server.base).netloc)
        while not enough.is_set():
            started = time.perf_counter()
            connection.request("GET", next(paths))
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} for the slow query")
            took.append(time.perf_counter() - started)

    client = threading.Thread(target=ask)
    client.start()
    try:
        yield took
    finally:
        enough.set()
        client.join()
