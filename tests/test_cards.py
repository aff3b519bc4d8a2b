"""Cards, oEmbed and pictures: a fact that leaves the site has its proof with it."""

import html
import io
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest
from PIL import Image

from app.representations.png import drawn
from app.settings import PROJECT
from tests.conftest import SEED, Server, load, server_of
from tests.needs import in_a_browser, node

QUOTE = "ishiba-free-and-open-indo-pacific"
CARD = f"/embed/quote/{QUOTE}"
PAGE = {"accept": "text/html"}


def record(client: httpx.Client, path: str) -> dict[str, Any]:
    """A record."""
    return dict(client.get(path).json())


def test_only_cards_can_be_framed_by_others(client: httpx.Client) -> None:
    card = client.get(CARD)
    assert "frame-ancestors *" in card.headers["content-security-policy"]
    assert "script" not in card.headers["content-security-policy"]
    assert "x-frame-options" not in card.headers
    assert "set-cookie" not in card.headers
    assert "<script" not in card.text
    for path in ("/", f"/quotes/{QUOTE}", "/check", "/embed/quote/none", "/embed/actor/japan"):
        other = client.get(path, headers=PAGE)
        assert "frame-ancestors 'none'" in other.headers["content-security-policy"]
        assert other.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (CARD, ["Further strengthening", "Shigeru Ishiba", "as quoted by Red Nation Today"]),
        ("/embed/commitment/japan-us-investment", ["$1 trillion", "Japan", "announced"]),
        ("/embed/agreement/joint-leaders-statement", ["United States", "7 February 2025"]),
    ],
)
def test_a_card_has_the_words_with_their_source_and_release(
    client: httpx.Client, path: str, words: list[str]
) -> None:
    card = html.unescape(client.get(path).text)
    assert [word for word in words if word not in card] == []
    assert "release 1" in card
    assert "https://rednationtoday.com/" in card


TRUMP = "trump-chinese-economic-aggression"
OPPOSED = "opposition-to-chinese-maritime-actions"


@pytest.fixture
def later(tmp_path: Path) -> Iterator[httpx.Client]:
    """A server of the seed, of which one quote was corrected since, and another one withdrawn."""
    database = tmp_path / "readout.db"
    load([str(SEED)], database, at="2026-01-05T10:00:00Z")
    bundle = json.loads(SEED.read_text("utf-8"))
    for one in bundle["quotes"]:
        if one["id"] == TRUMP:
            one["summary"] = "The President spoke of the Chinese economic aggression."
    bundle["quotes"] = [one for one in bundle["quotes"] if one["id"] != QUOTE]
    bundle["withdrawn"] = [
        {"type": "quote", "id": QUOTE, "reason": "Taken back.", "replaced_by": TRUMP}
    ]
    (tmp_path / "later.json").write_text(json.dumps(bundle), "utf-8")
    load([str(tmp_path / "later.json")], database, at="2026-02-05T10:00:00Z")
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        yield client


def test_a_card_says_what_became_of_it_pinned_or_not(tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    load([str(SEED)], database)
    bundle = json.loads(SEED.read_text("utf-8"))
    trump = next(q for q in bundle["quotes"] if q["id"] == "trump-chinese-economic-aggression")
    trump["summary"] = "The President spoke of the Chinese economic aggression."
    gone = next(q for q in bundle["quotes"] if q["id"] == QUOTE)
    bundle["quotes"].remove(gone)
    bundle["withdrawn"] = [{"type": "quote", "id": QUOTE, "reason": "The source took it back."}]
    later = tmp_path / "later.json"
    later.write_text(json.dumps(bundle), "utf-8")
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        pinned, corrected = f"{CARD}?as_of=1", f"/embed/quote/{trump['id']}?as_of=1"
        before = client.get(pinned)
        assert "note" not in before.text
        load([str(later)], database)
        while client.get("/").json()["release"]["number"] == 1:
            pass
        tag = {"if-none-match": before.headers["etag"]}
        after = client.get(pinned, headers=tag)
        assert after.status_code == 200
        assert "Withdrawn" in after.text
        assert gone["text"][:40] in html.unescape(after.text)
        following = client.get(CARD)
        assert "The source took it back." in following.text
        assert "<blockquote" not in following.text
        assert "corrected in release 2" in client.get(corrected).text


def test_what_came_of_a_promise_is_an_update_and_no_correction(tmp_path: Path) -> None:
    database, later = tmp_path / "readout.db", tmp_path / "later.json"
    load([str(SEED)], database)
    proof = {"document": "red-nation-today-japan-us", "attribution": "reported"}
    proof |= {"passage": "The summit produced a joint statement"}
    event = {"date": "2026-01", "status": "under_way", "evidence": [proof]}
    promise = {"type": "commitment", "id": "japan-us-investment", "events": [event]}
    later.write_text(json.dumps({"additions": [promise]}), "utf-8")
    load([str(SEED), str(later)], database)
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        card = client.get("/embed/commitment/japan-us-investment?as_of=1").text
        assert "Updated." in card
        assert "was updated in release 2" in card
        assert "orrected" not in card
        html_ = {"accept": "text/html"}
        page = client.get("/commitments/japan-us-investment?as_of=1", headers=html_).text
        assert "It was updated in release 2" in page


@pytest.mark.parametrize("as_of", ["1", "2026-01-20"], ids=["number", "day"])
@pytest.mark.parametrize(
    ("id_", "since"),
    [(QUOTE, "The quote was withdrawn"), (TRUMP, "The quote was corrected in release 2")],
    ids=["withdrawn", "corrected"],
)
def test_a_page_of_a_former_release_leads_to_the_card_of_then(
    later: httpx.Client, id_: str, since: str, as_of: str
) -> None:
    page = later.get(f"/quotes/{id_}", params={"as_of": as_of}, headers=PAGE).text
    [discovery] = re.findall(r'json\+oembed"[^>]*href="(.*?)"', page)
    embed = later.get(html.unescape(discovery)).json()
    [source] = re.findall(r'<iframe src="(.*?)"', embed["html"])
    card = html.unescape(later.get(html.unescape(source)).text)
    assert since in card
    assert "release 1, 5 January 2026" in card
    [address] = re.findall(r'class="past".*?href="(http.*?)"', card)
    assert later.get(address).status_code == 200


def test_what_was_withdrawn_has_no_card_without_a_release(later: httpx.Client) -> None:
    url = f"{str(later.base_url).rstrip('/')}/quotes/{QUOTE}"
    assert later.get("/oembed", params={"url": url}).status_code == 404
    for as_of in ("9", "2019", "x"):
        assert later.get("/oembed", params={"url": f"{url}?as_of={as_of}"}).status_code == 404


def test_words_of_two_are_said_to_be_of_both(client: httpx.Client) -> None:
    both = "ccording to Donald Trump and Shigeru Ishiba, as reported by Red Nation Today"
    assert both in client.get(f"/embed/agreement/{OPPOSED}").text
    assert both in client.get(f"/agreements/{OPPOSED}?format=citation").text


def test_oembed_is_looked_up_here_alone(client: httpx.Client, server: Server) -> None:
    url = f"{server.url}/quotes/{QUOTE}"
    answer = client.get("/oembed", params={"url": url, "maxwidth": "400", "dnt": "1"}).json()
    assert (answer["version"], answer["type"], answer["width"]) == ("1.0", "rich", 400)
    assert f'src="{server.url}{CARD}"' in answer["html"]
    pinned = client.get("/oembed", params={"url": f"{url}?as_of=1"}).json()
    assert f"{CARD}?as_of=1" in pinned["html"]
    for other in (
        "https://evil.example/quotes/x", f"{url}/history", f"{server.url}/actors/japan", "x",
        f"{server.url}.evil.example/quotes/{QUOTE}", f"{server.url}@evil.example/quotes/{QUOTE}",
        f"{server.url}/quotes/none", f"file:///quotes/{QUOTE}", f"{url}?as_of=\"><script>",
    ):  # fmt: skip
        assert client.get("/oembed", params={"url": other}).status_code == 404, other
    assert client.get("/oembed").status_code == 422
    assert client.get("/oembed", params={"url": url, "format": "xml"}).status_code == 501


def test_a_page_leads_to_its_card_and_its_picture(client: httpx.Client, server: Server) -> None:
    page = client.get(f"/quotes/{QUOTE}", headers=PAGE).text
    discovery = r'<link rel="alternate" type="application/json\+oembed"[^>]*href="(.*?)"'
    [link] = re.findall(discovery, page)
    assert client.get(html.unescape(link)).json()["type"] == "rich"
    [image] = re.findall(r'<meta property="og:image" content="(.*?)"', page)
    assert client.get(html.unescape(image)).headers["content-type"] == "image/png"
    copies = re.findall(r'<code id="embed-\w+"[^>]*>(.*?)</code>', page, re.DOTALL)
    frame, alone = map(html.unescape, copies)
    assert frame.startswith(f'<iframe src="{server.url}{CARD}"')
    assert alone.startswith("<blockquote cite=")
    assert f"{server.url}/quotes/{QUOTE}?as_of=1" in alone
    titled = client.get("/commitments/japan-us-investment", headers=PAGE).text
    assert "blockquote" not in re.findall(r'<code id="embed-alone"[^>]*>(.*?)</code>', titled)[0]
    wordpress = {"accept": "", "user-agent": "WordPress/6.9; https://news.example"}
    assert "json+oembed" in client.get(f"/quotes/{QUOTE}", headers=wordpress).text


@pytest.mark.parametrize("path", [f"/quotes/{QUOTE}", "/summits/us-japan-2025-02", "/actors/japan"])
def test_a_picture_is_a_png_of_the_size_that_is_shown(client: httpx.Client, path: str) -> None:
    answer = client.get(path, params={"format": "png"})
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.format, picture.size) == ("PNG", (1200, 630))
    picture.load()
    assert answer.content == client.get(path, params={"format": "png"}).content
    tag = {"if-none-match": answer.headers["etag"]}
    assert client.get(path, params={"format": "png"}, headers=tag).status_code == 304


def test_a_picture_is_packed_already(client: httpx.Client) -> None:
    for _ in range(3):  # the second time it comes from where answers are kept
        answer = client.get(f"/quotes/{QUOTE}?format=png", headers={"accept-encoding": "br, gzip"})
        assert "content-encoding" not in answer.headers
        assert answer.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("path", "voice"),
    [
        (f"/quotes/{QUOTE}", "Shigeru Ishiba, as quoted by Red Nation Today"),
        ("/commitments/japan-us-investment", "According to Japan, as reported by Red Nation Today"),
    ],
)
def test_a_picture_says_in_whose_voice_it_is(client: httpx.Client, path: str, voice: str) -> None:
    picture, record = client.get(f"{path}?format=png").content, client.get(path).json()
    assert picture == drawn(record, 1, voice) != drawn(record, 1)


def _quote(text: str) -> dict[str, Any]:
    speaker = {"title": "Ana Šimić"}
    return {"type": "quote", "text": text, "speaker": speaker, "office": None, "summit": None}


def test_a_picture_has_no_words_that_it_would_cut_or_can_not_write() -> None:
    without = drawn(_quote("日本"), 1)
    assert drawn(_quote("日本は"), 1) == without
    assert drawn(_quote("مُحَمَّد"), 1) == without
    assert drawn(_quote("one sentence without an end " * 60), 1) == without
    assert drawn(_quote("Peace & <b>prosperity</b>."), 1) != without
    assert drawn(_quote("Łódź, Tōkyō, Ørsted: à bientôt."), 1) != without
    # Of several sentences, as many as there is room for.
    first = "It is so. " * 3
    assert drawn(_quote(first + "x" * 10 + " and so on" * 100 + "."), 1) != without


@pytest.mark.parametrize("width", [550, 400, 320])
def test_a_card_fits_in_the_frame_that_is_given_for_it(
    client: httpx.Client, server: Server, width: int
) -> None:
    every = [
        item["href"]
        for plural in ("quotes", "commitments", "agreements")
        for item in client.get(f"/{plural}", params={"limit": 200}).json()["items"]
    ]
    urls = [f"{server.url}{path}" for path in every]
    frames = [
        client.get("/oembed", params={"url": url, "maxwidth": str(width)}).json() for url in urls
    ]
    cards = [re.findall('src="(.*?)"', frame["html"])[0] for frame in frames]
    heights = in_a_browser("heights.mjs", json.dumps(cards), str(width))
    left = {u: f["height"] - h for u, f, h in zip(urls, frames, heights, strict=True)}
    assert {url: much for url, much in left.items() if not 0 <= much <= 160} == {}


def test_a_card_fits_with_what_became_of_it_since(later: httpx.Client) -> None:
    for id_ in (QUOTE, TRUMP):
        url = f"{str(later.base_url).rstrip('/')}/quotes/{id_}?as_of=1"
        embed = later.get("/oembed", params={"url": url}).json()
        [card] = re.findall('src="(.*?)"', embed["html"])
        [tall] = in_a_browser("heights.mjs", json.dumps([card]), "550")
        assert 0 <= embed["height"] - tall <= 160


def test_a_library_of_others_embeds_a_page(server: Server) -> None:
    url = f"{server.url}/quotes/{QUOTE}?as_of=1"
    done = subprocess.run(
        [node(), PROJECT / "tests" / "clients" / "oembed.mjs", url],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    embed = json.loads(done.stdout)
    assert (embed["type"], embed["width"], embed["method"]) == ("rich", 400, "auto-discovery")
    assert f"{CARD}?as_of=1" in embed["html"]


@pytest.fixture
def article(client: httpx.Client, server: Server, tmp_path: Path) -> Iterator[str]:
    """A page of another origin, with a strict policy, that shows a card."""
    url = f"{server.url}/quotes/{QUOTE}"
    frame = client.get("/oembed", params={"url": url}).json()["html"]
    policy = f"default-src 'none'; frame-src {server.url}; style-src 'unsafe-inline'"
    page = f'<meta http-equiv="content-security-policy" content="{policy}">{frame}'
    (tmp_path / "index.html").write_text(page, "utf-8")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path)) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://localhost:{other.server_port}/"
        other.shutdown()


def test_a_card_stands_in_a_page_of_another_origin(article: str) -> None:
    seen = in_a_browser("card.mjs", article)
    assert "Further strengthening" in seen["text"]
    assert seen["light"] != seen["dark"]
