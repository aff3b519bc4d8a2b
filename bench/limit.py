"""The limit: a function that sends bytes from memory: `python -m bench.limit PORT ANSWERS ours`.

ANSWERS is a file of answers that Readout gave, by path; `ours` takes Readout's own protocol.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import uvicorn

from app.http.protocol import Protocol

Answers = dict[str, tuple[int, list[tuple[bytes, bytes]], bytes]]


def main() -> None:
    """Serve."""
    _, port, file, *ours = sys.argv
    answers: Answers = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by bench.hot

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        status, headers, body = answers[scope["path"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        app, port=int(port), lifespan="off", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, ws="none", http=Protocol if ours else "httptools",
    )  # fmt: skip


if __name__ == "__main__":
    main()
