"""The service under a path of a host: `https://example.org/readout`.

Within the service a path begins at its root, as if it had the host to itself. Only here does one
learn what stands before: a request comes with it or, where a proxy takes it off, without.
"""

import re
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# In a page no quotation mark stands in a text or a value as it is, so these are attributes.
_in_page = re.compile(rb'(?<=\s)((?:href|src|action|formaction)=")(?=/(?!/))')
_in_link = re.compile(rb"<(?=/)")


@dataclass
class UnderPath:
    """The outermost layer: takes the path of the service off that of a request."""

    app: ASGIApp
    prefix: str
    """Such as `/readout`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "root_path": self.prefix}
            for name, slash in (("path", "/"), ("raw_path", b"/")):
                scope[name] = _without(scope[name], slash, self.prefix)
        await self.app(scope, receive, send)


def _without(path: Any, slash: Any, prefix: str) -> Any:
    before = prefix if isinstance(path, str) else prefix.encode()
    is_under = path == before or path.startswith(before + slash)
    return path[len(before) :] or slash if is_under else path


@dataclass(slots=True)
class Rooted:
    """Puts the path of the service before those in heads and pages."""

    send: Send
    prefix: bytes
    _start: Message | None = None
    _body: bytes = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [(name, self._rooted(name, v)) for name, v in message["headers"]]
            if not dict(message["headers"]).get(b"content-type", b"").startswith(b"text/html"):
                await self.send(message)
                return
            self._start = message
        elif self._start is None:
            await self.send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._send_page(self._start)

    def _rooted(self, name: bytes, value: bytes) -> bytes:
        if name == b"location" and value.startswith(b"/"):
            return self.prefix + value
        return _in_link.sub(b"<" + self.prefix, value) if name == b"link" else value

    async def _send_page(self, start: Message) -> None:
        page = _in_page.sub(rb"\1" + self.prefix, self._body)
        length = b"%d" % len(page)
        headers = [(n, length if n == b"content-length" else v) for n, v in start["headers"]]
        await self.send({**start, "headers": headers})
        await self.send({"type": "http.response.body", "body": page})
