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
        yield b"".join([one_line(chosen(body, whole.params.keys)) + b"\n" for body in bodies])


def one_line(record: bytes) -> bytes:
    """A record in which no text has an end of a line, for those that know more than JSON does."""
    for end, escaped in _ENDS.items():
        if end in record:
            record = record.replace(end, escaped)
    return record


_ENDS = {
    character.encode(): f"\\u{ord(character):04x}".encode()
    for character in ("\u0085", "\u2028", "\u2029")
}
