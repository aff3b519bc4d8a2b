"""TSV: the whole result as a table, for the shell: a record is a line, and no cell holds a tab."""

from app.paging import Whole
from app.representations.delimited import ARMED, Dialect, delimited
from app.representations.values import Body, View

_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


def plain(text: str | None) -> str:
    """A text on one line, with an apostrophe where it looks like a formula."""
    return raw_plain(f"'{text}" if text and text[0] in ARMED else text)


def raw_plain(text: str | None) -> str:
    """A text on one line: tabs and line breaks become spaces.

    Quotation marks are doubled, between two of them, as in CSV: so spreadsheets and libraries read
    it, and one at the beginning of a cell does not swallow the cells behind it.
    """
    text = (text or "").translate(_BLANKS)
    return '"{}"'.format(text.replace('"', '""')) if '"' in text else text


TSV = Dialect(between="\t", end="\n", text=plain, raw=raw_plain)


async def represent(shown: Whole, view: View) -> Body:
    """A line for each record."""
    return delimited(shown, view, TSV)
