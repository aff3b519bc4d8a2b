"""Atom (RFC 4287), in pages that lead to each other (RFC 5005)."""

import re
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from app import links
from app.paging import Page
from app.representations.feeds import feed_of
from app.representations.values import Body, View

# Source: https://www.w3.org/TR/xml/#charsets
_no_xml = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def represent(page: Page, view: View) -> Body:
    """A page of a list as a feed."""
    feed = await feed_of(page, view, "atom")
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    # The same on each page of the list.
    id_ = links.query_path(page.path, page.params.pairs("cursor", "format", "sort"))
    _text(root, "id", view.base + id_)
    _text(root, "title", feed["title"])
    _text(root, "updated", view.release.info.published_at)
    _text(SubElement(root, "author"), "name", "Readout")
    _text(root, "generator", "Readout").set("uri", view.base)
    _link(root, "self", feed["feed_url"], "application/atom+xml")
    _link(root, "alternate", feed["home_page_url"], "text/html")
    if "next_url" in feed:
        _link(root, "next", feed["next_url"], "application/atom+xml")
    for item in feed["items"]:
        _entry(SubElement(root, "entry"), item)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: Element, item: dict[str, Any]) -> None:
    _text(root, "id", item["id"])
    title = _text(root, "title", item["title"])
    if "language" in item:
        title.set("xml:lang", item["language"])
    _text(root, "updated", item["date_modified"])
    _link(root, "alternate", item["url"], "text/html")
    for tag in item["tags"]:
        SubElement(root, "category", {"term": tag})
    if item.get("summary"):
        _text(root, "summary", item["summary"])
    _text(root, "content", item["content_html"]).set("type", "html")


def _text(root: Element, name: str, text: str) -> Element:
    """An element with a text, of which XML can't have some characters: they are marked."""
    element = SubElement(root, name)
    element.text = _no_xml.sub("\ufffd", text)
    return element


def _link(root: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(root, "link", {"rel": rel, "href": href, "type": media_type})
