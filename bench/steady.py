"""So many requests a second, whether or not the server keeps up; each is asked for once."""

import asyncio
import time
from urllib.parse import urlsplit

CONNECTIONS = 64


async def _ask(base: str, paths: list[str], rate: float) -> list[float]:
    host, port = urlsplit(base).netloc.split(":")
    took: list[float] = []
    begun = time.perf_counter() + 0.2
    waiting = iter(enumerate(paths))

    async def client() -> None:
        reader, writer = await asyncio.open_connection(host, int(port))
        for number, path in waiting:
            due = begun + number / rate
            if (ahead := due - time.perf_counter()) > 0:
                await asyncio.sleep(ahead)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(f"{head[:20]!r} for {path}")
            await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
            # From when it was due: a server that falls behind makes everybody wait.
            took.append(time.perf_counter() - due)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return sorted(took)


def ask_steadily(base: str, paths: list[str], rate: float) -> tuple[float, float, float]:
    """Ask for all paths: the median, the 99th of 100 and the slowest, in milliseconds."""
    took = asyncio.run(_ask(base, paths, rate))
    return tuple(1000 * took[min(len(took) - 1, int(len(took) * part))]  # type: ignore[return-value] # three
                 for part in (0.5, 0.99, 1))  # fmt: skip
