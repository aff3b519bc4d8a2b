"""JSON: bodies were written at load, so a page is put together from bytes."""

import orjson

from app.paging import Page
from app.problems import ProblemDetails
from app.representations.values import Body, One, View


async def represent(answer: Page | One, view: View) -> Body:
    """A page, a record or a release as it stands in the documentation of the API."""
    if isinstance(answer, One):
        return chosen(answer.body, answer.params.keys)
    items, keys = answer.items, answer.params.keys
    if keys:
        items = [chosen(item, keys) for item in items]
    rest = orjson.dumps(
        {
            "total": answer.total,
            "next": view.base + answer.next if answer.next else None,
            "release": answer.release,
            "query": answer.query,
            "facets": answer.facets,
        }
    )
    return b'{"items":[' + b",".join(items) + b"]," + rest[1:]


def represent_problem(details: ProblemDetails, target: str) -> bytes:  # noqa: ARG001 - as a page needs it
    """Problem details (RFC 9457)."""
    return details.model_dump_json().encode()


def chosen(body: bytes, keys: tuple[str, ...]) -> bytes:
    """A record; with only these keys, in this order, if there are any."""
    if not keys:
        return body
    record = orjson.loads(body)
    return orjson.dumps({key: record[key] for key in keys})
