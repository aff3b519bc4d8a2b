"""The files that pages load: style, script, font, icon. Compressed once and kept in memory."""

import gzip
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from app.http.answers import takes_gzip
from app.http.downloads import FOR_EVER
from app.problems import NotFound
from app.representations.html import STATIC

_MEDIA_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".woff2": "font/woff2",
}


class _File(NamedTuple):
    media_type: str
    plain: bytes
    packed: bytes | None
    """None where it is compressed by itself, as a font is."""


@cache
def _files() -> dict[str, _File]:
    return {path.name: _read(path) for path in sorted(STATIC.iterdir())}


def _read(path: Path) -> _File:
    plain = path.read_bytes()
    packed = None if path.suffix == ".woff2" else gzip.compress(plain, 9, mtime=0)
    return _File(_MEDIA_TYPES[path.suffix], plain, packed)


async def read_static(request: Request) -> Response:
    """A file, which never changes under its name: the name, or the query, changes with it."""
    name = str(request.path_params["name"])
    found = _files().get(name)
    if found is None:
        raise NotFound(f"there is no file {name[:200]}")
    headers = {"cache-control": FOR_EVER, "vary": "Accept-Encoding"}
    body = found.plain
    if found.packed and takes_gzip(request):
        body = found.packed
        headers["content-encoding"] = "gzip"
    return Response(body, headers=headers, media_type=found.media_type)
