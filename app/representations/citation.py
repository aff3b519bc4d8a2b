"""A citation of a record: the value that all forms of citing share, and the plain sentence."""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from app import links
from app.representations.sources import Source, sources, voice
from app.representations.values import Body, One, View
from app.representations.wording import begun, day, line, listed, record_title, term

_address_last = re.compile(r"https?://\S+$")


class Citation(NamedTuple):
    """The parts of a citation, by which a reader finds and checks the record."""

    key: str
    """Its name among others: ASCII letters, digits and hyphens."""
    type: str
    title: str
    itself: Source | None
    """The document, where it is one that is cited; None for what stands in the record alone."""
    language: str | None
    """The language of the title, as a tag (BCP 47); None where it is not known."""
    published: str | None
    """When what is cited was published, as exact as it is known."""
    address: str
    """Where to read what is cited."""
    note: str
    """Where what is cited comes from, for those who look at no other field."""
    place: str
    """Where the record stands, with its address there, which never says anything else."""
    release: int
    date: str
    """The day of the release, on which this was so: `2026-11-22`."""


async def represent(one: One, view: View) -> Body:
    """A record, cited in a line."""
    return f"{sentence(await citation_of(one, view))}\n".encode()


def ended(text: str) -> str:
    """A sentence with its period; none after an address, of which it would be a part."""
    return text if _address_last.search(text) else f"{text}."


def named(source: Source) -> str:
    """A document as one names it: its title, publisher, date and address."""
    dated = day(source.published) if source.published else "date not known"
    parts = (f"“{line(source.title)}”", source.author, source.publisher, dated, source.url)
    return ", ".join(line(part) for part in parts if part)


async def citation_of(one: One, view: View) -> Citation:
    """The citation of a record."""
    record = one.record
    release, date = view.release.info.number, view.release.info.published_at[:10]
    url = view.base + links.query_path(record["href"], [("as_of", str(release))])
    place = f"Readout, release {release}, {day(date)}, {url}"
    itself = _itself(record) if record["type"] == "document" else None
    parts = _origin(record, itself, await sources([record], view.release), place)
    return Citation(
        key=f"readout-{record['type']}-{record['id']}-r{release}",
        type=record["type"],
        title=line(_title(record)),
        itself=itself,
        # What is no document and no quote has a title of ours.
        language=record.get("language", "en"),
        published=itself.published if itself else date,
        address=(itself and itself.url) or url,
        note=" ".join(map(ended, parts)),
        place=place,
        release=release,
        date=date,
    )


def _title(record: dict[str, Any]) -> str:
    """The name of a record; the words of a quote to their end, as a citation cuts nothing off."""
    return f"“{record['text']}”" if record["type"] == "quote" else record_title(record)


def _origin(
    record: dict[str, Any], itself: Source | None, documents: dict[str, Source], place: str
) -> Iterator[str]:
    """The sentences of the note of a citation, without their periods."""
    source = itself
    if itself:
        yield f"Listed in {place}"
    elif record["evidence"]:
        proof = record["evidence"][0]
        source = documents[proof["document"]["id"]]
        yield f"{begun(line(voice(record, proof, source)))}. Source: {named(source)}"
    others = [named(other) for other in documents.values() if other.id != (source and source.id)]
    if others:
        yield f"{'Known through' if itself else 'Also proven by'}: {listed(others)}"


def _itself(record: dict[str, Any]) -> Source:
    publisher, author = record["publisher"], record["author"]
    return Source(
        record["id"],
        record["title"],
        record["kind"],
        publisher and publisher["title"],
        author and author["title"],
        record["published"],
        record["language"],
        links.web_address(record["url"]),
    )


def sentence(citation: Citation) -> str:
    """A citation for people: what it is, who says so, where it stands."""
    if citation.itself:
        return f"{ended(named(citation.itself))} {citation.note}"
    title = citation.title if citation.title.startswith("“") else f"“{citation.title}”"
    what = f"{title} [{term(citation.type)}]."
    return " ".join(filter(None, [what, citation.note, f"In: {citation.place}"]))
