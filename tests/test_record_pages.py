"""The pages of single records, read as a browser reads them (html5lib)."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import html5lib  # type: ignore[import-untyped] # it has no types
import httpx2 as httpx
import pytest

from app.representations.pages.made import groups
from app.representations.pages.proven import strip_of
from app.representations.pages.summit import met
from app.vocabulary import RecordType
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_proof,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import falsify, load, server_of

SUMMIT = "/summits/us-japan-2025-02"
ARTICLE = "/documents/red-nation-today-japan-us"


class Page:
    """A page, parsed strictly."""

    def __init__(self, text: str) -> None:
        self.root: Element = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(
            text
        )

    def all(self, tag: str, css: str | None = None, within: Element | None = None) -> list[Element]:
        """The elements of a name and class, those of drawings too."""
        root = self.root if within is None else within
        return [
            element
            for element in root.iter()
            if element.tag.rpartition("}")[2] == tag
            and (css is None or css in element.get("class", "").split())
        ]

    def by_id(self, id_: str) -> Element:
        """The one element with an id."""
        [element] = [element for element in self.root.iter() if element.get("id") == id_]
        return element

    def under(self, term: str) -> str:
        """What stands beside a term among the facts."""
        pairs = [*self.all("dl", "facts")[0]]
        at = next(at for at, element in enumerate(pairs) if element.get("id") == f"fact-{term}")
        return words(pairs[at + 1])

    def hrefs(self, within: Element | None = None) -> list[str]:
        """Where its links lead."""
        return [link.get("href", "") for link in self.all("a", within=within)]


def words(element: Element) -> str:
    """The text of an element, with single spaces."""
    return " ".join("".join(element.itertext()).split())


def page_at(client: httpx.Client, path: str) -> Page:
    answer = client.get(path, headers={"accept": "text/html"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    return Page(answer.text)


def marked(page: Page) -> dict[str, set[str]]:
    """The passages to which the marks beside each fact lead."""
    passages: dict[str, set[str]] = {}
    fact = None
    for element in page.root.iter():
        if (element.get("id") or "").startswith("fact-"):
            fact = element.get("id")
        href = element.get("href", "")
        if href.startswith("#passage-"):
            assert fact is not None
            passages.setdefault(fact, set()).add(href[1:])
    return passages


@pytest.mark.parametrize("kind", RecordType)
def test_each_mark_leads_to_a_passage_that_names_the_fact(
    client: httpx.Client, kind: RecordType
) -> None:
    for record in client.get(f"/{kind.plural}?limit=200").json()["items"]:
        page = page_at(client, record["href"])
        ids = [element.get("id") for element in page.root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert {href[1:] for href in page.hrefs() if href.startswith("#")} <= set(ids)
        proven: dict[str, set[str]] = {}
        once: dict[tuple[str, int], dict[str, Any]] = {}  # one that two say stands there once
        for each in record["evidence"]:
            proof = once.setdefault((each["exact"], each["start"]), {**each, "fields": []})
            proof["fields"] += each["fields"]
        for number, proof in enumerate(once.values(), start=1):
            passage = page.by_id(f"passage-{number}")
            assert words(page.all("blockquote", within=passage)[0]) == " ".join(
                proof["exact"].split()
            )
            facts = {f"fact-{field}" for field in proof["fields"]}
            named = {href[1:] for href in page.hrefs(passage) if href.startswith("#")}
            assert named == facts
            compared = "not compared with the text" not in words(passage).lower()
            assert compared == (proof["start"] is not None)
            assert (proof["url"] in page.hrefs(passage)) == (proof["url"] is not None)
            for fact in facts:
                proven.setdefault(fact, set()).add(f"passage-{number}")
        assert marked(page) == proven


@pytest.mark.parametrize("kind", RecordType)
def test_a_page_says_what_it_is_and_offers_every_form_of_it(
    client: httpx.Client, kind: RecordType
) -> None:
    record = client.get(f"/{kind.plural}?limit=1").json()["items"][0]
    page = page_at(client, record["href"])
    title = record.get("title") or record["text"][:40]
    assert title in words(page.all("title")[0])
    assert len(page.all("h1")) == 1
    about = {meta.get("property") or meta.get("name"): meta for meta in page.all("meta")}
    assert title in about["og:title"].get("content", "")
    assert about["og:type"].get("content") == "article"
    if record["summary"]:
        start = about["description"].get("content", "").rstrip("…")
        assert record["summary"].startswith(start)
        assert start
    for form in ("json", "jsonld", "md", "bibtex", "ris", "csl"):
        assert f"{record['href']}?format={form}" in page.hrefs()
    citation = client.get(f"{record['href']}?format=citation").text
    assert words(page.by_id("citation")) == " ".join(citation.split())


def test_what_is_not_known_is_said_once_and_is_no_row(client: httpx.Client) -> None:
    promise = page_at(
        client, "/commitments/japan-lifting-of-restrictions-on-license-produced-weapons"
    )
    unsaid = "The record does not say to whom or under which agreement."
    assert unsaid in words(promise.root)
    rows = {element.get("id") for element in promise.all("dl", "facts")[0]}
    assert rows.isdisjoint({"fact-to", "fact-measures", "fact-due", "fact-agreement"})
    post = page_at(client, "/documents/raufoglu-post")
    assert "The record does not say where it can be read." in words(post.root)
    assert post.all("svg", "strip") == []


def test_facts_are_in_words(client: httpx.Client) -> None:
    page = page_at(client, "/commitments/japan-us-investment")
    assert page.under("by") == "Japan 12"
    assert page.under("measures") == "$1 trillion pledged, 1,000,000,000,000 US dollars 12"
    assert page.under("status").startswith("Announced Was made public as a plan.")
    passage = words(page.by_id("passage-1"))
    assert "According to Japan, as reported by Red Nation Today" in passage
    assert "Source for Title, By, To, How much, Status and Summary." in passage
    assert "One source: Japan Teams Up With U.S. To Counter Chinese Menace" in words(page.root)
    assert "One source" not in words(page_at(client, SUMMIT).root)


def test_words_are_shown_to_the_character(client: httpx.Client) -> None:
    record = client.get("/quotes/trump-peace-through-strength").json()
    page = page_at(client, record["href"])
    quoted = page.by_id("fact-text")
    assert record["text"] in "".join(quoted.itertext())
    assert quoted.get("lang") == record["language"]
    caption = page.all("figcaption")[0]
    assert words(caption) == "Donald Trump, President"


def test_a_summit_begins_with_who_met_and_what_came_of_it(client: httpx.Client) -> None:
    page = page_at(client, SUMMIT)
    assert words(page.all("p", "lead")[0]) == (
        "Donald Trump (United States) and Shigeru Ishiba (Japan) met in Washington, D.C. on "
        "7 February 2025. On record are 9 agreements, 3 promises (1 announced) with 2 parts, "
        "2 deeds, 6 reports and 4 quotes."
    )
    for link in page.all("a", within=page.all("p", "lead")[0]):
        total = client.get(link.get("href", "")).json()["total"]
        assert sum(map(int, re.findall(r"(?<!\()\b\d+", words(link)))) == total


def test_a_summit_shows_each_outcome_once(client: httpx.Client) -> None:
    page = page_at(client, SUMMIT)
    for name in ("agreements", "commitments"):
        there = client.get(f"/{name}?summit=us-japan-2025-02&limit=200").json()["items"]
        paths = [path for path in page.hrefs() if path.startswith(f"/{name}/")]
        assert sorted(paths) == sorted(item["href"] for item in there)
    lines = [
        words(line)
        for section in page.all("div", "makers")
        for line in page.all("li", within=section)
    ]
    assert "$1 trillion investment in the U.S. economy $1 trillion to United States announced" in (
        lines
    )
    assert "Deed Shipment of missile systems to the U.S. to United States done" in lines
    assert "Report Increased defense spending" in lines


def test_a_summit_says_who_met_in_which_role(client: httpx.Client) -> None:
    [met] = page_at(client, SUMMIT).all("ul", "met")
    assert [words(delegation) for delegation in met] == [
        "United States Donald Trump Leader, President",
        "Japan Shigeru Ishiba Leader, Prime Minister",
    ]


def proofs_from(records: list[dict[str, Any]], document: str) -> list[dict[str, Any]]:
    return [
        proof
        for record in records
        for proof in record["evidence"]
        if proof["document"]["href"] == document
    ]


def counted(proofs: list[dict[str, Any]]) -> set[int]:
    """Every character that stands in a passage, one by one."""
    return {
        at
        for proof in proofs
        if proof["start"] is not None
        for at in range(proof["start"], proof["end"])
    }


def test_a_strip_marks_each_character_that_proves_something(client: httpx.Client) -> None:
    document = client.get(ARTICLE).json()
    everything = [
        record
        for kind in RecordType
        for record in client.get(f"/{kind.plural}?limit=200").json()["items"]
    ]
    here = [client.get(SUMMIT).json()] + [
        record
        for name in ("agreements", "commitments", "quotes")
        for record in client.get(f"/{name}?summit=us-japan-2025-02&limit=200").json()["items"]
    ]
    for path, records in ((ARTICLE, everything), (SUMMIT, here)):
        page = page_at(client, path)
        [strip] = page.all("svg", "strip")
        marks = page.all("rect", "used", within=strip)
        drawn = [
            at
            for mark in marks
            for at in range(
                int(mark.get("x", "")), int(mark.get("x", "")) + int(mark.get("width", ""))
            )
        ]
        used = counted(proofs_from(records, ARTICLE))
        assert len(drawn) == len(set(drawn))
        assert set(drawn) == used
        assert strip.get("viewBox") == f"0 0 {document['characters']} 10"
        percent = f"{100 * len(used) // document['characters']} %"
        assert percent in strip.get("aria-label", "")
        assert f"{percent} of" in words(page.root)


def test_words_say_their_language(client: httpx.Client) -> None:
    quotes = client.get("/quotes").json()["items"]
    languages = {quote["text"]: quote["language"] for quote in quotes}
    page = page_at(client, "/quotes")
    for row in page.all("li", "row"):
        [heading] = [child for child in row if child.tag == "h2"]
        [language] = [languages[text] for text in languages if text in words(heading)]
        assert heading.get("lang") == language
    record = client.get("/commitments/japan-us-investment").json()
    source = client.get(record["evidence"][0]["document"]["href"]).json()
    page = page_at(client, record["href"])
    passages = page.all("li", "passage")
    assert {quotation.get("lang") for li in passages for quotation in li.iter("blockquote")} == {
        source["language"]
    }


def test_a_document_that_proves_nothing_has_nothing_empty(tmp_path: Path) -> None:
    content = a_bundle(documents=[a_document(), a_document("unused")])
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with server_of(tmp_path / "readout.db") as own, httpx.Client(base_url=own.url) as other:
        page = page_at(other, "/documents/unused")
        assert [section for section in page.all("section") if not words(section)] == []
        assert page.all("section", "use") == []


def test_the_place_of_a_passage_is_counted_from_one(client: httpx.Client) -> None:
    path = "/commitments/japan-us-investment"
    markdown = client.get(path, params={"format": "md"}).text
    for proof in client.get(path).json()["evidence"]:
        first, last = proof["start"] + 1, proof["end"]
        assert f"characters {first:,} to {last:,} of the text." in words(page_at(client, path).root)
        assert f", characters {first} to {last}. It proves" in markdown


def test_a_share_is_never_more_exact_or_more_than_it_is() -> None:
    def share(*spans: tuple[int | None, int | None], of: int = 1000) -> str:
        strip = strip_of({"characters": of}, [{"start": a, "end": b} for a, b in spans])
        assert strip is not None
        return strip.percent

    assert share() == share((None, None)) == "0 %"
    assert share((0, 500), (250, 750)) == "75 %"
    assert share((0, 500), (500, 1200)) == "100 %"
    assert share((0, 5)) == "0.5 %"
    assert share((0, 5), of=1_000_000) == "less than 0.1 %"
    assert (share((0, 999), of=1_000), share((0, 1_000), of=1_000)) == ("99 %", "100 %")
    assert strip_of({"characters": None}, []) is None


def test_a_document_shows_its_passages_in_their_order_and_what_each_proves(
    client: httpx.Client,
) -> None:
    page = page_at(client, ARTICLE)
    proofs = {
        (proof["start"], proof["exact"])
        for kind in RecordType
        for record in client.get(f"/{kind.plural}?limit=200").json()["items"]
        for proof in record["evidence"]
        if proof["document"]["href"] == ARTICLE
    }
    assert None not in {start for start, _ in proofs}
    passages = page.all("li", "passage")
    texts = [" ".join(exact.split()) for start, exact in sorted(proofs)]
    marks = [words(page.all("blockquote", within=passage)[0]) for passage in passages]
    assert marks == texts[:25]
    assert f"The first 25 of {len(texts)} passages, in the order of the text." in words(page.root)
    starts = [next(s for s, e in proofs if " ".join(e.split()) == text) for text in marks]
    assert starts == sorted(starts)
    by_article = f"document={ARTICLE.rpartition('/')[2]}"
    lists = {f"/{kind.plural}?{by_article}": kind for kind in RecordType}
    cited = {
        record["href"]
        for path in lists
        for record in client.get(f"{path}&limit=200").json()["items"]
    }
    assert {href for passage in passages for href in page.hrefs(passage) if href[0] == "/"} <= cited
    [rest] = [nav for nav in page.all("nav") if nav.get("aria-label") == "All that rests on it"]
    pages = {href: client.get(href).json()["total"] for href in page.hrefs(rest)}
    assert set(pages) == {path for path in lists if client.get(path).json()["total"]}
    assert all(f"{total} {lists[path].value}" in words(rest) for path, total in pages.items())


def test_an_actor_is_shown_with_offices_and_those_in_office_for_it(client: httpx.Client) -> None:
    assert "President, United States" in words(page_at(client, "/actors/donald-trump").root)
    page = page_at(client, "/actors/united-states")
    [aside] = page.all("aside")
    assert "/actors/donald-trump" in Page.hrefs(page, aside)


def test_a_promise_is_of_those_who_made_it_and_a_partner_is_named_apart(
    client: httpx.Client,
) -> None:
    for path in ("/actors/shigeru-ishiba", "/actors/japan"):
        page = page_at(client, path)
        sections = {words(section)[:20]: section for section in page.all("section")}
        partner, promised = sections["Named as a partner, "], sections["Promised, did or is "]
        promise = "/commitments/trump-cooperation-for-indo-pacific-security"
        assert promise in page.hrefs(partner)
        assert "1 promise." in words(partner)
        assert promise not in page.hrefs(promised)
        assert "1 promise (announced) with 2 parts, 2 deeds and 5 reports." in words(promised)


def test_what_nobody_promised_says_so_on_its_page_and_its_card(client: httpx.Client) -> None:
    path = "commitments/japan-closer-ties-with-nato"
    assert words(page_at(client, f"/{path}").all("p", "kicker")[0]).startswith(
        "Commitment · Report"
    )
    card = client.get(f"/embed/{path.replace('commitments', 'commitment')}").text
    assert "<dt>Promise or deed</dt><dd><bdi>report</bdi>" in card


def test_a_part_is_listed_behind_its_whole() -> None:
    whole = {"id": "whole", "part_of": None}
    part, other = {"id": "part", "part_of": {"id": "whole"}}, {"id": "x", "part_of": {"id": "y"}}
    shared = {"act": "promise", "status": "done", "by": [], "to": []}
    [group] = groups([one | shared for one in (part, other, whole)])
    assert [one["id"] for one in group.items] == ["x", "whole", "part"]
    assert group.words == "1 promise (done) with 2 parts"


def test_who_did_it_together_is_one_group_in_whatever_order_they_are_named() -> None:
    japan, states = ({"id": id_, "title": id_.title()} for id_ in ("japan", "states"))
    shared: dict[str, Any] = {"act": "promise", "status": "done", "to": [], "part_of": None}
    orders = ([states, japan], [japan, states], [japan])
    together, alone = groups([{"id": str(n), "by": by, **shared} for n, by in enumerate(orders)])
    assert (together.names, together.total) == ("States and Japan together", 2)
    assert (alone.names, alone.total) == ("Japan alone", 1)


def test_an_abbreviation_ends_a_sentence_with_one_period() -> None:
    summit: dict[str, Any] = {
        "participants": [],
        "place": "Washington, D.C.",
        "starts_on": None,
        "ends_on": None,
    }
    assert met(summit).endswith(" in Washington, D.C.")
    assert met(summit | {"place": "Bonn"}).endswith(" in Bonn.")


def test_a_whole_leads_to_its_parts(client: httpx.Client) -> None:
    page = page_at(client, "/commitments/japan-us-investment")
    [parts] = [section for section in page.all("section") if words(section).startswith("Its parts")]
    assert len(page.all("li", within=parts)) == 2
    assert words(parts).count("Part ") == 2


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server on a data set that is hostile, large where pages are, and was corrected once."""
    folder = tmp_path_factory.mktemp("made")
    file, database = folder / "bundle.json", folder / "readout.db"
    for amount in (1_000_000, 2_000_000):
        load([write(file, bundle(amount))], database)
    # What no check lets in: as if the file had been written by something else.
    falsify(
        database, 2,
        "UPDATE record SET body = replace(body, 'https://evil.example', 'javascript:alert')",
    )  # fmt: skip
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        yield client


EVIL = "</title><script>alert(1)</script><img src=x onerror=alert(2)> \u202ereversed"


def bundle(amount: int) -> Typed:
    states = [an_actor(f"state-{at}") for at in range(40)]
    return a_bundle(
        actors=[
            an_actor(),
            an_actor("evil", title=EVIL, kind="person", offices=[{"title": EVIL, "of": "japan"}]),
            *states,
        ],
        documents=[
            a_document(title=EVIL, url="https://evil.example//%0a"),
            a_document("unused"),
        ],
        summits=[
            a_summit(),
            a_summit(
                id="evil",
                title=EVIL,
                place=EVIL,
                participants=[{"actor": "evil", "role": "leader"}],
            ),
        ],
        agreements=[
            an_agreement(),
            an_agreement(id="evil", title=EVIL, parties=[{"actor": "evil"}]),
        ],
        commitments=[
            *(
                a_commitment(
                    id=f"c-{at}",
                    title=f"Promise {at}",
                    by=["japan", f"state-{at % 40}"] if at % 3 else [],
                    to=[f"state-{at * 7 % 40}"] if at % 5 else [],
                    summit="meeting",
                    relation="context",
                )
                for at in range(210)
            ),
            a_commitment(
                id="evil",
                title=EVIL,
                by=["evil"],
                to=["evil"],
                amount=amount,
                currency="USD",
                summit="evil",
                relation="context",
            ),
            a_commitment(
                id="small",
                title="Small",
                amount=250_000,
                currency="USD",
                summit="evil",
                relation="context",
            ),
        ],
        quotes=[
            a_quote(),
            a_quote(id="evil", text=EVIL, speaker="evil", office=EVIL, summit="evil"),
        ],
    )


def test_hostile_text_is_text(made: httpx.Client) -> None:
    for kind in RecordType:
        name = "report" if kind is RecordType.DOCUMENT else "evil"
        page = page_at(made, f"/{kind.plural}/{name}")
        scripts = [script.get("src", "") for script in page.all("script")]
        assert all(src.startswith("/static/") for src in scripts)
        assert page.all("img") == []
        assert "<script>alert(1)</script>" in words(page.root)
        for element in page.root.iter():
            assert not [key for key in element.attrib if str(key).startswith("on")]
            assert element.get("style") is None
        for href in page.hrefs():
            assert href.startswith(("/", "#", "https://")), href
    assert "javascript:alert//%0a" in page_at(made, "/documents/report").under("url")


def test_the_picture_adds_up_over_all_actors_and_commitments(made: httpx.Client) -> None:
    page = page_at(made, "/summits/meeting")
    items = made.get("/commitments?summit=meeting&limit=200").json()
    items = items["items"] + made.get(items["next"]).json()["items"]
    assert len(items) == 210
    makers: dict[str, list[Any]] = {}
    for item in items:
        makers.setdefault(" and ".join(actor["title"] for actor in item["by"]), []).append(item)
    bars = page.all("svg", "tally")
    drawn = [sum(int(part.get("width", "")) for part in bar) for bar in bars]
    assert sorted(drawn) == sorted(map(len, makers.values()))
    assert sum(drawn) == 210
    nobody = [item for item in makers[""] if not item["to"]]
    assert f"to nobody named {len(nobody)}." in words(page.root)
    assert "All 210 in a list" in words(page.root)
    assert "Of these, 210 are reported beside the meeting" in words(page.all("p", "lead")[0])
    assert words(page.all("div", "makers")[0]).count("Context Promise") == 120


def test_an_actor_with_many_records_shows_the_first_and_leads_to_all(made: httpx.Client) -> None:
    page = page_at(made, "/actors/japan")
    total = made.get("/commitments?by=japan").json()["total"]
    assert total > 100
    [promised] = [
        section for section in page.all("section") if words(section).startswith("Promised")
    ]
    assert len(page.all("li", within=promised)) == 8
    assert f"{total} promises." in words(promised)
    assert f"All {total}" in words(promised)
    assert "/commitments?actor=japan&way=self" in page.hrefs(promised)


def test_what_was_corrected_is_told_and_the_past_stays_as_it_was(made: httpx.Client) -> None:
    now = page_at(made, "/commitments/evil")
    [history] = [section for section in now.all("section") if words(section).startswith("History")]
    assert "Release 2" in words(history)
    assert "How much and Sum changed" in words(history)
    assert "/commitments/evil/history" in now.hrefs(history)
    assert "2,000,000 US dollars" in now.under("measures")
    then = page_at(made, "/commitments/evil?as_of=1")
    assert "1,000,000 US dollars" in then.under("measures")
    assert not [section for section in then.all("section") if words(section).startswith("History")]
    [facts] = then.all("dl", "facts")
    within = [href for href in then.hrefs(facts) if href.startswith("/")]
    assert within
    assert all("as_of=1" in href for href in within)


def test_what_was_corrected_or_withdrawn_since_says_so_wherever_it_is_cited(
    tmp_path: Path,
) -> None:
    file, database = tmp_path / "bundle.json", tmp_path / "readout.db"
    gone = [{"type": "agreement", "id": "gone", "reason": "It was never agreed."}]
    kept = [an_agreement(id="kept"), an_agreement(id="same")]
    load([write(file, a_bundle(agreements=[*kept, an_agreement(id="gone")]))], database)
    kept[0] = an_agreement(id="kept", summary="Mended.")
    load(
        [write(file, a_bundle(agreements=kept, withdrawn=gone))],
        database,
        message="A slip of the pen",
    )
    with server_of(database) as own, httpx.Client(base_url=own.url) as other:
        sentences = {}
        for name in ("kept", "same", "gone"):
            past = f"/agreements/{name}?as_of=1"
            notes = page_at(other, past).all("p", "wrong")
            sentences[name] = words(notes[0]) if notes else ""
            for form in (f"{past}&format=citation", "/agreements?as_of=1&format=atom"):
                assert sentences[name] in other.get(form).text
        assert sentences["kept"].startswith("It was corrected in release 2, ")
        assert sentences["kept"].endswith(": A slip of the pen.")
        assert sentences["gone"].startswith("It was withdrawn in release 2, ")
        assert sentences["gone"].endswith(": It was never agreed.")
        assert sentences["same"] == ""
        for past in ("/agreements/kept?as_of=1", "/agreements?as_of=1"):
            markdown = other.get(f"{past}&format=md").text
            assert f"**{sentences['kept']}**" in markdown
        assert "corrected in" not in other.get("/agreements?format=atom").text


def test_a_document_that_proves_nothing_says_so(made: httpx.Client) -> None:
    assert "No passage of it is on record." in words(page_at(made, "/documents/unused").root)


def test_a_passage_without_a_place_in_the_text_is_said_to_be_compared_by_nobody(
    made: httpx.Client,
) -> None:
    page = page_at(made, "/commitments/c-1")
    assert "Not compared with the text of the source" in words(page.by_id("passage-1"))
    assert "Reported in" in words(page.by_id("passage-1"))


def test_a_feed_follows_what_its_link_says(client: httpx.Client) -> None:
    page = page_at(client, SUMMIT)
    links = {words(link): link.get("href", "") for link in page.all("a")}
    of_all = links["Follow corrections of all records listed here"]
    assert "summit=us-japan-2025-02" in of_all
    assert client.get(of_all).headers["content-type"].startswith("application/atom+xml")
    assert links["Follow corrections of this record"] == f"{SUMMIT}/history?format=atom"
    actor = {
        words(link): link.get("href", "") for link in page_at(client, "/actors/japan").all("a")
    }
    for name in ("agreements", "commitments", "quotes"):
        feed = client.get(actor[f"Follow these {name}, new and corrected"]).text
        for record in client.get(f"/{name}?actor=japan").json()["items"]:
            assert record["href"] in feed


def test_no_contact_is_promised_where_none_is_set(client: httpx.Client, seeded: Path) -> None:
    for path in ("/", SUMMIT, "/about"):
        page = page_at(client, path)
        assert "contact" not in words(page.root).lower(), path
        assert "Something wrong here?" not in words(page.root)
    assert "/about#corrections" in page_at(client, SUMMIT).hrefs()
    with (
        server_of(seeded, READOUT_CONTACT="desk@example.org") as own,
        httpx.Client(base_url=own.url) as other,
    ):
        for path in ("/", SUMMIT, "/about"):
            assert "About and contact" in words(page_at(other, path).root), path
        assert "Something wrong here?" in words(page_at(other, SUMMIT).root)


@pytest.mark.parametrize(
    ("present", "sentence"),
    [
        pytest.param(["japan"], "Japan took part in the meeting", id="one"),
        pytest.param(["japan", "peru"], "Japan and Peru met", id="two"),
    ],
)
def test_who_met_is_a_sentence_for_one_and_for_many(
    tmp_path: Path, present: list[str], sentence: str
) -> None:
    parts = [{"actor": actor, "role": "leader"} for actor in present]
    peru = an_actor("peru", title="Peru")
    content = a_bundle(
        actors=[an_actor(title="Japan"), peru], summits=[a_summit(participants=parts)]
    )
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with server_of(tmp_path / "readout.db") as own, httpx.Client(base_url=own.url) as other:
        assert words(page_at(other, "/summits/meeting").all("p", "lead")[0]).startswith(sentence)


def test_two_sources_for_one_fact_stand_side_by_side(tmp_path: Path) -> None:
    """Marked is what the other one does not have; what says the same or something else is not."""
    passages = {
        "report": "They expressed support for the participation of Taiwan in groups",
        "text": "They expressed support for the meaningful participation of Taiwan in groups",
        "echo": "they expressed support for the participation of Taiwan in groups",
        "aside": "Nobody else spoke about anything of that sort on the day",
    }
    evidence = [a_proof("title", document=id_, passage=said) for id_, said in passages.items()]
    content = a_bundle(
        documents=[a_document(), *(a_document(id_) for id_ in passages if id_ != "report")],
        commitments=[a_commitment(evidence=evidence), a_commitment(id="other")],
    )
    load([write(tmp_path / "bundle.json", content)], tmp_path / "readout.db")
    with server_of(tmp_path / "readout.db") as own, httpx.Client(base_url=own.url) as other:
        page = page_at(other, "/commitments/pledge")
        pairs = [page.all("blockquote", within=pair) for pair in page.all("div", "sides")]
        assert [[words(side) for side in pair] for pair in pairs] == [
            [passages["report"], passages["text"]],
            [passages["text"], passages["echo"]],
        ]
        marks = [[words(mark) for mark in page.all("mark", within=s)] for s in pairs[0]]
        assert marks == [[], ["meaningful"]]
        assert not page_at(other, "/commitments/other").all("div", "sides")
