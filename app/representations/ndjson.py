"""NDJSON: the records as in JSON, one on a line, all of the result."""

from collections.abc import AsyncIterator

from app.paging import Whole
from app.representations.json import chosen
from app.representations.values import Body, Shown, View


async def represent(shown: Shown, view: View) -> Body:
    """A line for each record."""
    return _lines(shown, view)


async def _lines(shown: Shown, view: View) -> AsyncIterator[bytes]:
    assert isinstance(shown, Whole)  # noqa: S101 - as the table of formats has it
    keys = shown.params.keys
    async for bodies in shown.batches(view.release):
        yield b"".join([chosen(body, keys) + b"\n" for body in bodies])
