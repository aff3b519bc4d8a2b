"""Markdown, as CommonMark and GitHub's tables and strikethrough read it; and /llms.txt."""

import re

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from app.formats import Content, showing
from app.representations.md import link, plain, quotation
from app.representations.wording import line

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# What means something in some place or other, more often than chance would have it.
BEGINNINGS = [
    "",
    "",
    "- ",
    "+ ",
    "* ",
    "1. ",
    "12) ",
    "# ",
    "> ",
    "---",
    "===",
    "    ",
    "```",
    "|a|",
    "\n- ",
]
WORDS = st.lists(
    st.sampled_from([*"\\`*_[]()<>&|~@#$:.!-+=1 \n\t\"'{}", "http://a.b", "www.a.b", "<b>", "&lt;"])
    | st.characters(exclude_categories=["Cs"])
).map("".join)
MARKUP = st.builds(str.__add__, st.sampled_from(BEGINNINGS), WORDS)


def tokens(text: str) -> list[Token]:
    """Everything that a reader finds in a text, inline parts too."""
    blocks = READER.parse(text)
    return blocks + [child for token in blocks for child in token.children or ()]


def links(text: str) -> list[str]:
    return [str(token.attrs["href"]) for token in tokens(text) if token.type == "link_open"]


def words(text: str) -> str:
    return "".join(
        token.content for token in tokens(text) if token.type in {"text", "text_special"}
    )


@given(
    MARKUP,
    st.sampled_from(["{}", "# {}", "- **By:** {}", "> {}", "before {}; after", "before\n{}"]),
)
def test_a_text_is_no_markup(text: str, place: str) -> None:
    markdown = place.format(plain(text))
    expected = place.format("x" if line(text) else "")
    assert [token.type for token in READER.parse(markdown)] == [
        token.type for token in READER.parse(expected)
    ]
    assert line(text) in line(words(markdown))
    inline = {token.type for token in tokens(markdown)}
    assert not inline & {"link_open", "image", "html_inline", "html_block", "code_inline", "s_open"}
    assert not re.search(r"(?<!\\):(?=//)|(?i:www)\.", markdown)  # which some programs make links


@given(MARKUP)
def test_a_link_leads_where_it_should_and_shows_its_text(text: str) -> None:
    for url in ("https://a.b/c_(d)", "https://a.b/c?d=e&f=*g*", "http://a.b/#:~:text=%5Bx"):
        markdown = link(text, url)
        assert len(links(markdown)) == 1
        assert line(words(markdown)) == line(text)
    assert links(link(text, None)) == []


@given(MARKUP)
def test_a_quotation_is_a_quotation(text: str) -> None:
    parts = tokens(f"before\n\n{quotation(text)}\n\nafter")
    kinds = [token.type for token in parts if token.nesting == 1 and token.level == 0]
    assert kinds == ["paragraph_open", "blockquote_open", "paragraph_open"]


@pytest.mark.parametrize("path", ["/commitments/japan-us-investment", "/commitments?by=japan"])
def test_a_record_has_its_proof(client: httpx.Client, path: str) -> None:
    answer = client.get(path, headers={"accept": "text/markdown"})
    assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
    text = answer.text
    assert "> Japan announced a $1 trillion investment in the U.S. economy\n" in text
    assert "According to Japan, as reported by Red Nation Today: [“Japan Teams Up" in text
    assert "- **Sum:** $1 trillion (1,000,000,000,000 US dollars)\n" in text
    assert "- **Due:** the sources do not say\n" in text
    urls = links(text)
    base = str(client.base_url).rstrip("/")
    proofs = {proof["url"] for record in records(client, path) for proof in record["evidence"]}
    assert proofs <= {url.replace("%7E", "~") for url in urls}
    own = [url for url in urls if url.startswith(base)]
    assert own
    for url in set(own):
        assert client.get(url).status_code == 200


def records(client: httpx.Client, path: str) -> list[dict[str, list[dict[str, str]]]]:
    body: dict[str, list[dict[str, list[dict[str, str]]]]] = client.get(path).json()
    return body.get("items", [body])  # type: ignore[list-item] # a list, or a record


def test_words_that_were_said_stand_as_a_quotation(client: httpx.Client) -> None:
    quote = client.get("/quotes/trump-chinese-economic-aggression").json()
    text = client.get(f"{quote['href']}?format=md").text
    assert f"> {quote['text']}\n" in text
    assert "Donald Trump, as quoted by Red Nation Today:" in text


def test_pages_lead_to_each_other(client: httpx.Client) -> None:
    url: str | None = "/actors?limit=6"
    headers = {"accept": "text/markdown"}
    titles: list[str] = []
    while url:
        answer = client.get(url, headers=headers)
        assert answer.headers["content-type"] == "text/markdown; charset=utf-8"
        headers = {}
        titles += re.findall(r"^## \[(.*?)\]", answer.text, re.MULTILINE)
        following = re.search(r"\[Next page\]\((.*?)\)", answer.text)
        url = following[1] if following else None
    listed = client.get("/actors?limit=200").json()["items"]
    assert titles == [record["title"] for record in listed]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/search?q=senkaku", "- **Found in Summary:** "),
        ("/search?q=ties", "- **Type:** commitment, report\n- **By:** [Japan]("),
        ("/search?q=aggression", ") (as quoted by Red Nation Today)\n"),
        ("/changes", "## U.S.-Japan summit, February 2025 was added"),
        ("/releases", "## [Release 1]("),
        ("/releases/1", "- **Holds:** 1 summit, 17 actors,"),
        ("/documents/joint-leaders-statement-text", "- **Publisher:** not known"),
        ("/commitments/japan-us-investment/history", " was added"),
    ],
)
def test_other_answers_are_told(client: httpx.Client, path: str, said: str) -> None:
    assert said in client.get(path, headers={"accept": "text/markdown"}).text


def test_a_language_model_finds_its_way(client: httpx.Client) -> None:
    answer = client.get("/llms.txt")
    assert answer.status_code == 200
    assert answer.text == client.get("/?format=md").text
    kinds = [(token.type, token.tag) for token in READER.parse(answer.text)]
    assert kinds[0] == ("heading_open", "h1")
    assert kinds[3] == ("blockquote_open", "blockquote")
    urls = links(answer.text)
    assert len(urls) >= 12
    for url in urls:
        assert client.get(url).status_code == 200, url
    assert client.get("/llms.txt?x=1").status_code == 422
    etag = {"if-none-match": answer.headers["etag"]}
    assert client.get("/llms.txt", headers=etag).status_code == 304


def test_every_answer_but_a_status_a_problem_and_a_card_can_be_markdown() -> None:
    without = {content for content in Content if "md" not in {f.name for f in showing(content)}}
    assert without == {Content.STATUS, Content.PROBLEM, Content.CARD}


def test_a_search_that_finds_nothing_says_what_that_means(client: httpx.Client) -> None:
    nothing = client.get("/search?q=Isheba&format=md").text
    assert "what is not on record may have been said" in nothing
    [url] = [url for url in links(nothing) if "/search" in url and "as_of" not in url]
    assert "in all, " in client.get(url).text
    page = client.get("/search?q=Isheba", headers={"accept": "text/html"}).text
    assert "what is not on record may have been said" in page
    assert "may have been said" not in client.get("/search?q=Ishiba&format=md").text
