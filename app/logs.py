"""The log: a JSON object on a line for programs, words for a terminal. It goes to stderr.

A thread writes it, so that a reader who does not read never holds up an answer: what is left when
there is too much of it is dropped, and counted.
"""

import atexit
import io
import logging
import queue
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Any, Literal

import orjson
from starlette.types import Scope

from app import metrics

LogFormat = Literal["text", "json"]
_FINISH_SECONDS = 2
_MOST = 16 * 2**20  # bytes that wait to be written


def set_up(form: LogFormat | None) -> "Writer":
    """Have everything that is logged written in a format; by default it is for who reads it."""
    writer = Writer(form or ("text" if sys.stderr.isatty() else "json"))
    handler = logging.StreamHandler(writer)
    handler.setFormatter(
        _Json()
        if writer.form == "json"
        else logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    return writer


class Writer(io.TextIOBase):
    """Writes to stderr from a thread of its own; a piece that there is no room for is dropped."""

    def __init__(self, form: LogFormat) -> None:
        """Begin to write; what is put here is of a form."""
        self.form = form
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
        moment = datetime.fromtimestamp(record.created, UTC)
        line: dict[str, Any] = {
            "time": f"{moment.isoformat(timespec='milliseconds').removesuffix('+00:00')}Z",
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            "logger": record.name,
        }
        if hasattr(record, "id"):
            line["id"] = record.id
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def id_of(scope: Scope) -> dict[str, str]:
    """The id of a request, as the `extra` of what else is logged of it."""
    entry: dict[str, str] = scope.get("entry", {})
    return {"id": entry["id"]} if entry else {}
