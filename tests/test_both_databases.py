"""One behaviour: thousands of requests get the same answer, byte for byte, from both databases."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import httpx2 as httpx
import pytest

from app.curation import publish
from app.curation.load import load as load_file
from app.curation.synthetic import synthesize
from app.queries.actors import ACTORS
from app.queries.agreements import AGREEMENTS
from app.queries.commitments import COMMITMENTS
from app.queries.documents import DOCUMENTS
from app.queries.filters import Listing
from app.queries.quotes import QUOTES
from app.queries.search import SEARCH
from app.queries.summits import SUMMITS
from tests.conftest import SEED, serving
from tests.postgres import Postgres, free_port

LISTINGS = [ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS, SEARCH]
COMPARED = ("content-type", "etag", "link", "dataset-release", "cache-control", "retry-after")
ODD = [
    "'", '"', "\\", "'''", '"" ""', ":*", "a:*", "!x", "a & b", "(japan)", "<->", "a <-> b",
    "NOT", "AND OR", "japan'; --", "%s", "%(q)s", "½", "⑴", "ﷺ", "Ⅷ", "東京", "東", "日*", "é*",
    "İstanbul", "straße", "\u19b0", "x" * 200, "u.s.", "-u.s.", "1*", "a* b* c* d*", "-", "*",
    "a* b* c* d* e*", "\u3040", "\ue000", "co-operation", '"u.s.-japan"', "agreement", ":agreement",
]  # fmt: skip
SAMPLES = {
    "limit": ["1", "2", "7", "25", "200"],
    "since": ["1950", "1990-05", "2025-02-07", "2030"],
    "until": ["1960", "2000-12", "2025-02-07", "2040"],
    "as_of": ["1", "2", "3", "1999"],
    "amount_min": ["0", "1e6", "250000000", "0.5"],
    "amount_max": ["1", "1e9", "5e12"],
    "currency": ["USD", "EUR", "JPY"],
    "country": ["JP", "US", "FR", "DE"],
    "fields": ["id", "id,title", "type,id,summary", "nope"],
    "format": ["json", "csv", "tsv", "ndjson", "xlsx", "md", "atom", "jsonld"],
}
ONCE = {"sort", "limit", "since", "until", "as_of", "format", "amount_min", "amount_max"}
WRONG = ["", "nonsense", "0", "-1", "é", "\0", "japan,china"]

Both = tuple[httpx.Client, httpx.Client]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Both]:
    """A server on each database, with the same releases in them."""
    folder = tmp_path_factory.mktemp("both")
    path, url = folder / "readout.db", postgres.database()
    made = [str(file) for file in synthesize(folder / "data", 300)]
    # The second release keeps most of the first, and has others in between.
    for files in ([*made[:-1], str(SEED)], [*made, str(SEED)]):
        load_file(files, path)
        publish.publish(path, url)
    with asked(path) as first, asked(url) as second:
        yield first, second


@contextmanager
def asked(database: Path | str) -> Iterator[httpx.Client]:
    """A client of a server whose public address is that of the other one, too."""
    port = str(free_port())
    with (
        serving(database, "--port", port, READOUT_PUBLIC_URL="http://readout.example.org"),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client,
    ):
        yield client


def answered(client: httpx.Client, path: str) -> dict[str, Any]:
    """What is compared of an answer."""
    answer = client.get(path)
    headers = {name: answer.headers.get(name) for name in COMPARED}
    return {"status": answer.status_code, "body": answer.content, **headers}


def stuck(url: str, path: str) -> socket.socket:
    """A client that has asked, and reads next to nothing."""
    where = urlsplit(url)
    found = socket.socket()
    found.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    found.settimeout(20)
    found.connect((where.hostname, where.port))
    found.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert found.recv(12) == b"HTTP/1.1 200"
    return found


@cache
def values(listing: Listing, name: str) -> list[str]:
    """Values of a closed filter."""
    schema = listing.params.model_json_schema()
    items = schema["properties"][name]
    items = items.get("items", items)
    items = schema.get("$defs", {}).get(items.get("$ref", "").rpartition("/")[2], items)
    return [str(value) for value in items.get("enum", [items.get("const", "x")])]


class Asking:
    """Makes up requests from what the lists take and what the records hold."""

    def __init__(self, client: httpx.Client, seed: int) -> None:
        """Learn ids and words."""
        self._pick = random.Random(seed)  # noqa: S311 - the same requests each time
        self._ids: dict[str, list[str]] = {}
        self._words: list[str] = []
        for listing in LISTINGS[:-1]:
            for sort in list(listing.orders)[:2]:
                page = client.get(f"{listing.path}?limit=200&sort={sort}").json()
                found = self._ids.setdefault(listing.path.strip("/"), [])
                found += [item["id"] for item in page["items"]]
                titles = (item.get("title") or item["text"] for item in page["items"])
                self._words += chain.from_iterable(title.split() for title in titles)
        self.links: list[str] = []
        """Where pages go on."""

    def path(self) -> str:
        """A path and a query."""
        kind = self._pick.random()
        if self.links and kind < 0.15:
            return self.links.pop(self._pick.randrange(len(self.links)))
        return self._record() if kind > 0.94 else self._list()

    def _record(self) -> str:
        kind = self._pick.choice(sorted(self._ids))
        id_ = self._pick.choice(self._ids[kind])
        id_ = self._pick.choice([id_, id_[:-1], id_.upper(), "é", "a\0b", "\0", "zzz", ""])
        return f"/{kind}/{quote(id_)}"

    def _list(self) -> str:
        pick = self._pick
        listing = pick.choice(LISTINGS)
        fields = [name for name in listing.params.model_fields if name not in {"cursor", "q"}]
        pairs = []
        for name in pick.choices(fields, k=pick.choice([0, 1, 1, 2, 2, 3, 4])):
            times = 1 if name in ONCE else pick.choice([1, 1, 1, 2, 3, 5])
            pairs += [(name, self._value(listing, name)) for _ in range(times)]
        if listing is SEARCH or pick.random() < 0.35:
            pairs.append(("q", self._search()))
        if pick.random() < 0.02:
            pairs.append(("topc", "x"))
        return f"{listing.path}?{urlencode(pairs)}"

    def _value(self, listing: Listing, name: str) -> str:
        if self._pick.random() < 0.02:
            return self._pick.choice(WRONG)
        if refers := listing.params.references().get(name):
            return self._pick.choice(self._ids[self._pick.choice(refers.kinds).plural])
        if name == "sort":
            return self._pick.choice(list(listing.orders))
        return self._pick.choice(SAMPLES.get(name) or values(listing, name))

    def _search(self) -> str:
        if self._pick.random() < 0.2:
            return self._pick.choice(ODD)
        return " ".join(self._part() for _ in range(self._pick.choice([1, 1, 2, 3])))

    def _part(self) -> str:
        at = self._pick.randrange(len(self._words) - 3)
        two, three = self._words[at : at + 2], self._words[at : at + 3]
        plain = self._words[at]
        phrases = [f'"{" ".join(found)}"' for found in (two, three)]
        return self._pick.choice(
            [plain, plain, plain.upper(), f"-{plain}", f"{plain[:2]}*", f"-{phrases[0]}", *phrases]
        )


@pytest.mark.parametrize(
    ("seed", "requests"), [(1, 150), pytest.param(2, 2_500, marks=pytest.mark.faults)]
)
def test_every_answer_is_the_same(both: Both, seed: int, requests: int) -> None:
    file, schema = both
    asking = Asking(file, seed)
    statuses: list[int] = []
    for _ in range(requests):
        path = asking.path()
        first, second = answered(file, path), answered(schema, path)
        assert first == second, path
        statuses.append(first["status"])
        if first["link"]:
            asking.links.append(first["link"].partition("example.org")[2].partition(">")[0])
    assert statuses.count(200) > requests / 2
    assert set(statuses) <= {200, 307, 308, 404, 409, 422}


def test_the_service_says_the_same_of_itself(both: Both) -> None:
    for path in ("/", "/releases", "/health/ready", "/openapi.json", "/nowhere"):
        assert answered(both[0], path) == answered(both[1], path)


def test_slow_readers_keep_nobody_waiting(both: Both) -> None:
    """More of them than a server has connections to its database."""
    for client in both:
        readers = [stuck(str(client.base_url), "/changes?format=ndjson") for _ in range(12)]
        assert client.get("/agreements?q=the", timeout=5).status_code == 200
        assert client.get("/quotes?format=csv", timeout=5).text.endswith("\r\n")
        for reader in readers:
            reader.close()


def test_a_data_package_is_the_same(both: Both) -> None:
    path = "/releases/1/datapackage.zip"
    assert answered(both[0], path) == answered(both[1], path)
