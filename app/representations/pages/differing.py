"""Where sources word one fact differently: both passages, with the words in which they differ."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, groupby, islice
from typing import Any, NamedTuple

from rapidfuzz.distance import Levenshtein

from app.proofread.tokens import Words, likeness

Json = Mapping[str, Any]
_READ, _MOST = 20, 4  # passages of a record that are compared, and pairs that stand on its page
_SHARE = 0.4
"""Of so many words of the longer one, two passages tell the same."""


class Side(NamedTuple):
    """A passage in pieces, each with whether the other passage lacks its words."""

    passage: Json
    pieces: list[tuple[str, bool]]


Pair = tuple[list[str], tuple[Side, Side]]
"""The fields that two passages of different documents prove, and both of them."""


def differing(passages: Sequence[Json]) -> list[Pair]:
    """The pairs of passages that tell one fact in much the same words, and not in the same."""
    return [*islice(_pairs(passages[:_READ]), _MOST)]


def _pairs(passages: Sequence[Json]) -> Iterator[Pair]:
    for one, other in combinations(passages, 2):
        fields = [field for field in one["fields"] if field in other["fields"]]
        first, second = Words.of(one["exact"]), Words.of(other["exact"])
        # One that has all words of the other says more, and nothing else.
        elsewhere = one["source"].id != other["source"].id
        if not fields or not elsewhere or first.holds(second) or second.holds(first):
            continue
        shorter, longer = sorted((first, second), key=lambda words: len(words.keys))
        alike = likeness(shorter, longer)
        if alike and alike.common >= _SHARE * len(longer.keys):
            steps = Levenshtein.opcodes(first.keys, second.keys)
            same = [step for step in steps if step.tag == "equal"]
            at_first = {at for step in same for at in range(step.src_start, step.src_end)}
            at_second = {at for step in same for at in range(step.dest_start, step.dest_end)}
            yield fields, (Side(one, _cut(first, at_first)), Side(other, _cut(second, at_second)))


def _cut(words: Words, same: set[int]) -> list[tuple[str, bool]]:
    """A text in pieces, those apart of which the other one has the words."""
    starts = [token.start for token in words.tokens[1:]]
    ends = [*starts, len(words.text)]
    pieces, at = [], 0
    for differs, run in groupby(range(len(ends)), key=lambda token: token not in same):
        last = [*run][-1]
        end = words.tokens[last].end if differs else ends[last]
        pieces.append((words.text[at:end], differs))
        at = end
    return [*pieces, (words.text[at:], False)]
