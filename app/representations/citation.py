"""A citation of a record: the value that all forms of citing share, and the plain sentence."""

from typing import Any, NamedTuple

from app import links
from app.representations.sources import Source, since_then, sources, voice
from app.representations.values import Body, One, View
from app.representations.wording import begun, day, ended, line, listed, quoted, whole_title


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
    origin: str
    """In whose voice its first source speaks, and that source, as a sentence goes on."""
    others: list[str]
    """Its further sources, as clauses."""
    since: str
    """What became of the record after that release; empty where nothing did."""


async def represent(one: One, view: View) -> Body:
    """A record, cited in a line."""
    return f"{sentence(await citation_of(one, view))}\n".encode()


def named(source: Source) -> str:
    """A document as one names it: its title, publisher, date and address."""
    dated = day(source.published) if source.published else None
    parts = (quoted(line(source.title)), source.author, source.publisher, dated, source.url)
    return ", ".join(line(part) for part in parts if part)


async def citation_of(one: One, view: View) -> Citation:
    """The citation of a record."""
    record = one.record
    release, date = view.release.info.number, view.release.info.published_at[:10]
    url = view.base + links.query_path(record["href"], [("as_of", str(release))])
    place = f"Readout, release {release}, {day(date)}, {url}"
    itself = _itself(record) if record["type"] == "document" else None
    documents = await sources([record], view.release)
    source, said = _first(record, documents) if itself is None else (None, "")
    others = [named(one) for one in documents.values() if one != source]
    by_way = "known through" if itself else "also proven by"
    note = [f"Listed in {place}"] if itself else []
    if source:
        note.append(f"{begun(said)}. Source: {named(source)}")
    if others:
        note.append(f"{begun(by_way)}: {listed(others)}")
    return Citation(
        key=f"readout-{record['type']}-{record['id']}-r{release}",
        type=record["type"],
        title=line(whole_title(record)),
        itself=itself,
        # What is no document and no quote has a title of ours.
        language=record.get("language", "en"),
        published=itself.published if itself else date,
        address=(itself and itself.url) or url,
        note=" ".join(map(ended, note)),
        place=place,
        release=release,
        date=date,
        origin=f", {said}: {named(source)}" if source else "",
        others=[f"{by_way} {listed(others)}"] if others else [],
        since=" ".join((await since_then([record], view)).values()),
    )


def _first(record: dict[str, Any], documents: dict[str, Source]) -> tuple[Source | None, str]:
    """The source of the first passage of a record, and in whose voice it speaks."""
    for proof in record["evidence"][:1]:
        source = documents[proof["document"]["id"]]
        return source, line(voice(record, proof, source))
    return None, ""


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
    title = citation.title[1:-1] if citation.type == "quote" else citation.title
    what = named(citation.itself) if citation.itself else quoted(title)
    clauses = [f"{what}{citation.origin}", *citation.others, citation.place]
    return " ".join(filter(None, [ended("; ".join(clauses)), citation.since]))
