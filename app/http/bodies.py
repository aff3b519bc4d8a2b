"""The bodies of the few requests that have one: read within bounds of size and time."""

import asyncio
import re
from urllib.parse import parse_qs

import orjson
from starlette.requests import ClientDisconnect, Request

from app.problems import BadQuery, ContentTooLarge, RequestTimeout, UnsupportedMedia

POSTED = frozenset({"/check", "/mcp"})
"""The paths to which something can be sent."""
MAX_TEXT = 64 * 1024
"""Bytes of a text in UTF-8."""
# A text is longer in JSON or in a form: each byte may be three or six.
MAX_BODY = 8 * MAX_TEXT
_SECONDS = 10
_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16"})
_MOST_FIELDS = 100
# What curl says of --data-binary, if it is not told otherwise; a form has fields, and not many.
_FORM = "application/x-www-form-urlencoded"
_form = re.compile(rb"text=[A-Za-z0-9*._%+&=-]*")


async def body_of(request: Request) -> bytes:
    """The body of a request. Raises ContentTooLarge and RequestTimeout."""
    pieces: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_SECONDS):
            async for piece in request.stream():
                size += len(piece)
                if size > MAX_BODY:
                    raise ContentTooLarge(f"it has more than {MAX_BODY:,} bytes; send less at once")
                pieces.append(piece)
    except (TimeoutError, ClientDisconnect):
        raise RequestTimeout(f"no whole text came within {_SECONDS} seconds") from None
    return b"".join(pieces)


async def text_of(request: Request) -> tuple[str, str]:
    """The text of a request, and its media type: plain, Markdown or HTML.

    Raises ContentTooLarge, UnsupportedMedia, BadQuery and RequestTimeout.
    """
    media_type, _, rest = request.headers.get("content-type", "text/plain").partition(";")
    media_type = media_type.strip().lower()
    body = await body_of(request)
    if media_type == "application/json":
        text = _in_json(body)
    elif media_type == _FORM and _form.fullmatch(body) and body.count(b"&") < _MOST_FIELDS:
        text = parse_qs(_decoded(body, ""), keep_blank_values=True)["text"][0]
    elif media_type in {"text/plain", "text/markdown", "text/html", _FORM}:
        text = _decoded(body, rest)
    else:
        raise UnsupportedMedia(
            f"{media_type[:100]} is not read here; send text/plain, text/markdown, text/html, "
            f'JSON {{"text": "…"}}, or text=… as {_FORM}'
        )
    if not text.strip().strip("\ufeff"):
        raise BadQuery("there is no text; send the draft as the body: --data-binary @draft.txt")
    if len(text.encode()) > MAX_TEXT:
        raise ContentTooLarge(f"the text has more than {MAX_TEXT:,} bytes; check it in parts")
    return text, media_type


def _in_json(body: bytes) -> str:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        raise BadQuery('the body is not JSON of the form {"text": "…"}')
    return str(value["text"])


def _decoded(body: bytes, parameters: str) -> str:
    match = re.search(r"charset=\"?([\w-]{1,40})", parameters, re.IGNORECASE)
    charset = match[1].lower() if match else "utf-8"
    if charset not in _CHARSETS:
        raise UnsupportedMedia(f"the charset {charset} is not read here; send UTF-8")
    try:
        return body.decode(charset)
    except UnicodeDecodeError:
        raise BadQuery(f"the text is not {charset}; send UTF-8") from None
