"""The log: a JSON object on a line for programs, words for a terminal. It goes to stderr.

A thread writes it, so that a reader who does not read never holds up an answer: what is left when
there is too much of it is dropped, and counted.
"""

import asyncio
import atexit
import io
import logging
import queue
import sys
import threading
from contextlib import suppress
from functools import lru_cache
from time import gmtime, monotonic, sleep, strftime, time
from typing import Any, Literal, NamedTuple

import orjson

from app import metrics

LogFormat = Literal["text", "json"]
_FLUSH_SECONDS = 0.1
_FINISH_SECONDS = 2
_MOST = 16 * 2**20  # bytes that wait to be written


def set_up(form: LogFormat | None) -> "RequestLog":
    """Have everything that is logged written in a format; by default it is for who reads it.

    Gives the log of requests.
    """
    form = form or ("text" if sys.stderr.isatty() else "json")
    writer = _Writer()
    handler = logging.StreamHandler(writer)
    handler.setFormatter(
        _Json() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return RequestLog(form, writer)


class _Writer(io.TextIOBase):
    """Writes to stderr from a thread of its own; a piece that there is no room for is dropped."""

    def __init__(self) -> None:
        self._pieces: queue.Queue[bytes] = queue.Queue()
        self._waiting = 0  # bytes
        self._counting = threading.Lock()
        threading.Thread(target=self._work, name="log", daemon=True).start()
        atexit.register(self._finish)

    def write(self, text: str) -> int:
        """Have a text written."""
        self.put(text.encode(errors="backslashreplace"))
        return len(text)

    def put(self, piece: bytes) -> None:
        """Have bytes written."""
        with self._counting:
            if self._waiting > _MOST:
                metrics.LOG_DROPPED.inc()
                return
            self._waiting += len(piece)
        self._pieces.put(piece)

    def _work(self) -> None:
        while True:
            piece = self._pieces.get()
            with suppress(OSError):  # nobody reads any more
                sys.stderr.buffer.write(piece)
                sys.stderr.buffer.flush()
            with self._counting:
                self._waiting -= len(piece)
            self._pieces.task_done()

    def _finish(self) -> None:
        """Wait for what is left, as long as somebody reads it."""
        until = monotonic() + _FINISH_SECONDS
        while self._pieces.unfinished_tasks and monotonic() < until:
            sleep(0.01)


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": stamp(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if hasattr(record, "id"):
            line["id"] = record.id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def stamp(seconds: float) -> str:
    """A moment in UTC, to the millisecond."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03}Z"


@lru_cache(maxsize=4)
def _second(seconds: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(seconds))


class RequestLog:
    """Writes a line for each request, some lines at once."""

    def __init__(self, form: LogFormat, writer: _Writer) -> None:
        """Begin with nothing to write."""
        self._writer = writer
        self._write = _object if form == "json" else _words
        self._lines: list[bytes] = []

    def write(self, told: "Told") -> None:
        """Write down what is told of a request, with the time."""
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        self._lines.append(self._write(told))

    def flush(self) -> None:
        """Write what is left."""
        lines, self._lines = self._lines, []
        if lines:
            self._writer.put(b"\n".join([*lines, b""]))


class Told(NamedTuple):
    """What is told of a request."""

    id: str
    ms: float
    """How long it took, in milliseconds."""
    bytes: int
    """How many bytes the body of the answer had."""
    outcome: "Outcome"
    rare: dict[str, Any]
    """What most requests do not have: a trace, a client, a query, and that the answer was cut."""


class Outcome(NamedTuple):
    """What is the same for many requests."""

    method: str
    route: str
    path: str | None
    status: int
    cache: str
    release: int | None
    problem: str | None


def _object(told: Told) -> bytes:
    line = b'{"time":"%b","level":"info","id":"%b","ms":%.3f,"bytes":%d,%b' % (
        stamp(time()).encode(), told.id.encode(), told.ms, told.bytes, _members(told.outcome),
    )  # fmt: skip
    return b"%b,%b" % (line[:-1], orjson.dumps(told.rare)[1:]) if told.rare else line


@lru_cache(maxsize=4_096)
def _members(outcome: Outcome) -> bytes:
    """The members of a JSON object, and its end."""
    return orjson.dumps({k: v for k, v in outcome._asdict().items() if v is not None})[1:]


def _words(told: Told) -> bytes:
    outcome, rare = told.outcome, told.rare
    query = f"?{rare['query']}" if rare.get("query") else ""
    line = (
        f"{stamp(time())[11:19]} {outcome.status} {outcome.method} "
        f"{outcome.path or outcome.route}{query} {told.ms:.1f} ms {told.bytes:,} bytes "
        f"{outcome.cache} {outcome.problem or ''}"
    )
    return (line if line.isprintable() else line.encode("unicode_escape").decode()).encode()
