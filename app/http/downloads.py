"""Large answers, sent in pieces, whole or from a place on (RFC 9110, section 14)."""

import re
from collections.abc import AsyncIterator, Callable

from starlette.requests import Request
from starlette.responses import Response

from app.http.answers import has_already
from app.http.sending import Sending, no_pieces
from app.problems import RangeNotSatisfiable

# What a release holds never changes.
FOR_EVER = "public, max-age=31536000, immutable"
_one_range = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")

Pieces = Callable[[int], AsyncIterator[bytes]]
"""The content from a place on."""


def download(
    request: Request,
    pieces: Pieces,
    size: int | None,
    *,
    etag: str,
    media_type: str,
    name: str,
    release: int,
) -> Response:
    """Answer with a file; with a part of it where one is asked for and the size is known.

    Raises RangeNotSatisfiable.
    """
    headers = {
        "etag": f'"{etag}"',
        "cache-control": FOR_EVER,
        "accept-ranges": "bytes",
        "content-disposition": f'attachment; filename="{name}"',
        "dataset-release": str(release),
    }
    if has_already(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    asked = asked_range(request, headers["etag"])
    status, first, last = 200, 0, None if size is None else size - 1
    if asked and size is not None:
        first, last = within(asked, size)
        status = 206
        headers["content-range"] = f"bytes {first}-{last}/{size}"
    if last is not None:
        headers["content-length"] = str(last - first + 1)
    if request.scope.get("without_body"):
        return Sending(no_pieces(), status, headers, media_type)
    body = _up_to(pieces(first), None if last is None else last - first + 1)
    return Sending(body, status, headers, media_type)


def asked_range(request: Request, etag: str) -> tuple[str, str] | None:
    """The ends of the one range that is asked for, of the file that the client has a part of."""
    found = _one_range.fullmatch(request.headers.get("range", ""))
    # A range of another file, several ranges and nonsense are answered with the whole.
    if found is None or request.headers.get("if-range", etag) != etag or not (found[1] or found[2]):
        return None
    return found[1], found[2]


def within(asked: tuple[str, str], size: int) -> tuple[int, int]:
    """The first and the last byte that a range means in a file. Raises RangeNotSatisfiable."""
    begin, end = asked
    first = int(begin) if begin else max(0, size - int(end))
    last = min(int(end), size - 1) if begin and end else size - 1
    if first >= size or last < first:
        problem = RangeNotSatisfiable(f"the file has {size} bytes, from 0 to {size - 1}")
        problem.headers["content-range"] = f"bytes */{size}"
        raise problem
    return first, last


async def _up_to(pieces: AsyncIterator[bytes], left: int | None) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if left is None:
            yield piece
            continue
        if len(piece) >= left:
            yield piece[:left]
            return
        left -= len(piece)
        yield piece
