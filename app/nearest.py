"""The nearest right answer to something mistyped."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import OSA

# Below this likeness (of 100) a suggestion would surprise more than help: a slip of the keyboard is
# short, and a part of a name is in it.
_ALIKE = ((fuzz.ratio, 68), (fuzz.WRatio, 80))
# Comparing parts takes too long for the ids of a large data set.
_MANY = 2_000
_AS_LIKE = 5
_denying = re.compile(
    r"\s*(?:[-!~]|<>)|.*!\s*\Z|.*(?<![a-z])(?:not|no|non|but|except|excluding|without)(?![a-z])\W*\w",
    re.IGNORECASE | re.DOTALL,
)


def nearest(typed: str, options: Iterable[str], most: int = 3) -> list[str]:
    """The options that a person may have meant, the most likely first; often none."""
    return [option for option, _ in _matches(typed, list(options), most)]


def likeliest(typed: str, options: Iterable[str]) -> list[str]:
    """The option that is most like what was typed; several where they are as like it.

    Those that hold its words are, whatever else they hold; of very many, none is meant.
    """
    options = list(options)
    if holding := _same(typed, options) or parts(typed, options):
        return holding if len(holding) <= _AS_LIKE else []
    return _best(_matches(typed, options, _AS_LIKE))


def slips(typed: str, options: Iterable[str]) -> list[str]:
    """The options of which this is a slip of the keyboard: none that says more, as `not` does."""
    options = list(options)
    others = [option for option in options if _words(typed) not in _words(option)]
    return _same(typed, options) or _best(_matches(typed, others, _AS_LIKE, _ALIKE[:1]))


def denies(typed: str, meant: str) -> bool:
    """Whether one asks to leave out what the other asks for: `!japan`, `not done`, `-topic`."""
    return bool(_denying.match(typed)) and not _denying.match(meant)


def parts(typed: str, options: Iterable[str]) -> list[str]:
    """The options that hold these words and others: `amount_min`."""
    return [option for option in options if _words(typed) in _words(option)]


def _same(typed: str, options: list[str]) -> list[str]:
    return [option for option in options if _words(typed) == _words(option)]


def _words(text: str) -> str:
    return f" {utils.default_process(text[:200])} "


def _best(matches: list[tuple[str, float]]) -> list[str]:
    return [option for option, likeness in matches if likeness == matches[0][1]]


def _matches(
    typed: str, options: list[str], most: int, alike: Sequence[tuple[Any, int]] = _ALIKE
) -> list[tuple[str, float]]:
    # A slip of the keyboard first; then a part of the name, or its words in another order.
    for scorer, least in alike:
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
    return [(option, likeness) for option, likeness, _ in matches]


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
    near = [*misspelt(typed, options), *holding(typed, options)]
    return question([f'"{option}"' for option in near[:1]])


def misspelt(typed: str, options: list[str]) -> list[str]:
    """The options of which this is the same but for signs, or a slip of a few keys: no `undone`."""
    near = spelt(typed, options, 4)
    own = [o for o in near if not typed.endswith(o) and not o.endswith(typed)]
    return _same(typed, options) or own[:1]


def spelt(typed: str, options: Iterable[str], keys: int = 3) -> list[str]:
    """The nearest options with one slip in so many keys at most: not `those` for `house`."""
    most = max(1, len(typed) // keys)
    return [o for o in nearest(typed, options) if OSA.distance(typed.lower(), o) <= most]


def holding(typed: str, options: Iterable[str]) -> list[str]:
    """The options of which this is a part, but for those that deny it: `country_or_area`."""
    return [o for o in parts(typed.replace("_", " "), options) if not o.startswith("not_")]
