"""By whom a record is found: who acts, was in office, was a member or was at the summit then."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.vocabulary import Way
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import client_of, load
from tests.test_list_pages import Page
from tests.test_lists import ids

THE_DAY = "2025-02-07"
IN_OFFICE: list[tuple[str, str | None, str | None, bool]] = [
    # Who, from when, until when; whether what the state did on the day is found by them.
    ("before", None, "2025-02-06", False),
    ("until-the-day", "2021", "2025-02-07", True),
    ("that-month", "2025-02", "2025-02", True),
    ("from-the-day", "2025-02-07", None, True),
    ("after", "2025-02-08", None, False),
    ("without-end", None, None, True),
]


@pytest.fixture(scope="module")
def dated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A state, its persons and its groups; what they did on a day, in a year, and at no time."""
    folder = tmp_path_factory.mktemp("dated")
    spans = [
        (f"in-office-{id_}", f"group-{id_}", since, until) for id_, since, until, _ in IN_OFFICE
    ]
    persons = [
        an_actor(id_, kind="person", offices=[_span(since, until, title="Minister", of="state")])
        for id_, _, since, until in spans
    ]
    groups = [
        an_actor(id_, kind="alliance", members=[_span(since, until, actor="state")])
        for _, id_, since, until in spans
    ]
    there = [{"actor": person["id"], "role": "leader"} for person in persons]
    by_group = [
        an_agreement(id=f"by-{group['id']}", date=THE_DAY, parties=[{"actor": group["id"]}])
        for group in groups
    ]
    by_person = [
        a_quote(id=f"by-{person['id']}", date=THE_DAY, speaker=person["id"]) for person in persons
    ]
    of_state = {"parties": [{"actor": "state"}]}
    world = a_bundle(
        actors=[
            an_actor(),
            an_actor("state"),
            *persons,
            *groups,
            an_actor("command", kind="military_command", country="JP"),
            an_actor("aide", kind="person"),
        ],
        summits=[a_summit(starts_on=THE_DAY, participants=there)],
        agreements=[
            *by_group,
            an_agreement(id="of-state", summit="meeting", relation="outcome", **of_state),
            an_agreement(id="of-state-elsewhere", date=THE_DAY, **of_state),
            an_agreement(id="drill", date=THE_DAY, parties=[{"actor": "command"}]),
            an_agreement(id="undated", parties=[{"actor": "group-without-end"}]),
            an_agreement(id="on-behalf", parties=[{"actor": "aide", "on_behalf_of": "state"}]),
            an_agreement(id="that-year", date="2025", parties=[{"actor": "group-from-the-day"}]),
        ],
        commitments=[a_commitment(by=["state"], to=["command"], agreement="of-state-elsewhere")],
        quotes=by_person,
    )
    load([write(folder / "bundle.json", world)], folder / "own.db")
    with client_of(folder / "own.db") as client:
        yield client


def _span(since: str | None, until: str | None, **of: str) -> Typed:
    days = {"since": since, "until": until}
    return of | {end: day for end, day in days.items() if day}


@pytest.mark.parametrize(("id_", "covers"), [(id_, covers) for id_, *_, covers in IN_OFFICE])
def test_what_was_done_in_an_office_is_found_on_its_days_alone(
    id_: str, *, covers: bool, dated: httpx.Client
) -> None:
    person, group = f"in-office-{id_}", f"group-{id_}"
    # What the state agreed at the summit that the person attended, and not what elsewhere.
    assert ids(dated, f"/agreements?actor={person}") == ["of-state"] * covers
    assert ids(dated, f"/agreements?actor={person}&way=attended") == ["of-state"] * covers
    # What the person says, and what the group agrees, is found by the state.
    by_office = ids(dated, "/quotes?actor=state&way=office")
    assert (f"by-{person}" in by_office) is covers
    by_group = ids(dated, "/agreements?actor=state&way=group")
    assert (f"by-{group}" in by_group) is covers


def test_nobody_inherits_without_a_day_nor_but_by_office_or_membership(
    dated: httpx.Client,
) -> None:
    assert "undated" not in ids(dated, "/agreements?actor=state")
    assert "that-year" not in ids(dated, "/agreements?actor=state")
    assert "drill" not in ids(dated, "/agreements?actor=state")
    assert ids(dated, "/agreements?actor=command") == ["drill"]
    # Where it is said for whom somebody acts, no day is needed.
    assert ids(dated, "/agreements?actor=state&way=office") == ["on-behalf"]
    # To whom something is promised does not promise it.
    assert ids(dated, "/commitments?actor=state") == ["pledge"]
    assert ids(dated, "/commitments?actor=command") == []


@pytest.mark.parametrize("path", ["/agreements", "/commitments", "/quotes", "/summits"])
def test_each_way_is_a_part_of_what_an_actor_finds(path: str, dated: httpx.Client) -> None:
    boxes = Page(dated, path).checkboxes
    counts = {value: count for name, value, _, count in boxes if name == "actor"}
    assert counts
    for actor, count in counts.items():
        by = f"{path}?actor={actor}"
        ways = [ids(dated, f"{by}&way={way.value}") for way in Way]
        assert sorted(id_ for way in ways for id_ in way) == sorted(ids(dated, by))
        assert count == sum(map(len, ways))
        page = Page(dated, by)
        assert {v: c for n, v, _, c in page.checkboxes if n == "way"} == {
            way.value: len(found) for way, found in zip(Way, ways, strict=True) if found
        }


@pytest.mark.parametrize("path", ["/agreements", "/commitments", "/quotes", "/summits"])
def test_a_facet_by_actors_equals_what_the_filter_finds(path: str, dated: httpx.Client) -> None:
    for way in ("", *(f"&way={way.value}" for way in Way)):
        counts = dated.get(f"{path}?facet=actor{way}").json()["facets"]["actor"]
        for one in counts:
            total = dated.get(f"{path}?actor={one['value']}{way}").json()["total"]
            assert total == one["count"], (one, way)


def test_a_way_alone_finds_what_anybody_comes_to_in_it(dated: httpx.Client) -> None:
    by_group = [id_ for id_ in ids(dated, "/agreements?way=group") if id_.startswith("by-group")]
    assert sorted(by_group) == sorted(f"by-group-{id_}" for id_, *_, covers in IN_OFFICE if covers)
    assert ids(dated, "/agreements?way=office") == ["on-behalf"]
