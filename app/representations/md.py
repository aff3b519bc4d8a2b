"""Markdown (CommonMark): records and lists for a note, or for a language model.

No text of a record is markup there, or a link.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from app import links
from app.formats import Content
from app.paging import Page
from app.representations.facts import UNKNOWN, Words, facts
from app.representations.html import environment
from app.representations.sources import Source, proofs_of, sources
from app.representations.values import Address, Body, One, View, addresses, next_as
from app.representations.wording import (
    begun,
    counted,
    day,
    differences,
    fields,
    happened,
    line,
    number,
    record_of,
    record_title,
    remarks,
    term,
)
from app.representations.words import in_words
from app.vocabulary import RecordType

Json = dict[str, Any]
Lines = Iterator[str]
# What CommonMark or GitHub's Markdown takes for markup inside of a line. A dollar before a figure
# is a sum of money, before anything else it may begin a formula.
_inline = re.compile(r"[\\`*_\[\]<>&|~@#]|\$(?!\d)|:(?=//)|(?<=www)\.", re.IGNORECASE)
# What begins a list, a heading or a rule where a line begins; words may stand there.
_first = re.compile(r"^(\d{0,9})([-+=.)])")


async def represent(answer: Page | One, view: View) -> Body:
    """An answer, as blocks with an empty line between them."""
    blocks = await (_one(answer, view) if isinstance(answer, One) else _list(answer, view))
    return ("\n\n".join(blocks) + "\n").encode()


async def _one(one: One, view: View) -> list[str]:
    value = orjson.loads(one.body)
    if one.params.content is Content.INDEX:
        index = environment().get_template("index.md")
        return [index.render(index=value, address=addresses(one, view), base=view.base)]
    if one.params.content is Content.RELEASE:
        return [*_release(value, {}, addresses(one, view), "#")]
    documents = await sources([value], view.release)
    blocks = [*_record(value, documents, addresses(one, view), "#")]
    return [*blocks, f"{_release_name(view)}: {_as_of(one.path, [], view)}"]


async def _list(page: Page, view: View) -> list[str]:
    items, content = page.records, page.params.content
    wholes = map(record_of, items) if content is Content.CHANGES else items
    documents = await sources(filter(None, wholes), view.release)
    pairs = page.params.pairs("cursor", "format", "as_of")
    count = f"{number(page.total)} in all, {number(len(items))} on this page."
    blocks = [
        f"# {plain(await in_words(page, view.release))}",
        f"{count} {_release_name(view)}: {_as_of(page.path, pairs, view)}",
    ]
    address = addresses(page, view)
    for item in items:
        blocks += _ITEMS[content](item, documents, address)
    if following := next_as(page, "md"):
        blocks.append(link("Next page", view.base + following))
    return blocks


def _release_name(view: View) -> str:
    info = view.release.info
    return f"Readout, release {info.number}, {day(info.published_at)}"


def _as_of(path: str, pairs: links.Pairs, view: View) -> str:
    """An address that says the same for ever."""
    number_ = str(view.release.info.number)
    return f"<{view.base}{links.query_path(path, [*pairs, ('as_of', number_)])}>"


def _record(
    record: Json, documents: dict[str, Source], address: Address, heading: str = "##"
) -> Lines:
    yield f"{heading} {link(record_title(record), address(record['href']))}"
    if record["summary"]:
        yield plain(record["summary"])
    if "text" in record:
        yield quotation(record["text"])
    listed = [("Type", term(record["type"]))]
    listed += [
        (fact.label, "; ".join(_words(words, address) for words in fact.values))
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
    for proof in proofs_of(record, documents):
        yield quotation(proof["exact"])
        yield _spoken(proof)


def _spoken(proof: Json) -> str:
    """In whose voice a passage speaks, where it stands, and what it proves."""
    source, start, end = proof["source"], proof["start"], proof["end"]
    title = link(f"“{source.title}”", proof["url"] or source.url)
    dated = f", {day(source.published)}" if source.published else ""
    # A person counts from 1, and means both ends.
    place = "" if start is None else f", characters {start + 1} to {end}"
    voice = plain(begun(proof["voice"]))
    return f"{voice}: {title}{dated}{place}. It proves: {fields(proof['fields'])}."


def _words(words: Words, address: Address) -> str:
    text = link(words.text, address(words.href) if words.href else None)
    return f"{text} ({plain(words.note)})" if words.note else text


def _hit(hit: Json, _: Any, address: Address) -> Lines:
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


def _change(change: Json, documents: dict[str, Source], address: Address) -> Lines:
    yield f"## {plain(happened(change))}"
    history = link("Its history", address(links.history_of(change["record"]["href"])))
    yield f"{plain(' '.join(remarks(change)))} {history}"
    if whole := record_of(change):
        yield "It said:" if change["action"] == "withdrawn" else "It says:"
        yield from _record(dict(whole), documents, address, "###")
    elif values := differences(change):
        yield "\n".join(
            f"- **{plain(value.where)}:** before {plain(value.before)}; after {plain(value.after)}"
            for value in values
        )


def _release(release: Json, _: Any, address: Address, heading: str = "##") -> Lines:
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


_ITEMS: dict[Content, Callable[[Json, Any, Address], Lines]] = {
    Content.LIST: _record,
    Content.HITS: _hit,
    Content.CHANGES: _change,
    Content.RELEASES: _release,
}


def plain(text: str) -> str:
    """A text as Markdown that shows just this text, on one line."""
    marked = _inline.sub(lambda match: "\\" + match[0], line(text))
    return _first.sub(r"\1\\\2", marked)


def link(text: str, url: str | None) -> str:
    """A link, of which the text is no markup; just the text where there is no address."""
    if url is None:
        return plain(text)
    return f"[{plain(text)}]({f'<{url}>' if '(' in url or ')' in url else url})"


def quotation(text: str) -> str:
    """A text as a block of its own, its lines kept."""
    return "\n".join(f"> {plain(part)}".rstrip() for part in text.splitlines() or [""])
