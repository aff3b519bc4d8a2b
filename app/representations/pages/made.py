"""What was promised, done and reported: counted by how far it came, and by who did it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.records import passages_of
from app.representations.wording import counted, listed, number, state
from app.vocabulary import Act, CommitmentStatus

Json = Mapping[str, Any]
Counts = Mapping[tuple[str, str], int]
"""How many commitments there are of each act and status."""
_SHOWN, _UNFOLDED = 120, 5
_USUAL = {Act.DEED: CommitmentStatus.DONE, Act.REPORT: CommitmentStatus.NOT_STATED}
_ORDER = [(Act.PROMISE.value, status.value) for status in CommitmentStatus]
_ORDER += [(Act.DEED.value, ""), (Act.REPORT.value, "")]


def counts_of(commitments: Iterable[Json]) -> Counts:
    """The counts of some commitments."""
    return Counter((one["act"], one["status"]) for one in commitments)


def tallied(counts: Counts) -> dict[str, str]:
    """The counts in words, by act: `8 promises (3 announced, 5 as stated)`, `2 deeds`."""
    phrases = {}
    for act in Act:
        by_status = {s: n for s in CommitmentStatus if (n := counts.get((act, s), 0))}
        total = sum(by_status.values())
        if not total:
            continue
        phrases[act.value] = counted(total, f"{act}s")
        said = {words: n for s, n in by_status.items() if (words := state(act, s))}
        if said and [*by_status] != [_USUAL.get(act)]:
            each = [words if n == total else f"{number(n)} {words}" for words, n in said.items()]
            phrases[act.value] += f" ({', '.join(each)})"
    return phrases


@dataclass(frozen=True)
class Segment:
    """A part of a bar: commitments of one act and status."""

    act: str
    status: str
    start: int
    count: int

    @property
    def words(self) -> str:
        """What it stands for, in words: `3 announced`, `2 deeds`."""
        if self.act == Act.PROMISE:
            return f"{number(self.count)} {state(self.act, self.status)}"
        return counted(self.count, f"{self.act}s")


def segments(counts: Counts) -> list[Segment]:
    """The parts of a bar, one after the other: promises, then deeds, then reports."""
    parts, start = [], 0
    by_part = Counter[tuple[str, str]]()
    for (act, status), count in counts.items():
        by_part[act, status if act == Act.PROMISE else ""] += count
    for act, status in _ORDER:
        if count := by_part[act, status]:
            parts.append(Segment(act, status, start, count))
            start += count
    return parts


class Group(NamedTuple):
    """The commitments of those who made them together."""

    names: str
    """Who made them, in words; empty where no source says."""
    total: int
    words: str
    bar: list[Segment]
    to: list[tuple[str, int]]
    """To whom, in words, and how many of them; what has no addressee is one lane, the last."""
    items: list[Json]
    folded: list[Json]
    """Those that unfold."""


def groups(commitments: Sequence[Json]) -> list[Group]:
    """Commitments by who made them, who made most first; who is not named last.

    Every commitment is counted; the first ones of each group are there to be listed.
    """
    by_maker: dict[tuple[str, ...], list[Json]] = defaultdict(list)
    for one in commitments:
        by_maker[tuple(actor["title"] for actor in one["by"])].append(one)
    ordered = sorted(by_maker.items(), key=lambda made: (not made[0], -len(made[1]), made[0]))
    left, all_groups = _SHOWN, []
    for makers, made in ordered:
        items, left = made[:left], max(left - len(made), 0)
        counts = counts_of(made)
        all_groups.append(
            Group(
                names=listed(makers),
                total=len(made),
                words=listed(tallied(counts).values()),
                bar=segments(counts),
                to=_lanes(made),
                items=items[:_UNFOLDED],
                folded=items[_UNFOLDED:],
            )
        )
    return all_groups


def _lanes(made: Iterable[Json]) -> list[tuple[str, int]]:
    lanes = Counter(listed(actor["title"] for actor in one["to"]) for one in made)
    return sorted(lanes.items(), key=lambda lane: (not lane[0], -lane[1], lane[0]))


def in_their_order(records: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Records in the order of the document that proves most of them; then those of the others."""
    first = {one["id"]: next(iter(passages_of(one)), None) for one in records}
    of_document = Counter(proof["document"]["id"] for proof in first.values() if proof)

    def place(one: dict[str, Any]) -> tuple[bool, int, str, float]:
        proof = first[one["id"]]
        if proof is None:
            return True, 0, "", 0
        document, start = proof["document"]["id"], proof["start"]
        return False, -of_document[document], document, float("inf") if start is None else start

    return sorted(records, key=place)
