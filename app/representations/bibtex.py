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
    fields = "".join(f"  {name} = {value},\n" for name, value in _fields(citation))
    return f"@misc{{{citation.key},\n{fields}}}\n".encode()


def _fields(citation: Citation) -> Iterator[tuple[str, str]]:
    itself, published = citation.itself, citation.published
    yield "title", f"{{{_text(citation.title)}}}"
    if itself and itself.author:
        # A name in braces is not taken apart.
        yield "author", f"{{{_text(itself.author)}}}"
    if itself and itself.publisher:
        yield "howpublished", _text(itself.publisher)
    if not itself:
        yield "howpublished", _text(f"Readout, release {citation.release}")
    if published:
        yield "date", f"{{{published}}}"
        yield "year", f"{{{published[:4]}}}"
        if len(published) > 4:
            yield "month", calendar.month_abbr[int(published[5:7])].lower()
    if citation.language:
        yield "language", f"{{{citation.language}}}"
        # BibLaTeX hyphenates by it; of a name of several words Babel has another form.
        if (name := language(citation.language)).isalpha() and name.isascii():
            yield "langid", f"{{{name.lower()}}}"
    yield "url", f"{{{citation.address}}}"
    yield "urldate", f"{{{citation.date}}}"
    if citation.note:
        yield "note", _text(citation.note)


def _text(text: str) -> str:
    """A text in braces, in which nothing is a command that is not meant to be one."""
    written = _special.sub(lambda special: _SPECIAL[special[0]], line(text))
    return "{{{}}}".format(_opening.sub("``", written).replace('"', "''"))
