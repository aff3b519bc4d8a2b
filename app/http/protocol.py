"""The wire: what never becomes a request is answered in the same shape as everything else."""

from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from app.http.edge import EVERYWHERE
from app.problems import MEDIA_TYPE, Malformed, Problem, UrlTooLong

MAX_URL = 8 * 1024  # bytes


class Protocol(HttpToolsProtocol):
    """Refuses a URL that has no end, and says in problem details what is wrong with a request."""

    def on_url(self, url: bytes) -> None:
        """Take a part of the URL, up to the limit."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            raise ValueError(len(self.url))  # becomes the parser's error, and the answer below

    def send_400_response(self, msg: str) -> None:
        """Answer what the parser refused, and close the connection."""
        problem: Problem = Malformed(
            f"{msg} In a URL, letters outside ASCII are percent-encoded; curl does it with "
            "-G --data-urlencode 'q=Élysée'."
        )
        if len(getattr(self, "url", b"")) > MAX_URL:
            problem = UrlTooLong(f"the URL has more than {MAX_URL} bytes; ask for less at once")
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
