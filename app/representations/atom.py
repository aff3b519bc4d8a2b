"""Atom (RFC 4287), in pages that lead to each other (RFC 5005)."""

import re
from xml.etree.ElementTree import Element, SubElement, tostring

from app.paging import Page
from app.representations.feeds import Entry, Feed, feed_of
from app.representations.values import Body, View

# Source: https://www.w3.org/TR/xml/#charsets
_no_xml = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


async def represent(page: Page, view: View) -> Body:
    """A page of a list as a feed."""
    root = _feed(await feed_of(page, view, "atom"), view.base)
    written: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _feed(feed: Feed, base: str) -> Element:
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": "en"})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", feed.updated)
    _text(SubElement(root, "author"), "name", "Readout")
    _text(root, "generator", "Readout").set("uri", base)
    _link(root, "self", feed.self, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    if feed.next:
        _link(root, "next", feed.next, "application/atom+xml")
    for entry in feed.entries:
        _entry(SubElement(root, "entry"), entry)
    return root


def _entry(root: Element, entry: Entry) -> None:
    _text(root, "id", entry.id)
    _text(root, "title", entry.title)
    _text(root, "updated", entry.updated)
    _link(root, "alternate", entry.url, "text/html")
    for topic in entry.topics:
        SubElement(root, "category", {"term": topic})
    if entry.summary:
        _text(root, "summary", entry.summary)
    _text(root, "content", entry.html).set("type", "html")


def _text(root: Element, name: str, text: str) -> Element:
    """An element with a text, of which XML can't have some characters: they are marked."""
    element = SubElement(root, name)
    element.text = _no_xml.sub("\ufffd", text)
    return element


def _link(root: Element, rel: str, href: str, media_type: str) -> None:
    SubElement(root, "link", {"rel": rel, "href": href, "type": media_type})
