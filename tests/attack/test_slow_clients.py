"""Many clients that are slow on purpose, or in haste, and those who come beside them."""

import asyncio
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from bench.synthetic import synthesize
from tests.conftest import Program, Server, load, serving, wait_until
from tests.needs import slowhttptest, wrk

pytestmark = pytest.mark.attack
SECONDS = 25
CONNECTIONS = 1_000
MODES = {
    "heads that never end": ["-H", "-i", "5"],
    "bodies that never end": ["-B", "-i", "5", "-s", "8192"],
    "drafts that never end": ["-B", "-i", "5", "-s", "8192"],
    "ranges by the hundred": ["-R", "-a", "1", "-b", "3000"],
    "answers that nobody reads": ["-X", "-w", "1", "-y", "5", "-n", "5", "-z", "32", "-k", "3"],
}
PATHS = {
    "answers that nobody reads": "/commitments?format=csv",
    "drafts that never end": "/check",
}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with answers that are larger than what sockets hold."""
    folder = tmp_path_factory.mktemp("attacked")
    load([str(file) for file in synthesize(folder / "data", 1_500)], folder / "readout.db")
    return folder / "readout.db"


@pytest.mark.parametrize("mode", MODES)
def test_the_others_are_served_and_nothing_stays(mode: str, database: Path, tmp_path: Path) -> None:
    with serving(database) as server, httpx.Client(base_url=server.url, timeout=5) as client:
        assert client.get("/agreements").status_code == 200
        files = Path(f"/proc/{server.process.pid}/fd")
        before, most = len(list(files.iterdir())), 0
        path = PATHS.get(mode, "/agreements")
        attack = threading.Thread(
            target=subprocess.run,
            args=([slowhttptest(), *MODES[mode], "-c", str(CONNECTIONS), "-r", "300",
                   "-l", str(SECONDS), "-u", server.url + path],),
            kwargs={"stdout": subprocess.DEVNULL, "check": False, "cwd": tmp_path},
        )  # fmt: skip
        attack.start()
        took = []
        while attack.is_alive():
            began = time.monotonic()
            assert client.get("/agreements?limit=5").status_code == 200
            took.append(time.monotonic() - began)
            most = max(most, len(list(files.iterdir())))
            time.sleep(0.05)
        attack.join()
        half, slowest = (1000 * took for took in (sorted(took)[len(took) // 2], max(took)))
        print(  # noqa: T201 - what it is for
            f"\n{mode}: {len(took)} requests beside it, half within {half:.1f} ms, the slowest "
            f"{slowest:.0f} ms; up to {most - before} connections"
        )
        assert len(took) > SECONDS
        last = time.monotonic() + 45  # a client that takes nothing is cut off after 30 seconds
        while len(list(files.iterdir())) > before + 2:
            assert time.monotonic() < last, len(list(files.iterdir())) - before
            time.sleep(0.5)


async def newcomers(port: int, number: int, seconds: float) -> list[bytes]:
    """The beginning of the answer to each of so many new clients; each waits for five seconds."""

    async def one(after: float) -> bytes:
        await asyncio.sleep(after)
        with suppress(OSError):  # among them that it took too long
            async with asyncio.timeout(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
                answer = await reader.read(12)
                writer.close()
                return answer
        return b""

    return await asyncio.gather(*(one(at * seconds / number) for at in range(number)))


def test_who_is_new_is_answered_in_a_crowd(database: Path) -> None:
    with serving(database) as server:
        url = f"{server.url}/agreements?limit=20"
        crowd = [wrk(), "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", url]
        with subprocess.Popen(crowd, stdout=subprocess.DEVNULL) as busy:
            time.sleep(3)
            port = int(server.url.rpartition(":")[2])
            answers = asyncio.run(newcomers(port, 1_800, SECONDS - 10))
            assert busy.poll() is None
        assert answers == [b"HTTP/1.1 200"] * 1_800


@contextmanager
def many(server: Server, number: int, sent: bytes) -> Iterator[list[socket.socket]]:
    """So many connections, on each of which this was sent, and whose answers nobody reads."""
    address = "127.0.0.1", int(server.url.rpartition(":")[2])
    clients = [socket.socket() for _ in range(number)]
    try:
        for client in clients:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.settimeout(5)
            with suppress(OSError):  # it may be ended before it was all sent
                client.connect(address)
                client.sendall(sent)
        yield clients
    finally:
        for client in clients:
            client.close()


def memory(server: Program) -> int:
    """The memory of its process, in MiB."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) // 1024


HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    "head", [HEAD, HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n"], ids=["head", "trailer"]
)
def test_headers_without_number_take_no_memory(database: Path, head: bytes) -> None:
    with serving(database) as server:
        assert httpx.get(server.url).status_code == 200
        before = memory(server)
        with many(server, 500, head + b"a:\r\n" * 30_000):
            grown = memory(server) - before
            assert httpx.get(server.url).status_code == 200
    print(f"\n500 times 30,000 headers: {grown} MiB")  # noqa: T201 - what it is for
    assert grown < 50


def test_what_nobody_takes_is_given_back(database: Path) -> None:
    with serving(database) as server:
        assert httpx.get(server.url).status_code == 200
        before = memory(server)
        asking = b"GET /commitments?format=csv HTTP/1.1\r\nHost: x\r\n\r\n"
        with many(server, CONNECTIONS, asking):
            time.sleep(20)
            grown = memory(server) - before
            assert httpx.get(f"{server.url}/health/live").status_code == 200
        wait_until(lambda: memory(server) - before < 100, seconds=30)
    print(f"\n{CONNECTIONS} who take nothing: {grown} MiB, and given back")  # noqa: T201 - see above
