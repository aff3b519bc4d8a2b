"""BibTeX, with the fields `date` and `urldate` of BibLaTeX."""

import calendar
import re
from collections.abc import Iterator

from app.representations.citation import Citation, citation_of
from app.representations.values import Body, One, View
from app.representations.wording import language, line

# Braces are counted by BibTeX, escaped or not, so none is left that is not one of a pair.
_SPECIAL = {
    "\\": r"{\textbackslash}",
    "{": r"{\textbraceleft}",
    "}": r"{\textbraceright}",
    "~": r"{\textasciitilde}",
    "^": r"{\textasciicircum}",
} | {character: f"\\{character}" for character in "$&%#_"}
# What LaTeX knows, but not in the encoding in which a document begins that asks for none.
_SPECIAL |= {
    character: rf"{{\fontencoding{{T1}}\selectfont {character}}}"
    for character in "ĄąĘęĮįŲųĐđÞþÐðŊŋ«»‹›„‚"  # noqa: RUF001 - as they are typed
}
_SPECIAL |= {
    "\N{LESS-THAN OR EQUAL TO}": r"$\leq$",
    "\N{GREATER-THAN OR EQUAL TO}": r"$\geq$",
    "\N{MINUS SIGN}": "$-$",
    "\N{INFINITY}": r"$\infty$",
    "\N{PRIME}": "$'$",
    "\N{DOUBLE PRIME}": "$''$",
    "\N{THIN SPACE}": r"\,",
    "\N{NARROW NO-BREAK SPACE}": r"\,",
} | {chr(0x2080 + digit): rf"\textsubscript{{{digit}}}" for digit in range(10)}
# A straight mark begins a quotation where nothing stands before it that could be quoted.
_opening = re.compile(r'(?<![^\s(\[{</])"')
_special = re.compile("[" + re.escape("".join(_SPECIAL)) + "]")


async def represent(one: One, view: View) -> Body:
    """A record as one entry."""
    citation = await citation_of(one, view)
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(citation) if value)
    return f"@misc{{{citation.key},\n{fields}}}\n".encode()


def _fields(citation: Citation) -> Iterator[tuple[str, str | None]]:
    itself, published = citation.itself, citation.published or ""
    tongue = language(citation.language) if citation.language else ""
    # A title and a name in further braces are not taken apart.
    yield "title", _braced(_text(citation.title))
    yield "author", itself and itself.author and _braced(_text(itself.author))
    issued = itself.publisher if itself else f"Readout, release {citation.release}"
    yield "howpublished", issued and _text(issued)
    yield "date", _braced(published)
    yield "year", _braced(published[:4])
    yield "month", published[5:7] and calendar.month_abbr[int(published[5:7])].lower()
    yield "language", _braced(citation.language)
    # BibLaTeX hyphenates by it; of a name of several words Babel has another form.
    yield "langid", _braced(tongue.lower()) if tongue.isalpha() and tongue.isascii() else None
    yield "url", _braced(citation.address)
    yield "urldate", _braced(citation.date)
    yield "note", citation.note and _text(citation.note)


def _braced(text: str | None) -> str | None:
    return f"{{{text}}}" if text else None


def _text(text: str) -> str:
    """A text in braces, in which nothing is a command that is not meant to be one."""
    written = _special.sub(lambda special: _SPECIAL[special[0]], line(text))
    return "{{{}}}".format(_opening.sub("``", written).replace('"', "''"))
