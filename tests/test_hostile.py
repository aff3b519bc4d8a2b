"""Texts that mean harm go through every format of the table, and somebody else's parser reads them.

A format that is new needs a reader here: the test fails until it has one.
"""

import csv
import io
import itertools
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

import feedparser  # type: ignore[import-untyped] # it has no types
import html5lib  # type: ignore[import-untyped] # it has no types
import openpyxl  # type: ignore[import-untyped] # it has no types
import pytest
import rispy  # type: ignore[import-untyped] # it has no types
from bibtexparser.entrypoint import parse_string
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from openpyxl.utils.escape import unescape  # type: ignore[import-untyped] # as Excel reads XML
from PIL import Image
from rdflib import Graph
from starlette.testclient import TestClient

from app.formats import FORMATS, Content, Format
from app.representations.wording import line
from app.text import clean
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_measure,
    a_mention,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import client_of, load
from tests.test_markdown import links

# rdflib's own reader of JSON-LD uses what rdflib means to replace.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")

NASTY = [
    "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "' onmouseover='alert(1)",
    "</style></title><svg onload=alert(1)>", "]]><!--", "&lt;b&gt; &amp; &#60;i&#62;", "<i>&<b>",
    "\u202egnp.exe\u202c", "\u2066\u202e", "e" + "\u0301" * 250, "\ufffe\uffff\U0001ffff",
    '=cmd|"/C calc"!A0', "=1+1", "+1", "-2", "@SUM(A1)", '=HYPERLINK("http://evil.example")',
    "%0d%0aSet-Cookie: a=b", "two\nlines", "two\n\nTY  - JOUR\nER  - ", "ER  - ", "\u2028 \u0a00",
    "}, @comment{", "\\input{x} $x^2_3$ # % ~ {", '"quoted"', "{{7*7}} ${7*7} {% x %}", "{}{0}%s",
    "[x](javascript:alert(1))", "![x](http://evil.example)", "<javascript:alert(1)>", "http://evil.example",
    "`code` **b** ~~s~~ | a | b |", "# h", "- x", "1. x", "===", "    code", '{"@id": "x"}',
    "a,b;c", "../..", "null", "0x10", "1e5", "TRUE", "日本", "\U0001f1ef\U0001f1f5",
]  # fmt: skip
ADDRESSES = [
    "https://a.example/\"><script>alert(1)</script>", "https://a.example/{}\\^`|%0d%0a<>",
    "https://a.example/é\u202e", "https://a.example/(x)?y=z&z=1#f", "https://javascript:alert(1)@a.example/",
]  # fmt: skip
TEXT = st.sampled_from(NASTY) | st.text(
    st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40
).filter(lambda text: text.strip() != "" and clean(text) is None)
Texts = Iterator[str]
Reader = Callable[[bytes], str]


def said(entry: Typed, texts: Texts) -> Typed:
    """An entry whose proof has words of its own; those of a quote are in its text."""
    if "text" not in entry:
        entry["evidence"] = [proof | {"passage": next(texts)} for proof in entry["evidence"]]
    return entry


def a_world(texts: Texts, **lists: Any) -> Typed:
    """A data set with these texts wherever a text can stand."""
    person: Typed = {
        "kind": "person",
        "offices": [{"title": next(texts), "of": "japan"}],
        "aliases": [f"{next(texts)} too"],
    }
    at_meeting: Typed = {"summit": "meeting", "relation": "outcome"}
    figures = [a_measure(1e12, currency="USD"), a_measure(2.5, unit=next(texts), of=next(texts))]
    named = [a_mention("somebody")]
    world = a_bundle(
        actors=[
            an_actor(title=next(texts), summary=next(texts)),
            an_actor("somebody", title=next(texts), **person),
            an_actor("press", kind="publisher", title=next(texts)),
        ],
        documents=[
            a_document(title=next(texts), publisher="press", author="somebody", published="2025-02",
                       url=next(itertools.islice(ADDRESSES, len(next(texts)) % 5, None)))
        ],
        summits=[a_summit(title=next(texts), place=next(texts), summary=next(texts),
                         venue=next(texts), series=next(texts))],
        agreements=[an_agreement(title=next(texts), date="2025", **at_meeting)],
        commitments=[
            a_commitment(title=next(texts), measures=figures, by=["japan"], to=["somebody"],
                         summary=next(texts), agreement="framework", due="2030-01-02",
                         due_text=next(texts), condition=next(texts), mentions=named,
                         **at_meeting)
        ],
        quotes=[a_quote(text=f"words {next(texts)}", office=next(texts), speaker="somebody")],
    )  # fmt: skip
    for name in ("summits", "actors", "agreements", "commitments"):
        world[name] = [said(entry, texts) for entry in world[name]]
    return world | lists


PATHS = {
    Content.INDEX: ["/"],
    Content.LIST: ["/summits", "/actors", "/agreements", "/commitments", "/quotes", "/documents"],
    Content.RECORD: [
        "/summits/meeting", "/actors/somebody", "/agreements/framework", "/commitments/pledge",
        "/quotes/words", "/documents/report",
    ],
    Content.HITS: ["/search?q=words"],
    Content.CHANGES: ["/changes", "/commitments/pledge/history"],
    Content.RELEASES: ["/releases"],
    Content.RELEASE: ["/releases/2"],
    Content.PROBLEM: ["/commitments/gone", "/actors?q=%3Cscript%3E&topc=%22%3E%3Cscript%3E"],
}  # fmt: skip
REFUSED = {Content.PROBLEM: {410, 422}}
_FEED_TAGS = {"html", "head", "body", "p", "ul", "li", "a", "blockquote", "mark"}


def page(body: bytes) -> str:
    """A page has no script but our own files, no handler, and no link that runs anything."""
    root = html5lib.parse(body.decode(), namespaceHTMLElements=False)
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue  # a comment
        if element.tag == "script" and element.get("type") == "application/ld+json":
            json.loads(element.text)
        elif element.tag == "script":
            assert element.get("src", "").startswith("/static/")
        assert element.tag not in {"iframe", "object", "embed", "base", "meta http-equiv"}
        refuse_what_runs(element)
    return "".join(root.itertext())


def fragment(text: str) -> str:
    """The content of a feed's entry has a few plain elements."""
    root = html5lib.parse(text, namespaceHTMLElements=False)
    for element in root.iter():
        assert element.tag in _FEED_TAGS
        refuse_what_runs(element)
    return "".join(root.itertext())


def refuse_what_runs(element: ET.Element) -> None:
    for name, value in element.items():
        assert not name.startswith("on")
        if name in {"href", "src", "action", "formaction", "xlink:href"}:
            assert re.match(r"https?://|[/#?]|data:,|[a-z0-9.]*$", value), value
    assert element.get("src") != "x"


def plain_json(body: bytes) -> str:
    return strings(json.loads(body))


def strings(value: Any) -> str:
    """Every text in a value."""
    if isinstance(value, dict):
        return "\n".join(map(strings, value.values()))
    if isinstance(value, list):
        return "\n".join(map(strings, value))
    return str(value)


def json_ld(body: bytes) -> str:
    graph = Graph().parse(data=body.decode(), format="json-ld")
    # As triples on lines: an address that is none would break them.
    again = Graph().parse(data=graph.serialize(format="nt"), format="nt")
    assert len(again) == len(graph) > 0
    return "\n".join(str(value) for value in graph.objects())


def atom(body: bytes) -> str:
    root = ET.fromstring(body)  # noqa: S314 - our own
    assert {element.tag.partition("}")[0] for element in root.iter()} == {
        "{http://www.w3.org/2005/Atom"
    }
    feed = feedparser.parse(body)
    assert feed.bozo == 0
    contents = root.iter("{http://www.w3.org/2005/Atom}content")
    return "".join(root.itertext()) + "".join(fragment(content.text or "") for content in contents)


def json_feed(body: bytes) -> str:
    feed = json.loads(body)
    return strings(feed) + "".join(fragment(item["content_html"]) for item in feed["items"])


def markdown(body: bytes) -> str:
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(body.decode())
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in [*tokens, *inline]}
    assert not kinds & {"html_block", "html_inline", "image", "fence", "code_block", "table_open"}
    for url in links(body.decode()):
        assert re.match(r"https?://(testserver|127\.0\.0\.1:8000|.*a\.example)[:/]", url), url
    return "\n".join(
        "".join(child.content for child in token.children or ()) for token in tokens
    )  # fmt: skip


def one_line(body: bytes) -> str:
    text = body.decode()
    assert text.endswith("\n")
    assert text.splitlines() == [text[:-1]]
    return text


def bibtex(body: bytes) -> str:
    library = parse_string(body.decode())
    assert library.failed_blocks == []
    assert len(library.blocks) == len(library.entries) == 1
    keys = {"title", "author", "howpublished", "date", "year", "month", "url", "urldate", "note",
            "language", "langid"}  # fmt: skip
    [entry] = library.entries
    assert set(entry.fields_dict) <= keys
    for field in entry.fields:
        assert str(field.value).count("{") == str(field.value).count("}")
    return body.decode()


def ris(body: bytes) -> str:
    [reference] = rispy.loads(body.decode())
    assert "unknown_tag" not in reference
    assert body.decode().count("\r\n") == len(body.decode().splitlines())
    return strings(reference)


def csl(body: bytes) -> str:
    [item] = json.loads(body)
    assert not re.search(r"</?(i|b|sub|sup|sc|span)\b", json.dumps(item), re.IGNORECASE)
    return strings(item).replace("\u2060", "")


def table(body: bytes, dialect: type[csv.Dialect] = csv.excel) -> str:
    text = body.decode("utf-8-sig")
    rows = [*csv.reader(io.StringIO(text, newline=""), dialect, strict=True)]
    assert len({len(row) for row in rows}) == 1
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if re.match(r"[=+@\t\r]|-(?!\d+(\.\d+)?$)", cell)] == []
    return "\n".join(cells)


def lines_of_json(body: bytes) -> str:
    return strings([json.loads(part) for part in body.decode().split("\n") if part])


def workbook(body: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(body))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell.value for cell in cells if cell.data_type == "f"] == []
    for cell in cells:
        if cell.hyperlink and cell.hyperlink.target:
            assert re.match(r"https?://", cell.hyperlink.target)
    return "\n".join(unescape(str(cell.value)) for cell in cells)


def picture(body: bytes) -> str:
    with Image.open(io.BytesIO(body)) as image:
        image.load()
        assert image.format == "PNG"
    return ""  # no text of a record is in it but as it is drawn


READERS: dict[str, Reader] = {
    "json": plain_json,
    "html": page,
    "jsonld": json_ld,
    "atom": atom,
    "jsonfeed": json_feed,
    "md": markdown,
    "citation": one_line,
    "bibtex": bibtex,
    "ris": ris,
    "csl": csl,
    "csv": table,
    "tsv": lambda body: table(body, csv.excel_tab),
    "ndjson": lines_of_json,
    "xlsx": workbook,
    "png": picture,
}


@pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.name)
def test_every_format_has_a_reader(chosen: Format) -> None:
    assert chosen.name in READERS, f"give READERS a parser of {chosen.media_type}"


@pytest.mark.parametrize("chosen", FORMATS, ids=lambda chosen: chosen.name)
@settings(max_examples=3)
@given(texts=st.lists(TEXT, min_size=20, max_size=40))
@example(texts=NASTY)
@example(texts=[f"{text}\ufffe" for text in reversed(NASTY)])
def test_no_text_is_more_than_a_text(chosen: Format, texts: list[str]) -> None:
    with TemporaryDirectory() as folder:
        client, title = served(Path(folder, "readout.db"), texts)
        for content in sorted(chosen.shows & PATHS.keys(), key=str):
            for path in PATHS[content]:
                also = "&" if "?" in path else "?"
                answer = client.get(f"{path}{also}format={chosen.name}", follow_redirects=False)
                assert answer.status_code in REFUSED.get(content, {200}), answer.text
                for name, value in answer.headers.items():
                    assert re.fullmatch(r"[\x20-\x7e]*", value), name
                saved = answer.headers.get("content-disposition", 'attachment; filename="a"')
                assert re.fullmatch(r'attachment; filename="[a-z0-9.-]+"', saved)
                text = READERS[chosen.name](answer.content)
                if "/commitments" in path and content in {Content.LIST, Content.RECORD}:
                    assert seen(title) in seen(text) or chosen.name in {"bibtex", "png"}
    client.close()


def served(database: Path, texts: list[str]) -> tuple[TestClient, str]:
    """A client of a server with two releases of these texts, and the title of the commitment."""
    bundle, words = database.parent / "bundle.json", itertools.cycle(texts)
    first = a_world(words)
    first["commitments"].append(a_commitment(id="gone", title=next(words)))
    load([write(bundle, first)], database, message=next(words))
    gone = [{"type": "commitment", "id": "gone", "reason": next(words)}]
    world = a_world(itertools.cycle([*texts[1:], texts[0]]), withdrawn=gone)
    load([write(bundle, world)], database, message=next(words))
    client = client_of(database)
    return client, world["commitments"][0]["title"]


def seen(text: str) -> str:
    """A text as one sees it: what XML can't have is marked, a cell may begin with an apostrophe.

    In quotation marks, those of the text are others.
    """
    return re.sub(r"['\" ]", "", line(re.sub("[\ufffe\uffff]", "\ufffd", text)))


def test_a_strange_parameter_is_only_named_on_a_page() -> None:
    with TemporaryDirectory() as folder:
        client, _ = served(Path(folder, "readout.db"), ["a", *["b"] * 40])
        answer = client.get("/actors?%3Cscript%3E=1&format=html")
    assert answer.status_code == 200
    assert "<script> means nothing here" in page(answer.content)
