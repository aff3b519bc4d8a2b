"""What changed, what it said then, what was withdrawn and what was renamed: over HTTP."""

import csv
import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.curation.load import Rejected
from app.store.folder import Folder
from tests.builders import Typed, a_bundle, a_commitment, an_actor, an_agreement, write
from tests.conftest import SEED, Server, load, pass_time, server_of, wait_until


def bundle(*commitments: Typed, **lists: Any) -> Typed:
    """A data set with these commitments, and one agreement."""
    return a_bundle(commitments=list(commitments), agreements=[an_agreement()], **lists)


RELEASES: list[Typed] = [
    bundle(a_commitment(id="solar", title="A solar park"), a_commitment(id="wind")),
    bundle(
        a_commitment(id="solar", title="A solar park", amount=5, currency="EUR"),
        a_commitment(id="wind"),
    ),
    bundle(
        a_commitment(id="sun", title="A sun park", amount=5, currency="EUR", former_ids=["solar"]),
        withdrawn=[
            {
                "type": "commitment",
                "id": "wind",
                "reason": "The source took it back.",
                "replaced_by": "sun",
            }
        ],
    ),
    bundle(
        a_commitment(id="sunlight", title="A sun park", amount=5, currency="EUR",
                     former_ids=["sun"]),
        actors=[an_actor(), an_actor("estonia")],
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with four releases."""
    folder = tmp_path_factory.mktemp("history")
    for number, content in enumerate(RELEASES, start=1):
        file = write(folder / "bundle.json", content)
        at = f"2025-0{number}-07T09:00:00Z"
        release, new = load([file], folder / "readout.db", at, message=f"Release {number}.")
        assert (release.number, new) == (number, True)
    return folder / "readout.db"


@pytest.fixture(scope="module")
def server_of_four(database: Path) -> Iterator[Server]:
    """A server on it."""
    with server_of(database) as running:
        yield running


@pytest.fixture(scope="module")
def four(server_of_four: Server) -> Iterator[httpx.Client]:
    """A client of it."""
    with httpx.Client(base_url=server_of_four.url) as client:
        yield client


def items(client: httpx.Client, url: str) -> list[Typed]:
    """Everything that a walk gives."""
    entries: list[Typed] = []
    following: str | None = url
    while following:
        page = client.get(following)
        assert page.status_code == 200, page.text
        entries += page.json()["items"]
        following = page.json()["next"]
    assert page.json()["total"] == len(entries)
    return entries


def applied(copy: dict[str, Typed], changes: list[Typed]) -> dict[str, Typed]:
    """A copy with changes put into it, as the documentation says."""
    copy = json.loads(json.dumps(copy))
    for change in changes:
        record = change["record"]
        path = f"/{record['type']}s/{record['id']}"
        former = change["former_id"]
        body = copy.pop(f"/{record['type']}s/{former}" if former else path, None)
        for field in change["fields"]:
            body = replaced(body, field["pointer"].split("/")[1:], field)
        if body is not None:
            copy[path] = body
    return copy


def replaced(value: Any, steps: list[str], field: Typed) -> Any:
    """A value with another one at a pointer."""
    if not steps:
        assert value == field["before"]
        return field["after"]
    step = steps[0].replace("~1", "/").replace("~0", "~")
    key: Any = int(step) if isinstance(value, list) else step
    value[key] = replaced(value[key], steps[1:], field)
    return value


def whole(client: httpx.Client, release: int) -> dict[str, Typed]:
    """Every record of a release."""
    lists = ("summits", "actors", "agreements", "commitments", "quotes", "documents")
    return {
        record["href"]: record
        for name in lists
        for record in items(client, f"/{name}?as_of={release}&limit=1")
    }


@pytest.mark.parametrize("since", range(5))
@pytest.mark.parametrize("limit", [1, 200])
def test_a_copy_with_all_changes_is_the_present_data_set(
    four: httpx.Client, since: int, limit: int
) -> None:
    start = whole(four, since) if since else {}
    changes = items(four, f"/changes?since_release={since}&sort=release&limit={limit}")
    assert applied(start, changes) == whole(four, 4)


def test_each_release_is_as_it_was(four: httpx.Client) -> None:
    titles = [
        [record["id"] for record in items(four, f"/commitments?as_of={number}&sort=title")]
        for number in range(1, 5)
    ]
    assert titles == [["wind", "solar"], ["wind", "solar"], ["sun"], ["sunlight"]]
    assert four.get("/commitments/solar?as_of=1").json()["amount"] is None
    assert four.get("/commitments/solar?as_of=2").json()["amount"] == 5
    assert four.get("/search?q=solar&as_of=2").json()["total"] == 1
    assert four.get("/search?q=solar").json()["total"] == 0
    then = four.get("/commitments/wind?as_of=2")
    assert (then.status_code, then.headers["dataset-release"]) == (200, "2")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
@pytest.mark.parametrize("path", ["/commitments", "/changes", "/search?q=park"])
def test_tables_are_of_the_release_that_is_asked(
    four: httpx.Client, path: str, number: int
) -> None:
    url = f"{path}{'&' if '?' in path else '?'}as_of={number}"
    then = items(four, url)
    lines = four.get(f"{url}&format=ndjson")
    assert [json.loads(line) for line in lines.text.splitlines()] == then
    table = four.get(f"{url}&format=csv")
    names = [row.get("number") or row["id"] for row in csv.DictReader(table.text.splitlines())]
    assert names == [str(item.get("number") or item["id"]) for item in then]
    for answer in (lines, table):
        assert answer.headers["dataset-release"] == str(number)
        assert answer.headers["dataset-total"] == str(len(then))
        assert answer.headers["content-disposition"].endswith(
            (f'-r{number}.ndjson"', f'-r{number}.csv"')
        )


def test_a_time_names_the_release_that_was_current(four: httpx.Client) -> None:
    for release in four.get("/releases").json()["items"]:
        at = four.get("/", params={"as_of": release["published_at"]})
        assert at.json()["release"]["number"] == release["number"]
        assert four.get(f"/releases/{release['number']}").json() == release
    assert release["message"] == "Release 1."


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        ("2025-01", 1),
        ("2025-03-06", 2),
        ("2025-03-07", 3),
        ("2025-03-07T09:00:00Z", 3),
        ("2025-03-07T09:59:59+01:00", 2),
        ("2025-12", 4),
    ],
)
def test_a_moment_that_is_over_names_one_release_for_ever(
    four: httpx.Client, moment: str, number: int
) -> None:
    answer = four.get("/commitments", params={"as_of": moment})
    assert answer.json()["release"] == number


@pytest.mark.parametrize(
    ("moment", "said", "nearest"),
    [
        ("2999-01-01", "is too recent to be settled; moments before 20", "4"),
        ("2001-01", "is before the first release", "1"),
        ("5", "is not the number of a release", "4"),
        ("0", "is not the number of a release", "1"),
        ("yesterday", "is neither the number of a release, nor a day, nor a time", None),
        ("2025-02-30", "is neither", None),
        ("2025-02-07T18:00:00", "has no time zone", None),
        ("0999-12-31T00:00:00Z", "is before the first release", "1"),
        ("0001-01-01T00:00:00+14:00", "is neither", None),
        ("0001-W01-1T00:00:00+01:00", "is neither", None),
        ("9999-12-31T23:59:59-14:00", "is neither", None),
    ],
)
def test_a_moment_without_a_release_is_refused(
    four: httpx.Client, moment: str, said: str, nearest: str | None
) -> None:
    answer = four.get("/agreements", params={"as_of": moment, "limit": 1})
    assert answer.status_code == 422
    problem = answer.json()
    assert said in problem["detail"]
    assert problem["errors"][0]["nearest"] == nearest
    # Nobody asked for the state of another day.
    assert problem["run"] is None
    if nearest:
        assert four.get("/agreements", params={"as_of": nearest}).status_code == 200


def test_a_withdrawn_record_leaves_a_tombstone(four: httpx.Client) -> None:
    answer = four.get("/commitments/wind")
    assert answer.status_code == 410
    assert answer.headers["content-type"] == "application/problem+json"
    stone = answer.json()["tombstone"]
    withdrawn_at = four.get("/releases/3").json()["published_at"]
    assert stone == {
        "type": "commitment",
        "id": "wind",
        "title": "A pledge",
        "reason": "The source took it back.",
        "withdrawn_at": withdrawn_at,
        "replaced_by": "/commitments/sunlight",  # as it is called now
        "history": "/commitments/wind/history",
    }
    assert [change["action"] for change in items(four, stone["history"])] == ["withdrawn", "added"]
    assert four.get(stone["replaced_by"]).status_code == 200


def test_a_batch_can_be_had_with_what_replaced_a_withdrawn_record(four: httpx.Client) -> None:
    problem = four.get("/commitments?id=wind&id=sunlight").json()
    assert "/commitments/wind/history says why, and sunlight is in its place" in problem["detail"]
    assert [item["id"] for item in four.get(problem["run"]).json()["items"]] == ["sunlight"]
    problem = four.get("/commitments?id=solar").json()
    assert [item["id"] for item in four.get(problem["run"]).json()["items"]] == ["sunlight"]


@pytest.mark.parametrize(
    "path", ["/commitments/solr", "/actors/solar", "/commitments/solr/history"]
)
def test_what_is_near_is_near_in_the_release_that_is_asked(four: httpx.Client, path: str) -> None:
    problem = four.get(f"{path}?as_of=2").json()
    assert problem["nearest"] == ["/commitments/solar?as_of=2"]
    assert four.get(problem["nearest"][0]).status_code == 200


@pytest.mark.parametrize("former", ["solar", "sun"])
@pytest.mark.parametrize("rest", ["", "/history"])
def test_a_former_id_leads_to_the_present_one(four: httpx.Client, former: str, rest: str) -> None:
    answer = four.get(f"/commitments/{former}{rest}?fields=type")
    assert answer.status_code == 308
    assert answer.headers["location"] == f"/commitments/sunlight{rest}?fields=type"


IDS = ["solar", "solar", "sun", "sunlight"]
"""The id of one record in each release."""


@pytest.mark.parametrize("id_", ["solar", "sun", "sunlight"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_id_leads_to_the_one_that_a_record_had_then(
    four: httpx.Client, id_: str, number: int
) -> None:
    then, as_of = IDS[number - 1], f"as_of={number}"
    for path in ("/commitments/{}", "/commitments/{}/history", "/embed/commitment/{}"):
        answer = four.get(f"{path.format(id_)}?{as_of}")
        assert answer.status_code == (200 if id_ == then else 308)
        assert answer.headers.get("location") in {None, f"{path.format(then)}?{as_of}"}
    answer = four.get(f"/commitments?id={id_}&{as_of}").json()
    if id_ != then:
        assert f"id={then}&{as_of}" in answer["run"]
        answer = four.get(answer["run"]).json()
    assert [item["id"] for item in answer["items"]] == [then]


def test_what_was_not_there_yet_has_no_other_id(four: httpx.Client) -> None:
    assert four.get("/actors/estonia?as_of=3").status_code == 404
    assert four.get("/actors/estonia/history?as_of=3").status_code == 404
    assert four.get("/actors?id=estonia&as_of=3").json()["run"] is None
    for path in ("/actors/estonia?as_of=3", "/actors?id=estonia&as_of=3"):
        assert "in release 3" in four.get(path).json()["detail"]
    named = [four.get(f"/commitments?by=Estonia{then}").json() for then in ("", "&as_of=3")]
    assert [each["errors"][0]["nearest"] for each in named] == ["estonia", None]


def test_a_history_follows_a_record_through_its_ids(four: httpx.Client) -> None:
    history = items(four, "/commitments/sunlight/history?sort=release&limit=1")
    assert [(c["action"], c["former_id"], c["release"]) for c in history] == [
        ("added", None, 1),
        ("changed", None, 2),
        ("renamed", "solar", 3),
        ("renamed", "sun", 4),
    ]
    amount = next(field for field in history[1]["fields"] if field["pointer"] == "/amount")
    assert amount == {
        "pointer": "/amount",
        "before": None,
        "after": 5,
        "derived": False,
    }


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("action=withdrawn", {"wind"}),
        ("action=renamed", {"sun", "sunlight"}),
        ("field=amount", {"solar"}),
        ("type=actor", {"japan", "estonia"}),
        ("id=wind", {"wind"}),
        ("type=commitment&action=added", {"solar", "wind"}),
        ("since_release=3&type=actor", {"estonia"}),
    ],
)
def test_changes_are_found_by(four: httpx.Client, query: str, expected: set[str]) -> None:
    assert {change["record"]["id"] for change in items(four, f"/changes?{query}")} == expected


def facts_of(changes: list[Typed]) -> list[Typed]:
    """The same changes without what is derived, and without those in which all is."""
    facts = [c | {"fields": [f for f in c["fields"] if not f["derived"]]} for c in changes]
    return [change for change in facts if change["fields"] or change["action"] != "changed"]


@pytest.mark.parametrize(
    "path",
    [
        "/changes?sort=-release",
        "/changes?type=document&type=commitment",
        "/changes?action=changed",
        "/changes?id=report&limit=1",
        "/documents/report/history?sort=release",
        "/commitments/sunlight/history?limit=1",
        "/changes?as_of=3",
    ],
)
def test_facts_are_shown_unless_it_is_asked_what_follows_from_them(
    four: httpx.Client, path: str
) -> None:
    everything = items(four, f"{path}&derived=1")
    facts = items(four, path)
    assert facts == items(four, f"{path}&derived=0") == facts_of(everything)
    assert len(facts) < len(everything) or "sunlight" in path


def test_a_copy_is_given_everything_unless_it_wants_facts(four: httpx.Client) -> None:
    everything = items(four, "/changes?since_release=1&sort=release")
    assert everything == items(four, "/changes?since_release=1&sort=release&derived=1")
    facts = items(four, "/changes?since_release=1&sort=release&derived=0&limit=1")
    assert facts == facts_of(everything) != everything


def test_a_field_is_asked_for_as_a_fact(four: httpx.Client) -> None:
    """What is shown is what was asked for: no change of which just something else is shown."""
    for field in ("counts", "title", "amount", "id"):
        everything = items(four, f"/changes?field={field}&derived=1")
        assert everything
        facts = items(four, f"/changes?field={field}&limit=1")
        for change in facts:
            assert field in {one["pointer"].split("/")[1] for one in change["fields"]}
        assert len(facts) == len(facts_of(everything))
    assert items(four, "/changes?field=counts") == []


def test_a_release_counts_its_facts(four: httpx.Client) -> None:
    counts = {
        release["number"]: release["changes"] for release in four.get("/releases").json()["items"]
    }
    for number, changes in counts.items():
        query = f"since_release={number - 1}&derived=0&as_of={number}"
        page = four.get(f"/changes?{query}&facet=action&limit=1").json()
        assert sum(changes.values()) == page["total"]
        assert {one["value"]: one["count"] for one in page["facets"]["action"]} == {
            action: count for action, count in changes.items() if count
        }
    assert counts[4] == {"added": 1, "changed": 0, "renamed": 1, "withdrawn": 0}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/changes?id=sunlihgt", "did you mean sunlight?"),
        ("/changes?field=amuont", "did you mean amount?"),
        ("/agreements?actor=japn", "did you mean japan?"),
    ],
)
def test_what_never_was_is_refused(four: httpx.Client, path: str, said: str) -> None:
    answer = four.get(path)
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert four.get(answer.json()["run"]).status_code == 200


def test_what_came_later_is_told_from_what_never_was(four: httpx.Client) -> None:
    added = {
        change["record"]["href"] for change in items(four, "/changes?action=added&since_release=1")
    }
    [path, *_] = sorted(path for path in added if four.get(path).status_code == 200)
    for what in (path, f"{path}/history"):
        problem = four.get(f"{what}?as_of=1").json()
        assert "in release 1, but there is in release 4" in problem["detail"]
        assert problem["nearest"] == [path]
    batch = four.get(path.replace("s/", "s?as_of=1&id=", 1)).json()
    assert "in release 1, but there is in release 4" in batch["detail"]
    assert "but there is" not in four.get("/commitments/never?as_of=1").text


def test_a_copy_that_is_ahead_is_not_told_that_nothing_changed(four: httpx.Client) -> None:
    problem = four.get("/changes?since_release=9").json()
    assert "the latest is 4: start from a copy of that one" in problem["detail"]
    assert problem["run"] is None


def test_a_walk_through_changes_goes_on_through_releases(tmp_path: Path) -> None:
    database, file = tmp_path / "readout.db", tmp_path / "bundle.json"
    load([write(file, RELEASES[0])], database)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        page = client.get("/changes?sort=release&limit=1").json()
        load([write(file, RELEASES[1])], database)
        wait_until(lambda: client.get("/").headers["dataset-release"] == "2")
        changes = page["items"]
        while page["next"]:
            page = client.get(page["next"]).json()
            changes += page["items"]
        assert [change["number"] for change in changes] == list(range(1, len(changes) + 1))
        assert page["release"] == 2
        assert page["total"] == len(changes)
        assert {change["release"] for change in changes} == {1, 2}


def test_a_walk_through_a_history_goes_on_when_the_record_is_renamed(tmp_path: Path) -> None:
    database, file = tmp_path / "readout.db", tmp_path / "bundle.json"
    for content in RELEASES[:2]:
        load([write(file, content)], database)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        page = client.get("/commitments/solar/history?limit=1").json()
        load([write(file, RELEASES[2])], database)
        wait_until(lambda: client.get("/").headers["dataset-release"] == "3")
        rest = client.get(page["next"]).json()
        assert (rest["release"], rest["total"], rest["next"]) == (2, 2, None)
        actions = [change["action"] for change in page["items"] + rest["items"]]
        assert actions == ["changed", "added"]


def test_an_older_release_that_is_not_kept_is_gone(tmp_path: Path) -> None:
    database, file = tmp_path / "readout.db", tmp_path / "bundle.json"
    for content in RELEASES:
        load([write(file, content)], database, keep=2)
        pass_time(Folder(database).path)
    assert sorted(Folder(database).manifests()) == [3, 4]
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        gone = client.get("/agreements?as_of=1")
        assert gone.status_code == 410
        assert "release 1 is not kept here any more; there are still: 3, 4" in gone.json()["detail"]
        assert client.get("/agreements?as_of=3").status_code == 200


def test_what_disappears_is_refused_and_says_how_to_withdraw_it(tmp_path: Path) -> None:
    database, file = tmp_path / "readout.db", tmp_path / "bundle.json"
    load([write(file, RELEASES[0])], database)
    with pytest.raises(Rejected) as refused:
        load([write(file, bundle(a_commitment(id="wind")))], database)
    lines = [str(finding) for finding in refused.value.findings]
    assert lines[0].startswith(
        "/commitments/solar: is published, and not in the files; to withdraw"
    )
    assert '{"type": "commitment", "id": "solar", "reason": "…"}' in lines[0]
    assert lines[1].endswith('readout load --prune "the reason" FILES')
    release, _ = load([file.as_posix()], database, prune="It was never promised.")
    assert release.changes == {"added": 0, "changed": 0, "renamed": 0, "withdrawn": 1}


def test_what_was_withdrawn_is_remembered_and_can_come_back(tmp_path: Path) -> None:
    database, file = tmp_path / "readout.db", tmp_path / "bundle.json"
    for content in (RELEASES[0], RELEASES[2]):
        load([write(file, content)], database)
    later = bundle(a_commitment(id="sun", title="Another title"))
    third, _ = load([write(file, later)], database)
    assert third.changes
    assert third.changes["withdrawn"] == 0
    back = bundle(a_commitment(id="sun", title="Another title"), a_commitment(id="wind"))
    load([write(file, back)], database)
    with server_of(database) as running, httpx.Client(base_url=running.url) as client:
        assert client.get("/commitments/wind?as_of=3").status_code == 410
        assert client.get("/commitments/solar").status_code == 308
        assert client.get("/commitments/wind").status_code == 200
        actions = [change["action"] for change in items(client, "/commitments/wind/history")]
        assert actions == ["added", "withdrawn", "added"]


@pytest.mark.parametrize(
    ("path", "format_"),
    [
        ("/", "md"),
        ("/commitments", "md"),
        ("/commitments/wind", "md"),
        ("/search?q=pledge", "md"),
        ("/changes", "md"),
        ("/commitments", "atom"),
        ("/search?q=pledge", "atom"),
        ("/changes", "jsonfeed"),
        ("/commitments", "jsonfeed"),
    ],
)
def test_what_was_true_then_leads_to_what_was_true_then(
    four: httpx.Client, path: str, format_: str
) -> None:
    parameters = httpx.URL(path).params.merge({"as_of": "1", "format": format_})
    text = unescape(four.get(path, params=parameters).text).replace("\\", "")
    base = str(four.base_url).rstrip("/")
    led = re.findall(rf'(?:href="|"url":"|\]\(){base}(/[^")]+)', text)
    led = [link for link in led if not link.startswith(("/openapi", "/docs", "/releases/1/"))]
    assert led
    assert [link for link in led if "as_of=1" not in link] == []
    assert {four.get(link).status_code for link in set(led)} == {200}


def test_the_foot_of_a_page_leads_to_what_was_true_then(four: httpx.Client) -> None:
    page = four.get("/commitments/wind?as_of=1", headers={"accept": "text/html"}).text
    foot = page.partition("<footer>")[2]
    assert re.findall('href="([^"]*)"', foot) == [
        "/topics?as_of=1",
        "/changes?as_of=1",
        "/releases?as_of=1",
        "/changes?action=changed&amp;action=withdrawn&amp;derived=0&amp;format=atom",
        "/check?as_of=1",
        "/docs",
        "/about",
    ]


def test_a_corrected_amount_is_one_change_with_its_reason(tmp_path: Path) -> None:
    """One entry of the feed says what stood there, what stands there, and why."""
    bundle = json.loads(SEED.read_text(encoding="utf-8"))
    database, reason = tmp_path / "readout.db", "The sum was read again: “two”, not one."
    load([str(SEED)], database)
    (promise,) = [one for one in bundle["commitments"] if one["id"] == "japan-us-investment"]
    promise["measures"][0]["value"] = 2 * 10**12
    load([write(tmp_path / "corrected.json", bundle)], database, message=reason)
    with server_of(database) as server:
        changes = httpx.get(f"{server.url}/changes?since_release=1").json()
        feed = httpx.get(f"{server.url}/changes?format=jsonfeed").json()
        changed = httpx.get(f"{server.url}/commitments?sort=-changed").json()
        of_list = httpx.get(f"{server.url}/commitments?format=jsonfeed").json()
    (change,) = changes["items"]
    assert (change["action"], change["record"]["id"]) == ("changed", "japan-us-investment")
    assert change["message"] == reason
    assert {(one["pointer"], one["before"], one["after"]) for one in change["fields"]} == {
        (pointer, 10**12, 2 * 10**12) for pointer in ("/measures/0/value", "/amount")
    }
    # A reader of the list's feed meets it first, however old it is.
    assert changed["items"][0]["id"] == "japan-us-investment"
    assert of_list["items"][0]["url"].endswith("/commitments/japan-us-investment")
    (entry,) = [one for one in feed["items"] if one["tags"][0] == "changed"]
    assert entry["summary"].endswith(f"The release says: “{reason}”")
    assert "Sum: before 1,000,000,000,000; after 2,000,000,000,000" in entry["content_html"]
