"""The two paths that take a text, and what leads into the pages of others."""

import socket
import threading
import time
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx2 as httpx
import pytest

from app.http.paths import PATHS
from bench.synthetic import synthesize
from tests.conftest import Program, Server, load, serving
from tests.test_proofread import HOSTILE

pytestmark = pytest.mark.attack
CLIENTS = 8
GROWTH = 64 * 2**20  # bytes, which the interpreter may keep of the largest drafts


def memory(server: Program) -> int:
    """The memory of a server, in bytes."""
    pages = Path(f"/proc/{server.process.pid}/statm").read_text("utf-8").split()[1]
    return int(pages) * 4_096


def test_hostile_drafts_keep_nobody_waiting(tmp_path: Path) -> None:
    files = [str(file) for file in synthesize(tmp_path / "data", 1_000)]
    load(files, tmp_path / "readout.db")
    statuses: set[int] = set()

    def send(server: Program, first: int) -> None:
        with httpx.Client(base_url=server.url, timeout=60) as client:
            for draft in HOSTILE[first::2] * 2:
                as_html = {"content-type": "text/html"}
                statuses.add(client.post("/check", content=draft, headers=as_html).status_code)
                call = {"name": "check", "arguments": {"text": draft}}
                body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
                statuses.add(client.post("/mcp", json=body).status_code)

    with serving(tmp_path / "readout.db") as server, httpx.Client(base_url=server.url) as client:
        send(server, 0)
        before = memory(server)
        senders = [threading.Thread(target=send, args=(server, at % 2)) for at in range(CLIENTS)]
        for sender in senders:
            sender.start()
        took = []
        while any(sender.is_alive() for sender in senders):
            began = time.monotonic()
            assert client.get("/agreements?limit=5").status_code == 200
            took.append(time.monotonic() - began)
            time.sleep(0.02)
        assert statuses <= {200, 422, 503}  # some are empty but for markup
        half, slowest = sorted(took)[len(took) // 2], max(took)
        print(  # noqa: T201 - what it is for
            f"\nbeside hostile drafts: {1000 * half:.0f} ms, at most {1000 * slowest:.0f} ms"
        )
        assert half < 0.1
        assert slowest < 2
        assert memory(server) < before + GROWTH


def test_nothing_but_cards_can_be_framed(server: Server) -> None:
    with httpx.Client(base_url=server.url) as client:
        for path in (*PATHS, "/oembed", "/mcp", "/embed/x/y", "/static/style.css", "/actors/japan"):
            for accept in ("text/html", "*/*"):
                answer = client.get(path, headers={"accept": accept})
                assert answer.headers["x-frame-options"] == "DENY", path
                assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], path


def test_no_address_is_fetched_for_oembed(server: Server) -> None:
    asked: list[str] = []

    def listen(listening: socket.socket) -> None:
        with suppress(OSError):
            listening.accept()
            asked.append("somebody")

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        other.settimeout(2)
        listener = threading.Thread(target=listen, args=(other,))
        listener.start()
        url = f"http://127.0.0.1:{other.getsockname()[1]}/quotes/x"
        answer = httpx.get(f"{server.url}/oembed", params={"url": url})
        listener.join()
    assert (answer.status_code, asked) == (404, [])


def test_a_draft_that_never_ends_is_given_up(server: Server) -> None:
    port = int(server.url.rpartition(":")[2])
    head = b"POST /check HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n"
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20))
            for _ in range(200)
        ]
        for client in clients:
            client.sendall(head + b"a draft")
        began = time.monotonic()
        assert httpx.post(f"{server.url}/check", content="“a b”").status_code == 200
        assert time.monotonic() - began < 2
        assert {client.recv(12) for client in clients} == {b"HTTP/1.1 408"}
        assert time.monotonic() - began < 15
