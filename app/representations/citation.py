"""A citation of a record: the value that all forms of citing share, and the plain sentence."""

import re
from typing import Any, NamedTuple

import orjson

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
    source: Source | None
    """The main source; of a document, itself."""
    others: list[Source]
    """The other documents that prove it."""
    said: str | None
    """In whose voice the source speaks."""
    release: int
    date: str
    """The day of the release, on which this was so: `2026-11-22`."""
    url: str
    """The address of the record in this release, which never says anything else."""

    @property
    def is_document(self) -> bool:
        """Whether it cites a source itself."""
        return self.type == "document"

    @property
    def itself(self) -> Source | None:
        """The document, where it is one that is cited; None for what stands in the record alone."""
        return self.source if self.is_document else None

    @property
    def address(self) -> str:
        """Where to read what is cited."""
        return (self.itself and self.itself.url) or self.url

    @property
    def published(self) -> str | None:
        """When what is cited was published, as exact as it is known."""
        return self.itself.published if self.itself else self.date

    @property
    def place(self) -> str:
        """Where the record stands."""
        return f"Readout, release {self.release}, {day(self.date)}"

    @property
    def note(self) -> str:
        """Where what is cited comes from, for those who look at no other field."""
        parts: list[str] = []
        if self.is_document:
            parts.append(f"Listed in {self.place}, {self.url}")
        elif self.source:
            parts.append(f"{begun(self.said or '')}. Source: {named(self.source)}")
        if self.others:
            link = "Known through" if self.is_document else "Also proven by"
            parts.append(f"{link}: {listed(named(source) for source in self.others)}")
        return " ".join(map(ended, parts))


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
    record: dict[str, Any] = orjson.loads(one.body)
    documents = await sources([record], view.release)
    proofs, info = record["evidence"], view.release.info
    itself = _itself(record) if record["type"] == "document" else None
    first = documents[proofs[0]["document"]["id"]] if proofs else None
    source = itself or first
    return Citation(
        key=f"readout-{record['type']}-{record['id']}-r{info.number}",
        type=record["type"],
        title=line(record_title(record)),
        source=source,
        others=[other for other in documents.values() if other.id != (source and source.id)],
        said=line(voice(record, proofs[0], first)) if first and not itself else None,
        release=info.number,
        date=info.published_at[:10],
        url=view.base + links.query_path(record["href"], [("as_of", str(info.number))]),
    )


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
    if citation.is_document and citation.source:
        return f"{ended(named(citation.source))} {citation.note}"
    title = citation.title if citation.title.startswith("“") else f"“{citation.title}”"
    what, where = f"{title} [{term(citation.type)}].", f"In: {citation.place}, {citation.url}"
    return " ".join(filter(None, [what, citation.note, where]))
