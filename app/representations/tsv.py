"""TSV: the whole result as a table, a record on a line and no tab in a cell, for the shell."""

from app.representations.delimited import Dialect, delimited
from app.representations.values import Body, Shown, View

TSV = Dialect(delimiter="\t", line_end="\n", plain=True)


async def represent(shown: Shown, view: View) -> Body:
    """A line for each record."""
    return delimited(shown, view, TSV)
