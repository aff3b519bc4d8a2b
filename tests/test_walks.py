"""Walks through lists, and what happens to them when a release is published."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.load import load
from tests.conftest import SEED, Server, serving

FILTERS: dict[str, list[dict[str, str]]] = {
    "agreements": [
        {},
        {"actor": "japan"},
        {"actor": "donald-trump"},
        {"topic": "regional_security"},
        {"q": "japan"},
        {"kind": "position", "q": "japan -taiwan"},
        {"since": "2025"},
    ],
    "commitments": [{}, {"by": "japan"}, {"q": "japan"}, {"relation": "context"}],
    "quotes": [{}, {"mentions": "china"}],
    "actors": [{}, {"kind": "person"}, {"q": "u.s."}],
    "documents": [{}],
    "search": [{"q": "japan"}, {"q": "japan", "type": "commitment"}, {"q": "-japan"}],
}
SORTS = {
    "agreements": ["-date", "date", "title", "-title"],
    "commitments": ["-date", "date", "-due", "due", "-amount", "amount", "title", "-title"],
    "quotes": ["-date", "date"],
    "actors": ["title", "-title"],
    "documents": ["-date", "date", "title", "-title"],
    "search": ["-date", "rank"],
}
asked = st.sampled_from(sorted(FILTERS)).flatmap(
    lambda path: st.tuples(
        st.just(path),
        st.sampled_from(FILTERS[path]),
        st.sampled_from(SORTS[path]),
        st.lists(st.integers(1, 7), min_size=1, max_size=4),
    )
)


def pages(client: httpx.Client, path: str, limits: list[int]) -> Iterator[dict[str, Any]]:
    """Walk a list; the size of the pages changes on the way."""
    turn = 0
    url: str | None = path
    while url:
        answer = client.get(url, params=None)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page
        turn += 1
        assert turn < 200
        url = page["next"]
        if url:
            asked = parse_qs(urlsplit(url).query)
            now = asked["limit"][0] if "limit" in asked else "25"
            url = url.replace(f"limit={now}", f"limit={limits[turn % len(limits)]}")


@given(asked)
def test_a_walk_gives_each_record_once_in_one_order(
    client: httpx.Client, asked: tuple[str, dict[str, str], str, list[int]]
) -> None:
    path, filters, sort, limits = asked
    whole = client.get(f"/{path}", params={**filters, "sort": sort, "limit": "200"}).json()
    everything = [(item["type"], item["id"]) for item in whole["items"]]
    query = str(httpx.QueryParams({**filters, "sort": sort, "limit": str(limits[0])}))
    walked = list(pages(client, f"/{path}?{query}", limits))
    assert [(item["type"], item["id"]) for page in walked for item in page["items"]] == everything
    assert {page["total"] for page in walked} == {len(everything)}
    assert len(set(everything)) == len(everything)


def test_a_page_is_the_same_however_often_and_however_it_is_asked(client: httpx.Client) -> None:
    first = client.get("/commitments?by=united-states&by=japan&limit=2").json()
    query = first["next"].partition("?")[2]
    cursor = query.rpartition("=")[2]
    asked = [
        client.get(f"/commitments?{query}"),
        client.get(f"/commitments?{query}"),
        client.get(f"/commitments?cursor={cursor}&{query.rpartition('&')[0]}"),
    ]
    assert len({(page.text, page.headers["etag"]) for page in asked}) == 1
    assert asked[0].json()["query"]["cursor"] == cursor
    assert client.get(f"/commitments?{query}&cursor={cursor}").status_code == 422
    assert client.get(f"/commitments?cursor={cursor}&{query}").status_code == 422


def test_a_cursor_of_another_query_is_refused(client: httpx.Client) -> None:
    following = client.get("/agreements?kind=position&limit=1").json()["next"]
    cursor = parse_qs(urlsplit(following).query)["cursor"][0]
    for path in (
        "/agreements?limit=1&",
        "/agreements?kind=position&kind=framework&",
        "/agreements?kind=position&sort=title&",
        "/commitments?",
    ):
        answer = client.get(f"{path}cursor={cursor}")
        assert answer.status_code == 422, path
        assert answer.json()["errors"][0]["parameter"] == "cursor"
        again = client.get(answer.json()["run"])
        assert again.status_code == 200
        assert "cursor" not in again.json()["query"]


def test_a_cursor_may_be_shown_differently(client: httpx.Client) -> None:
    following = client.get("/agreements?limit=2").json()["next"]
    for more in ("&fields=id", "&facet=kind"):
        assert client.get(following + more).status_code == 200


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "MTox", "_-_-", "a" * 200, "MS1hOmI6LTE", "OTk5OTk5OTk5OTk5OTk5OTk5OTk"]
)
def test_an_invented_cursor_is_refused(client: httpx.Client, cursor: str) -> None:
    answer = client.get("/agreements", params={"cursor": cursor})
    assert answer.status_code == 422
    assert client.get(answer.json()["run"]).status_code == 200


@pytest.fixture
def second(tmp_path: Path) -> str:
    """A second version of the data: one word of it differs."""
    bundle = json.loads(SEED.read_text(encoding="utf-8"))
    bundle["agreements"][0]["summary"] = "In other words."
    path = tmp_path / "second.json"
    path.write_text(json.dumps(bundle), encoding="utf-8")
    return str(path)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A database of its own for a test, with nothing in it."""
    return tmp_path / "own.db"


@pytest.fixture
def own_server(database: Path) -> Iterator[Server]:
    """A server on a database that the test may change."""
    load([str(SEED)], database)
    with serving(database) as running:
        yield running


def wait_for_release(url: str, number: str) -> float:
    """Seconds until a release is served."""
    began = time.monotonic()
    while httpx.get(f"{url}/").headers.get("dataset-release") != number:
        assert time.monotonic() - began < 10
        time.sleep(0.01)
    return time.monotonic() - began


def test_a_walk_that_began_in_another_release_ends_with_where_to_begin(
    own_server: Server, second: str
) -> None:
    with httpx.Client(base_url=own_server.url) as client:
        first = client.get("/agreements?limit=3&topic=regional_security")
        load([second], own_server.file)
        wait_for_release(own_server.url, "2")
        answer = client.get(first.json()["next"])
        assert answer.status_code == 409
        assert answer.headers["content-type"] == "application/problem+json"
        assert "release 1" in answer.json()["detail"]
        assert client.get(answer.json()["run"]).json()["release"] == 2
        # What the client kept of release 1 is not mistaken for release 2.
        etag = {"If-None-Match": first.headers["etag"]}
        assert (
            client.get("/agreements?limit=3&topic=regional_security", headers=etag).status_code
            == 200
        )


def test_readers_never_wait_for_a_load_nor_see_half_of_one(own_server: Server, second: str) -> None:
    stop = threading.Event()
    seen: list[tuple[int, str, str]] = []

    def read() -> None:
        with httpx.Client(base_url=own_server.url) as client:
            while not stop.is_set():
                answer = client.get("/agreements?limit=200")
                seen.append((answer.status_code, answer.headers["dataset-release"], answer.text))

    reader = threading.Thread(target=read)
    reader.start()
    for turn in range(6):
        load([second if turn % 2 == 0 else str(SEED)], own_server.file)
        wait_for_release(own_server.url, str(turn + 2))
    stop.set()
    reader.join()
    assert {status for status, _, _ in seen} == {200}
    for _, release, text in seen:
        page = json.loads(text)
        assert str(page["release"]) == release
        changed = any(item["summary"] == "In other words." for item in page["items"])
        assert changed == (int(release) % 2 == 0)


def test_the_same_content_is_the_same_release(own_server: Server) -> None:
    release, new = load([str(SEED)], own_server.file)
    assert (release.number, new) == (1, False)


def test_a_server_without_data_says_what_to_do(database: Path) -> None:
    with serving(database) as running, httpx.Client(base_url=running.url) as client:
        for path in ("/", "/agreements", "/actors/japan", "/search?q=x", "/health/ready"):
            answer = client.get(path)
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            assert "readout load" in answer.json()["detail"]
        assert client.get("/health/live").status_code == 200
        load([str(SEED)], database)
        assert wait_for_release(running.url, "1") < 5
        assert client.get("/health/ready").json() == {"status": "ok", "release": 1}


@pytest.mark.parametrize("content", [b"", b"not a database" * 500])
def test_a_damaged_file_does_not_replace_what_is_served(tmp_path: Path, content: bytes) -> None:
    database = tmp_path / "own.db"
    load([str(SEED)], database)
    with serving(database) as running:
        broken = database.with_name("broken.db")
        broken.write_bytes(content)
        broken.replace(database)
        time.sleep(0.5)
        assert httpx.get(f"{running.url}/agreements").json()["release"] == 1
