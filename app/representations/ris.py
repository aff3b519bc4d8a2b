"""RIS, which reference managers read (https://en.wikipedia.org/wiki/RIS_(file_format))."""

from collections.abc import Iterator

from app.representations.citation import Citation, citation_of
from app.representations.values import Body, One, View
from app.representations.wording import line

_TYPES = {"news_article": "NEWS", "social_media_post": "ELEC"}


async def represent(one: One, view: View) -> Body:
    """A record as one reference."""
    fields = _fields(await citation_of(one, view))
    # A tag begins a line, so a value is on one.
    lines = "".join(f"{tag}  - {line(value)}\r\n" for tag, value in fields if value)
    return f"{lines}ER  - \r\n".encode()


def _fields(citation: Citation) -> Iterator[tuple[str, str | None]]:
    itself, published = citation.itself, citation.published
    yield "TY", _TYPES.get(itself.kind or "", "GEN") if itself else "DATA"
    yield "ID", citation.key
    yield "TI", citation.title
    # A comma would part the names of a person: which of them is which, nobody has said.
    author = itself and itself.author
    yield "AU", author and author.replace(", ", " - ").replace(",", " ")
    yield "T2", itself.publisher if itself else f"Readout, release {citation.release}"
    yield "PB", itself.publisher if itself else "Readout"
    yield "PY", published and published[:4]
    yield "DA", published and _date(published)
    yield "LA", citation.language
    yield "UR", citation.address
    yield "Y2", _date(citation.date)
    yield "N1", citation.note


def _date(date: str) -> str:
    """A date with a place for each part, known or not: `2025/02//`."""
    year, month, day_ = [*date.split("-"), "", ""][:3]
    return f"{year}/{month}/{day_}/"
