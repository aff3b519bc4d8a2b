"""Requests whose end can be read in two ways: no second request hides in one (RFC 9112, 11.2)."""

import re
import socket
from contextlib import suppress

import pytest

from tests.conftest import Server

HIDDEN = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked"


def asking(*headers: bytes, line: bytes = b"GET /health/live HTTP/1.1", body: bytes = b"") -> bytes:
    """A request, and what comes after its head."""
    return b"\r\n".join([line, b"Host: x", *headers, b"", body])


def answers(server: Server, sent: bytes) -> list[int]:
    """The statuses of what comes back, until the server closes or has nothing more to say."""
    port = int(server.url.rpartition(":")[2])
    came = b""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(sent)
        with suppress(ConnectionResetError, TimeoutError):
            while piece := client.recv(2**16):
                came += piece
                client.settimeout(0.3)
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", came)]


def chunked(body: bytes) -> bytes:
    """A body in one piece and its end."""
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)


@pytest.mark.parametrize(
    "sent",
    [
        # Two lengths, or a length and pieces.
        asking(b"Content-Length: 6", b"Content-Length: 5", body=b"0\r\n\r\nG"),
        asking(b"Content-Length: 4", CHUNKED, body=chunked(HIDDEN)),
        asking(CHUNKED, b"Content-Length: 4", body=chunked(HIDDEN)),
        # Lengths that are none.
        asking(b"Content-Length: -1", body=HIDDEN),
        asking(b"Content-Length: +5", body=b"hello" + HIDDEN),
        asking(b"Content-Length: 0x5", body=b"hello" + HIDDEN),
        asking(b"Content-Length: 5, 5", body=b"hello" + HIDDEN),
        asking(b"Content-Length: 99999999999999999999999", body=HIDDEN),
        # Names and values that another program may read otherwise.
        asking(b"Content-Length : 5", body=b"hello" + HIDDEN),
        asking(b"Transfer-Encoding : chunked", body=chunked(HIDDEN)),
        asking(b"Transfer-Encoding: xchunked", body=HIDDEN),
        asking(b"Transfer-Encoding: chunked, identity", body=HIDDEN),
        asking(b"Transfer-Encoding:\x0bchunked", body=HIDDEN),
        asking(b"X: a\x00b", body=HIDDEN),
        asking(b"X: a\r\n folded: b", b"Content-Length: 5", b"Content-Length: 6", body=HIDDEN),
        # Pieces that are none.
        asking(CHUNKED, body=b"zz\r\n" + HIDDEN),
        asking(CHUNKED, body=b"-1\r\n" + HIDDEN),
        asking(CHUNKED, body=b"fffffffffffffffff\r\n" + HIDDEN),
        asking(CHUNKED, body=b"5\r\nhelloX\r\n" + HIDDEN),
        # No request at all.
        asking(line=b"GET / HTTP/1.1 HTTP/1.1", body=HIDDEN),
        asking(line=b"GET /\x01 HTTP/1.1", body=HIDDEN),
        asking(line=b"GET / HTTP/9.9", body=HIDDEN),
        b"\x16\x03\x01\x02\x00\x01\x00" + HIDDEN,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        # Another version, what no client sends, and nobody or two who are asked (RFC 9112, 3.2).
        asking(line=b"GET / HTTP/2.0", body=HIDDEN),
        asking(line=b"GET / HTTP/0.9", body=HIDDEN),
        asking(line=b"GET /agreements#top HTTP/1.1", body=HIDDEN),
        b"GET / HTTP/1.1\r\n\r\n" + HIDDEN,
        asking(b"Host: x", body=HIDDEN),
        asking(b"hOST: y", line=b"GET / HTTP/1.0", body=HIDDEN),
        HIDDEN.replace(b": x", b": x, y") + HIDDEN,
        HIDDEN.replace(b": x", b": x/y") + HIDDEN,
        HIDDEN.replace(b": x", b": x:port") + HIDDEN,
        HIDDEN.replace(b": x", b": me@x") + HIDDEN,
        HIDDEN.replace(b": x", b": [::1") + HIDDEN,
        HIDDEN.replace(b": x", "é".encode()) + HIDDEN,
    ],
)
def test_nothing_hides_in_a_request(server: Server, sent: bytes) -> None:
    # Refused at once, or answered when its head is read and refused then: what hides never is.
    assert answers(server, sent) in ([400], [200, 400])


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        # What can be read in one way is read so, and what comes after it is the next request.
        (asking(b"Content-Length: 5", body=b"hello" + HIDDEN), [200, 200]),
        (asking(CHUNKED, body=chunked(HIDDEN) + HIDDEN), [200, 200]),
        (HIDDEN * 5, [200] * 5),
        (asking(b"Content-Length: 38", line=b"POST /agreements HTTP/1.1", body=HIDDEN), [405]),
        (asking(line=b"HEAD /health/live HTTP/1.1", body=HIDDEN), [200, 200]),
        (asking(b"Connection: close", body=HIDDEN), [200]),
        (asking(line=b"GET /health/live HTTP/1.0", body=HIDDEN), [200]),
        (asking(line=b"GET http://evil.example/health/live HTTP/1.1"), [200]),
        (asking(b"Upgrade: h2c", b"Connection: Upgrade"), [200]),
        # An old client names nobody, and one that has no name sends none.
        (b"GET /health/live HTTP/1.0\r\n\r\n", [200]),
        *(
            (HIDDEN.replace(b": x", b": " + host), [200])
            for host in (b"", b"x.example:8000", b"x:", b"[::1]:8000", b"127.0.0.1", b"a_b.x%C3%A9")
        ),
    ],
)
def test_what_is_clear_is_answered(server: Server, sent: bytes, statuses: list[int]) -> None:
    assert answers(server, sent) == statuses
