"""The nearest right answer to something mistyped."""

import math
import re
from collections.abc import Callable, Iterable
from itertools import product

import regex
from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import OSA

from app.beside import table_beside

# Below this likeness (of 100) a suggestion would surprise more than help: a slip of the keyboard is
# short, and a part of a name is in it.
_ALIKE = ((fuzz.ratio, 68), (fuzz.WRatio, 80))
# Comparing parts takes too long for the ids of a large data set.
_MANY = 2_000
_AS_LIKE = 5
_NAMES = 2  # of a person, in either order
_compass = re.compile(r"(?:north|south)?(?:east|west)|north|south")
_between_digits = re.compile(r"(?<=\d) (?=\d)")
_KEYS = 4  # so many letters for each wrong key
_DATA = table_beside(__file__)
_DENYING = frozenset(_DATA["denying"])
_VOWELS = frozenset(_DATA["vowels"])
_SAME_SOUND = [frozenset(pair) for pair in _DATA["same_sound"]]
_LONG = 10  # letters: in so many there may be two slips
# Around a value may stand brackets, quotes, the sign of a currency or what can't be seen; any other
# sign (`!`, `-`, `<>`, `≠`) may say that it is not meant.
_OTHER = r"""[^\w\s\p{Sc}\p{Pi}\p{Pf}\p{Ps}\p{Pe}\p{M}\p{Cf}"'`.,:;?#@=+/]"""
_before = regex.compile(rf"\A\W*?{_OTHER}")
_behind = regex.compile(rf"(?r){_OTHER}\W*\Z")  # backwards from the end, once
_word = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+")


def nearest(typed: str, options: Iterable[str], most: int = 3) -> list[str]:
    """The options that are like what was typed, the most like first: it may be another word."""
    options = list(options)
    # A slip of the keyboard first; then a part of the name, or its words in another order.
    for scorer, least in _ALIKE:
        matches = process.extract(
            typed[:200],
            options,
            scorer=scorer,
            processor=utils.default_process,
            score_cutoff=least,
            limit=most,
        )
        if matches or len(typed) < 4 or len(options) > _MANY:
            break
    return [option for option, _, _ in matches]


def likeliest(typed: str, options: Iterable[str]) -> list[str]:
    """The options that were meant: the same words, or a slip of them, or more than them.

    Of very many that hold these words, none is meant.
    """
    options = list(options)
    near = _same(typed, options) or _misspelt(typed, options) + parts(typed, options)
    return near if len(near) <= _AS_LIKE else []


def slips(typed: str, options: Iterable[str]) -> list[str]:
    """The options with the same words in whatever order; else those of which this is a slip."""
    options = list(options)
    return _same(typed, options) or _misspelt(typed, options)


def _misspelt(typed: str, options: list[str]) -> list[str]:
    """The options with as many words, each the same but for slips: none says more or less."""
    words = _words(typed).split()
    others = {option: _words(option).split() for option in options}
    return [
        option
        for option, theirs in others.items()
        if len(words) == len(theirs) and all(map(_one_by_one, words, theirs))
    ]


def _one_by_one(word: str, other: str) -> bool:
    """Whether a word is another one but for a few keys: not the first, as in `none` for `done`."""
    if word == other or re.sub(r"ies\Z", "y", word) == other:
        return True
    if not (word.isalpha() and other.isalpha() and word[0] == other[0]):
        return False
    if [*_compass.findall(word)] != [*_compass.findall(other)]:
        return False
    most, longer = min(len(word), len(other)) // _KEYS, abs(len(word) - len(other))
    return longer <= 1 <= most and OSA.distance(word, other, score_cutoff=most) <= most


def negated(text: str) -> bool:
    """Whether a sign before or after a text may say that it is not meant: `!japan`, `status~`."""
    return bool(_before.search(text) or _behind.search(text))


def denies(typed: str, meant: str = "") -> bool:
    """Whether one asks to leave out what the other asks for: `!japan`, `not done`, `statusNot`."""
    return any(says(typed) and not says(meant) for says in (negated, _says_not))


def _says_not(text: str) -> bool:
    words = [word.lower() for word in _word.findall(text)]
    # NE and NO alone are codes of countries.
    alone = text.strip().lower()
    return any(word in _DENYING and (word != alone or len(word) > len("no")) for word in words)


def parts(
    typed: str, options: Iterable[str], alike: Callable[[str, str], bool] = str.__eq__
) -> list[str]:
    """The options that hold these words and others, in this order: `amount_min`."""
    words = _words(typed).split()
    return [o for o in options if words and _in_order(words, _words(o).split(), alike)]


def misspelt_parts(typed: str, options: Iterable[str]) -> list[str]:
    """The options that hold these words and others but for slips; of very many, none."""
    near = parts(typed, options, _one_by_one)
    return near if len(near) <= _AS_LIKE else []


def _in_order(words: list[str], others: list[str], alike: Callable[[str, str], bool]) -> bool:
    rest = iter(others)  # each word is looked for behind the one before it
    return all(any(alike(word, other) for other in rest) for word in words)


def _same(typed: str, options: list[str]) -> list[str]:
    words, letters = _in_any_order(typed)
    return [o for o in options if words == (other := _in_any_order(o))[0] or letters == other[1]]


def _in_any_order(text: str) -> tuple[list[str], str]:
    """The words of a text in one order, and its letters without a space but between numbers."""
    words = _words(text).split()
    letters = "".join(_between_digits.sub("-", " ".join(words)).split())
    # Of more than two, the order says who does what to whom.
    return sorted(words) if len(words) == _NAMES else words, letters


def _words(text: str) -> str:
    return f" {' '.join(utils.default_process(text[:200]).split())} "


def question(options: Iterable[str]) -> str:
    """The end of a sentence that asks for what was meant; nothing where that is not clear."""
    return f"; did you mean {' or '.join(options)}?" if options else ""


def did_you_mean(typed: str, options: Iterable[str]) -> str:
    """`; did you mean "japan"?`, or nothing."""
    return question([f'"{option}"' for option in nearest(typed, options, most=1)])


def slip_of(typed: str, options: Iterable[str]) -> str:
    """As `did_you_mean`, of words that differ in meaning: a slip of a few keys, or a part of it.

    None that is another word (`endorsed`, `ended`), and none that says the opposite.
    """
    options = list(options)
    near = [*slips(typed, options), *holding(typed, options)]
    return question([f'"{option}"' for option in near[:1]])


def spelt(typed: str, options: Iterable[str]) -> list[str]:
    """The options of which a word is a slip, the nearest first; the end may be another one.

    A slip turns two letters round, leaves one out, has one too many, or a vowel for a vowel.
    Another consonant makes another word, and so does another beginning.
    """
    most = 1 if len(typed) < _LONG else 2
    slips = {
        option: _slips_in(typed, option)
        for option in options
        if option[0] == typed[0] and OSA.distance(typed, option, score_cutoff=2 * most) <= 2 * most
    }
    return sorted((option for option in slips if slips[option] <= most), key=slips.__getitem__)


def ends_alike(typed: str, option: str) -> bool:
    """Whether the last letter is the same, turned round or that of many: not `macron`, `macro`."""
    if typed == f"{option}s":
        return True
    one, other = (word.replace("y", "i") for word in (typed, option))
    return one[-1] == other[-1] or one[-2:] == other[:-3:-1]


def _slips_in(typed: str, other: str) -> float:
    """How many slips make one word of another; to double a letter is half a one."""
    typed, other = typed.replace("y", "i"), other.replace("y", "i")
    least = [[math.inf] * (len(other) + 1) for _ in range(len(typed) + 1)]
    least[0][0] = 0
    for i, j in product(range(len(typed) + 1), range(len(other) + 1)):
        one, two = typed[:i], other[:j]
        ways = [least[i][j]]
        if one:
            ways.append(least[i - 1][j] + (0.5 if one.endswith(one[-1] * 2) else 1))
        if two:
            ways.append(least[i][j - 1] + (0.5 if two.endswith(two[-1] * 2) else 1))
        if one and two and (one[-1] == two[-1] or _sound_alike(one, two)):
            ways.append(least[i - 1][j - 1] + (one[-1] != two[-1]))
        if one[1:] and one[-2:] == two[:-3:-1]:
            ways.append(least[i - 2][j - 2] + 1)
        least[i][j] = min(ways)
    return least[-1][-1]


def _sound_alike(one: str, two: str) -> bool:
    """Whether the last letters sound alike: of vowels, the first one of a word is another word."""
    last = {one[-1], two[-1]}
    vowels = last <= _VOWELS and not _VOWELS.isdisjoint(one[:-1])
    return vowels or last in _SAME_SOUND


def holding(typed: str, options: Iterable[str]) -> list[str]:
    """The options of which this is a part, but for those that deny it: `country_or_area`."""
    return [o for o in parts(typed, options) if not o.startswith("not_")]
