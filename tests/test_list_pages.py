"""Pages of lists, searches, changes, releases and problems: forms, rows, links, counts, words."""

import gzip
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped]  # it has no types
import httpx2 as httpx
import pytest

from tests.builders import a_bundle, a_commitment, a_summit, an_actor, an_agreement, write
from tests.conftest import Server, load, server_of

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LISTS = ["/summits", "/agreements", "/commitments", "/quotes", "/actors", "/documents"]
PAGES = ["/", *LISTS, "/search?q=japan", "/changes", "/releases", "/releases/1"]


class Page:
    """A page, parsed by somebody else's parser."""

    def __init__(self, client: httpx.Client, path: str, status: int = 200) -> None:
        self.response = client.get(path, headers=BROWSER)
        assert self.response.status_code == status, self.response.text
        assert self.response.headers["content-type"].startswith("text/html")
        parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
        self.root: Element = parser.parse(self.response.text)

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """Every element with these attributes (`class_` for one class of several)."""
        one = attributes.pop("class_", None)
        return [
            element
            for element in self.root.iter(tag)
            if all(element.get(name) == value for name, value in attributes.items())
            and (one is None or one in element.get("class", "").split())
        ]

    def the(self, tag: str, **attributes: str) -> Element:
        """The one element with these attributes."""
        (element,) = self.all(tag, **attributes)
        return element

    @property
    def rows(self) -> list[Element]:
        """The rows of a list."""
        return self.all("li", class_="row")

    @property
    def checkboxes(self) -> list[tuple[str, str, bool, int | None]]:
        """The name and value of each, whether it is checked, and the count beside it."""
        boxes = []
        for label in self.root.iter("label"):
            box, count = label.find("input"), label.find("small")
            if box is not None and box.get("type") == "checkbox":
                number = None if count is None else int(text(count).replace(",", ""))
                checked = box.get("checked") is not None
                boxes.append((str(box.get("name")), str(box.get("value")), checked, number))
        return boxes


def text(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def href(element: Element) -> str:
    """Where the first link in an element leads."""
    return str(next(element.iter("a")).get("href"))


def total(client: httpx.Client, path: str) -> int:
    """What the API says of the same query."""
    count: int = client.get(path).json()["total"]
    return count


def test_a_form_shows_what_was_asked(client: httpx.Client) -> None:
    page = Page(
        client, "/commitments?by=japan&topic=defense&topic=energy&until=2030&sort=-amount&as_of=1"
    )
    checked = {(name, value) for name, value, on, _ in page.checkboxes if on}
    assert checked == {("by", "japan"), ("topic", "defense"), ("topic", "energy")}
    assert page.the("input", name="until").get("value") == "2030"
    form = page.the("form", id="filter")
    assert form.get("action") == "/commitments"
    assert [e.get("value") for e in form.iter("input") if e.get("name") == "as_of"] == ["1"]
    chosen = [o.get("value") for o in page.all("option") if o.get("selected") is not None]
    assert chosen == ["-amount"]
    assert page.the("select", name="sort").get("form") == "filter"


def test_what_a_form_sends_is_answered(client: httpx.Client) -> None:
    """Every control of it, the empty ones too, as a browser does."""
    for path in LISTS:
        page = Page(client, path)
        controls = [e for e in page.the("form", id="filter").iter("input") if e.get("name")]
        sent = [
            (str(e.get("name")), e.get("value") or "")
            for e in controls
            if e.get("type") != "checkbox"
        ]
        answered = client.get(path, params=[*sent, ("sort", "title"), ("q", "")], headers=BROWSER)
        assert answered.status_code == (422 if path == "/quotes" else 200)


@pytest.mark.parametrize(
    "path", ["/commitments?by=japan&kind=investment", "/agreements", "/quotes"]
)
def test_each_count_is_what_its_box_would_find(client: httpx.Client, path: str) -> None:
    """Under the other filters as they are, whatever else of the same filter is checked."""
    pairs = parse_qsl(urlsplit(path).query)
    boxes = Page(client, path).checkboxes
    assert len(boxes) > 10
    for name, value, _, count in boxes:
        others = [pair for pair in pairs if pair[0] != name]
        alone = client.get(urlsplit(path).path, params=[*others, (name, value)]).json()["total"]
        # What alone can be chosen is not counted.
        assert count == alone or (name, count) == ("open", None), (name, value)


def test_each_filter_can_be_taken_back_by_itself(client: httpx.Client) -> None:
    path = "/commitments?by=japan&by=united-states&topic=defense&q=japan"
    (chips,) = Page(client, path).all("ul", class_="chips")
    links = {text(next(chip.iter("bdi"))): href(chip) for chip in chips}
    assert set(links) == {
        "by Japan", "by United States", "on defense", "matching “japan”",
    }  # fmt: skip
    without = links["by Japan"]
    assert parse_qsl(urlsplit(without).query) == [
        ("q", "japan"), ("topic", "defense"), ("by", "united-states"),
    ]  # fmt: skip
    assert total(client, without) <= total(client, path)


@pytest.mark.parametrize("path", LISTS)
def test_each_row_is_its_record_with_its_main_proof(client: httpx.Client, path: str) -> None:
    rows, items = Page(client, path).rows, client.get(path).json()["items"]
    assert [href(row) for row in rows] == [item["href"] for item in items]
    for row, item in zip(rows, items, strict=True):
        assert (item.get("title") or f"“{item['text']}”") in text(row)
        if not item["evidence"]:
            continue
        proof = item["evidence"][0]
        assert [*row.iter("mark")] == []
        said_already = item["type"] == "quote" and item["text"] in proof["exact"]
        proven = item["text"] if said_already else proof["exact"]
        assert " ".join(proven.split()) in text(row)
        assert any(voice in text(row) for voice in ("reported", "quoted", "attributed"))


def test_only_the_words_of_a_query_are_marked_in_a_passage_that_has_them(
    client: httpx.Client,
) -> None:
    rows = Page(client, "/commitments?q=announced").rows
    marks = [text(mark) for row in rows for mark in row.iter("mark")]
    assert {mark.lower() for mark in marks} <= {"announced", "announces", "announce"}
    assert len(marks) >= len(rows) > 0


def test_a_row_says_who_whom_how_much_and_what_it_is(client: httpx.Client) -> None:
    rows = {href(row): text(row) for row in Page(client, "/commitments?by=japan").rows}
    said = rows["/commitments/japan-us-investment"]
    deed = rows["/commitments/japan-lifting-of-restrictions-on-license-produced-weapons"]
    assert "Deed Japan" in deed
    assert "due" not in said
    for part in ("Japan → to United States", "$1 trillion", "announced",
                 "reported by Red Nation Today"):  # fmt: skip
        assert part in said


def test_a_list_is_walked_to_its_end_and_back(client: httpx.Client) -> None:
    path, seen = "/agreements?limit=4", []
    page = Page(client, path)
    assert not [a for a in page.all("a") if text(a) == "Back to the start"]
    while True:
        seen += [href(row) for row in page.rows]
        following = page.all("a", rel="next")
        if not following:
            break
        page = Page(client, str(following[0].get("href")))
        assert page.all("meta", name="robots", content="noindex")
    assert seen == [item["href"] for item in client.get("/agreements").json()["items"]]
    (back,) = [a for a in page.all("a") if text(a) == "Back to the start"]
    assert back.get("href") == path


def test_a_list_can_be_taken_along_as_it_is(client: httpx.Client) -> None:
    path = "/commitments?by=japan&q=%22u.s.+economy%22"
    page = Page(client, path)
    taken = page.the("section", class_="take")
    links = [str(a.get("href")) for a in taken.iter("a")]
    alternates = [str(e.get("href")) for e in page.all("link", rel="alternate")]
    # A double click opens a table with its bytes in the right order.
    assert any(link.endswith("format=csv&bom=1") for link in links)
    plain = [link.removesuffix("&bom=1") for link in links]
    assert sorted(plain) == sorted(a for a in alternates if "format=html" not in a)
    for link in links:
        assert client.get(link).status_code == 200
    command, address = shlex.split(text(page.the("code", id="command")))
    assert command == "curl"
    got = client.get(address, headers={"accept": "*/*"}).json()
    assert [item["href"] for item in got["items"]] == [href(row) for row in page.rows]
    assert got["query"]["q"] == '"u.s. economy"'


def test_a_list_with_nothing_in_it_says_which_filter_to_give_up(client: httpx.Client) -> None:
    page = Page(client, "/commitments?by=japan&topic=health")
    assert page.rows == []
    (nothing,) = page.all("div", class_="nothing")
    widened = {href(item): text(item) for item in nothing.iter("li")}
    assert len(widened) == 2
    for link, words in widened.items():
        count = total(client, link)
        assert words.endswith(f": {count} records" if count else ": still none")


def test_a_search_shows_what_it_found_by_type(client: httpx.Client) -> None:
    page = Page(client, "/search?q=japan&limit=50")
    counts = client.get("/search?q=japan&facet=type").json()["facets"]["type"]
    sections = {text(s.find("h2")): s for s in page.all("section", class_="hits")}  # type: ignore[arg-type] # each has one
    assert set(sections) == {f"{one['value'].capitalize()}s {one['count']}" for one in counts}
    for heading, section in sections.items():
        assert len([*section.iter("li")]) == int(heading.split()[1])
    marked = [text(mark).lower() for mark in page.all("mark")]
    assert marked
    assert set(marked) == {"japan"}


def test_a_title_is_marked_as_the_json_says(client: httpx.Client) -> None:
    for words in ("japan", "ishiba", "u.s. steel", "the president", "peace -trump"):
        path = f"/search?q={quote(words)}&limit=200"
        rows = {href(row): row for row in Page(client, path).rows}
        for hit in client.get(path).json()["items"]:
            (heading,) = rows[hit["href"]].iter("h3")
            shown = f"“{hit['title']}”" if hit["type"] == "quote" else hit["title"]
            (link,) = heading.iter("a")
            assert text(link) == text(heading) == shown
            matches = [one["text"] for one in hit["matches"] if one["field"] == "title"]
            marked = [text(mark) for mark in link.iter("mark")]
            if hit["type"] != "quote":
                expected = [piece["text"] for match in matches for piece in match if piece["match"]]
                assert marked == expected
            assert all(each in shown for each in marked)


def test_a_search_says_what_is_no_promise_no_whole_one_and_no_outcome(
    client: httpx.Client,
) -> None:
    records = client.get("/commitments?limit=200").json()["items"]
    said: set[str] = set()
    for record in records:
        found = f"/search?q={quote(record['title'])}&type=commitment&limit=200"
        (hit,) = (h for h in client.get(found).json()["items"] if h["id"] == record["id"])
        keys = ("act", "relation", "part_of")
        assert [hit[key] for key in keys] == [record[key] for key in keys]
        row = next(r for r in Page(client, found).rows if leads_to(r, record["href"]))
        tags = {text(tag) for tag in row.iter("b") if tag.get("class") == "tag"}
        assert ("Report" in tags) == (record["act"] == "report")
        assert ("Deed" in tags) == (record["act"] == "deed")
        assert ("Part" in tags) == (record["part_of"] is not None)
        assert ("Context" in tags) == (record["relation"] == "context")
        said |= tags
    assert {"Report", "Deed", "Part"} <= said


def leads_to(row: Element, href: str) -> bool:
    """Whether a link in a row leads to this path."""
    return any(urlsplit(link.get("href", "")).path == href for link in row.iter("a"))


def test_a_list_says_in_which_role_a_party_took_part(tmp_path: Path) -> None:
    parties = [{"actor": "japan"}, {"actor": "peru", "role": "witness"}]
    met = [{"actor": "japan", "role": "country"}, {"actor": "peru", "role": "observer"}]
    content = a_bundle(
        actors=[an_actor(), an_actor("peru")],
        agreements=[an_agreement(parties=parties)],
        summits=[a_summit(participants=met)],
    )
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with server_of(tmp_path / "readout.db") as own, httpx.Client(base_url=own.url) as client:
        (row,) = Page(client, "/agreements").rows
        assert "Framework · Japan and Peru (witness) “the words" in text(row)
        (row,) = Page(client, "/search?q=framework").rows
        assert "Japan and Peru (witness) · " in text(row)
        (row,) = Page(client, "/summits").rows
        assert "Japan, Peru (observer)" in text(row)


def test_a_promise_that_was_found_has_the_day_when_it_was_made(tmp_path: Path) -> None:
    """The day on which it is due, or that of its agreement, is not taken for it."""
    promises = [
        a_commitment(
            id="park", title="A solar park", date="2026", due="2030", agreement="framework"
        ),
        a_commitment(id="plan", title="A solar plan", agreement="framework"),
    ]
    content = a_bundle(
        agreements=[an_agreement(date="2025-02-07", title="Solar words")], commitments=promises
    )
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with server_of(tmp_path / "readout.db") as own, httpx.Client(base_url=own.url) as client:
        rows = {href(row): text(row) for row in Page(client, "/search?q=solar").rows}
        assert "2026" in rows["/commitments/park"]
        assert "date not given" in rows["/commitments/plan"]
        assert "7 February 2025" in rows["/agreements/framework"]
        assert "2030" not in "".join(rows.values())
        assert "due" not in "".join(rows.values())
        markdown = client.get("/search?q=solar&format=md").text
        assert "- **Date:** 2026\n" in markdown
        assert "Due" not in markdown
        assert "- **Date:** 7 February 2025\n" in markdown


def test_a_page_of_a_search_says_how_many_of_a_type_it_has(client: httpx.Client) -> None:
    counts = client.get("/search?q=japan&facet=type").json()["facets"]["type"]
    totals = {one["value"]: one["count"] for one in counts}
    page = Page(client, "/search?q=japan&limit=3")
    assert sum(totals.values()) > 3
    for section in page.all("section", class_="hits"):
        number = len([*section.iter("li")])
        (heading,) = section.iter("h2")
        kind = text(heading).split()[0].lower().removesuffix("s")
        here = f"{number} of {totals[kind]}" if number < totals[kind] else str(number)
        assert text(heading).partition(" ")[2] == here


def test_no_quotation_mark_is_doubled(client: httpx.Client) -> None:
    for path in LISTS:
        for proof in Page(client, f"{path}?limit=200").all("p", class_="proof"):
            assert not {"““", "””", '“"', '"”'} & {text(proof)[i : i + 2] for i in range(400)}


def test_filters_are_skipped_only_where_there_are_some(client: httpx.Client) -> None:
    assert Page(client, "/agreements").all("a", class_="hop")
    for path in ("/agreements", "/actors/japan/history", "/search?q=japan"):
        page = Page(client, path)
        controls = [
            box for type_ in ("checkbox", "radio", "text") for box in page.all("input", type=type_)
        ]
        assert bool(page.all("a", class_="hop")) == bool(controls)


def test_an_id_is_typed_as_text(client: httpx.Client) -> None:
    for path in ("/commitments?by=japan&topic=health", "/agreements?q=nosuchword"):
        for box in Page(client, path).all("input", type="text"):
            if box.get("name") in {"actor", "by", "to"}:
                assert box.get("inputmode") is None
                assert "united-states" in box.get("placeholder", "")
    (since,) = Page(client, "/changes?since_release=1").all("input", name="since_release")
    assert since.get("inputmode") == "numeric"


@pytest.mark.parametrize(
    ("query", "wider"),
    [
        ("/quotes?speaker=united-states", "/quotes?actor=united-states"),
        ("/quotes?topic=defense&speaker=united-states", None),
        ("/quotes?actor=japan&speaker=united-states", None),
        ("/quotes?speaker=alaska-lng-project", None),
        ("/quotes?speaker=joint-leaders-statement-text&since=2026", None),
        ("/quotes?speaker=united-states&speaker=joint-leaders-statement-text&since=2026", None),
    ],
)
def test_who_did_nothing_itself_is_shown_through_others(
    client: httpx.Client, query: str, wider: str | None
) -> None:
    (nothing,) = Page(client, query).all("div", class_="nothing")
    links = [link for link in nothing.iter("a") if "actor=united-states" in link.get("href", "")]
    links = [link for link in links if "speaker=" not in link.get("href", "")]
    assert [link.get("href") for link in links] == ([wider] if wider else [])
    if wider:
        total = client.get(wider).json()["total"]
        assert text(links[0]) == "Quotes of United States"
        assert f": {total} record" in text(nothing).partition("Quotes of United States")[2]


def test_it_is_said_that_nothing_has_changed(client: httpx.Client) -> None:
    (nothing,) = Page(client, "/changes?since_release=1").all("div", class_="nothing")
    assert text(nothing).startswith("Nothing has changed since release 1 ")
    (nothing,) = Page(client, "/changes?action=withdrawn").all("div", class_="nothing")
    assert text(nothing).startswith("Nothing matches all of this ")
    (row,) = nothing.iter("li")
    assert text(row).startswith("without “by which a record was withdrawn”: ")
    assert text(row).endswith(" changes")


def test_a_row_names_all_of_whom_its_passage_tells(client: httpx.Client) -> None:
    rows = {href(row): text(row) for row in Page(client, "/agreements").rows}
    both = rows["/agreements/opposition-to-chinese-maritime-actions"]
    assert "according to Donald Trump and Shigeru Ishiba, as reported by" in both


def test_a_search_that_finds_nothing_suggests_something(client: httpx.Client) -> None:
    page = Page(client, "/search?q=jpan")
    (nothing,) = page.all("div", class_="nothing")
    assert "/actors/japan" in [a.get("href") for a in nothing.iter("a")]
    # Nothing could be typed there that would find something.
    assert not page.all("input", type="text")
    page = Page(client, "/search?q=japan+missilesque&type=commitment")
    (nothing,) = page.all("div", class_="nothing")
    links = [item for item in nothing.iter("li") if "records" in text(item)]
    assert links
    for item in links:
        assert text(item).endswith(f": {total(client, href(item))} records")


def test_who_asks_for_nothing_gets_a_place_to_ask(client: httpx.Client) -> None:
    """The status stays that of the query, which a program would have to mend."""
    page = Page(client, "/search", 422)
    assert text(page.the("h1")) == "Search the record"
    assert page.the("input", name="q").get("value") == ""
    page = Page(client, "/search?q=*", 422)
    assert page.the("input", name="q").get("value") == "*"
    assert "write words" in text(page.the("main"))


def test_a_problem_says_what_can_be_asked_instead(client: httpx.Client) -> None:
    page = Page(client, "/agreements?topc=defense", 422)
    (instead,) = [a for a in page.all("a") if text(a) == "Ask this instead"]
    assert str(instead.get("href")).endswith("/agreements?topic=defense")
    page = Page(client, "/agreements?topic=moon&actor=japan", 422)
    values = {text(a): str(a.get("href")) for a in page.the("ul", class_="values").iter("a")}
    assert len(values) == 14
    assert values["trade"] == "/agreements?topic=trade&actor=japan"
    assert {client.get(link).status_code for link in values.values()} == {200}
    page = Page(client, "/actors/jpan", 404)
    assert "/actors/japan" in [a.get("href") for a in page.all("a")]
    assert page.all("meta", name="robots", content="noindex")


def test_what_can_be_asked_instead_begins_at_the_beginning(client: httpx.Client) -> None:
    cursor = client.get("/agreements?limit=1").json()["next"].rpartition("=")[2]
    page = Page(client, f"/agreements?topic=moon&limit=1&cursor={cursor}", 422)
    links = [str(a.get("href")) for a in page.the("ul", class_="values").iter("a")]
    assert "/agreements?topic=trade&limit=1" in links
    assert {client.get(link).status_code for link in links} == {200}


def test_what_was_asked_can_not_write_a_page(client: httpx.Client) -> None:
    for path in (
        "/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E+x",
        "/agreements?topic=%3Cscript%3Ealert(1)%3C/script%3E",
        "/agreements?%3Cscript%3E=%22%3E%3Cscript%3E",
        "/%22%3E%3Cscript%3Ealert(1)%3C/script%3E",
    ):
        answer = client.get(path, headers=BROWSER)
        root = html5lib.parse(answer.text, namespaceHTMLElements=False)
        assert [script.get("defer") for script in root.iter("script")] == [""], path


def test_an_older_release_is_told_and_led_on_and_out_of(client: httpx.Client) -> None:
    page = Page(client, "/commitments?as_of=1&by=japan")
    note = page.the("p", class_="past")
    assert "release 1" in text(note)
    assert [a.get("href") for a in note.iter("a")] == ["/releases/1", "/commitments?by=japan"]
    assert {urlsplit(href(row)).query for row in page.rows} == {"as_of=1"}
    (menu,) = page.all("nav", **{"aria-label": "Main"})
    assert {urlsplit(str(a.get("href"))).query for a in menu.iter("a")} == {"as_of=1"}
    assert not Page(client, "/commitments").all("p", class_="past")


def test_the_first_page_counts_what_there_is(client: httpx.Client) -> None:
    page = Page(client, "/")
    (figures,) = page.all("p", class_="said")
    for link in figures.iter("a"):
        total = client.get(link.get("href") or "").json()["total"]
        assert sum(map(int, re.findall(r"(?<!\()\b\d+", text(link)))) == total
    assert "3 promises (1 announced) with 2 parts, 2 deeds, 6 reports" in text(figures)
    (summit,) = page.all("ol", class_="newest")
    assert "met in Washington, D.C. on 7 February 2025. On record are 9 agreements" in text(summit)


def test_one_thing_has_one_number_on_every_page(client: httpx.Client) -> None:
    """A part is counted as a part, what nobody promised as a report, and a list says so."""
    words = "1 promise (announced) with 2 parts, 2 deeds and 5 reports"
    for path, before in (
        ("/commitments?by=japan", "10 found: "),
        ("/actors/japan", "Promised, did or is reported to do "),
    ):
        assert before + words in text(Page(client, path).root), path
    summit = text(Page(client, "/summits/us-japan-2025-02").root)
    assert "Japan alone 1 promise (announced) with 2 parts, 2 deeds and 2 reports." in summit
    assert "United States and Japan together 3 reports." in summit
    assert client.get("/commitments?by=japan").json()["total"] == 1 + 2 + 2 + 5


def test_a_search_for_data_sets_finds_the_record(client: httpx.Client) -> None:
    (script,) = [
        one for one in Page(client, "/").all("script") if one.get("type") == "application/ld+json"
    ]
    dataset = json.loads(script.text or "")
    assert dataset["@type"] == "Dataset"
    assert 50 <= len(dataset["description"]) <= 5000
    assert dataset["version"] == str(client.get("/").json()["release"]["number"])
    for download in dataset["distribution"]:
        path = httpx.URL(download["contentUrl"]).path
        answer = client.head(path)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == download["encodingFormat"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_what_it_is(client: httpx.Client, server: Server, path: str) -> None:
    page = Page(client, path)
    assert len(page.all("h1")) == 1
    levels = [int(e.tag[1]) for e in page.root.iter() if e.tag in {"h1", "h2", "h3", "h4"}]
    assert all(after <= before + 1 for before, after in zip([0, *levels], levels, strict=False))
    canonical = str(page.the("link", rel="canonical").get("href"))
    assert canonical == server.url.rstrip("/") + path
    assert page.the("meta", property="og:url").get("content") == canonical
    title = page.the("meta", property="og:title").get("content")
    assert text(page.the("title")) == f"{title} · Readout"
    description = str(page.the("meta", name="description").get("content"))
    assert len(description) > 20
    assert page.the("meta", property="og:description").get("content") == description
    announced = {str(e.get("href")) for e in page.all("link", rel="alternate")}
    link = page.response.headers["link"]
    assert {
        part.split(">")[0].strip(" <") for part in link.split(",") if "alternate" in part
    } < announced


@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_but_files_of_this_server(client: httpx.Client, path: str) -> None:
    page = Page(client, path)
    assert "script-src 'self'" in page.response.headers["content-security-policy"]
    for element in page.root.iter():
        assert "style" not in element.attrib
        assert not [name for name in element.attrib if name.startswith("on")]
    assert not page.all("style")
    loaded = [
        str(e.get("href"))
        for e in page.all("link")
        if e.get("rel") in {"stylesheet", "icon", "preload"}
    ]
    # What is data, and no program, stands in the page itself.
    scripts = [e for e in page.all("script") if e.get("type") != "application/ld+json"]
    loaded += [str(e.get("src")) for e in scripts]
    assert len(loaded) == 4
    for address in loaded:
        answer = client.get(address, headers={"accept-encoding": "gzip"})
        assert address.startswith("/static/")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        packed = "woff2" not in address
        assert (answer.headers.get("content-encoding") == "gzip") == packed
        # What a page of another version asks for is not kept as that version's.
        other = client.get(address.partition("?")[0], params={"v": "other"} if packed else {})
        assert other.status_code == 200
        assert ("immutable" in other.headers["cache-control"]) != packed


def test_every_link_of_a_page_leads_somewhere(client: httpx.Client) -> None:
    links = {str(a.get("href")) for path in PAGES for a in Page(client, path).all("a")}
    assert len(links) > 100
    broken = [
        link
        for link in sorted(links)
        if link.startswith("/") and client.head(link, headers=BROWSER).status_code != 200
    ]
    assert broken == []


def test_a_list_is_light(client: httpx.Client) -> None:
    page = Page(client, "/commitments")
    assert len(page.rows) == 13
    style = client.get(str(page.the("link", rel="stylesheet").get("href"))).content
    both = len(gzip.compress(page.response.content)) + len(gzip.compress(style))
    assert both < 30_000
    fonts = [f"/static/newsreader-{part}-1.woff2" for part in ("latin", "ext")]
    assert sum(len(client.get(font).content) for font in fonts) <= 50_000


def test_there_is_no_other_file(client: httpx.Client) -> None:
    for name in ("style.cs", "../main.py", "%2e%2e%2fmain.py", ""):
        assert client.get(f"/static/{name}").status_code == 404


SOLAR = a_commitment(id="solar", title="A solar park")
RELEASES: list[dict[str, Any]] = [
    a_bundle(commitments=[SOLAR, a_commitment(id="wind")], agreements=[an_agreement()]),
    a_bundle(
        commitments=[SOLAR | {"title": "A sun park", "id": "sun", "former_ids": ["solar"]}],
        agreements=[an_agreement()],
        withdrawn=[
            {"type": "commitment", "id": "wind", "reason": "Taken back.", "replaced_by": "sun"}
        ],
    ),
]


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server with two releases."""
    folder: Path = tmp_path_factory.mktemp("changed")
    for number, content in enumerate(RELEASES, start=1):
        load(
            [write(folder / "bundle.json", content)], folder / "readout.db", message=f"No. {number}"
        )
    with server_of(folder / "readout.db") as running, httpx.Client(base_url=running.url) as client:
        yield client


def test_changes_are_told_before_and_after(changed: httpx.Client) -> None:
    page = Page(changed, "/changes")
    headings = [text(h) for h in page.all("h2") if text(h).startswith("Release")]
    assert [h.split(",")[0] for h in headings] == ["Release 2", "Release 1"]
    assert "No. 2" in text(page.the("main"))
    (renamed,) = [row for row in page.rows if "has another id" in text(row)]
    before, after = (" ".join(text(value) for value in renamed.iter(tag)) for tag in ("del", "ins"))
    assert "“A solar park”" in before
    assert "“A sun park”" in after
    assert "Its id was solar; it is sun." in text(renamed)
    (gone,) = [row for row in page.rows if "was withdrawn" in text(row)]
    assert "Why: Taken back." in text(gone)
    assert "/commitments/sun" in [a.get("href") for a in gone.iter("a")]
    narrowed = Page(changed, "/changes?action=withdrawn&type=commitment")
    assert len(narrowed.rows) == 1


def test_a_history_is_that_of_its_record(changed: httpx.Client) -> None:
    page = Page(changed, "/commitments/sun/history")
    assert text(page.the("h1")) == "History of “A sun park”"
    assert len(page.rows) == total(changed, "/commitments/sun/history")


def test_a_page_shows_facts_and_what_follows_from_them_if_it_is_chosen(
    changed: httpx.Client,
) -> None:
    for path, words in (
        ("/changes", "Changes"),
        ("/documents/report/history", "History of “The report”"),
    ):
        page = Page(changed, path)
        assert [box.get("value") for box in page.all("input", name="derived", type="radio")] == [
            "0",
            "1",
        ]
        assert "Counts" not in text(page.the("main"))
        assert len(page.rows) == total(changed, path)
        more = Page(changed, f"{path}?derived=1")
        assert "Counts" in text(more.the("main"))
        assert len(more.rows) == total(changed, f"{path}?derived=1") > len(page.rows)
        assert text(more.the("h1")) == f"{words} with what follows from other records"
        (chip,) = more.all("ul", class_="chips")
        assert [a.get("href") for a in chip.iter("a")] == [path]
    (since,) = [
        str(a.get("href"))
        for a in Page(changed, "/releases/1").all("a")
        if "since_release" in a.get("href", "")
    ]
    linked_page = Page(changed, since)
    assert "Counts" not in text(linked_page.the("main"))
    release = changed.get("/releases/2").json()
    assert len(linked_page.rows) == sum(release["changes"].values())


def test_what_was_withdrawn_says_why_and_what_to_read(changed: httpx.Client) -> None:
    page = Page(changed, "/commitments/wind", 410)
    facts = text(page.the("dl", class_="facts"))
    assert "Taken back." in facts
    # In words: it is neither an id nor a date as programs write it.
    assert text(page.the("h1")) == "This commitment was withdrawn"
    assert not re.search(r"\bwind\b|\d{4}-\d\d-\d\d", text(page.the("main")))
    links = [a.get("href") for a in page.the("dl", class_="facts").iter("a")]
    assert links == ["/commitments/sun", "/commitments/wind/history"]


def test_releases_are_listed_with_why_and_what_changed(changed: httpx.Client) -> None:
    rows = [text(row) for row in Page(changed, "/releases").rows]
    assert [row.split(" · ")[0][:9] for row in rows] == ["Release 2", "Release 1"]
    assert "1 renamed" in rows[0]
    assert "1 withdrawn" in rows[0]
    assert "No. 2" in rows[0]
    page = Page(changed, "/releases/1")
    files = [str(a.get("href")) for a in page.all("a") if a.get("download") is not None]
    assert files == [
        f"/releases/1/{name}" for name in ("bundle.json", "readout.db", "datapackage.zip")
    ]
    assert {changed.head(file).status_code for file in files} == {200}


def test_the_pages_of_a_walk_share_all_but_what_is_their_own(client: httpx.Client) -> None:
    path: str | None = "/commitments?limit=5"
    seen = []
    while path:
        answer = client.get(path).json()
        page = Page(client, path)
        assert "place-" not in client.get(path, headers=BROWSER).text
        assert [href(row) for row in page.rows] == [one["href"] for one in answer["items"]]
        (canonical,) = [a for a in page.all("link") if a.get("rel") == "canonical"]
        assert str(canonical.get("href")).endswith(path)
        following = [a.get("href") for a in page.all("a") if a.get("rel") == "next"]
        path = answer["next"] and answer["next"].removeprefix(str(client.base_url).rstrip("/"))
        assert following == ([path] if path else [])
        seen += [one["id"] for one in answer["items"]]
    assert len(seen) == len(set(seen)) == client.get("/commitments").json()["total"]
