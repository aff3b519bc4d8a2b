"""The layer that adds CORS, HEAD, OPTIONS and `Allow` to every answer, the framework's included.

A framework answers HEAD with 405, forgets HEAD and OPTIONS in `Allow`, and sends an unhandled
error without CORS headers. Here nothing passes by.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.errors import ALLOWED, READING, method_not_allowed, on_unexpected, problem_response
from app.http.prefix import Rooted
from app.problems import Problem

NO_FRAME = (b"x-frame-options", b"DENY")
EVERYWHERE = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Content-Disposition, Dataset-Release, Dataset-Total, ETag, Link, RateLimit, "
        b"RateLimit-Policy, Retry-After, X-Request-Id",
    ),
    (b"x-content-type-options", b"nosniff"),
    NO_FRAME,
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"cross-origin-resource-policy", b"cross-origin"),  # as open as the data itself
]
# What is no page does nothing in a browser.
POLICY = b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"


@dataclass
class Edge:
    """The layer around the routes."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        method, methods = scope["method"], ALLOWED.get(scope["path"], READING)
        outgoing = _Outgoing(send, without_body=method == "HEAD")
        to = _to(scope, outgoing)
        if method == "OPTIONS":
            headers = {
                "allow": methods,
                "access-control-allow-methods": methods,
                "access-control-allow-headers": "*",
                "access-control-max-age": "86400",
            }
            await Response(status_code=204, headers=headers)(scope, receive, to)
        elif method not in methods.split(", "):
            await refuse(scope, receive, send, method_not_allowed(method, scope["path"]))
        else:
            try:
                as_get = {"method": "GET" if method == "HEAD" else method}
                as_get |= {"without_body": method == "HEAD"}
                await self.app({**scope, **as_get}, receive, to)
            except Exception as error:  # noqa: BLE001 - what answers it logs it
                # The framework has answered, and raises once more for the log, which has it.
                if not outgoing.started:
                    response = await on_unexpected(Request(scope), error)
                    await response(scope, receive, to)


async def refuse(scope: Scope, receive: Receive, send: Send, problem: Problem) -> None:
    """Answer with a problem, outside of the application."""
    outgoing = _Outgoing(send, without_body=scope["method"] == "HEAD")
    await problem_response(scope, problem)(scope, receive, _to(scope, outgoing))


def _to(scope: Scope, outgoing: Send) -> Send:
    root = scope.get("root_path")
    return Rooted(outgoing, root.encode()) if root else outgoing


@dataclass(slots=True)
class _Outgoing:
    """Adds the headers that every answer carries, and leaves out the body of HEAD."""

    send: Send
    without_body: bool
    started: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            headers = [*message["headers"], *EVERYWHERE]
            policy = dict(headers).get(POLICY[0])
            if policy is None:
                headers.append(POLICY)
            elif policy.endswith(b"frame-ancestors *"):  # an old browser reads this one alone
                headers.remove(NO_FRAME)
            message["headers"] = headers
        elif self.without_body:
            message = {**message, "body": b""}
        await self.send(message)
