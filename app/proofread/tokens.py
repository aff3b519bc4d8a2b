"""A text as it is compared to the character, typography aside, and where two texts differ.

What only is set otherwise is the same: quotation marks, dashes, spaces, ligatures, capitals,
commas. A sign of currency, a sign before a number, `%` and `…` are words as others are.
"""

import unicodedata
from itertools import pairwise
from typing import NamedTuple

import regex
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein
from text_to_num import text2num  # type: ignore[import-untyped] # it has no types

from app.beside import table_beside
from app.proofread.shapes import Difference
from app.text import UNSPACED
from app.vocabulary import DifferenceKind

_SPACES = "\u00a0\u2009\u202f "
_token = regex.compile(
    rf"""
    (?<number>\d{{1,3}}(?:[,'’{_SPACES}]\d{{3}})++(?!\d)(?:\.\d++)?(?!\p{{L}})
        |\d++(?:[.,]\d++)*+(?!\p{{L}}))
    | (?<initials>(?<![\p{{L}}\p{{N}}])(?:\p{{L}}\.){{1,8}}\p{{L}}(?![\p{{L}}\p{{N}}]))
    | [{UNSPACED}][\p{{M}}\p{{Cf}}]*+
    | [\p{{L}}\p{{N}}][\p{{L}}\p{{M}}\p{{N}}\p{{Cf}}]*+(?:['’ʼ][\p{{L}}\p{{M}}]++)*+
    | (?<![\p{{L}}\p{{N}}])[-−–+](?=[\p{{Sc}}]?\d) | \p{{Sc}} | [%‰] | … | \.{{3}} | \.\ \.\ \.
    """,
    regex.VERBOSE,
)
_in_thousands = regex.compile(rf"(?<=\d)[,'’{_SPACES}](?=\d{{3}}(?!\d))")
_unseen = regex.compile(r"\p{Cf}")
_SAME = {"…": "…", "−": "-", "–": "-", "...": "…", ". . .": "…"}
_NEGATIONS = frozenset(table_beside(__file__, "english.toml")["negations"])
_AT_LEAST = 4
_SHARE = 0.6
"""Of so many of its words in their order, a quotation is like a text: never by chance."""


class Token(NamedTuple):
    """What is compared of a word, and where it stands in the text, in code points."""

    key: str
    start: int
    end: int


def tokens(text: str, start: int = 0, end: int | None = None) -> list[Token]:
    """The words and signs of a text, or of a part of it."""
    matches = list(_token.finditer(text, start, len(text) if end is None else end))
    loud = not any(match[0].islower() for match in matches)
    return [Token(_key(match, loud=loud), *match.span()) for match in matches]


def _key(match: "regex.Match[str]", *, loud: bool) -> str:
    raw = match[0]
    if match["number"]:
        return unicodedata.normalize("NFKC", _in_thousands.sub("", raw))
    if match["initials"]:
        return raw.replace(".", "").upper()
    if raw in _SAME:
        return _SAME[raw]
    if not raw.isascii():
        raw = _unseen.sub("", unicodedata.normalize("NFKC", raw)).replace("’", "'")
    # US is not us, but where all is in capitals.
    is_acronym = len(raw) > 1 and raw.isupper() and not loud
    return raw if is_acronym else raw.casefold()


class Words(NamedTuple):
    """A text with its tokens."""

    text: str
    tokens: list[Token]
    keys: list[str]
    line: str
    """The keys between spaces, to look for a part of them."""

    @classmethod
    def of(cls, text: str, start: int = 0, end: int | None = None) -> "Words":
        """Read a text, or a part of it."""
        return cls.joined(text, tokens(text, start, end))

    @classmethod
    def joined(cls, text: str, some: list[Token]) -> "Words":
        """The words of these tokens of a text, without an ellipsis at either end."""
        places = [at for at, token in enumerate(some) if token.key != "…"]
        kept = some[places[0] : places[-1] + 1] if places else []
        keys = [token.key for token in kept]
        return cls(text, kept, keys, f" {' '.join(keys)} ")

    def said(self, start: int, end: int) -> str:
        """The text from a token to another, on one line."""
        if start >= end:
            return ""
        return " ".join(self.text[self.tokens[start].start : self.tokens[end - 1].end].split())

    def holds(self, other: "Words") -> bool:
        """Whether the words of another text stand here so."""
        return other.line in self.line


class Likeness(NamedTuple):
    """How the words of a quotation stand in a source."""

    common: int
    """How many of them stand there in their order."""
    differences: list[Difference]


def likeness(draft: Words, source: Words) -> Likeness | None:
    """Where a quotation and a text differ that are alike; None where they are not."""
    least = max(_AT_LEAST, round(_SHARE * len(draft.keys)))
    for start, end in (_near(draft, source), (0, len(source.keys))):
        blocks = _blocks(draft.keys, source.keys[start:end], start)
        common = sum(size for *_, size in blocks)
        if common >= least:
            return Likeness(common, _differences(draft, source, blocks))
    return None


Block = tuple[int, int, int]  # from which token of the draft, and of the source; how many


def _near(draft: Words, source: Words) -> tuple[int, int]:
    """The part of a text that is most like a quotation, and some words around it."""
    around = max(3, len(draft.keys) // 3)
    best = fuzz.partial_ratio_alignment(draft.keys, source.keys)
    if best is None or len(draft.keys) >= len(source.keys):
        return 0, len(source.keys)
    return max(0, best.dest_start - around), min(len(source.keys), best.dest_end + around)


def _blocks(draft: list[str], source: list[str], offset: int) -> list[Block]:
    """The runs of words that both have, in their order, without strays at either end."""
    matching = Levenshtein.opcodes(draft, source).as_matching_blocks()
    blocks = [(one.a, one.b + offset, one.size) for one in matching if one.size]
    for end, inner in ((0, 1), (-1, -2)):
        while len(blocks) > 1 and _is_stray(blocks[end], blocks[inner]):
            del blocks[end]
    return blocks


def _is_stray(block: Block, other: Block) -> bool:
    first, second = sorted((block, other))
    return second[1] - first[1] - first[2] > 3 * block[2] + 3


def _differences(draft: Words, source: Words, blocks: list[Block]) -> list[Difference]:
    """What is different between the runs, and before the first and behind the last one."""
    (at, there, _), (last, last_there, size) = blocks[0], blocks[-1]
    end, end_there = last + size, last_there + size
    rest = len(draft.keys) - end
    gaps = [(0, at, max(there - at, 0), there)] if at else []
    gaps += [
        (one[0] + one[2], other[0], one[1] + one[2], other[1]) for one, other in pairwise(blocks)
    ]
    if rest:
        gaps.append((end, len(draft.keys), end_there, min(end_there + rest, len(source.keys))))
    return [_difference(draft, source, *gap) for gap in gaps]


def _difference(draft: Words, source: Words, *gap: int) -> Difference:
    typed, there = draft.keys[gap[0] : gap[1]], source.keys[gap[2] : gap[3]]
    if [*filter(_is_number, typed)] != [*filter(_is_number, there)]:
        kind = DifferenceKind.NUMBER
    elif any(map(_denies, typed)) != any(map(_denies, there)):
        kind = DifferenceKind.NEGATION
    elif typed in ([], ["…"]):
        kind = DifferenceKind.LEFT_OUT
    else:
        kind = DifferenceKind.CHANGED if there else DifferenceKind.ADDED
    said, source_said = draft.said(*gap[:2]), source.said(*gap[2:])
    return Difference(kind=kind, draft=said or None, source=source_said or None)


def _is_number(key: str) -> bool:
    if key[:1].isdigit():
        return True
    try:
        return text2num(key, "en") is not None
    except ValueError:
        return False


def _denies(key: str) -> bool:
    return key in _NEGATIONS or key.endswith("n't")
