"""Atom and JSON Feed, as feed readers read them."""

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped] # it has no types
import httpx2 as httpx
import pytest

from tests.builders import Typed, a_bundle, a_commitment, an_actor, write
from tests.conftest import load, server_of

PATHS = [
    "/summits", "/actors", "/agreements", "/commitments", "/quotes", "/documents",
    "/commitments?by=japan&sort=-amount&limit=3", "/search?q=senkaku", "/changes",
    "/commitments/japan-us-investment/history", "/releases",
]  # fmt: skip


def as_format(path: str, name: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}format={name}"


def atom(client: httpx.Client, path: str) -> Any:
    """A feed that feedparser finds nothing wrong with."""
    answer = client.get(path, headers={"accept": "application/atom+xml"})
    assert answer.headers["content-type"] == "application/atom+xml"
    ET.fromstring(answer.content)  # noqa: S314 - our own
    feed = feedparser.parse(answer.content)
    assert feed.bozo == 0
    assert feed.version == "atom10"
    return feed


@pytest.mark.parametrize("path", PATHS)
def test_every_list_is_a_feed(client: httpx.Client, path: str) -> None:
    records = client.get(path).json()
    feed = atom(client, path)
    assert len(feed.entries) == len(records["items"]) > 0
    assert len({entry.id for entry in feed.entries}) == len(feed.entries)
    for entry in feed.entries:
        assert entry.title
        assert entry.content[0].type == "text/html"
        assert entry.content[0].value
        assert entry.updated_parsed
    links = {link.rel: link for link in feed.feed.links}
    assert links["self"].type == "application/atom+xml"
    own = client.get(links["self"].href)
    assert own.headers["content-type"] == "application/atom+xml"
    assert [entry.id for entry in feedparser.parse(own.content).entries] == [
        entry.id for entry in feed.entries
    ]
    page = client.get(links["alternate"].href)
    assert page.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize("path", PATHS)
def test_a_json_feed_has_what_the_atom_feed_has(client: httpx.Client, path: str) -> None:
    there = atom(client, path)
    answer = client.get(as_format(path, "jsonfeed"))
    assert answer.headers["content-type"] == "application/feed+json"
    feed = answer.json()
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    for item, entry in zip(feed["items"], there.entries, strict=True):
        assert (item["id"], item["url"], item["title"]) == (entry.id, entry.link, entry.title)
        assert item["date_modified"] == entry.updated
        assert item["tags"] == [tag.term for tag in entry.get("tags", [])]
        assert item["content_html"]


def test_an_entry_has_the_words_that_prove_it(client: httpx.Client) -> None:
    [entry] = [
        entry
        for entry in atom(client, "/commitments?by=japan").entries
        if entry.id.endswith("/commitments/japan-us-investment")
    ]
    content = entry.content[0].value
    assert '<blockquote lang="en">Japan announced a $1 trillion investment in the U.S.' in content
    assert "According to Japan, as reported by Red Nation Today" in content
    assert "$1 trillion (1,000,000,000,000 US dollars)" in content
    assert entry.updated == client.get("/releases/1").json()["published_at"]


def test_an_entry_of_a_search_says_what_is_no_promise(client: httpx.Client) -> None:
    hits = {hit["href"]: hit for hit in client.get("/search?q=promise").json()["items"]}
    assert {hit["act"] for hit in hits.values()} == {"report"}
    for entry in atom(client, "/search?q=promise").entries:
        path = entry.id.removeprefix(str(client.base_url).rstrip("/"))
        assert "<li>Type: commitment, report" in entry.content[0].value
        for actor in hits[path]["by"]:
            assert f">{actor['title']}</a>" in entry.content[0].value


@pytest.mark.parametrize("name", ["atom", "jsonfeed"])
@pytest.mark.parametrize("by", ["accept", "format"])
def test_pages_lead_to_each_other(client: httpx.Client, name: str, by: str) -> None:
    types = {"atom": "application/atom+xml", "jsonfeed": "application/feed+json"}
    url: str | None = "/actors?limit=5"
    headers = {"accept": types[name]}
    if by == "format":
        url, headers = f"{url}&format={name}", {}
    seen: list[str] = []
    feeds: set[str] = set()
    while url:
        answer = client.get(url, headers=headers)
        headers = {}  # a link says by itself which format it leads to
        assert answer.headers["content-type"] == types[name]
        if name == "atom":
            atom_feed = feedparser.parse(answer.content)
            seen += [entry.id for entry in atom_feed.entries]
            feeds.add(atom_feed.feed.id)
            url = next((link.href for link in atom_feed.feed.links if link.rel == "next"), None)
        else:
            feed = answer.json()
            seen += [item["id"] for item in feed["items"]]
            url = feed.get("next_url")
    everyone = client.get("/actors?limit=200").json()["items"]
    base = str(client.base_url).rstrip("/")
    assert seen == [base + actor["href"] for actor in everyone]
    assert feeds <= {f"{base}/actors?limit=5"}


def bundle(**given: Any) -> Typed:
    solar = a_commitment(id="solar", title="A solar park", **given)
    return a_bundle(commitments=[solar, a_commitment(id="wind")], actors=[an_actor()])


RELEASES = [
    bundle(),
    bundle(amount=5_000_000, currency="EUR"),
    a_bundle(
        commitments=[a_commitment(id="sun", title="A solar park", former_ids=["solar"])],
        withdrawn=[
            {"type": "commitment", "id": "wind", "reason": "It was <not> so.", "replaced_by": "sun"}
        ],
    ),
]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with three releases, each of another month."""
    folder: Path = tmp_path_factory.mktemp("feeds")
    for number, content in enumerate(RELEASES, start=1):
        at = f"2025-0{number}-07T09:00:00Z"
        load([write(folder / "bundle.json", content)], folder / "readout.db", at)
    with server_of(folder / "readout.db") as running, httpx.Client(base_url=running.url) as client:
        yield client


def test_changes_are_told_in_words(three: httpx.Client) -> None:
    entries = {entry.title: entry for entry in atom(three, "/changes?since_release=1").entries}
    base = str(three.base_url).rstrip("/")
    assert set(entries) == {
        "A solar park was changed",
        "A solar park has another id",
        "A pledge was withdrawn",
        "The report was changed",  # in what it proves
    }
    facts = {entry.title for entry in atom(three, "/changes").entries}
    assert facts - {f"{title} was added" for title in ("A solar park", "A pledge", "The report",
        "Japan")} == set(entries) - {"The report was changed"}  # fmt: skip
    changed = entries["A solar park was changed"].content[0].value
    assert "<li>Sum: before nothing; after 5,000,000</li>" in changed
    assert "<li>Currency: before nothing; after “EUR”</li>" in changed
    assert "Its id was solar; it is sun." in entries["A solar park has another id"].summary
    gone = entries["A pledge was withdrawn"]
    assert (
        "Why: It was &lt;not&gt; so. Read /commitments/sun in its place." in gone.content[0].value
    )
    assert gone.link == f"{base}/commitments/wind/history"
    numbers = {change["number"] for change in three.get("/changes").json()["items"]}
    assert {entry.id for entry in atom(three, "/changes").entries} == {
        f"{base}/changes#{number}" for number in numbers
    }


def test_a_record_is_as_old_as_its_last_change(three: httpx.Client) -> None:
    moments = {
        release["number"]: release["published_at"]
        for release in three.get("/releases").json()["items"]
    }
    assert len(set(moments.values())) == 3

    def updated(path: str) -> dict[str, str]:
        return {e.id.rpartition("/")[2]: e.updated for e in atom(three, path).entries}

    assert updated("/commitments?as_of=1") == {"solar": moments[1], "wind": moments[1]}
    assert updated("/commitments?as_of=2") == {"solar": moments[2], "wind": moments[1]}
    assert updated("/commitments") == {"sun": moments[3]}
    assert updated("/actors") == {"japan": moments[1]}
    assert updated("/search?q=solar") == {"sun": moments[3]}
    assert updated("/documents") == {"report": moments[1]}  # what it proves is no fact of its own


def test_a_feed_does_not_repeat_what_a_record_is_referred_to_by(tmp_path: Path) -> None:
    """A source of 730 records is another one with each that comes, and no news."""
    pledges = [a_commitment(id=f"pledge-{n}", title=f"A pledge {n}") for n in range(731)]
    for many in (730, 731):
        file = write(tmp_path / "bundle.json", a_bundle(commitments=pledges[:many]))
        load([file], tmp_path / "readout.db")
    with (
        server_of(tmp_path / "readout.db") as running,
        httpx.Client(base_url=running.url) as client,
    ):
        everything = client.get("/changes?since_release=1").json()["items"]
        assert {change["record"]["id"] for change in everything} == {"report", "pledge-730"}
        for name in ("atom", "jsonfeed", "md", "html", "csv"):
            answer = client.get(f"/changes?action=changed&format={name}")
            assert (answer.status_code, "/commitments/pledge-7" in answer.text) == (200, False)
            assert len(answer.content) < 20_000
        feed = client.get("/changes?format=atom&limit=1")
        assert len(feed.content) < 5_000
        assert [entry.title for entry in feedparser.parse(feed.content).entries] == [
            "A pledge 730 was added"
        ]


def test_a_json_feed_is_plain_json(three: httpx.Client) -> None:
    answer = three.get("/changes?format=jsonfeed&since_release=2")
    [gone] = [i for i in json.loads(answer.text)["items"] if i["title"] == "A pledge was withdrawn"]
    assert gone["tags"] == ["withdrawn", "commitment"]


@pytest.mark.parametrize(
    "path", ["/agreements?limit=2", "/agreements?limit=2&sort=title", "/changes?limit=2"]
)
def test_every_address_of_a_later_page_answers(client: httpx.Client, path: str) -> None:
    second = client.get(path).json()["next"]
    page = client.get(second, headers={"accept": "text/html"})
    links = re.findall(r'<link rel="alternate" [^>]*href="([^"]+)"', page.text)
    links += [link["url"] for link in client.get(second).links.values()]
    assert any("format=atom" in link for link in links)
    for link in links:
        assert client.get(html.unescape(link)).status_code == 200, link
