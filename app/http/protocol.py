"""The wire: what never becomes a request is answered in the same shape as everything else."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http.edge import EVERYWHERE
from app.problems import MEDIA_TYPE, HeadersTooLarge, Malformed, Problem, UrlTooLong

MAX_URL = 8 * 1024  # bytes
MAX_HEADERS = 64 * 1024


class Protocol(HttpToolsProtocol):
    """Bounds the head of a request, and says in problem details what is wrong with it."""

    _head = 0

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL, up to the limit."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            raise ValueError(len(self.url))  # becomes the parser's error, and the answer below

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, up to the limit of all."""
        self._head += len(name) + len(value)
        if self._head > MAX_HEADERS:
            raise ValueError(self._head)
        super().on_header(name, value)

    def on_message_begin(self) -> None:
        """Begin another request."""
        self._head = 0
        super().on_message_begin()

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused, and close the connection."""
        problem: Problem = Malformed(
            f"{msg} In a URL, letters outside ASCII are percent-encoded; curl does it with "
            "-G --data-urlencode 'q=Élysée'."
        )
        if len(getattr(self, "url", b"")) > MAX_URL:
            problem = UrlTooLong(f"the URL has more than {MAX_URL} bytes; ask for less at once")
        elif self._head > MAX_HEADERS:
            problem = HeadersTooLarge(f"the headers have more than {MAX_HEADERS} bytes")
        body = problem.details().model_dump_json().encode()
        head = [
            f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}".encode(),
            b"content-type: " + MEDIA_TYPE.encode(),
            b"content-length: " + str(len(body)).encode(),
            b"cache-control: no-store",
            b"connection: close",
            *(name + b": " + value for name, value in EVERYWHERE),
        ]
        self.transport.write(b"\r\n".join([*head, b"", body]))
        self.transport.close()
