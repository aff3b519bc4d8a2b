"""Two servers on a bucket, while releases come and things break: `python -m bench.bucket`.

Clients ask on while releases are published, the storage restarts and one of the servers is lost.
Where a connection is refused or lost they ask the other server, and that is all that they do about
it. A walk goes from server to server.
"""

import argparse
import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import obstore
from obstore.store import from_url

from bench.data import READOUT
from bench.soak import Server, get
from tests.builders import a_bundle, an_agreement, write
from tests.conftest import free_port
from tests.storage import Address, moto, s3_environment

CLIENTS, PAUSE = 8, 0.25
"""How many there are, and how long each of them waits between two requests, in seconds."""
PACTS = 60
PATHS = ("/agreements?limit=7", "/search?q=pact&type=agreement&limit=9", "/agreements?sort=title")
BETWEEN, AWAY = 2.0, 5.0  # seconds between releases, and without what is taken away
URL = "s3://readout/bench"


class Fleet:
    """The servers, and what their clients saw."""

    def __init__(self, servers: list[Server]) -> None:
        """Begin with nothing seen."""
        self.servers = servers
        self.over = False
        self.answers = self.walks = self.older = self.retried = self.newest = 0
        self.wrong: list[str] = []
        self.refused: list[str] = []
        self.slowest = self.latest = 0.0
        """Seconds to an answer, and from a load's end until all serve its release, at most."""

    async def client(self, number: int) -> None:
        """Walk one list after the other."""
        chance = random.Random(number)  # noqa: S311 - chance, no secret
        while not self.over:
            pages: list[dict[str, Any]] = []
            path: str | None = chance.choice(PATHS)
            while path and (page := await self._page(path, chance)):
                pages.append(page)
                path = page["next"] and page["next"][page["next"].index("/", len("http://")) :]
                await asyncio.sleep(PAUSE * chance.uniform(0.5, 1.5))
            if pages and path is None:
                self._look_at_walk(pages)

    async def _page(self, path: str, chance: random.Random) -> dict[str, Any] | None:
        """A page, from one server or else from the other; None for none, which is noted."""
        began = time.perf_counter()
        for server in chance.sample(self.servers, len(self.servers)):
            try:
                status, headers, body = await asyncio.wait_for(get(server.port, path), 20)
            except TimeoutError:
                self.refused.append(f"no answer to {path} in 20 seconds")
                return None
            except (OSError, asyncio.IncompleteReadError):
                self.retried += 1
                continue
            self.answers += 1
            self.slowest = max(self.slowest, time.perf_counter() - began)
            if status != 200:
                self.refused.append(f"{status} for {path}: {body[:200]!r}")
                return None
            page: dict[str, Any] = json.loads(body)
            release = page["release"]
            titles = {item["title"].rpartition(" ")[0] for item in page["items"]}
            if headers["dataset-release"] != str(release) or titles != {_title(release)}:
                self.wrong.append(f"release {release} has {titles}, at {path}")
            self.newest = max(self.newest, release)
            return page
        self.refused.append(f"nobody answers {path}")
        return None

    def _look_at_walk(self, pages: list[dict[str, Any]]) -> None:
        ids = [item["id"] for page in pages for item in page["items"]]
        if len({page["release"] for page in pages}) > 1 or not len(set(ids)) == len(ids) == PACTS:
            self.wrong.append(f"a walk of {len(ids)} in {[page['release'] for page in pages]}")
        self.walks += 1
        self.older += pages[-1]["release"] < self.newest

    async def serve(self, release: int, seconds: float = 60) -> None:
        """Wait until all servers serve a release. Raises RuntimeError where they don't."""
        began = time.perf_counter()
        for server in self.servers:
            while not await _serves(server, release):
                if time.perf_counter() - began > seconds:
                    raise RuntimeError(f"release {release} is not served after {seconds} seconds")
                await asyncio.sleep(0.02)
        self.latest = max(self.latest, time.perf_counter() - began)

    def table(self) -> list[str]:
        """The figures as Markdown."""
        return [
            "| releases | answers | walks to the end | in an older release at their end | wrong "
            "| refused | asked of the other server | slowest answer | served by both after |",
            "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
            f"| {self.newest} | {self.answers:,} | {self.walks:,} | {self.older:,} "
            f"| {len(self.wrong)} | {len(self.refused)} | {self.retried} | {self.slowest:.2f} s "
            f"| {self.latest:.2f} s |",
        ]


async def _serves(server: Server, release: int) -> bool:
    try:
        _, _, body = await get(server.port, "/health/ready")
    except (OSError, asyncio.IncompleteReadError):
        return False
    return bool(json.loads(body).get("release") == release)


def _title(release: int) -> str:
    return f"The pact of release {release}, number"


def _publish(folder: Path, environment: dict[str, str], release: int) -> None:
    """Publish a release whose number is in every title. Raises CalledProcessError."""
    entries = [
        an_agreement(id=f"pact-{at}", title=f"{_title(release)} {at}") for at in range(PACTS)
    ]
    file = write(folder / "pacts.json", a_bundle(agreements=entries))
    subprocess.run(
        [READOUT, "load", file],
        env={**os.environ, **environment, "READOUT_DATABASE_URL": f"sqlite:///{folder}/own.db"},
        stdout=subprocess.DEVNULL,
        check=True,
    )


def _restart(storage: ExitStack, port: int) -> None:
    """End the storage, and start it again with what it had: it keeps nothing by itself."""
    store = from_url(URL, client_options={"allow_http": True})
    names = sorted((str(entry["path"]) for entry in obstore.list(store).collect()), reverse=True)
    content = {name: bytes(obstore.get(store, name).bytes()) for name in names}
    storage.close()
    time.sleep(AWAY)
    storage.enter_context(moto(port))
    for name, data in content.items():
        obstore.put(store, name, data)


async def _lose(server: Server) -> None:
    """Kill a server, and start it again later."""
    server.process.kill()
    await asyncio.sleep(AWAY)
    await asyncio.to_thread(server.process.wait)
    await asyncio.to_thread(server.start)


async def measure(releases: int) -> Fleet:
    """Publish so many releases; the storage goes after a third of them, a server after two."""
    address = Address("127.0.0.1", free_port())
    environment = {**s3_environment(address), "READOUT_RELEASES_URL": URL}
    os.environ.update(environment)
    with tempfile.TemporaryDirectory(prefix="readout-bucket-") as name, ExitStack() as storage:
        folder = Path(name)
        storage.enter_context(moto(address.port))
        await asyncio.to_thread(_publish, folder, environment, 1)
        fleet = Fleet([
            Server({
                **environment, "READOUT_DATABASE_URL": f"sqlite:///{folder}/{name}/readout.db",
                "READOUT_LOG_REQUESTS": "false",
            })
            for name in ("one", "other")
        ])  # fmt: skip
        clients: list[asyncio.Task[None]] = []
        try:
            await fleet.serve(1)
            fleet.latest = 0.0  # they were starting
            clients += [asyncio.create_task(fleet.client(number)) for number in range(CLIENTS)]
            for release in range(2, releases + 1):
                await asyncio.to_thread(_publish, folder, environment, release)
                await fleet.serve(release)
                await asyncio.sleep(BETWEEN)
                if release == releases // 3:
                    await asyncio.to_thread(_restart, storage, address.port)
                if release == releases * 2 // 3:
                    await _lose(fleet.servers[1])
            fleet.over = True
            await asyncio.gather(*clients)
        finally:
            for client in clients:
                client.cancel()
            for server in fleet.servers:
                server.end()
    return fleet


def main() -> int:
    """Measure, and show the figures."""
    parser = argparse.ArgumentParser(prog="python -m bench.bucket")
    parser.add_argument("--releases", type=int, default=20)
    fleet = asyncio.run(measure(parser.parse_args().releases))
    print("\n".join(fleet.table()))
    for line in [*fleet.wrong, *fleet.refused][:10]:
        print(f"WRONG: {line}")
    return 1 if fleet.wrong or fleet.refused else 0


if __name__ == "__main__":
    sys.exit(main())
