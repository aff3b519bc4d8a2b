"""Data answers: their headers, and 304 for what a client has already (RFC 9110, section 13)."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import ExitStack

from starlette.requests import Request
from starlette.responses import Response

from app import __version__, links
from app.formats import Format
from app.http.sending import Sending, no_pieces
from app.paging import Page, Whole
from app.representations import represent_as
from app.representations.values import Shown, View, announced
from app.settings import Settings
from app.store.release import OpenRelease

# A shared cache may keep an answer, and asks each time whether it is still the one.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
# What a release holds never changes.
FOR_EVER = "public, max-age=31536000, immutable"
VARY = "Accept, Accept-Encoding"
# A page loads what this server has, and nothing else.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


async def answer(request: Request, shown: Shown, release: OpenRelease, chosen: Format) -> Response:
    """Answer with data of a release, in a format that shows it."""
    headers = _headers(request, shown, release, chosen)
    if has_already(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    if request.scope.get("without_body") and isinstance(shown, Whole):
        return Sending(no_pieces(), 200, headers, chosen.media_type)
    body = await represent_as(chosen.name)(shown, View(base(request), release))
    if isinstance(body, bytes):
        return Response(body, headers=headers, media_type=chosen.media_type)
    return await _streamed(body, headers, chosen, release)


def _headers(
    request: Request, shown: Shown, release: OpenRelease, chosen: Format
) -> dict[str, str]:
    # The release names the state of everything, so no body is hashed. Weak, as an answer may be
    # compressed on its way.
    name = hashlib.blake2b(
        f"{__version__} {base(request)} {chosen.name} {shown.url}".encode(), digest_size=8
    ).hexdigest()
    related = announced(shown, chosen)
    if isinstance(shown, Page) and shown.next:
        related = f'<{base(request)}{shown.next}>; rel="next", {related}'.removesuffix(", ")
    headers = {
        "etag": f'W/"{release.tag}-{name}"',
        "cache-control": CACHE_CONTROL,
        "vary": VARY,
        "dataset-release": str(release.info.number),
    }
    if related:
        headers["link"] = related
    if isinstance(shown, Whole):
        headers["dataset-total"] = str(shown.total)
    if chosen.file:
        name = links.file_name(shown.path, shown.params.pairs(), release.info.number)
        headers["content-disposition"] = f'attachment; filename="{name}.{chosen.file}"'
    if chosen.media_type == "text/html":
        headers["content-security-policy"] = PAGE_POLICY
    return headers


async def _streamed(
    pieces: AsyncIterator[bytes], headers: dict[str, str], chosen: Format, release: OpenRelease
) -> Response:
    """Send pieces as they are made, with the release open until the last one is sent."""
    # What fails before the first piece is still answered as a problem.
    first = await anext(pieces, b"")
    held = ExitStack()
    held.enter_context(release)
    response = Sending(_chained(first, pieces), 200, headers, chosen.media_type)
    response.done = held.close
    return response


async def _chained(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


def has_already(if_none_match: str | None, etag: str) -> bool:
    """Whether the client names this answer among those it has, by weak comparison."""
    if if_none_match is None:
        return False
    named = (tag.strip().removeprefix("W/") for tag in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in named


def base(request: Request) -> str:
    """The address of this server, as the operator has it: never as a request claims it."""
    settings: Settings = request.app.state.settings
    return settings.public_url.rstrip("/")
