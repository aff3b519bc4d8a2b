"""Feeds: what Atom and JSON Feed have in common, as values."""

from typing import Any, NamedTuple

import orjson
from markupsafe import Markup

from app import links
from app.formats import BY_NAME, Content
from app.paging import Page
from app.representations.changed import differences, happened, record_of, told
from app.representations.facts import Words, facts
from app.representations.sources import Source, last_changes, sources, voice
from app.representations.values import Address, View, addresses, next_as, path_as
from app.representations.wording import begun, counted, day, fields, record_title, term
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


async def feed_of(shown: Page, view: View, name: str) -> Feed:
    """A page of a list as a feed in the format of this name."""
    listed = [orjson.loads(item) for item in shown.items]
    unsaid = {"cursor", "format"}
    pairs = [pair for pair in shown.params.pairs() if pair[0] not in unsaid]
    return Feed(
        id=view.base + links.query_path(shown.path, pairs),
        title=f"Readout: {await in_words(shown, view.release)}",
        updated=view.release.info.published_at,
        self=view.base + path_as(shown, BY_NAME[name]),
        page=view.base + links.query_path(shown.path, [*pairs, ("format", "html")]),
        next=view.base + following if (following := next_as(shown, name)) else None,
        entries=await _ENTRIES[shown.params.content](listed, view, addresses(shown, view)),
    )


async def _records(listed: list[Json], view: View, address: Address) -> list[Entry]:
    known = await sources(listed, view.release)
    when = await last_changes(listed, view.release)
    return [
        Entry(
            id=view.base + record["href"],
            url=address(record["href"]),
            title=record_title(record),
            updated=when[record["type"], record["id"]],
            summary=record["summary"],
            html=record_html(record, known, address),
            topics=[term(topic) for topic in record["topics"]],
        )
        for record in listed
    ]


async def _hits(listed: list[Json], view: View, address: Address) -> list[Entry]:
    when = await last_changes(listed, view.release)
    return [
        Entry(
            id=view.base + hit["href"],
            url=address(hit["href"]),
            title=record_title(hit),
            updated=when[hit["type"], hit["id"]],
            summary=hit["summary"],
            html=_hit_html(hit),
            topics=[term(topic) for topic in hit["topics"]],
        )
        for hit in listed
    ]


async def _changes(listed: list[Json], view: View, address: Address) -> list[Entry]:
    known = await sources(filter(None, map(record_of, listed)), view.release)
    return [
        Entry(
            # A change keeps its number for ever.
            id=f"{view.base}/changes#{change['number']}",
            url=address(links.history_of(change["record"]["href"])),
            title=happened(change),
            updated=change["published_at"],
            summary=" ".join(told(change)),
            html=_change_html(change, known, address),
            topics=[change["action"], change["record"]["type"]],
        )
        for change in listed
    ]


async def _releases(listed: list[Json], view: View, address: Address) -> list[Entry]:
    return [
        Entry(
            id=view.base + links.release_path(release["number"]),
            url=address(links.release_path(release["number"])),
            title=f"Release {release['number']}",
            updated=release["published_at"],
            summary=release["message"],
            html=_release_html(release),
            topics=[],
        )
        for release in listed
    ]


_ENTRIES = {
    Content.LIST: _records,
    Content.HITS: _hits,
    Content.CHANGES: _changes,
    Content.RELEASES: _releases,
}


def record_html(record: Json, known: dict[str, Source], address: Address) -> Markup:
    """A record with the passages that prove it, where only simple markup is kept."""
    said = Markup("<blockquote>{}</blockquote>").format(record["text"]) if "text" in record else ""
    listed = Markup().join(
        Markup("<li>{}: {}</li>").format(
            fact.label, Markup("; ").join(_words(found, address) for found in fact.values)
        )
        for fact in facts(record)
    )
    proofs = Markup().join(_proof(record, proof, known) for proof in record["evidence"])
    return _paragraph(record["summary"]) + said + Markup("<ul>{}</ul>").format(listed) + proofs


def _proof(record: Json, proof: Json, known: dict[str, Source]) -> Markup:
    source = known[proof["document"]["id"]]
    url = links.web_address(proof["url"]) or source.url
    title = Markup('<a href="{}">{}</a>').format(url, source.title) if url else source.title
    dated = f", {day(source.published)}" if source.published else ""
    return Markup("<blockquote>{}</blockquote><p>{}: {}{}. It proves: {}.</p>").format(
        proof["exact"],
        begun(voice(record, proof, source)),
        title,
        dated,
        fields(proof["fields"]),
    )


def _words(found: Words, address: Address) -> Markup:
    text = Markup("{}").format(found.text)
    if found.href:
        text = Markup('<a href="{}">{}</a>').format(address(found.href), found.text)
    return text + (Markup(" ({})").format(found.note) if found.note else Markup())


_mark = Markup("<mark>{}</mark>")


def _hit_html(hit: Json) -> Markup:
    matches = Markup().join(
        Markup("<li>{}: {}</li>").format(
            term(match["field"]),
            Markup().join(
                _mark.format(piece["text"]) if piece["match"] else piece["text"]
                for piece in match["text"]
            ),
        )
        for match in hit["matches"]
    )
    return _paragraph(hit["summary"]) + Markup("<ul>{}</ul>").format(matches)


def _change_html(change: Json, known: dict[str, Source], address: Address) -> Markup:
    whole = record_of(change)
    if whole is not None:
        said = "It said:" if change["action"] == "withdrawn" else "It says:"
        about = _paragraph(" ".join(told(change))) + _paragraph(said)
        return about + record_html(dict(whole), known, address)
    rows = Markup().join(
        Markup("<li>{}: before {}; after {}</li>").format(found.where, found.before, found.after)
        for found in differences(change)
    )
    return _paragraph(" ".join(told(change))) + Markup("<ul>{}</ul>").format(rows)


def _release_html(release: Json) -> Markup:
    counts = [counted(count, name) for name, count in release["counts"].items()]
    changed = [f"{count} {name}" for name, count in (release["changes"] or {}).items() if count]
    return (
        _paragraph(release["message"])
        + _paragraph(f"It holds {', '.join(counts)}.")
        + _paragraph(f"Its changes: {', '.join(changed)}." if changed else None)
    )


def _paragraph(text: str | None) -> Markup:
    return Markup("<p>{}</p>").format(text) if text else Markup()
