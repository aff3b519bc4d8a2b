"""Citations, as reference managers read them."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import httpx2 as httpx
import pytest
import rispy  # type: ignore[import-untyped] # it has no types
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import LatexDecodingMiddleware
from citeproc import (  # type: ignore[import-untyped] # it has no types
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON  # type: ignore[import-untyped] # it has no types

from app.formats import Content, showing
from app.vocabulary import RecordType
from tests.builders import a_bundle, a_document, a_proof, a_quote, an_actor, write
from tests.conftest import client_of, load, server_of
from tests.needs import tex

WITHIN = str.maketrans('“”"', "‘’'")
FORMS = ["citation", "bibtex", "ris", "csl"]
ARTICLE = "https://rednationtoday.com/japan-teams-up-with-u-s-to-counter-chinese-menace/"
HEADLINE = "Japan Teams Up With U.S. To Counter Chinese Menace"


def entry(text: str) -> dict[str, str]:
    """The fields of the one BibTeX entry, decoded, and its key."""
    library = parse_string(text, append_middleware=[LatexDecodingMiddleware()])
    assert library.failed_blocks == []
    [only] = library.entries
    # Braces within a value keep a title's capitals and a name in one piece.
    fields = {field.key: str(field.value).strip("{}") for field in only.fields}
    return {"key": only.key, **fields}


def reference(text: str) -> dict[str, Any]:
    """The one RIS reference."""
    [only] = rispy.loads(text)
    fields: dict[str, Any] = only
    return fields


def bibliography(text: str) -> str:
    """What a citation processor makes of CSL-JSON, in a common style."""
    items = json.loads(text)
    style = CitationStylesStyle("harvard-cite-them-right", validate=False)
    made = CitationStylesBibliography(style, CiteProcJSON(items), formatter.plain)
    made.register(Citation([CitationItem(item["id"]) for item in items]))
    return "\n".join(str(line) for line in made.bibliography())


def cited(client: httpx.Client, path: str, name: str) -> str:
    answer = client.get(path, params={"format": name})
    assert answer.status_code == 200, answer.text
    return answer.text


def as_of(client: httpx.Client, path: str) -> str:
    return f"{str(client.base_url).rstrip('/')}{path}?as_of=1"


@pytest.mark.parametrize("kind", RecordType)
def test_every_record_is_cited_so_that_it_can_be_checked(
    client: httpx.Client, kind: RecordType
) -> None:
    for record in client.get(f"/{kind.plural}?limit=200").json()["items"]:
        path, address = record["href"], as_of(client, record["href"])
        title = record.get("title") or record["text"].split("—")[0][:60]
        texts = {name: cited(client, path, name) for name in FORMS}
        within = title.translate(WITHIN)
        assert f"“{within}" in texts["citation"]
        assert not re.search("“[^”]*“", texts["citation"]), "one mark stands within its like"
        assert title in entry(texts["bibtex"])["title"]
        assert title in reference(texts["ris"])["title"]
        assert title in bibliography(texts["csl"])
        documents = {proof["document"]["title"] for proof in record["evidence"]}
        for text in texts.values():
            assert address in text.replace("\\_", "_")
            assert [name for name in documents if name not in text] == []
        assert client.get(address).status_code == 200


def test_a_promise_is_cited_with_its_source(client: httpx.Client) -> None:
    path = "/commitments/japan-us-investment"
    address, title = as_of(client, path), "$1 trillion investment in the U.S. economy"
    date = client.get("/releases/1").json()["published_at"][:10]
    source = f"“{HEADLINE}”, Red Nation Today, {ARTICLE}"

    sentence = cited(client, path, "citation")
    assert sentence.startswith(
        f"“{title}”, according to Japan, as reported by Red Nation Today: {source}; Readout, "
    )
    assert "[" not in sentence
    assert sentence.endswith(f", {address}\n")
    assert sentence.count("\n") == 1

    bibtex = entry(cited(client, path, "bibtex"))
    assert bibtex["key"] == "readout-commitment-japan-us-investment-r1"
    assert (bibtex["title"], bibtex["url"]) == (title, address)
    assert (bibtex["urldate"], bibtex["date"], bibtex["year"]) == (date, date, date[:4])
    assert source in bibtex["note"]

    ris = reference(cited(client, path, "ris"))
    assert (ris["title"], ris["urls"]) == (title, [address])
    assert ris["access_date"] == date.replace("-", "/") + "/"
    assert source in ris["notes"][0]

    [csl] = json.loads(cited(client, path, "csl"))
    assert (csl["title"], csl["URL"]) == (title, address)
    assert csl["accessed"]["date-parts"] == [[int(part) for part in date.split("-")]]
    assert csl["version"] == "release 1"
    assert source in csl["note"]


def test_a_document_cites_itself(client: httpx.Client) -> None:
    path = "/documents/daily-tribune-ishiba-trump"
    url = client.get(path).json()["url"]
    assert entry(cited(client, path, "bibtex"))["date"] == "2025-02-10"
    ris = reference(cited(client, path, "ris"))
    assert (ris["type_of_reference"], ris["urls"]) == ("NEWS", [url])
    assert (ris["publisher"], ris["date"]) == ("The Daily Tribune", "2025/02/10/")
    [csl] = json.loads(cited(client, path, "csl"))
    assert (csl["type"], csl["URL"]) == ("article-newspaper", url)
    assert csl["issued"]["date-parts"] == [[2025, 2, 10]]
    assert cited(client, path, "citation").startswith(
        "“The Daily Tribune, 10 February 2025”, The Daily Tribune, 10 February 2025, "
        f"{url}; Readout, release 1, "
    )
    # One that nobody has seen itself is known through another.
    statement = cited(client, "/documents/joint-leaders-statement-text", "citation")
    assert f"; known through “{HEADLINE}”" in statement


@pytest.mark.parametrize("name", FORMS)
def test_no_address_ends_with_a_period(client: httpx.Client, name: str) -> None:
    for path in ("/documents/daily-tribune-ishiba-trump", "/summits/us-japan-2025-02"):
        assert re.findall(r"https?://\S+?[.](?=[\s\"}]|$)", cited(client, path, name)) == []


def test_further_sources_are_named(client: httpx.Client) -> None:
    text = cited(client, "/summits/us-japan-2025-02", "citation")
    assert "; also proven by “The Daily Tribune, 10 February 2025”" in text


LONG = "We shall not yield, " * 8 + 'and "never, ever" (as "they" say) will.'


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of what is written in other languages, by somebody with a comma in the name."""
    folder = tmp_path_factory.mktemp("foreign")
    ministry = an_actor("ministry", title="Ministry of Foreign Affairs, Japan")
    bundle = a_bundle(
        actors=[an_actor(), ministry],
        documents=[a_document(language="ja", title="日米首脳会談", author="ministry")],
        quotes=[
            a_quote(
                text=LONG, language="zh-Hant", evidence=[a_proof("text", "speaker", passage=LONG)]
            )
        ],
    )
    load([write(folder / "foreign.json", bundle)], folder / "readout.db")
    with server_of(folder / "readout.db") as server, httpx.Client(base_url=server.url) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "tag", "name"),
    [
        ("/documents/report", "ja", "japanese"),
        ("/quotes/words", "zh-Hant", ""),
        ("/actors/japan", "en", "english"),
    ],
)
def test_the_language_of_what_is_cited_is_said(
    foreign: httpx.Client, path: str, tag: str, name: str
) -> None:
    bibtex = entry(cited(foreign, path, "bibtex"))
    assert (bibtex["language"], bibtex.get("langid", "")) == (tag, name)
    assert reference(cited(foreign, path, "ris"))["language"] == tag
    assert json.loads(cited(foreign, path, "csl"))[0]["language"] == tag
    assert foreign.get(path).headers["content-language"] == "en"


def test_what_is_in_another_language_is_marked_in_feeds(foreign: httpx.Client) -> None:
    for path, tag in (("/documents", "ja"), ("/quotes", "zh-Hant"), ("/actors", None)):
        [item, *_] = foreign.get(f"{path}?format=jsonfeed").json()["items"]
        assert item.get("language") == tag
        root = ET.fromstring(foreign.get(f"{path}?format=atom").text)  # noqa: S314 - our own
        title = root.find("{*}entry/{*}title")
        assert title is not None
        assert title.get("{http://www.w3.org/XML/1998/namespace}lang") == tag
        quoted = '<blockquote lang="zh-Hant">' in item["content_html"]
        assert quoted == (path == "/quotes")


def test_nobody_is_taken_apart_at_a_comma(foreign: httpx.Client) -> None:
    ris = reference(cited(foreign, "/documents/report", "ris"))
    assert ris["authors"] == ["Ministry of Foreign Affairs - Japan"]
    assert "Ministry of Foreign Affairs, Japan" in cited(foreign, "/documents/report", "bibtex")


def test_a_quote_is_cited_to_its_end(foreign: httpx.Client) -> None:
    for name in FORMS:
        text = cited(foreign, "/quotes/words", name).replace("``", '"').replace("''", '"')
        said = LONG.translate(WITHIN) if name == "citation" else LONG
        assert said in text.replace('\\"', '"')


def test_bibtex_needs_no_package(foreign: httpx.Client) -> None:
    text = cited(foreign, "/quotes/words", "bibtex")
    assert "and ``never, ever'' (as ``they'' say) will." in text
    assert '"' not in text


def test_words_are_cited_as_their_speakers(client: httpx.Client) -> None:
    text = cited(client, "/quotes/trump-chinese-economic-aggression", "citation")
    assert ", Donald Trump, as quoted by Red Nation Today: “" in text


@pytest.mark.parametrize(("name", "end"), [("bibtex", "bib"), ("ris", "ris")])
def test_a_reference_is_saved_under_a_speaking_name(
    client: httpx.Client, name: str, end: str
) -> None:
    answer = client.get("/actors/japan", params={"format": name})
    saved = answer.headers["content-disposition"]
    assert re.fullmatch(rf'attachment; filename="readout-actors-japan-r1\.{end}"', saved)


def test_only_records_are_cited() -> None:
    assert {form.name for form in showing(Content.RECORD)} >= set(FORMS)
    assert not {form.name for form in showing(Content.LIST)} & set(FORMS)


# ruff: noqa: RUF001 - signs that look like others are what titles have
TITLES = [
    'A "quoted" title, “twice” and ‘once’ — or –, it’s …',
    "100 % & more_than {braces} } { ~ ^ \\ # $ \\end{document} \\input{x}",
    "Jonas Gahr Støre, Lech Wałęsa, Diyarbakır, Łódź, Gülşen, Đakovo, Ñandú, Øresund, Œuvre",
    "Þingvellir, Ðuro, Dąbrowa, „Zitat“, ‚so‘, « français », ‹ ici ›",
    "€ £ ¥ § ° ± × ÷ ½ ² № ™ → ≤ ≥ − CO₂ • ∞ µ 5′ 3″",
    "Decomposed é, and a\u00a0no-break, a thin\u2009and a narrow\u202fspace",
]


def test_every_title_compiles_in_a_plain_article(tmp_path: Path) -> None:
    pdflatex, bibtex = tex("pdflatex"), tex("bibtex")
    documents = [
        a_document(id=f"d{at}", title=title, publisher="press") for at, title in enumerate(TITLES)
    ]
    actors = [an_actor(), an_actor("press", kind="publisher", title="Presse & Söhne")]
    bundle = a_bundle(actors=actors, documents=[a_document(), *documents])
    load([write(tmp_path / "bundle.json", bundle)], tmp_path / "readout.db")
    with client_of(tmp_path / "readout.db") as client:
        entries = [cited(client, f"/documents/d{at}", "bibtex") for at in range(len(TITLES))]
    (tmp_path / "all.bib").write_text("\n".join(entries), encoding="utf-8")
    (tmp_path / "all.tex").write_text(
        "\\documentclass{article}\\begin{document}\\nocite{*}"
        "\\bibliographystyle{plain}\\bibliography{all}\\end{document}"
    )
    latex = (pdflatex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "all")
    fonts = {**os.environ, "TEXMFVAR": str(tmp_path / "texmf")}  # it makes what it needs
    for words in (latex, (bibtex, "all"), latex, latex):
        done = subprocess.run(
            words, cwd=tmp_path, env=fonts, capture_output=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout.decode("utf-8", "replace")[-1500:]
    assert (tmp_path / "all.pdf").stat().st_size > 10_000


@pytest.mark.parametrize("form", ["citation", "md", "html", "bibtex", "ris", "csl"])
def test_a_text_of_leaders_is_stated_by_them_and_not_by_its_publisher(
    hiroshima: httpx.Client, form: str
) -> None:
    answer = hiroshima.get(f"/commitments/g7-humanitarian-21-billion?format={form}").text
    assert "reported by The White House" not in answer.replace("Reported", "reported")
    assert "tated in" in answer
    assert "as published by The White House" in answer


def test_a_sum_that_is_not_pledged_is_not_denied(hiroshima: httpx.Client) -> None:
    answer = hiroshima.get("/commitments/g7-pgii-600-billion?format=md").text
    assert "up to $600 billion" in answer
    assert "none is given" not in answer
