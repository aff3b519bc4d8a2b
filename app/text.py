"""Text as it is compared: folded (accents, case, width) and cut into words.

Both are done here and not by the index, so that the words of an answer can be marked where they
stand in the text.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any, NamedTuple

import regex
from anyascii import anyascii
from snowballstemmer import stemmer  # type: ignore[import-untyped] # it has no types

from app.beside import table_beside

# Scripts written without spaces: one sign is one word, and a longer word is a phrase.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
_DATA = table_beside(__file__)
SIGNS = {
    "$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₩": "won", "₹": "rupee", "₽": "ruble",
    "%": "percent",
}  # fmt: skip
"""Signs with the word that each stands for: one currency is not the other."""
LITTLE = frozenset(_DATA["little"])
"""Words that say nothing by themselves."""
CAPITAL = "\ue003"
"""Before a word in capitals that would be a little word: WHO is not who."""
POINT = "\ue004"
"""Within a number."""
# A letter keeps its marks, and what cannot be seen (a soft hyphen, a joiner) ends no word.
_LETTER = r"\p{L}\p{N}\p{M}\p{Cf}"
_word = regex.compile(
    r"(?<![A-Za-z0-9])(?:[A-Za-z]{1,3}\$"  # A$ is another dollar than $; US$ is not
    rf"|(?i:per cent|[a-z]-[0-9]+)(?![-{_LETTER}]))"  # as percent, and G-7 as G7
    rf"|(?<![.,{_LETTER}])[0-9]+(?:,[0-9]{{3}})*(?:\.[0-9]+)?[A-Za-z]*(?![{_LETTER}]|[.,][0-9])"
    rf"|[A-Za-z0-9]{{2,}}+(?![{_LETTER}])"  # by far the most
    rf"|[{UNSPACED}][\p{{M}}\p{{Cf}}]*|[{''.join(SIGNS)}]"
    rf"|(?<![{_LETTER}])(?:\p{{L}}\.)+\p{{L}}(?![{_LETTER}])"  # U.S. and D.C.
    rf"|[[{_LETTER}]--[{UNSPACED}]]+",
    regex.V1,
)
_ascii_word = re.compile(
    r"(?<![a-z0-9])(?:[a-z]{1,3}\$|(?:per cent|[a-z]-\d+)(?![-a-z0-9]))"
    r"|(?<![a-z0-9])(?:[a-z]\.)+[a-z](?![a-z0-9])"
    r"|(?<![.,a-z0-9])\d+(?:,\d{3})*(?:\.\d+)?[a-z]*(?![a-z0-9]|[.,]\d)"
    r"|[a-z0-9]+|[$%]"
)
_latin = regex.compile(r"[[\p{Latin}]--[\p{ASCII}]]", regex.V1)
_unseen = regex.compile(r"\P{ccc=0}|\p{Cf}")  # accents of decomposed letters, and what has no shape
owners = re.compile(r"['\u2019]s(?!\w)", re.IGNORECASE)
"""Whose something is: `Japan's` is of Japan."""
_STEMMER: Any = stemmer("english")
_SPELLINGS = [(re.compile(each), other) for each, other in _DATA["spellings"]]
_APART: dict[str, str] = {word: words[0] for words in _DATA["apart"] for word in words}
_MANY_CAPITALS = 3  # blanks: fewer words may be as many names
_SHORT = {word: words for words in _DATA["short"] for word in words}
_LONG = 5  # letters; the other spelling of a shorter word is often another one: four, for


class Word(NamedTuple):
    """A folded word and where it stands in the text, in code points."""

    folded: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case, no accents, normal width, nothing that can't be seen: `Élysée` gives `elysee`.

    Latin letters that have no decomposition become those that are written for them: `ø` gives `o`.
    """
    if text.isascii():
        return text.lower()
    bare = _unseen.sub("", unicodedata.normalize("NFKD", text.casefold()))
    # A second time: a folded letter may decompose into ones with another lower case.
    composed = unicodedata.normalize("NFKC", bare).casefold()
    return _latin.sub(lambda letter: anyascii(letter[0]).lower(), composed)


def is_shouted(text: str) -> bool:
    """Whether capitals say nothing in a text, as all is in them."""
    return text.isupper() and text.count(" ") >= _MANY_CAPITALS


def words(text: str) -> Iterator[Word]:
    """The words of a text in their order. A number with decimals or thousands is one."""
    text = owners.sub("  ", text)
    shouted = is_shouted(text)
    if text.isascii():
        for plain in _ascii_word.finditer(text.lower()):
            at = plain.span()
            yield Word(_spoken(plain[0], shouted or text[slice(*at)]), *at)
        return
    for match in _word.finditer(text):
        folded = _spoken(SIGNS.get(match[0]) or fold(match[0]), shouted or match[0])
        if folded and not folded.isspace():
            yield Word(folded, match.start(), match.end())


def stems(word: str) -> set[str]:
    """The stem of a folded word, and those of its other spellings: `defence`, `feb`."""
    long = len(word) >= _LONG and word.isascii() and word.isalpha()
    others = [each.sub(other, word) for each, other in _SPELLINGS] if long else []
    others += _SHORT.get(word, ())
    return {stem(word), *(stem(other) for other in others if other != word)}


def _spoken(word: str, written: str | bool) -> str:
    """A folded word without points and commas, as it was written unless all is in capitals.

    A sign is a word: `US$` is `$`, `per cent` is `%`, and `G-7` is `G7`.
    """
    if word.isalpha():  # by far the most
        is_code = word in LITTLE and word.upper() == written and len(word) > 1
        return CAPITAL + word if is_code else word
    if word[:1].isdigit():
        return word.replace(",", "").replace(".", POINT)
    if word in {"us$", "per cent"}:
        return SIGNS["$" if "$" in word else "%"]
    plain = word.replace(".", "").replace("-", "")
    return plain.replace("$", SIGNS["$"]).replace("%", SIGNS["%"])


def stem(word: str) -> str:
    """What a folded English word shares with its other forms; any other word is its own."""
    if word in _APART:
        return _APART[word]
    return str(_STEMMER.stemWord(word)) if word.isascii() and word.isalpha() else word


# What is not just letters between blanks.
_uncommon = re.compile(r"[$%']|\d[.,]\d|-\d|\b[Pp]er cent\b", re.ASCII)
_capitals = re.compile(r"\b[A-Z]{2,}\b", re.ASCII)
_IN_CAPITALS = frozenset(map(str.upper, LITTLE))
GAP = "\ue000"
"""Between two texts, so that no phrase reaches from one into the next: no query can hold it."""


def searchable(*texts: str) -> str:
    """Texts as the search index holds them: folded words, one space between."""
    return f" {GAP} ".join(_folded_words(text) for text in texts)


def _folded_words(text: str) -> str:
    plain = text.isascii() and not _uncommon.search(text)
    if plain and _IN_CAPITALS.isdisjoint(_capitals.findall(text)):
        return " ".join(_ascii_word.findall(text.lower())).replace(".", "")
    return " ".join(word.folded for word in words(text))


def slug_of(text: str, most: int = 100) -> str:
    """The letters and digits of a text as an id: `New Golden Age` gives `new-golden-age`."""
    letters = re.sub(r"[.'\u2019]", "", fold(text[: 2 * most]))
    return re.sub(r"[^a-z0-9]+", "-", letters)[:most].strip("-")


_thousands = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_digits = re.compile(r"\d+")


_UNSIGNED = str.maketrans(dict.fromkeys(SIGNS))


def in_order(title: str) -> str:
    """A key by which titles are in the order of their letters and of their numbers' size.

    Accents, case and what is no letter or digit do not count; 2 comes before 10.
    """
    text = searchable(_thousands.sub("", title).translate(_UNSIGNED))
    return _digits.sub(lambda run: f"{len(run[0].lstrip('0')):03}{run[0].lstrip('0')}", text)


# Controls but the end of a line, and halves of characters.
_unprintable = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str | None:
    """The first unprintable character, which keeps a text out of the record; None if none."""
    match = _unprintable.search(text)
    return f"U+{ord(match[0]):04X}" if match else None


def counted(number: int, noun: str) -> str:
    """`1 place`, `2 places`."""
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
