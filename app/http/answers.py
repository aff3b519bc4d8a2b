"""Data answers: their headers, and 304 for what a client has already (RFC 9110, section 13)."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.settings import Settings
from app.store.release import OpenRelease

# A shared cache may keep an answer, and asks each time whether it is still the one.
CACHE_CONTROL = "public, max-age=0, must-revalidate"
VARY = "Accept, Accept-Encoding"


def answer(
    request: Request,
    body: bytes,
    release: OpenRelease,
    asked: str,
    *,
    following: str | None = None,
) -> Response:
    """Answer with data of a release.

    `asked` names the request among all that can be made; `following` is the path of the next page.
    """
    # The release names the state of everything, so no body is hashed. Weak, as an answer may be
    # compressed on its way.
    name = hashlib.blake2b(
        f"{__version__} {base(request)} {asked}".encode(), digest_size=8
    ).hexdigest()
    etag = f'W/"{release.tag}-{name}"'
    headers = {
        "etag": etag,
        "cache-control": CACHE_CONTROL,
        "vary": VARY,
        "dataset-release": str(release.info.number),
    }
    if following:
        headers["link"] = f'<{base(request)}{following}>; rel="next"'
    if has_already(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


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
