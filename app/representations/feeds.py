"""Feeds: what Atom and JSON Feed have in common, under the names of JSON Feed.

Source: https://www.jsonfeed.org/version/1.1/
"""

from collections.abc import Mapping
from typing import Any

from app import links
from app.formats import BY_NAME, Content
from app.paging import Page
from app.representations.facts import facts, facts_of_hit
from app.representations.html import environment
from app.representations.sources import (
    Source,
    last_changes,
    proofs_of,
    since_then,
    sources,
    with_voices,
)
from app.representations.values import Address, View, addresses, next_as, path_as
from app.representations.wording import happened, record_of, record_title, remarks
from app.representations.words import in_words

Json = dict[str, Any]


async def feed_of(page: Page, view: View, name: str) -> Json:
    """A page of a list as JSON Feed has it, with addresses for the format of this name."""
    following = next_as(page, name)
    pairs = [*page.params.pairs("cursor", "format"), ("format", "html")]
    return {
        "version": "https://jsonfeed.org/version/1.1",
        "title": f"Readout: {await in_words(page, view.release)}",
        "home_page_url": view.base + links.query_path(page.path, pairs),
        "feed_url": view.base + path_as(page, BY_NAME[name]),
        **({"next_url": view.base + following} if following else {}),
        "language": "en",
        "authors": [{"name": "Readout", "url": view.base}],
        "items": await _ITEMS[page.params.content](page.records, view, addresses(page, view)),
    }


async def _records(items: list[Json], view: View, address: Address) -> list[Json]:
    moments = await last_changes(items, view.release)
    documents = await sources(items, view.release)
    since = await since_then(items, view)
    return [
        _item(
            view.base + record["href"],
            address(record["href"]),
            record_title(record),
            _markup("paragraph", said := since.get((record["type"], record["id"]), ""))
            + (
                _markup("hit", record, facts_of_hit(record), address)
                if "matches" in record
                else _whole(record, documents, address)
            ),
            " ".join(filter(None, [said, record["summary"]])) or None,
            moments[record["type"], record["id"]],
            [*map(view.release.topic_title, record["topics"])],
            record.get("language"),
        )
        for record in items
    ]


async def _hits(items: list[Json], view: View, address: Address) -> list[Json]:
    return await _records(await with_voices(items, view.release), view, address)


async def _changes(items: list[Json], view: View, address: Address) -> list[Json]:
    documents = await sources(filter(None, map(record_of, items)), view.release)
    feed_items = []
    for change in items:
        summary, record = " ".join(remarks(change)), record_of(change)
        whole = record and _whole(record, documents, address)
        feed_items.append(
            _item(
                # A change keeps its number for ever.
                f"{view.base}/changes#{change['number']}",
                address(links.history_of(change["record"]["href"])),
                happened(change),
                _markup("change", change, summary, whole),
                summary,
                change["published_at"],
                [change["action"], change["record"]["type"]],
            )
        )
    return feed_items


async def _releases(items: list[Json], view: View, address: Address) -> list[Json]:
    return [
        _item(
            view.base + (path := links.release_path(release["number"])),
            address(path),
            f"Release {release['number']}",
            _markup("release", release),
            release["message"],
            release["published_at"],
            [],
        )
        for release in items
    ]


_ITEMS = {
    Content.LIST: _records,
    Content.HITS: _hits,
    Content.CHANGES: _changes,
    Content.RELEASES: _releases,
}
_KEYS = ("id", "url", "title", "content_html", "summary", "date_modified", "tags", "language")


def _item(*values: str | list[str] | None) -> Json:
    """The values under `_KEYS`, without those that are not known."""
    item = zip(_KEYS, values, strict=False)  # what is ours is in the language of the feed
    return {key: value for key, value in item if value is not None}


def _whole(record: Mapping[str, Any], documents: dict[str, Source], address: Address) -> str:
    """A record with the passages that prove it."""
    return _markup("record", record, facts(record), proofs_of(record, documents), address)


def _markup(name: str, *values: Any) -> str:
    markup: str = getattr(environment().get_template("feed.html").module, name)(*values)
    return markup
