"""JSON: bodies were written at load, so a page is put together from bytes."""

import orjson

from app.paging import Page
from app.problems import ProblemDetails
from app.representations.values import Body, One, View


async def represent(shown: Page | One, view: View) -> Body:
    """A page, a record or a release as it stands in the documentation of the API."""
    if isinstance(shown, One):
        return chosen(shown.body, shown.params.keys)
    items, keys = shown.items, shown.params.keys
    if keys:
        items = [chosen(item, keys) for item in items]
    rest = orjson.dumps(
        {
            "total": shown.total,
            "next": view.base + shown.next if shown.next else None,
            "release": shown.release,
            "query": shown.query,
            "facets": shown.facets,
        }
    )
    return b'{"items":[' + b",".join(items) + b"]," + rest[1:]


def represent_problem(details: ProblemDetails, asked: str) -> bytes:  # noqa: ARG001 - as all are told
    """Problem details (RFC 9457)."""
    return details.model_dump_json().encode()


def chosen(body: bytes, keys: tuple[str, ...]) -> bytes:
    """A record; with only these keys, in this order, if there are any."""
    if not keys:
        return body
    record = orjson.loads(body)
    return orjson.dumps({key: record[key] for key in keys})
