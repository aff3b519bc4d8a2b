"""Feeds: what Atom and JSON Feed have in common, as values."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app import links
from app.formats import BY_NAME, Content
from app.paging import Page
from app.representations.facts import facts
from app.representations.html import environment
from app.representations.sources import Source, last_changes, proofs_of, sources
from app.representations.values import Address, View, addresses, next_as, path_as
from app.representations.wording import counted, happened, record_of, record_title, remarks, term
from app.representations.words import in_words

Json = dict[str, Any]


class Entry(NamedTuple):
    """A record, a change or a release, as an entry of a feed."""

    id: str
    """The same for ever."""
    url: str
    title: str
    updated: str
    summary: str | None
    html: str
    topics: list[str]


class Feed(NamedTuple):
    """A page of a list, as a feed."""

    id: str
    """The address of the list, the same on each of its pages."""
    title: str
    updated: str
    self: str
    page: str
    """The list as a page for people."""
    next: str | None
    entries: list[Entry]


async def feed_of(page: Page, view: View, name: str) -> Feed:
    """A page of a list as a feed in the format of this name."""
    pairs = page.params.pairs("cursor", "format")
    return Feed(
        id=view.base + links.query_path(page.path, pairs),
        title=f"Readout: {await in_words(page, view.release)}",
        updated=view.release.info.published_at,
        self=view.base + path_as(page, BY_NAME[name]),
        page=view.base + links.query_path(page.path, [*pairs, ("format", "html")]),
        next=view.base + following if (following := next_as(page, name)) else None,
        entries=await _ENTRIES[page.params.content](page.records, view, addresses(page, view)),
    )


async def _records(items: list[Json], view: View, address: Address) -> list[Entry]:
    moments = await last_changes(items, view.release)
    documents = await sources(items, view.release)
    return [
        Entry(
            id=view.base + record["href"],
            url=address(record["href"]),
            title=record_title(record),
            updated=moments[record["type"], record["id"]],
            summary=record["summary"],
            html=_markup("hit", record)
            if "matches" in record
            else _whole(record, documents, address),
            topics=[term(topic) for topic in record["topics"]],
        )
        for record in items
    ]


async def _changes(items: list[Json], view: View, address: Address) -> list[Entry]:
    documents = await sources(filter(None, map(record_of, items)), view.release)
    entries = []
    for change in items:
        summary, record = " ".join(remarks(change)), record_of(change)
        whole = record and _whole(record, documents, address)
        entries.append(
            Entry(
                # A change keeps its number for ever.
                id=f"{view.base}/changes#{change['number']}",
                url=address(links.history_of(change["record"]["href"])),
                title=happened(change),
                updated=change["published_at"],
                summary=summary,
                html=_markup("change", change, summary, whole),
                topics=[change["action"], change["record"]["type"]],
            )
        )
    return entries


async def _releases(items: list[Json], view: View, address: Address) -> list[Entry]:
    return [
        Entry(
            id=view.base + links.release_path(release["number"]),
            url=address(links.release_path(release["number"])),
            title=f"Release {release['number']}",
            updated=release["published_at"],
            summary=release["message"],
            html=_markup(
                "release",
                release,
                [counted(count, name) for name, count in release["counts"].items()],
                [f"{n} {name}" for name, n in (release["changes"] or {}).items() if n],
            ),
            topics=[],
        )
        for release in items
    ]


_ENTRIES = {
    Content.LIST: _records,
    Content.HITS: _records,
    Content.CHANGES: _changes,
    Content.RELEASES: _releases,
}


def _whole(record: Mapping[str, Any], documents: dict[str, Source], address: Address) -> str:
    """A record with the passages that prove it."""
    return _markup("record", record, facts(record), proofs_of(record, documents), address)


def _markup(name: str, *values: Any) -> str:
    markup: str = getattr(environment().get_template("feed.html").module, name)(*values)
    return markup
