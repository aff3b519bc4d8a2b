"""What is measured under load: something asked of Readout, and the same of Datasette."""

import random
from collections import Counter
from typing import Literal, NamedTuple

from bench.data import Data
from bench.workloads import PAGE, Facts, Page, Peer, searches

_DEEP, _MANY = 100, 50


class Rival(NamedTuple):
    """A way to ask for the same."""

    name: str
    paths: list[str]
    target: float | None
    """How many times as often Readout should answer; None if it only shows the whole picture."""
    server: Literal["datasette", "readout"] = "datasette"


class Contest(NamedTuple):
    """What is asked of Readout, and against what it is held."""

    name: str
    paths: list[str]
    rivals: list[Rival]


def contests(data: Data, facts: Facts, pages: list[Page], chance: random.Random) -> list[Contest]:
    """Everything that is compared."""
    peer = Peer(data)
    ids = chance.sample(list(facts.places), len(facts.places))
    words = searches(facts, chance, len(pages))
    deep = _deep(pages)
    return [
        Contest(
            "list page",
            [page.path for page in pages],
            [
                Rival("canned query", [peer.parsed_page(page) for page in pages], 3),
                Rival("table page", [peer.table(page) for page in pages], 5),
                Rival("canned query, unparsed", [peer.page(page) for page in pages], None),
            ],
        ),
        Contest(
            "record",
            [f"/agreements/{id_}" for id_ in ids],
            [
                Rival("canned query", [peer.record(id_) for id_ in ids], 4),
                Rival("row page", [peer.row(id_) for id_ in ids], 4),
            ],
        ),
        Contest(
            "search, its total not known yet",
            # Without a word that no record has: the same search, and never asked before. Peers
            # know no forms of words, so it is asked for as it stands, in quotation marks.
            [
                f"/agreements?q=%22{word}%22%20-none{at}&limit={PAGE}"
                for at, word in enumerate(words)
            ],
            [
                Rival("canned query", [peer.search(word) for word in words], 2),
                Rival("table page", [peer.table_search(word) for word in words], 2),
                Rival("canned query by rank", [peer.ranked(word) for word in words], None),
            ],
        ),
        Contest(
            "search, its total known",
            [f"/agreements?q=%22{word}%22&limit={PAGE}" for word in words],
            [Rival("canned query", [peer.search(word) for word in words], 2)],
        ),
        Contest(
            f"page {deep} of a walk",
            [page.path for page in pages if page.number == deep],
            [
                Rival(
                    "first page",
                    [page.path for page in pages if page.number == 1],
                    1 / 1.3,
                    "readout",
                )
            ],
        ),
    ]


def _deep(pages: list[Page]) -> int:
    """The hundredth page of a walk, or of less data the last one that many walks have."""
    depths = Counter(page.number for page in pages)
    return max(number for number, count in depths.items() if number <= _DEEP and count >= _MANY)
