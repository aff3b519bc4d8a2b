"""Answers in pieces."""

import logging
from collections.abc import AsyncIterator, Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from app.http.observed import id_of

log = logging.getLogger(__name__)


async def no_pieces() -> AsyncIterator[bytes]:
    """The body of HEAD; one of no bytes would have a length, which GET has not."""
    return
    yield b""  # what makes it a generator


class Sending(StreamingResponse):
    """An answer in pieces, which says when it is done or broken off."""

    done: Callable[[], None] = staticmethod(lambda: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        except Exception:
            # The client sees a transfer without an end.
            log.exception("%s broke off", scope["path"], extra=id_of(scope))
            raise
        finally:
            self.done()
