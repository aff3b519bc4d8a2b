"""Where a passage stands in a text: exact in its words, blind to what nobody can see or type.

Kinds of blanks, line breaks with or without a hyphen, composed and decomposed letters, what has no
shape, kinds of quotation marks and dashes make no difference. What is given is a slice of the text.
"""

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import cached_property
from itertools import islice, pairwise
from typing import NamedTuple

import regex

from app.text import UNSPACED

MOST_PLACES = 1_000
"""So many places of a passage are looked for."""

_BREAK = "\n"
"""In a folded text: where a word was hyphenated at the end of a line, or a hyphen stands there."""
_piece = regex.compile(
    r"(?P<plain>[!#-&(-,./0-_a-~]+(?!\p{M}))"  # ASCII but for hyphens, quotation marks and `
    r"|(?P<hyphenated>(?<=\S)[\p{Pd}\u00ad]\p{Cf}*[^\S\n]*\n\s*(?=\S))"
    rf"|(?P<nothing>(?<=[{UNSPACED}])\s*\n\s*(?=[{UNSPACED}])|[\p{{Cf}}\uFE00-\uFE0F]+)"
    r"|(?P<blank>\s[\s\p{Cf}]*)"
    r"|(?P<dash>[\p{Pd}\u2212]+)"
    r"|(?P<letter>\P{M}(?:(?![\uFE00-\uFE0F])\p{M})*|\p{M})"
)
_FOLDED = {"hyphenated": _BREAK, "blank": " ", "dash": "-", "nothing": ""}
_QUOTES = {ord(c): '"' for c in "\u201c\u201d\u201e\u201f\u2033"} | {
    ord(c): "'" for c in "\u2018\u2019\u201a\u201b\u2032\u00b4`"
}
_paragraph = regex.compile(r"\S[^\n]*(?:\n[^\S\n]*\S[^\n]*)*")
_line = regex.compile(r"\S[^\n]*")


class Stretch(NamedTuple):
    """Where a passage stands, in code points."""

    start: int
    end: int


class _Piece(NamedTuple):
    """A piece of a folded text, and the slice that it was made of."""

    at: int
    start: int
    end: int
    plain: bool
    """Whether its characters are those of the slice, one by one."""


class SourceText:
    """A text in which passages are looked for."""

    def __init__(self, text: str) -> None:
        self.text = text

    def places(self, passage: str) -> list[Stretch]:
        """Every place of a passage: to the character where there is one, else by its words."""
        exact = [Stretch(at, at + len(passage)) for at in _finds(self.text, passage)]
        return exact or list(islice(self._alike(passage), MOST_PLACES))

    def _alike(self, passage: str) -> Iterator[Stretch]:
        wanted = _folded(passage)[0].strip(f" {_BREAK}")
        folded, _ = self._folding
        if not wanted:
            return
        if _BREAK in folded or _BREAK in wanted:
            pattern = regex.compile(_pattern(wanted))
            spans = (match.span() for match in pattern.finditer(folded, overlapped=True))
        else:
            spans = ((at, at + len(wanted)) for at in _finds(folded, wanted))
        for begin, end in spans:
            place = self._slice(begin, end)
            if place:
                yield place

    def _slice(self, begin: int, end: int) -> Stretch | None:
        """The slice that was folded into this; None where a letter would be cut."""
        pieces, ats = self._folding[1], self._ats
        first, last = bisect_right(ats, begin) - 1, bisect_left(ats, end) - 1
        if not pieces[first].plain and pieces[first].at != begin:
            return None
        after = ats[last + 1] if last + 1 < len(ats) else len(self._folding[0])
        if not pieces[last].plain and after != end:
            return None
        start = pieces[first].start + begin - pieces[first].at
        stop = pieces[last].end if after == end else pieces[last].start + end - pieces[last].at
        return Stretch(start, stop)

    @cached_property
    def _folding(self) -> tuple[str, list[_Piece]]:
        return _folded(self.text)

    @cached_property
    def _ats(self) -> list[int]:
        return [piece.at for piece in self._folding[1]]

    @cached_property
    def paragraphs(self) -> list[Stretch]:
        """The paragraphs in their order: between blank lines; without those, each line."""
        spans = [Stretch(*match.span()) for match in _paragraph.finditer(self.text)]
        if len(spans) > 1:
            return spans
        return [Stretch(*match.span()) for match in _line.finditer(self.text)]

    def paragraph_at(self, start: int) -> int:
        """The number, from 1, of the paragraph in which a place is."""
        return max(1, bisect_right(self.paragraphs, start, key=lambda place: place.start))

    def near(self, places: list[Stretch], near: int | str) -> list[Stretch]:
        """Of some places those in a paragraph, or the first ones after some words."""
        if isinstance(near, int):
            return [place for place in places if self.paragraph_at(place.start) == near]
        first = []
        for words in self.places(near):
            first += [place for place in places if place.start >= words.end][:1]
        return list(dict.fromkeys(first))


def _finds(text: str, passage: str) -> Iterator[int]:
    at = text.find(passage)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(passage, at + 1)


def _folded(text: str) -> tuple[str, list[_Piece]]:
    """A text without what makes no difference, and what each piece of it was made of."""
    parts: list[str] = []
    pieces: list[_Piece] = []
    at = 0
    for match in _piece.finditer(text):
        part = _fold(match.lastgroup or "", match[0])
        if part:
            pieces.append(_Piece(at, match.start(), match.end(), match.lastgroup == "plain"))
            parts.append(part)
            at += len(part)
    return "".join(parts), pieces


def _fold(kind: str, piece: str) -> str:
    if kind == "plain":
        return piece
    if kind in _FOLDED:
        return _FOLDED[kind]
    piece = piece.translate(_QUOTES)
    if unicodedata.decomposition(piece[0]).startswith("<compat>"):  # ligatures, and …
        return unicodedata.normalize("NFKD", piece)
    return unicodedata.normalize("NFD", piece)


def _pattern(wanted: str) -> str:
    """A folded passage as a pattern, for texts in which words are hyphenated at line ends."""
    units = regex.findall(rf"- |-|{_BREAK}|.", wanted)
    hyphens = {"- ": f"(?:- |{_BREAK})", "-": f"(?:-|{_BREAK})", _BREAK: f"(?:- ?|{_BREAK})?"}
    parts = [hyphens.get(unit) or regex.escape(unit) for unit in units]
    # Between two letters, a word may have been broken.
    return "".join(
        part + (f"{_BREAK}?" if one.isalnum() and other.isalnum() else "")
        for part, (one, other) in zip(parts, pairwise([*units, ""]), strict=True)
    )


def marked_difference(typed: str, text: str) -> str:
    """What a text has in place of what was typed, word by word: `We [-provide-] {+give+} it`.

    Empty where less than half of the words are the same: the two are read better by themselves.
    """
    ours, theirs = typed.split(), text.split()
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if matcher.ratio() < 0.5:
        return ""
    marked: list[str] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            marked += ours[a:b]
        else:
            marked += [f"[-{' '.join(ours[a:b])}-]"] * (a < b)
            marked += [f"{{+{' '.join(theirs[c:d])}+}}"] * (c < d)
    return " ".join(marked)
