"""The cache in front of the framework: an answer of this release is sent again as it was.

An answer depends on the release, the path, the query and the formats that the client takes, and on
nothing else of a request: these are its key. All answers are forgotten with their release.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import brotli  # type: ignore[import-untyped] # it has no types
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE

from app.http.answers import has_already
from app.http.negotiation import coding_for, is_for_a_preview, preferred
from app.problems import Crowded
from app.queries.querystring import name_of
from app.store.serving import Store

_LONGEST = 1_000  # bytes of a URL or a header; who sends more hardly asks the same twice
_LARGEST_SHARE = 1 / 64  # of the room, for one answer
_OVERHEAD = 1_500  # bytes of an answer beside its body
_HOT_SHARE = 0.8  # of the room, for what was asked more than once
_WORTH_PACKING = 1_000  # bytes
_ERRORS = 400  # and above
_AT_ONCE = 64_000  # bytes that are packed in a moment; more in a thread
# A second If-None-Match is one of these, too: which of the two counts is nothing to agree on.
_RARE = frozenset({b"if-none-match", b"range"})
_OF_A_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})
_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
_CODINGS = tuple(_PACKERS)

Header = tuple[bytes, bytes]
Key = tuple[Any, ...]
"""Path, query and formats; then the coding of a packed answer, or the tags that a 304 is for."""


class Head(list[Header]):
    """Headers, and the bytes that they are on the wire.

    For a server that does not know it, a list of headers as any other; `protocol` sends the bytes.
    Checking and writing them one by one takes longer than all else that a kept answer takes.
    """

    __slots__ = ("encoded", "length")

    def __init__(self, headers: list[Header], length: int) -> None:
        """Check them as the server would; `length` is that of the body, in bytes."""
        super().__init__(headers)
        names = b"".join(map(itemgetter(0), headers))
        values = b"".join(map(itemgetter(1), headers))
        if HEADER_RE.search(names) or HEADER_VALUE_RE.search(values):
            raise ValueError(headers)
        self.length = length
        self.encoded = b"".join(map(b"%b: %b\r\n".__mod__, headers))


def with_one(headers: list[Header], header: Header) -> list[Header]:
    """The same headers and another one, which has been checked."""
    if type(headers) is not Head:
        return [*headers, header]
    more = Head.__new__(Head)
    more += [*headers, header]
    more.length = headers.length
    more.encoded = b"%b%b: %b\r\n" % (headers.encoded, *header)
    return more


class Answer:
    """A whole answer, to be sent more than once."""

    def __init__(
        self, status: int, headers: list[Header], body: bytes, problem: str | None = None
    ) -> None:
        """Take it as it was sent first. Raises ValueError for headers that can't be sent."""
        self.status = status
        self.headers = Head(headers, len(body))
        self.body = body
        self.entry = {"problem": problem} if problem else {"cache": "hit"}
        """The entry in the log for a request that gets it."""
        self.size = len(body) + _OVERHEAD
        self._packing = asyncio.Lock()

    @cached_property
    def etag(self) -> str:
        """Its tag."""
        return dict(self.headers)[b"etag"].decode()

    @cached_property
    def media_type(self) -> bytes:
        """Its type, by which it is packed or not."""
        return dict(self.headers).get(b"content-type", b"")

    def is_worth_packing(self, *, first: bool) -> bool:
        """Whether to send it packed, which costs as much as answering: what is asked again, and
        pages; a picture is packed already."""
        is_due = not first or self.media_type.startswith(b"text/html")
        return is_due and len(self.body) >= _WORTH_PACKING and self.media_type != b"image/png"

    @cached_property
    def not_modified(self) -> "Answer":
        """The answer to a client that has this one."""
        return Answer(304, [pair for pair in self.headers if pair[0] not in _OF_A_BODY], b"")

    async def packed(self, coding: str, key: Key, shelf: "Shelf") -> "Answer":
        """The same in a coding: made once, however many ask for it, and kept under the key."""
        async with self._packing:
            if packed := shelf.get(key):
                return packed
            pack = _PACKERS[coding]
            small = len(self.body) <= _AT_ONCE
            body = pack(self.body) if small else await asyncio.to_thread(pack, self.body)
            headers = [pair for pair in self.headers if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(body)).encode()))
            headers.append((b"content-encoding", coding.encode()))
            packed = Answer(self.status, headers, body)
            shelf.put(key, packed)
            return packed


class Shelf:
    """Answers of one release within a number of bytes: what was asked again stays longer."""

    def __init__(self, room: int, state: object = None) -> None:
        """Begin with nothing; `state` is that of the store."""
        self.state = state
        self.flights: dict[Key, asyncio.Future[Answer | None]] = {}
        """The requests that are being answered now."""
        self._room = room
        self._hot: OrderedDict[Key, Answer] = OrderedDict()
        self._new: OrderedDict[Key, Answer] = OrderedDict()
        self._hot_bytes = 0
        self.bytes = 0

    def get(self, key: Key) -> Answer | None:
        """The answer that is kept, which is asked once more."""
        answer = self._hot.get(key)
        if answer is not None:
            self._hot.move_to_end(key)
            return answer
        answer = self._new.pop(key, None)
        if answer is not None:
            self._hot[key] = answer
            self._hot_bytes += answer.size
            while self._hot_bytes > self._room * _HOT_SHARE and len(self._hot) > 1:
                oldest, colder = self._hot.popitem(last=False)
                self._hot_bytes -= colder.size
                self._new[oldest] = colder
        return answer

    def put(self, key: Key, answer: Answer) -> None:
        """Keep an answer, and forget others for it."""
        if answer.size > self._room * _LARGEST_SHARE or self.get(key):
            return
        self._new[key] = answer
        self.bytes += answer.size
        while self.bytes > self._room:
            if self._new:
                self.bytes -= self._new.popitem(last=False)[1].size
            else:
                size = self._hot.popitem(last=False)[1].size
                self.bytes -= size
                self._hot_bytes -= size


class _Request(NamedTuple):
    """The parts of a request that its answer depends on."""

    key: Key
    coding: str | None
    tags: bytes | None
    """`If-None-Match`."""
    own_key: Key
    """The key of what is answered to it: a client that has an answer may get a 304."""


class Cache:
    """The layer around the edge: answers from memory what was answered in this release."""

    def __init__(self, app: ASGIApp, store: Store, room: int) -> None:
        """Keep answers of the release that the store serves, in so many bytes."""
        self._app = app
        self._store = store
        self._room = room
        self._shelf = Shelf(room)

    @property
    def bytes(self) -> int:
        """How many bytes are kept."""
        return self._shelf.bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = None
        if scope["type"] == "http" and self._store.current is not None and self._room:
            request = _read(scope)
        if request is None:
            await self._app(scope, receive, send)
            return
        if self._shelf.state is not self._store.state:
            self._shelf = Shelf(self._room, self._store.state)
        # While this waits, another release may come, which has another shelf.
        shelf = self._shelf
        answer = shelf.get(request.key)
        if answer is None and request.tags:
            answer = shelf.get(request.own_key)
        if answer is None and (flight := shelf.flights.get(request.own_key)):
            answer = await flight
        if answer is not None:
            scope.get("entry", {}).update(answer.entry)
            await _send(answer, request, shelf, scope["method"], send)
        elif scope["method"] == "HEAD":
            await self._app(scope, receive, send)
        else:
            await self._fill(request, shelf, scope, receive, send)

    async def _fill(
        self, request: _Request, shelf: Shelf, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Have a request answered once, whoever else asks the same meanwhile."""
        key, flight = request.own_key, asyncio.get_running_loop().create_future()
        shelf.flights.setdefault(key, flight)
        catch = _Catch(send, flight)
        entry = scope.get("entry", {})
        shared = None
        try:
            await self._app(scope, receive, catch)
            if catch.start is None or catch.body is None:
                return
            status, headers = catch.start["status"], catch.start["headers"]
            answer = Answer(status, headers, catch.body, entry.get("problem"))
            if answer.status >= _ERRORS:
                # That there are too many long queries is no answer for others.
                shared = None if entry.get("problem") == Crowded.name else answer
            elif self._store.state is shelf.state:
                shared = answer
                shelf.put(key if answer.status == 304 else request.key, answer)
                entry["cache"] = "miss"
            else:  # it began in one release and ended in another, and may be of either
                shelf = Shelf(0)
        finally:
            if shelf.flights.get(key) is flight:
                del shelf.flights[key]
            if not flight.done():
                flight.set_result(shared)
        await _send(answer, request, shelf, "GET", send, first=True)


async def _send(
    answer: Answer, request: _Request, shelf: Shelf, method: str, send: Send, *, first: bool = False
) -> None:
    """Send an answer as the client takes it; the first time, the framework has read its tags."""
    tags, coding = request.tags, request.coding
    if answer.status == 200:
        if tags and not first and has_already(tags.decode("latin-1"), answer.etag):
            answer = answer.not_modified
        elif coding and answer.is_worth_packing(first=first):
            key = (*request.key, coding)
            answer = shelf.get(key) or await answer.packed(coding, key, shelf)
    body = b"" if method == "HEAD" else answer.body
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": body})


@dataclass(slots=True)
class _Catch:
    """Catches a whole answer of data, or an error; lets through everything else as it comes."""

    _send: Send
    _flight: asyncio.Future[Answer | None]
    start: Message | None = None
    body: bytes | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.start, status, names = message, message["status"], dict(message["headers"])
            is_data = b"dataset-release" in names and b"etag" in names and status in {200, 304}
            is_file = b"accept-ranges" in names
            if status < _ERRORS and (is_file or not is_data):
                await self._let_through()
        elif self.start is None:
            await self._send(message)
        elif message.get("more_body"):
            await self._let_through()
            await self._send(message)
        else:
            self.body = message.get("body", b"")

    async def _let_through(self) -> None:
        """Send what was caught; whoever waits for the same asks for itself."""
        assert self.start is not None  # noqa: S101 - nothing comes before it
        start, self.start = self.start, None
        if not self._flight.done():
            self._flight.set_result(None)
        await self._send(start)


def _read(scope: Scope) -> _Request | None:
    """The cache's view of a request; None for one that is not worth keeping."""
    path, query = scope["path"], scope["query_string"]
    if scope["method"] not in {"GET", "HEAD"} or len(path) + len(query) > _LONGEST:
        return None
    accept = encoding = agent = b""
    tags = None
    for name, value in scope["headers"]:
        if name == b"accept":
            accept = b"%b,%b" % (accept, value) if accept else value
        elif name == b"accept-encoding":
            encoding = b"%b,%b" % (encoding, value) if encoding else value
        elif name == b"user-agent":
            agent = value
        elif name == b"if-none-match" and tags is None:
            tags = value
        elif name in _RARE:
            return None
    if max(len(accept), len(encoding), len(tags or b"")) > _LONGEST:
        return None
    # These few get an answer of their own.
    if is_for_a_preview(accept.decode("latin-1"), agent.decode("latin-1")):
        return None
    key = _key(path, query, accept.decode("latin-1"))
    coding = coding_for(encoding.decode("latin-1"), _CODINGS)
    return None if key is None else _Request(key, coding, tags, (*key, tags) if tags else key)


@lru_cache(maxsize=2_048)
def _key(path: str, query: bytes, accept: str) -> Key | None:
    """The key of an answer; None for one that is not worth keeping."""
    name = name_of(query)
    formats = " ".join(map(attrgetter("name"), preferred(accept)))
    return None if name is None else (path, name, formats)
