"""What is shown beside records: the documents that prove them, and when they last changed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from app import links
from app.queries import sources as queries
from app.representations.wording import attribution
from app.store.release import OpenRelease

_AT_ONCE = 256


class Source(NamedTuple):
    """A document, as one names it beside what it proves."""

    id: str
    title: str
    kind: str | None = None
    publisher: str | None = None
    author: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    """Where it can be read: an address of the web."""


async def sources(records: Iterable[Mapping[str, Any]], release: OpenRelease) -> dict[str, Source]:
    """The documents that prove records, by their ids, in the order in which they are named."""
    found = {
        proof["document"]["id"]: Source(proof["document"]["id"], proof["document"]["title"])
        for record in records
        for proof in record.get("evidence", [])
    }
    for ids in _padded(found):
        for row in await release.look_up(queries.documents(ids), *ids):
            found[row[0]] = Source._make((*row[:-1], links.web_address(row[-1])))
    return found


def voice(record: Mapping[str, Any], proof: Mapping[str, Any], source: Source) -> str:
    """In whose voice a passage speaks: of a quote, its speaker's."""
    spoken = record["type"] == "quote" and "text" in proof["fields"]
    said_by = record["speaker"]["title"] if spoken else None
    return attribution(proof, source.publisher, said_by)


async def last_changes(
    records: Iterable[Mapping[str, Any]], release: OpenRelease
) -> dict[tuple[str, str], str]:
    """When records became what they are: the moments of the releases that changed them last."""
    known = await release.releases()
    moments = {found.number: found.published_at for found in known}
    # What did not change since the history began was there when it did.
    began = next((found for found in known if found.changes is None), known[-1])
    when = {(record["type"], record["id"]): began.published_at for record in records}
    for ids in _padded(dict.fromkeys(id_ for _, id_ in when)):
        for kind, id_, number in await release.look_up(queries.last_changes(ids), *ids):
            if (kind, id_) in when:
                when[kind, id_] = moments[number]
    return when


def _padded(ids: Iterable[str]) -> Iterator[list[str]]:
    """Ids by the hundred, the last one repeated, so that there are few statements."""
    left = [*ids]
    while left:
        some, left = left[:_AT_ONCE], left[_AT_ONCE:]
        yield some + some[-1:] * ((1 << (len(some) - 1).bit_length()) - len(some))
