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

# Scripts written without spaces: one sign is one word, and a longer word is a phrase.
UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー"
SIGNS = {
    "$": "dollar", "€": "euro", "£": "pound", "¥": "yen", "₩": "won", "₹": "rupee", "₽": "ruble",
}  # fmt: skip
"""The signs of currencies, each with the word that it stands for: one is not the other."""
# A letter keeps its marks, and what cannot be seen (a soft hyphen, a joiner) ends no word.
_LETTER = r"\p{L}\p{N}\p{M}\p{Cf}"
_word = regex.compile(
    r"(?<![A-Za-z0-9])[A-Za-z]{1,3}\$"  # A$ is another dollar than $; US$ is not
    rf"|[A-Za-z0-9]{{2,}}+(?![{_LETTER}])"  # by far the most
    rf"|[{UNSPACED}][\p{{M}}\p{{Cf}}]*|[{''.join(SIGNS)}]"
    rf"|(?<![{_LETTER}])(?:\p{{L}}\.)+\p{{L}}(?![{_LETTER}])"  # U.S. and D.C.
    rf"|[[{_LETTER}]--[{UNSPACED}]]+",
    regex.V1,
)
_ascii_word = re.compile(
    r"(?<![a-z0-9])[a-z]{1,3}\$|(?<![a-z0-9])(?:[a-z]\.)+[a-z](?![a-z0-9])|[a-z0-9]+|\$"
)
_latin = regex.compile(r"[[\p{Latin}]--[\p{ASCII}]]", regex.V1)
_unseen = regex.compile(r"\P{ccc=0}|\p{Cf}")  # accents of decomposed letters, and what has no shape
owners = re.compile(r"['\u2019]s(?!\w)", re.IGNORECASE)
"""Whose something is: `Japan's` is of Japan."""
_STEMMER: Any = stemmer("english")


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


def words(text: str) -> Iterator[Word]:
    """The words of a text in their order."""
    if text.isascii():
        for plain in _ascii_word.finditer(text.lower()):
            yield Word(_spoken(plain[0]), plain.start(), plain.end())
        return
    for match in _word.finditer(text):
        folded = _spoken(SIGNS.get(match[0]) or fold(match[0]))
        if folded and not folded.isspace():
            yield Word(folded, match.start(), match.end())


def _spoken(word: str) -> str:
    """A folded word without its points, and with a word for a dollar: `us$1` is `$1`."""
    plain = word.replace(".", "")
    return SIGNS["$"] if plain == "us$" else plain.replace("$", SIGNS["$"])


def stem(word: str) -> str:
    """What a folded English word shares with its other forms; any other word is its own."""
    return str(_STEMMER.stemWord(word)) if word.isascii() and word.isalpha() else word


GAP = "\ue000"
"""Between two texts, so that no phrase reaches from one into the next: no query can hold it."""


def searchable(*texts: str) -> str:
    """Texts as the search index holds them: folded words, one space between."""
    return f" {GAP} ".join(_folded_words(text) for text in texts)


def _folded_words(text: str) -> str:
    if text.isascii():
        joined = " ".join(_ascii_word.findall(text.lower()))
        return " ".join(map(_spoken, joined.split())) if "$" in joined else joined.replace(".", "")
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
