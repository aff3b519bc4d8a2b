"""The way of a request through the application, as a reader follows it: `python -m bench.way`.

Prints the files and functions of `app/` that answer `GET /agreements?actor=japan`, in the order in
which they are first called: once when nobody asked it before, and once when the answer is kept.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, NamedTuple

from app.curation.load import load
from app.main import App
from app.serve import application
from app.settings import PROJECT, Settings
from app.store.folder import Folder
from app.store.mirror import Mirror

PATH, QUERY = "/agreements", b"actor=japan"
WARM_UP = "/commitments", b"by=japan"
_APP = PROJECT / "app"


class Way(NamedTuple):
    """The functions that a request passes, in the order of their first call."""

    functions: list[CodeType]

    @property
    def files(self) -> list[str]:
        """The files of these functions, in the same order."""
        return list(dict.fromkeys(_file(code) for code in self.functions))

    def __str__(self) -> str:
        """The two counts, and a line for each function."""
        lines = [f"{len(self.files)} files, {len(self.functions)} functions"]
        lines += [f"  {_file(code)}: {code.co_qualname}" for code in self.functions]
        return "\n".join(lines)


def ways() -> tuple[Way, Way]:
    """The way of the first request and that of the second, which is answered from the cache."""
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "readout.db"
        load([str(PROJECT / "data" / "seed.json")], Mirror(Folder(database)))
        app = application(Settings(database_url=f"sqlite:///{database}"))
        try:
            return asyncio.run(_ways(app))
        finally:
            app.store.close()


async def _ways(app: App) -> tuple[Way, Way]:
    await _get(app, *WARM_UP)
    with _followed() as first:
        await _get(app, PATH, QUERY)
    with _followed() as second:
        await _get(app, PATH, QUERY)
    return Way([*first]), Way([*second])


@contextmanager
def _followed() -> Iterator[dict[CodeType, None]]:
    """Note the functions of `app/` that are called in this thread."""
    functions: dict[CodeType, None] = {}

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call" and Path(frame.f_code.co_filename).is_relative_to(_APP):
            functions.setdefault(frame.f_code)

    sys.setprofile(note)
    try:
        yield functions
    finally:
        sys.setprofile(None)


async def _get(app: App, path: str, query: bytes) -> None:
    """Ask as a server would. Raises AssertionError for any answer but 200."""

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message  # noqa: S101 - nothing else is measured

    await app.asgi(
        {
            "type": "http", "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query, "root_path": "",
            "headers": [(b"host", b"127.0.0.1"), (b"accept", b"application/json")],
            "client": ("127.0.0.1", 50_000), "server": ("127.0.0.1", 8000),
        },
        receive,
        send,
    )  # fmt: skip


def _file(code: CodeType) -> str:
    return str(Path(code.co_filename).relative_to(_APP))


def main() -> None:
    """Print both ways."""
    for name, way in zip(("The first request", "The second one"), ways(), strict=True):
        print(f"{name}: {way}\n")


if __name__ == "__main__":
    main()
