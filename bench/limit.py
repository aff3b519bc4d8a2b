"""The limit: a function that sends bytes from memory: `python -m bench.limit PORT ANSWERS ours`.

ANSWERS is a file of answers that Readout gave, by path; `ours` takes Readout's own protocol.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import uvicorn

from app.http.cache import Head
from app.http.protocol import Protocol

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]
Answers = dict[str, Answer]


def main() -> None:
    """Serve."""
    _, port, file, *ours = sys.argv
    answers: Answers = pickle.loads(Path(file).read_bytes())  # noqa: S301 - written by bench.hot

    # On Readout's protocol, the head of what is sent again is put together once.
    kept = {
        path: (status, Head(headers, len(body)) if ours else headers, body)
        for path, (status, headers, body) in answers.items()
    }

    async def app(scope: Any, _receive: Any, send: Any) -> None:
        status, headers, body = kept[scope["path"]]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    uvicorn.run(
        app, port=int(port), lifespan="off", log_level="warning", access_log=False,
        server_header=False, proxy_headers=False, ws="none", http=Protocol if ours else "httptools",
    )  # fmt: skip


if __name__ == "__main__":
    main()
