"""The page for a curator: who gets in, what it writes, and what it never loses."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from app.curate.desk import Changed, Desk
from app.curate.records import Refused
from app.curate.server import Preview, page_of
from app.curation.check import check
from tests.builders import Typed
from tests.conftest import client_of, releases_of
from tests.curation.conftest import published, state

HOST, TOKEN = "127.0.0.1:8001", "the-token"
TEXT = (
    "Joint statement 😀\n\nJapan and Estonia will give up to $5 million to Ukraine by 2030. "
    "They said “we will do it together” in Tallinn.\n\nWe agreed. We agreed.\n\nWe agreed."
)
NAME = "joint-statement"
Post = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a text."""
    folder = tmp_path / "records"
    folder.mkdir()
    (folder / f"{NAME}.txt").write_text(TEXT, encoding="utf-8")
    return folder


@pytest.fixture
def desk(folder: Path, tmp_path: Path) -> Desk:
    """A desk on it."""
    return Desk(folder, releases_of(tmp_path / "readout.db"))


@pytest.fixture
def page(desk: Desk) -> Iterator[TestClient]:
    """A browser at the page, before it has asked for anything."""
    preview = Preview()
    yield TestClient(page_of(desk, preview, HOST, TOKEN), base_url=f"http://{HOST}")
    preview.close()


@pytest.fixture
def post(page: TestClient) -> Post:
    """Ask as the page does."""

    def ask(path: str, status: int = 200, **asked: Any) -> Any:
        answer = page.post(f"/{TOKEN}/{path}", json=asked, headers={"origin": f"http://{HOST}"})
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def form_for(desk: Desk, words: str, kind: str = "commitment", **values: str) -> Typed:
    """A form for some words of the text, some of its fields typed."""
    start = TEXT.index(words)
    form = desk.form(NAME, kind, start, start + len(words), None)
    for field in form["fields"]:
        field["value"] = values.get(field["name"], field["value"])
    return form


def publish(desk: Desk, folder: Path) -> str:
    """Publish what was shown."""
    made = folder.parent / "preview"
    made.mkdir(exist_ok=True)
    return desk.publish("Why", desk.build(made).version)


def bundle(folder: Path) -> Typed:
    """What is written."""
    content: Typed = json.loads((folder / f"{NAME}.json").read_bytes())
    return content


PLEDGE = "Japan and Estonia will give up to $5 million to Ukraine by 2030"

OUTSIDE: dict[str, tuple[str, str, dict[str, str]]] = {
    "no token": ("GET", "/", {}),
    "another token": ("GET", "/the-tokex/", {}),
    "a preview without the cookie": ("GET", "/commitments", {}),
    "another host": ("GET", f"/{TOKEN}/", {"host": "evil.example"}),
    "a name that leads here": ("GET", f"/{TOKEN}/", {"host": "evil.example:8001"}),
    "another port": ("GET", f"/{TOKEN}/", {"host": "127.0.0.1:8002"}),
    "localhost": ("GET", f"/{TOKEN}/", {"host": "localhost:8001"}),
    "another origin": ("GET", f"/{TOKEN}/texts", {"origin": "https://evil.example"}),
    "no origin of its own": ("GET", f"/{TOKEN}/texts", {"origin": "null"}),
    "a link of another page": ("GET", f"/{TOKEN}/", {"sec-fetch-site": "cross-site"}),
    "a page at another port": ("GET", f"/{TOKEN}/", {"sec-fetch-site": "same-site"}),
    "a form of another page": (
        "POST",
        f"/{TOKEN}/undo",
        {"origin": "https://evil.example", "content-type": "application/json"},
    ),
    "a form without an origin": ("POST", f"/{TOKEN}/undo", {"content-type": "application/json"}),
    "a form that is no JSON": (
        "POST",
        f"/{TOKEN}/undo",
        {"origin": f"http://{HOST}", "content-type": "text/plain"},
    ),
    "a draft of another page": (
        "POST",
        "/check",
        {"origin": "https://evil.example", "cookie": f"readout-8001={TOKEN}"},
    ),
    "a write with the cookie alone": (
        "POST",
        "/undo",
        {
            "origin": f"http://{HOST}",
            "content-type": "application/json",
            "cookie": f"readout-8001={TOKEN}",
        },
    ),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_nobody_gets_in_but_who_has_the_token(case: str, page: TestClient, folder: Path) -> None:
    method, path, headers = OUTSIDE[case]
    before = state(folder)
    answer = page.request(method, path, headers=headers)
    assert answer.status_code == 403
    assert TOKEN not in answer.text
    assert state(folder) == before


def test_the_page_can_be_shown_in_no_other_and_sends_nothing_on(page: TestClient) -> None:
    for name in ("", "curate.js", "points.js", "curate.css"):
        answer = page.get(f"/{TOKEN}/{name}")
        assert answer.status_code == 200
        assert answer.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "HttpOnly" in answer.headers["set-cookie"]
        assert "SameSite=strict" in answer.headers["set-cookie"]
        assert "access-control-allow-origin" not in answer.headers
    assert page.get(f"/{TOKEN}/..%2fserver.py").status_code in {403, 404}
    assert page.get(f"/{TOKEN}/write").status_code == 404


def test_a_form_has_what_the_words_say(desk: Desk) -> None:
    form = form_for(desk, PLEDGE)
    values = {field["name"]: field["value"] for field in form["fields"]}
    assert values["by"] == "japan, estonia"
    assert values["measures"] == "pledged: up to USD 5,000,000 by 2030"
    assert (values["due"], values["due_text"]) == ("2030", "by 2030")
    assert (values["mentions"], values["act"]) == ("ukraine:about", "promise")
    assert values["id"] == "japan-estonia-give-up-5"


def test_what_is_written_is_the_records_own_and_sound(desk: Desk, folder: Path, post: Post) -> None:
    form = form_for(desk, PLEDGE)
    assert post("check", text=NAME, form=form) == {
        "problems": [],
        "warnings": [],
        "unsaid": [],
    }
    told = post("write", text=NAME, form=form, version="")
    assert told["records"][0]["id"] == "japan-estonia-give-up-5"
    assert told["uncited"] == [1, 3, 4]
    [entry] = bundle(folder)["commitments"]
    assert entry["evidence"] == [{"passage": PLEDGE}]
    assert entry["measures"] == [
        {"role": "pledged", "value": 5000000, "bound": "up_to", "currency": "USD", "by": "2030"}
    ]
    assert check([str(folder)]) == []


def test_the_form_of_a_file_is_kept_and_records_stand_in_their_order(
    desk: Desk, folder: Path
) -> None:
    documents = '[{"id":"joint-statement","title":"T","kind":"speech"}]'
    written = f'{{"documents":{documents},\n\n\t"quotes" : [ ]\n}}'
    (folder / f"{NAME}.json").write_text(written, encoding="utf-8")
    desk.write(NAME, form_for(desk, "We agreed", title="Later"), desk.records(NAME).version)
    desk.write(NAME, form_for(desk, PLEDGE, title="Sooner"), desk.records(NAME).version)
    text = (folder / f"{NAME}.json").read_text(encoding="utf-8")
    assert text.startswith(written[: written.index("[ ]")])
    assert [entry["title"] for entry in bundle(folder)["commitments"]] == ["Sooner", "Later"]
    assert bundle(folder)["commitments"][0]["evidence"][0]["document"] == NAME


def test_a_passage_that_stands_more_than_once_says_which(desk: Desk, folder: Path) -> None:
    for paragraph, start in ((4, TEXT.rindex("We agreed")), (3, TEXT.index("We agreed"))):
        form = desk.form(NAME, "quote", start, start + 9, None)
        form["fields"][0]["value"] = f"words-{paragraph}"
        form["fields"][2]["value"] = "japan"
        desk.write(NAME, form, desk.records(NAME).version)
    later, sooner = (
        bundle(folder)["quotes"][::-1]
        if bundle(folder)["quotes"][0]["id"] == "words-3"
        else bundle(folder)["quotes"]
    )
    spoken = {"attribution": "direct_quote"}
    assert later["evidence"] == [{"passage": "We agreed", "near": 4} | spoken]
    assert sooner["evidence"] == [
        {"passage": "We agreed", "start": TEXT.index("We agreed")} | spoken
    ]


def test_a_field_may_be_proved_by_other_words(desk: Desk, folder: Path) -> None:
    form = form_for(desk, PLEDGE, date="2025")
    [date] = [field for field in form["fields"] if field["name"] == "date"]
    date["proof"] = [[TEXT.index("in Tallinn"), TEXT.index("in Tallinn") + 10]]
    desk.write(NAME, form, "")
    main, other = bundle(folder)["commitments"][0]["evidence"]
    assert other == {"passage": "in Tallinn", "fields": ["date"]}
    assert "date" not in main["fields"]
    assert {"title", "by", "measures", "due"} <= {*main["fields"]}
    again = desk.edit(NAME, "commitments", "japan-estonia-give-up-5")
    assert [field["proof"] for field in again["fields"] if field["name"] == "date"] == [
        date["proof"]
    ]


def test_a_record_is_corrected_where_it_stands(desk: Desk, folder: Path) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    form = desk.edit(NAME, "commitments", "japan-estonia-give-up-5") | {
        "id": "japan-estonia-give-up-5"
    }
    form["fields"][1]["value"] = "Five million"
    desk.write(NAME, form, desk.records(NAME).version)
    [entry] = bundle(folder)["commitments"]
    assert (entry["title"], entry["by"]) == ("Five million", ["japan", "estonia"])
    document = desk.edit(NAME, "documents", NAME) | {"id": NAME}
    document["fields"][3]["value"] = "2025-02-07"
    desk.write(NAME, document, desk.records(NAME).version)
    assert bundle(folder)["documents"][0]["published"] == "2025-02-07"


def test_an_event_is_news_of_a_commitment(desk: Desk, folder: Path) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    form = form_for(desk, "in Tallinn", "event", commitment="japan-estonia-give-up-5", date="2031")
    desk.write(NAME, form, desk.records(NAME).version)
    [news] = bundle(folder)["additions"]
    assert (news["type"], news["id"], news["events"][0]["status"]) == (
        "commitment",
        "japan-estonia-give-up-5",
        "done",
    )
    assert check([str(folder)]) == []


def test_what_has_a_problem_is_not_written(desk: Desk, folder: Path, post: Post) -> None:
    before = state(folder)
    form = form_for(desk, PLEDGE, by="japn")
    said = post("check", text=NAME, form=form)["problems"]
    assert said == [f'By 1: "japn" is not an actor; did you mean "japan" ({folder}/starter.json)?']
    assert "mend this first" in post("write", 422, text=NAME, form=form, version="")["detail"]
    assert state(folder) == before


def test_who_commits_or_agrees_is_missed_where_nobody_does(desk: Desk) -> None:
    for kind, name in (("commitment", "by"), ("agreement", "parties")):
        form = form_for(desk, PLEDGE, kind, **{name: ""})
        [notice] = [said for said in desk.check(NAME, form)[1] if "nobody is named" in said]
        assert notice.startswith(f"{name.capitalize()}: ")
        assert desk.check(NAME, form)[0] == []


VOICES = {"commitment": "reported", "agreement": "reported", "quote": "direct_quote"}


@pytest.mark.parametrize("kind", VOICES)
def test_a_document_speaks_itself_but_in_quotes(kind: str, desk: Desk, folder: Path) -> None:
    form = form_for(desk, PLEDGE, kind, speaker="japan")
    [voice] = [field["value"] for field in form["fields"] if field["name"] == "attribution"]
    assert voice == VOICES[kind]
    desk.write(NAME, form, "")
    written = bundle(folder)
    [proof] = written[f"{kind}s"][0]["evidence"]
    assert (written["defaults"] | proof)["attribution"] == VOICES[kind]


def test_a_field_that_no_passage_says_is_named(desk: Desk) -> None:
    form = form_for(desk, PLEDGE, by="japan, france", due="2031")
    assert desk.check(NAME, form).unsaid == ["by", "due"]


def test_a_field_that_no_passage_says_is_answered_for_in_words(desk: Desk, folder: Path) -> None:
    answers = "by: They spoke for France; and for Japan.; due: Said later."
    form = form_for(desk, PLEDGE, by="japan, france", due="2031", inferred=answers)
    assert desk.check(NAME, form) == ([], [], ["by", "due"])
    desk.write(NAME, form, "")
    [entry] = bundle(folder)["commitments"]
    assert entry["inferred"] == {
        "by": "They spoke for France; and for Japan.",
        "due": "Said later.",
    }
    again = desk.edit(NAME, "commitments", entry["id"])
    assert [one["value"] for one in again["fields"] if one["name"] == "inferred"] == [answers]
    for words in ("by", "by: ", "by France: x"):
        wrong = form_for(desk, PLEDGE, inferred=words)
        [problem] = desk.check(NAME, wrong)[0]
        assert problem.lower().startswith("inferred"), words


def test_undo_says_what_it_takes_back(desk: Desk, post: Post) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    version = desk.records(NAME).version
    desk.look(NAME, 3)
    said = [post("undo", text=NAME, version=version)["said"]]
    assert desk.state(NAME)["looked"] == []
    said.append(post("undo", text=NAME, version=version)["said"])
    assert said == [
        "Taken back: that paragraph 3 was looked at",
        "Taken back: commitment japan-estonia-give-up-5",
    ]


def test_the_actors_of_the_text_and_of_the_folder_are_near(desk: Desk) -> None:
    form = form_for(desk, "Tallinn", "actor", id="port", title="Port")
    next(field for field in form["fields"] if field["name"] == "kind")["value"] = "company"
    desk.write(NAME, form, "")
    near = desk.state(NAME)["near"]
    assert {*near[:3]} == {"japan", "estonia", "ukraine"}
    assert near[3:] == ["port"]


def test_undo_gives_back_what_was_there_to_the_byte(desk: Desk, folder: Path, post: Post) -> None:
    before = state(folder)
    desk.write(NAME, form_for(desk, PLEDGE), "")
    after_one = state(folder)
    desk.write(NAME, form_for(desk, "We agreed"), desk.records(NAME).version)
    desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == after_one
    desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == before
    assert "nothing to take back" in post("undo", 422, text=NAME, version="")["detail"]


def test_undo_takes_back_what_was_done_to_the_same_text(desk: Desk, folder: Path) -> None:
    (folder / "other.txt").write_text(TEXT, encoding="utf-8")
    desk.write(NAME, form_for(desk, PLEDGE), "")
    first = state(folder)
    start = TEXT.index("We agreed")
    desk.write("other", desk.form("other", "agreement", start, start + 9, None), "")
    both = state(folder)
    assert desk.state(NAME)["undo"]
    desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == {k: v for k, v in both.items() if k != f"{NAME}.json"}
    assert not desk.state(NAME)["undo"]
    desk.undo("other", desk.records("other").version)
    assert state(folder) == {k: v for k, v in first.items() if k != f"{NAME}.json"}


HALF: dict[str, Typed] = {
    "null in place of a list": {"commitments": None, "additions": None, "actors": None},
    "texts in place of records": {"agreements": ["pact"], "defaults": {"agreement": "pact"}},
    "text in place of a list": {"agreements": "pact", "defaults": {"agreement": "pact"}},
    "nulls in place of records": {"documents": [None], "quotes": [None], "additions": [None]},
    "text in place of defaults": {"defaults": "pact"},
    "parties that are none": {
        "defaults": {"agreement": "pact"},
        "agreements": [{"id": "pact", "parties": [None, "japan", {}, {"actor": 1}]}],
    },
    "names that are none": {
        "actors": [
            {"id": "x", "title": "X", "kind": "country_or_area", "country": ["JP"], "aliases": 1},
            {"id": ["y"], "title": "Y", "aliases": "Z"},
        ]
    },
    "passages that are none": {"quotes": [{"id": "q", "evidence": [None, "x", {"passage": 1}]}]},
}


@pytest.mark.parametrize("case", HALF)
def test_a_bundle_that_is_half_edited_stops_nothing(case: str, desk: Desk, folder: Path) -> None:
    (folder / f"{NAME}.json").write_text(json.dumps(HALF[case]), encoding="utf-8")
    desk.warm()
    shown = desk.state(NAME)
    assert len(shown["paragraphs"]) == 4
    before = state(folder)
    if (" in place of a list" in case and "null" not in case) or "defaults" in case:
        with pytest.raises(Refused, match=r"is not (a list|an object)"):
            form_for(desk, PLEDGE)
    else:
        desk.check(NAME, form_for(desk, PLEDGE))
        for one in shown["records"]:
            if one["plural"] != "additions" and one["id"] != "['y']":
                desk.edit(NAME, one["plural"], one["id"])
    assert state(folder) == before


@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "marked"])
def test_the_ends_of_lines_stay_as_they_are(mark: str, desk: Desk, folder: Path) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    file = folder / f"{NAME}.json"
    written = (mark + file.read_text("utf-8")).replace("\n", "\r\n").encode()
    file.write_bytes(written)
    desk.write(NAME, form_for(desk, "We agreed"), desk.records(NAME).version)
    form = desk.edit(NAME, "commitments", "japan-estonia-give-up-5")
    form["fields"][1]["value"] = "Five million"
    desk.write(NAME, form, desk.records(NAME).version)
    assert file.read_bytes().count(b"\n") == file.read_bytes().count(b"\r\n") > written.count(b"\n")
    desk.undo(NAME, desk.records(NAME).version)
    desk.undo(NAME, desk.records(NAME).version)
    assert file.read_bytes() == written


MISNAMED = {
    "starter": "starter.json beside it is a starter",
    "My Statement": "as in my-statement.txt",
    "statement.proof": "as in statementproof.txt",
    "…": "as in statement-2026.txt",
}


@pytest.mark.parametrize("name", MISNAMED, ids=["starter", "title", "proof", "no letters"])
def test_a_text_with_a_name_that_is_not_its_own_is_refused(
    name: str, desk: Desk, folder: Path, page: TestClient
) -> None:
    (folder / f"{name}.txt").write_text(TEXT, encoding="utf-8")
    before = state(folder)
    desk.warm()
    answer = page.get(f"/{TOKEN}/state", params={"text": name})
    assert answer.status_code == 422
    assert MISNAMED[name] in answer.json()["detail"]
    assert state(folder) == before


def test_a_text_that_nothing_is_taken_from_keeps_no_other_from_being_published(
    desk: Desk, folder: Path
) -> None:
    (folder / "notes.txt").write_bytes(b"\xff\0")
    desk.write(NAME, form_for(desk, PLEDGE), "")
    assert publish(desk, folder) == "release 1 is published"
    (folder / f"{NAME}.txt").write_bytes(b"\xff")
    with pytest.raises(Refused, match=f"{NAME}.txt: is not UTF-8"):
        publish(desk, folder)


def test_a_record_is_deleted_and_given_back(desk: Desk, folder: Path, post: Post) -> None:
    id_ = "japan-estonia-give-up-5"
    desk.write(NAME, form_for(desk, PLEDGE), "")
    alone = state(folder)
    news = form_for(desk, "in Tallinn", "event", commitment=id_, date="2031")
    desk.write(NAME, news, desk.records(NAME).version)
    before = state(folder)
    listed = {one["plural"]: one for one in desk.state(NAME)["records"]}
    assert (listed["additions"]["type"], listed["additions"]["id"]) == ("news of", id_)

    def asked(plural: str) -> Typed:
        version = desk.records(NAME).version
        return {"text": NAME, "plural": plural, "at": 0, "id": id_, "version": version}

    refusal = post("delete", 422, **asked("commitments"))["detail"]
    assert f"not deleted; {id_} is still named" in refusal
    assert f'"{id_}"' in refusal
    assert state(folder) == before
    post("delete", **asked("additions"))
    assert bundle(folder)["additions"] == []
    post("delete", **asked("commitments"))
    assert bundle(folder)["commitments"] == []
    assert "not in" in post("delete", 422, **asked("commitments"))["detail"]
    desk.undo(NAME, desk.records(NAME).version)
    desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == before
    desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == alone


def test_a_meeting_and_who_took_part_are_made_on_the_page(desk: Desk, folder: Path) -> None:
    port = form_for(desk, "Tallinn", "actor", title="Port of Tallinn", id="port-of-tallinn")
    kinds = next(field for field in port["fields"] if field["name"] == "kind")
    assert (kinds["value"], "company" in kinds["choices"]) == ("", True)
    assert desk.check(NAME, port)[0] == ["Kind: is missing"]
    kinds["value"] = "company"
    desk.write(NAME, port, "")
    meeting = form_for(desk, "They said “we will do it together” in Tallinn", "summit",
                       id="tallinn", title="The meeting in Tallinn", place="Tallinn",
                       participants="port-of-tallinn:guest, estonia")  # fmt: skip
    assert desk.check(NAME, meeting)[0] == ["Who met 2 role: is missing"]
    [who] = [field for field in meeting["fields"] if field["name"] == "participants"]
    who["value"] += ":country"
    desk.write(NAME, meeting, desk.records(NAME).version)
    [entry] = bundle(folder)["summits"]
    assert entry["participants"] == [
        {"actor": "port-of-tallinn", "role": "guest"}, {"actor": "estonia", "role": "country"}
    ]  # fmt: skip
    pledge = form_for(desk, PLEDGE)
    assert next(f["value"] for f in pledge["fields"] if f["name"] == "summit") == "tallinn"
    assert check([str(folder)]) == []


def test_an_id_is_not_given_twice(desk: Desk) -> None:
    desk.write(NAME, form_for(desk, "We agreed", "agreement", id="pact"), "")
    sooner = form_for(desk, "Joint statement", "agreement", id="pact")
    [problem] = desk.check(NAME, sooner)[0]
    assert '"pact" is declared already' in problem


def test_an_id_that_others_name_is_not_changed_under_them(desk: Desk) -> None:
    desk.write(NAME, form_for(desk, "We agreed", "agreement", id="pact"), "")
    desk.write(NAME, form_for(desk, PLEDGE, agreement="pact"), desk.records(NAME).version)
    form = desk.edit(NAME, "agreements", "pact")
    form["fields"][0]["value"] = "treaty"
    [problem] = desk.check(NAME, form)[0]
    assert 'commitments[0].agreement: "pact" is not an agreement' in problem


def test_a_file_that_was_changed_beside_is_not_overwritten(
    desk: Desk, folder: Path, post: Post
) -> None:
    """By an editor, or by another tab."""
    desk.write(NAME, form_for(desk, PLEDGE), "")
    seen = desk.records(NAME).version
    (folder / f"{NAME}.json").write_text(
        (folder / f"{NAME}.json").read_text("utf-8").replace("Statement", "statement") + "\n",
        "utf-8",
    )
    before = state(folder)
    form = form_for(desk, "We agreed")
    detail = post("write", 409, text=NAME, form=form, version=seen)["detail"]
    assert detail == f"{NAME}.json was changed beside this page; reload to go on from there"
    with pytest.raises(Changed):
        desk.undo(NAME, seen)
    with pytest.raises(Changed):
        desk.undo(NAME, desk.records(NAME).version)
    assert state(folder) == before


@pytest.mark.parametrize("content", ['{"commitments": [', "[]", '"text"', "\xff", ""])
def test_a_bundle_that_became_invalid_is_left_alone(
    content: str, desk: Desk, folder: Path, post: Post
) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    form = form_for(desk, "We agreed")
    (folder / f"{NAME}.json").write_bytes(content.encode("latin-1"))
    before = state(folder)
    detail = post("write", 422, text=NAME, form=form, version=desk.records(NAME).version)["detail"]
    assert detail.startswith("nothing is written while this is so: ")
    shown = desk.state(NAME)
    assert shown["records"] == []
    assert shown["fault"] == detail
    assert state(folder) == before


def test_a_disk_that_is_full_loses_nothing(
    desk: Desk, folder: Path, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    form, before = form_for(desk, "We agreed"), state(folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    detail = post("write", 507, text=NAME, form=form, version=desk.records(NAME).version)["detail"]
    assert "No space left on device; nothing was changed" in detail
    assert state(folder) == before
    monkeypatch.undo()
    post("write", text=NAME, form=form, version=desk.records(NAME).version)


def test_a_folder_without_rights_is_said(desk: Desk, folder: Path, post: Post) -> None:
    form = form_for(desk, PLEDGE)
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("whoever runs this may write anywhere")
        detail = post("write", 507, text=NAME, form=form, version="")["detail"]
        assert "Permission denied; nothing was changed" in detail
    finally:
        folder.chmod(0o700)


def test_what_is_no_request_of_the_page_is_refused(page: TestClient, post: Post) -> None:
    for asked in ({}, {"text": "none"}, {"text": NAME}, {"text": NAME, "form": 1, "version": ""}):
        assert post("write", 400, **asked)["detail"]
    assert "no text none.txt" in page.get(f"/{TOKEN}/state?text=none").json()["detail"]
    assert page.get(f"/{TOKEN}/state?text=../{NAME}").status_code == 422
    headers = {"origin": f"http://{HOST}", "content-type": "application/json"}
    for content in (b"{", b"[]", b'"' + b"a" * 2_000_001 + b'"', b"[" * 100_000):
        answer = page.post(f"/{TOKEN}/undo", content=content, headers=headers)
        assert answer.status_code == 400


BAD_TEXTS = {
    "nul": (b"a\0b", "holds NUL"),
    "huge": (b"word " * 4_000_000, "has more than 2,000,000 characters; divide it"),
    "half of a pair": (b"\xed\xa0\x80", "is not UTF-8 text"),
}


@pytest.mark.parametrize("case", BAD_TEXTS)
def test_a_text_that_cannot_be_used_is_said(case: str, page: TestClient, folder: Path) -> None:
    content, said = BAD_TEXTS[case]
    (folder / "bad.txt").write_bytes(content)
    answer = page.get(f"/{TOKEN}/state?text=bad")
    assert answer.status_code == 422
    assert said in answer.json()["detail"]


def test_paragraphs_that_were_looked_at_are_remembered(desk: Desk, folder: Path) -> None:
    desk.look(NAME, 3)
    assert desk.state(NAME)["looked"] == [3]
    desk.look(NAME, 3)
    desk.look(NAME, 1)
    assert desk.state(NAME)["looked"] == [1]
    (folder / f"{NAME}.txt").write_text("Another text.", encoding="utf-8")
    assert desk.state(NAME)["looked"] == []


def test_the_preview_is_the_public_page_and_publishing_makes_it_so(
    desk: Desk, page: TestClient, post: Post, tmp_path: Path
) -> None:
    desk.write(NAME, form_for(desk, PLEDGE, title="Five million"), "")
    page.get(f"/{TOKEN}/")  # leaves the cookie
    assert page.get("/commitments/japan-estonia-give-up-5").status_code == 404
    shown = post("preview")
    assert "+ 1 commitments" in shown["changes"]
    assert shown["warnings"] == []
    version = shown["version"]
    shown = page.get("/commitments/japan-estonia-give-up-5", headers={"accept": "text/html"})
    assert "Five million" in shown.text
    assert "text/html" in shown.headers["content-type"]
    assert not (tmp_path / "readout.db").exists()
    assert post("publish", message="First", version=version)["said"] == "release 1 is published"
    assert published(tmp_path / "readout.db").message == "First"
    with client_of(tmp_path / "readout.db") as client:
        record = client.get("/commitments/japan-estonia-give-up-5").json()
    assert record["evidence"][0]["start"] == TEXT.index(PLEDGE)
    desk.write(
        NAME, form_for(desk, "We agreed", "quote", speaker="japan"), desk.records(NAME).version
    )
    assert "+ quotes/agreed  We agreed" in post("preview")["changes"]


def test_what_is_published_is_what_was_seen_and_says_why(
    desk: Desk, folder: Path, post: Post, tmp_path: Path
) -> None:
    desk.write(NAME, form_for(desk, "We agreed", title="We agreed", by="japan"), "")
    seen = post("preview")
    [warning] = seen["warnings"]
    assert warning.startswith(f"{NAME}.json:10 commitments[agreed].by[0]: ")
    assert seen["counts"] == {"change": 3, "warning": 1}
    assert "stands in no passage for it" in warning
    for empty in ("", " "):
        refusal = post("publish", 422, message=empty, version=seen["version"])["detail"]
        assert "say why" in refusal
    file = folder / f"{NAME}.json"
    before = file.read_bytes()
    file.write_bytes(before.replace(b'"We agreed"', b'"We did"', 1))
    refusal = post("publish", 409, message="First", version=seen["version"])["detail"]
    assert "changed since" in refusal
    assert not (tmp_path / "readout.db").exists()
    file.write_bytes(before)
    post("publish", message="First", version=seen["version"])
    refusal = post("publish", 409, message="Again", version=seen["version"])["detail"]
    assert "changed since" in refusal  # by a release


def test_what_is_deleted_after_it_was_published_says_what_to_type(
    desk: Desk, folder: Path, post: Post, tmp_path: Path
) -> None:
    """Of what is in the file alone: who was named by it, of the starter, goes by itself."""
    desk.write(NAME, form_for(desk, PLEDGE), "")
    desk.write(
        NAME, form_for(desk, "We agreed", "quote", speaker="japan"), desk.records(NAME).version
    )
    publish(desk, folder)
    desk.delete(NAME, ("commitments", 0), "japan-estonia-give-up-5", desk.records(NAME).version)
    typed = '"withdrawn": [{"type": "commitment", "id": "japan-estonia-give-up-5", "reason": "…"}]'
    refusal = post("preview", 422)["detail"]
    assert typed in refusal
    assert "actors/" not in refusal
    file = folder / f"{NAME}.json"
    content = bundle(folder) | json.loads("{" + typed.replace("…", "It was wrong.") + "}")
    file.write_text(json.dumps(content), encoding="utf-8")
    changes = post("preview")["changes"]
    assert "- actors/estonia  Estonia" in changes
    publish(desk, folder)
    with client_of(tmp_path / "readout.db") as client:
        gone = client.get("/actors/estonia")
        assert (gone.status_code, "refers to it" in gone.text) == (410, True)
        assert client.get("/actors/japan").status_code == 200


def test_a_draft_is_checked_in_the_preview(desk: Desk, page: TestClient, post: Post) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    draft = {"text": "They pledged up to $5 million."}
    headers = {"origin": f"http://{HOST}", "accept": "text/html"}
    assert page.post("/check", data=draft, headers=headers).status_code == 403
    page.get(f"/{TOKEN}/")  # leaves the cookie
    post("preview")
    assert page.post("/check", data=draft).status_code == 403
    assert page.post("/check", data=draft, headers={"origin": "null"}).status_code == 403
    answer = page.post("/check", data=draft, headers=headers)
    assert (answer.status_code, "$5 million" in answer.text) == (200, True)
    assert page.post("/mcp", data=draft, headers=headers).status_code == 403


def test_nothing_is_published_while_a_passage_is_not_proved(desk: Desk, folder: Path) -> None:
    desk.write(NAME, form_for(desk, PLEDGE), "")
    (folder / f"{NAME}.txt").write_text(TEXT.replace("Estonia", "Latvia"), encoding="utf-8")
    with pytest.raises(Refused, match="is not in the text; the closest is Japan and"):
        publish(desk, folder)
