"""Storage of releases for the tests: servers that speak S3 and Azure, and a line that breaks."""

import hmac
import http.client
import os
import socket
import subprocess
import sys
import threading
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import formatdate
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal, NamedTuple

import pytest

from tests import needs
from tests.conftest import free_port, wait_until

Trouble = Literal["", "cut", "lost", "damaged", "stalled", "unconditional"]
"""
* `cut`: the connection ends before the request is passed on;
* `lost`: the request is passed on, and its answer is not;
* `damaged`: a byte of the answer is another one;
* `stalled`: nothing happens until the line is mended;
* `unconditional`: the condition of the request is not passed on.
"""
ACCOUNT, SECRET = "readout", "bm90LXRvLWJlLXNob3du"


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        """The same for a client."""
        return f"http://{self.host}:{self.port}"


def is_data(path: str) -> bool:
    """Whether a path is that of the file of a release."""
    return path.endswith(".db")


class Line:
    """A way to a server, on which one request goes at a time and things go wrong."""

    def __init__(self, server: Address) -> None:
        """Lead to a server."""
        self._server = server
        self._turn = threading.Lock()
        self.requests: list[tuple[str, str]] = []
        """Method and path of everything that came."""
        self.trouble: Callable[[str, str], Trouble] = lambda _method, _path: ""
        self.mended = threading.Event()
        """What is stalled goes on when this is set."""

    @contextmanager
    def listening(self) -> Iterator[Address]:
        """Take requests on a free port."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Address("127.0.0.1", server.server_address[1])
        finally:
            self.mended.set()
            server.shutdown()
            thread.join()
            server.server_close()

    def mend(self) -> None:
        """Pass on everything as it comes."""
        self.trouble = lambda _method, _path: ""
        self.mended.set()
        self.mended = threading.Event()

    def pass_on(
        self, method: str, path: str, body: bytes, headers: dict[str, str]
    ) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """The answer of the server; None where there is none."""
        self.requests.append((method, path))
        trouble = self.trouble(method, path.partition("?")[0])
        if trouble == "cut":
            return None
        if trouble == "stalled":
            self.mended.wait(60)
        if trouble == "unconditional":
            headers.pop("if-none-match", None)
        with self._turn:
            connection = http.client.HTTPConnection(*self._server, timeout=60)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            content = bytearray(answer.read())
            connection.close()
        if trouble == "damaged":
            content[len(content) // 2] ^= 1
        return None if trouble == "lost" else (answer.status, answer.getheaders(), bytes(content))


class _Handler(BaseHTTPRequestHandler):
    """Takes requests from clients."""

    protocol_version = "HTTP/1.1"

    def __init__(self, line: Line, *given: Any) -> None:
        self._line = line
        super().__init__(*given)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _take(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        try:
            answer = self._line.pass_on(self.command, self.path, body, dict(self.headers))
        except OSError:
            answer = None  # the server is away
        if answer is None:
            self.close_connection = True
            return
        status, headers, content = answer
        names = {name.lower() for name, _ in headers}
        with suppress(OSError):  # the client has gone
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in {"connection", "transfer-encoding", "keep-alive"}:
                    self.send_header(name, value)
            if "content-length" not in names and status not in {204, 304}:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _take  # noqa: N815 - as http.server has it


class Place(NamedTuple):
    """Where releases are kept, and what a program needs to reach it."""

    url: str
    environment: dict[str, str]
    line: Line
    """The way to it; a folder has none, so nothing comes along."""

    def at(self, part: str) -> "Place":
        """A part of it that nobody else uses."""
        url = f"{self.url}/{part}"
        return self._replace(url=url, environment=self.environment | {"READOUT_RELEASES_URL": url})


class Storage(NamedTuple):
    """A server of storage that runs."""

    address: Address
    process: subprocess.Popen[bytes]

    @contextmanager
    def place(self) -> Iterator[Place]:
        """Its bucket, by a line of its own."""
        line = Line(self.address)
        with line.listening() as address:
            if "moto" in str(self.process.args):
                yield Place("s3://readout", s3_environment(address), line)
            else:
                yield Place("az://readout", azure_environment(address), line)


@contextmanager
def reached(storage: Storage, part: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """A part of a bucket, for this process as well."""
    with storage.place() as place:
        for name, value in place.environment.items():
            monkeypatch.setenv(name, value)
        yield place.at(part)


@contextmanager
def moto(port: int | None = None) -> Iterator[Storage]:
    """A server that speaks S3, with a bucket. What it holds ends with it."""
    port = port or free_port()
    command = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p"]
    with _running([*command, str(port)], port) as storage:
        assert _ask(storage.address, "/readout", {}) == 200
        yield storage


@contextmanager
def azurite() -> Iterator[Storage]:
    """A server that speaks Azure, with a container."""
    port = free_port()
    command = [needs.node_program("azurite-blob"), "--inMemoryPersistence", "--silent"]
    command += ["--disableTelemetry", "--blobHost", "127.0.0.1", "--blobPort", str(port)]
    path = f"/{ACCOUNT}/readout"
    headers = {"x-ms-date": formatdate(usegmt=True), "x-ms-version": "2021-08-06"}
    # What a shared key signs: method, eleven headers that are not sent, those that are, the place.
    lines = ["PUT", *[""] * 11, *(f"{name}:{value}" for name, value in headers.items())]
    text = "\n".join([*lines, f"/{ACCOUNT}{path}", "restype:container"])
    signature = b64encode(hmac.digest(b64decode(SECRET), text.encode(), "sha256")).decode()
    headers["authorization"] = f"SharedKey {ACCOUNT}:{signature}"
    with _running(command, port, AZURITE_ACCOUNTS=f"{ACCOUNT}:{SECRET}") as storage:
        assert _ask(storage.address, f"{path}?restype=container", headers) == 201
        yield storage


def s3_environment(address: Address) -> dict[str, str]:
    """The variables for a server that speaks S3."""
    return {
        "AWS_ENDPOINT": address.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_REGION": "us-east-1",
    }


def azure_environment(address: Address) -> dict[str, str]:
    """The variables for a server that speaks Azure."""
    return {
        "AZURE_STORAGE_ENDPOINT": f"{address.url}/{ACCOUNT}",
        "AZURE_STORAGE_ACCOUNT_NAME": ACCOUNT,
        "AZURE_STORAGE_ACCOUNT_KEY": SECRET,
    }


@contextmanager
def _running(command: list[str], port: int, **environment: str) -> Iterator[Storage]:
    address = Address("127.0.0.1", port)
    process = subprocess.Popen(
        command,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: process.poll() is not None or _answers(address), seconds=60)
        yield Storage(address, process)
    finally:
        process.kill()
        process.wait()


def _answers(address: Address) -> bool:
    with suppress(OSError):
        socket.create_connection(address, 1).close()
        return True
    return False


def _ask(address: Address, path: str, headers: dict[str, str]) -> int:
    """The status of the answer to a PUT of nothing."""
    connection = http.client.HTTPConnection(*address, timeout=60)
    connection.request("PUT", path, b"", headers)
    status = connection.getresponse().status
    connection.close()
    return status
