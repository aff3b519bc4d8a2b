"""Markdown: records and lists that read well in a note, or as what a language model is given."""

from collections.abc import Iterator
from typing import Any

import orjson

from app import links
from app.formats import Content
from app.paging import Page, Whole
from app.representations.changed import differences, happened, record_of, told
from app.representations.facts import UNKNOWN, Words, facts
from app.representations.markdown import link, plain, quotation
from app.representations.sources import Source, sources, voice
from app.representations.values import Address, Body, One, Shown, View, addresses, next_as
from app.representations.wording import begun, counted, day, fields, number, record_title, term
from app.representations.words import in_words
from app.vocabulary import RecordType

Json = dict[str, Any]
Lines = Iterator[str]


async def represent(shown: Shown, view: View) -> Body:
    """What is shown, as blocks with an empty line between them."""
    assert not isinstance(shown, Whole)  # noqa: S101 - the table has this as a format of pages
    blocks = await (_one(shown, view) if isinstance(shown, One) else _list(shown, view))
    return ("\n\n".join(blocks) + "\n").encode()


async def _one(shown: One, view: View) -> list[str]:
    found = orjson.loads(shown.body)
    if shown.params.content is Content.INDEX:
        return [_index(found, addresses(shown, view), view.base)]
    if shown.params.content is Content.RELEASE:
        return [*_release(found, "#", addresses(shown, view))]
    known = await sources([found], view.release)
    blocks = [*_record(found, known, "#", addresses(shown, view))]
    return [*blocks, f"{_release_name(view)}: {_as_of(shown.path, [], view)}"]


async def _list(shown: Page, view: View) -> list[str]:
    listed = [orjson.loads(item) for item in shown.items]
    content = shown.params.content
    wholes = map(record_of, listed) if content is Content.CHANGES else listed
    known = await sources(filter(None, wholes), view.release)
    unsaid = {"cursor", "format", "as_of"}
    pairs = [pair for pair in shown.params.pairs() if pair[0] not in unsaid]
    count = f"{number(shown.total)} in all, {number(len(listed))} on this page."
    blocks = [
        f"# {plain(await in_words(shown, view.release))}",
        f"{count} {_release_name(view)}: {_as_of(shown.path, pairs, view)}",
    ]
    address = addresses(shown, view)
    for found in listed:
        blocks += _ITEMS[content](found, known, address)
    if following := next_as(shown, "md"):
        blocks.append(link("Next page", view.base + following))
    return blocks


def _release_name(view: View) -> str:
    info = view.release.info
    return f"Readout, release {info.number}, {day(info.published_at)}"


def _as_of(path: str, pairs: links.Pairs, view: View) -> str:
    """An address that says the same for ever."""
    number_ = str(view.release.info.number)
    return f"<{view.base}{links.query_path(path, [*pairs, ('as_of', number_)])}>"


def _record(record: Json, known: dict[str, Source], heading: str, address: Address) -> Lines:
    yield f"{heading} {link(record_title(record), address(record['href']))}"
    if record["summary"]:
        yield plain(record["summary"])
    if "text" in record:
        yield quotation(record["text"])
    listed = [("Type", term(record["type"]))]
    listed += [
        (fact.label, "; ".join(_words(found, address) for found in fact.values))
        for fact in facts(record)
    ]
    if record["topics"]:
        listed.append(("Topics", ", ".join(term(topic) for topic in record["topics"])))
    if record["type"] == "document" and (url := links.web_address(record["url"])):
        listed.append(("Address", f"<{url}>"))
    yield "\n".join(f"- **{label}:** {said}" for label, said in listed)
    if not record["evidence"]:
        return
    yield "The words that prove it:"
    for proof in record["evidence"]:
        yield quotation(proof["exact"])
        yield _spoken(record, proof, known[proof["document"]["id"]])


def _spoken(record: Json, proof: Json, source: Source) -> str:
    """In whose voice a passage speaks, where it stands, and what it proves."""
    said = voice(record, proof, source)
    title = link(f"“{source.title}”", links.web_address(proof["url"]) or source.url)
    dated = f", {day(source.published)}" if source.published else ""
    start, end = proof["start"], proof["end"]
    # A person counts from 1, and means both ends.
    place = "" if start is None else f", characters {start + 1} to {end}"
    return f"{plain(begun(said))}: {title}{dated}{place}. It proves: {fields(proof['fields'])}."


def _words(found: Words, address: Address) -> str:
    text = link(found.text, address(found.href) if found.href else None)
    return f"{text} ({plain(found.note)})" if found.note else text


def _of_list(record: Json, known: dict[str, Source], address: Address) -> Lines:
    return _record(record, known, "##", address)


def _hit(hit: Json, _: dict[str, Source], address: Address) -> Lines:
    yield f"## {link(record_title(hit), address(hit['href']))}"
    if hit["summary"]:
        yield plain(hit["summary"])
    dated = [f"- **Date:** {day(hit['date'])}"] if hit["date"] else []
    if hit["type"] == RecordType.COMMITMENT:
        dated = [f"- **Due:** {day(hit['date']) if hit['date'] else UNKNOWN}"]
    matches = [
        f"- **Found in {term(match['field'])}:** "
        + plain("".join(piece["text"] for piece in match["text"]))
        for match in hit["matches"]
    ]
    yield "\n".join([f"- **Type:** {term(hit['type'])}", *dated, *matches])


def _change(change: Json, known: dict[str, Source], address: Address) -> Lines:
    yield f"## {plain(happened(change))}"
    history = link("Its history", address(links.history_of(change["record"]["href"])))
    yield f"{plain(' '.join(told(change)))} {history}"
    if whole := record_of(change):
        yield "It said:" if change["action"] == "withdrawn" else "It says:"
        yield from _record(dict(whole), known, "###", address)
    elif found := differences(change):
        yield "\n".join(
            f"- **{plain(each.where)}:** before {plain(each.before)}; after {plain(each.after)}"
            for each in found
        )


def _listed_release(release: Json, _: dict[str, Source], address: Address) -> Lines:
    return _release(release, "##", address)


def _release(release: Json, heading: str, address: Address) -> Lines:
    url = address(links.release_path(release["number"]))
    yield f"{heading} [Release {release['number']}]({url})"
    if release["message"]:
        yield plain(release["message"])
    changes = release["changes"] or {}
    rows = [
        ("Published", release["published_at"]),
        ("Holds", ", ".join(counted(n, name) for name, n in release["counts"].items())),
        ("Changes", ", ".join(f"{number(n)} {name}" for name, n in changes.items()) or "not known"),
        ("Digest of its content (SHA-256)", release["digest"]),
    ]
    yield "\n".join(f"- **{label}:** {said}" for label, said in rows)


_ITEMS = {
    Content.LIST: _of_list,
    Content.HITS: _hit,
    Content.CHANGES: _change,
    Content.RELEASES: _listed_release,
}


# In the order of https://llmstxt.org: what it is, how to use it, where to go.
_INDEX = """\
# {name}

> {about}

This is release {release}, {published}. Every record but documents and their publishers has the
passages that prove it, each with its document and in whose voice it speaks: `reported` by the
source, `attributed` by it to someone, or a `direct_quote`. What is not known is left open, and a
date is only as exact as its source.

Add `format=md` to the query of any address for Markdown, `format=json` for JSON. A filter that is
repeated means *or*, different ones mean *and*: `{base}/commitments?by=japan&format=md`. What is
wrong in a query is answered with what to type instead. To cite a record: `format=citation`.

## Records

{resources}

## Search and changes

- [Search]({search}): records of all types, by the words in `q`.
- [Changes]({changes}): what changed from release to release.
- [Releases]({releases}): the states of the data set; `as_of` asks an older one.

## For programs

- [OpenAPI]({base}/openapi.json): every path, parameter and field.
- [Documentation]({base}/docs): the same for people.
- [Bundle]({base}/releases/{release}/bundle.json): the whole data set as one file."""


def _index(found: Json, address: Address, base: str) -> str:
    """What there is, and how to ask."""
    resources = "\n".join(
        f"- [{kind['name'].capitalize()}]({address(kind['href'] + '?format=md')}): "
        f"{kind['about']} {number(kind['count'])} in all."
        for kind in found["resources"]
    )
    return _INDEX.format(
        name=found["name"],
        about=found["about"],
        release=found["release"]["number"],
        published=day(found["release"]["published_at"]),
        base=base,
        search=address("/search?q=japan&format=md"),
        changes=address("/changes?format=md"),
        releases=address("/releases?format=md"),
        resources=resources,
    )
