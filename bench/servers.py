"""The servers that are measured, each on one core and with one worker."""

import http.client
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from bench.load import SERVER_CORE, pinned


class Memory(NamedTuple):
    """The memory of a process in MB: not shared with others, and not backed by a file."""

    private: float
    anonymous: float


class Server:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[bytes], port: int, seconds: float) -> None:
        """Know where it is, and how long it took to the first answer."""
        self.base = f"http://127.0.0.1:{port}"
        self.first_answer = seconds
        self._process = process
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def get(self, path: str) -> Any:
        """The JSON at a path. Raises RuntimeError where there is none."""
        status, body = self.ask(path)
        if status != 200:
            raise RuntimeError(f"{status} for {path}: {body[:300]!r}")
        return json.loads(body)

    def ask(self, path: str, **headers: str) -> tuple[int, bytes]:
        """The status and the body of an answer."""
        try:
            self._connection.request("GET", path, headers=headers)
            answer = self._connection.getresponse()
        except http.client.RemoteDisconnected:  # it was idle for too long
            self._connection.close()
            self._connection.request("GET", path, headers=headers)
            answer = self._connection.getresponse()
        return answer.status, answer.read()

    def cpu(self) -> float:
        """The seconds of processor time that the process has used."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> Memory:
        """What the process holds now."""
        pid = self._process.pid
        rollup = _kilobytes(Path(f"/proc/{pid}/smaps_rollup"))
        private = rollup["Private_Clean"] + rollup["Private_Dirty"]
        return Memory(private / 1024, _kilobytes(Path(f"/proc/{pid}/status"))["RssAnon"] / 1024)


def _kilobytes(file: Path) -> dict[str, int]:
    lines = (line.split() for line in file.read_text().splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines if words[-1] == "kB"}


@contextmanager
def running(
    command: list[str],
    environment: Mapping[str, str],
    path: str,
    *,
    core: str = SERVER_CORE,
    statuses: tuple[int, ...] = (200,),
) -> Iterator[Server]:
    """Start a server (`{port}` in its command is replaced), wait for a first answer, end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        pinned(core, *(part.replace("{port}", str(port)) for part in command)),
        # What is measured is how fast an answer is made, not how fast it is sent again.
        env={**os.environ, "READOUT_CACHE_MIB": "0", **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await_answer(process, port, path, statuses)
        yield Server(process, port, time.perf_counter() - started)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:  # it waits for requests that nobody waits for
            process.kill()
            process.wait()


def _await_answer(
    process: subprocess.Popen[bytes], port: int, path: str, statuses: tuple[int, ...]
) -> None:
    while process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        try:
            connection.request("GET", path)
            if connection.getresponse().status in statuses:
                return
        except ConnectionError:
            pass
        finally:
            connection.close()
        time.sleep(0.005)
    raise RuntimeError(f"the server ended with status {process.returncode}")
