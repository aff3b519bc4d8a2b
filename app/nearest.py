"""The nearest right answer to something mistyped."""

from collections.abc import Iterable

from rapidfuzz import fuzz, process, utils

# Below this likeness (of 100) a suggestion would surprise more than help.
_ALIKE = 60
# Comparing parts as well as wholes finds more, and takes too long for a large data set's ids.
_MANY = 2_000


def nearest(typed: str, options: Iterable[str], most: int = 3) -> list[str]:
    """The options that a person may have meant, the most likely first; often none."""
    options = list(options)
    found = process.extract(
        typed[:200],
        options,
        scorer=fuzz.WRatio if len(typed) > 3 and len(options) < _MANY else fuzz.ratio,
        processor=utils.default_process,
        score_cutoff=_ALIKE,
        limit=most,
    )
    return [option for option, _, _ in found]


def did_you_mean(typed: str, options: Iterable[str]) -> str:
    """`; did you mean "japan"?`, or nothing."""
    found = nearest(typed, options, most=1)
    return f'; did you mean "{found[0]}"?' if found else ""
