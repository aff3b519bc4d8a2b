"""The wire: bytes that never become a request are answered with problem details, too.

A connection that makes the server wait is ended, so that nobody can hold what others need.
"""

import asyncio
import fcntl
import re
import socket
import struct
import sys
import termios
from collections.abc import Awaitable
from functools import partial
from typing import Any, ClassVar, cast

from starlette.responses import Response
from uvicorn._types import (
    ASGI3Application,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    Scope,
)
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from app import metrics
from app.http.bodies import POSTED
from app.http.cache import Head
from app.http.edge import EVERYWHERE, POLICY, refuse
from app.problems import (
    MEDIA_TYPE,
    HeadersTooLarge,
    Malformed,
    Problem,
    RequestTimeout,
    Unavailable,
    UrlTooLong,
)

_typed = re.compile(rb"[\x80-\xff]")
MAX_URL = 8 * 1024  # bytes
MAX_HEADERS = 100
MAX_HEAD = 32 * 1024  # bytes, and a piece
MAX_AHEAD = 20  # requests that are sent before the answer to the first
_PIECE = 4 * 1024  # bytes
_VERSIONS = {"1.1", "1.0"}
_HOST = re.compile(rb"([\w.~!$&'()*+,;=%-]*|\[[\da-fA-F:.]+\])(:\d*)?")  # RFC 3986, 3.2
MAX_CONNECTIONS = 4_000
LEAST_TAKEN = 32 * 1024  # bytes
MAX_BODY = 1024 * 1024  # as sent; hardly any is read, but a client may send one all the same


class Protocol(HttpToolsProtocol):
    """Bounds a request in size and time, and refuses it with problem details."""

    request_seconds: ClassVar[float] = 10
    """From the first byte of a request to its last one, and from a connection to a request."""
    stalled_seconds: ClassVar[float] = 30
    """How long a client may take for so many bytes of an answer as are the least."""
    look_every: ClassVar[float] = 2  # seconds
    cut: ClassVar[int] = 0
    """How many answers were cut since somebody cleared up."""

    url = b""
    _answering: RequestResponseCycle | None = None
    _in_head = True
    _hosts: list[bytes] | None = None  # of the request before
    _in_line = True
    """Whether the next piece begins in the first line of a request, for certain."""
    _received = 0  # bytes since the end of the request before
    _waiting_since: float | None = None
    _taken = 0  # bytes of answers, when the client had taken as many as it must
    _moved_at = 0.0
    _next_look: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as there
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._joined = _Joined(transport)
        self.transport = cast("asyncio.Transport", self._joined)
        self._waiting_since = self._moved_at = self.loop.time()
        self._look()

    def connection_lost(self, exc: Exception | None) -> None:
        """Look no more, and end the request that is being answered; uvicorn ends the last one."""
        if self._next_look:
            self._next_look.cancel()
        if cycle := self._unanswered:
            cycle.disconnected = True
            cycle.message_event.set()
            Protocol.cut += 1
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request, and no more of it at once than can be looked at in between."""
        if len(data) > _PIECE:
            for at in range(0, len(data), _PIECE):
                if not self.transport.is_closing():
                    self.data_received(data[at : at + _PIECE])
            return
        if self._waiting_since is None:
            self._waiting_since = self.loop.time()
        self._received += len(data)
        in_line, end = self._in_line, data.find(b"\n")
        if in_line and not data.isascii():
            # What is typed into a terminal is the same as what a browser makes of it. No other
            # line is touched: the length of a body is that which its client says.
            line, rest = (data, b"") if end < 0 else (data[:end], data[end:])
            data = _typed.sub(lambda byte: b"%%%02X" % ord(byte[0]), line) + rest
        super().data_received(data)
        if in_line and end < 0:
            self._in_line = True
        if not self._received or self.transport.is_closing():
            return
        if self._in_head:
            if problem := self._too_long():
                self._refuse(problem)
        elif self._received > MAX_BODY or len(self.headers) > MAX_HEADERS:  # these behind a body
            self.transport.close()

    def on_message_begin(self) -> None:
        """Begin with the first line, wherever in a piece."""
        self._in_line = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Begin to answer (RFC 9112, section 3). What is raised becomes the parser's error."""
        # Most heads come in a piece.
        may_be_long = self._received > _PIECE or self.pipeline or len(self.headers) > MAX_HEADERS
        if may_be_long and (problem := self._too_long()):
            raise problem
        if len(self.connections) > MAX_CONNECTIONS and not self.url.startswith(b"/health/"):
            raise Unavailable(
                f"all of {MAX_CONNECTIONS} connections are open; ask again in a moment"
            )
        if b"#" in self.url:
            raise Malformed("a fragment (#…) is not sent; leave it out of the URL")
        hosts = [value for name, value in self.headers if name == b"host"]
        if hosts != self._hosts:
            if len(hosts) != 1 and (hosts or self.parser.get_http_version() != "1.0"):
                raise Malformed(f"a request has one Host header; this one has {len(hosts)}")
            if hosts and not _HOST.fullmatch(hosts[0]):
                raise Malformed("a Host header has the name of a host, and its port if need be")
            self._hosts = hosts
        self._in_head = False
        super().on_headers_complete()

    def _too_long(self) -> Problem | None:
        """The problem of a head that is too long, or has too many before it."""
        if len(self.url) > MAX_URL:
            return UrlTooLong(f"the URL has more than {MAX_URL} bytes; ask for less at once")
        if self.headers and len(self.headers) > MAX_HEADERS:
            return HeadersTooLarge(f"there are more than {MAX_HEADERS} headers")
        if self._in_head and self._received > MAX_HEAD:
            return HeadersTooLarge(f"the headers have more than {MAX_HEAD} bytes")
        if len(self.pipeline) >= MAX_AHEAD:
            return Malformed(f"more than {MAX_AHEAD} requests wait for an answer to the first")
        return None

    def on_body(self, body: bytes) -> None:
        """Leave out a part of a body, but where one is read."""
        if self.scope["method"] == "POST" and f"/{self.scope['path'].rpartition('/')[2]}" in POSTED:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Wait no more."""
        self._waiting_since = None
        self._in_head, self._in_line, self._received = True, True, 0
        super().on_message_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._answering = cycle
        if (version := cycle.scope["http_version"]) not in _VERSIONS:
            cycle.keep_alive = False
            problem = Malformed(f"HTTP/{version} is not spoken here; use HTTP/1.1")
            app = cast("ASGI3Application", partial(refuse, problem=problem))
        super()._start_asgi_task(cycle, _Wire(cycle, app))

    def on_response_complete(self) -> None:
        """Send a head that has no body, and go on with the request that came meanwhile."""
        self._joined.flush()
        super().on_response_complete()
        if self._waiting_since is not None:  # it may have had to wait for this
            self._waiting_since = self.loop.time()
            self._unset_keepalive_if_required()

    def _look(self) -> None:
        """End the connection if its client lets the server wait for too long."""
        now, left = self.loop.time(), self.transport.get_write_buffer_size()
        if left or not self.transport.is_closing():
            left += _unsent(self.transport)
        taken = self._joined.written - left
        if left == 0 or taken >= self._taken + LEAST_TAKEN:
            self._taken, self._moved_at = taken, now
        if now - self._moved_at > self.stalled_seconds:
            metrics.PROBLEMS.labels("stalled-client").inc()
            # Or the system would go on with what it has, and keep it for as long as that takes.
            at_once = struct.pack("ii", 1, 0)
            own: socket.socket = self.transport.get_extra_info("socket")
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.transport.abort()
            return
        since = now if self._waiting_since is None or self._unanswered else self._waiting_since
        if now - since > self.request_seconds and not self.transport.is_closing():
            self._end_a_wait()
        self._next_look = self.loop.call_later(self.look_every, self._look)

    def _end_a_wait(self) -> None:
        """End the connection, as a request or the rest of one does not come."""
        if self._in_head:
            within = f"within {self.request_seconds:g} seconds"
            self._refuse(RequestTimeout(f"no whole request came {within}; send it again"))
        else:  # it was answered before its end
            self.transport.close()

    @property
    def _unanswered(self) -> RequestResponseCycle | None:
        """The request that is being answered."""
        cycle = self._answering
        return cycle if cycle and not cycle.response_complete else None

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused, and close the connection."""
        error = sys.exception()
        problem = error and error.__context__
        if not isinstance(problem, Problem):
            problem = Malformed(msg)
        self._refuse(problem)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: such a request is answered as any other."""

    def _refuse(self, problem: Problem) -> None:
        """Answer with a problem, and close the connection."""
        metrics.PROBLEMS.labels(problem.name).inc()
        if cycle := self._unanswered:
            # It would be taken for a part of that answer, or for the answer to another request.
            if self._in_head or self.pipeline or cycle.response_started:
                self.transport.abort()
                return
            cycle.disconnected = True
        body = f"{problem.details().model_dump_json()}\n"
        headers = {"cache-control": "no-store", "connection": "close", **problem.headers}
        answer = Response(body, headers=headers, media_type=MEDIA_TYPE)
        head = Head([*answer.raw_headers, *EVERYWHERE, POLICY], len(answer.body))
        self.transport.write(STATUS_LINE[problem.status] + head.encoded + b"\r\n")
        self.transport.write(answer.body)
        self.transport.close()


class _Wire:
    """The layer between the server and the application: sends a head that is ready as it is."""

    def __init__(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._cycle = cycle
        self._app = app
        self._is_old = cycle.scope["http_version"] == "1.0"
        self._until_the_end = False

    def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, _send: ASGISendCallable
    ) -> Awaitable[None]:
        return self._app(scope, receive, self._send)

    def _send(self, message: ASGISendEvent) -> Awaitable[None]:
        """Send a part of the answer."""
        cycle = self._cycle
        if self._is_old:
            self._leave_out_pieces(message)
        if message["type"] != "http.response.start" or type(message["headers"]) is not Head:
            return cycle.send(message)
        if cycle.access_log or cycle.disconnected or cycle.flow.write_paused:
            return cycle.send(message)
        return self._send_head(message["status"], message["headers"])

    def _leave_out_pieces(self, message: ASGISendEvent) -> None:
        """HTTP/1.0 has no pieces: what has no length ends with the connection (RFC 9112, 6.1)."""
        if message["type"] == "http.response.start":
            names = {name.lower() for name, _ in message["headers"]}
            if b"content-length" not in names:
                self._until_the_end, self._cycle.chunked_encoding = True, False
        elif message["type"] == "http.response.body" and self._until_the_end:
            self._cycle.expected_content_length = len(message.get("body", b""))

    async def _send_head(self, status: int, head: Head) -> None:
        cycle = self._cycle
        cycle.response_started = True
        cycle.waiting_for_100_continue = False
        cycle.chunked_encoding = False
        cycle.expected_content_length = head.length
        lines = [STATUS_LINE[status]]
        lines += [b"%b: %b\r\n" % header for header in cycle.default_headers]
        lines += [head.encoded, b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"]
        cycle.transport.write(b"".join(lines))


class _Joined:
    """The transport, which sends a head with the first part of its body: half of the calls to it.

    The server writes each on its own, and a client that is fast is woken twice.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head = b""
        self.written = 0
        """Bytes of all answers."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send it with the head that waits for it, or keep a head back."""
        if self._head:
            data, self._head = self._head + data, b""
        elif data[:9] == b"HTTP/1.1 " and data[9:12] != b"100":
            self._head = bytes(data)
            return
        self.written += len(data)
        self._transport.write(data)

    def flush(self) -> None:
        """Send the head that waits, if any."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        """Send the head that waits, and close the connection."""
        self.flush()
        self._transport.close()


def _unsent(transport: asyncio.Transport) -> int:
    """The bytes that the system has taken from the server and the client not yet from the system.

    It may have millions of them, and takes no more from the server before a third is gone.
    """
    if sys.platform != "linux":
        return 0
    number = bytearray(4)
    fcntl.ioctl(transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, number)
    return int.from_bytes(number, sys.byteorder)
