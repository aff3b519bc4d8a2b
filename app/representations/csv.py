"""CSV (RFC 4180): the whole result as a table, for spreadsheets and programs."""

from app.paging import Whole
from app.representations.delimited import Dialect, delimited, quoted, raw_quoted
from app.representations.values import Body, View

CSV = Dialect(between=",", end="\r\n", text=quoted, raw=raw_quoted)


async def represent(shown: Whole, view: View) -> Body:
    """A line for each record."""
    return delimited(shown, view, CSV)
