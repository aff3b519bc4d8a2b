"""The cache in front: the same answers as without it, whatever is asked and however."""

import asyncio
import gzip
import re
import socket
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import brotli  # type: ignore[import-untyped] # it has no types
import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http.cache import _PACKERS, Answer, Cache, Head, Shelf, _key
from app.store.serving import Store
from tests.builders import a_bundle, an_actor, write
from tests.conftest import load, server_of

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture(scope="module")
def two(seeded: Path) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """A server that keeps answers and one that does not."""
    with (
        server_of(seeded) as keeping,
        server_of(seeded, READOUT_CACHE_MIB="0") as plain,
        httpx.Client(base_url=keeping.url) as first,
        httpx.Client(base_url=plain.url) as second,
    ):
        yield first, second


REQUESTS = [
    "/", "/agreements", "/agreements?limit=2", "/agreements?topic=defense&topic=economy",
    "/agreements?topic=economy&topic=defense", "/agreements?sort=title&limit=3",
    "/agreements?limit=3&sort=title", "/agreements?limit=3&&sort=title&q=", "/agreements?q=japan",
    "/agreements?utm_source=x&q=japan", "/commitments/japan-us-investment",
    "/commitments/japan-us-investment?fields=id,title", "/commitments%2Fjapan-us-investment",
    "/actors/jpan", "/agreements?topc=defense", "/agreements?limit=1&limit=2", "/releases",
    "/releases/1", "/changes", "/search?q=japan", "/search", "/releases/1/readout.db",
    "/agreements?as_of=1", "/agreements?format=html", "/agreements?" + "&" * 200 + "limit=2",
    "/agreements?" + "a=&" * 120 + "limit=2", "/health/ready", "/openapi.json", "/nothing",
    "//agreements", "/agreements/", "/agreements?limit=1#part", "/agreements?q=" + "x" * 2_000,
]  # fmt: skip
HEADERS: list[dict[str, str]] = [
    {},
    {"accept": BROWSER},
    {"accept": "image/png"},
    {"accept-encoding": "gzip"},
    {"accept-encoding": "br;q=1.0, gzip;q=0.8, *;q=0.1"},
    {"accept-encoding": "br;q=0, identity"},
    {"if-none-match": "*"},
    {"if-none-match": '"nothing"'},
    {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"},
    {"x-http-method-override": "DELETE"},
    {"range": "bytes=0-10"},
]


def test_every_answer_is_the_one_that_is_given_without_a_cache(
    two: tuple[httpx.Client, httpx.Client],
) -> None:
    """Three times each, as the first is answered, the second found, and the third found packed."""
    keeping, plain = two
    for path in REQUESTS:
        for headers in HEADERS:
            for method in ("GET", "GET", "HEAD", "GET"):
                request_headers = {"accept-encoding": "identity"} | headers
                first = keeping.request(method, path, headers=request_headers)
                second = plain.request(method, path, headers=request_headers)
                assert first.status_code == second.status_code, (path, headers)
                assert _content(first) == _content(second), (path, headers)
                assert _comparable(first) == _comparable(second), (path, headers)
                assert "evil" not in first.text + str(first.headers)


def _content(answer: httpx.Response) -> bytes:
    """The body, whichever server it is of."""
    own = str(answer.url.copy_with(raw_path=b"/")).removesuffix("/")
    return answer.content.replace(own.encode(), b"")


def _comparable(answer: httpx.Response) -> dict[str, str]:
    # With a cache answers are packed, too; an ETag names the server's address as well.
    apart = {"date", "content-length", "content-encoding", "transfer-encoding", "etag",
             "x-request-id"}  # fmt: skip
    own = str(answer.url.copy_with(raw_path=b"/"))
    return {name: v.replace(own, "/") for name, v in answer.headers.items() if name not in apart}


def test_what_is_asked_again_is_packed(two: tuple[httpx.Client, httpx.Client]) -> None:
    keeping, _ = two
    plain = keeping.get("/quotes", headers={"accept-encoding": "identity"})
    for coding, unpack in (("gzip", gzip.decompress), ("br", brotli.decompress)):
        with keeping.stream("GET", "/quotes", headers={"accept-encoding": coding}) as answer:
            raw = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == coding
        assert int(answer.headers["content-length"]) == len(raw) < len(plain.content) / 2
        assert unpack(raw) == plain.content
        assert answer.headers["etag"] == plain.headers["etag"]
        assert answer.headers["etag"].startswith("W/")


@pytest.mark.parametrize("path", ["/agreements?limit=7", "/agreements?format=csv&sort=title"])
def test_a_client_that_has_it_fills_an_empty_cache_too(
    two: tuple[httpx.Client, httpx.Client], path: str
) -> None:
    keeping, plain = two
    route = 'readout_requests_total{cache="hit",route="/agreements",status="304"}'

    def hits() -> float:
        lines = keeping.get("/metrics").text.splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith(route))

    # The address of a server is in its ETags: this one never answered with the list itself.
    etag = keeping.head(path).headers["etag"]
    before = hits()
    for _ in range(3):
        answer = keeping.get(path, headers={"if-none-match": etag})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert hits() == before + 2
    # What says only that is no answer for others.
    assert keeping.get(path).content == plain.get(path).content.replace(
        str(plain.base_url).encode(), str(keeping.base_url).encode()
    )
    assert keeping.get(path, headers={"if-none-match": '"older"'}).status_code == 200


@pytest.mark.parametrize("first", [True, False])
def test_who_names_two_does_not_decide_what_one_of_them_gives(
    two: tuple[httpx.Client, httpx.Client], first: bool
) -> None:
    keeping, _ = two
    path = f"/agreements?limit={71 + first}"  # which is not kept yet
    etag, older = keeping.head(path).headers["etag"], f'W/"{first}-older"'
    tags = [etag, older] if first else [older, etag]
    keeping.get(path, headers=[("if-none-match", tag) for tag in tags])
    alone = keeping.get(path, headers={"if-none-match": older})
    assert (alone.status_code, alone.json()["total"] > 0) == (200, True)


def test_a_new_release_is_answered_at_once(tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    load([write(tmp_path / "1.json", a_bundle())], database)
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        for _ in range(3):
            before = client.get("/actors")
        again = {"if-none-match": before.headers["etag"]}
        assert client.get("/actors", headers=again).status_code == 304
        load(
            [write(tmp_path / "2.json", a_bundle(actors=[an_actor(), an_actor("korea")]))], database
        )
        while client.get("/health/ready").json()["release"] == 1:
            pass
        # Announced by that worker as the one that it serves: not one answer of the old one.
        after = client.get("/actors", headers=again)
        assert (after.status_code, after.json()["total"]) == (200, 2)
        assert after.headers["dataset-release"] == "2"


# Against an application that counts how often it is asked.


class Inner:
    """Answers with the path, the query and how often it was asked."""

    def __init__(self) -> None:
        self.requests = 0
        self.status = 200
        self.pieces = False
        self.during = asyncio.Event()
        self.during.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        self.requests += 1
        number, status = self.requests, self.status
        await self.during.wait()
        headers = [(b"etag", f'W/"{number}"'.encode()), (b"dataset-release", b"1")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        body = f"{scope['path']} {number}".encode()
        await send({"type": "http.response.body", "body": body, "more_body": self.pieces})
        if self.pieces:
            await send({"type": "http.response.body", "body": b" and more"})


def cached(inner: ASGIApp, room: int = 2**20) -> tuple[Cache, SimpleNamespace]:
    store = SimpleNamespace(current=object(), state=object())
    return Cache(inner, cast("Store", store), room), store


async def ask(cache: Cache, target: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    path, _, query = target.partition("?")
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.replace("_", "-").encode(), v.encode()) for name, v in headers.items()],
        "entry": {},
    }
    await cache(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])


def test_a_stampede_is_answered_once() -> None:
    async def stampede() -> None:
        inner = Inner()
        cache, _ = cached(inner)
        inner.during.clear()
        many = [asyncio.create_task(ask(cache, "/agreements")) for _ in range(50)]
        await asyncio.sleep(0.01)
        inner.during.set()
        answers = await asyncio.gather(*many)
        assert inner.requests == 1
        assert set(answers) == {(200, b"/agreements 1")}

    asyncio.run(stampede())


def test_a_stampede_of_those_who_have_it_is_answered_once() -> None:
    async def stampede() -> None:
        inner = Inner()
        inner.status = 304
        cache, _ = cached(inner)
        inner.during.clear()
        own = {"if_none_match": 'W/"1"'}
        many = [asyncio.create_task(ask(cache, "/agreements", **own)) for _ in range(50)]
        await asyncio.sleep(0.01)
        inner.during.set()
        answers = await asyncio.gather(*many)
        assert inner.requests == 1
        assert {status for status, _ in answers} == {304}

    asyncio.run(stampede())


def test_a_stampede_for_an_error_is_answered_once() -> None:
    async def stampede() -> None:
        inner = Inner()
        inner.status = 503
        cache, _ = cached(inner)
        inner.during.clear()
        many = [asyncio.create_task(ask(cache, "/agreements")) for _ in range(50)]
        await asyncio.sleep(0.01)
        inner.during.set()
        assert set(await asyncio.gather(*many)) == {(503, b"/agreements 1")}
        assert inner.requests == 1
        # It is the answer to those who waited, and to nobody who comes later.
        assert await ask(cache, "/agreements") == (503, b"/agreements 2")

    asyncio.run(stampede())


def test_who_waits_in_too_long_a_line_is_refused_alone() -> None:
    async def crowd() -> None:
        scopes = []

        async def crowded(scope: Scope, _receive: Receive, send: Send) -> None:
            scopes.append(scope)
            await asyncio.sleep(0.01)
            scope["entry"]["problem"] = "crowded"
            await send({"type": "http.response.start", "status": 503, "headers": []})
            await send({"type": "http.response.body", "body": b"later"})

        cache, _ = cached(crowded)
        assert set(await asyncio.gather(*(ask(cache, "/x") for _ in "123"))) == {(503, b"later")}
        assert len(scopes) == 3

    asyncio.run(crowd())


def test_who_has_it_already_answers_for_nobody_who_has_not() -> None:
    async def stampede() -> None:
        inner = Inner()
        cache, _ = cached(inner)
        inner.during.clear()
        inner.status = 304
        having = asyncio.create_task(ask(cache, "/agreements", if_none_match='W/"1"'))
        await asyncio.sleep(0.01)
        inner.status = 200
        many = [asyncio.create_task(ask(cache, "/agreements")) for _ in range(50)]
        await asyncio.sleep(0.01)
        inner.during.set()
        assert {status for status, _ in await asyncio.gather(*many)} == {200}
        await having
        assert inner.requests == 2

    asyncio.run(stampede())


def test_what_can_not_be_kept_keeps_nobody_waiting() -> None:
    async def twice() -> None:
        async def wrong(_scope: Scope, _receive: Receive, send: Send) -> None:
            await asyncio.sleep(0.01)
            headers = [(b"etag", b'W/"1"'), (b"dataset-release", b"1"), (b"x", b"a\r\nb")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b""})

        cache, _ = cached(wrong)
        both = asyncio.gather(*(ask(cache, "/x") for _ in "12"), return_exceptions=True)
        outcomes = await asyncio.wait_for(both, 5)
        assert [type(one) for one in outcomes] == [ValueError, ValueError]

    asyncio.run(twice())


def test_what_many_want_packed_is_packed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = []

    def pack(body: bytes) -> bytes:
        packed.append(len(body))
        return b"packed"

    monkeypatch.setitem(_PACKERS, "gzip", pack)

    async def many() -> None:
        async def large(_scope: Scope, _receive: Receive, send: Send) -> None:
            headers = [(b"etag", b'W/"1"'), (b"dataset-release", b"1")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"x" * 160_000})

        cache, _ = cached(large, 2**26)
        await ask(cache, "/x")
        answers = await asyncio.gather(*(ask(cache, "/x", accept_encoding="gzip") for _ in "1234"))
        assert {body for _, body in answers} == {b"packed"}
        assert packed == [160_000]
        assert cache.bytes == 160_000 + len(b"packed") + 2 * 1_500

    asyncio.run(many())


def test_what_began_in_one_release_and_ended_in_another_is_not_kept() -> None:
    async def between() -> None:
        inner = Inner()
        cache, store = cached(inner)
        inner.during.clear()
        slow = asyncio.create_task(ask(cache, "/agreements"))
        await asyncio.sleep(0.01)
        store.state = object()
        # Whoever asks after the change does not get what was begun before it.
        later = asyncio.create_task(ask(cache, "/agreements"))
        await asyncio.sleep(0.01)
        inner.during.set()
        assert (await slow, await later) == ((200, b"/agreements 1"), (200, b"/agreements 2"))
        assert await ask(cache, "/agreements") == (200, b"/agreements 2")

    asyncio.run(between())


@pytest.mark.parametrize("status", [404, 410, 422, 500, 503, 308])
def test_no_error_is_kept(status: int) -> None:
    async def twice() -> None:
        inner = Inner()
        inner.status = status
        cache, _ = cached(inner)
        assert [(await ask(cache, "/x"))[1] for _ in range(2)] == [b"/x 1", b"/x 2"]
        assert cache.bytes == 0

    asyncio.run(twice())


def test_no_stream_is_kept_and_nobody_waits_for_one() -> None:
    async def twice() -> None:
        inner = Inner()
        inner.pieces = True
        cache, _ = cached(inner)
        both = await asyncio.gather(*(ask(cache, "/x") for _ in range(2)))
        assert {body for _, body in both} == {b"/x 1 and more", b"/x 2 and more"}
        assert cache.bytes == 0

    asyncio.run(twice())


def test_an_application_that_fails_does_not_keep_others_waiting() -> None:
    async def fail() -> None:
        async def broken(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001
            await asyncio.sleep(0.01)
            raise OSError

        cache, _ = cached(broken)
        both = await asyncio.gather(*(ask(cache, "/x") for _ in range(2)), return_exceptions=True)
        assert [type(error) for error in both] == [OSError, OSError]

    asyncio.run(fail())


PAIRS = st.lists(
    st.tuples(st.sampled_from(["topic", "q", "limit", "utm_a", "kind"]), st.sampled_from("ab ")),
    max_size=6,
)


@given(PAIRS, st.randoms())
def test_the_order_of_parameters_does_not_matter_and_that_of_values_does(
    pairs: list[tuple[str, str]], chance: Any
) -> None:
    def key(parameters: list[tuple[str, str]]) -> Any:
        return _key("/x", "&".join(f"{n}={v.strip()}" for n, v in parameters).encode(), "*/*")

    said = [(n, v) for n, v in pairs if v != " " and n != "utm_a"]
    assert key(pairs) == key(said)
    shuffled = said[:]
    chance.shuffle(shuffled)
    names = {name for name, _ in said}
    same = all([v for n, v in said if n == m] == [v for n, v in shuffled if n == m] for m in names)
    assert (key(said) == key(shuffled)) == same


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12_000)), max_size=120))
def test_the_shelf_never_holds_more_than_it_has_room_for(requests: list[tuple[int, int]]) -> None:
    room = 640_000
    shelf = Shelf(room)
    for number, size in requests:
        key = (str(number), b"", "")
        if shelf.get(key) is None:
            shelf.put(key, Answer(200, [(b"etag", b'W/"1"')], b"x" * size))
        kept = [*shelf._hot.values(), *shelf._new.values()]
        assert shelf.bytes == sum(answer.size for answer in kept) <= room
        assert shelf._hot_bytes == sum(answer.size for answer in shelf._hot.values())


def test_what_is_asked_again_outlives_a_crowd_that_is_not() -> None:
    async def crowd() -> None:
        inner = Inner()
        cache, _ = cached(inner, room=200_000)
        for _ in range(2):
            await ask(cache, "/popular")
        for number in range(1_000):
            await ask(cache, f"/one-of-many/{number}")
        before = inner.requests
        assert await ask(cache, "/popular") == (200, b"/popular 1")
        assert inner.requests == before

    asyncio.run(crowd())


@pytest.mark.parametrize(
    "request_",
    [
        b"GET {} HTTP/1.1\r\nHost: x\r\n",
        b"HEAD {} HTTP/1.1\r\nHost: x\r\n",
        b"GET {} HTTP/1.0\r\n",
        b"GET {} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
        b"GET {} HTTP/1.1\r\nHost: x\r\nIf-None-Match: *\r\n",
        b"GET {} HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n",
        b"GET {} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab",
        b"GET {} HTTP/1.1\r\nHost: x\r\nTraceparent: 00-"
        + b"a" * 32 + b"-" + b"b" * 16 + b"-01\r\nX-Request-Id: mine\r\n",
    ],
)  # fmt: skip
def test_a_kept_answer_is_on_the_wire_what_it_was(
    two: tuple[httpx.Client, httpx.Client], request_: bytes
) -> None:
    keeping, plain = (client.base_url for client in two)
    sent = request_.replace(b"{}", b"/agreements?limit=200&sort=title")
    sent += b"" if sent.endswith(b"ab") else b"\r\n"
    first, second, third = (on_the_wire(url, sent) for url in (keeping, keeping, plain))
    if b"gzip" in sent:  # packed when it is asked again, and not without a cache
        assert first[0] == second[0] == third[0]
        assert gzip.decompress(second[2]) == third[2]
    else:
        assert first == second == third


def on_the_wire(url: httpx.URL, sent: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The first line, the headers but for what is of one answer, and what comes after them."""
    with socket.create_connection((url.host, url.port), timeout=10) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        came = b""
        while piece := client.recv(2**16):
            came += piece
    head, _, body = came.partition(b"\r\n\r\n")
    head = head.replace(url.netloc, b"here")
    line, *headers = head.split(b"\r\n")
    own = b"date:", b"etag:", b"x-request-id: ", b"traceparent: "  # an address is in a tag, too
    ids = [header for header in headers if header.startswith(own[2:])]
    assert len(ids) == 1 + (b"Traceparent" in sent)
    assert b"X-Request-Id" not in sent or b"x-request-id: mine" in ids
    return line, [header for header in headers if not header.startswith(own)], body


def test_no_head_that_says_more_than_it_should() -> None:
    for name, value in ((b"link", b"a\r\nset-cookie: b"), (b"a\r\nb", b"c"), (b"a b", b"c")):
        with pytest.raises(ValueError, match=re.escape(repr(name))):
            Head([(name, value)], 0)
