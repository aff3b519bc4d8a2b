"""The surroundings of records: the documents that prove them, and when they last changed."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from app import links
from app.queries import sources as queries
from app.records import passages_of
from app.representations.values import View
from app.representations.wording import attribution, day, ended, line, listed, quoted
from app.store.release import OpenRelease
from app.vocabulary import KINDS, OF_LEADERS, Attribution, RecordState, RecordType


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
    documents = named(records)
    # Few documents prove many records.
    read = {id_: release.remembered(("source", id_)) for id_ in documents}
    if absent := [id_ for id_, source in read.items() if source is None]:
        for row in await release.look_up(queries.DOCUMENTS, json.dumps(absent)):
            read[row[0]] = Source._make((*row[:-1], links.web_address(row[-1])))
            release.remember(("source", row[0]), read[row[0]])
    return {id_: read[id_] or source for id_, source in documents.items()}


def named(records: Iterable[Mapping[str, Any]]) -> dict[str, Source]:
    """The same documents by their titles alone, which are not looked up."""
    return {
        proof["document"]["id"]: Source(proof["document"]["id"], proof["document"]["title"])
        for record in records
        for proof in (passages_of(record) if "evidence" in record else ())
    }


def voice(record: Mapping[str, Any], proof: Mapping[str, Any], source: Source) -> str:
    """In whose voice a passage speaks: of a quote, its speaker's; of two who say it, both's."""
    if record["type"] == "quote" and "text" in proof["fields"]:
        words = attribution(proof, source.publisher, record["speaker"]["title"])
        return words.removeprefix("according to ")  # the words are the speaker's own
    if proof["attribution"] == Attribution.REPORTED:
        if source.kind in OF_LEADERS:
            by = f", as published by {source.publisher}" if source.publisher else ""
            return f"stated in {quoted(source.title)}{by}"
        return attribution(proof, source.publisher)
    same = ("document", "exact", "attribution")
    others = [one for one in passages_of(record) if all(one[key] == proof[key] for key in same)]
    actors = [one["according_to"]["title"] for one in others if one.get("according_to")]
    return attribution(proof, source.publisher, listed(dict.fromkeys(actors)))


async def with_voices(hits: list[dict[str, Any]], release: OpenRelease) -> list[dict[str, Any]]:
    """The hits of a search, each quote with how its source gives the words of its speaker:
    `as quoted by Red Nation Today`."""
    # A hit names the document and the voice as a passage does.
    documents = await sources(({"evidence": [hit]} for hit in hits if hit["speaker"]), release)
    return [hit | {"voice": hit["speaker"] and _given(hit, documents)} for hit in hits]


def _given(quote: Mapping[str, Any], documents: Mapping[str, Source]) -> str:
    speaker = quote["speaker"]["title"]
    words = attribution(quote, documents[quote["document"]["id"]].publisher, speaker)
    return words.removeprefix(f"according to {speaker}, ")


def proofs_of(record: Mapping[str, Any], documents: Mapping[str, Source]) -> list[dict[str, Any]]:
    """The passages that prove a record, each with its document and in whose voice it speaks.

    Its address is one of the web, or None.
    """
    return [
        proof
        | {
            "source": (source := documents[proof["document"]["id"]]),
            "voice": voice(record, proof, source),
            "url": links.web_address(proof["url"]),
        }
        for proof in passages_of(record)
    ]


async def last_changes(
    records: Iterable[Mapping[str, Any]], release: OpenRelease
) -> dict[tuple[str, str], str]:
    """When records became what they are: the moments of the releases that changed them last."""
    releases = release.releases
    moments = {past.number: past.published_at for past in releases}
    # What did not change since the history began was there when it did.
    began = next((past for past in releases if past.changes is None), releases[-1])
    when = {(record["type"], record["id"]): began.published_at for record in records}
    ids = json.dumps([id_ for _, id_ in when])
    for kind, id_, number in await release.look_up(queries.LAST_CHANGES, ids):
        if (kind, id_) in when:
            when[kind, id_] = moments[number]
    return when


async def since_then(
    records: Iterable[Mapping[str, Any]], view: View
) -> dict[tuple[str, str], str]:
    """What became of records after the release that answers, where it is an older one.

    A sentence for each correction and withdrawal, with its reason where one was given.
    """
    sentences: dict[tuple[str, str], str] = {}
    if view.newest is None:
        return sentences
    newest, number = view.newest, view.release.info.number
    days = {past.number: day(past.published_at) for past in newest.releases}
    names = {}
    for record in records:
        kind, id_ = KINDS[record["type"]], record["id"]
        names[kind, await newest.renamed_to(kind, id_) or id_] = (kind, id_)
    ids = json.dumps([id_ for _, id_ in names])
    rows = await newest.look_up(queries.CHANGES_SINCE, ids, number)
    for kind, id_, release, happened, reason, message in rows:
        if (kind, id_) in names:
            why = f": {ended(line(reason or message))}" if reason or message else "."
            text = f"It was {happened} in release {release}, {days[release]}{why}"
            former = names[kind, id_]
            sentences[former] = f"{sentences[former]} {text}" if former in sentences else text
    return sentences


async def state_of(
    kind: RecordType, id_: str, current: OpenRelease, base: str, since: int = 0
) -> tuple[RecordState, str | None]:
    """What the current release knows of a record since one of this number, and a sentence of it.

    The sentence leaves this server, at the address `base`, so it names whole addresses.
    """
    if stone := await current.tombstone(kind, id_):
        instead = f" Read {base}{stone.replaced_by} in its place." if stone.replaced_by else ""
        when = day(stone.withdrawn_at[:10])
        why = f"The {kind} was withdrawn on {when}: {ended(stone.reason)}{instead}"
        return RecordState.WITHDRAWN, why
    now = await current.renamed_to(kind, id_) or id_
    rows = await current.look_up(queries.LAST_CORRECTION, kind.value, now, since)
    if not rows:
        return RecordState.CURRENT, None
    [(number, happened)] = rows
    history = base + links.history_path(kind, now)
    how = f"The {kind} was {happened} in release {number}; {history} says how."
    return RecordState.CORRECTED, how
