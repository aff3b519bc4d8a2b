"""JSON: bodies were written at load, so a page is put together from bytes."""

import orjson

from app.paging import Page


def page_json(page: Page, base: str) -> bytes:
    """A page of a list; `base` is the address of the server."""
    items = [record_json(item, page.fields) for item in page.items] if page.fields else page.items
    rest = orjson.dumps(
        {
            "total": page.total,
            "next": base + page.next if page.next else None,
            "release": page.release,
            "query": page.query,
            "facets": page.facets,
        }
    )
    return b'{"items":[' + b",".join(items) + b"]," + rest[1:]


def record_json(body: bytes, fields: tuple[str, ...]) -> bytes:
    """One record; with only these keys, in this order, if there are any."""
    if not fields:
        return body
    record = orjson.loads(body)
    return orjson.dumps({field: record[field] for field in fields})
