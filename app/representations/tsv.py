"""TSV: the whole result as a table, for the shell: a record is a line, and no cell holds a tab."""

from app.paging import Whole
from app.representations.csv import Texts, table
from app.representations.values import Body, View

_BLANKS = str.maketrans(dict.fromkeys("\t\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029", " "))


async def represent(whole: Whole, view: View) -> Body:
    """A line for each record."""
    return table(whole, view, "\t", "\n", _on_one_line)


def _on_one_line(texts: Texts) -> list[str]:
    """Texts in which tabs and line breaks are spaces.

    Quotation marks are doubled, between two of them, as in CSV: so spreadsheets and libraries read
    it, and one at the beginning of a cell does not swallow the cells behind it.
    """
    # A text of which all can be printed has none of the blanks.
    lines = [text if not text or text.isprintable() else text.translate(_BLANKS) for text in texts]
    return ['"{}"'.format(line.replace('"', '""')) if line and '"' in line else line or ""
            for line in lines]  # fmt: skip
