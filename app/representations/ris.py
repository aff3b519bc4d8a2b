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
    return "".join(f"{tag}  - {line(value or '')}\r\n" for tag, value in fields).encode()


def _fields(citation: Citation) -> Iterator[tuple[str, str | None]]:
    itself, published = citation.itself, citation.published
    yield "TY", _TYPES.get(itself.kind or "", "GEN") if itself else "DATA"
    yield "ID", citation.key
    yield "TI", citation.title
    if itself:
        # A comma would part the names of a person: which of them is which, nobody has said.
        author = itself.author and itself.author.replace(", ", " - ").replace(",", " ")
        names = (("AU", author), ("T2", itself.publisher), ("PB", itself.publisher))
        yield from ((tag, name) for tag, name in names if name)
    else:
        yield "T2", f"Readout, release {citation.release}"
        yield "PB", "Readout"
    if published:
        yield "PY", published[:4]
        yield "DA", _date(published)
    if citation.language:
        yield "LA", citation.language
    yield "UR", citation.address
    yield "Y2", _date(citation.date)
    if citation.note:
        yield "N1", citation.note
    yield "ER", ""


def _date(date: str) -> str:
    """A date with a place for each part, known or not: `2025/02//`."""
    year, month, day_ = [*date.split("-"), "", ""][:3]
    return f"{year}/{month}/{day_}/"
