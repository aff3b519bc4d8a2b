"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import orjson

from app.paging import Page
from app.representations.feeds import Entry, feed_of
from app.representations.values import Body, View


async def represent(page: Page, view: View) -> Body:
    """A page of a list as a feed."""
    feed = await feed_of(page, view, "jsonfeed")
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.self,
        "next_url": feed.next,
        "language": "en",
        "authors": [{"name": "Readout", "url": view.base}],
        "items": [_item(entry) for entry in feed.entries],
    }
    return orjson.dumps({name: value for name, value in document.items() if value is not None})


def _item(entry: Entry) -> dict[str, object]:
    item = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": str(entry.html),
        "summary": entry.summary,
        "date_modified": entry.updated,
        "tags": entry.topics,
    }
    return {name: value for name, value in item.items() if value is not None}
