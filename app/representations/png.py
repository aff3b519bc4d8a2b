"""A picture of a record for what shows links: its words in the project's own font (1200 x 630).

No sentence is cut in the middle: what does not fit ends with a whole one, or is left out. So are
words in a script of which the font has no letters.
"""

import io
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from app.representations import wording
from app.representations.cards import passage_of
from app.representations.html import STATIC
from app.representations.sources import sources
from app.representations.values import Body, One, View

_WIDTH, _HEIGHT, _MARGIN = 1200, 630, 72
_TOP, _BOTTOM = 128, 430
"""Between these stand the words."""
_PAPER, _INK, _SOFT, _ACCENT, _MARKER = "#fdfcf8", "#1b1c1e", "#595d64", "#0b4a8f", "#fff0a3"
_SIZES = (72, 64, 56, 50, 44, 38, 34)
_LEADING = 1.22
_FILES = ("newsreader-latin-1.woff2", "newsreader-ext-1.woff2")
_sentence = re.compile(r"(?<=[.!?])\s+|(?<=[.!?][”\"])\s+")
_ABSENT = "\uffff"


async def represent(one: One, view: View) -> Body:
    """A picture, drawn in a thread, in turn with long queries."""
    record = one.record
    passage = passage_of(record, await sources([record], view.release))
    voice = wording.begun(passage["voice"]) if passage else ""
    return await view.release.work(lambda _: drawn(record, view.release.info.number, voice))


def drawn(record: dict[str, Any], release: int, voice: str = "") -> bytes:
    """The picture of a record and in whose voice it is proven, as PNG; the same bytes each time."""
    picture = Image.new("RGB", (_WIDTH, _HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, _WIDTH, 12), _ACCENT)
    kind = wording.begun(record.get("act", record["type"]))
    summit = record.get("summit")
    about = [kind, *([summit["title"]] if summit else [])]
    _write(draw, (_MARGIN, 58), _writable(" · ".join(about)) or kind, 34, _SOFT)
    y = float(_TOP)
    lines, size = _fitted(_writable(wording.whole_title(record)))
    for line in lines:
        _write(draw, (_MARGIN, y), line, size, _INK, bold=True)
        y += size * _LEADING
    if below := _writable(_below(record)):
        _write(draw, (_MARGIN, y + 14), below, 38, _INK)
    _write(draw, (_MARGIN, 500), _writable(voice), 24, _SOFT)
    draw.rectangle((_MARGIN, 575, _MARGIN + 160, 590), _MARKER)
    _write(draw, (_MARGIN, 548), "Readout", 42, _INK, bold=True)
    _write(draw, (_MARGIN + 180, 556), f"release {release}", 32, _SOFT)
    out = io.BytesIO()
    picture.quantize(64, dither=Image.Dither.NONE).save(out, "PNG")
    return out.getvalue()


def _below(record: dict[str, Any]) -> str:
    """Who said, promised or agreed it, where and when it was."""
    parts: list[str | None] = []
    if record["type"] == "quote":
        parts = [record["speaker"]["title"], record["office"]]
    elif record["type"] == "commitment":
        by = wording.listed(actor["title"] for actor in record["by"])
        parts = [f"{wording.pledge(record)} · {by}" if record["amount"] is not None else by]
    elif record["type"] == "summit":
        parts = [record["place"], record["starts_on"] and wording.day(record["starts_on"])]
    elif record["type"] == "agreement":
        parts = [wording.listed(party["actor"]["title"] for party in record["parties"])]
    return ", ".join(filter(None, parts))


@cache
def _font(name: str, size: int, *, bold: bool) -> ImageFont.FreeTypeFont:
    font = ImageFont.truetype(STATIC / name, size)
    font.set_variation_by_axes([650 if bold else 450])
    return font


@cache
def _file_of(character: str) -> str | None:
    """The file of the font that has a character; None if neither has it."""
    for name in _FILES:
        font = _font(name, 34, bold=False)
        blank, glyph = font.getmask(_ABSENT), font.getmask(character)
        if character == " " or (glyph.size, bytes(glyph)) != (blank.size, bytes(blank)):
            return name
    return None


def _writable(text: str) -> str:
    """A text as the font has it; nothing where it lacks a letter of it."""
    plain = unicodedata.normalize("NFC", wording.line(text))
    return plain if all(map(_file_of, set(plain))) else ""


def _runs(text: str) -> Iterable[tuple[str, str]]:
    """The parts of a text, each with the file that has its letters."""
    for name, characters in groupby(text, _file_of):
        yield name or _FILES[0], "".join(characters)


def _length(text: str, size: int, *, bold: bool) -> float:
    return sum(_font(name, size, bold=bold).getlength(part) for name, part in _runs(text))


def _write(
    draw: ImageDraw.ImageDraw, at: tuple[float, float], text: str, size: int, color: str,
    *, bold: bool = False,
) -> None:  # fmt: skip
    x, y = at
    for name, part in _runs(_fitting(text, size)):
        font = _font(name, size, bold=bold)
        draw.text((x, y), part, fill=color, font=font)
        x += font.getlength(part)


def _fitting(text: str, size: int) -> str:
    """A line, without the words that do not fit: names and dates, which are no sentences."""
    words = text.split(" ")
    while len(words) > 1 and _length(" ".join(words), size, bold=True) > _WIDTH - 2 * _MARGIN:
        words.pop()
    kept = " ".join(words)
    return kept if kept == text else f"{kept.rstrip(',·& ')} …"


def _fitted(text: str) -> tuple[list[str], int]:
    """The lines of a text in the largest letters in which it fits, or of as many of its sentences
    as fit; and the size of the letters."""
    sentences = _sentence.split(text)
    end = " …”" if text.startswith("“") else " …"
    for count in range(len(sentences), 0, -1):
        part = " ".join(sentences[:count]) + (end if count < len(sentences) else "")
        for size in _SIZES if text else ():
            if lines := _set(part, size):
                return lines, size
    return [], 0


def _set(text: str, size: int) -> list[str] | None:
    """The lines of a text in letters of a size; None if they do not fit."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if _length(longer, size, bold=True) <= _WIDTH - 2 * _MARGIN:
            lines[-1] = longer
        else:
            lines.append(word)
    fits = max(_length(line, size, bold=True) for line in lines) <= _WIDTH - 2 * _MARGIN
    return lines if fits and len(lines) * size * _LEADING <= _BOTTOM - _TOP else None
