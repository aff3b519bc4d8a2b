"""Hours in minutes: mixed traffic, a release every ten seconds, slow clients, downloads, restarts.

`python -m bench.soak --minutes 10` fails if anything was answered wrongly, or if memory or open
files grow. Two servers on one database: one runs through, the other is restarted all the time.
"""

import argparse
import asyncio
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median

from app.settings import PROJECT
from bench.data import READOUT
from bench.synthetic import synthesize

RELEASE_EVERY, RESTART_EVERY = 10, 25  # seconds
CLIENTS, SLOW, DOWNLOADS = 24, 20, 2
SHARE = 0.7  # of what the server can do
KEPT = 5  # releases
_WELL = 0.7  # of the answers; two of sixteen things that are asked for are refused
GROWTH = 0.1  # of memory, from the second third of the time to the last


class Server:
    """A server process on a port of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        """Start it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._environment = environment
        self.process = self._started()

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [READOUT, "serve", "--port", str(self.port)],
            env={**os.environ, **self._environment},
            stdout=subprocess.DEVNULL,
        )

    def restart(self) -> None:
        """End it as an operator does, and start it again. Raises RuntimeError for a bad end."""
        self.end()
        self.start()

    def start(self) -> None:
        """Start it again, and wait until it answers."""
        self.process = self._started()
        self.await_answer()

    def await_answer(self) -> None:
        """Wait until it answers."""
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return

    def end(self) -> None:
        """End it. Raises RuntimeError if it does not end well."""
        self.process.terminate()
        if self.process.wait(40):
            raise RuntimeError(f"a server ended with {self.process.returncode}")

    def takes(self) -> tuple[float, int]:
        """The memory that it alone holds, in MB, and how many files it has open."""
        folder = Path(f"/proc/{self.process.pid}")
        status = dict(
            line.split(":", 1)
            for line in (folder / "status").read_text().splitlines()
            if ":" in line
        )
        return int(status["RssAnon"].split()[0]) / 1024, len(list((folder / "fd").iterdir()))


class Soak:
    """What was seen."""

    def __init__(self, through: Server, restarted: Server) -> None:
        """Begin with nothing."""
        self.through, self.restarted = through, restarted
        self.statuses: Counter[int] = Counter()
        self.broken = 0
        self.wrong: list[str] = []
        self.published = 1
        self.quotes: list[str] = []
        self.rate = 200.0  # requests a second of all clients
        self.over = False

    async def client(self, number: int) -> None:
        """Ask for this and that, one after the other, and look at each answer."""
        chance = random.Random(number)  # noqa: S311 - chance, no secret
        last: dict[int, int] = {}
        walk: dict[int, str] = {}
        while not self.over:
            began = time.perf_counter()
            server = self.restarted if number % 4 == 0 else self.through
            port = server.port
            path = walk.pop(port, None) or chance.choice(_PATHS)(chance, self.published)
            sent = _TEXTS[path](chance, self.quotes) if path in _TEXTS else b""
            try:
                status, headers, body = await asyncio.wait_for(get(port, path, sent), 20)
            except (OSError, asyncio.IncompleteReadError):
                # Where it is restarted there is nobody for a moment; nowhere else.
                self.broken += 1
                if server is self.through:
                    self.wrong.append(f"no answer to {path}")
                last.pop(port, None)
                await asyncio.sleep(0.1)
                continue
            except TimeoutError:
                self.wrong.append(f"no answer to {path} in 20 seconds")
                continue
            self.statuses[status] += 1
            if path == "/mcp" and json.loads(body)["result"]["isError"]:
                self.wrong.append(f"an assistant was refused: {body[:200]!r}")
            self._look(path, status, headers, body, port, last, walk)
            await asyncio.sleep(max(0, CLIENTS / self.rate - (time.perf_counter() - began)))

    def _look(
        self, path: str, status: int, headers: dict[str, str], body: bytes, port: int,
        last: dict[int, int], walk: dict[int, str],
    ) -> None:  # fmt: skip
        """Whether an answer is what it says to be."""
        if status == 503 and "retry-after" in headers:
            return
        if status != _REFUSED.get(path, 200):
            self.wrong.append(f"{status} for {path}: {body[:200]!r}")
        if status != 200 or "dataset-release" not in headers:
            return
        release = int(headers["dataset-release"])
        if "as_of" in path:
            if f"as_of={release}&" not in path:
                self.wrong.append(f"release {release} for {path}")
            return
        if "cursor=" not in path:  # a walk goes on in the release in which it began
            if release < last.get(port, 0) and port == self.through.port:
                self.wrong.append(f"release {release} after {last[port]}: {path}")
            last[port] = release
        if path == _MARKED and json.loads(body)["summary"] != _summary(release):
            self.wrong.append(f"release {release} has the content of another: {body!r}")
        if "format=" not in path and path.startswith("/agreements?"):
            page = json.loads(body)
            if page["release"] != release:
                self.wrong.append(f"release {page['release']} under the header of {release}")
            if page["next"]:
                walk[port] = page["next"][page["next"].index("/agreements") :]

    async def download(self) -> None:
        """Take a table, again and again, and see that it is whole."""
        while not self.over:
            try:
                status, headers, body = await get(self.through.port, "/commitments?format=csv")
            except (OSError, asyncio.IncompleteReadError) as error:
                self.wrong.append(f"a table broke off: {error!r}")
            else:
                rows = body.count(b"\r\n") - 1
                if status == 200 and rows != int(headers["dataset-total"]):
                    self.wrong.append(f"a table of {rows} rows, not {headers['dataset-total']}")
            await asyncio.sleep(1)

    async def slow(self, number: int) -> None:
        """Take a byte a second; half of them never finish what they say."""
        while not self.over:
            with suppress(OSError, TimeoutError):
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", self.through.port, limit=256
                )
                writer.write(b"GET /commitments?format=csv HTTP/1.1\r\nHost: x\r\n")
                if number % 2:
                    writer.write(b"\r\n")
                until = time.monotonic() + 20
                while time.monotonic() < until and not reader.at_eof():
                    if self.over:
                        break
                    if number % 2:
                        await asyncio.wait_for(reader.read(1), 15)
                    await asyncio.sleep(1)
                writer.close()


async def get(port: int, path: str, sent: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an answer; to a JSON object that is sent, if there is one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    begin = f"{'POST' if sent else 'GET'} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    if sent:
        begin += f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n"
    try:
        writer.write(f"{begin}\r\n".encode() + sent)
        head, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {n.lower(): v.strip() for n, _, v in (line.partition(":") for line in lines)}
        if "content-length" in headers:
            body = await reader.readexactly(int(headers["content-length"]))
        else:
            body = b""
            while size := int(await reader.readuntil(b"\r\n"), 16):
                body += (await reader.readexactly(size + 2))[:-2]
            await reader.readexactly(2)
    finally:
        writer.close()
    return int(head.split()[1]), headers, body


_MARKED = "/actors/marked?fields=summary"
_REFUSED = {"/agreements?topc=x": 422, "/actors/nobody": 404}


def _agreement(chance: random.Random) -> str:
    return f"agreement-{chance.randint(1, 10)}-{chance.randint(0, 99)}"


def _draft(chance: random.Random, quotes: list[str]) -> bytes:
    """Quotations that are on record, with now and then a word left out."""
    words = [chance.choice(quotes).split() for _ in range(chance.randint(1, 60))]
    for quotation in words:
        quotation.pop(chance.randrange(len(quotation)) if chance.random() < 0.5 else -1)
    text = "\n\n".join(f"The minister said: “{' '.join(quotation)}”" for quotation in words)
    return json.dumps({"text": text}).encode()


def _question(chance: random.Random, _: list[str]) -> bytes:
    arguments = {"type": "agreement", "limit": chance.randint(1, 10)}
    params = {"name": "list", "arguments": arguments}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return json.dumps(message).encode()


_TEXTS: dict[str, Callable[[random.Random, list[str]], bytes]] = {
    "/check": _draft,
    "/mcp": _question,
}
"""What is sent by `POST`, by path."""
_PATHS: list[Callable[[random.Random, int], str]] = [
    lambda _, __: _MARKED,
    lambda _, __: "/agreements?limit=20",
    lambda chance, _: f"/agreements?limit={chance.randint(1, 200)}&sort=title",
    lambda chance, _: f"/search?q={chance.choice('abcdefghij')}*&limit={chance.randint(1, 50)}",
    lambda chance, _: f"/agreements?topic=defense&limit={chance.randint(1, 50)}&format=html",
    lambda chance, _: f"/commitments?limit={chance.randint(1, 50)}&facet=status",
    lambda chance, now: f"/agreements?as_of={max(1, now - chance.randint(1, 2))}&limit=20",
    lambda _, __: "/changes?limit=5",
    lambda _, __: "/",
    lambda chance, _: f"/embed/agreement/{_agreement(chance)}",
    lambda chance, _: f"/oembed?url=http://x/agreements/{_agreement(chance)}",
    lambda chance, _: f"/agreements/{_agreement(chance)}?format=png",
    *(lambda _, __, path=path: path for path in _TEXTS),
    *(lambda _, __, path=path: path for path in _REFUSED),
]


def _summary(release: int) -> str:
    return f"As release {release} has it."


def _publish(folder: Path, environment: dict[str, str], files: list[str], number: int) -> None:
    """Publish a release whose number is in what it says."""
    marked = json.loads((PROJECT / "data" / "seed.json").read_text(encoding="utf-8"))
    actor = next(entry for entry in marked["actors"] if entry["kind"] == "publisher")
    own = {"actors": [{**actor, "id": "marked", "title": "Marked", "summary": _summary(number)}]}
    (folder / "marked.json").write_text(json.dumps(own), encoding="utf-8")
    done = subprocess.run(
        [READOUT, "load", *files, str(folder / "marked.json")],
        env={**os.environ, **environment}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if f"release {number} is published" not in done.stdout:
        raise RuntimeError(done.stdout + done.stderr)


async def _soak(minutes: float, folder: Path) -> int:
    environment = {
        "READOUT_DATABASE_URL": f"sqlite:///{folder / 'readout.db'}",
        "READOUT_KEEP_RELEASES": str(KEPT),
        "READOUT_LOG_REQUESTS": "false",
        "READOUT_CACHE_MIB": "16",
        "READOUT_PUBLIC_URL": "http://x",  # so that an address to embed can be written beforehand
    }
    files = [str(file) for file in synthesize(folder / "data", 1_000)]
    _publish(folder, environment, files, 1)
    soak = Soak(Server(environment), Server(environment))
    for server in (soak.through, soak.restarted):
        server.await_answer()
    _, _, body = await get(soak.through.port, "/quotes?limit=200&fields=text")
    soak.quotes = [quote["text"] for quote in json.loads(body)["items"]]
    tasks = [
        *(asyncio.create_task(soak.client(number)) for number in range(CLIENTS)),
        *(asyncio.create_task(soak.download()) for _ in range(DOWNLOADS)),
        *(asyncio.create_task(soak.slow(number)) for number in range(SLOW)),
    ]
    # What it can do: as fast as the clients ask, for some seconds.
    soak.rate, before, began = 1e6, sum(soak.statuses.values()), time.monotonic()
    await asyncio.sleep(5)
    soak.rate = SHARE * (sum(soak.statuses.values()) - before) / (time.monotonic() - began)
    print(f"{soak.rate:.0f} requests a second are {SHARE:.0%} of what it does", flush=True)
    ends, taken = time.monotonic() + 60 * minutes, list[tuple[float, int]]()
    publish_at, restart_at = time.monotonic() + RELEASE_EVERY, time.monotonic() + RESTART_EVERY
    while time.monotonic() < ends and not soak.wrong:
        await asyncio.sleep(1)
        taken.append(soak.through.takes())
        if time.monotonic() > publish_at:
            number = soak.published + 1
            await asyncio.to_thread(_publish, folder, environment, files, number)
            soak.published, publish_at = number, time.monotonic() + RELEASE_EVERY
        if time.monotonic() > restart_at:
            await asyncio.to_thread(soak.restarted.restart)
            restart_at = time.monotonic() + RESTART_EVERY
    soak.over = True
    await asyncio.wait(tasks, timeout=40)
    soak.through.end()
    soak.restarted.end()
    return _judged(soak, taken)


def _judged(soak: Soak, taken: list[tuple[float, int]]) -> int:
    third = len(taken) // 3
    parts = [taken[at * third : (at + 1) * third] for at in range(3)]
    memory = [median([sample[0] for sample in part] or [0]) for part in parts]
    opened = [median([sample[1] for sample in part] or [0]) for part in parts]
    answers = ", ".join(
        f"{count:,} with {status}" for status, count in sorted(soak.statuses.items())
    )
    print(f"answers: {answers}; {soak.broken} found nobody during a restart")
    print(f"{soak.published} releases; by thirds of the time: memory "
          f"{', '.join(f'{part:.0f} MB' for part in memory)}; "
          f"open files {', '.join(f'{part:.0f}' for part in opened)}")  # fmt: skip
    answered = sum(soak.statuses.values())
    if soak.statuses[200] < answered * _WELL:
        soak.wrong.append(f"only {soak.statuses[200]:,} of {answered:,} answered with 200")
    for line in soak.wrong[:10]:
        print(f"WRONG: {line}")
    grown = memory[2] > memory[1] * (1 + GROWTH) or opened[2] > opened[1] + 5
    if grown:
        print("WRONG: memory or open files grow")
    return 1 if soak.wrong or grown else 0


def main() -> int:
    """Soak it."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak")
    parser.add_argument("--minutes", type=float, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="readout-soak-") as folder:
        return asyncio.run(_soak(options.minutes, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
