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
from typing import Any, Literal

import orjson
from starlette.types import Scope

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
            "time": _written(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if hasattr(record, "id"):
            line["id"] = record.id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class RequestLog:
    """Writes a line for each request, some lines at once."""

    def __init__(self, form: LogFormat, writer: _Writer) -> None:
        self._writer = writer
        self._encoded = _in_words if form == "text" else orjson.dumps
        self._lines: list[bytes] = []

    def write(self, members: dict[str, Any]) -> None:
        """Write a line about a request, with the time; a member that is None is left out."""
        if not self._lines:
            asyncio.get_running_loop().call_later(_FLUSH_SECONDS, self.flush)
        line = {"time": _written(time()), "level": "info"}
        line |= {name: value for name, value in members.items() if value is not None}
        self._lines.append(self._encoded(line))

    def flush(self) -> None:
        """Write what is left."""
        lines, self._lines = self._lines, []
        if lines:
            self._writer.put(b"\n".join([*lines, b""]))


def _written(seconds: float) -> str:
    """A time in UTC: `2026-11-25T13:21:01.188Z`."""
    return f"{_written_second(int(seconds))}.{int(seconds % 1 * 1000):03}Z"


@lru_cache(maxsize=1)
def _written_second(second: int) -> str:
    return strftime("%Y-%m-%dT%H:%M:%S", gmtime(second))


def _in_words(line: dict[str, Any]) -> bytes:
    query = f"?{line['query']}" if line.get("query") else ""
    words = (
        f"{line['time'][11:19]} {line['status']} {line['method']} "
        f"{line.get('path', line['route'])}{query} {line['ms']:.1f} ms {line['bytes']:,} bytes "
        f"{line['cache']} {line.get('problem', '')}"
    )
    return (words if words.isprintable() else words.encode("unicode_escape").decode()).encode()


def id_of(scope: Scope) -> dict[str, str]:
    """The id of a request, as the `extra` of what else is logged of it."""
    entry: dict[str, str] = scope.get("entry", {})
    return {"id": entry["id"]} if entry else {}
