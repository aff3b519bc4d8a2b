"""The cache in front of the framework: what was answered in this release is sent again as it was.

An answer depends on the release, the path, the query and the format, and on nothing else of a
request: these are the key. It is kept for as long as the release is served, and forgotten with it.
"""

import asyncio
import gzip
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

import brotli  # type: ignore[import-untyped] # it has no types
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.formats import FORMATS
from app.http.answers import has_already
from app.http.head import Head, Header
from app.http.negotiation import acceptable, coding_for
from app.problems import Crowded
from app.queries.querystring import name_of
from app.store.serving import Store

_LONGEST_URL = 1_000  # bytes; longer ones are not asked twice
_LARGEST_SHARE = 1 / 64  # of the room, for one answer
_OVERHEAD = 1_500  # bytes of an entry beside its body
_HOT_SHARE = 0.8  # of the room, for what was asked more than once
_WORTH_PACKING = 1_000  # bytes
_AT_ONCE = 64_000  # bytes that are packed in a moment; more in a thread
_ERRORS = 400
_OF_A_BODY = frozenset({b"content-length", b"content-type", b"content-encoding"})

Key = tuple[str, bytes, str]


class Entry:
    """An answer that is kept, and its packed variants once they were asked for."""

    __slots__ = (
        "_not_modified", "_packing", "body", "etag", "headers", "packed", "page", "size", "whole",
    )  # fmt: skip

    def __init__(self, headers: list[Header], body: bytes, *, whole: bool = True) -> None:
        """Keep an answer as it was sent; `whole` unless it only says that a client has it (304)."""
        self.whole = whole
        found = dict(headers)
        self.etag = found[b"etag"]
        self.headers = Head(headers, len(body))
        self.body = body
        self.page = found.get(b"content-type", b"").startswith(b"text/html")
        self.packed: dict[str, tuple[Head, bytes]] = {}
        self.size = len(body) + _OVERHEAD
        self._packing = asyncio.Lock()
        # Most answers are asked for once; this is for who has one.
        self._not_modified: Head | None = None

    @property
    def not_modified(self) -> Head:
        """The head of the answer to a client that has this one."""
        if self._not_modified is None:
            own = [pair for pair in self.headers if pair[0] not in _OF_A_BODY]
            self._not_modified = Head(own, 0)
        return self._not_modified

    async def pack(self, coding: str) -> int:
        """Make the variant of a coding, once; says how many bytes were added."""
        async with self._packing:
            return 0 if coding in self.packed else await self._pack(coding)

    async def _pack(self, coding: str) -> int:
        pack = _PACKERS[coding]
        small = len(self.body) <= _AT_ONCE
        body = pack(self.body) if small else await asyncio.to_thread(pack, self.body)
        length = b"content-length", str(len(body)).encode()
        headers = [pair for pair in self.headers if pair[0] != b"content-length"]
        headers += [length, (b"content-encoding", coding.encode())]
        self.packed[coding] = Head(headers, len(body)), body
        added = len(body) + _OVERHEAD
        self.size += added
        return added


_PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}
_CODINGS = tuple(_PACKERS)


class Shelf:
    """Entries within a number of bytes: what was asked again stays longer than what was not."""

    def __init__(self, room: int) -> None:
        """Begin with nothing."""
        self._room = room
        self._hot: OrderedDict[Key, Entry] = OrderedDict()
        self._new: OrderedDict[Key, Entry] = OrderedDict()
        self._hot_bytes = 0
        self.bytes = 0

    def __len__(self) -> int:
        """How many entries there are."""
        return len(self._hot) + len(self._new)

    def get(self, key: Key) -> Entry | None:
        """What is kept, which was asked for once more."""
        found = self._hot.get(key)
        if found is not None:
            self._hot.move_to_end(key)
            return found
        found = self._new.pop(key, None)
        if found is not None:
            self._hot[key] = found
            self._hot_bytes += found.size
            while self._hot_bytes > self._room * _HOT_SHARE and len(self._hot) > 1:
                oldest, entry = self._hot.popitem(last=False)
                self._hot_bytes -= entry.size
                self._new[oldest] = entry
        return found

    def put(self, key: Key, entry: Entry) -> None:
        """Keep an entry, and forget others for it."""
        if entry.size > self._room * _LARGEST_SHARE or self.get(key):
            return
        self._new[key] = entry
        self.bytes += entry.size
        self._make_room()

    def grown(self, key: Key, entry: Entry, added: int) -> None:
        """Take note that an entry became larger, if it is still here."""
        if self._hot.get(key) is entry:
            self._hot_bytes += added
        elif self._new.get(key) is not entry:
            return
        self.bytes += added
        self._make_room()

    def _make_room(self) -> None:
        while self.bytes > self._room and len(self):
            shelf = self._new or self._hot
            _, entry = shelf.popitem(last=False)
            self.bytes -= entry.size
            if shelf is self._hot:
                self._hot_bytes -= entry.size


class _Asked(NamedTuple):
    """The headers that an answer depends on."""

    accept: str
    coding: str | None
    if_none_match: bytes | None


class Cache:
    """Wraps the application, as its outermost layer but for what every request passes."""

    def __init__(self, app: ASGIApp, store: Store, room: int) -> None:
        """Keep answers of the release that the store serves, in so many bytes."""
        self._app = app
        self._store = store
        self._room = room
        self._state: object = None
        self._shelf = Shelf(room)
        self._flights: dict[Key, asyncio.Future[_Error | None]] = {}

    @property
    def bytes(self) -> int:
        """How many bytes are kept."""
        return self._shelf.bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer from what is kept, or have it answered."""
        release = self._store.current
        if scope["type"] != "http" or release is None or not self._room:
            await self._app(scope, receive, send)
            return
        if self._store.state is not self._state:
            self._state, self._shelf, self._flights = self._store.state, Shelf(self._room), {}
        method, path, query = scope["method"], scope["path"], scope["query_string"]
        asked = _asked(scope["headers"]) if len(path) + len(query) <= _LONGEST_URL else None
        key = asked and _key(path, query, asked.accept)
        if asked is None or key is None or method not in {"GET", "HEAD"}:
            await self._app(scope, receive, send)
            return
        found = self._kept(key, asked)
        error = None
        if found is None and (flight := self._flights.get(_flight_of(key, asked))):
            error = await flight
            found = self._kept(key, asked)
        if error is not None:
            scope.get("told", {}).update(error.told)
            await _send_whole(send, error.status, error.headers, error.body, method)
        elif found is not None:
            scope.get("told", {})["cache"] = "hit"
            await self._send(found, key, asked, method, send)
        elif method == "HEAD":
            await self._app(scope, receive, send)
        else:
            await self._fill(key, asked, scope, receive, send)

    def _kept(self, key: Key, asked: _Asked) -> Entry | None:
        found = self._shelf.get(key)
        if found is None and asked.if_none_match:
            found = self._shelf.get(_of_a_304(key, asked))
        return found

    async def _fill(
        self, key: Key, asked: _Asked, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Have a request answered once, whoever else asks the same meanwhile."""
        state, shelf, flights = self._state, self._shelf, self._flights
        name, flight = _flight_of(key, asked), asyncio.get_running_loop().create_future()
        flights.setdefault(name, flight)
        taken = _Taken(send, flight)
        error = None
        try:
            await self._app(scope, receive, taken)
            entry = taken.entry()
            error = taken.error(scope.get("told", {}))
            # What began in one release and ended in another may be of either.
            if entry and self._store.state is state:
                shelf.put(key if entry.whole else _of_a_304(key, asked), entry)
                scope.get("told", {})["cache"] = "miss"
        finally:
            if flights.get(name) is flight:
                del flights[name]
            if not flight.done():
                # Who has too many long queries is told so; that is no answer for others.
                shared = error and error.told.get("problem") != Crowded.name
                flight.set_result(error if shared else None)
        if entry:
            await self._send(entry, key, asked, "GET", send, first=True)
        elif error:
            await _send_whole(send, error.status, error.headers, error.body)

    async def _send(
        self, entry: Entry, key: Key, asked: _Asked, method: str, send: Send, *, first: bool = False
    ) -> None:
        headers, body, status = entry.headers, entry.body, 200
        coding = asked.coding
        if not entry.whole or (asked.if_none_match and _names(asked.if_none_match, entry.etag)):
            headers, body, status = entry.not_modified, b"", 304
        # Packing costs as much as answering: worth it for what is asked again, and for pages.
        elif coding and len(body) >= _WORTH_PACKING and (entry.page or not first):
            if coding not in entry.packed:
                self._shelf.grown(key, entry, await entry.pack(coding))
            headers, body = entry.packed[coding]
        await _send_whole(send, status, headers, body, method)


async def _send_whole(
    send: Send, status: int, headers: list[Header], body: bytes, method: str = "GET"
) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


class _Error(NamedTuple):
    """What those get who asked for something at the same time as somebody who got it."""

    status: int
    headers: list[Header]
    body: bytes
    told: dict[str, str]


class _Taken:
    """Takes an answer that comes whole, and lets through what comes in pieces."""

    def __init__(self, send: Send, flight: "asyncio.Future[_Error | None]") -> None:
        self._send = send
        self._flight = flight
        self._start: Message | None = None
        self._body: bytes | None = None
        self._passing = False

    async def __call__(self, message: Message) -> None:
        if self._passing:
            await self._send(message)
        elif message["type"] == "http.response.start":
            self._start = message
            if not _is_kept(message) and message["status"] < _ERRORS:
                await self._pass()
        elif message.get("more_body"):
            await self._pass()
            await self._send(message)
        else:
            self._body = message.get("body", b"")

    async def _pass(self) -> None:
        """Let it through as it comes; whoever waits for the same asks for itself."""
        self._passing = True
        if not self._flight.done():
            self._flight.set_result(None)
        assert self._start is not None  # noqa: S101 - nothing comes before it
        await self._send(self._start)

    def entry(self) -> Entry | None:
        """The whole answer, if it was one that is kept."""
        if self._start is None or self._body is None or self._start["status"] >= _ERRORS:
            return None
        whole = self._start["status"] == 200
        return Entry(self._start["headers"], self._body, whole=whole)

    def error(self, told: dict[str, str]) -> _Error | None:
        """The whole answer, if it was an error; with what is told of it."""
        if self._start is None or self._body is None or self._start["status"] < _ERRORS:
            return None
        said = {"problem": told["problem"]} if "problem" in told else {}
        return _Error(self._start["status"], self._start["headers"], self._body, said)


def _is_kept(start: Message) -> bool:
    """Whether an answer is data of a release: no error, no file, nothing that nobody keeps."""
    names = {name for name, _ in start["headers"]}
    is_data = {b"dataset-release", b"etag"} <= names and b"accept-ranges" not in names
    return is_data and start["status"] in {200, 304}


def _flight_of(key: Key, asked: "_Asked") -> Key:
    """The name of what is asked: a client that has an answer may get less than others."""
    return _of_a_304(key, asked) if asked.if_none_match else key


def _of_a_304(key: Key, asked: "_Asked") -> Key:
    """The key of what says only that a client has the answer: the answer itself is kept apart."""
    path, query, formats = key
    return path, query, f"{formats}\n{asked.if_none_match!r}"


def _asked(headers: list[Header]) -> _Asked | None:
    """What of the headers an answer depends on; None for what hardly anybody asks so."""
    accept = encoding = b""
    if_none_match = None
    for name, value in headers:
        if name == b"accept":
            accept = b"%b,%b" % (accept, value) if accept else value
        elif name == b"accept-encoding":
            encoding = b"%b,%b" % (encoding, value) if encoding else value
        elif name == b"if-none-match" and if_none_match is None:
            if_none_match = value
        elif name in _RARE:
            return None
    # Nothing is remembered of what is longer than anybody needs.
    if max(len(accept), len(encoding), len(if_none_match or b"")) > _LONGEST_URL:
        return None
    return _Asked(*_read(accept, encoding), if_none_match)


# A second If-None-Match is one of these, too: which of the two counts is nothing to agree on.
_RARE = frozenset({b"if-none-match", b"range"})


@lru_cache(maxsize=512)
def _read(accept: bytes, encoding: bytes) -> tuple[str, str | None]:
    return accept.decode("latin-1"), coding_for(encoding.decode("latin-1"), _CODINGS)


@lru_cache(maxsize=2_048)
def _key(path: str, query: bytes, accept: str) -> Key | None:
    """What decides about an answer; None for what is not worth keeping."""
    name = name_of(query)
    return None if name is None else (path, name, _preference(accept))


@lru_cache(maxsize=512)
def _preference(accept: str) -> str:
    """The formats that a client takes, the best first: equal for clients that get the same."""
    left = list(FORMATS)
    names = []
    while left and (best := acceptable(accept, tuple(left))):
        names.append(best.name)
        left.remove(best)
    return " ".join(names)


def _names(if_none_match: bytes, etag: bytes) -> bool:
    return if_none_match == etag or has_already(if_none_match.decode("latin-1"), etag.decode())
