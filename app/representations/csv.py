"""CSV (RFC 4180): the whole result as a table, for spreadsheets and programs."""

from app.representations.delimited import Dialect, delimited, quoted, raw_quoted
from app.representations.values import Body, Shown, View

CSV = Dialect(between=",", end="\r\n", text=quoted, raw=raw_quoted)


async def represent(shown: Shown, view: View) -> Body:
    """A line for each record."""
    return delimited(shown, view, CSV)
