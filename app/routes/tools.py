"""The tools of assistants: small answers, made for citing.

Each asks the same paths as everybody, so it refuses the same, with the same advice.
"""

import re
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from typing import Any, NamedTuple

import orjson
from starlette.requests import Request
from starlette.types import Message

from app import links
from app.beside import table_beside
from app.formats import PRESENTATION
from app.http.answers import base
from app.http.bodies import MAX_TEXT
from app.http.edge import Edge
from app.http.endpoint import current_release
from app.http.protocol import MAX_URL
from app.problems import ContentTooLarge
from app.queries.params import CheckParams
from app.representations.values import View
from app.representations.wording import term
from app.routes.proofread import check_of
from app.vocabulary import KINDS

Json = dict[str, Any]
SMALL, LARGE = 4_096, 65_536
"""Bytes of an answer, by default and at most."""
_DATA = table_beside(__file__)
_ARGUMENTS: Json = _DATA["arguments"]
_MOST: int = _ARGUMENTS["limit"]["maximum"]  # records of a page


async def _answered(request: Request, path: str, query: Mapping[str, Any]) -> Json:
    """The JSON at a path of this server. Raises ValueError with what is wrong, and what to ask."""
    pairs = [
        (name, str(one))
        for name, value in query.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    typed = links.query_of(pairs).encode()
    if len(typed) > MAX_URL:
        raise ValueError(f"that is more than {MAX_URL} bytes; ask for less at once")
    scope = {
        **request.scope, "method": "GET", "path": path, "raw_path": path.encode(), "entry": {},
        "query_string": typed,
        "headers": [(b"accept", b"application/json")],
    }  # fmt: skip
    app = request.app.state.cache or Edge(request.app)
    await app(scope, request.receive, send)
    answer: Json = orjson.loads(b"".join(message.get("body", b"") for message in sent[1:]) or b"{}")
    if sent[0]["status"] != 200:
        more = {key: answer[key] for key in ("run", "nearest") if answer.get(key)}
        place = dict(sent[0]["headers"]).get(b"location", b"").decode()
        raise ValueError(f"{answer.get('detail', f'it is at {place}')} {more or ''}".strip())
    return answer


def _record(request: Request, record: Json, release: int) -> Json:
    """A record as it is cited: what it is, and the words of the source that prove it."""
    facts = ("title", "text", "date", "starts_on", "status", "act", "summary", "amount", "currency")
    others = ("speaker", "by", "to", "parties", "summit")
    fixed = links.query_path(record["href"], [("as_of", str(release))])
    proofs = [
        {
            "exact": proof["exact"], "source": proof["document"]["title"],
            "attribution": proof["attribution"], "url": proof["url"],
            "according_to": proof["according_to"] and proof["according_to"]["title"],
        }
        for proof in record.get("evidence", ())
    ]  # fmt: skip
    about = {key: record[key] for key in facts if record.get(key) is not None}
    about |= {key: _titles(record[key]) for key in others if record.get(key)}
    address = {"type": record["type"], "id": record["id"], "address": base(request) + fixed}
    return {**address, **about, "passages": proofs}


def _titles(value: Any) -> Any:
    if isinstance(value, list):
        return [_titles(one) for one in value]
    if "title" in value:
        return value["title"]
    role = value.get("role", "party")
    named = _titles(value["actor"])
    return named if role == "party" else f"{named} ({term(role)})"


def _sized(rest: Json, items: list[Json], most: int) -> Json:
    """As many of the items as there is room for, the first with as many passages; says how many."""
    room = most - len(orjson.dumps(rest)) - 60
    kept: list[Json] = []
    for each in items:
        item = each
        while len(orjson.dumps(item)) > room and len(item.get("passages", ())) > 1 and not kept:
            item = {**item, "passages": item["passages"][:-1], "passages_left_out": True}
        room -= len(orjson.dumps(item)) + 1
        if room < 0 and kept:
            break
        kept.append(item)
    left = {"left_out": len(items) - len(kept)} if len(kept) < len(items) else {}
    return {**rest, "items": kept, **left}


_PAGES_ONLY = frozenset(PRESENTATION) - {"limit", "cursor"}
"""What says only how an answer is written."""


async def _page(path: str, request: Request, query: Json, most: int) -> Json:
    """A page of a list, in which no record is left out that the next page would not begin with."""
    limit = query.pop("limit", 5)
    if not isinstance(limit, int) or not 1 <= limit <= _MOST:
        raise ValueError(f"limit is a whole number from 1 to {_MOST}")
    if unread := _PAGES_ONLY & query.keys():
        raise ValueError(f"{', '.join(sorted(unread))} means nothing here; leave it out")
    page = await _answered(request, path, {"limit": limit, **query})
    items, release = page["items"], page["release"]
    whole = await _whole(request, [item for item in items if item["type"] in KINDS], release)
    items = [
        _change(item)
        if item["type"] == "change"
        else _record(request, whole[item["href"]], release)
        for item in items
    ]
    rest = {key: page[key] for key in ("total", "release", "next_cursor")}
    answer = _sized(rest, items, most)
    if "left_out" in answer:
        fewer = {**query, "limit": len(answer["items"])}
        answer["next_cursor"] = (await _answered(request, path, fewer))["next_cursor"]
        del answer["left_out"]
    return answer


async def _whole(request: Request, items: list[Json], release: int) -> dict[str, Json]:
    """The whole records of hits, by their paths: those of a type are asked all at once."""
    records = {item["href"]: item for item in items if "evidence" in item}
    for kind in KINDS.values():
        ids = [one["id"] for one in items if one["type"] == kind and one["href"] not in records]
        if ids:
            query = {"id": ids, "limit": len(ids), "as_of": release}
            page = await _answered(request, f"/{kind.plural}", query)
            records |= {record["href"]: record for record in page["items"]}
    return records


def _change(change: Json) -> Json:
    fields = [(field["pointer"], field["before"], field["after"]) for field in change["fields"]]
    values = [{"at": at, "before": b, "after": a} for at, b, a in fields if at]
    kept = ("type", "release", "published_at", "action", "record", "reason", "message")
    return {**{key: change[key] for key in kept}, "values": values}


async def _list(request: Request, given: Json, most: int) -> Json:
    kind, filters = given.pop("type"), given.pop("filters", {})
    if str(kind) not in KINDS or not isinstance(filters, dict):
        raise ValueError(f"type is one of {', '.join(KINDS)}; filters is an object")
    return await _page(f"/{KINDS[kind].plural}", request, {**filters, **given}, most)


async def _get(request: Request, given: Json, most: int) -> Json:
    kind, id_ = given.pop("type"), str(given.pop("id"))
    if str(kind) not in KINDS or not re.fullmatch(r"[a-z0-9-]{1,100}", id_):
        raise ValueError(f"type is one of {', '.join(KINDS)}; id is as in us-japan-2025-02")
    release = current_release(request).info.number
    record = await _answered(
        request, links.record_path(KINDS[kind], id_), {"as_of": release, **given}
    )
    [item] = _sized({}, [_record(request, record, given.get("as_of", release))], most)["items"]
    return dict(item)


async def _check(request: Request, given: Json, most: int) -> Json:
    text = given["text"]
    if not isinstance(text, str) or len(text.encode()) > MAX_TEXT:
        raise ContentTooLarge(f"text is a string of at most {MAX_TEXT:,} bytes; check it in parts")
    with current_release(request) as release:
        view = View(base(request), release)
        checked = await check_of(text, "text/plain", CheckParams(), view, request)
    answer = checked.model_dump(mode="json")
    return _sized({"release": answer["release"], "counts": answer["counts"]}, answer["items"], most)


Call = Callable[[Request, Json, int], Coroutine[Any, Any, Json]]
"""Takes the arguments, and how many bytes the answer may have."""


class Tool(NamedTuple):
    """What an assistant can ask for."""

    call: Call
    description: str
    arguments: list[str]
    required: list[str]

    def described(self, name: str) -> Json:
        """It as the protocol describes a tool."""
        schema = {
            "type": "object", "required": self.required, "additionalProperties": False,
            "properties": {each: _ARGUMENTS[each] for each in (*self.arguments, "bytes")},
        }  # fmt: skip
        about = {"annotations": {"readOnlyHint": True, "openWorldHint": False}}
        return {"name": name, "description": self.description, **about, "inputSchema": schema}


_CALLS: dict[str, Call] = {
    "search": partial(_page, "/search"),
    "get": _get,
    "list": _list,
    "check": _check,
    "changes": partial(_page, "/changes"),
}
TOOLS = {name: Tool(_CALLS[name], **about) for name, about in _DATA["tools"].items()}
