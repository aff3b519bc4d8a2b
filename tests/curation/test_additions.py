"""What came of a promise, news of it in a later file, and passages in parts and by others."""

import json
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx2 as httpx
import pytest
from starlette.testclient import TestClient

from app.curation.verify import Texts, verify_files
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_proof,
    a_quote,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import client_of, load
from tests.curation.conftest import Problems

TEXT = "Japan paid a first part. Later, Japan, which had waited, paid the rest. It paid, it paid."
PLEDGE = a_commitment(by=["japan"], status="announced", date="2025-02-07")
LAB = an_actor("lab", kind="other")


def a_passage(**given: Any) -> Typed:
    """A passage of the news that proves an event."""
    return {"document": "news", "passage": "Japan paid", "attribution": "reported"} | given


def an_event(date: str | None, status: str, **given: Any) -> Typed:
    """What came of a promise, with its proof."""
    entry = {"date": date, "status": status, "evidence": [a_passage()]} | given
    return {key: value for key, value in entry.items() if value is not None}


def news(*events: Typed, **more: Any) -> Typed:
    """A later file that says what came of the pledge."""
    addition = {"type": "commitment", "id": "pledge", "events": [*events]} | more
    return {"documents": [a_document("news")], "actors": [LAB], "additions": [addition]}


Serve = Callable[..., httpx.Client]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """A client of a service that loaded each list of bundles as a release."""
    clients: list[TestClient] = []

    def served(*releases: list[Typed]) -> httpx.Client:
        database = tmp_path / "own.db"
        for number, bundles in enumerate(releases):
            files = [
                write(tmp_path / f"{number}-{at}.json", bundle) for at, bundle in enumerate(bundles)
            ]
            load(files, database)
        client = client_of(database)
        clients.append(client)
        return client.__enter__()

    yield served
    for client in clients:
        client.__exit__(None, None, None)


def test_news_in_a_second_file_make_an_old_promise_done(serve: Serve) -> None:
    old = a_bundle(commitments=[PLEDGE])
    later = news(an_event("2025-03", "under_way"), an_event("2026-06-01", "done", note="All paid."))
    client = serve([old], [old, later])
    pledge = client.get("/commitments/pledge").json()
    assert pledge["status"] == "done"
    assert [event["date"] for event in pledge["events"]] == [None, "2025-03", "2026-06-01"]
    # What was typed as its status is where its life begins, with the passage that proves it.
    assert pledge["events"][0]["status"] == "announced"
    assert pledge["events"][0]["evidence"]
    assert not any("status" in proof["fields"] for proof in pledge["evidence"])
    [proof] = pledge["events"][2]["evidence"]
    assert (proof["exact"], proof["document"]["id"]) == ("Japan paid", "news")
    # What was known then.
    before = client.get("/commitments/pledge?as_of=1").json()
    assert (before["status"], before["events"]) == ("announced", [])
    # It is one change, and who looks for what is open finds it no more.
    changes = client.get("/changes?id=pledge&action=changed").json()["items"]
    assert [field["pointer"] for change in changes for field in change["fields"]] == [
        "/status",
        "/events",
        "/evidence/0/fields",
    ]
    assert client.get("/commitments?open=1").json()["total"] == 0
    assert client.get("/commitments?open=1&as_of=1").json()["total"] == 1
    assert client.get("/commitments?document=news").json()["total"] == 1
    page = client.get("/commitments/pledge?format=html").text
    assert "All paid." in page
    assert '<span class="state done">Done</span> <span dir="auto">All paid.</span>' in page
    assert "All paid." in client.get("/commitments/pledge?format=md").text


@pytest.mark.parametrize(
    ("events", "status"),
    [
        ([("2025", "done"), ("2026", "missed")], "missed"),
        ([("2026", "missed"), ("2025", "done")], "missed"),
        ([("2025-06-30", "done"), ("2025", "missed")], "missed"),  # it may have been in December
        ([("2025", "done"), (None, "missed")], "done"),
        ([(None, "done"), (None, "missed")], "missed"),
        ([], "announced"),
    ],
)
def test_the_latest_event_says_how_far_it_has_come(
    events: list[tuple[str | None, str]], status: str, serve: Serve
) -> None:
    later = news(*(an_event(*event) for event in events), evidence=[a_proof()])
    client = serve([a_bundle(commitments=[PLEDGE]), later])
    assert client.get("/commitments/pledge").json()["status"] == status


def test_judgements_stand_side_by_side(serve: Serve) -> None:
    judged = [
        {"by": by, "score": score, "scale": "none, partial, full", "evidence": [a_passage()]}
        for by, score in (("lab", "partial"), ("japan", "full"))
    ]
    client = serve([a_bundle(commitments=[PLEDGE]), news(assessments=judged)])
    pledge = client.get("/commitments/pledge").json()
    assert [(one["by"]["id"], one["score"]) for one in pledge["assessments"]] == [
        ("lab", "partial"),
        ("japan", "full"),
    ]
    assert pledge["status"] == "announced"
    assert client.get("/commitments?involves=lab").json()["total"] == 1


def test_an_office_of_a_later_file_finds_what_was_agreed(serve: Serve) -> None:
    old = a_bundle(
        actors=[an_actor(), an_actor("envoy", kind="person")],
        agreements=[an_agreement(date="2025", parties=[{"actor": "envoy"}])],
    )
    office = {"title": "Envoy", "of": "japan", "since": "2024"}
    addition = {"type": "actor", "id": "envoy", "offices": [office]}
    client = serve([old], [old, {"additions": [addition | {"evidence": [a_proof("offices")]}]}])
    assert client.get("/agreements?actor=japan&as_of=1").json()["total"] == 0
    assert client.get("/agreements?actor=japan").json()["total"] == 1


def test_a_release_with_news_can_be_exported_and_loaded_again(serve: Serve, tmp_path: Path) -> None:
    parts = a_passage(parts=[{"passage": "Japan"}, {"passage": "paid the rest"}], locator="§7")
    del parts["passage"]
    event = an_event("2026", "done", evidence=[parts, a_passage(according_to={"document": "news"})])
    of_other_type = an_agreement(reaffirms=[{"commitment": "pledge"}], date="2026")
    old = a_bundle(commitments=[PLEDGE], agreements=[of_other_type])
    client = serve([old, news(event)])
    digest = client.get("/releases/1").json()["digest"]
    exported = tmp_path / "exported.json"
    exported.write_bytes(client.get("/releases/1/bundle.json").content)
    release, _ = load([str(exported)], tmp_path / "again.db")
    assert release.digest == digest


def test_a_passage_in_parts_says_where_each_stands(serve: Serve, tmp_path: Path) -> None:
    parts = a_passage(parts=[{"passage": "Japan"}, {"passage": "paid the rest"}])
    del parts["passage"]
    parts["parts"][0]["start"] = 32
    file = tmp_path / "typed.json"
    bundle = a_bundle(
        commitments=[PLEDGE | {"evidence": [a_proof("title", "by", "status", "date")]}],
        **news(an_event("2026", "done", evidence=[parts])),
    )
    bundle["documents"] += [a_document()]
    bundle["actors"] += [an_actor()]
    report = verify_files([write(file, bundle)], Texts(news=TEXT), fix=True)
    assert report.findings == []
    typed = json.loads(file.read_text())
    proved = typed["additions"][0]["events"][0]["evidence"][0]["parts"]
    assert [part["start"] for part in proved] == [32, TEXT.index("paid the rest")]
    client = serve([typed])
    [passage] = client.get("/commitments/pledge").json()["events"][-1]["evidence"]
    assert passage["exact"] == "Japan … paid the rest"
    assert (passage["start"], passage["end"]) == (32, proved[1]["start"] + len("paid the rest"))
    assert [TEXT[part["start"] : part["end"]] for part in passage["parts"]] == [
        "Japan",
        "paid the rest",
    ]


def test_a_passage_of_an_event_is_compared_with_its_text(tmp_path: Path) -> None:
    wrong = an_event("2026", "done", evidence=[a_passage(passage="Japan paid nothing")])
    files = [
        write(tmp_path / "old.json", a_bundle(commitments=[PLEDGE])),
        write(tmp_path / "news.json", news(wrong)),
    ]
    findings = verify_files(files, Texts(news=TEXT)).findings
    finding = findings[-1]  # after the measures of the text itself
    assert finding.address == "additions[0].events[0].evidence[0].passage"
    assert "is not in the text" in finding.message


def test_whose_voice_it_is_and_the_way_to_it_are_public(serve: Serve) -> None:
    proof = a_proof(
        "text",
        "speaker",
        passage="“we agreed”",
        attribution="attributed",
        according_to="japan",
        via=["post", "statement"],
        prefix="said that",
        suffix="and left",
        locator="Article 5",
    )
    documents = [
        a_document(url="https://example.org/report"),
        a_document("post"),
        a_document("statement"),
    ]
    quote = a_quote(text="we agreed", cut=True, evidence=[proof])
    client = serve([a_bundle(quotes=[quote], documents=documents)])
    record = client.get("/quotes/words").json()
    [public] = record["evidence"]
    assert record["cut"] is True
    assert [document["id"] for document in public["via"]] == ["post", "statement"]
    assert (public["according_to"]["id"], public["locator"]) == ("japan", "Article 5")
    fragment = "#:~:text=said%20that-,%E2%80%9Cwe%20agreed%E2%80%9D,-and%20left"
    assert public["url"] == f"https://example.org/report{fragment}"
    node = client.get("/quotes/words?format=jsonld").json()["evidence"][0]
    [selector] = node["target"]["selector"]
    assert (selector["prefix"], selector["suffix"]) == ("said that", "and left")
    # The words are its own, and told by another.
    assert "Japan, as reported in “The report”: " in client.get("/quotes/words?format=md").text


def test_what_is_inferred_is_public(serve: Serve) -> None:
    inferred = {"due": "The end of the year, said in June 2024."}
    client = serve([a_bundle(commitments=[a_commitment(due="2024", inferred=inferred)])])
    assert client.get("/commitments/pledge").json()["inferred"] == inferred
    page = client.get("/commitments/pledge", headers={"accept": "text/html"}).text
    due = page.partition('<dt id="fact-due">')[2].partition("</dd>")[0]
    assert "Inferred: " in due
    assert inferred["due"] in due
    markdown = client.get("/commitments/pledge?format=md").text.splitlines()
    at = markdown.index("- **Due:** 2024")
    assert markdown[at + 1] == f"- **Due, inferred:** {inferred['due']}"
    assert f"Due, inferred: {inferred['due']}" in client.get("/commitments?format=atom").text


def test_what_is_inferred_of_a_field_without_a_row_is_public(serve: Serve) -> None:
    inferred = {"title": "The passage names them together."}
    client = serve([a_bundle(commitments=[a_commitment(inferred=inferred)])])
    page = client.get("/commitments/pledge", headers={"accept": "text/html"}).text
    assert page.count(inferred["title"]) == 1
    assert (
        f"- **Title, inferred:** {inferred['title']}"
        in client.get("/commitments/pledge?format=md").text
    )


PROBLEMS: dict[str, tuple[Typed, str, str]] = {
    "an event without proof": (
        news({"date": "2026", "status": "done"}),
        "additions[0].events[0].evidence",
        "is missing",
    ),
    "an event with no proof": (
        news(an_event("2026", "done", evidence=[])),
        "additions[0].events[0].evidence",
        "is empty; name at least one",
    ),
    "a record that there is not": (
        news(an_event("2026", "done"), id="pledg"),
        "additions[0].id",
        '"pledg" is not a commitment; did you mean "pledge" ({})?',
    ),
    "a voice that there is not": (
        news(an_event("2026", "done", evidence=[a_passage(according_to="japn")])),
        "additions[0].events[0].evidence[0].according_to",
        '"japn" is not an actor; did you mean "japan" ({})?',
    ),
    "events of an actor": (
        news(an_event("2026", "done"), type="actor", id="japan"),
        "additions[0].events",
        "an actor has none; it takes evidence and offices and members",
    ),
    "nothing that is added": (
        news(),
        "additions[0]",
        "adds nothing; give evidence or events or assessments",
    ),
    "a passage and its parts": (
        news(an_event("2026", "done", evidence=[a_passage(parts=[{"passage": "paid"}])])),
        "additions[0].events[0].evidence[0].passage",
        "stands beside its parts; leave one out",
    ),
    "a passage of nothing": (
        news(an_event("2026", "done", evidence=[{"document": "news", "attribution": "reported"}])),
        "additions[0].events[0].evidence[0].passage",
        "is missing",
    ),
}


@pytest.mark.parametrize("name", PROBLEMS)
def test_a_problem_of_an_addition_is_reported_where_it_is(
    name: str, problems: Problems, tmp_path: Path
) -> None:
    bundle, address, message = PROBLEMS[name]
    message = message.replace("{}", str(tmp_path / "0.json"))
    assert problems(a_bundle(commitments=[PLEDGE]), bundle) == [(address, message)]


def test_a_status_is_not_typed_where_events_say_it(problems: Problems) -> None:
    typed = PLEDGE | {"events": [an_event("2026", "done")]}
    documents = [a_document(), a_document("news")]
    assert problems(a_bundle(commitments=[typed], documents=documents)) == [
        ("commitments[0].status", "is said by the events; leave it out")
    ]


def test_what_is_inferred_is_of_a_field(problems: Problems) -> None:
    typed = a_commitment(inferred={"dues": "Why."})
    assert problems(a_bundle(commitments=[typed])) == [
        ("commitments[0].inferred.dues", 'is not a field of a commitment; did you mean "due"?')
    ]


def test_the_passages_of_news_are_passages_everywhere(serve: Serve) -> None:
    """In the search, on the page of their document, and in each format that has the others."""
    client = serve([a_bundle(commitments=[PLEDGE]), news(an_event("2026-06-01", "done"))])
    assert [hit["id"] for hit in client.get('/search?q="Japan paid"').json()["items"]] == ["pledge"]
    assert "Japan paid" in client.get("/documents/news?format=html").text
    assert "No passage of it" not in client.get("/documents/news?format=html").text
    for name in ("html", "md", "jsonld"):
        assert "Japan paid" in client.get(f"/commitments/pledge?format={name}").text
    graph = client.get("/commitments/pledge?format=jsonld").json()
    assert "/documents/news" in json.dumps(graph)
    package = client.get("/releases/1/datapackage.zip").content
    with ZipFile(BytesIO(package)) as files:
        assert "Japan paid" in files.read("evidence.csv").decode()
