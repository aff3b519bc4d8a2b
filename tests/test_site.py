"""What browsers, crawlers and scripts look for at places of their own."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import httpx2 as httpx
import pytest

from app.http.paths import FILES
from app.main import create_api
from app.routes import site
from app.settings import Settings
from tests.conftest import server_of

MAPS = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def locations(text: str, root: str) -> list[str]:
    tree = ET.fromstring(text)  # noqa: S314 - our own
    assert tree.tag == MAPS + root
    return [str(each.text) for each in tree.iter(f"{MAPS}loc")]


def may_read(robots: str, agent: str, target: str) -> bool:
    """Whether a crawler may read a path and query: the longest rule that matches it says so."""
    groups = [group for group in robots.split("\n\n") if "User-agent" in group]
    group = next((g for g in groups if f"User-agent: {agent}\n" in g), groups[0])
    rules = re.findall(r"^(Allow|Disallow): (\S+)", group, re.MULTILINE)
    match = [
        (len(path), verb == "Allow")
        for verb, path in rules
        if re.match(re.escape(path).replace(r"\*", ".*"), target)
    ]
    return max(match, default=(0, True))[1]


@pytest.mark.parametrize("file", ["", *(f"/{name}" for name in FILES)])
def test_the_newest_release_has_a_lasting_address(client: httpx.Client, file: str) -> None:
    there = client.get(f"/releases/latest{file}?utm_source=x")
    assert (there.status_code, there.headers["cache-control"]) == (307, "no-cache")
    assert there.headers["location"].endswith(f"/releases/1{file}?utm_source=x")
    one = client.get(f"/releases/latest{file}", follow_redirects=True)
    assert one.content == client.get(f"/releases/1{file}").content


def test_what_the_newest_release_has_not_is_told_as_of_its_number(client: httpx.Client) -> None:
    problem = client.get("/releases/latest/bundle", follow_redirects=True).json()
    assert problem["nearest"] == ["/releases/1/bundle.json"]
    assert client.get(f"/releases/latest?{'x' * 4_000}").status_code == 414
    page = client.get("/releases/latest?format=html", follow_redirects=True)
    assert page.headers["content-type"].startswith("text/html")
    for path in ("/releases/latest//evil.example", "/releases/latest/%0d%0aX: y"):
        answer = client.get(path)
        assert answer.headers.get("location", "/releases/1/").startswith("/releases/1/")


def test_a_crawler_reads_each_page_once(client: httpx.Client) -> None:
    robots = client.get("/robots.txt")
    assert robots.headers["content-type"].startswith("text/plain")
    [map_] = re.findall(r"^Sitemap: (\S+)$", robots.text, re.MULTILINE)
    pages = locations(client.get(map_).text, "urlset")
    assert len(set(pages)) == len(pages)
    here = str(client.base_url).rstrip("/")
    records = [
        record["href"]
        for kind in ("summits", "actors", "agreements", "commitments", "quotes", "documents")
        for record in client.get(f"/{kind}?limit=200").json()["items"]
    ]
    assert {here + path for path in records} <= set(pages)
    for page in pages:
        answer = client.get(page, headers={"accept": "text/html"})
        assert answer.status_code == 200
        assert may_read(robots.text, "Googlebot", page.removeprefix(here))
        if "/docs" not in page:
            assert f'<link rel="canonical" href="{page}">' in answer.text
    for target in ("/actors/japan?format=csl", "/agreements?topic=defense", "/search?q=x",
                   "/releases/1/readout.db", "/actors?cursor=x"):  # fmt: skip
        assert not may_read(robots.text, "Googlebot", target)
        assert may_read(robots.text, "Twitterbot", target)
    assert may_read(robots.text, "Googlebot", "/static/style.css?v=1")


def test_a_large_map_has_parts(seeded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    api = create_api(Settings(database_url=f"sqlite:///{seeded}"))
    transport = httpx.ASGITransport(app=api)

    async def read(most: int) -> list[list[str]]:
        monkeypatch.setattr(site, "MOST", most)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            root = (await client.get("/sitemap.xml")).text
            if "<sitemapindex" not in root:
                return [locations(root, "urlset")]
            parts = [httpx.URL(part).path for part in locations(root, "sitemapindex")]
            beyond = await client.get(f"/sitemap-{len(parts) + 1}.xml")
            assert beyond.status_code == 404
            return [locations((await client.get(part)).text, "urlset") for part in parts]

    try:
        [whole] = asyncio.run(read(49_000))
        parts = asyncio.run(read(7))
        assert [*chain.from_iterable(parts)] == whole
        assert [len(part) for part in parts[1:-1]] == [7] * (len(parts) - 2)
    finally:
        api.state.store.close()


def test_the_icon_is_where_browsers_look(client: httpx.Client) -> None:
    answer = client.get("/favicon.ico", follow_redirects=True)
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize(
    ("contact", "uri"),
    [
        ("security@example.org", "mailto:security@example.org"),
        ("mailto:security@example.org", "mailto:security@example.org"),
        ("https://example.org/contact", "https://example.org/contact"),
    ],
)
def test_a_contact_is_given_where_one_is_set(seeded: Path, contact: str, uri: str) -> None:
    with server_of(seeded, READOUT_CONTACT=contact) as server:
        text = httpx.get(f"{server.url}/.well-known/security.txt").text
    fields = dict(line.split(": ", 1) for line in text.splitlines())
    assert fields["Contact"] == uri
    assert fields["Canonical"] == f"{server.url}/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - datetime.now(UTC)
    assert timedelta(days=100) < left < timedelta(days=365)


def test_no_contact_is_made_up(client: httpx.Client) -> None:
    assert client.get("/.well-known/security.txt").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/", "/actors", "/actors/japan", "/actors?format=csv", "/releases/1/bundle.json",
     "/releases/1/readout.db", "/sitemap.xml", "/actors/japan?format=html"],
)  # fmt: skip
def test_the_moment_of_the_release_is_that_of_its_answers(client: httpx.Client, path: str) -> None:
    published = datetime.fromisoformat(client.get("/releases/1").json()["published_at"])
    first = client.get(path)
    said = parsedate_to_datetime(first.headers["last-modified"])
    assert said == published.replace(microsecond=0)
    # What a proxy made of a tag while it packed the answer names the same answer.
    tag = first.headers["etag"].removeprefix("W/").removesuffix('"')
    for marked in (f'{tag}-gzip"', f'W/{tag}-gzip"', f'"x", {tag}--br"', f'W/{tag};gzip"'):
        assert client.get(path, headers={"if-none-match": marked}).status_code == 304
    assert client.get(path, headers={"if-none-match": f'{tag}-x"'}).status_code == 200


def test_a_mistake_can_be_told_and_corrections_followed(seeded: Path, client: httpx.Client) -> None:
    page = {"accept": "text/html"}
    path, feed = "/actors/japan", "/changes?action=changed&action=withdrawn&derived=0&format=atom"
    about = client.get("/about").text
    assert "write to" not in about
    assert "Who runs it" not in about
    how = '<a href="/about#corrections">How mistakes are corrected</a>'
    assert how in client.get(path, headers=page).text
    assert client.get(feed).headers["content-type"] == "application/atom+xml"
    assert client.get(f"{path}/history?format=atom").status_code == 200
    with server_of(
        seeded, READOUT_CONTACT="desk@example.org", READOUT_OPERATOR="The <Example> Desk"
    ) as own:
        text = httpx.get(f"{own.url}/about").text
        assert "run by <bdi>The &lt;Example&gt; Desk</bdi>" in text
        assert '<a href="mailto:desk@example.org">write to desk@example.org</a>' in text
        record = httpx.get(f"{own.url}{path}", headers=page).text
        assert 'href="mailto:desk@example.org?subject=Something%20wrong%20at%20' in record
    for address in ("/", "/about", "/docs", path, "/agreements", "/search?q=japan"):
        foot = client.get(address, headers=page).text.partition("<footer>")[2]
        assert feed.replace("&", "&amp;") in foot
        assert 'href="/about"' in foot
