"""JSON: bodies were written at load, so a page is put together from bytes."""

from typing import Any

import orjson

from app.formats import Content
from app.included import included
from app.paging import Page
from app.problems import ProblemDetails
from app.representations.values import Body, One, View
from app.suggestions import suggestions


async def represent(answer: Page | One, view: View) -> Body:
    """A page, a record or a release as it stands in the documentation of the API."""
    include = getattr(answer.params, "include", ())
    if isinstance(answer, One):
        body = chosen(answer.body, answer.params.keys)
        return await _beside(body, [answer.body], include, view) if include else body
    items, keys = answer.items, answer.params.keys
    if keys:
        items = [chosen(item, keys) for item in items]
    rest = orjson.dumps(
        {
            "total": answer.total,
            "next": view.base + answer.next if answer.next else None,
            "next_cursor": answer.next_cursor,
            "release": answer.release,
            "query": answer.query,
            "facets": answer.facets,
            "facets_cut": answer.facets_cut,
            **await _suggested(answer, view),
        }
    )
    body = b"".join((b'{"items":[', b",".join(items), b"],", rest[1:]))
    return await _beside(body, answer.items, include, view) if include else body


async def _beside(body: bytes, records: list[bytes], include: tuple[str, ...], view: View) -> bytes:
    """An answer with the records that are linked with those of it."""
    bodies, complete = await included(records, include, view.release)
    rest = b'"included_complete":' + (b"true" if complete else b"false")
    return body[:-1] + b',"included":[' + b",".join(bodies) + b"]," + rest + b"}"


async def _suggested(page: Page, view: View) -> dict[str, Any]:
    """What a search would find that is like one that finds nothing."""
    if page.walk is None or page.params.content is not Content.HITS:
        return {}
    found = await suggestions(page, view.release)
    return {"suggestions": [each.model_dump() for each in found]}


def represent_problem(details: ProblemDetails, target: str) -> bytes:  # noqa: ARG001 - as a page needs it
    """Problem details (RFC 9457)."""
    return f"{details.model_dump_json()}\n".encode()


def chosen(body: bytes, keys: tuple[str, ...]) -> bytes:
    """A record; with only these keys, in this order, if there are any."""
    if not keys:
        return body
    record = orjson.loads(body)
    return orjson.dumps({key: record[key] for key in keys})
