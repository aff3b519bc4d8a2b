"""Requests as an operator sees them: an id in and out, a line in the log, and figures."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from secrets import token_hex
from time import gmtime, perf_counter, strftime, time
from typing import Any

import orjson
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.http.cache import with_one
from app.logs import Writer
from app.store.serving import Store
from app.turns import asking

# What a proxy or a client names a request is written into the log as it is.
_id = re.compile(rb"[A-Za-z0-9._+/=-]{1,128}")
_trace = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_LONGEST_PATH = 500  # no route has such a one, and what is remembered of others must be little
_FLUSH_SECONDS = 0.1
OTHER = "other"
"""The route of what has none."""
_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class RequestLog:
    """Writes a line for each request, some lines at once."""

    def __init__(self, writer: Writer) -> None:
        """Begin with nothing to write."""
        self._writer = writer
        self._encoded = _in_words if writer.form == "text" else orjson.dumps
        self._lines: list[bytes] = []

    def write(self, members: dict[str, Any]) -> None:
        """Write a line about a request, with the time; a member that is None is left out."""
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        seconds = time()
        now = f"{_second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"
        line = {"time": now, "level": "info"}
        line |= {name: value for name, value in members.items() if value is not None}
        self._lines.append(self._encoded(line))

    def flush(self) -> None:
        """Write what is left."""
        lines, self._lines = self._lines, []
        if lines:
            self._writer.put(b"\n".join([*lines, b""]))


@lru_cache(maxsize=1)
def _second(second: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))


def _in_words(line: dict[str, Any]) -> bytes:
    query = f"?{line['query']}" if line.get("query") else ""
    words = (
        f"{line['time'][11:19]} {line['status']} {line['method']} "
        f"{line.get('path', line['route'])}{query} {line['ms']:.1f} ms {line['bytes']:,} bytes "
        f"{line['cache']} {line.get('problem', '')}"
    )
    return (words if words.isprintable() else words.encode("unicode_escape").decode()).encode()


class Observed:
    """The outermost layer but for trusted proxies: ids, the log and the figures of requests."""

    def __init__(
        self, app: ASGIApp, store: Store, routes: list[BaseRoute], log: RequestLog | None,
        *, queries: bool = False, clients: bool = False,
    ) -> None:  # fmt: skip
        """Write requests into the log, with the client and the query only if that is wanted."""
        self._app = app
        self._store = store
        self._log = log
        self._queries = queries
        self._clients = clients
        self._ids = count(1)
        self._process = token_hex(6)
        self.in_progress = 0
        """How many requests are being answered."""
        self._seconds: defaultdict[tuple[str, int, str], list[float]] = defaultdict(list)
        self._routes = [(each.path_regex, each.path) for each in routes if isinstance(each, Route)]
        self._route_of = lru_cache(maxsize=8_192)(self._find_route)

    def _find_route(self, path: str) -> str:
        for pattern, name in self._routes:
            if pattern.match(path):
                return name
        return OTHER

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        client = scope["client"]
        asking.set(client[0] if client else "")
        id_, trace = self._named(scope)
        entry = scope["entry"] = {"id": id_}
        outgoing = _Counted(send, id_, trace)
        self.in_progress += 1
        try:
            await self._app(scope, receive, outgoing)
        finally:
            self.in_progress -= 1
            self._note(scope, entry, outgoing, perf_counter() - begun)

    def _named(self, scope: Scope) -> tuple[str, str | None]:
        """The id of a request, and the header that goes on with its trace."""
        id_, trace = None, None
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _id.fullmatch(value):
                id_ = value.decode()
            elif name == b"traceparent" and (match := _trace.fullmatch(value.decode("latin-1"))):
                trace = f"00-{match[1]}-{token_hex(8)}-{match[2]}"
        return id_ or f"{self._process}-{next(self._ids):x}", trace

    def _note(self, scope: Scope, entry: dict[str, str], sent: "_Counted", seconds: float) -> None:
        path, cache, problem = scope["path"], entry.get("cache", "pass"), entry.get("problem")
        route = self._route_of(path) if len(path) <= _LONGEST_PATH else OTHER
        self._seconds[route, sent.status, cache].append(seconds)
        if problem:
            metrics.PROBLEMS.labels(problem).inc()
        if self._log is None:
            return
        members = {
            "id": entry["id"],
            "ms": round(seconds * 1000, 3),
            "bytes": sent.bytes,
            "method": scope["method"] if scope["method"] in _METHODS else OTHER,
            "route": route,
            "path": path if route != OTHER or self._queries else None,
            "status": sent.status,
            "cache": cache,
            "release": self._store.current.info.number if self._store.current else None,
            "problem": problem,
            "trace": sent.trace and sent.trace[3:35],
            "cut": None if sent.whole else True,
            "query": scope["query_string"].decode("latin-1") if self._queries else None,
            "client": asking.get() if self._clients else None,
        }
        self._log.write(members)

    def count(self) -> None:
        """Add what came since the last time to the figures: each alone would cost more."""
        noted, self._seconds = self._seconds, defaultdict(list)
        for (route, status, cache), seconds in noted.items():
            metrics.REQUESTS.labels(route, status, cache).inc(len(seconds))
            metrics.REQUEST_SECONDS.labels(route).observe_all(seconds)


@dataclass(slots=True)
class _Counted:
    """Sends an answer on with the id and the trace of its request, and counts its bytes."""

    send: Send
    id: str
    trace: str | None
    status: int = 0
    bytes: int = 0
    whole: bool = False

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Another list: the one that came may be kept for other requests.
            headers = with_one(message["headers"], (b"x-request-id", self.id.encode()))
            if self.trace:
                headers = with_one(headers, (b"traceparent", self.trace.encode()))
            message["headers"] = headers
        else:
            self.bytes += len(message.get("body", b""))
            self.whole = not message.get("more_body")
        return self.send(message)
