"""JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""

import orjson

from app.paging import Page
from app.representations.feeds import feed_of
from app.representations.values import Body, View


async def represent(page: Page, view: View) -> Body:
    """A page of a list as a feed."""
    return orjson.dumps(await feed_of(page, view, "jsonfeed"))
