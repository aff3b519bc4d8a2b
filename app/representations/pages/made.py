"""What was promised, done and reported: counted by how far it came, and by who did it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from app.records import passages_of
from app.representations.wording import counted, listed, number, term
from app.vocabulary import Act, CommitmentStatus

Json = Mapping[str, Any]
Counts = Mapping[tuple[str, str, bool], int]
"""How many commitments there are of each act and status, whole ones and parts apart."""
_SHOWN, _UNFOLDED = 120, 5
_USUAL = {Act.DEED: CommitmentStatus.DONE, Act.REPORT: CommitmentStatus.NOT_STATED}
_ORDER = [(Act.PROMISE.value, status.value) for status in CommitmentStatus]
_ORDER += [(Act.DEED.value, ""), (Act.REPORT.value, "")]


def counts_of(commitments: Iterable[Json]) -> Counts:
    """The counts of some commitments."""
    return Counter((one["act"], one["status"], one["part_of"] is not None) for one in commitments)


def tallied(counts: Counts) -> dict[str, str]:
    """The counts in words, by act: `3 promises (1 announced) with 2 parts`, `2 deeds`.

    What is a part of another one is counted as a part, and nowhere else.
    """
    phrases = {}
    for act in Act:
        whole = {s: n for s in CommitmentStatus if (n := counts.get((act, s, False), 0))}
        parts = sum(counts.get((act, s, True), 0) for s in CommitmentStatus)
        total = sum(whole.values())
        words = counted(total, f"{act}s") if total else ""
        said = {s: n for s, n in whole.items() if s is not CommitmentStatus.NOT_STATED}
        if said and [*whole] != [_USUAL.get(act)]:
            each = [term(s) if n == total else f"{number(n)} {term(s)}" for s, n in said.items()]
            words += f" ({', '.join(each)})"
        if parts:
            of_it = counted(parts, "parts")
            words += f" with {of_it}" if total else f"{of_it} of a {act}"
        if words:
            phrases[act.value] = words
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
        """What it stands for, in words: `3 promises: announced`, `2 deeds`."""
        words = counted(self.count, f"{self.act}s")
        status = f"status {term(self.status)}" if self.status == "not_stated" else self.status
        return f"{words}: {term(status)}" if self.status else words


def segments(counts: Counts) -> list[Segment]:
    """The segments of a bar of whole commitments: promises, then deeds, then reports."""
    bar, start = [], 0
    whole = Counter[tuple[str, str]]()
    for (act, status, is_part), count in counts.items():
        if not is_part:
            whole[act, status if act == Act.PROMISE else ""] += count
    for act, status in _ORDER:
        if count := whole[act, status]:
            bar.append(Segment(act, status, start, count))
            start += count
    return bar


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
    by_ids: dict[frozenset[str], list[Json]] = defaultdict(list)  # in whatever order they are named
    for one in commitments:
        by_ids[frozenset(actor["id"] for actor in one["by"])].append(one)
    by_maker = [([actor["title"] for actor in made[0]["by"]], made) for made in by_ids.values()]
    ordered = sorted(by_maker, key=lambda made: (not made[0], -len(made[1]), made[0]))
    together = {title for makers, _ in by_maker if len(makers) > 1 for title in makers}
    left, all_groups = _SHOWN, []
    for makers, made in ((makers, _with_parts(made)) for makers, made in ordered):
        items, left = made[:left], max(left - len(made), 0)
        counts = counts_of(made)
        all_groups.append(
            Group(
                names=f"{listed(makers)}{_alone(makers, together)}",
                total=len(made),
                words=listed(tallied(counts).values()),
                bar=segments(counts),
                to=_lanes(made),
                items=items[:_UNFOLDED],
                folded=items[_UNFOLDED:],
            )
        )
    return all_groups


def _with_parts(made: Sequence[Json]) -> list[Json]:
    """Commitments in their order, each part behind its whole where that is among them."""
    at = {one["id"]: place for place, one in enumerate(made)}

    def place(one: Json) -> tuple[int, bool]:
        whole = one["part_of"] and at.get(one["part_of"]["id"])
        return (at[one["id"]], False) if whole is None else (whole, True)

    return sorted(made, key=place)


def _alone(makers: Sequence[str], together: Set[str]) -> str:
    """Whether what some made is all that they made, or others made more with them."""
    if len(makers) > 1:
        return " together"
    return " alone" if together & {*makers} else ""


def _lanes(made: Iterable[Json]) -> list[tuple[str, int]]:
    whole = (one for one in made if one["part_of"] is None)
    lanes = Counter(listed(actor["title"] for actor in one["to"]) for one in whole)
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
