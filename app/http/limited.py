"""How often one client may ask (draft-ietf-httpapi-ratelimit-headers)."""

from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.edge import refuse
from app.http.head import with_one
from app.problems import TooManyRequests
from app.turns import asking, whom

_FREE = frozenset({"/health/live", "/health/ready", "/metrics"})


class Limited:
    """Wraps the application, and counts the requests of each client in this process."""

    def __init__(self, app: ASGIApp, rate: str) -> None:
        """Let each client ask as often as this, such as `600/minute`. Raises ValueError."""
        self._app = app
        self._rate: RateLimitItem = parse(rate)
        self._seconds = self._rate.get_expiry()
        self._counts = SlidingWindowCounterRateLimiter(MemoryStorage())
        policy = f'"default";q={self._rate.amount};w={self._seconds}'
        self._policy = b"ratelimit-policy", policy.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered, or say when it will be."""
        if scope["type"] != "http" or _is_free(scope):
            await self._app(scope, receive, send)
            return
        who = whom(asking.get())
        granted = self._counts.hit(self._rate, who)
        resets, left = self._counts.get_window_stats(self._rate, who)
        seconds = max(1, ceil(resets - time()))

        async def outgoing(message: Message) -> None:
            if message["type"] == "http.response.start":
                state = b"ratelimit", f'"default";r={left};t={seconds}'.encode()
                headers = with_one(message["headers"], *self._policy)
                message = {**message, "headers": with_one(headers, *state)}
            await send(message)

        if granted:
            await self._app(scope, receive, outgoing)
            return
        problem = TooManyRequests(
            f"{self._rate.amount} requests in {self._seconds} seconds are the most for one client; "
            f"ask again in {seconds} s (a table comes whole with format=csv)"
        )
        problem.headers["retry-after"] = str(seconds)
        await refuse(scope, receive, outgoing, problem)


def _is_free(scope: Scope) -> bool:
    """What belongs to another request, as a style sheet does to a page, or to no client."""
    path: str = scope["path"]
    return path in _FREE or path.startswith("/static/") or scope["method"] == "OPTIONS"
