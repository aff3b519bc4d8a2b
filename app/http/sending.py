"""Answers in pieces."""

import logging
from collections.abc import Callable

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

log = logging.getLogger(__name__)


class Sending(StreamingResponse):
    """An answer in pieces, which says when it is done or broken off."""

    done: Callable[[], None] = staticmethod(lambda: None)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it."""
        try:
            await super().__call__(scope, receive, send)
        except Exception:
            # The client sees a transfer without an end.
            log.exception("%s broke off", scope["path"])
            raise
        finally:
            self.done()
