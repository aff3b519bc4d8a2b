"""HTTP: methods, caching, CORS, problems; on every route, the framework's own included."""

import http.client
import json
import re
import socket
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.formats import Content, showing
from app.http.answers import MAX_LINK
from app.problems import ProblemDetails
from tests.conftest import Server

PATHS = [
    "/", "/agreements", "/commitments", "/quotes", "/actors", "/summits", "/documents",
    "/agreements/joint-leaders-statement", "/commitments/japan-us-investment",
    "/quotes/joint-statement-golden-age", "/actors/japan", "/summits/us-japan-2025-02",
    "/documents/red-nation-today-japan-us", "/search?q=japan", "/releases",
]  # fmt: skip
UNCHANGING = ["/openapi.json", "/docs", "/schemas/bundle.json", "/static/icon.svg"]
OTHERS = [*UNCHANGING[:3], "/health/live", "/health/ready"]
NOWHERE = ["/nowhere", "/actors/nobody", "/agreements?topc=defense", "//", "/docs/files/none.js"]


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem details of an answer, checked for the one shape."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    details: dict[str, Any] = answer.json()
    assert set(details) == set(ProblemDetails.model_fields)
    assert details["status"] == status
    return details


# What is asked again is packed for who takes it so.
PLAIN = {"accept-encoding": "identity"}


@pytest.mark.parametrize("path", [*PATHS, *OTHERS, *NOWHERE])
def test_head_is_get_without_a_body(client: httpx.Client, path: str) -> None:
    got, head = client.get(path, headers=PLAIN), client.head(path, headers=PLAIN)
    assert head.status_code == got.status_code
    assert head.content == b""
    for name in ("etag", "content-type", "content-length", "link", "dataset-release"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    "path",
    [
        *(f"/commitments?format={name}" for name in ("csv", "tsv", "ndjson", "xlsx")),
        "/releases/1/bundle.json",
        "/releases/1/datapackage.zip",
        "/releases/1/readout.db",
    ],
)
def test_head_says_no_length_that_get_has_not(client: httpx.Client, path: str) -> None:
    head, got = client.head(path, headers=PLAIN), client.get(path, headers=PLAIN)
    assert head.headers.get("content-length") in (None, str(len(got.content)))
    for name in ("etag", "content-type", "dataset-total", "content-disposition"):
        assert head.headers.get(name) == got.headers.get(name)


@pytest.mark.parametrize(
    "path",
    [
        *PATHS, *OTHERS, *NOWHERE,
        *(f"/actors/japan?format={each.name}" for each in showing(Content.RECORD)
          if each.name != "png"),
        *(f"/actors?format={each.name}" for each in showing(Content.LIST) if each.name != "xlsx"),
    ],
)  # fmt: skip
def test_a_text_ends_with_its_last_line(client: httpx.Client, path: str) -> None:
    for _ in range(2):  # as it is made, and as it is kept
        answer = client.get(path, headers=PLAIN)
        assert answer.content.endswith(b"\n")
        assert not answer.content.endswith(b"\n\n")
        assert answer.headers.get("content-length") in (None, str(len(answer.content)))


def test_what_never_became_a_request_is_answered_with_a_whole_line(server: Server) -> None:
    url = urlsplit(server.url)
    with socket.create_connection((url.hostname, url.port), timeout=10) as connection:
        connection.sendall(b"no request\r\n\r\n")
        head, _, body = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert b"content-length: %d\r\n" % len(body) in head
    assert body.endswith(b"}\n")


@pytest.mark.parametrize("path", [*PATHS, *OTHERS, *NOWHERE])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"])
def test_nothing_can_be_written(client: httpx.Client, path: str, method: str) -> None:
    answer = client.request(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*PATHS, *OTHERS, *NOWHERE])
def test_any_site_may_read(client: httpx.Client, path: str) -> None:
    origin = {"Origin": "https://news.example"}
    answer = client.get(path, headers=origin)
    assert answer.headers["access-control-allow-origin"] == "*"
    exposed = answer.headers["access-control-expose-headers"]
    assert {"ETag", "Link", "Dataset-Release"} <= set(exposed.split(", "))
    ask = origin | {
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "if-none-match",
    }
    preflight = client.options(path, headers=ask)
    assert preflight.status_code == 204
    assert "GET" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "*"
    assert preflight.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("path", [*PATHS, *UNCHANGING])
def test_what_a_client_has_is_not_sent_again(client: httpx.Client, path: str) -> None:
    first = client.get(path)
    if path in PATHS:
        assert first.headers["dataset-release"] == "1"
        assert first.headers["vary"] == "Accept, Accept-Encoding"
        assert "public" in first.headers["cache-control"]
    etag = first.headers["etag"]
    for sent in (etag, f'"other", {etag}', "*", etag.removeprefix("W/")):
        again = client.get(path, headers={"If-None-Match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["access-control-allow-origin"] == "*"
    assert client.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_an_etag_names_one_answer(client: httpx.Client) -> None:
    paths = [*PATHS, "/agreements?limit=1", "/agreements?fields=id", "/agreements?topic=defense",
             "/search?q=trump", "/actors/japan?fields=id", "/agreements?facet=kind"]  # fmt: skip
    etags = {client.get(path).headers["etag"] for path in paths}
    assert len(etags) == len(paths)
    # The same request, written differently, is the same answer.
    same = ["/agreements?kind=position&limit=2", "/agreements?limit=2&kind=position&q=&utm_id=7"]
    assert len({client.get(path).headers["etag"] for path in same}) == 1


def test_an_unknown_record_comes_with_its_neighbours(client: httpx.Client) -> None:
    details = problem(client.get("/actors/japn"), 404)
    assert details["nearest"][0] == "/actors/japan"
    assert "did you mean japan?" in details["detail"]


@pytest.mark.parametrize(
    "path",
    ["/actors/%00", "/actors/%FF", "/actors/JAPAN", "/actors/" + "a" * 5000, "/actors/a%2Fb",
     "/actors/japan/x/", "/actors/..%2f..%2fetc", "/nowhere", "//evil.example/",
     "/%0d%0aX-Evil:1", "/docs/files/..%2f..%2f__init__.py"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(server: Server, path: str) -> None:
    # A client library would tidy these paths; they are sent as they stand.
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    connection.putrequest("GET", path, skip_host=False)
    connection.endheaders()
    answer = connection.getresponse()
    details = json.loads(answer.read())
    connection.close()
    assert answer.status == details["status"] == 404
    assert answer.getheader("content-type") == "application/problem+json"
    assert answer.getheader("location") is None
    assert answer.getheader("x-evil") is None


def test_a_trailing_slash_leads_to_the_list(client: httpx.Client) -> None:
    answer = client.get("/agreements/?topic=defense", headers={"Host": "evil.example"})
    assert answer.status_code == 308
    assert answer.headers["location"] == "/agreements?topic=defense"
    assert client.get("/actors/japan/").headers["location"] == "/actors/japan"


def test_the_host_header_is_not_believed(client: httpx.Client, server: Server) -> None:
    answer = client.get("/agreements?limit=1", headers={"Host": "evil.example"})
    assert answer.json()["next"].startswith(f"{server.url}/agreements?")
    assert "evil" not in answer.text + str(answer.headers)


def test_link_is_next(client: httpx.Client) -> None:
    answer = client.get("/agreements?limit=1")
    assert answer.links["next"]["url"] == answer.json()["next"]
    assert "next" not in client.get("/agreements").links


ASKED = st.one_of(
    st.tuples(st.just("q"), st.text(min_size=1, max_size=200)),
    st.tuples(st.just("topic"), st.sampled_from(["defense", "energy"])),
    st.tuples(st.sampled_from(["as_of", "format", "actor", "cursor"]), st.text(max_size=50)),
    st.tuples(st.just("actor"), st.sampled_from(["japan", "united-states", "nobody"])),
    st.tuples(st.just("fields"), st.sampled_from(["id", "title", "id,title,evidence,topics"])),
    st.tuples(st.just("limit"), st.just("1")),
    st.tuples(st.text(max_size=20), st.text(max_size=300)),
)
"""Parameters that are right, wrong or none; most of what is found by several is right."""


@given(
    path=st.sampled_from([*PATHS, "/actors/", "/agreements/", "/actors/nobody", "/x" * 999]),
    right=st.tuples(st.text("日é ,-&", max_size=200), st.integers(0, 20), st.sampled_from(" 1")),
    query=st.lists(ASKED, max_size=12),
    accept=st.sampled_from(["*/*", "text/html", "text/csv"]),
)
def test_no_head_is_too_long_for_a_proxy(
    client: httpx.Client,
    path: str,
    right: tuple[str, int, str],
    query: list[tuple[str, str]],
    accept: str,
) -> None:
    words, actors, limit = right
    good = [("q", words)] * bool(words) + [("actor", "japan")] * actors + [("limit", limit)]
    for pairs in ([pair for pair in good if pair[1].strip()], query):
        encoded = urlencode(pairs, errors="replace")[:8_000]
        answer = client.get(f"{path}?{encoded}", headers={"accept": accept})
        head = sum(len(name) + len(value) + 4 for name, value in answer.headers.raw)
        assert head < 4_000
        assert len(answer.headers.get("link", "")) <= MAX_LINK
        assert answer.status_code < 500


def test_of_too_many_links_the_next_page_stays(client: httpx.Client) -> None:
    answer = client.get(f"/agreements?limit=1&q={'leaders+OR+' * 15}japan")
    assert answer.links["next"]["url"] == answer.json()["next"]
    formats = re.findall(r'rel="alternate"; type="([^"]+)"', answer.headers["link"])
    offered = [each.media_type for each in showing(Content.LIST)][1:]
    assert 0 < len(formats) < len(offered)
    assert formats == offered[: len(formats)]


def test_bytes_that_are_no_request_are_a_problem_too(server: Server) -> None:
    for sent, status in (
        (b"G\xc3\xa9T /agreements HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"GET /agreements?q=" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 70_000 + b"\r\n\r\n", 431),
        (b"NONSENSE\r\n\r\n", 400),
    ):
        connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
        connection.connect()
        assert connection.sock is not None
        connection.sock.sendall(sent)
        answer = http.client.HTTPResponse(connection.sock)
        answer.begin()
        assert answer.status == status
        assert answer.getheader("content-type") == "application/problem+json"
        assert answer.getheader("access-control-allow-origin") == "*"
        assert json.loads(answer.read())["status"] == status
        connection.close()


@pytest.mark.parametrize("path", ["/openapi.json", "/schemas/bundle.json", "/llms.txt"])
def test_where_nothing_can_be_asked_nothing_is_ignored(client: httpx.Client, path: str) -> None:
    details = problem(client.get(f"{path}?x=1&utm_source=mail"), 422)
    assert [fault["parameter"] for fault in details["errors"]] == ["x"]
    assert details["run"] == str(client.base_url.join(path))
    assert client.get(f"{path}?utm_source=mail").status_code == 200


def test_what_is_of_another_type_is_found(client: httpx.Client) -> None:
    details = problem(client.get("/commitments/japan"), 404)
    assert details["nearest"][0] == "/actors/japan"
    assert details["detail"] == "there is no commitment japan; did you mean /actors/japan?"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("bundle", "bundle.json"), ("readout", "readout.db"), ("datapackage", "datapackage.zip")],
)
def test_a_file_of_a_release_is_found(client: httpx.Client, typed: str, meant: str) -> None:
    details = problem(client.get(f"/releases/1/{typed}"), 404)
    assert details["nearest"] == [f"/releases/1/{meant}"]
