"""The Model Context Protocol, by hand: five tools for assistants, each request alone.

Speaks revision 2026-07-28, of which each request says its version, and the ones before it, which
shake hands first; nothing is remembered in between. A tool asks the same paths as everybody, so
refuses the same, with the same advice. Source: https://modelcontextprotocol.io/specification
"""

import re
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.http.answers import base
from app.http.bodies import body_of
from app.problems import OriginRefused, Problem
from app.records import ABOUT
from app.routes.tools import LARGE, SMALL, TOOLS, Json

LATEST = "2026-07-28"
_FORMER = ("2025-11-25", "2025-06-18", "2025-03-26")
_META = "io.modelcontextprotocol/"
_PARSE, _INVALID, _NO_METHOD, _PARAMS = -32700, -32600, -32601, -32602
_HEADERS, _VERSION = -32020, -32022
_STATUS = {_NO_METHOD: 404}
_local = re.compile(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
_SERVER = {"name": "readout", "title": "Readout", "version": __version__}
_INSTRUCTIONS = (
    f"{ABOUT} Quote a passage as it stands, with its source and attribution, and give the address "
    "of the record. What is not here is not known here: say so, and add nothing from memory. "
    "Promises, deeds and reports (`act`) are three things."
)
router = APIRouter()


class _Refused(Exception):
    """A request that is answered with an error of JSON-RPC."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code, self.message, self.data = code, message, data


async def answer_mcp(request: Request) -> Response:
    """Answer a message of the protocol. Raises OriginRefused, ContentTooLarge, RequestTimeout."""
    origin = request.headers.get("origin")
    # A page of somebody else could ask a server that only its reader can reach.
    own = re.match(r"https?://[^/]+", base(request))
    if origin and not _local.fullmatch(origin) and origin != (own and own[0]):
        raise OriginRefused(f"no page of {origin[:100]} may ask here; ask without a browser")
    id_, modern = None, request.headers.get("mcp-protocol-version") == LATEST
    try:
        message = _message(await body_of(request))
        if "id" not in message:  # tells of something; there is nothing that could change by it
            return Response(status_code=202)
        id_ = message["id"]
        result = await _result(request, message)
    except _Refused as error:
        about = {"code": error.code, "message": error.message, "data": error.data}
        content: Json = {"error": {key: value for key, value in about.items() if value is not None}}
        status = _STATUS.get(error.code, 400) if modern or error.code == _VERSION else 200
    else:
        content, status = {"result": result}, 200
    body = orjson.dumps({"jsonrpc": "2.0", "id": id_, **content})
    return Response(body, status, {"cache-control": "no-store"}, "application/json")


router.add_route("/mcp", answer_mcp, methods=["POST"], include_in_schema=False)


def _message(body: bytes) -> Json:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _Refused(_PARSE, "This is not JSON") from None
    if not isinstance(message, dict) or not isinstance(message.get("method"), str):
        raise _Refused(_INVALID, "Send one request of JSON-RPC 2.0, with a method")
    if not isinstance(message.setdefault("params", {}), dict):
        raise _Refused(_PARAMS, "params is an object")
    if not isinstance(message.get("id", 0), str | int):
        raise _Refused(_INVALID, "id is a string or a number")
    return message


async def _result(request: Request, message: Json) -> Json:
    method, params = message["method"], message["params"]
    version = request.headers.get("mcp-protocol-version", _FORMER[0])
    if version == LATEST:
        _refuse_other_headers(request, method, params)
    elif version not in _FORMER and method != "initialize":
        versions = {"supported": [LATEST], "requested": version}
        raise _Refused(_VERSION, "Unsupported protocol version", versions)
    about: Json = {"capabilities": {"tools": {}}, "instructions": _INSTRUCTIONS}
    cached = {"resultType": "complete", "ttlMs": 3_600_000, "cacheScope": "public"}
    if method == "initialize":
        wanted = params.get("protocolVersion")
        agreed = wanted if wanted in _FORMER else _FORMER[0]
        return {"protocolVersion": agreed, "serverInfo": _SERVER, **about}
    if method == "server/discover":
        meta = {"_meta": {f"{_META}serverInfo": _SERVER}}
        return {"supportedVersions": [LATEST], **about, **cached, **meta}
    if method == "tools/list":
        return {"tools": [tool.described(name) for name, tool in TOOLS.items()], **cached}
    if method == "tools/call":
        return {"resultType": "complete", **await _called(request, params)}
    if method == "ping":
        return {}
    raise _Refused(_NO_METHOD, f"There is no method {method[:100]} here")


def _refuse_other_headers(request: Request, method: str, params: Json) -> None:
    """Refuse headers that say something else than the body, by which others may route it."""
    meta = params.get("_meta")
    keys = (f"{_META}protocolVersion", f"{_META}clientCapabilities")
    if not isinstance(meta, dict) or not all(key in meta for key in keys):
        raise _Refused(_PARAMS, f"params._meta must have {' and '.join(keys)}")
    said = {"mcp-protocol-version": meta[keys[0]], "mcp-method": method}
    if method == "tools/call":
        said["mcp-name"] = params.get("name")
    for header, value in said.items():
        if request.headers.get(header) != value:
            raise _Refused(_HEADERS, f"The header {header} does not say what the body says")


async def _called(request: Request, params: Json) -> Json:
    """The result of a tool; what it refuses is a result, too, from which an assistant learns."""
    name, given = params.get("name"), params.get("arguments") or {}
    if not isinstance(name, str) or name not in TOOLS or not isinstance(given, dict):
        raise _Refused(_PARAMS, f"There is no such tool; there are {', '.join(TOOLS)}")
    tool, most = TOOLS[name], given.pop("bytes", SMALL)
    wrong = [key for key in tool.required if key not in given]
    wrong += [key for key in given if key not in tool.arguments]
    if wrong or not isinstance(most, int):
        takes = f"{name} takes {', '.join(tool.arguments)} and bytes"
        return _said(f"{', '.join(wrong)[:200] or 'bytes'}: {takes}", is_error=True)
    try:
        answer = await tool.call(request, given, min(max(most, 500), LARGE))
    except (ValueError, Problem) as error:
        return _said(str(error), is_error=True)
    return _said(orjson.dumps(answer).decode())


def _said(text: str, *, is_error: bool = False) -> Json:
    return {"content": [{"type": "text", "text": text}], "isError": is_error}
