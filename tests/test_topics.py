"""Topics: what a bundle adds to them, what is found by them, and what is refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from app.curation.check import check
from app.resources.topics import BASE_TOPICS
from tests.builders import Typed, a_bundle, a_commitment, a_document, an_agreement, write
from tests.conftest import client_of, load
from tests.test_lists import ids


def a_topic(id_: str, **given: str) -> Typed:
    return {"id": id_, "title": id_.replace("-", " "), "meaning": f"All about {id_}."} | given


TOPICS = [
    a_topic("society"),
    a_topic("gender-equality", broader="society", title="gender equality & LGBTQ rights"),
    a_topic("education", broader="society"),
    a_topic("solar", broader="energy"),
]
WORLD = a_bundle(
    topics=TOPICS,
    commitments=[
        a_commitment(id="schools", topics=["education", "gender-equality"]),
        a_commitment(id="panels", topics=["solar", "trade"]),
        a_commitment(id="grids", topics=["energy"]),
    ],
    agreements=[an_agreement(topics=["gender-equality"])],
)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("topics")
    database = folder / "readout.db"
    load([write(folder / "world.json", WORLD)], database)
    return database


@pytest.fixture(scope="module")
def world(database: Path) -> Iterator[httpx.Client]:
    with client_of(database) as client:
        yield client


def test_they_are_listed_with_what_their_filters_find(world: httpx.Client) -> None:
    listed = world.get("/topics").json()
    topics = {topic["id"]: topic for topic in listed["items"]}
    assert [*topics] == sorted({*BASE_TOPICS, *(topic["id"] for topic in TOPICS)})
    assert listed["total"] == len(topics)
    assert topics["gender-equality"] == {
        **TOPICS[1],
        "counts": dict.fromkeys(topics["trade"]["counts"], 0) | {"agreements": 1, "commitments": 1},
    }
    for id_, topic in topics.items():
        for name, count in topic["counts"].items():
            assert world.get(f"/{name}?topic={id_}").json()["total"] == count, (name, id_)


@pytest.mark.parametrize(
    ("topic", "commitments"),
    [
        ("education", {"schools"}),
        ("society", {"schools"}),
        ("energy", {"panels", "grids"}),
        ("solar", {"panels"}),
    ],
)
def test_a_broader_one_finds_what_is_about_its_parts(
    topic: str, commitments: set[str], world: httpx.Client
) -> None:
    assert set(ids(world, f"/commitments?topic={topic}")) == commitments
    counts = world.get("/commitments?facet=topic").json()["facets"]["topic"]
    assert {one["value"]: one["count"] for one in counts}[topic] == len(commitments)


def test_one_that_there_is_not_is_refused(world: httpx.Client) -> None:
    answer = world.get("/commitments?topic=gender-equalty")
    assert answer.status_code == 422
    problem = answer.json()
    assert problem["errors"][0]["nearest"] == "gender-equality"
    assert "society" in problem["errors"][0]["valid"]
    assert problem["run"].endswith("/commitments?topic=gender-equality")
    assert "it is one of alliances, climate, " in world.get("/quotes?topic=zzz").json()["detail"]


@pytest.mark.parametrize("name", ["html", "md", "atom"])
def test_a_reader_meets_its_title(name: str, world: httpx.Client) -> None:
    text = world.get(f"/commitments?topic=gender-equality&format={name}").text
    assert "gender equality &amp; LGBTQ rights" in text or r"gender equality \& LGBTQ" in text
    if name != "atom":
        listed = world.get(f"/topics?format={name}").text
        assert "commitments?topic=gender-equality" in listed


def test_an_export_gives_the_same_data_set(
    world: httpx.Client, database: Path, tmp_path: Path
) -> None:
    exported = world.get("/releases/1/bundle.json").json()
    assert exported["topics"] == sorted(TOPICS, key=lambda topic: topic["id"])
    again, new = load([write(tmp_path / "exported.json", exported)], database)
    assert (again.number, new) == (1, False)


def test_a_meaning_that_is_written_anew_is_a_release(tmp_path: Path) -> None:
    database = tmp_path / "readout.db"
    load([write(tmp_path / "world.json", WORLD)], database)
    rewritten = WORLD | {"topics": [TOPICS[0] | {"meaning": "How people live."}, *TOPICS[1:]]}
    again, new = load([write(tmp_path / "world.json", rewritten)], database)
    assert (again.number, new) == (2, True)
    assert again.changes
    assert not any(again.changes.values())


@pytest.mark.parametrize(
    ("topic", "address", "said"),
    [
        (a_topic("trade"), "topics[0].id", '"trade" is a topic already; leave it out'),
        (a_topic("rail", broader="trad"), "topics[0].broader", 'did you mean "trade"?'),
        (a_topic("rail", broader="rail"), "topics[0].broader", '"rail" is "rail" itself'),
        (a_topic("Rail Ways"), "topics[0].id", 'did you mean "rail-ways"?'),
        ({"id": "rail", "title": "rail"}, "topics[0].meaning", "is missing"),
        (a_topic("rail", parent="trade"), "topics[0].parent", "is not a key here"),
    ],
)
def test_a_wrong_one_is_a_problem_where_it_stands(
    topic: Typed, address: str, said: str, tmp_path: Path
) -> None:
    bundle = a_bundle(topics=[topic], documents=[a_document()])
    (finding,) = check([write(tmp_path / "bundle.json", bundle)])
    assert finding.address == address
    assert said in finding.message


def test_a_circle_is_a_problem(tmp_path: Path) -> None:
    circle = [a_topic("rail", broader="trains"), a_topic("trains", broader="rail")]
    findings = check([write(tmp_path / "bundle.json", a_bundle(topics=circle))])
    assert [finding.address for finding in findings] == ["topics[0].broader", "topics[1].broader"]


def test_no_list_of_them_is_part_of_the_contract(world: httpx.Client) -> None:
    assert "regional_security" not in json.dumps(
        world.get("/openapi.json").json()["components"]["schemas"]["Commitment"]
    )
