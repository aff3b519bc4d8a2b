"""Lists and records as a client sees them, on the seed."""

import re
from collections.abc import Iterator
from typing import Any

import httpx2 as httpx
import pytest

from app.resources import SHAPES
from app.vocabulary import RecordType
from tests.builders import a_bundle, a_commitment, an_actor, an_agreement, write
from tests.conftest import client_of, load
from tests.test_documents import LISTINGS

PARAMS = {listing.path[1:]: listing.params for listing in LISTINGS}
LISTS = ["agreements", "commitments", "quotes", "actors", "summits", "documents"]


def ids(client: httpx.Client, path: str) -> list[str]:
    """The ids of a list, in its order."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return [item["id"] for item in answer.json()["items"]]


@pytest.mark.parametrize("kind", RecordType)
def test_a_record_is_the_same_in_its_list_and_alone(client: httpx.Client, kind: RecordType) -> None:
    items = client.get(f"/{kind.plural}", params={"limit": 200}).json()["items"]
    assert items
    for item in items:
        assert client.get(item["href"]).json() == item
        SHAPES[kind].model_validate(item)


@pytest.mark.parametrize("path", LISTS)
def test_a_list_has_one_envelope(client: httpx.Client, path: str) -> None:
    page = client.get(f"/{path}", params={"limit": 1}).json()
    assert list(page) == [
        "items", "total", "next", "next_cursor", "release", "query", "facets", "facets_cut",
    ]  # fmt: skip
    assert page["release"] == 1
    assert page["query"]["limit"] == 1
    assert "sort" in page["query"]
    assert page["facets"] == {}


def test_every_reference_leads_to_the_record_it_names(client: httpx.Client) -> None:
    seen: dict[str, dict[str, Any]] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if value.keys() == {"type", "id", "title", "href"}:
                seen[value["href"]] = value
            for inner in value.values():
                walk(inner)
        elif isinstance(value, list):
            for inner in value:
                walk(inner)

    for path in LISTS:
        walk(client.get(f"/{path}", params={"limit": 200}).json()["items"])
    assert len(seen) > 25
    for href, reference in seen.items():
        record = client.get(href).json()
        assert (record["type"], record["id"]) == (reference["type"], reference["id"])
        assert record.get("title", record.get("text", "")).startswith(
            reference["title"].removesuffix("…")
        )


@pytest.mark.parametrize(
    ("path", "expected_ids"),
    [
        ("/agreements?kind=framework", {"defense-industrial-cooperation"}),
        (
            "/agreements?kind=framework&kind=institution",
            {"defense-industrial-cooperation", "joint-forces-headquarters"},
        ),
        ("/agreements?kind=framework&status=issued", set()),
        ("/agreements?status=issued", {"joint-leaders-statement"}),
        ("/agreements?topic=international_organizations",
         {"joint-leaders-statement", "taiwan-international-participation"}),
        ("/agreements?kind=joint_statement&since=2025&until=2025-02", {"joint-leaders-statement"}),
        ("/agreements?kind=joint_statement&since=2025-02-08", set()),
        ("/agreements?kind=joint_statement&until=2025-02-06", set()),
        ("/agreements?kind=joint_statement&until=2025-02-07", {"joint-leaders-statement"}),
        ("/agreements?summit=us-japan-2025-02&kind=framework", {"defense-industrial-cooperation"}),
        ("/agreements?document=daily-tribune-ishiba-trump&kind=joint_statement",
         {"joint-leaders-statement"}),
        ("/commitments?by=united-states&to=japan", {"us-defense-of-japan"}),
        ("/commitments?to=nato", {"japan-closer-ties-with-nato"}),
        ("/commitments?to=nato&to=us-steel",
         {"japan-closer-ties-with-nato", "japan-us-steel-investment"}),
        ("/commitments?currency=USD", {"japan-us-investment"}),
        ("/commitments?amount_min=1000000000000", {"japan-us-investment"}),
        ("/commitments?amount_min=1000000000001", set()),
        ("/commitments?act=deed",
         {"japan-lifting-of-restrictions-on-license-produced-weapons",
          "japan-shipment-of-missile-systems"}),
        ("/commitments?act=report",
         {"us-transfer-of-command-over-personnel-in-japan", "japan-defense-spending-increase",
          "joint-production-of-air-to-air-missiles", "japan-closer-ties-with-nato",
          "us-japan-robust-defense-posture", "us-japan-stability-and-international-law"}),
        ("/quotes?mentions=china&mention_role=against", {"trump-chinese-economic-aggression"}),
        ("/quotes?mentions=china&mention_role=about", set()),
        ("/commitments?amount_max=999999999999.5", set()),
        ("/commitments?status=done",
         {"japan-lifting-of-restrictions-on-license-produced-weapons",
          "japan-shipment-of-missile-systems"}),
        ("/commitments?agreement=joint-leaders-statement", {"us-defense-of-japan"}),
        ("/quotes?speaker=shigeru-ishiba", {"ishiba-free-and-open-indo-pacific"}),
        ("/quotes?speaker=joint-leaders-statement-text", {"joint-statement-golden-age"}),
        ("/quotes?mentions=china", {"trump-chinese-economic-aggression"}),
        ("/quotes?agreement=new-golden-age", {"joint-statement-golden-age"}),
        ("/quotes?since=2025-02-07&until=2025-02-07", {"joint-statement-golden-age"}),
        ("/actors?office_of=japan", {"shigeru-ishiba"}),
        ("/actors?country=JP&kind=person", {"shigeru-ishiba"}),
        ("/actors?kind=alliance", {"nato"}),
        ("/actors?summit=us-japan-2025-02&kind=company", {"us-steel"}),
        ("/summits?actor=japan&country=US&since=2025-02-07", {"us-japan-2025-02"}),
        ("/documents?publisher=red-nation-today", {"red-nation-today-japan-us"}),
        ("/documents?kind=social_media_post&since=2025-02-08", {"raufoglu-post"}),
        ("/documents?summit=us-japan-2025-02&kind=joint_statement",
         {"joint-leaders-statement-text"}),
    ],
)  # fmt: skip
def test_filters(client: httpx.Client, path: str, expected_ids: set[str]) -> None:
    assert set(ids(client, path)) == expected_ids


def test_an_actor_finds_what_it_agreed_and_what_was_agreed_for_it(client: httpx.Client) -> None:
    by_state = ids(client, "/agreements?actor=japan")
    by_leader = ids(client, "/agreements?actor=shigeru-ishiba")
    # Parties are both states here, and both leaders there.
    assert {"joint-leaders-statement", "new-golden-age"} <= set(by_state)
    assert {"joint-leaders-statement", "new-golden-age"} <= set(by_leader)
    assert "closer-cooperation-on-china" not in by_state  # said by the other side alone
    assert len(by_state) == len(set(by_state))


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("/commitments?sort=-amount", "japan-us-investment"),
        ("/commitments?sort=amount", "japan-us-investment"),  # unknown sums last, both ways
        ("/actors?sort=title", "alaska-lng-project"),
        ("/actors?sort=-title", "us-steel"),
        ("/documents?sort=-date", "daily-tribune-ishiba-trump"),
        ("/documents?sort=date", "joint-leaders-statement-text"),
    ],
)
def test_orders(client: httpx.Client, path: str, first: str) -> None:
    assert ids(client, path)[0] == first


def test_unknown_dates_come_last_in_both_directions(client: httpx.Client) -> None:
    for sort in ("date", "-date"):
        items = client.get("/agreements", params={"sort": sort}).json()["items"]
        has_date = [item["date"] is not None for item in items]
        assert has_date == sorted(has_date, reverse=True)
        assert any(has_date)
        assert not all(has_date)


@pytest.mark.parametrize("path", [*LISTS, "search"])
def test_facets_add_up_with_the_filter_they_name(client: httpx.Client, path: str) -> None:
    params = {"q": "japan"} if path == "search" else {}
    [listing] = [one for one in LISTINGS if one.path == f"/{path}"]
    for facet in listing.facets:
        page = client.get(f"/{path}", params=params | {"facet": facet}).json()
        assert page["facets"][facet] or facet == "series"
        for counted in page["facets"][facet]:
            one = client.get(f"/{path}", params=params | {facet: counted["value"]}).json()
            assert one["total"] == counted["count"]
            if facet in listing.params.references:
                assert counted["title"] != counted["value"]


@pytest.mark.parametrize("path", [*LISTS, "search"])
def test_what_is_chosen_stands_in_its_facet(client: httpx.Client, path: str) -> None:
    """With its true count, be it 0, and its name: so that it can be given up."""
    [listing] = [one for one in LISTINGS if one.path == f"/{path}"]
    few, counts = {"q": "alaska"}, []
    for facet in listing.facets:
        page = client.get(f"/{path}", params={"q": "japan", "facet": facet}).json()
        last = page["facets"][facet][-2:]
        chosen = {facet: [one["value"] for one in last]}
        page = client.get(f"/{path}", params=few | chosen | {"facet": facet}).json()
        entries = {one["value"]: one for one in page["facets"][facet]}
        for one in last:
            alone = client.get(f"/{path}", params=few | {facet: one["value"]}).json()
            assert entries[one["value"]] == one | {"count": alone["total"]}
            counts.append(alone["total"])
    assert 0 in counts


MANY = 102
"""More values than a facet has."""


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """So many promises, each under an agreement of its own and by an actor of its own; of two of
    them another kind. Most promises are under no agreement."""
    names = [f"{number:03}" for number in range(MANY)]
    promises = [
        a_commitment(id=f"under-{name}", by=[f"actor-{name}"], agreement=f"agreement-{name}",
                     kind="investment" if name in names[:2] else "other")
        for name in names
    ]  # fmt: skip
    bundle = a_bundle(
        actors=[an_actor(), *(an_actor(f"actor-{name}") for name in names)],
        agreements=[an_agreement(id=f"agreement-{name}", title=name) for name in names],
        commitments=[*promises, a_commitment(id="alone"), a_commitment(id="alone-too")],
    )
    folder = tmp_path_factory.mktemp("many")
    load([write(folder / "bundle.json", bundle)], folder / "readout.db")
    with client_of(folder / "readout.db") as client:
        yield client


@pytest.mark.parametrize(("facet", "last"), [("agreement", "agreement-101"), ("by", "actor-101")])
def test_of_many_values_a_facet_has_the_most_frequent_and_the_chosen(
    many: httpx.Client, facet: str, last: str
) -> None:
    every = many.get(f"/commitments?facet={facet}").json()
    values = [one["value"] for one in every["facets"][facet]]
    assert (len(values), last in values, every["facets_cut"]) == (100, False, [facet])
    page = many.get(f"/commitments?{facet}={last}&{facet}={values[0]}&facet={facet}").json()
    title = "101" if facet == "agreement" else "Actor 101"
    assert page["facets"][facet][-1] == {"value": last, "count": 1, "title": title}
    assert (page["total"], len(page["facets"][facet])) == (2, 101)
    page = many.get(f"/commitments?{facet}={last}&facet={facet}&facet=kind&kind=investment").json()
    counts = {one["value"]: one["count"] for one in page["facets"][facet]}
    assert counts == {values[0]: 1, values[1]: 1, last: 0}
    assert page["facets_cut"] == []
    page = many.get(f"/commitments?kind=other&facet={facet}").json()
    assert (len(page["facets"][facet]), page["facets_cut"]) == (100, [])


def test_the_form_of_a_list_counts_what_is_chosen(many: httpx.Client) -> None:
    path = "/commitments?by=actor-101&kind=investment"
    text = many.get(path, headers={"accept": "text/html"}).text
    [line] = re.findall(r'value="actor-101" checked>.*?</label>', text, re.DOTALL)
    assert "Actor 101" in line
    assert re.search(r"\b0\b", line.partition("Actor 101")[2])


def test_facets_count_under_the_same_filters(client: httpx.Client) -> None:
    page = client.get("/commitments?by=japan&facet=status&facet=relation").json()
    counted = {entry["value"]: entry["count"] for entry in page["facets"]["status"]}
    for status, count in counted.items():
        under = client.get(f"/commitments?by=japan&status={status}").json()
        assert under["total"] == count
    assert sum(counted.values()) == page["total"]
    tied = [item["relation"] for item in client.get("/commitments?by=japan").json()["items"]]
    assert None in tied  # of which no source says how they stand to the summit
    for entry in page["facets"]["relation"]:
        assert entry["count"] == tied.count(entry["value"]) > 0


def test_fields_are_answered_alone_and_in_the_order_asked(client: httpx.Client) -> None:
    page = client.get("/agreements?fields=title,id&limit=2").json()
    assert [list(item) for item in page["items"]] == [["title", "id"]] * 2
    record = client.get("/agreements/joint-leaders-statement?fields=date&fields=id").json()
    assert record == {"date": "2025-02-07", "id": "joint-leaders-statement"}


def test_a_receipt_says_what_was_understood(client: httpx.Client) -> None:
    query = client.get("/commitments?by=japan&by=united-states&amount_min=5&utm_source=x&q=").json()
    assert query["query"] == {
        "by": ["japan", "united-states"],
        "amount_min": 5,
        "sort": "-date",
        "limit": 25,
    }


@pytest.mark.parametrize("path", LISTS)
def test_counts_of_a_record_are_those_of_the_lists(client: httpx.Client, path: str) -> None:
    assert_counts_are_totals(client, path)


def assert_counts_are_totals(client: httpx.Client, path: str) -> None:
    """Each count of each record of a list is what a filter finds, or the number of its sources."""
    records = client.get(f"/{path}?limit=200").json()["items"]
    for record in records:
        for name, count in record["counts"].items():
            if name == "documents" and path not in {"summits", "documents"}:
                # Events and offices have passages of their own.
                assert count >= len({one["document"]["id"] for one in record["evidence"]})
            elif name == "parts":
                assert client.get(f"/{path}?part_of={record['id']}").json()["total"] == count
            else:
                page = client.get(f"/{name}?{record['type']}={record['id']}").json()
                assert page["total"] == count, (record["id"], name)
    assert any(sum(record["counts"].values()) for record in records)


def test_the_index_says_what_there_is(client: httpx.Client) -> None:
    index = client.get("/").json()
    assert index["release"]["number"] == 1
    for resource in index["resources"]:
        assert client.get(resource["href"]).json()["total"] == resource["count"]
    for path in ("documentation", "openapi", "bundle_schema", "releases"):
        assert client.get(index[path]).status_code == 200


def test_releases_are_listed(client: httpx.Client) -> None:
    page = client.get("/releases").json()
    assert [release["number"] for release in page["items"]] == [1]
    assert page["items"][0] == client.get("/").json()["release"]


class TestSearch:
    """`/search`, and `q` on the lists."""

    @pytest.mark.parametrize(
        ("q", "expected_ids"),
        [
            ("NATO", {"nato", "japan-closer-ties-with-nato"}),
            ("nato", {"nato", "japan-closer-ties-with-nato"}),
            ("\uff2e\uff41\uff54\uff4f", {"nato", "japan-closer-ties-with-nato"}),
            ('"senkaku islands" japan', {"senkaku-islands", "us-defense-of-japan"}),
            ("nato -with", set()),
            ("senkaku -nato", {"senkaku-islands", "us-defense-of-japan"}),
            ("senkak*", {"senkaku-islands", "us-defense-of-japan"}),
            ('"islands senkaku"', set()),
            ('japan "senkaku islands', {"senkaku-islands", "us-defense-of-japan"}),
            ("@ralakbar", {"alex-raufoglu"}),
            ('"japan united states"', set()),  # neighbours in a list, not in a text
        ],
    )
    def test_words(self, client: httpx.Client, q: str, expected_ids: set[str]) -> None:
        page = client.get("/search", params={"q": q, "type": ["actor", "commitment"]}).json()
        assert {item["id"] for item in page["items"]} == expected_ids
        assert page["total"] == len(expected_ids)

    def test_matching_words_are_marked(self, client: httpx.Client) -> None:
        page = client.get("/search", params={"q": "missile*", "sort": "rank"}).json()
        assert page["items"]
        for item in page["items"]:
            assert item["matches"]
            for match in item["matches"]:
                marked = [piece["text"] for piece in match["text"] if piece["match"]]
                assert marked
                assert all(word.lower().startswith("missile") for word in marked)

    def test_rank_puts_titles_first(self, client: httpx.Client) -> None:
        page = client.get("/search", params={"q": "japan", "sort": "rank", "limit": 200}).json()
        titled = ["Japan" in item["title"] for item in page["items"]]
        # An alias or the rest of a quote's text counts like a title and may not show in it.
        assert titled[0]
        assert page["items"][-1]["id"] != "japan"
        assert titled.index(False) > 2

    def test_every_type_is_found_in_its_list_by_the_same_words(self, client: httpx.Client) -> None:
        result = client.get("/search", params={"q": "japan", "facet": "type", "limit": 200}).json()
        assert len(result["facets"]["type"]) == 6
        for counted in result["facets"]["type"]:
            page = client.get(f"/{counted['value']}s", params={"q": "japan"}).json()
            assert page["total"] == counted["count"]


@pytest.mark.parametrize("kind", RecordType)
def test_a_key_that_a_record_has_not_is_refused(client: httpx.Client, kind: RecordType) -> None:
    href = client.get(f"/{kind.plural}?limit=1").json()["items"][0]["href"]
    answer = client.get(f"{href}?fields=id,hrefs")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["nearest"] == "href"
    assert "summary" in answer.json()["errors"][0]["valid"]


@pytest.mark.parametrize("path", LISTS)
def test_records_are_had_by_their_ids_at_once(client: httpx.Client, path: str) -> None:
    all_ids = ids(client, f"/{path}?limit=200")
    some = all_ids[::2]
    query = "&".join(f"id={id_}" for id_ in reversed(some))
    assert ids(client, f"/{path}?limit=200&{query}") == some
    answer = client.get(f"/{path}?id={some[0]}&id=no-such-record")
    assert answer.status_code == 422
    assert "id=no-such-record" in answer.json()["detail"]
    # Those that are there can be had.
    assert ids(client, answer.json()["run"]) == some[:1]
    assert client.get(f"/{path}?id=no-such-record").json()["run"] is None


def test_two_hundred_ids_can_be_asked_at_once(client: httpx.Client) -> None:
    assert client.get("/actors", params={"id": ["japan"] * 200}).json()["total"] == 1
    answer = client.get("/actors", params={"id": ["japan"] * 201})
    assert "id is given more than 200 times" in answer.json()["detail"]


def test_a_walk_goes_on_by_the_cursor_alone(client: httpx.Client) -> None:
    first = client.get("/commitments?limit=5").json()
    assert first["next"].endswith(first["next_cursor"])
    again = client.get("/commitments", params={"limit": 5, "cursor": first["next_cursor"]})
    assert again.json()["items"] == client.get(first["next"]).json()["items"]


def test_a_facet_leaves_its_own_choice_out(client: httpx.Client) -> None:
    chosen = client.get("/commitments?kind=investment&by=japan&facet=kind&facet=status").json()
    every = client.get("/commitments?by=japan&facet=kind").json()
    assert chosen["facets"]["kind"] == every["facets"]["kind"]
    counted = sum(one["count"] for one in chosen["facets"]["status"])
    assert counted == chosen["total"] < every["total"]
