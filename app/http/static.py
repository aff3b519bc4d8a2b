"""Answers that are the same as long as the process runs: compressed once, kept in memory."""

import gzip
import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple, Self

from starlette.requests import Request
from starlette.responses import Response

from app.http.answers import FOR_EVER, has_already
from app.http.negotiation import coding_for, joined
from app.problems import NotFound
from app.representations.html import STATIC, SWAGGER, static_path

_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


class Unchanging(NamedTuple):
    """Bytes that are made once."""

    media_type: str
    plain: bytes
    packed: bytes | None
    """None where they are compressed by themselves, as a font is."""
    etag: str
    """Weak, as one stands for both."""

    @classmethod
    def of(cls, media_type: str, plain: bytes) -> Self:
        """Compress what can be."""
        packed = None if media_type == "font/woff2" else gzip.compress(plain, 9, mtime=0)
        digest = hashlib.blake2b(plain, digest_size=8).hexdigest()
        return cls(media_type, plain, packed, f'W/"{digest}"')

    def answer(self, request: Request, cache_control: str, **headers: str) -> Response:
        """Send them as the client takes them, or 304 where it has them already."""
        headers |= {"cache-control": cache_control, "vary": "Accept-Encoding", "etag": self.etag}
        if has_already(request.headers.get("if-none-match"), self.etag):
            return Response(status_code=304, headers=headers)
        body = self.plain
        # The links of a page get the path of the service yet.
        is_rooted = self.media_type == "text/html" and request.scope.get("root_path")
        if (
            self.packed
            and not is_rooted
            and coding_for(joined(request.headers, "accept-encoding"), ("gzip",))
        ):
            body = self.packed
            headers["content-encoding"] = "gzip"
        return Response(body, headers=headers, media_type=self.media_type)


@cache
def _files() -> dict[str, Path]:
    paths = [*STATIC.iterdir(), *SWAGGER.glob("swagger-ui*")]
    return {path.name: path for path in paths if path.suffix in _MEDIA_TYPES}


@cache
def _read(path: Path) -> Unchanging:
    return Unchanging.of(_MEDIA_TYPES[path.suffix], path.read_bytes())


def read_static(request: Request) -> Response:
    """A file. Under the address that pages give, or the name of a font, it never changes."""
    name = str(request.path_params["name"])
    path = _files().get(name)
    if path is None:
        raise NotFound(f"there is no file {name[:200]}")
    # Asked for by a page of another version, it must not be kept as that version's.
    of_this_version = f"/static/{name}?{request.url.query}" == static_path(name)
    lasting = of_this_version or path.suffix == ".woff2"
    return _read(path).answer(request, FOR_EVER if lasting else "no-cache")
