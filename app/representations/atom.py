"""Atom (RFC 4287), in pages that lead to each other (RFC 5005)."""

import re

from app import links
from app.paging import Page
from app.representations.feeds import feed_of
from app.representations.html import render
from app.representations.values import Body, View

# Source: https://www.w3.org/TR/xml/#charsets
_no_xml = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def represent(page: Page, view: View) -> Body:
    """A page of a list as a feed; what XML can't have is marked."""
    # The same on each page of the list.
    id_ = links.query_path(page.path, page.params.pairs("cursor", "format", "sort"))
    feed, base = await feed_of(page, view, "atom"), view.base
    moment = view.release.info.published_at
    written = render("atom.xml", feed=feed, base=base, id=base + id_, published_at=moment)
    return _no_xml.sub("\ufffd", written).encode()
