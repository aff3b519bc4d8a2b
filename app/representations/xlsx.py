"""Excel: the whole result as a sheet with real dates, numbers and links.

A second sheet has every passage, a third one says what it is.

The library writes row after row into a temporary file, so a workbook of any size takes little
memory. It is made in slices on the event loop, and packed in a thread: that is work of zlib and of
the disk. A large one takes long, so few are made at once, and the others wait in a queue.
"""

import asyncio
import fcntl
import logging
import shutil
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import BinaryIO

import orjson
from xlsxwriter import Workbook  # type: ignore[import-untyped] # it has no types
from xlsxwriter.format import Format  # type: ignore[import-untyped] # it has no types

from app import links
from app.beside import table_beside
from app.formats import BY_NAME
from app.paging import Whole
from app.problems import BadQuery, Unavailable
from app.representations.columns import PASSAGES, Column, Json, Sort, columns_of, passages, rows_of
from app.representations.values import Body, View, path_as
from app.representations.words import in_words
from app.turns import FairQueue, turn

log = logging.getLogger(__name__)

MOST_ROWS = 1_048_575
"""So many fit into a sheet below its header."""
MOST_LINKS = 20_000
"""So many addresses are links: each is kept in memory, and Excel takes at most 65,530."""
LONGEST_CELL = 32_767
"""In UTF-16 code units."""
CUT = " … (cut here: a cell of Excel holds 32,767 characters; the CSV has all)"
_LARGE = 1_000  # rows; a smaller workbook is made in a moment, and waits for none
_LONGEST_WAIT = 30  # seconds
_large = FairQueue(at_once=2, room=50)
_FOLDER = "readout-workbook-"
_LONGEST_LINK = 2_000  # characters; Excel takes 2,079
_FIRST_DAY = "1900-03-01"  # Excel counts days from 1900, with a day too many in its February
_IN_A_TURN = 5  # rows
_PIECE = 64 * 1024  # bytes
_LAYOUT = table_beside(__file__)
_FIRST: list[str] = _LAYOUT["order"]["first"]
_OF_PROGRAMS = ("_id", "_ids", "_type")
_COLUMNS = {column.name: column for column in PASSAGES}
_PASSAGES = [_COLUMNS[name] for name in _LAYOUT["order"]["passages"]]
_RIGHTS = (
    "No rights are claimed in the facts. The passages are quoted to prove them, and belong to "
    "their publishers."
)
# Nothing becomes a formula, a number or a link because of what it looks like.
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}


async def represent(whole: Whole, view: View) -> Body:
    """A workbook. Raises BadQuery for more rows than a sheet holds."""
    if whole.total > MOST_ROWS:
        raise BadQuery(
            f"a sheet of Excel holds {MOST_ROWS:,} rows, and these are {whole.total:,}; ask for "
            "less, or for format=csv",
            run=path_as(whole, BY_NAME["csv"]),
        )
    return _workbook(whole, view)


async def _workbook(whole: Whole, view: View) -> AsyncIterator[bytes]:
    begun = asyncio.get_running_loop().create_future()
    making = asyncio.create_task(_made(whole, view, begun))
    try:
        await asyncio.wait({begun, making}, return_when=asyncio.FIRST_COMPLETED)
        if begun.done():
            # The headers are sent before the work begins, so a client that goes away ends it.
            yield b""
        with await asyncio.shield(making) as packed:
            while piece := await asyncio.to_thread(packed.read, _PIECE):
                yield piece
    finally:
        making.cancel()


async def _made(whole: Whole, view: View, begun: asyncio.Future[None]) -> BinaryIO:
    """A workbook, in a file that is gone when it is closed. Raises Crowded and Unavailable."""
    async with _large.place(_LONGEST_WAIT) if whole.total > _LARGE else nullcontext():
        with _folder() as folder:
            begun.set_result(None)
            file = folder / "workbook.xlsx"
            workbook = Workbook(str(file), {**_OPTIONS, "tmpdir": str(folder)})
            await _fill(workbook, whole, view)
            packing = asyncio.create_task(asyncio.to_thread(workbook.close))
            try:
                await asyncio.shield(packing)
            except asyncio.CancelledError:
                await packing  # the thread writes into the folder until its end
                raise
            return file.open("rb")


@contextmanager
def _folder() -> Iterator[Path]:
    """A folder for a workbook; those of processes that were killed are removed.

    Raises Unavailable.
    """
    try:
        for lock in Path(gettempdir()).glob(f"{_FOLDER}*/lock"):
            with suppress(OSError), lock.open("r+") as left:
                fcntl.flock(left, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(lock.parent)
        folder = TemporaryDirectory(prefix=_FOLDER, ignore_cleanup_errors=True)
    except OSError as error:
        log.error("there is no place for temporary files: %s", error)  # noqa: TRY400 - it says all
        raise Unavailable(
            "a workbook needs a place for temporary files, and there is none"
        ) from None
    with folder as name, Path(name, "new").open("w") as own:
        # It is locked before it has its name: who finds it unlocked knows that its process ended.
        fcntl.flock(own, fcntl.LOCK_SH)
        Path(name, "new").rename(Path(name, "lock"))
        yield Path(name)


async def _fill(workbook: Workbook, whole: Whole, view: View) -> None:
    assert whole.params.shape is not None  # noqa: S101 - every list has a record
    published = view.release.info.published_at
    # Equal content gives an equal file.
    created = datetime.fromisoformat(published).replace(tzinfo=None)
    words = await in_words(whole, view.release)
    workbook.set_properties({"title": words, "created": created})
    columns = columns_of(whole.params.shape, whole.params.keys)
    proven = any(column.key == "evidence" for column in columns)
    if not whole.params.keys:
        columns = tuple(sorted(columns, key=_place))
    sheet = _Sheet(workbook, "data", columns)
    proofs = _Sheet(workbook, "passages", _PASSAGES) if proven else None
    async for bodies in whole.batches(view.release):
        records = [*map(orjson.loads, bodies)]
        await sheet.add(records, view.base)
        if proofs:
            await proofs.add(passages(records), view.base)
    _about(
        workbook,
        [
            ("What it is", words),
            ("Rows", f"{whole.total:,}"),
            ("Address", view.base + links.query_path(whole.path, whole.params.pairs())),
            ("Release", str(whole.release)),
            ("Published", published),
            ("Rights", _RIGHTS),
            ("Dates", "A date is only as exact as its source; one that is no day is text."),
            ("Links", f"The first {MOST_LINKS:,} addresses are links, later ones are text."),
            *([("Passages", f"The first {MOST_ROWS:,}; NDJSON has all.")] if proofs else []),
            *((column.name, column.meaning) for column in columns),
            *((f"passages: {column.name}", column.meaning) for column in _PASSAGES if proofs),
        ],
    )


def _place(column: Column) -> int:
    """Where a column stands in a sheet that a person reads."""
    if column.name in _FIRST:
        return _FIRST.index(column.name)
    return len(_FIRST) + (column.name in {"id", "type"} or column.name.endswith(_OF_PROGRAMS))


def _about(workbook: Workbook, said: list[tuple[str, str]]) -> None:
    """The last sheet: what the others are."""
    sheet, bold = workbook.add_worksheet("about"), workbook.add_format({"bold": True})
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 110)
    for row, (name, text) in enumerate(said):
        sheet.write_string(row, 0, name, bold)
        sheet.write_string(row, 1, _cut(text))


class _Sheet:
    """Writes records as rows, from the second on."""

    def __init__(self, workbook: Workbook, name: str, columns: Sequence[Column]) -> None:
        self._sheet = workbook.add_worksheet(name)
        self._row = self._links = 0
        self._columns = columns

        def cell_format(number: str = "General", **more: object) -> Format:
            return workbook.add_format({"valign": "top", "num_format": number, **more})

        self._link = cell_format(font_color="#0b4a8f", underline=1)
        self._whole, self._number = cell_format("#,##0"), cell_format("#,##0.##########")
        self._day, self._moment = cell_format("yyyy-mm-dd"), cell_format('yyyy-mm-dd" "hh:mm:ss')
        self._text, self._term = cell_format(text_wrap=True), cell_format()
        bold = workbook.add_format({"bold": True, "bottom": 1})
        for at, column in enumerate(columns):
            width = _LAYOUT["widths"][column.sort.name.lower()]
            self._sheet.set_column(at, at, _LAYOUT["wide"].get(column.name, width))
            self._sheet.write_string(0, at, column.name, bold)
        self._sheet.freeze_panes(1, 0)

    async def add(self, records: Sequence[Json], base: str) -> None:
        """Write the next rows, as many as the sheet holds; what is not known is left blank."""
        for at, cells in enumerate(rows_of(self._columns, records, base)):
            if at and at % _IN_A_TURN == 0:
                await turn()
            if self._row == MOST_ROWS:
                break
            self._row += 1
            for place, (cell, column) in enumerate(zip(cells, self._columns, strict=True)):
                if cell is not None and cell != "":
                    self._write((self._row, place), cell, column.sort)
        self._sheet.autofilter(0, 0, self._row, len(self._columns) - 1)

    def _write(self, place: tuple[int, int], cell: str | float, sort: Sort) -> None:
        if isinstance(cell, int):
            self._sheet.write_number(*place, cell, self._whole)
        elif isinstance(cell, float):
            self._sheet.write_number(*place, cell, self._number)
        elif sort is Sort.DATE and len(cell) == 10 and cell >= _FIRST_DAY:
            self._sheet.write_datetime(*place, date.fromisoformat(cell), self._day)
        elif sort is Sort.MOMENT:
            moment = datetime.fromisoformat(cell).replace(tzinfo=None)
            self._sheet.write_datetime(*place, moment, self._moment)
        elif sort is Sort.LINK and self._links < MOST_LINKS and _is_link(cell):
            self._links += 1
            self._sheet.write_url(*place, cell, self._link)
        else:
            format_ = self._text if sort is Sort.TEXT else self._term
            self._sheet.write_string(*place, _cut(cell), format_)


def _is_link(text: str) -> bool:
    return text.startswith(("https://", "http://")) and len(text) <= _LONGEST_LINK


def _cut(text: str) -> str:
    """A text that a cell holds: one that is too long ends by saying so."""
    if len(text) <= LONGEST_CELL // 2:
        return text
    units = text.encode("utf-16-le")
    if len(units) <= 2 * LONGEST_CELL:
        return text
    return units[: 2 * (LONGEST_CELL - len(CUT))].decode("utf-16-le", "ignore") + CUT
