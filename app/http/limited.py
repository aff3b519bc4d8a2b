"""How often one client may ask (draft-ietf-httpapi-ratelimit-headers)."""

from collections import OrderedDict
from math import ceil
from time import monotonic_ns

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.cache import with_one
from app.http.edge import refuse
from app.problems import TooManyRequests
from app.turns import asking, whom

_FREE = frozenset({"/health/live", "/health/ready", "/metrics"})
_SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
MAX_CLIENTS = 50_000
"""How many clients are remembered: those that asked last."""


class Limited:
    """The layer that counts the requests of each client in this process, and refuses some.

    Each request takes its share of the time; a client may be so many of them ahead.
    """

    def __init__(self, app: ASGIApp, rate: str) -> None:
        """Let each client ask as often as this, such as `600/minute`."""
        self._app = app
        most, _, time = rate.partition("/")
        unit = time.lstrip("0123456789 ")
        self._most, self._seconds = int(most), int(time.removesuffix(unit) or 1) * _SECONDS[unit]
        self._share = self._seconds * 10**9 // self._most
        self._ahead_until: OrderedDict[str, int] = OrderedDict()
        policy = f'"default";q={self._most};w={self._seconds}'
        self._policy = b"ratelimit-policy", policy.encode()

    def _take_share(self, who: str) -> tuple[bool, int, int]:
        """Whether a client may ask; how often it may then, and in how many seconds once more."""
        now = monotonic_ns()
        until = max(self._ahead_until.pop(who, 0), now)
        free = self._most * self._share - (until - now)
        granted = free >= self._share
        if granted:
            until += self._share
            free -= self._share
        self._ahead_until[who] = until
        if len(self._ahead_until) > MAX_CLIENTS:
            self._ahead_until.popitem(last=False)
        left, part = divmod(free, self._share)
        return granted, left, ceil((self._share - part) / 10**9)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_free(scope):
            await self._app(scope, receive, send)
            return
        granted, left, seconds = self._take_share(whom(asking.get()))

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                state = b"ratelimit", f'"default";r={left};t={seconds}'.encode()
                headers = with_one(message["headers"], self._policy)
                message = {**message, "headers": with_one(headers, state)}
            await send(message)

        if granted:
            await self._app(scope, receive, outgoing)
            return
        problem = TooManyRequests(
            f"{self._most} requests in {self._seconds} seconds are the most for one client; "
            f"ask again in {seconds} s (a table comes whole with format=csv)"
        )
        problem.headers["retry-after"] = str(seconds)
        await refuse(scope, receive, outgoing, problem)


def _is_free(scope: Scope) -> bool:
    """What belongs to another request, as a style sheet does to a page, or to no client."""
    path: str = scope["path"]
    return path in _FREE or path.startswith("/static/") or scope["method"] == "OPTIONS"
