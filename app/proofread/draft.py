"""A draft as it is read: its plain text, its quotations, and the sentences that frame them.

Each pattern takes time in proportion to the draft, whatever stands in it.
"""

import html
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

Span = tuple[int, int]

_markup = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|head)\b.*?(?:</\1|\Z)|</?([a-z][a-z0-9]*+)[^<>]*+>"
    r"|&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z0-9]{2,31});",
    re.IGNORECASE | re.DOTALL,
)
_QUOTING = frozenset({"q", "blockquote"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "em", "i", "mark", "s", "small", "span", "strong",
     "sub", "sup", "time", "u", "wbr"}
)  # fmt: skip
_link_target = re.compile(r"(?<=\])\([^()\s]*+\)")
_block_quote = re.compile(r"(?:^[ ]{0,3}>[^\n]*(?:\n|\Z))+", re.MULTILINE)
_quote_sign = re.compile(r"^[ ]{0,3}>", re.MULTILINE)
_between_paragraphs = re.compile(r"\n[^\S\n]*(?:\n[^\S\n]*)+")
_mark = re.compile("[\"“”„«»‹›‘’'「」『』]")
_CLOSES = {
    "”": "“„", "“": "„", "»": "«", "«": "»", "›": "‹", "‹": "›", "’": "‘", "」": "「",
    "』": "『", '"': '"', "'": "'",
}  # fmt: skip
_OPENS = frozenset("\"“„«»‹›‘'「『")
_end_of_sentence = re.compile(r"""[.!?。！？]["'”’»)\]]{0,3}(?:\s+|\Z)""")
# What ends in a point and ends no sentence.
_short = re.compile(r"(?:\b[^\W\d_]|\b(?:Mr|Mrs|Ms|Dr|St|Gen|Sen|Rep|Gov|Col|Lt|vs|No))\.$")
_MOST_DEEP = 50
LONGEST_SENTENCE = 500
"""Characters on either side of what is said: more are not looked at."""


class Quotation(NamedTuple):
    """Words between quotation marks, or those of two that "he said" stands between."""

    spans: tuple[Span, ...]
    """Of the words, without the marks."""
    before: Span
    """What stands before it in its sentence."""
    after: Span
    """What stands after it in its sentence, or is the next one."""
    inside: bool = False
    """Whether it stands within another one."""

    @property
    def start(self) -> int:
        """Where it begins in the text."""
        return self.spans[0][0]

    @property
    def end(self) -> int:
        """Where it ends in the text."""
        return self.spans[-1][1]


class Draft:
    """A text, and where each of its characters stands in what was sent."""

    def __init__(self, sent: str, media_type: str = "text/plain") -> None:
        """Leave out the markup of HTML or Markdown."""
        pieces_of = _PIECES.get(media_type)
        pieces = pieces_of(sent) if pieces_of else [(sent, 0)]
        self._starts: list[int] = []  # in the text
        self._origins: list[int] = []
        texts: list[str] = []
        length = 0
        for text, origin in pieces:
            self._starts.append(length)
            self._origins.append(origin)
            texts.append(text)
            length += len(text)
        # A mark of the byte order counts in what was sent, and says nothing.
        self.text = re.sub("^\ufeff", " ", "".join(texts))
        self.size = len(sent)
        """How many code points were sent."""

    def place(self, at: int) -> int:
        """The place of a character of the text in what was sent, in code points."""
        piece = bisect_right(self._starts, at) - 1
        return self._origins[piece] + at - self._starts[piece] if piece >= 0 else at

    def paragraphs(self) -> Iterator[Span]:
        """The paragraphs."""
        start = 0
        for blank in _between_paragraphs.finditer(self.text):
            yield start, blank.start()
            start = blank.end()
        yield start, len(self.text)

    def sentences(self, paragraph: Span) -> Iterator[Span]:
        """The sentences of a paragraph."""
        start, end = paragraph
        for stop in _end_of_sentence.finditer(self.text, start, end):
            following = self.text[stop.end() : stop.end() + 1]
            point = self.text[max(stop.start() - 8, start) : stop.start() + 1]
            if following.islower() or _short.search(point):
                continue
            yield start, stop.end()
            start = stop.end()
        if start < end:
            yield start, end

    def quotations(self) -> Iterator[Quotation]:
        """The quotations, in their order; one inside of another follows it."""
        for paragraph in self.paragraphs():
            yield from self._framed(self._marked(*paragraph), paragraph)

    def _marked(self, start: int, end: int) -> list[Span]:
        """The spans between the quotation marks of a paragraph."""
        stack: list[tuple[str, int]] = []
        spans: list[Span] = []
        for match in _mark.finditer(self.text, start, end):
            mark, at = match[0], match.start()
            before = self.text[at - 1] if at > start else " "
            after = self.text[at + 1] if at + 1 < end else " "
            if mark in "'’‘" and before.isalnum() and after.isalnum():
                continue  # an apostrophe
            signs = [sign for sign, _ in stack]
            opening = next((s for s in reversed(signs) if s in _CLOSES.get(mark, "")), None)
            if opening and not (mark == "'" and before.isspace()):
                last = len(signs) - 1 - signs[::-1].index(opening)
                spans.append((stack[last][1], at))
                del stack[last:]
            elif _may_open(mark, before, after) and len(stack) < _MOST_DEEP:
                stack.append((mark, at + 1))
        # It goes on in the next paragraph, which begins with the mark once more.
        mark = self.text[end : end + 20].lstrip()[:1]
        spans += [(at, end) for sign, at in stack[:1] if sign == mark and sign != "'"]
        return sorted(spans, key=lambda span: (span[0], -span[1]))

    def _framed(self, spans: list[Span], paragraph: Span) -> Iterator[Quotation]:
        """Quotations with what stands around them, or around the one that they stand in."""
        outer: list[Span] = []
        for span in spans:
            if not outer or span[0] >= outer[-1][1]:
                outer.append(span)
        ends = [end for _, end in self.sentences(paragraph)]
        for span in spans:
            at = bisect_right(outer, (span[0], paragraph[1] + 1)) - 1
            start, end = outer[at]
            floor = outer[at - 1][1] + 1 if at else paragraph[0]
            ceiling = outer[at + 1][0] - 1 if at + 1 < len(outer) else paragraph[1]
            begun = ends[bisect_left(ends, start) - 1] if ends and ends[0] < start else floor
            later = bisect_right(ends, end + 1)
            ended = ends[later] if later < len(ends) else ceiling
            yield Quotation(
                (span,),
                (max(begun, floor, start - LONGEST_SENTENCE), max(start - 1, floor)),
                (min(end + 1, ceiling), min(ended, ceiling, end + LONGEST_SENTENCE)),
                inside=span != outer[at],
            )


def _may_open(mark: str, before: str, after: str) -> bool:
    """Whether a quotation begins with this mark between these characters."""
    if mark == "'" and before.isalnum():
        return False
    return mark in _OPENS and (mark in "«‹" or not after.isspace())


def _of_html(sent: str) -> Iterator[tuple[str, int]]:
    at = 0
    for match in _markup.finditer(sent):
        yield sent[at : match.start()], at
        at = match.end()
        name = (match[2] or "").lower()
        if match[0][0] == "&":
            yield html.unescape(match[0]), match.start()
        elif name in _QUOTING:
            yield "”" if match[0][1] == "/" else "“", match.start()
        elif name not in _INLINE:
            yield "\n\n", match.start()
    yield sent[at:], at


def _of_markdown(sent: str) -> Iterator[tuple[str, int]]:
    """Without targets of links, and with blocks that are quoted between marks."""
    blank = _link_target.sub(lambda target: " " * len(target[0]), sent)
    at = 0
    for block in _block_quote.finditer(blank):
        yield blank[at : block.start()], at
        inner = _quote_sign.sub(lambda sign: " " * len(sign[0]), block[0])
        body = inner.rstrip()
        lead = len(body) - len(body.lstrip())
        yield "“", block.start()
        yield body[lead:], block.start() + lead
        yield f"”{inner[len(body) :]}", block.start() + len(body)
        at = block.end()
    yield blank[at:], at


_PIECES: dict[str, Callable[[str], Iterator[tuple[str, int]]]] = {
    "text/html": _of_html,
    "text/markdown": _of_markdown,
}
