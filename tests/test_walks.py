"""Walks through lists, and what happens to them when a release is published."""

import asyncio
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

from app.main import App
from app.settings import Settings
from app.store.folder import Folder
from tests.builders import a_bundle, a_commitment, an_actor, write
from tests.conftest import SEED, Server, load, pass_time, server_of, wait_until

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
    "commitments": [
        {},
        {"by": "japan"},
        {"q": "japan"},
        {"relation": "outcome"},
        {"act": "promise"},
        {"open": "1"},
        {"involves": "japan"},
    ],
    "quotes": [{}, {"mentions": "china"}, {"mentions": "china", "mention_role": "against"}],
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
choices = st.sampled_from(sorted(FILTERS)).flatmap(
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
            parameters = parse_qs(urlsplit(url).query)
            now = parameters["limit"][0] if "limit" in parameters else "25"
            url = url.replace(f"limit={now}", f"limit={limits[turn % len(limits)]}")


@given(choices)
def test_a_walk_gives_each_record_once_in_one_order(
    client: httpx.Client, choice: tuple[str, dict[str, str], str, list[int]]
) -> None:
    path, filters, sort, limits = choice
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
    answers = [
        client.get(f"/commitments?{query}"),
        client.get(f"/commitments?{query}"),
        client.get(f"/commitments?cursor={cursor}&{query.rpartition('&')[0]}"),
    ]
    assert len({(page.text, page.headers["etag"]) for page in answers}) == 1
    assert answers[0].json()["query"]["cursor"] == cursor
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
    with server_of(database) as running:
        yield running


def wait_for_release(url: str, number: str) -> float:
    """Seconds until a release is served."""
    began = time.monotonic()
    while httpx.get(f"{url}/").headers.get("dataset-release") != number:
        assert time.monotonic() - began < 10
        time.sleep(0.01)
    return time.monotonic() - began


def everything(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    """The items of a list on one page."""
    page = client.get(path, params=httpx.URL(path).params.merge({"limit": "200"})).json()
    assert page["next"] is None
    items: list[dict[str, Any]] = page["items"]
    return items


def test_a_walk_goes_on_in_the_release_in_which_it_began(own_server: Server, second: str) -> None:
    path = "/agreements?limit=3&topic=regional_security"
    with httpx.Client(base_url=own_server.url) as client:
        then = everything(client, path)
        first = client.get(path)
        load([second], own_server.file)
        wait_for_release(own_server.url, "2")
        walked = [first.json(), *pages(client, first.json()["next"], [3])]
        assert [item for page in walked for item in page["items"]] == then
        assert {(page["release"], page["total"]) for page in walked} == {(1, len(then))}
        # Asked anew, it is that of the new release: what the client has is not taken for it.
        again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.json()["release"]) == (200, 2)
        # A page that is asked again has not changed.
        for format_ in ("json", "html"):
            page = client.get(f"{first.json()['next']}&format={format_}")
            same = client.get(
                f"{first.json()['next']}&format={format_}",
                headers={"If-None-Match": page.headers["etag"]},
            )
            assert (page.headers["dataset-release"], same.status_code) == ("1", 304)


Json = dict[str, Any]
Walk = tuple[Json, list[Json], list[Json]]
"""The last page, the items so far, and the items that there are."""


def a_changing_world(turn: int) -> dict[str, Any]:
    """A data set in which, from turn to turn, records come, go, and change their places."""
    commitments = [
        a_commitment(id=f"pledge-{n}", title=f"Pledge {n * turn % 23}", due=f"20{n * turn % 23:02}")
        for n in range(1, 18)
        if n % 5 != turn % 5
    ]
    actors = [an_actor(), *(an_actor(f"actor-{n}") for n in range(turn, turn + 5))]
    return a_bundle(commitments=commitments, actors=actors)


QUERIES = [
    "/commitments?limit=3", "/commitments?sort=title&limit=2", "/commitments?sort=-due&limit=4",
    "/commitments?q=pledge&limit=2", "/search?q=pledge&sort=rank&limit=3", "/actors?limit=1",
    "/search?q=pledge&type=commitment&limit=4", "/documents?limit=1",
]  # fmt: skip


def test_walks_add_up_whatever_is_published_meanwhile(tmp_path: Path) -> None:
    """More of them than releases stay open: those that were closed are opened again."""
    database = tmp_path / "readout.db"

    async def walk_all() -> set[int]:
        app = App(Settings(database_url=f"sqlite:///{database}"))
        transport = httpx.ASGITransport(app.asgi)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:

            async def page(path: str) -> Json:
                answer = await client.get(path)
                assert answer.status_code == 200, answer.text
                body: Json = answer.json()
                return body

            async def go_on(last: Json, walked: list[Json], whole: list[Json]) -> Walk:
                if not last["next"]:
                    return last, walked, whole
                following = await page(last["next"])
                assert following["release"] == last["release"]
                return following, walked + following["items"], whole

            walks: list[Walk] = []
            for turn in range(1, 9):
                load([write(tmp_path / "bundle.json", a_changing_world(turn))], database, prune="x")
                await app.store.refresh()
                for query in [*QUERIES, f"/commitments?as_of={(turn + 1) // 2}&limit=2"]:
                    everything = await page(f"{query.rpartition('=')[0]}=100")
                    first = await page(query)
                    walks.append((first, first["items"], everything["items"]))
                walks = [await go_on(*walk) for walk in walks]
            while any(last["next"] for last, _, _ in walks):
                walks = [await go_on(*walk) for walk in walks]
        app.store.close()
        for last, walked, whole in walks:
            assert walked == whole
            assert last["total"] == len(whole)
        return {last["release"] for last, _, _ in walks}

    assert asyncio.run(walk_all()) == set(range(1, 9))


def test_a_walk_in_a_release_that_is_gone_says_where_to_begin(
    own_server: Server, second: str
) -> None:
    with httpx.Client(base_url=own_server.url) as client:
        first = client.get("/agreements?limit=2&sort=title").json()
        fixed = client.get("/agreements?limit=2&as_of=1").json()
        for turn in (2, 3):
            load([second if turn == 2 else str(SEED)], own_server.file, keep=2)
            wait_for_release(own_server.url, str(turn))
            pass_time(Folder(own_server.file).path)
        # The server may have looked between the publishing and the removal.
        wait_until(lambda: client.get(first["next"]).status_code == 410)
        answer = client.get(first["next"])
        assert answer.headers["content-type"] == "application/problem+json"
        said = "release 1 is not kept here any more; there are still: 2, 3; this walk began in it"
        assert said in answer.json()["detail"]
        again = client.get(answer.json()["run"]).json()
        assert again["release"] == 3
        assert again["query"] == first["query"]
        # Nothing is advised that would not work.
        answer = client.get(fixed["next"])
        assert (answer.status_code, answer.json()["run"]) == (410, None)
        page = client.get(first["next"], headers={"accept": "text/html"})
        assert page.status_code == 410
        assert "Begin again" in page.text


def test_a_cursor_of_another_release_of_the_same_number_is_gone(
    own_server: Server, second: str, tmp_path: Path
) -> None:
    load([second], tmp_path / "other.db")
    path = "/agreements?limit=2"
    with server_of(tmp_path / "other.db") as other:
        foreign = httpx.get(f"{other.url}{path}").json()["next"].removeprefix(other.url)
    with httpx.Client(base_url=own_server.url) as client:
        for _ in range(2):  # also where the same walk is under way
            answer = client.get(foreign)
            assert answer.status_code == 410
            assert "began in another release 1 than there is" in answer.json()["detail"]
            assert client.get(answer.json()["run"]).json()["release"] == 1
            assert len([*pages(client, path, [2])]) > 2


def test_a_release_that_is_not_here_yet_may_be_in_a_moment(
    own_server: Server, second: str, tmp_path: Path
) -> None:
    newer = tmp_path / "newer.db"
    for content in (str(SEED), second):
        load([content], newer)
    with server_of(newer) as other:
        following = httpx.get(f"{other.url}/agreements?limit=2").json()["next"]
    with httpx.Client(base_url=own_server.url) as client:
        answer = client.get(following.removeprefix(other.url))
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert "release 2 is not on this server yet" in answer.json()["detail"]


def test_a_walk_as_of_a_release_is_a_walk_of_its_own(own_server: Server, second: str) -> None:
    load([second], own_server.file)
    wait_for_release(own_server.url, "2")
    with httpx.Client(base_url=own_server.url) as client:
        walked = [*pages(client, "/agreements?limit=4&as_of=1", [4, 2])]
        assert {(page["release"], page["query"]["as_of"]) for page in walked} == {(1, "1")}
        items = [item for page in walked for item in page["items"]]
        assert items == everything(client, "/agreements?as_of=1")
        assert items != everything(client, "/agreements")
        cursor = walked[1]["query"]["cursor"]
        for other in ("", "&as_of=2"):
            refused = client.get(f"/agreements?limit=4{other}&cursor={cursor}")
            assert refused.status_code == 422
            assert client.get(refused.json()["run"]).json()["release"] == 2


def test_readers_never_wait_for_a_load_nor_see_half_of_one(own_server: Server, second: str) -> None:
    stop = threading.Event()
    seen: list[tuple[int, str, str]] = []
    walks: list[list[dict[str, Any]]] = []

    def read() -> None:
        with httpx.Client(base_url=own_server.url) as client:
            while not stop.is_set():
                answer = client.get("/agreements?limit=200")
                seen.append((answer.status_code, answer.headers["dataset-release"], answer.text))

    def walk() -> None:
        with httpx.Client(base_url=own_server.url) as client:
            while not stop.is_set():
                walks.append([*pages(client, "/agreements?limit=1", [1])])

    readers = [threading.Thread(target=read), threading.Thread(target=walk)]
    for reader in readers:
        reader.start()
    for turn in range(6):
        load([second if turn % 2 == 0 else str(SEED)], own_server.file)
        wait_for_release(own_server.url, str(turn + 2))
    stop.set()
    for reader in readers:
        reader.join()
    assert {status for status, _, _ in seen} == {200}
    for _, release, text in seen:
        page = json.loads(text)
        assert str(page["release"]) == release
        changed = any(item["summary"] == "In other words." for item in page["items"])
        assert changed == (int(release) % 2 == 0)
    for walked in walks:
        assert len({page["release"] for page in walked}) == 1
        ids = [item["id"] for page in walked for item in page["items"]]
        assert len(set(ids)) == len(ids) == walked[0]["total"]


def test_the_same_content_is_the_same_release(own_server: Server) -> None:
    release, new = load([str(SEED)], own_server.file)
    assert (release.number, new) == (1, False)


def test_a_server_without_data_says_what_to_do(database: Path, tmp_path: Path) -> None:
    shared = tmp_path / "shared.db"
    with (
        server_of(database, READOUT_RELEASES_URL=f"file://{shared}.releases") as running,
        httpx.Client(base_url=running.url) as client,
    ):
        what = "there is no release yet; publish one with: readout load FILES"
        wait_until(lambda: client.get("/health/ready").json()["detail"] == what)
        for path in ("/", "/agreements", "/actors/japan", "/search?q=x", "/health/ready"):
            answer = client.get(path)
            assert answer.status_code == 503, answer.text
            assert answer.headers["retry-after"]
            assert answer.json()["detail"] == what
        live = client.get("/health/live")
        assert live.json() == {"status": "ok", "release": None, "behind": True}
        load([str(SEED)], shared)
        assert wait_for_release(running.url, "1") < 5
        served = {"status": "ok", "release": 1, "behind": False}
        assert client.get("/health/ready").json() == served


def test_a_server_looks_for_a_release_that_it_has_not_seen(
    database: Path, second: str, tmp_path: Path
) -> None:
    shared = tmp_path / "shared.db"
    kept = tmp_path / "shared.db.releases"
    load([str(SEED)], shared)
    with (
        server_of(shared) as ahead,
        server_of(database, READOUT_RELEASES_URL=f"file://{kept}") as running,
        httpx.Client(base_url=running.url) as client,
    ):
        wait_for_release(running.url, "1")
        load([second], shared)
        wait_for_release(ahead.url, "2")
        following = httpx.get(f"{ahead.url}/agreements?limit=2").json()["next"]
        for path in (following.removeprefix(ahead.url), "/agreements?as_of=2"):
            answer = client.get(path)
            assert (answer.status_code, answer.json()["release"]) == (200, 2)
        assert client.get("/agreements?as_of=3").status_code == 422
        wait_for_release(running.url, "2")
        # What is published while the storage is away can't be known, and nothing else is lost.
        kept.rename(tmp_path / "away")
        wait_until(lambda: client.get("/health/ready").json()["behind"])
        answer = client.get("/agreements?as_of=3")
        assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
        for number in (1, 2):
            assert client.get(f"/agreements?as_of={number}").json()["release"] == number
        (tmp_path / "away").rename(kept)
        wait_until(lambda: not client.get("/health/ready").json()["behind"])
        assert client.get("/agreements?as_of=3").status_code == 422
