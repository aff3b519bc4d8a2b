"""BibTeX, with the fields `date` and `urldate` of BibLaTeX."""

import re
from collections.abc import Iterator

from app.representations.citing import Citation, citation_of
from app.representations.values import Body, One, Shown, View
from app.representations.wording import line

# Braces are counted by BibTeX, escaped or not, so none is left that is not one of a pair.
_SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
    '"': r"{\textquotedbl}",
} | {character: f"\\{character}" for character in "$&%#_"}
_special = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


async def represent(shown: Shown, view: View) -> Body:
    """A record as one entry."""
    assert isinstance(shown, One)  # noqa: S101 - the table has this as a format of records
    found = await citation_of(shown, view)
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(found))
    return f"@misc{{{found.key},\n{fields}}}\n".encode()


def _fields(found: Citation) -> Iterator[tuple[str, str]]:
    itself, published = found.itself, found.published
    yield "title", f"{{{_text(found.title)}}}"
    if itself and itself.author:
        # A name in braces is not taken apart.
        yield "author", f"{{{_text(itself.author)}}}"
    if itself and itself.publisher:
        yield "howpublished", _text(itself.publisher)
    if not itself:
        yield "howpublished", _text(f"Readout, release {found.release}")
    if published:
        yield "date", f"{{{published}}}"
        yield "year", f"{{{published[:4]}}}"
        if len(published) > 4:
            yield "month", _MONTHS[int(published[5:7]) - 1]
    yield "url", f"{{{found.address}}}"
    yield "urldate", f"{{{found.date}}}"
    if found.note:
        yield "note", _text(found.note)


def _text(text: str) -> str:
    """A text in braces, in which nothing is a command that is not meant to be one."""
    return f"{{{_special.sub(lambda special: _SPECIAL[special[0]], line(text))}}}"
