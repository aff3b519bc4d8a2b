"""What happens to a request is told: an id in and out, a line in the log, and figures."""

import re
from collections.abc import Awaitable
from functools import lru_cache
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Any

from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.http.head import with_one
from app.logs import Outcome, RequestLog, Told
from app.store.serving import Store
from app.turns import asking

# What a proxy or a client names a request is written into the log as it is.
_id = re.compile(rb"[A-Za-z0-9._+/=-]{1,128}")
_trace = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})"
)
_LONGEST_PATH = 500  # no route has such a one, and what is remembered of others must be little
OTHER = "other"
"""The route of what has none."""


class Observed:
    """Wraps everything that answers."""

    def __init__(
        self, app: ASGIApp, store: Store, routes: list[BaseRoute], log: RequestLog | None,
        *, queries: bool = False, clients: bool = False,
    ) -> None:  # fmt: skip
        """Tell it to the log; who asked, and with which parameters, only if that is wanted."""
        self._app = app
        self._store = store
        self._log = log
        self._queries = queries
        self._clients = clients
        self._ids = count(1)
        self._process = token_hex(6)
        self.in_progress = 0
        """How many requests are being answered."""
        self._took: dict[tuple[str, int, str], list[float]] = {}
        known = [(route.path_regex, route.path) for route in routes if isinstance(route, Route)]

        @lru_cache(maxsize=8_192)
        def route_of(path: str) -> str:
            return next((name for regex, name in known if regex.match(path)), OTHER)

        self._route_of = route_of

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = perf_counter()
        client = scope["client"]
        asking.set(client[0] if client else "")
        id_, trace = self._named(scope)
        told = scope["told"] = {"id": id_}
        outgoing = _Counted(send, id_, trace)
        self.in_progress += 1
        try:
            await self._app(scope, receive, outgoing)
        finally:
            self.in_progress -= 1
            self._tell(scope, told, outgoing, perf_counter() - begun)

    def _named(self, scope: Scope) -> tuple[str, str | None]:
        """The id of a request, and the header that goes on with its trace."""
        id_, trace = None, None
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _id.fullmatch(value):
                id_ = value.decode()
            elif name == b"traceparent" and (found := _trace.fullmatch(value.decode("latin-1"))):
                trace = f"00-{found[1]}-{token_hex(8)}-{found[2]}"
        return id_ or f"{self._process}-{next(self._ids):x}", trace

    def _tell(self, scope: Scope, told: dict[str, str], sent: "_Counted", seconds: float) -> None:
        path, status, cache = scope["path"], sent.status, told.get("cache", "pass")
        problem = told.get("problem")
        route = self._route_of(path) if len(path) <= _LONGEST_PATH else OTHER
        took = self._took.get((route, status, cache))
        if took is None:
            took = self._took[route, status, cache] = []
        took.append(seconds)
        if problem:
            metrics.PROBLEMS.labels(problem).inc()
        if self._log is None:
            return
        method = scope["method"] if scope["method"] in _METHODS else OTHER
        shown = path if route != OTHER or self._queries else None
        release = self._store.current.info.number if self._store.current else None
        outcome = Outcome(method, route, shown, status, cache, release, problem)
        rare: dict[str, Any] = {}
        if sent.trace:
            rare["trace"] = sent.trace[3:35]
        if not sent.whole:
            rare["cut"] = True
        if self._queries:
            rare["query"] = scope["query_string"].decode("latin-1")
        if self._clients:
            rare["client"] = asking.get()
        self._log.write(Told(told["id"], seconds * 1000, sent.bytes, outcome, rare))

    def count(self) -> None:
        """Add what was told since the last time to the figures: each would cost more."""
        told, self._took = self._took, {}
        for (route, status, cache), took in told.items():
            metrics.REQUESTS.labels(route, status, cache).inc(len(took))
            metrics.REQUEST_SECONDS.labels(route).observe_all(took)


_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})


class _Counted:
    """Sends an answer on, with its names, and counts it."""

    __slots__ = ("_id", "_send", "bytes", "status", "trace", "whole")

    def __init__(self, send: Send, id_: str, trace: str | None) -> None:
        self._send = send
        self._id = id_
        self.trace = trace
        self.status = 0
        self.bytes = 0
        self.whole = False

    def __call__(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            # Another list: the one that came may be kept for other requests.
            headers = with_one(message["headers"], b"x-request-id", self._id.encode())
            if self.trace:
                headers = with_one(headers, b"traceparent", self.trace.encode())
            message["headers"] = headers
        else:
            self.bytes += len(message.get("body", b""))
            self.whole = not message.get("more_body")
        return self._send(message)


def id_of(scope: Scope) -> dict[str, str]:
    """The id of a request, for what is logged of it."""
    told: dict[str, str] = scope.get("told", {})
    return {"id": told["id"]} if told else {}
