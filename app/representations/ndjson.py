"""NDJSON: the records as in JSON, one on a line, all of the result."""

from collections.abc import AsyncIterator

from app.paging import Whole
from app.representations.json import chosen
from app.representations.values import Body, View


async def represent(shown: Whole, view: View) -> Body:
    """A line for each record."""
    return _lines(shown, view)


async def _lines(shown: Whole, view: View) -> AsyncIterator[bytes]:
    async for bodies in shown.batches(view.release):
        yield b"".join([chosen(body, shown.params.keys) + b"\n" for body in bodies])
