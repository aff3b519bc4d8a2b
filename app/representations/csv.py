"""CSV (RFC 4180): the whole result as a table, for spreadsheets and programs."""

from app.representations.delimited import Dialect, delimited
from app.representations.values import Body, Shown, View

CSV = Dialect(delimiter=",", line_end="\r\n", plain=False)


async def represent(shown: Shown, view: View) -> Body:
    """A line for each record."""
    return delimited(shown, view, CSV)
