"""Tables as lines of text: what CSV and TSV share."""

import csv
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import NamedTuple

import orjson

from app.paging import Whole
from app.representations.columns import Cell, columns_of
from app.representations.values import Shown, View

# With one of these ahead, a spreadsheet takes a cell for a formula, or finds one behind it; those
# of full width are the same to Excel in East Asia.
ARMED = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
BYTE_ORDER_MARK = "\ufeff".encode()


class Dialect(NamedTuple):
    """How cells stand on a line."""

    delimiter: str
    line_end: str
    """As in RFC 4180, or as text files have it."""
    plain: bool
    """Whether a cell keeps to its line and to its column: tabs and line breaks become spaces."""


class Lines:
    """Writes rows of cells as lines."""

    def __init__(self, names: Sequence[str], dialect: Dialect, *, raw: bool = False) -> None:
        """Know the columns; `raw` leaves a cell as it is that looks like a formula."""
        self._names = list(names)
        self._dialect = dialect
        self._raw = raw
        self._written: list[str] = []
        self._writer = csv.writer(
            self, delimiter=dialect.delimiter, lineterminator=dialect.line_end
        )

    def write(self, line: str) -> None:
        """Take a line from the writer."""
        self._written.append(line)

    def header(self) -> bytes:
        """The names of the columns."""
        return self.of([self._names])

    def of(self, rows: Iterable[Sequence[Cell]]) -> bytes:
        """Rows of cells."""
        for row in rows:
            cells = row if self._raw else map(disarmed, row)
            self._writer.writerow(map(_plain, cells) if self._dialect.plain else cells)
        lines = "".join(self._written)
        self._written.clear()
        return lines.encode()


def disarmed(cell: Cell) -> Cell:
    """A cell that no spreadsheet takes for a formula: an apostrophe stands before it."""
    return f"'{cell}" if type(cell) is str and cell[:1] in ARMED else cell


_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


def _plain(cell: Cell) -> Cell:
    return cell.translate(_BLANKS) if isinstance(cell, str) else cell


async def delimited(shown: Shown, view: View, dialect: Dialect) -> AsyncIterator[bytes]:
    """The whole result of a list, line by line."""
    assert isinstance(shown, Whole)  # noqa: S101 - as the table of formats has it
    params = shown.params
    assert params.shape is not None  # noqa: S101 - every list has a record
    columns = columns_of(params.shape, view.base, params.keys)
    readers = [column.read for column in columns]
    lines = Lines([column.name for column in columns], dialect, raw=bool(params.raw))
    head = (BYTE_ORDER_MARK if params.bom else b"") + lines.header()
    async for bodies in shown.batches(view.release):
        records = map(orjson.loads, bodies)
        yield head + lines.of([read(record) for read in readers] for record in records)
        head = b""
    if head:
        yield head
