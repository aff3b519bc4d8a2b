"""The wire: clients that make the server wait, and others that ask meanwhile."""

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from urllib.parse import quote

import httpx2 as httpx
import pytest
import uvicorn
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.http import protocol
from app.http.protocol import MAX_BODY, Protocol
from app.main import App
from app.settings import Settings
from tests.conftest import wait_until

KEEP_ALIVE = 1  # seconds
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


class Impatient(Protocol):
    """The same with shorter times."""

    request_seconds = 0.5
    stalled_seconds = 1.2
    look_every = 0.1


@pytest.fixture(scope="module")
def port(seeded: Path) -> Iterator[int]:
    """A server that does not wait for long."""
    listening = socket.create_server(("127.0.0.1", 0))
    app = App(Settings(database_url=f"sqlite:///{seeded}"))

    async def with_a_large_file(scope: Scope, receive: Receive, send: Send) -> None:
        # More than the system takes from a server for a client that takes nothing.
        if scope.get("path") == "/large":
            await StreamingResponse(iter([b"x" * 2**16] * (LARGE // 2**16)))(scope, receive, send)
        elif scope.get("path") == "/whole":
            await Response(b"x" * LARGE)(scope, receive, send)
        else:
            await app.asgi(scope, receive, send)

    config = uvicorn.Config(
        with_a_large_file, log_config=None, http=Impatient, ws="none", timeout_keep_alive=KEEP_ALIVE
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=asyncio.run, args=(server.serve([listening]),))
    thread.start()
    yield listening.getsockname()[1]
    server.should_exit = True
    thread.join()


LARGE = 32 * 2**20


def large(port: int, path: bytes = b"/large", connection: bytes = b"close") -> socket.socket:
    """A client that has asked for a large file, and takes it in small parts."""
    slow = socket.socket()
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    slow.settimeout(10)
    slow.connect(("127.0.0.1", port))
    slow.sendall(b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: %b\r\n\r\n" % (path, connection))
    return slow


def connected(port: int, sent: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.sendall(sent)
    return connection


def flooded(port: int, head: bytes, piece: bytes) -> bytes:
    """The beginning of the answer to a request without an end, if it can be read."""
    with connected(port, head) as flood:
        with suppress(ConnectionError):
            for _ in range(512):
                flood.sendall(piece)
            pytest.fail("it was all taken")
        with suppress(ConnectionError):
            return flood.recv(12)
    return b""


def rest(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65_536), b""))


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ",
        b"GET /agre",
        b"\r\n\r\n",
    ],
)
def test_a_request_that_never_ends_is_ended(port: int, sent: bytes) -> None:
    with connected(port, sent) as half_open:
        answer = rest(half_open)
    body = answer.rpartition(b"\r\n\r\n")[2]
    assert b" 408 Request Timeout" in answer
    assert json.loads(body)["type"] == "urn:readout:problem:request-timeout"


@pytest.mark.parametrize(
    ("head", "answer"),
    [
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ", b"HTTP/1.1 431"),
        (b"GET /", b"HTTP/1.1 414"),
        (CHUNKED + b"0\r\nX-Trailer: ", b"HTTP/1.1 200"),
    ],
)
def test_what_never_ends_is_not_taken_in(port: int, head: bytes, answer: bytes) -> None:
    assert flooded(port, head, b"x" * 2**16) in (answer, b"")


@pytest.mark.parametrize(
    ("head", "answers"),
    [(HEAD, (b"HTTP/1.1 431", b"")), (CHUNKED + b"0\r\n", (b"HTTP/1.1 200", b""))],
)
def test_headers_are_counted_as_they_come(
    port: int, head: bytes, answers: tuple[bytes, ...]
) -> None:
    assert flooded(port, head, b"a:\r\n" * 2**14) in answers


@pytest.mark.parametrize(("number", "status"), [(100, b"200"), (101, b"431")])
def test_so_many_headers_are_enough(port: int, number: int, status: bytes) -> None:
    close = b"Connection: close\r\n"
    with connected(port, HEAD + close + b"a:\r\n" * (number - 2) + b"\r\n") as client:
        head, _, body = rest(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 " + status)
    assert status == b"200" or "more than 100 headers" in json.loads(body)["detail"]


def test_what_is_answered_before_its_end_has_one_answer(port: int) -> None:
    head = b"POST /agreements HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc"
    with connected(port, head) as half_open:
        answer = rest(half_open)
    assert answer.startswith(b"HTTP/1.1 405")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_an_old_client_gets_no_pieces(port: int) -> None:
    with connected(port, b"GET /large HTTP/1.0\r\n\r\n") as old:
        head, _, body = rest(old).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"transfer-encoding" not in head
    assert body == b"x" * LARGE


@pytest.mark.parametrize(
    "sent",
    [
        "GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        "get / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GÉT / HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_what_is_no_request_is_told_what_is_wrong(port: int, sent: str) -> None:
    with connected(port, sent.encode()) as client:
        head, _, body = rest(client).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert b"content-security-policy: default-src 'none'" in head
    assert json.loads(body)["detail"]


@pytest.mark.parametrize("target", ["/search?q=日本", "/search?q=Élysée", "/é?日=本"])
def test_a_url_is_read_as_it_is_typed(port: int, target: str) -> None:
    sent = f"GET {target} HTTP/1.1\r\nHost: x\r\nX-Name: é\r\nConnection: close\r\n\r\n".encode()
    encoded = sent.replace(target.encode(), quote(target, safe="/?=").encode())
    answers = []
    for pieces in ([encoded], [sent], [bytes([byte]) for byte in sent]):
        with connected(port) as client:
            for piece in pieces:
                client.sendall(piece)
                time.sleep(0.002 if len(pieces) > 1 else 0)
            answers.append(rest(client).partition(b"\r\n\r\n")[2])
    assert answers[0] == answers[1] == answers[2]
    assert b"urn:readout:problem:malformed" not in answers[0]


def test_no_byte_of_a_body_is_taken_for_a_url(port: int) -> None:
    # It is as long as it says, and the next request begins behind it, at whatever piece.
    body = "é日本".encode()
    first = HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    last = "GET /search?q=日本 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    for cut in range(len(first) - len(body) - 4, len(first) + 1):
        with connected(port, first[:cut]) as client:
            time.sleep(0.01)
            client.sendall(first[cut:])
            answer = client.recv(65_536)  # so that what follows comes in a piece of its own
            client.sendall(last)
            answer += rest(client)
        assert answer.count(b"HTTP/1.1 200") == 2, cut
        assert '"q":"日本"'.encode() in answer


def test_what_is_sent_ahead_is_split_where_it_was(port: int) -> None:
    """A second request in the piece of the first one: nothing of it is made longer."""
    body = "é\nGET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    sent = HEAD + b"\r\n" + HEAD + b"Content-Length: %d\r\n\r\n" % len(body)
    with connected(port, sent) as client:
        time.sleep(0.05)
        client.sendall(body + HEAD + b"Connection: close\r\n\r\n")
        answer = rest(client)
    assert answer.count(b"HTTP/1.1 200") == 3
    assert b"HTTP/1.1 404" not in answer


def test_a_drop_now_and_then_does_not_help(port: int) -> None:
    with connected(port, b"GET / HTTP/1.1\r\n") as half_open:
        for _ in range(100):
            try:
                half_open.sendall(b"X-Slow: yes\r\n")
            except OSError:
                break
            time.sleep(0.05)
        else:
            pytest.fail("it was never ended")


def test_half_open_connections_do_not_starve_others(port: int) -> None:
    many = [connected(port, b"GET / HTTP/1.1\r\n") for _ in range(200)]
    assert httpx.get(f"http://127.0.0.1:{port}/agreements").status_code == 200
    for half_open in many:
        with half_open:
            assert b" 408 " in rest(half_open)


def test_a_connection_that_is_kept_may_rest_between_requests(port: int) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        client.get("/agreements")
        time.sleep(0.5)
        stream = client.get("/agreements")
        assert stream.status_code == 200


def test_one_that_rests_for_too_long_is_ended(port: int) -> None:
    with connected(port, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n") as resting:
        began = time.monotonic()
        assert rest(resting).startswith(b"HTTP/1.1 200")
    assert KEEP_ALIVE - 0.1 < time.monotonic() - began < KEEP_ALIVE + 1


def test_a_body_is_left_out_within_a_bound(port: int) -> None:
    head = b"GET /actors/japan HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    with connected(port, head % 100_000 + b"x" * 100_000) as talkative:
        assert talkative.recv(20).startswith(b"HTTP/1.1 200")
    with connected(port, head % (MAX_BODY * 64)) as flood, suppress(ConnectionError):
        for _ in range(64):
            flood.sendall(b"x" * MAX_BODY)
        pytest.fail("it was never ended")


@pytest.mark.parametrize("path", [b"/large", b"/whole"])
@pytest.mark.parametrize("connection", [b"close", b"keep-alive"])
def test_who_takes_nothing_of_an_answer_is_cut_off(
    port: int, path: bytes, connection: bytes
) -> None:
    with large(port, path, connection) as slow:
        time.sleep(2)
        taken = 0
        with suppress(ConnectionResetError):
            while piece := slow.recv(65_536):
                taken += len(piece)
    assert taken < LARGE


def test_who_takes_too_little_is_cut_off(port: int) -> None:
    with large(port) as slow, suppress(ConnectionResetError):
        for _ in range(100):
            if not slow.recv(512):
                break
            time.sleep(0.1)
        else:
            pytest.fail("it was never ended")


def test_beyond_so_many_connections_only_health_is_answered(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connected(port, b"GET /agreements HTTP/1.1\r\n") as last, ExitStack() as crowd:
        monkeypatch.setattr(protocol, "MAX_CONNECTIONS", 20)
        for _ in range(20):
            crowd.enter_context(connected(port))
        answer = httpx.get(f"http://127.0.0.1:{port}/health/live")
        assert answer.status_code == 200
        last.sendall(b"Host: x\r\n\r\n")
        head, _, body = rest(last).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503")
        assert b"retry-after: 5" in head
        assert "all of 20 connections" in json.loads(body)["detail"]
    wait_until(lambda: httpx.get(f"http://127.0.0.1:{port}/agreements").status_code == 200)


def test_who_takes_a_little_all_the_time_gets_it_all(port: int) -> None:
    with large(port) as slow:
        began, taken = time.monotonic(), 0
        while piece := slow.recv(65_536):
            taken += len(piece)
            if time.monotonic() - began < 2:
                time.sleep(0.01)
    assert taken > LARGE


@pytest.mark.parametrize("path", [b"/large", b"/whole"])
@pytest.mark.parametrize("more", [b"\r\n", b"G", b"nonsense\r\n\r\n"])
def test_nothing_is_written_into_an_answer(port: int, path: bytes, more: bytes) -> None:
    """Whatever comes after a request; nonsense ends the connection, so that nothing looks whole."""
    with large(port, path, b"keep-alive") as slow:
        time.sleep(0.1)
        slow.sendall(more)
        came, began = bytearray(), time.monotonic()
        with suppress(ConnectionResetError):
            while piece := slow.recv(2**16):
                came += piece
                if time.monotonic() - began < 1:  # longer than a request may take to come
                    time.sleep(0.01)
    answer, refusal, _ = came.partition(b"HTTP/1.1 400" if b"nonsense" in more else b"HTTP/1.1 408")
    if refusal or b"nonsense" not in more:
        assert answer.count(b"x" * 2**16) == LARGE // 2**16  # it is behind the whole answer
        assert answer.endswith(b"0\r\n\r\n" if path == b"/large" else b"x")
    else:
        assert answer.count(b"x") < LARGE


def test_nobody_sends_requests_without_end_ahead_of_their_answers(port: int) -> None:
    with connected(port) as flood, suppress(ConnectionError):
        flood.sendall((HEAD + b"\r\n") * 5_000)
        assert rest(flood).count(b"HTTP/1.1 200") < 5_000
    assert httpx.get(f"http://127.0.0.1:{port}/health/live").status_code == 200


@pytest.mark.parametrize("then", [b"GET /?%b HTTP/1.1\r\nHost: x\r\n\r\n", HEAD + b"X: %b\r\n\r\n"])
def test_what_is_sent_ahead_has_the_same_limits(port: int, then: bytes) -> None:
    first = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(port, first + then % (b"x" * 70_000)) as ahead:
        came = b""
        with suppress(ConnectionError):
            came = rest(ahead)
    assert came.count(b"HTTP/1.1 200") <= 1
    assert b"HTTP/1.1 4" not in came  # it would be the answer to the first
