"""What each filter finds in a small world, and what it leaves out."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.vocabulary import MentionRole
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_measure,
    a_mention,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import client_of, load
from tests.test_lists import ids

# A promise in each state, and each with the day on which it is due, if any.
DUE = "2025-06-30"
PROMISES = [
    a_commitment(id="announced", status="announced", due=DUE),
    a_commitment(id="under-way", status="under_way", due="2025-07"),
    a_commitment(id="simply-stands", due="2025"),
    a_commitment(id="without-a-day", status="announced"),
    a_commitment(id="done", status="done", due=DUE),
    a_commitment(id="missed", status="missed", due=DUE),
    a_commitment(id="abandoned", status="abandoned", due=DUE),
]
OPEN = {"announced", "under-way", "simply-stands", "without-a-day"}
# What nobody promised is neither open nor overdue.
OTHERS = [
    a_commitment(id="deed", act="deed", due=DUE),
    a_commitment(id="report", act="report", status="announced", due=DUE),
]
# Each bound of a sum of 50, and sums that are not pledged.
SUMS = [
    a_commitment(id=bound.replace("_", "-"), measures=[a_measure(50, currency="EUR", bound=bound)])
    for bound in ("exact", "about", "at_least", "more_than", "up_to")
] + [
    a_commitment(id="between", measures=[a_measure(50, upper=70, currency="EUR", bound="between")]),
    a_commitment(
        id="second",
        measures=[a_measure(9, role="goal", currency="EUR"), a_measure(60, currency="EUR")],
    ),
    a_commitment(id="spent", measures=[a_measure(50, role="spent", currency="EUR")]),
    a_commitment(id="counted", measures=[a_measure(50, unit="missiles")]),
]
ROLES = ("about", "against", "addressed", "supported")
WORLD = a_bundle(
    actors=[
        an_actor(),
        *(an_actor(id_) for id_ in ("named", "other", "payer", "payee", "partner", "giver")),
        an_actor("group", kind="alliance", members=[{"actor": "member"}]),
        an_actor("member"),
    ],
    summits=[
        a_summit(series="G7 summit", starts_on="2025-06-15"),
        a_summit(id="session", part_of="meeting", series="G7 session"),
        a_summit(id="talk", part_of="session"),
        a_summit(id="elsewhere", series="G7 summit"),
    ],
    agreements=[
        an_agreement(id="pact", date="2020", standing="new"),
        an_agreement(id="pact-again", standing="reaffirmed", reaffirms=["pact"]),
        an_agreement(id="pact-goes-on", standing="continued", part_of="pact-again"),
        an_agreement(id="position", part_of="pact-goes-on"),
        *(
            an_agreement(id=f"names-{role}", mentions=[a_mention("named", role=role)])
            for role in ROLES
        ),
        an_agreement(id="of-group", date="2025", parties=[{"actor": "group"}]),
        an_agreement(
            id="names-two",
            mentions=[a_mention("named", role="about"), a_mention("other", role="against")],
        ),
        an_agreement(id="of-nobody", parties=[]),
    ],
    commitments=[
        *PROMISES,
        *OTHERS,
        *SUMS,
        a_commitment(
            id="transfer",
            by=["payer"],
            to=["payee"],
            partners=["partner"],
            transferred_from=["giver"],
            mentions=[a_mention("named")],
        ),
        a_commitment(id="share", part_of="transfer", standing="new"),
        a_commitment(
            id="said-again",
            standing="reaffirmed",
            reaffirms=[{"commitment": "transfer"}, "pact"],
        ),
    ],
    quotes=[
        a_quote(mentions=[a_mention("named", role="against")]),
        a_quote(id="silent", speaker="other"),
    ],
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a server on this world."""
    folder = tmp_path_factory.mktemp("filters")
    load([write(folder / "bundle.json", WORLD)], folder / "own.db")
    with client_of(folder / "own.db") as client:
        yield client


def distinct_ids(client: httpx.Client, path: str) -> set[str]:
    """The ids that a list finds, each once."""
    listed = ids(client, path)
    assert len(listed) == len(set(listed))
    return set(listed)


def test_promises_deeds_and_reports_are_told_apart(world: httpx.Client) -> None:
    everything = distinct_ids(world, "/commitments")
    acts = {
        act: distinct_ids(world, f"/commitments?act={act}") for act in ("promise", "deed", "report")
    }
    assert acts["deed"] == {"deed"}
    assert acts["report"] == {"report"}
    assert acts["promise"] == everything - {"deed", "report"}
    assert distinct_ids(world, "/commitments?act=deed&act=report") == {"deed", "report"}
    for act, listed in acts.items():
        for id_ in listed:
            assert world.get(f"/commitments/{id_}").json()["act"] == act


def test_an_open_promise_is_not_done_missed_or_abandoned(world: httpx.Client) -> None:
    listed = distinct_ids(world, "/commitments?open=1")
    settled = {"done", "missed", "abandoned", "deed", "report"}
    assert listed == distinct_ids(world, "/commitments") - settled
    assert listed >= OPEN
    assert distinct_ids(world, "/commitments?open=1&act=deed") == set()
    assert world.get("/commitments?open=0").status_code == 422


@pytest.mark.parametrize(
    ("day", "overdue"),
    [
        ("2025-06-30", set()),  # the day itself is in time
        ("2025-06", set()),
        ("2025", set()),
        ("2025-07-01", {"announced"}),
        ("2025-07", {"announced"}),
        ("2025-07-31", {"announced"}),  # a month lasts to its end
        ("2025-08-01", {"announced", "under-way"}),
        ("2025-12-31", {"announced", "under-way"}),  # and so does a year
        ("2026-01-01", {"announced", "under-way", "simply-stands"}),
        ("2026", {"announced", "under-way", "simply-stands"}),
        ("2099", {"announced", "under-way", "simply-stands"}),  # none without a day
    ],
)
def test_a_promise_is_overdue_when_it_is_open_after_all_its_date_can_mean(
    day: str, overdue: set[str], world: httpx.Client
) -> None:
    assert distinct_ids(world, f"/commitments?overdue={day}") == overdue
    assert distinct_ids(world, f"/commitments?overdue={day}&act=promise&open=1") == overdue


ALL_SUMS = {"exact", "about", "at-least", "more-than", "up-to", "between", "second"}


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ("amount_min=0", ALL_SUMS),
        ("amount_min=50", ALL_SUMS),
        ("amount_min=50.5", {"at-least", "more-than", "between", "second"}),
        ("amount_min=60", {"at-least", "more-than", "between", "second"}),
        ("amount_min=70", {"at-least", "more-than", "between"}),
        ("amount_min=70.5", {"at-least", "more-than"}),
        ("amount_min=9007199254740991", {"at-least", "more-than"}),
        ("amount_max=60", ALL_SUMS),
        ("amount_max=50", ALL_SUMS - {"second"}),
        ("amount_max=49.5", {"up-to"}),
        ("amount_max=9", {"up-to"}),  # the goal of another one is not what it pledges
        ("amount_max=0", {"up-to"}),
        ("amount_min=10&amount_max=20", {"up-to"}),
        ("amount_min=55&amount_max=58", {"at-least", "more-than", "between"}),
        ("amount_min=60&amount_max=60", {"at-least", "more-than", "between", "second"}),
        ("amount_min=50&amount_max=50", ALL_SUMS - {"second"}),
        ("currency=EUR", ALL_SUMS),
    ],
)
def test_a_sum_is_found_by_whatever_it_may_be(
    query: str, listed: set[str], world: httpx.Client
) -> None:
    assert distinct_ids(world, f"/commitments?{query}") == listed


@pytest.mark.parametrize(
    ("id_", "amount", "currency", "bound"),
    [
        ("exact", 50, "EUR", "exact"),
        ("about", 50, "EUR", "about"),
        ("between", 50, "EUR", "between"),
        ("second", 60, "EUR", "exact"),
        ("spent", None, None, None),
        ("counted", None, None, None),
        ("without-a-day", None, None, None),
    ],
)
def test_the_sum_of_a_commitment_is_the_first_that_it_pledges(
    id_: str, amount: int | None, currency: str | None, bound: str | None, world: httpx.Client
) -> None:
    record = world.get(f"/commitments/{id_}").json()
    assert (record["amount"], record["currency"], record["amount_bound"]) == (
        amount,
        currency,
        bound,
    )


@pytest.mark.parametrize(
    ("path", "listed"),
    [
        ("/agreements?standing=new", {"pact"}),
        ("/agreements?standing=reaffirmed&standing=continued", {"pact-again", "pact-goes-on"}),
        ("/commitments?standing=new", {"share"}),
        ("/commitments?standing=reaffirmed", {"said-again"}),
        ("/commitments?standing=continued", set()),
        # The parts of one, and not the parts of these.
        ("/agreements?part_of=pact-again", {"pact-goes-on"}),
        ("/agreements?part_of=pact-again&part_of=pact-goes-on", {"pact-goes-on", "position"}),
        ("/agreements?part_of=position", set()),
        ("/commitments?part_of=transfer", {"share"}),
        ("/summits?part_of=meeting", {"session"}),
        ("/agreements?reaffirms=pact", {"pact-again"}),
        ("/agreements?reaffirms=pact-again", set()),
        ("/commitments?reaffirms=pact", {"said-again"}),
        ("/commitments?reaffirms=transfer", {"said-again"}),
        ("/commitments?reaffirms=transfer&reaffirms=pact", {"said-again"}),
        ("/commitments?reaffirms=share", set()),
        ("/summits?series=G7%20summit", {"meeting", "elsewhere"}),
        ("/summits?series=G7%20session", {"session"}),
        # Who is named is no party.
        ("/agreements?mentions=named", {*(f"names-{role}" for role in ROLES), "names-two"}),
        ("/agreements?actor=named", set()),
        ("/agreements?mentions=other", {"names-two"}),
        ("/agreements?mentions=japan", set()),
        ("/commitments?mentions=named", {"transfer"}),
        ("/commitments?mentions=payee", set()),
        ("/quotes?mentions=named", {"words"}),
        ("/quotes?mentions=other", set()),
    ],
)
def test_what_a_filter_finds(path: str, listed: set[str], world: httpx.Client) -> None:
    assert distinct_ids(world, path) == listed


@pytest.mark.parametrize("role", ROLES)
def test_a_role_narrows_who_is_named(role: str, world: httpx.Client) -> None:
    path = f"/agreements?mentions=named&mention_role={role}"
    assert distinct_ids(world, path) == {f"names-{role}"} | (
        {"names-two"} if role == "about" else set()
    )
    # The role is that of whom is asked for, not of another one in the same record.
    of_other = distinct_ids(world, f"/agreements?mentions=other&mention_role={role}")
    assert of_other == ({"names-two"} if role == "against" else set())
    assert distinct_ids(world, f"/quotes?mentions=named&mention_role={role}") == (
        {"words"} if role == "against" else set()
    )


@pytest.mark.parametrize("path", ["/agreements", "/commitments", "/quotes"])
def test_a_role_alone_finds_whoever_is_named_in_it(path: str, world: httpx.Client) -> None:
    items = world.get(path, params={"limit": 200}).json()["items"]
    for role in MentionRole:
        named = {i["id"] for i in items if role in {one["role"] for one in i["mentions"]}}
        assert distinct_ids(world, f"{path}?mention_role={role.value}") == named


@pytest.mark.parametrize("actor", ["payer", "payee", "partner", "giver", "named"])
def test_whoever_has_a_part_in_something_is_involved(actor: str, world: httpx.Client) -> None:
    assert distinct_ids(world, f"/commitments?involves={actor}") == {"transfer"}
    acts = actor not in {"payee", "named"}  # it does it, rather than has it done to it
    assert distinct_ids(world, f"/commitments?actor={actor}") == ({"transfer"} if acts else set())


def test_who_inherits_is_involved_and_who_has_no_part_is_not(world: httpx.Client) -> None:
    assert distinct_ids(world, "/agreements?involves=member") == {"of-group"}
    assert distinct_ids(world, "/agreements?involves=group") == {"of-group"}
    assert distinct_ids(world, "/agreements?involves=payer") == set()
    assert distinct_ids(world, "/quotes?involves=other") == {"silent"}
    assert distinct_ids(world, "/quotes?involves=named") == {"words"}
    assert "of-nobody" not in distinct_ids(world, "/agreements?involves=japan")


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/agreements/of-nobody", "parties"),
        ("/agreements/of-nobody", "mentions"),
        ("/commitments/counted", "partners"),
    ],
)
def test_nobody_is_an_empty_list(path: str, key: str, world: httpx.Client) -> None:
    assert world.get(path).json()[key] == []


def test_a_reference_to_what_is_said_again_says_of_which_type_it_is(world: httpx.Client) -> None:
    again: list[Typed] = world.get("/commitments/said-again").json()["reaffirms"]
    assert [(one["type"], one["id"]) for one in again] == [
        ("commitment", "transfer"),
        ("agreement", "pact"),
    ]


@pytest.mark.parametrize(("series", "nearest"), [("g7 summit", "G7 summit"), ("XYZ", None)])
def test_a_series_that_there_is_not_is_refused(
    series: str, nearest: str | None, world: httpx.Client
) -> None:
    answer = world.get("/summits", params={"series": series})
    assert answer.status_code == 422
    (fault,) = answer.json()["errors"]
    assert fault["nearest"] == nearest
    assert {*fault["valid"]} == {"G7 summit", "G7 session"}
