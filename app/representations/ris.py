"""RIS, which reference managers read (https://en.wikipedia.org/wiki/RIS_(file_format))."""

from collections.abc import Iterator

from app.representations.citing import Citation, citation_of
from app.representations.values import Body, One, Shown, View
from app.representations.wording import line

_TYPES = {"news_article": "NEWS", "social_media_post": "ELEC"}


async def represent(shown: Shown, view: View) -> Body:
    """A record as one reference."""
    assert isinstance(shown, One)  # noqa: S101 - the table has this as a format of records
    fields = _fields(await citation_of(shown, view))
    # A tag begins a line, so a value is on one.
    return "".join(f"{tag}  - {line(value or '')}\r\n" for tag, value in fields).encode()


def _fields(found: Citation) -> Iterator[tuple[str, str | None]]:
    itself, published = found.itself, found.published
    yield "TY", _TYPES.get(itself.kind or "", "GEN") if itself else "DATA"
    yield "ID", found.key
    yield "TI", found.title
    if itself:
        known = (
            ("AU", itself.author),
            ("T2", itself.publisher),
            ("PB", itself.publisher),
        )
        yield from ((tag, value) for tag, value in known if value)
    else:
        yield "T2", f"Readout, release {found.release}"
        yield "PB", "Readout"
    if published:
        yield "PY", published[:4]
        yield "DA", _date(published)
    yield "UR", found.address
    yield "Y2", _date(found.date)
    if found.note:
        yield "N1", found.note
    yield "ER", ""


def _date(date: str) -> str:
    """A date with a place for each part, known or not: `2025/02//`."""
    year, month, day_ = [*date.split("-"), "", ""][:3]
    return f"{year}/{month}/{day_}/"
