"""Markdown (CommonMark), in which no text of a record is markup, or a link."""

import re

from app.representations.wording import line

# What CommonMark or GitHub's Markdown takes for markup inside of a line. A dollar before a figure
# is a sum of money, before anything else it may begin a formula.
_inline = re.compile(r"[\\`*_\[\]<>&|~@#]|\$(?!\d)|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What begins a list, a heading or a rule where a line begins; words may stand there.
_first = re.compile(r"^(\d{0,9})([-+=.)])")


def plain(text: str) -> str:
    """A text as Markdown that shows just this text, on one line."""
    marked = _inline.sub(lambda match: "\\" + match[0], line(text))
    return _first.sub(r"\1\\\2", marked)


def link(text: str, url: str | None) -> str:
    """A link, of which the text is no markup; just the text where there is no address."""
    if url is None:
        return plain(text)
    return f"[{plain(text)}]({f'<{url}>' if '(' in url or ')' in url else url})"


def quotation(text: str) -> str:
    """A text as a block of its own, its lines kept."""
    return "\n".join(f"> {plain(part)}".rstrip() for part in text.splitlines() or [""])
