"""Tables as lines of text: what CSV and TSV share."""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple

import orjson

from app.paging import Whole
from app.representations.columns import Cell, columns_of, line_of
from app.representations.values import View

# With one of these ahead, a spreadsheet takes a cell for a formula, or finds one behind it; those
# of full width are the same to Excel in East Asia.
ARMED = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff"


class Dialect(NamedTuple):
    """How cells stand on a line."""

    between: str
    end: str
    text: Callable[[str | None], str]
    """Writes a cell that may hold any character."""
    raw: Callable[[str | None], str]
    """The same, also where it looks like a formula."""


def quoted(text: str | None) -> str:
    """A text between quotation marks (RFC 4180), with an apostrophe where it looks like a formula.

    What is null or empty is blank.
    """
    if not text:
        return ""
    if '"' in text:
        text = text.replace('"', '""')
    return f'"\'{text}"' if text[0] in ARMED else f'"{text}"'


def raw_quoted(text: str | None) -> str:
    """A text between quotation marks, as it is."""
    return '"{}"'.format(text.replace('"', '""')) if text else ""


def row(cells: Sequence[Cell], dialect: Dialect) -> str:
    """Any cells as a line."""
    written = [dialect.text(c) if isinstance(c, str | None) else str(c) for c in cells]
    return dialect.between.join(written) + dialect.end


async def delimited(shown: Whole, view: View, dialect: Dialect) -> AsyncIterator[bytes]:
    """The whole result of a list, line by line."""
    params = shown.params
    assert params.shape is not None  # noqa: S101 - every list has a record
    columns = columns_of(params.shape, params.keys)
    text, end = dialect.raw if params.raw else dialect.text, dialect.end
    line = line_of(columns, view.base, text, dialect.between)
    names = dialect.between.join(column.name for column in columns)
    head = f"{BYTE_ORDER_MARK if params.bom else ''}{names}{end}"
    async for bodies in shown.batches(view.release):
        lines = map(line, map(orjson.loads, bodies))
        yield f"{head}{end.join(lines)}{end}".encode()
        head = ""
    if head:
        yield head.encode()
