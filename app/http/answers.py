"""Data answers: their headers, and 304 for what a client has already (RFC 9110, section 13)."""

import hashlib
import logging
import re
from collections.abc import AsyncIterator
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from app import __version__, links
from app.formats import Content, Format
from app.http.negotiation import is_for_a_preview, joined
from app.logs import id_of
from app.paging import Page, Whole
from app.representations import represent_as
from app.representations.values import Answer, View
from app.settings import Settings
from app.store.release import OpenRelease

# A shared cache may keep an answer, and asks each time whether it is still the one.
_CACHE_CONTROL = "public, max-age=0, must-revalidate"
# What a release holds never changes.
FOR_EVER = "public, max-age=31536000, immutable"
# The formats that say of an older release what was corrected since.
_SAY_WHAT_CAME_SINCE = frozenset({"html", "citation", "atom", "jsonfeed"})
VARY = "Accept, Accept-Encoding"
# A proxy takes a page of memory for the head of an answer, and refuses one that is larger.
MAX_LINK = 2 * 1024  # bytes, of `Location` too
# A page loads what this server has, and nothing else.
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


# A card loads its style, and stands in any page.
_CARD_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors *"
)

# A proxy that packs an answer may write so into its tag.
_marked = re.compile('(?:-{1,2}|;)(?:gzip|br|zstd|deflate)"$')
log = logging.getLogger(__name__)


async def answer(request: Request, value: Answer, release: OpenRelease, chosen: Format) -> Response:
    """Answer with data of a release, in a format that shows it."""
    # What of the query means nothing here, as a page says it; mostly empty.
    ignored = ", ".join(request.scope.get("ignored", ()))
    headers = _headers(request, value, release, chosen, ignored)
    if request.method == "POST":
        # It is the answer to a body, which its address does not name; nobody keeps it.
        headers = {**headers, "cache-control": "no-store"}
        del headers["etag"], headers["last-modified"]
    elif has_already(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    if request.scope.get("without_body") and isinstance(value, Whole):
        # One of no bytes would have a length, which that of GET has not.
        return StreamingResponse([], 200, headers, chosen.media_type)
    newest, settings = request.app.state.store.current, request.app.state.settings
    older = newest if newest is not release else None
    contact = settings.contact_address if chosen.media_type == "text/html" else None
    view = View(base(request), release, ignored, older, contact)
    body = await represent_as(chosen.name)(value, view)
    options: dict[str, Any] = {"headers": headers, "media_type": chosen.media_type}
    if isinstance(body, bytes):
        # A text ends with its last line, in a terminal as well as in a file.
        is_text = chosen.media_type != "image/png"
        ended = body if body.endswith(b"\n") or not is_text else body + b"\n"
        return Response(ended, **options)
    # What fails before the first piece is still answered as a problem.
    first = await anext(body, b"")
    return Streamed(release, _chained(first, body), **options)


def _headers(
    request: Request, value: Answer, release: OpenRelease, chosen: Format, ignored: str
) -> dict[str, str]:
    url = value.url
    asked = f"{url}{ignored}"
    newest = request.app.state.store.current
    if chosen.name in _SAY_WHAT_CAME_SINCE and newest is not None and newest is not release:
        asked += newest.tag
    headers = {
        **headers_of(request, release, chosen.name, asked),
        "vary": VARY,
        "content-language": "en",  # what others say has its language beside it
    }
    if link := _link(value, chosen, base(request), len(url) < MAX_LINK):
        headers["link"] = link
    if isinstance(value, Whole):
        headers["dataset-total"] = str(value.total)
    if chosen.file:
        name = links.file_name(value.path, value.params.pairs(), release.info.number)
        headers["content-disposition"] = f'attachment; filename="{name}.{chosen.file}"'
    if chosen.media_type == "text/html":
        is_card = value.params.content is Content.CARD
        headers["content-security-policy"] = _CARD_POLICY if is_card else PAGE_POLICY
        sent = request.headers
        if is_for_a_preview(joined(sent, "accept"), sent.get("user-agent", "")):
            # A shared cache has one answer for all who take anything: not this one.
            headers["cache-control"] = _CACHE_CONTROL.replace("public", "private")
    return headers


def _link(value: Answer, chosen: Format, address: str, with_formats: bool) -> str:
    """The next page, then the other formats as there is room for them (RFC 8288)."""
    related, cursor, params = [], None, value.params
    if isinstance(value, Page):
        cursor = value.query.get("cursor")
        if value.next:
            related.append(f'<{address}{value.next}>; rel="next"')
    # Where its own address is too long for a head, so are those of the other formats.
    if with_formats:
        pairs = params.pairs("cursor", "format")
        for other, path in links.in_formats(params.content, value.path, pairs, cursor):
            if other is not chosen:
                related.append(f'<{path}>; rel="alternate"; type="{other.media_type}"')
    link = ", ".join(related)
    return link if len(link) <= MAX_LINK else link[: max(link.rfind(", <", 0, MAX_LINK + 3), 0)]


def headers_of(request: Request, release: OpenRelease, *name: str) -> dict[str, str]:
    """The headers of an answer from a release, by a name that no other one of it has.

    The release names the state of everything, so no body is hashed. The tag is weak, as an answer
    may be compressed on its way.
    """
    text = " ".join((__version__, base(request), *name))
    digest = hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
    return {
        "etag": f'W/"{release.tag}-{digest}"',
        "cache-control": _CACHE_CONTROL,
        "dataset-release": str(release.info.number),
        "last-modified": moment(release.info.published_at),
    }


class Streamed(StreamingResponse):
    """An answer in pieces as they are made; holds its release until it is sent or broken off."""

    def __init__(self, release: OpenRelease, body: AsyncIterator[bytes], **options: Any) -> None:
        """Hold the release from now on."""
        super().__init__(body, **options)
        self._release = release.__enter__()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        except Exception:
            # The client sees a transfer without an end.
            log.exception("%s broke off", scope["path"], extra=id_of(scope))
            raise
        finally:
            self._release.__exit__()


async def _chained(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


def has_already(if_none_match: str | None, etag: str) -> bool:
    """Whether the client has this answer, by weak comparison of its tags (RFC 9110, 13.1.2)."""
    if if_none_match is None:
        return False
    tags = (_marked.sub('"', tag.strip().removeprefix("W/")) for tag in if_none_match.split(","))
    return if_none_match.strip() == "*" or etag.removeprefix("W/") in tags


@lru_cache(maxsize=64)
def moment(published_at: str) -> str:
    """A moment as headers have it: `Sun, 22 Nov 2026 09:30:00 GMT`."""
    return format_datetime(datetime.fromisoformat(published_at), usegmt=True)


def base(request: Request) -> str:
    """The address of this server, as the operator has it: never as a request claims it."""
    settings: Settings = request.app.state.settings
    return settings.public_url.rstrip("/")
