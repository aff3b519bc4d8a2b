"""The nearest right answer to something mistyped."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

# Below this likeness (of 100) a suggestion would surprise more than help: a slip of the keyboard is
# short, and a part of a name is in it.
_ALIKE = ((fuzz.ratio, 68), (fuzz.WRatio, 80))
# Comparing parts takes too long for the ids of a large data set.
_MANY = 2_000


def nearest(typed: str, options: Iterable[str], most: int = 3) -> list[str]:
    """The options that a person may have meant, the most likely first; often none."""
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


def did_you_mean(typed: str, options: Iterable[str]) -> str:
    """`; did you mean "japan"?`, or nothing."""
    match = nearest(typed, options, most=1)
    return f'; did you mean "{match[0]}"?' if match else ""
