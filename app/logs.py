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
from starlette.types import Scope

from app import metrics

LogFormat = Literal["text", "json"]
_FLUSH_SECONDS = 0.1
_FINISH_SECONDS = 2
_SECOND = "%Y-%m-%dT%H:%M:%S"
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
    converter = gmtime  # type: ignore[assignment] # as its documentation says
    default_time_format = _SECOND
    default_msec_format = "%s.%03dZ"

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if hasattr(record, "id"):
            line["id"] = record.id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class Outcome(NamedTuple):
    """The members of a log line that many lines share."""

    method: str
    route: str
    path: str | None
    status: int
    cache: str
    release: int | None
    problem: str | None


class RequestLog:
    """Writes a line for each request, some lines at once."""

    def __init__(self, form: LogFormat, writer: _Writer) -> None:
        """Begin with nothing to write."""
        self._writer = writer
        self._form = form
        self._lines: list[bytes] = []
        self._second, self._second_in_words = 0, ""

    def write(self, id_: str, ms: float, size: int, outcome: Outcome, rare: dict[str, Any]) -> None:
        """Write a line about a request that took so many milliseconds, with the time in UTC.

        `size` is that of the body in bytes; `rare` is what most requests do not have.
        """
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        now = time()
        second = int(now)
        if second != self._second:
            self._second, self._second_in_words = second, strftime(_SECOND, gmtime(second))
        if self._form == "text":
            line = _in_words(self._second_in_words[11:], ms, size, outcome, rare)
        else:
            line = b'{"time":"%b.%03dZ","level":"info","id":"%b","ms":%.3f,"bytes":%d,%b' % (
                self._second_in_words.encode(), int((now - second) * 1000), id_.encode(), ms, size,
                _members(outcome),
            )  # fmt: skip
            if rare:
                line = b"%b,%b" % (line[:-1], orjson.dumps(rare)[1:])
        self._lines.append(line)

    def flush(self) -> None:
        """Write what is left."""
        lines, self._lines = self._lines, []
        if lines:
            self._writer.put(b"\n".join([*lines, b""]))


@lru_cache(maxsize=4_096)
def _members(outcome: Outcome) -> bytes:
    """The members of a JSON object, and its end."""
    return orjson.dumps({k: v for k, v in outcome._asdict().items() if v is not None})[1:]


def _in_words(clock: str, ms: float, size: int, outcome: Outcome, rare: dict[str, Any]) -> bytes:
    query = f"?{rare['query']}" if rare.get("query") else ""
    line = (
        f"{clock} {outcome.status} {outcome.method} {outcome.path or outcome.route}{query} "
        f"{ms:.1f} ms {size:,} bytes {outcome.cache} {outcome.problem or ''}"
    )
    return (line if line.isprintable() else line.encode("unicode_escape").decode()).encode()


def id_of(scope: Scope) -> dict[str, str]:
    """The id of a request, as the `extra` of what else is logged of it."""
    entry: dict[str, str] = scope.get("entry", {})
    return {"id": entry["id"]} if entry else {}
