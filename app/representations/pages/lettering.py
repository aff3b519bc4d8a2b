"""Text in drawings: how wide it is at most, cut and broken to fit."""

import unicodedata
from typing import Literal, NamedTuple

_NARROW = frozenset("fijlrtI.,:;'|!()[] -\u2018\u2019")
_BROAD = frozenset("mwMW@%—…")
_ACCENTS = 2


class Label(NamedTuple):
    """One line of text in a drawing."""

    x: float
    y: float
    """Its baseline."""
    text: str
    size: float
    anchor: Literal["start", "end"] = "start"
    dim: bool = False
    bold: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """The room that it takes: left, top, right, bottom."""
        wide = width_of(self.text, self.size, bold=self.bold)
        left = self.x - wide if self.anchor == "end" else self.x
        return left, self.y - 0.8 * self.size, left + wide, self.y + 0.25 * self.size


def width_of(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is in a sans-serif at this size; rather more than less."""
    return size * sum(map(_em, text)) * (1.13 if bold else 1)


def _em(character: str) -> float:
    if character.isascii() or character in _BROAD:
        if character in _NARROW:
            return 0.36
        return 1.0 if character in _BROAD else 0.72 if character.isupper() else 0.6
    if unicodedata.combining(character):
        return 0
    return 1.05 if unicodedata.east_asian_width(character) in "WFA" else 0.75


def plain(text: str) -> str:
    """A text that keeps to its line: one row, without turns of direction or towers of accents."""
    kept, accents = [], 0
    for character in " ".join(text.split()):
        kind = unicodedata.category(character)
        accents = accents + 1 if kind in {"Mn", "Me"} else 0
        if kind not in {"Cf", "Cc"} and accents <= _ACCENTS:
            kept.append(character)
    return "".join(kept)


def fitted(
    text: str, width: float, size: float, lines: int = 1, *, bold: bool = False
) -> list[str]:
    """A text broken between words into so many lines at most; `…` where it is cut."""
    rows = [""]
    for word in plain(text).split():
        longer = f"{rows[-1]} {word}".strip()
        if rows[-1] and width_of(longer, size, bold=bold) > width:
            if len(rows) == lines:
                rows[-1] = f"{longer} "  # too long, so that it is cut
                break
            longer = word
            rows.append("")
        rows[-1] = longer
    return [_cut(line, width / 1.13 if bold else width, size) for line in rows]


def _cut(line: str, width: float, size: float) -> str:
    if width_of(line, size) <= width and not line.endswith(" "):
        return line
    while line and width_of(f"{line}…", size) > width:
        line = line[:-1]
    return f"{line.rstrip()}…"
