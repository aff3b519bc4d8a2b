"""NDJSON: the records as in JSON, one on a line, all of the result."""

from collections.abc import AsyncIterator

from app.paging import Whole
from app.representations.json import chosen
from app.representations.values import Body, View


async def represent(whole: Whole, view: View) -> Body:
    """A line for each record."""
    return _lines(whole, view)


async def _lines(whole: Whole, view: View) -> AsyncIterator[bytes]:
    async for bodies in whole.batches(view.release):
        yield b"".join([chosen(body, whole.params.keys) + b"\n" for body in bodies])
