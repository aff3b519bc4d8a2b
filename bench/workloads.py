"""What is asked of Readout, and the same of Datasette."""

import json
import random
import sqlite3
from contextlib import closing
from itertools import cycle
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from app.resources.topics import BASE_TOPICS
from app.vocabulary import AgreementKind
from bench.data import Data
from bench.servers import Server

PAGE = 20


class Page(NamedTuple):
    """One page of a list: newest first, by topic and kind."""

    path: str
    topic: str
    kind: str
    after: int
    """The place of the last record before it, in Datasette's tables."""
    number: int
    """Which page of its walk it is, from 1."""


class Facts(NamedTuple):
    """What can be asked for, from Datasette's database."""

    places: dict[str, int]
    """Where each agreement stands in the newest-first order, by its id."""
    words: dict[str, int]
    """Words that 500 to 580 of 100,000 agreements contain, and how many do."""

    @classmethod
    def of(cls, data: Data) -> "Facts":
        """Read them."""
        least, most = 500 * data.agreements // 100_000, 580 * data.agreements // 100_000
        with closing(sqlite3.connect(data.peer)) as peer:
            places = dict(peer.execute("SELECT id, ordinal FROM agreement"))
            words = peer.execute(
                "SELECT term, doc FROM frequency WHERE doc BETWEEN ? AND ?", (least, most)
            )
            return cls(places, dict(words))


def walks(readout: Server, facts: Facts, chance: random.Random, most: int) -> list[Page]:
    """Pages by topic and kind, found by walking, no two of them the same.

    Walks that begin with a shorter page have all their other pages elsewhere.
    """
    pages: list[Page] = []
    filters = [(topic, kind.value) for topic in BASE_TOPICS for kind in AgreementKind]
    for first, start in ((PAGE, 1), *((first, 2) for first in range(3, PAGE, 3))):
        chance.shuffle(filters)
        for topic, kind in filters:
            path: str | None = f"/agreements?topic={topic}&kind={kind}&limit={first}"
            after, number = 0, 1
            while path and len(pages) < most:
                if number >= start:
                    pages.append(Page(path, topic, kind, after, number))
                answer = readout.get(path)
                path = _path(answer["next"], first)
                after, number = facts.places[answer["items"][-1]["id"]], number + 1
    chance.shuffle(pages)
    return pages


def _path(following: str | None, first: int) -> str | None:
    """The next page, with the usual limit."""
    if following is None:
        return None
    where = urlsplit(following)
    return f"{where.path}?{where.query}".replace(f"limit={first}&", f"limit={PAGE}&")


def searches(facts: Facts, chance: random.Random, count: int) -> list[str]:
    """So many words, each again and again."""
    words = list(facts.words)
    chance.shuffle(words)
    return [word for _, word in zip(range(count), cycle(words), strict=False)]


class Peer:
    """The paths of Datasette that give the same rows."""

    def __init__(self, data: Data) -> None:
        """Know the name of its database."""
        self._at = f"/{data.peer.stem}"

    def page(self, page: Page) -> str:
        """A canned query, its rows as strings of JSON that the client has yet to parse."""
        return f"{self._page(page)}&_shape=arrayfirst"

    def parsed_page(self, page: Page) -> str:
        """The same as JSON in JSON, as Readout gives it."""
        return f"{self._page(page)}&_shape=array&_json=body"

    def _page(self, page: Page) -> str:
        return f"{self._at}/page.json?topic={page.topic}&kind={page.kind}&after={page.after}"

    def table(self, page: Page) -> str:
        """The table's own page, with its total."""
        last = 10**12  # after every row that is in the same place
        return (
            f"{self._at}/listed.json?topic={page.topic}&kind={page.kind}&_sort=ordinal"
            f"&_size={PAGE}&_next={page.after},{last}&_nofacet=1&_col=ordinal&_col=body&_json=body"
        )

    def record(self, id_: str) -> str:
        """A canned query."""
        return f"{self._at}/record.json?id={id_}&_shape=array&_json=body"

    def row(self, id_: str) -> str:
        """The row's own page."""
        return f"{self._at}/agreement/{id_}.json?_shape=array&_json=body"

    def search(self, word: str) -> str:
        """A canned query: newest first, without a total."""
        return f"{self._at}/search.json?q={word}&_shape=array&_json=body"

    def ranked(self, word: str) -> str:
        """A canned query: by rank, without a total."""
        return f"{self._at}/ranked.json?q={word}&_shape=array&_json=body"

    def table_search(self, word: str) -> str:
        """The search on the table's page: newest first, with its total."""
        return (
            f"{self._at}/items.json?_search={word}&_size={PAGE}&_sort=ordinal&_nofacet=1&_json=body"
        )


def verify(readout: Server, datasette: Server, peer: Peer, pages: list[Page], facts: Facts) -> None:
    """Both give the same records for a sample of everything that is measured."""
    for page in pages[:30]:
        ours = readout.get(page.path)["items"]
        strings = [json.loads(body) for body in datasette.get(peer.page(page))]
        parsed = [row["body"] for row in datasette.get(peer.parsed_page(page))]
        table = datasette.get(peer.table(page))
        at = table["columns"].index("body")
        _same(page.path, ours, strings, parsed, [row[at] for row in table["rows"]])
    for id_ in random.Random(2).sample(list(facts.places), 30):  # noqa: S311 - chance, no secret
        (canned,), (row,) = datasette.get(peer.record(id_)), datasette.get(peer.row(id_))
        _same(id_, readout.get(f"/agreements/{id_}"), canned["body"], row["body"])
    for word, total in list(facts.words.items())[:30]:
        ours = readout.get(f"/agreements?q=%22{word}%22&limit={PAGE}")
        canned = [row["body"] for row in datasette.get(peer.search(word))]
        page = datasette.get(peer.table_search(word))
        at = page["columns"].index("body")
        theirs = [row[at] for row in page["rows"]], page["filtered_table_rows_count"]
        _same(word, (ours["items"], ours["total"]), (canned, total), theirs)


def _same(what: str, first: Any, *others: Any) -> None:
    for other in others:
        if first != other:
            raise RuntimeError(f"the answers for {what} differ")
