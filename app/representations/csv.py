"""CSV (RFC 4180): the whole result as a table, for spreadsheets and programs."""

from collections.abc import AsyncIterator, Callable, Sequence

import orjson

from app.paging import Whole
from app.representations.columns import columns_of, lines_of
from app.representations.values import Body, View

# With one of these ahead, a spreadsheet takes a cell for a formula, or finds one behind it; those
# of full width are the same to Excel in East Asia.
ARMED = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff"
Texts = Sequence[str | None]
"""Cells that may hold any character."""


async def represent(whole: Whole, view: View) -> Body:
    """A line for each record."""
    return table(whole, view, ",", "\r\n", quoted)


async def table(
    whole: Whole, view: View, between: str, end: str, write: Callable[[Texts], list[str]]
) -> AsyncIterator[bytes]:
    """The whole result of a list, line by line; `write` gives texts as they stand in cells."""
    params = whole.params
    assert params.shape is not None  # noqa: S101 - every list has a record
    columns = columns_of(params.shape, params.keys)
    text = write if params.raw else lambda texts: write(disarmed(texts))
    names = between.join(column.name for column in columns)
    head = f"{BYTE_ORDER_MARK if params.bom else ''}{names}{end}"
    async for bodies in whole.batches(view.release):
        lines = lines_of(columns, [*map(orjson.loads, bodies)], view.base, text, between)
        yield f"{head}{end.join(lines)}{end}".encode()
        head = ""
    if head:
        yield head.encode()


def disarmed(texts: Texts) -> Texts:
    """Texts with an apostrophe ahead of those that look like a formula."""
    return [f"'{text}" if text and text[0] in ARMED else text for text in texts]


def quoted(texts: Texts) -> list[str]:
    """Texts between quotation marks; what is null or empty is blank."""
    # Few have one inside, and to look for it takes less time than to replace it.
    return [
        "" if not text
        else f'"{text}"' if '"' not in text
        else '"{}"'.format(text.replace('"', '""'))
        for text in texts
    ]  # fmt: skip
