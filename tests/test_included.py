"""Whole records beside an answer: which they are, each once, and whether these are all."""

from collections import Counter
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.conftest import client_of
from tests.test_lists import LISTS, ids

KINDS = ["summits", "agreements", "commitments", "quotes", "actors", "documents"]
ALL = "&".join(f"include={kind}" for kind in KINDS)


def references(value: object) -> set[tuple[str, str]]:
    """Every record that a record names."""
    if isinstance(value, list):
        return {one for item in value for one in references(item)}
    if not isinstance(value, dict):
        return set()
    if set(value) == {"type", "id", "title", "href"}:
        return {(value["type"], value["id"])}
    return {one for inner in value.values() for one in references(inner)}


def test_the_data_of_a_summit_page_is_one_request(client: httpx.Client) -> None:
    answer = client.get(f"/summits/us-japan-2025-02?{ALL}").json()
    assert answer["included_complete"] is True
    beside = {(one["type"], one["id"]): one for one in answer["included"]}
    assert len(beside) == len(answer["included"])
    for kind in ("agreements", "commitments", "quotes", "actors", "documents"):
        of_it = ids(client, f"/{kind}?summit=us-japan-2025-02&limit=200")
        assert [id_ for type_, id_ in beside if f"{type_}s" == kind] == of_it or kind in {
            "actors", "documents",
        }  # fmt: skip
        assert {*of_it} <= {id_ for type_, id_ in beside if f"{type_}s" == kind}
    for (type_, id_), one in beside.items():
        assert client.get(f"/{type_}s/{id_}").json() == one
    del answer["included"], answer["included_complete"]
    assert client.get("/summits/us-japan-2025-02").json() == answer


@pytest.mark.parametrize("path", LISTS)
def test_what_records_name_stands_beside_them(client: httpx.Client, path: str) -> None:
    plain = client.get(f"/{path}?limit=3").json()
    answer = client.get(f"/{path}?limit=3&{ALL}&fields=id").json()
    assert [item["id"] for item in plain["items"]] == [item["id"] for item in answer["items"]]
    own = {(item["type"], item["id"]) for item in plain["items"]}
    beside = {(one["type"], one["id"]) for one in answer["included"]}
    assert references(plain["items"]) - own <= beside
    assert not beside & own
    assert "included" not in plain


@pytest.mark.parametrize("kind", ["commitments", "quotes"])
def test_what_was_made_under_an_agreement_stands_beside_it(client: httpx.Client, kind: str) -> None:
    agreements = client.get("/agreements?limit=200").json()["items"]
    for agreement in agreements:
        beside = client.get(f"{agreement['href']}?include={kind}").json()["included"]
        assert [one["id"] for one in beside] == ids(client, f"/{kind}?agreement={agreement['id']}")
    assert any(agreement["counts"][kind] for agreement in agreements)


@pytest.mark.parametrize("kind", ["agreements", "commitments"])
def test_the_parts_of_a_record_stand_beside_it(client: httpx.Client, kind: str) -> None:
    records = client.get(f"/{kind}?limit=200").json()["items"]
    whole = {record["part_of"]["id"] for record in records if record["part_of"]}
    assert whole
    for id_ in whole:
        beside = client.get(f"/{kind}/{id_}?include={kind}").json()["included"]
        assert {*ids(client, f"/{kind}?part_of={id_}&limit=200")} <= {one["id"] for one in beside}


@pytest.mark.parametrize("most", [1, 4, 9, 20, 38])
def test_each_type_has_its_share_of_what_is_included(
    seeded: Path, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/summits/us-japan-2025-02?{ALL}"
    with client_of(seeded) as client:
        every = client.get(path).json()["included"]
    monkeypatch.setattr("app.included._MOST", most)
    with client_of(seeded) as client:
        answer = client.get(path).json()
    assert answer["included_complete"] is False
    assert len(answer["included"]) == most
    assert answer["included"] == [one for one in every if one in answer["included"]]
    there = Counter(one["type"] for one in every)
    given = Counter(one["type"] for one in answer["included"])
    for short in there:
        if given[short] < there[short]:
            assert max(given.values()) <= given[short] + 1


def test_only_what_is_asked_for_is_included(client: httpx.Client) -> None:
    answer = client.get("/agreements?include=actors").json()
    assert {one["type"] for one in answer["included"]} == {"actor"}
    assert client.get("/agreements?include=actors&format=csv").status_code == 422
    assert "one of summits" in client.get("/agreements?include=people").json()["detail"]
    assert client.get("/search?q=japan&include=actors").status_code == 422
