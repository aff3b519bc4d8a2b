"""Advice that is true: whatever is suggested was looked up, works, and is what was meant."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import Mock
from urllib.parse import quote

import httpx2 as httpx
import pycountry
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.beside import table_beside
from app.countries import codes_named
from app.http import paths
from app.nearest import slips
from app.queries.listing import Listing
from app.queries.meant import ALSO, NEARLY
from app.queries.params import Params
from app.queries.querystring import tracking
from app.queries.search import SEARCH
from app.representations.pages.related import LISTINGS
from tests.test_examples import G7, serving

TRACKED = [
    "srsltid=x", "gad_source=1", "gbraid=x", "wbraid=x", "igsh=x", "si=x", "ref_src=twsrc",
    "_hsenc=x", "_hsmi=1", "mkt_tok=x", "oly_enc_id=x", "vero_id=x", "s_cid=x", "UTM_SOURCE=x",
    "utm_id=7", "FBCLID=x", "hsCtaTracking=x", "mtm_campaign=x",
]  # fmt: skip


def shapes(of: type[Params] = Params) -> Iterator[type[Params]]:
    """The parameters of every request."""
    yield of
    for shape in of.__subclasses__():
        yield from shapes(shape)


@pytest.mark.parametrize("query", TRACKED)
def test_what_others_follow_people_by_is_not_asked(client: httpx.Client, query: str) -> None:
    for path in ("/", "/docs", "/actors", "/actors/japan", "/openapi.json"):
        assert client.get(f"{path}?{query}").status_code == 200, path
    # It is the same answer, from where it is kept as well.
    etags = {client.get(path).headers["etag"] for path in ("/actors", f"/actors?{query}")}
    assert len(etags) == 1


def test_no_parameter_is_taken_for_tracking() -> None:
    names = {name for shape in shapes() for name in shape.model_fields}
    assert "topic" in names
    assert [name for name in names if tracking.fullmatch(name)] == []


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("actor=US", ["united-states"]),
        ("actor=us", ["united-states"]),
        ("actor=USA", ["united-states"]),
        ("actor=U.S.", ["united-states"]),
        ("actor=America", ["united-states"]),
        ("actor=united%20states%20of%20america", ["united-states"]),
        ("actor=JFHQ", ["joint-forces-headquarters"]),
        ("actor=Japan", ["japan"]),
        ("actor=Donald%20Trump", ["donald-trump"]),
        ("actor=Trump", ["donald-trump"]),
        ("actor=Donald+Trmp", ["donald-trump"]),
        ("actor=China%20Sea", ["east-china-sea", "south-china-sea"]),
        ("actor=china-sea", ["east-china-sea", "south-china-sea"]),
        ("reaffirms=Joint%20Leaders%27%20Statement", ["joint-leaders-statement"]),
        ("document=Red_Nation_Today_Japan_US", ["red-nation-today-japan-us"]),
        ("topic=Regional%20Security", ["regional_security"]),
        # It is of another type, and no slip.
        ("summit=japan", []),
        ("actor=Narnia", []),
        ("actor=%3F", []),
    ],
)
def test_an_id_is_found_by_every_name_and_never_guessed(
    client: httpx.Client, query: str, meant: list[str]
) -> None:
    name, _, _ = query.partition("=")
    problem = client.get(f"/agreements?{query}&limit=2").json()
    (fault,) = problem["errors"]
    if len(meant) == 1:
        assert fault["nearest"] == meant[0]
        assert dict(httpx.URL(problem["run"]).params) == {name: meant[0], "limit": "2"}
        assert client.get(problem["run"]).status_code == 200
    else:
        assert (fault["nearest"], fault["valid"], problem["run"]) == (None, meant or None, None)
        assert all(id_ in fault["detail"] for id_ in meant)
    if meant:
        assert f"did you mean {' or '.join(meant)}?" in fault["detail"]


@pytest.fixture(scope="module")
def g7(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of the record of another summit."""
    yield from serving(tmp_path_factory.mktemp("g7"), G7)


@pytest.mark.parametrize(
    ("query", "offered", "runs"),
    [
        # Every id with the words is as good a reading, in whatever places they stand there.
        ("document=g7 communique", ["asahi-g7-communique", "g7-hiroshima-communique"], False),
        ("document=hiroshima communique", ["g7-hiroshima-communique"], True),
        ("document=communique asahi", [], False),
        ("document=Leaders Communiqué", ["g7-hiroshima-communique"], False),
        # A word of a name that is no person's is no name.
        ("by=arabia", ["saudi-arabia"], False),
        ("by=it", [], False),
        ("by=IT", ["italy"], True),
        ("by=saudi-arabies", [], False),
        ("by=south", ["south-africa", "south-china-sea", "south-korea"], False),
        ("by=bank", ["world-bank"], False),
        ("by=kishida", ["fumio-kishida"], True),
        ("by=fumio", ["fumio-kishida"], False),
        ("summit=2023", ["g7-hiroshima-2023"], False),
        ("by=zelensky", ["volodymyr-zelenskyy"], False),
        ("by=Korea", ["north-korea", "south-korea"], False),
        ("by=/actors/japan", ["japan"], True),
        ("by=https://readout.example/actors/US/", ["united-states"], True),
        ("by=!/actors/japan", [], False),
        ("summit=/actors/japan", [], False),
        ("summit=hiroshima", ["g7-hiroshima-2023"], True),
        ("summit=G7 summit", ["g7-hiroshima-2023"], False),
        ("summit=g7-2023", ["g7-hiroshima-2023"], True),
    ],
)
def test_a_part_of_a_name_is_offered_and_run_where_it_is_one(
    g7: httpx.Client, query: str, offered: list[str], runs: bool
) -> None:
    problem = g7.get(f"/commitments?{query}").json()
    (fault,) = problem["errors"]
    assert ("did you mean" in fault["detail"]) == bool(offered), problem
    if runs:
        assert (fault["nearest"], fault["valid"]) == (offered[0], None)
        assert problem["run"].endswith(f"={offered[0]}")
    else:
        assert (fault["nearest"], problem["run"]) == (None, None)
        assert fault["valid"] == (offered or None)


def test_a_summit_is_looked_for_by_who_was_there(client: httpx.Client) -> None:
    for typed, actor in (("japan", "japan"), ("Trump", "donald-trump"), ("US", "united-states")):
        problem = client.get(f"/commitments?summit={typed}").json()
        path = f"/summits?actor={actor}"
        assert problem["detail"].endswith(f"; {path} lists those with this actor")
        assert client.get(path).json()["total"] > 0


def test_several_at_once_are_found_one_by_one(client: httpx.Client) -> None:
    problem = client.get("/agreements?actor=US,%20Japan").json()
    assert problem["run"].endswith("/agreements?actor=united-states&actor=japan")
    assert client.get("/agreements?actor=US,Narnia").json()["run"] is None


def test_a_record_is_found_by_its_name(client: httpx.Client) -> None:
    for typed in ("US", "U.S.", "America"):
        assert client.get(f"/actors/{typed}").json()["nearest"][0] == "/actors/united-states"


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/agreements?limit=1000", ["200"]),
        ("/agreements?limit=all", ["200"]),
        ("/agreements?limit=0", []),
        ("/agreements?format=excel", ["xlsx"]),
        ("/agreements?format=rss", ["atom"]),
        ("/agreements?format=feed", ["atom", "jsonfeed"]),
        ("/agreements?format=text/csv", ["csv"]),
        ("/agreements?format=JSON", ["json"]),
        ("/agreements?format=geojson", []),
        ("/actors/japan?format=excel", []),
        ("/agreements?sort=newest", ["-date"]),
        ("/agreements?sort=latest", ["-date"]),
        ("/agreements?sort=recent", ["-date"]),
        ("/agreements?sort=oldest", ["date"]),
        ("/agreements?sort=date+desc", ["-date"]),
        ("/agreements?sort=date:asc", ["date"]),
        ("/agreements?sort=Titel", ["title"]),
        ("/agreements?sort=-titel", ["-title"]),
        ("/agreements?sort=relevance", []),
        ("/search?q=japan&sort=relevance", ["rank"]),
        ("/search?q=japan&sort=date", []),
        ("/changes?sort=newest", ["-release"]),
        ("/changes?sort=relevance", []),
        ("/actors?sort=newest", []),
        ("/actors?sort=-name", ["-title"]),
        ("/agreements?sort=-newest", []),
        ("/commitments?currency=all", []),
        ("/commitments?act=commitment", []),
        ("/changes?action=updated", ["changed"]),
        ("/changes?action=removed", ["withdrawn"]),
        (
            "/actors?kind=organization",
            ["alliance", "company", "government_body", "international_organization"],
        ),
        ("/agreements?kind=communique", ["joint_statement"]),
        ("/agreements?since=Feb+2025", ["2025-02"]),
        ("/agreements?since=Feb.+2025", ["2025-02"]),
        ("/agreements?since=February+2025", ["2025-02"]),
        ("/agreements?since=7+February+2025", ["2025-02-07"]),
        ("/agreements?since=February+7th,+2025", ["2025-02-07"]),
        ("/agreements?since=7th+of+February+2025", ["2025-02-07"]),
        ("/agreements?since=02/07/2025", ["2025-02-07", "2025-07-02"]),
        ("/agreements?since=7.2.2025", ["2025-02-07", "2025-07-02"]),
        ("/agreements?since=02/13/2025", ["2025-02-13"]),
        ("/agreements?since=2025/2/7", ["2025-02-07"]),
        ("/agreements?since=2025-2-7", ["2025-02-07"]),
        ("/agreements?since=20250207", ["2025-02-07"]),
        ("/agreements?since=2025-02-07T00:00:00Z", ["2025-02-07"]),
        ("/agreements?since=2025-02-30", ["2025-02-28"]),
        ("/agreements?since=Fri Feb 07 2025 09:00:00 GMT%2B0100", ["2025-02-07"]),
        ("/agreements?since=Fri, 07 Feb 2025", ["2025-02-07"]),
        ('/agreements?since="2025-02-07"', ["2025-02-07"]),
        ("/agreements?since=yesterday", []),
        ("/commitments?overdue=1 January 2026", ["2026-01-01"]),
        ("/agreements?since=Febuary 2025", ["2025-02"]),
        ("/agreements?since=7 Sept. 2025", ["2025-09-07"]),
        ("/agreements?since=Juny 2025", ["2025-06", "2025-07"]),
        ("/agreements?since=2/7/25", ["2025-02-07", "2025-07-02"]),
        ("/agreements?since=13/2/25", ["2025-02-13", "2013-02-25"]),
        ("/agreements?kind=treaties", ["treaty"]),
        ("/commitments?limit=10.0", ["10"]),
        ("/commitments?limit=%2B5", ["5"]),
        ("/commitments?limit=1,000", ["200"]),
        ("/commitments?limit=1.5", []),
        ("/commitments?limit=0", []),
        ("/commitments?fields=text", []),
        ("/commitments?fields=from", []),
        ("/commitments?fields=titel", ["title"]),
        ("/commitments?currency=us+dollar", ["USD"]),
        ("/commitments?currency=usd", ["USD"]),
        ("/commitments?currency=dollar", ["USD", "AUD", "CAD", "HKD", "SGD"]),
        ("/commitments?currency=yen", ["JPY"]),
        ("/commitments?currency=$", ["USD", "AUD", "CAD", "HKD", "SGD"]),
        ("/commitments?currency=€", ["EUR"]),
        ("/commitments?currency=¥", ["JPY", "CNY"]),
        ("/commitments?currency=bitcoin", []),
        ("/commitments?currency=US$", ["USD"]),
        ("/commitments?currency=A$", ["AUD"]),
        ("/commitments?currency=us+dollars", ["USD"]),
        ("/summits?country=UK", ["GB"]),
        ("/summits?country=Russia", ["RU"]),
        ("/summits?country=Türkiye", ["TR"]),
        ("/actors?country=Korea", ["KR", "KP"]),
        ("/actors?country=congo", ["CD", "CG"]),
        ("/actors?country=PRC", ["CN"]),
        ("/actors?country=392", ["JP"]),
        ("/actors?country=Europe", []),
        ("/commitments?amount_min=1.5bn", ["1500000000"]),
        ("/commitments?amount_min=1+trillion", ["1000000000000"]),
        ("/commitments?amount_max=5m", ["5", "5000000"]),
        ("/commitments?amount_min=much", []),
        ("/commitments?as_of=r1", ["1"]),
        ("/commitments?amount_min=5k", ["5000"]),
        ("/commitments?as_of=r9", []),  # there is no such release, and was none at that time
        ("/commitments?as_of=1+February+2001", []),
        ("/commitments?as_of=release+1", ["1"]),
        ("/commitments?status=completed", ["done"]),
        ("/commitments?status=delivered", ["done"]),
        ("/commitments?status=in+progress", ["under_way"]),
        ("/commitments?status=started", ["under_way"]),
        ("/actors/japan?format=csljson", ["csl"]),
        ("/commitments?act=pledge", ["promise"]),
        ("/commitments?status=broken", ["missed", "abandoned"]),
        ("/changes?derived=no", ["0"]),
        ("/actors?kind=countries", ["country_or_area"]),
        ("/actors?kind=country", ["country_or_area"]),
        ("/commitments?status=way", ["under_way"]),
        # It is the opposite, or another word.
        ("/commitments?status=undone", []),
        ("/commitments?status=none", []),
        ("/commitments?act=need", []),
        ("/agreements?status=started", ["launched"]),
        ("/commitments?status=promised", []),
        ("/agreements?status=unsigned", []),
        ("/changes?action=unchanged", []),
        ("/commitments?status=stated", []),
        ("/commitments?status=not+stated", ["not_stated"]),
    ],
)
def test_a_value_is_understood_as_people_write_it(
    client: httpx.Client, path: str, meant: list[str]
) -> None:
    problem = client.get(path, headers={"Accept": "application/json"}).json()
    (fault,) = problem["errors"]
    assert fault["nearest"] == (meant[0] if len(meant) == 1 else None)
    assert ("did you mean" in fault["detail"]) == bool(meant)
    if len(meant) == 1:
        run = httpx.URL(problem["run"])
        assert run.params[fault["parameter"]] == meant[0]
        assert client.get(run).status_code == 200
    elif meant:
        assert set(meant) <= set(fault["valid"])
        assert fault["parameter"] not in httpx.URL(problem["run"] or "").params


@pytest.mark.parametrize("typed", ["1", "true", "Today"])
def test_what_is_overdue_is_asked_of_today(client: httpx.Client, typed: str) -> None:
    before = f"{datetime.now(UTC):%Y-%m-%d}"
    problem = client.get(f"/commitments?overdue={typed}").json()
    assert problem["errors"][0]["nearest"] in {before, f"{datetime.now(UTC):%Y-%m-%d}"}
    assert client.get(problem["run"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "run"),
    [
        ("status=all", ""),
        ("status=any&by=japan", "?by=japan"),
        ("currency=all", ""),
        ("fields=*", ""),
        ("open=all", ""),
        ("status=all&status=done", None),
        ("sort=all", None),
        ("include=all", None),
        ("type=commitment", None),
        ("to=2025-12-31", None),
    ],
)
def test_who_asks_for_all_leaves_a_filter_out(
    client: httpx.Client, query: str, run: str | None
) -> None:
    problem = client.get(f"/commitments?{query}").json()
    base = str(client.base_url).rstrip("/")
    assert problem["run"] == (None if run is None else f"{base}/commitments{run}")
    assert run is None or " out for all of them" in problem["detail"]


def test_a_search_for_nothing_is_no_list(client: httpx.Client) -> None:
    problem = client.get("/search?q=").json()
    assert (problem["detail"], problem["nearest"]) == ("q is missing, as in q=japan", [])


@pytest.mark.parametrize("typed", ["latest", "now", "Newest"])
def test_the_newest_release_is_looked_up(client: httpx.Client, typed: str) -> None:
    problem = client.get(f"/agreements?topic=defense&as_of={typed}").json()
    assert "; did you mean 1?" in problem["detail"]
    assert problem["run"].endswith("/agreements?topic=defense&as_of=1")
    other = client.get("/agreements?as_of=x").json()
    assert "; the newest release is as_of=1" in other["detail"]
    assert other["run"] is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("japan and china", ["china", "japan"]),
        ("Japan+China", ["china", "japan"]),
        ("government of japan", ["japan"]),
        ("President Trump", ["donald-trump"]),
        ("PM Ishiba", ["shigeru-ishiba"]),
    ],
)
def test_no_guess_leaves_out_whom_a_word_names(
    client: httpx.Client, typed: str, meant: list[str]
) -> None:
    problem = client.get(f"/commitments?by={typed}").json()
    assert f"did you mean {' or '.join(meant)}?" in problem["detail"]
    assert bool(problem["run"]) == (len(meant) == 1)


@pytest.mark.parametrize(
    ("query", "run"),
    [
        ("summit=U.S.-Japan summit, February 2025", "summit=us-japan-2025-02"),
        ("document=the daily tribune, 10 february 2025", "document=daily-tribune-ishiba-trump"),
        ("actor=Japan,United States", "actor=japan&actor=united-states"),
        ("topic=economy,defense", "topic=economy&topic=defense"),
        ("topic=economy, Trade", "topic=economy&topic=trade"),
        ("topic=economy,xyz", None),
        ("summit=U.S.-Japan summit, March 2025", None),
    ],
)
def test_a_comma_parts_several_but_in_a_name(
    client: httpx.Client, query: str, run: str | None
) -> None:
    problem = client.get(f"/agreements?{query}").json()
    assert problem["run"] == (run and f"{client.base_url}/agreements?{run}".replace("//ag", "/ag"))


def test_what_is_no_actor_is_looked_for_in_words(client: httpx.Client) -> None:
    for typed in ("Washington", "washington", "license-produced weapons"):
        problem = client.get(f"/commitments?by={typed}").json()
        path = problem["detail"].partition("; ")[2].removesuffix(" finds it in records")
        assert client.get(path).json()["total"] > 0, problem["detail"]
        assert problem["run"] is None
    assert client.get("/commitments?by=Narnia").json()["detail"].endswith("; /actors lists them")


@pytest.mark.parametrize("mark", [";", "%26", ";%20"])
def test_parameters_in_a_value_are_read_as_they_were_meant(client: httpx.Client, mark: str) -> None:
    problem = client.get(f"/commitments?by=japan{mark}act=promise{mark}to=US").json()
    assert "part them by &" in problem["detail"]
    run = "/commitments?by=japan&act=promise&to=united-states"
    assert problem["run"].endswith(run)
    assert client.get(f"/commitments?by=japan{mark}wxyz=promise").json()["run"] is None
    assert client.get(f"/search?q=japan{mark}act=promise").status_code == 200


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/quotes?by=japan", ["speaker", "actor"]),
        ("/commitments?speaker=japan", ["by", "actor"]),
        ("/agreements?year=2025", ["since", "until"]),
        ("/agreements?month=2025-02", ["since", "until"]),
        ("/agreements?by=japan", ["actor"]),
        ("/agreements?country=JP", ["actor"]),
        ("/agreements?category=defense", ["topic"]),
        ("/commitments?recipient=japan", ["to"]),
        ("/commitments?who=japan", ["by", "actor"]),
        ("/commitments?sort_by=amount", ["sort"]),
        ("/commitments?pageSize=20", ["limit"]),
        ("/commitments?startDate=2025", ["since"]),
        ("/commitments?amp;status=done", ["status"]),
        ("/quotes?event=us-japan-2025-02", ["summit"]),
        ("/agreements?with=japan", ["actor", "involves"]),
        ("/summits?with=japan", ["actor"]),
        ("/search?query=japan", ["q"]),
        ("/changes?version=1", ["as_of"]),
        ("/agreements?signatory=japan", ["actor"]),
        ("/commitments?amount_gte=5", ["amount_min"]),
        ("/commitments?amount[lte]=5", ["amount_max"]),
        ("/agreements?date__gte=2025", ["since"]),
        ("/commitments?deadline=2030", ["due_since", "due_until"]),
        ("/agreements?from=2025-01-01", ["since"]),
        ("/agreements?to=2025-12-31", ["until"]),
        ("/agreements?ids=joint-leaders-statement", ["id"]),
        ("/commitments?agreement_id=joint-leaders-statement", ["agreement"]),
    ],
)
def test_a_parameter_is_meant_by_its_other_names(
    client: httpx.Client, path: str, meant: list[str]
) -> None:
    problem = client.get(path).json()
    assert f"did you mean {' or '.join(meant)}?" in problem["detail"]
    assert bool(problem["run"]) == (len(meant) == 1)
    for name in meant:
        named = f"{path.partition('?')[0]}?{name}={path.partition('=')[2]}"
        answer = client.get(problem["run"] or named)
        assert answer.status_code == 200, named


@pytest.mark.parametrize(
    ("query", "run"),
    [
        # The opposite of what was asked.
        ("by=!japan", None),
        ("by=-japan", None),
        ("by=anyone+but+japan", None),
        ("by!=japan", None),
        ("-by=japan", None),
        ("status=!done", None),
        ("topic=!defense", None),
        ("topic=-defense", None),
        ("topic=all+but+defense", None),
        ("status=not+done", None),
        ("sort=amount&order=desc", None),
        ("order=asc", None),
        # Another one, more of them, or the first ones in another order.
        ("sort=status&limit=1", None),
        ("sort=date,-amount", None),
        ("since=2025&since=2024", None),
        ("page=2", None),
        ("offset=20&limit=20", None),
        ("format=pdf", None),
        ("by=japan&By=US", "by=japan&by=united-states"),
        ("by=japan&amp;status=done", "by=japan&status=done"),
        ("between=japan&with=us", None),
        ("act=promise&parties=japan,us", None),
        ("by=Trump&status=Done", "by=donald-trump&status=done"),
        ("by=japan%0A&act=promise%09", "by=japan&act=promise"),
        ("by=japan%00", None),
        ("amount_max=no 2000000", None),
        ("by=japan?act=promise", "by=japan&act=promise"),
        ("by[0]=japan&by[1]=US", "by=japan&by=united-states"),
        ("per_page=50", "limit=50"),
        ("offset=0&limit=20", "limit=20"),
        ("fields=by_titles,by.title,title", "fields=by,title"),
        ("fields=title,nothing", None),
        ("fields=title,-id", None),
        ("fields=due_tetx", "fields=due_text"),
        ("open=true", "open=1"),
        ("open=no", None),
        # A name alone, which would be left out.
        ("open", "open=1"),
        ("act=promise&open", "open=1&act=promise"),
        ("overdue", None),
        ("japan", None),
        ("amount>1000", None),
        ("Open", None),
    ],
)
def test_no_advice_asks_for_anything_else(
    client: httpx.Client, query: str, run: str | None
) -> None:
    client.get("/commitments?act=promise")
    problem = client.get(f"/commitments?{query}").json()
    assert problem["status"] == 422, problem
    if run is None:
        assert problem["run"] is None, problem
    else:
        assert problem["run"].endswith(f"/commitments?{run}"), problem
        assert client.get(problem["run"]).status_code == 200
    if "!" in query or "-by" in query:
        assert "finds it" not in problem["detail"]
        assert [fault["nearest"] for fault in problem["errors"]] == [None], problem


NEGATED_NAMES = [
    "{}_not", "{}[not]", "{}[ne]", "{}__ne", "{}.ne", "{}_ne", "{}~", "not_{}", "{}!", "-{}",
    "{}_not_in", "exclude_{}", "without-{}", "no_{}", "non_{}", "exclude", "{}Not", "{}<>",
]  # fmt: skip
NEGATED_VALUES = [
    "!{}", "-{}", "<>{}", "!={}", "~{}", "≠{}", "^{}", "¬{}", "\u2212{}", "\u2013{}", "ne:{}",
    "not {}", "other than {}", "isn't {}", "isn\u2019t {}", "{} not", "{} (not)", "anti-{}",
    "non-{}", "no {}", "all but {}", "!({})", "({})!", '"!{}"', "except {}", "{} excluded",
    "neither {}", "not({})",
]  # fmt: skip


@pytest.mark.parametrize("form", NEGATED_NAMES)
@pytest.mark.parametrize("right", ["status=done", "by=japan", "open=1", "topic=defense"])
def test_a_name_that_leaves_out_leads_to_no_parameter(
    client: httpx.Client, form: str, right: str
) -> None:
    name, value = right.split("=")
    problem = client.get("/commitments", params={form.format(name): value}).json()
    (fault,) = problem["errors"]
    assert (fault["nearest"], problem["run"]) == (None, None)
    assert "did you mean" not in fault["detail"]


@pytest.mark.parametrize("form", NEGATED_VALUES)
@pytest.mark.parametrize(
    "right",
    [
        "/summits?country=US", "/commitments?by=japan", "/commitments?by=Japan",
        "/commitments?by=Trump", "/commitments?status=done", "/commitments?act=promise",
        "/commitments?kind=investment", "/commitments?topic=defense", "/commitments?currency=USD",
        "/agreements?summit=us-japan-2025-02", "/commitments?amount_min=5bn", "/changes?derived=no",
        "/agreements?since=7 February 2025", "/commitments?open=1", "/agreements?as_of=r1",
    ],
)  # fmt: skip
def test_a_value_that_is_left_out_leads_to_no_value(
    client: httpx.Client, form: str, right: str
) -> None:
    path, name, value = re.split("[?=]", right)
    problem = client.get(path, params={name: form.format(value)}).json()
    (fault,) = problem["errors"]
    assert (fault["nearest"], problem["run"]) == (None, None)
    assert "did you mean" not in fault["detail"]


@pytest.mark.parametrize(
    "query",
    [
        "by=United Nations", "by=United Arab Emirates", "by=United Airlines", "by=Indonesia",
        "by=Austria", "mentions=Thailand", "by=Chinese Taipei", "mentions=Kuril Islands",
        "by=Bank of Japan", "by=Japanese companies", "by=British Steel", "by=Donald Tusk",
        "by=Ronald Trump", "by=Donald Trump Jr.", "by=Mrs. Trump", "by=First Lady Trump",
        "by=Crown Prince Ishiba", "by=Shigeru Yoshida", "by=Mrs. Ishiba", "by=Trump Organization",
        "by=President of the United States", "by=President Japan", "by=Government of Trump",
        "by=Republic of Chad", "by=Australasia", "by=Iran", "by=IRA", "by=Guinea",
        "summit=us-china-2025-02", "summit=us-japan-2024-04", "summit=us-japan-2026-02",
        "summit=us-japan-2025-03", "summit=G7 2025", "topic=all defense", "by=Japan and Narnia",
    ],
)  # fmt: skip
def test_nobody_and_nothing_else_is_offered(client: httpx.Client, query: str) -> None:
    problem = client.get(f"/commitments?{query}").json()
    (fault,) = problem["errors"]
    assert (fault["nearest"], problem["run"]) == (None, None), problem
    assert "did you mean" not in fault["detail"]


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("agreement-21-8", "agreement-2-18"),
        ("health-4-8-billion", "health-48-billion"),
        ("state-b", "state-by"),
    ],
)
def test_what_is_cut_elsewhere_between_digits_is_no_slip(typed: str, other: str) -> None:
    assert slips(typed, [other]) == []


@pytest.mark.parametrize("path", ["/actors/thailand", "/actors/donald-tusk", "/commitments/count"])
def test_no_other_record_is_offered_in_the_place_of_one(client: httpx.Client, path: str) -> None:
    problem = client.get(path).json()
    assert (problem["status"], problem["nearest"]) == (404, [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("government of japan", "japan"),
        ("the Government of the United States", "united-states"),
        ("Peoples Republic of China", "china"),
        ("the United States", "united-states"),
        ("UnitedStates", "united-states"),
        ("united-sates", "united-states"),
        ("jpan", "japan"),
        ("President Trump", "donald-trump"),
        ("Donald J. Trump", "donald-trump"),
        ("Prime Minister Ishiba", "shigeru-ishiba"),
        ("Ishiba Shigeru", "shigeru-ishiba"),
        ("shigeru isihba", "shigeru-ishiba"),
        ('"Japan".', "japan"),
        ("[japan]", "japan"),
    ],
)
def test_an_actor_is_understood_with_slips_and_with_what_stands_before(
    client: httpx.Client, typed: str, meant: str
) -> None:
    problem = client.get("/commitments", params={"by": typed}).json()
    assert httpx.URL(problem["run"]).params["by"] == meant
    assert client.get(problem["run"]).status_code == 200


@pytest.mark.parametrize(
    ("query", "number", "currency", "runs"),
    [
        ("amount_min=€5bn", "5000000000", "EUR", False),
        ("amount_min=$1,000,000,000", "1000000000", "USD or AUD", False),
        ("amount_max=¥1 trillion", "1000000000000", "JPY or CNY", False),
        ("amount_min=5 billion US dollars", "5000000000", "USD", False),
        ("amount_min=US$5", "5", "USD", False),
        ("amount_min=5bn EUR&currency=EUR", "5000000000", None, True),
        ("amount_min=$5bn&currency=USD", "5000000000", None, True),
        ("amount_min=€5bn&currency=USD", "5000000000", "EUR", False),
        ("amount_min=€5bn&currency=EUR&currency=USD", "5000000000", "EUR", False),
    ],
)
def test_a_sum_in_a_currency_is_run_in_no_other(
    client: httpx.Client, query: str, number: str, currency: str | None, runs: bool
) -> None:
    problem = client.get(f"/commitments?{query}").json()
    (fault,) = problem["errors"]
    assert fault["nearest"] == number
    assert (f"? currency={currency}" in fault["detail"]) == bool(currency)
    assert bool(problem["run"]) == runs


@pytest.mark.parametrize(
    ("query", "meant", "but"),
    [
        ("before=2025-02-07", "until", "includes that day"),
        ("after=2025-02-07", "since", "includes that day"),
        ("due_before=2030", "due_until", "includes that day"),
        ("Due_After=2030", "due_since", "includes that day"),
        ("promised_by=japan", "by", "deeds"),
        ("start=2025", "since", "takes a date"),
        ("end=2025-02", "until", "includes that day"),
        ("parties=japan,us", "actor", "either"),
        ("between=japan", "actor", "either"),
        ("place=Tokyo", "q", "wherever they stand"),
        ("title=steel", "q", "wherever they stand"),
        ("against=china", "mentions", "mention_role=against"),
        ("amount_gt=5", "amount_min", "includes that sum"),
        ("amount[lt]=5", "amount_max", "includes that sum"),
        ("amount>=5", "amount_min", "includes that sum"),
        ("amount<5", "amount_max", "includes that sum"),
        ("date>2025", "since", "includes that day"),
        ("due__lt=2030", "due_until", "includes that day"),
    ],
)
def test_what_is_nearly_the_same_is_offered_with_the_difference(
    client: httpx.Client, query: str, meant: str, but: str
) -> None:
    problem = client.get(f"/commitments?{query}").json()
    (fault,) = problem["errors"]
    assert (fault["nearest"], problem["run"]) == (meant, None)
    assert f"did you mean {meant}? (" in fault["detail"]
    assert but in fault["detail"]
    shape = LISTINGS["commitments"].params
    assert all(name in shape.model_fields for names in NEARLY.values() for name in names)


@pytest.mark.parametrize(
    ("query", "said", "run"),
    [
        ("kind=promise", "did you mean act=promise?", "act=promise"),
        ("kind=Promise", "did you mean act=promise?", "act=promise"),
        ("type=promise", "did you mean act?", "act=promise"),
        ("type=investment", "did you mean kind?", "kind=investment"),
        ("type=done", "did you mean act=deed or status?", None),
        ("type=pledge", "did you mean act=promise?", "act=promise"),
        ("type=thing", "did you mean kind or act?", None),
        ("act=done", "did you mean deed or status=done?", None),
        ("act=announced", "did you mean promise or status=announced?", None),
        ("act=under_way", "did you mean status=under_way?", "status=under_way"),
        ("status=deed", "did you mean done or act=deed?", None),
        ("status=overdue", "overdue is a parameter of its own", None),
        ("category=investment", "did you mean kind or topic?", None),
        ("status=open", "did you mean open=1?", "open=1"),
        ("type=open", "did you mean open=1?", "open=1"),
        ("kind=not_stated", "did you mean standing=not_stated or status=not_stated?", None),
        # What is asked of another filter already, or of this one, would be widened.
        ("kind=promise&act=deed", "did you mean act=promise?", None),
        ("type=promise&act=deed", "did you mean act?", None),
        ("kind=promise&kind=investment", "did you mean act=promise?", None),
        ("kind=investment&kind=promise", "did you mean act=promise?", None),
        ("act=promise&party=JP&actor=US", "did you mean actor?", None),
        ("party=JP&party=US", "did you mean actor?", "actor=japan&actor=united-states"),
    ],
)
def test_a_value_of_another_filter_leads_there(
    client: httpx.Client, query: str, said: str, run: str | None
) -> None:
    problem = client.get(f"/commitments?{query}").json()
    assert said in problem["detail"]
    assert (problem["run"] or "").partition("?")[2] == (run or "")
    assert not run or client.get(problem["run"]).status_code == 200


def test_only_what_can_be_repeated_is_said_to_be(client: httpx.Client) -> None:
    assert "repeated" not in client.get("/commitments?sort=date,amount").json()["detail"]
    assert "is repeated for several" in client.get("/commitments?act=promise,deed").json()["detail"]


def test_a_passage_is_led_to_where_it_is_found(client: httpx.Client) -> None:
    passage = max((quote["text"] for quote in client.get("/quotes").json()["items"]), key=len)
    problem = client.get("/search", params={"q": passage}).json()
    assert problem["detail"].endswith(
        "is longer than 200 characters; POST a longer passage to /check"
    )
    (item,) = client.post("/check", json={"text": f"“{passage}”"}).json()["items"]
    assert item["verdict"] == "verbatim"


def test_who_wants_all_is_told_where_it_is(client: httpx.Client) -> None:
    for limit in ("1000", "all"):
        detail = client.get(f"/agreements?limit={limit}").json()["detail"]
        assert "the whole list is format=csv or format=ndjson" in detail


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/agreements?Topic=defense", "topic"),
        ("/agreements?topics=defense", "topic"),
        ("/agreements?topc=defense", "topic"),
        ("/agreements?part-of=joint-leaders-statement", "part_of"),
        ("/changes?release=1", None),
        ("/commitments?amount=5", None),
        ("/commitments?due=2030", None),
        ("/quotes?by=japan", None),
        ("/commitments?min_amount=5", "amount_min"),
        ("/commitments?amountMax=5", "amount_max"),
        ("/agreements?field=title", "fields"),
        ("/agreements?signed=true", None),
        # It is a parameter of another list.
        ("/agreements?action=japan", None),
        ("/quotes?to=japan", None),
        ("/agreements?from=2025", None),
    ],
)
def test_a_parameter_is_meant_by_its_slips_alone(
    client: httpx.Client, path: str, meant: str | None
) -> None:
    problem = client.get(path).json()
    (fault,) = problem["errors"]
    assert fault["nearest"] == meant
    assert bool(problem["run"]) == bool(meant)
    assert not meant or client.get(problem["run"]).status_code == 200


def test_what_may_be_one_of_two_parameters_is_offered(client: httpx.Client) -> None:
    assert "did you mean amount_min or amount_max?" in client.get("/commitments?amount=5").text


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/agreement/joint-leaders-statement", "/agreements/joint-leaders-statement"),
        ("/actor/japan", "/actors/japan"),
        ("/actor/japan?as_of=1", "/actors/japan?as_of=1"),
        ("/Actor/japan/History/", "/actors/japan/history"),
        ("/Agreements", "/agreements"),
        ("/Agreements?limit=2", "/agreements?limit=2"),
        ("/agreement", "/agreements"),
        ("/agreements/", "/agreements"),
        ("/release/1", "/releases/1"),
        ("/DOCS", "/docs"),
        ("/agreements.csv", "/agreements?format=csv"),
        ("/agreements.json?topic=defense", "/agreements?topic=defense&format=json"),
        ("/agreements.CSV", "/agreements?format=csv"),
        ("/agreement.xlsx", "/agreements?format=xlsx"),
        ("/agreements.csv?format=csv", "/agreements?format=csv"),
        ("/search.json?q=japan", "/search?q=japan&format=json"),
        ("/changes.atom", "/changes?format=atom"),
        ("/releases/1.json", "/releases/1?format=json"),
        (
            "/agreements/joint-leaders-statement.json",
            "/agreements/joint-leaders-statement?format=json",
        ),
        ("/actors/japan.bib", "/actors/japan?format=bibtex"),
        ("/actors/japan.html", "/actors/japan?format=html"),
        ("/api/v1/actors/japan", "/actors/japan"),
        ("/api/actors/japan/history", "/actors/japan/history"),
        ("/v1/commitments?by=japan", "/commitments?by=japan"),
        ("/rest/v2.1/agreement.csv", "/agreements?format=csv"),
        ("/promises", "/commitments?act=promise"),
        ("/promises?by=japan", "/commitments?act=promise&by=japan"),
        ("/Pledges.csv", "/commitments?act=promise&format=csv"),
        ("/promises/japan-us-investment", "/commitments/japan-us-investment"),
        ("/promise", "/commitments?act=promise"),
        ("/person/donald-trump", "/actors/donald-trump"),
        ("/people", "/actors?kind=person"),
        ("/people/donald-trump", "/actors/donald-trump"),
        ("/countries", "/actors?kind=country_or_area"),
        ("/sources", "/documents"),
        ("/meetings/us-japan-2025-02", "/summits/us-japan-2025-02"),
        ("/swagger", "/docs"),
        ("/index.html", "/"),
        ("/embed/quotes/trump-peace-through-strength", "/embed/quote/trump-peace-through-strength"),
        ("/rss", "/changes?format=atom"),
        ("/atom.xml", "/changes?format=atom"),
        ("/companies", "/actors?kind=company"),
        ("/states/japan", "/actors/japan"),
    ],
)
def test_a_path_with_one_reading_moves(client: httpx.Client, path: str, meant: str) -> None:
    moved = client.get(path)
    assert (moved.status_code, moved.headers["location"]) == (308, meant)
    assert client.get(meant).status_code == 200


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/actors/japan/commitments", ["/commitments?actor=japan"]),
        ("/actors/japan/commitments?act=promise", ["/commitments?actor=japan&act=promise"]),
        ("/actors/japan/commitments?act=x", ["/actors/japan"]),
        ("/actor/Japan/Quotes", ["/quotes?actor=japan"]),
        ("/actors/US/agreements", ["/agreements?actor=united-states"]),
        ("/summits/us-japan-2025-02/agreements", ["/agreements?summit=us-japan-2025-02"]),
        (
            "/agreements/joint-leaders-statement/commitments",
            ["/commitments?agreement=joint-leaders-statement"],
        ),
        ("/actors/japan/x", ["/actors/japan"]),
        ("/actor/japn", ["/actors/japan"]),
        ("/actor/US", ["/actors/united-states"]),
        ("/agreements.geojson", ["/agreements"]),
        ("/agreements.csv?format=json", ["/agreements?format=json"]),
        ("/actors/japan.csv", ["/actors/japan"]),
        ("//agreements", ["/agreements"]),
        ("/agreements//joint-leaders-statement", ["/agreements/joint-leaders-statement"]),
        ("/status", []),
        ("/united", []),
        ("/commitments/1", []),
        ("/search/agreements?q=japan", ["/search?type=agreement&q=japan"]),
        ("/search/promises?q=china", ["/commitments?act=promise&q=china"]),
        ("/search/people?q=trump", ["/actors?kind=person&q=trump"]),
        ("/search/china?type=quote", ["/search?q=china&type=quote"]),
        ("/search/zzz?q=china", []),
        ("/zzz", []),
        ("/api", ["/"]),
        ("/v1/", ["/"]),
        ("/api/v1/actors/japn", ["/actors/japan"]),
        ("/restaurants", []),
        ("/statements", ["/quotes"]),
        ("/statements/x", []),
        ("/treaties", ["/agreements?kind=treaty"]),
        ("/leaders", ["/actors?kind=person"]),
        ("/treaties?actor=japan", ["/agreements?kind=treaty&actor=japan"]),
        ("/treaties?kind=position", []),
        ("/outcomes?by=japan", ["/commitments?relation=outcome&by=japan"]),
        ("/comitments", ["/commitments"]),
        ("/promises?act=deed", ["/commitments?act=deed"]),
        ("/people/US", ["/actors/united-states"]),
        ("/search/alaska%20lng", ["/search?q=alaska+lng"]),
        ("/actors/japan/promises", ["/commitments?actor=japan&act=promise"]),
        ("/actors/japan/deeds?topic=defense", ["/commitments?topic=defense&actor=japan&act=deed"]),
        ("/actors/japan/treaties", ["/agreements?actor=japan&kind=treaty"]),
        ("/topics/defense", ["/summits?topic=defense"]),
        ("/topics/Regional-Security?actor=japan", ["/summits?topic=regional_security&actor=japan"]),
        ("/topics/x", ["/topics"]),
        ("/releases/1/readout.sqlite", ["/releases/1/readout.db"]),
        ("/releases/1/bundle.zip", ["/releases/1/bundle.json"]),
        # The id or the name of a record, without its type.
        ("/japan", ["/actors/japan"]),
        ("/US/commitments", ["/actors/united-states"]),
        ("/trump", ["/actors/donald-trump"]),
        ("/us-japan-2025-02", ["/summits/us-japan-2025-02"]),
        ("/joint-leaders-statement", ["/agreements/joint-leaders-statement"]),
        ("/japan.php", []),
        ("/thailand", []),
        ("/summits/us-japan-2025-02-07", ["/summits/us-japan-2025-02"]),
        ("/agreements/joint-statement", ["/agreements/joint-leaders-statement"]),
    ],
)
def test_a_path_without_one_reading_says_what_there_is(
    client: httpx.Client, path: str, near: list[str]
) -> None:
    answer = client.get(f"{client.base_url}{path}" if path.startswith("//") else path)
    assert answer.status_code == 404
    assert answer.json()["nearest"][:1] == near
    for each in answer.json()["nearest"]:
        assert client.get(each).status_code == 200


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/?q=japan", ["/search?q=japan"]),
        ("/agreements?to=japan", ["/commitments?to=japan"]),
        ("/agreements?status=done", ["/commitments?status=done"]),
        ("/quotes?by=japan&act=promise", ["/commitments?by=japan&act=promise"]),
        ("/quotes?type=commitment&q=japan", ["/search?type=commitment&q=japan"]),
        ("/search?q=japan&publisher=red-nation-today",
         ["/documents?q=japan&publisher=red-nation-today"]),
        ("/agreements?to=narnia", []),
        ("/agreements?to=!japan", []),
        ("/commitments?topc=defense", []),  # which can be run
        ("/actors/japan?q=x", []),
        ("/agreements/search?q=japan", ["/agreements?q=japan"]),
        ("/commitments?as_of=99", []),
        ("/agreements?to=japan&as_of=99", []),
        ("/search", []),
        ("/releases?limit=1", []),
    ],
)  # fmt: skip
def test_a_query_of_another_list_leads_there(
    client: httpx.Client, path: str, near: list[str]
) -> None:
    problem = client.get(path).json()
    assert (problem["status"], problem["nearest"]) == (422, near)
    where = f"; it can be asked of {near[0].partition('?')[0]}" if near else ""
    assert problem["detail"].endswith(where)
    for each in near:
        assert client.get(each).status_code == 200


def test_a_query_of_names_that_no_list_has_is_read_for_none(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paths, "read", Mock(side_effect=AssertionError("each takes its time")))
    names = "&".join(f"by{at}=japan" for at in range(290))
    assert client.get(f"/commitments?{names}").status_code == 422


@pytest.mark.parametrize(
    ("as_of", "nearest"), [("99", "1"), ("0", "1"), ("2020", "1"), ("2025-02-07", "1")]
)
@pytest.mark.parametrize("path", ["/commitments?", "/search?q=japan&", "/check?"])
def test_a_release_that_was_never_there_leads_to_one_that_is(
    client: httpx.Client, path: str, as_of: str, nearest: str
) -> None:
    problem = client.get(f"{path}as_of={as_of}").json()
    assert (problem["status"], problem["nearest"]) == (422, [])
    assert [fault["nearest"] for fault in problem["errors"]] == [nearest]
    assert client.get(f"{path}as_of={nearest}").status_code == 200


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/commitments?by=jpan&topc=defense&limit=10.0", ["topc", "limit", "by"]),
        ("/quotes?topic=defence&speaker=trump&sort=newest", ["sort", "topic", "speaker"]),
    ],
)
def test_every_slip_that_is_mended_is_named(
    client: httpx.Client, path: str, parameters: list[str]
) -> None:
    problem = client.get(path).json()
    assert [fault["parameter"] for fault in problem["errors"]] == parameters
    assert problem["detail"] == "; ".join(fault["detail"] for fault in problem["errors"])
    assert client.get(problem["run"]).status_code == 200


@pytest.mark.parametrize("path", ["/actors.xml", "/actors/japan.csv"])
def test_a_path_with_another_ending_says_which_formats_there_are(
    client: httpx.Client, path: str
) -> None:
    assert "; its formats are json, html, " in client.get(path).json()["detail"]


def test_who_asks_to_check_a_text_is_told_to_send_it(client: httpx.Client) -> None:
    assert client.get("/check?text=x").json()["detail"].endswith("; a draft is the body of a POST")


def test_every_other_name_of_a_list_leads_to_what_is_there(client: httpx.Client) -> None:
    for name, there in table_beside(paths.__file__).items():
        answer = client.get(f"/{name}")
        if isinstance(there, str):
            assert (answer.status_code, answer.headers["location"]) == (308, there)
        else:
            assert (answer.status_code, answer.json()["nearest"]) == (404, there)
        for each in [there] if isinstance(there, str) else there:
            assert client.get(each).status_code == 200


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


def test_a_page_without_data_ignores_what_means_nothing(client: httpx.Client) -> None:
    assert client.get("/docs?x=1", headers=BROWSER).content == client.get("/docs").content
    assert client.get("/openapi.json?x=1").status_code == 422


@pytest.mark.parametrize("path", ["/", "/agreements", "/actors/japan", "/search?q=japan"])
def test_a_page_ignores_what_is_like_no_parameter_and_says_so(
    client: httpx.Client, path: str
) -> None:
    strange = f"{path}{'&' if '?' in path else '?'}zq<b>=1&wxyz=2"
    page, plain = client.get(strange, headers=BROWSER), client.get(path, headers=BROWSER)
    assert (page.status_code, plain.status_code) == (200, 200)
    assert "zq&lt;b&gt;, wxyz</code> means nothing here and was ignored" in page.text
    is_list = path not in {"/", "/actors/japan"}
    assert ("what follows is not narrowed by it" in page.text) == is_list
    assert "was ignored" not in plain.text
    assert page.headers["etag"] != plain.headers["etag"]
    for headers in ({}, {"Accept": "application/json"}):
        assert client.get(strange, headers=headers).status_code == 422
    for format_ in ("csv", "json"):
        assert client.get(f"{strange}&format={format_}", headers=BROWSER).status_code == 422


@pytest.mark.parametrize(
    "query",
    [
        "topc=defense", "by=japan", "Since=2025", "amount=5", "page=2", "wxyz=1&kind=x",
        "name=trump", "who=trump", "between=japan&with=us", "recipient=us",
        "place=Tokyo", "person=trump",
    ],
)  # fmt: skip
def test_a_page_does_not_ignore_what_may_be_meant(client: httpx.Client, query: str) -> None:
    assert client.get(f"/agreements?{query}", headers=BROWSER).status_code == 422


@pytest.mark.parametrize("name", sorted({*ALSO, *NEARLY} - Params.known))
def test_a_list_is_never_shown_whole_to_who_narrows_it_otherwise(
    client: httpx.Client, name: str
) -> None:
    for path in [*(f"{name}?" for name in LISTINGS), "search?q=japan&"]:
        answer = client.get(f"/{path}{name}=japan", headers=BROWSER)
        assert answer.status_code == 422, (path, answer.text)


Pair = tuple[str, str]
Draw = Callable[[st.SearchStrategy[Any]], Any]
NAMES = {
    "japan": ["Japan", "JP", "JPN", "JAPAN"],
    "united-states": ["US", "U.S.", "America", "United States", "USA", "united_states"],
    "china": ["China", "CN", "People's Republic of China"],
    "joint-leaders-statement": ["Joint Leaders' Statement", "joint leaders statement"],
    "us-japan-2025-02": ["us japan 2025 02", "US-Japan-2025-02"],
}
"""What people write for an id."""


@st.composite
def requests(draw: st.DrawFn) -> tuple[Listing, list[Pair]]:
    """A list, and one to three of its parameters with values that are right."""
    listing = draw(st.sampled_from([*LISTINGS.values(), SEARCH]))
    names = draw(
        st.lists(st.sampled_from(sorted(examples_of(listing))), min_size=1, max_size=3, unique=True)
    )
    pairs = [(name, examples_of(listing)[name]) for name in names]
    return listing, pairs if "q" in names or listing is not SEARCH else [("q", "japan"), *pairs]


def examples_of(listing: Listing) -> dict[str, str]:
    """A right value of each parameter, but for those that go with a format or with a walk."""
    given = {
        name: field.examples[0]
        for name, field in listing.params.model_fields.items()
        if field.examples and name not in {"cursor", "bom", "raw", "facet", "since_release"}
    }
    return {name: str(one[0] if isinstance(one, list) else one) for name, one in given.items()}


def written(value: str, draw: Draw) -> str:
    """A value as people write it: a date in words, a name for an id, or in capitals."""
    if value in NAMES:
        return str(draw(st.sampled_from(NAMES[value])))
    if value == "2025-02":
        return str(draw(st.sampled_from(["Feb 2025", "February 2025", "2025/2", "02/2025"])))
    return str(draw(st.sampled_from([value.upper(), value.capitalize(), f" {value} "])))


def plural(name: str) -> str:
    """One for many, and the other way round."""
    return name.removesuffix("s") if name.endswith("s") else f"{name}s"


def also(name: str, draw: Draw) -> str:
    """Another name of a parameter, that people write in its place."""
    return str(draw(st.sampled_from([o for o, names in ALSO.items() if name in names] or [name])))


WAYS: dict[str, Callable[[str, str, Draw], Pair]] = {
    "case": lambda name, value, draw: (draw(st.sampled_from([name.upper(), name.title()])), value),
    "plural": lambda name, value, _: (plural(name), value),
    "hyphen": lambda name, value, _: (name.replace("_", "-"), value),
    "other": lambda _, value, draw: (draw(st.sampled_from(sorted(Params.known))), value),
    "also": lambda name, value, draw: (also(name, draw), value),
    "written": lambda name, value, draw: (name, written(value, draw)),
    "blank": lambda name, _, __: (name, ""),
}


@pytest.mark.parametrize("path", [*LISTINGS, SEARCH.path])
def test_a_blank_beside_a_value_is_no_part_of_it(client: httpx.Client, path: str) -> None:
    listing = SEARCH if path == SEARCH.path else LISTINGS[path]
    for name, value in examples_of(listing).items():
        right = ({"q": "japan"} if listing is SEARCH else {}) | {name: value}
        meant = client.get(listing.path, params=right).json()
        for blank in (f" {value}", f"{value} "):
            answer = client.get(listing.path, params=right | {name: blank})
            if answer.status_code == 422:  # between words and keys it has a place
                answer = client.get(answer.json()["run"])
            found = answer.json()
            assert found["total"] == meant["total"], (name, blank)
            assert name == "q" or found["query"].get(name) == meant["query"].get(name)


@settings(max_examples=400)
@given(st.data(), requests(), st.sampled_from(sorted(WAYS)))
def test_what_can_be_run_works_and_asks_for_nothing_else(
    client: httpx.Client, data: st.DataObject, request: tuple[Listing, list[Pair]], way: str
) -> None:
    listing, right = request
    at = data.draw(st.integers(0, len(right) - 1))
    one = WAYS[way](*right[at], data.draw)
    broken = [*right[:at], one, *right[at + 1 :]]
    query = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in broken)
    answer = client.get(f"{listing.path}?{query}", headers={"Accept": "application/json"})
    if answer.status_code != 422:
        assert answer.status_code == 200
        return
    problem = answer.json()
    for fault in problem["errors"] if way != "other" else ():
        assert fault["nearest"] is None or fault["nearest"] in {
            *sum(right, ()), *(fault["valid"] or [])
        }  # fmt: skip
    if problem["run"]:
        run = httpx.URL(problem["run"])
        assert client.get(run).status_code == 200
        asked = set(run.params.multi_items())
        # What was right, or what was typed where it is right as it is. The value of another
        # parameter may be a slip for one of this: 2025 for the one summit of that year.
        slips = {(fault["parameter"], fault["nearest"]) for fault in problem["errors"]}
        slips |= {("format", "json")}  # as the head says
        slips |= {(fault["nearest"], one[1]) for fault in problem["errors"]}
        assert asked <= {*right, one, *(slips if way in {"other", "also"} else ())}, (
            query,
            problem,
        )
        # Nothing that says which records are meant was left out.
        filters = {pair for pair in right if pair[0] in listing.params.filters}
        # What was typed may be the name of another parameter, as `fields` is for `field`.
        is_another = one[0] != right[at][0] and one[0] in listing.params.model_fields
        assert way in {"blank", "other", "also"} or is_another or filters <= asked, (query, problem)


OTHERS = [
    *(country.name for country in pycountry.countries),
    "Donald Tusk", "Melania Trump", "Donald Trump Jr.", "Ivanka Trump", "Mrs. Trump", "Trump Tower",
    "Shigeru Yoshida", "Shigeru Miyamoto", "Yoshiko Ishiba", "Ishiba cabinet", "Akie Abe",
    "Bank of Japan", "Bank of America", "Japan Airlines", "United Airlines", "United Nations",
    "South Carolina", "North Dakota", "East Timor Sea", "Nippon Steel", "British Steel",
    "White Russia", "New Delhi", "Red Cross", "European Union", "Daily Mail", "Kuril Islands",
]  # fmt: skip
"""Countries, and persons and bodies that are not in the record."""


@settings(max_examples=300)
@given(st.data(), requests())
def test_what_is_left_out_is_never_run(
    client: httpx.Client, data: st.DataObject, request: tuple[Listing, list[Pair]]
) -> None:
    listing, right = request
    # What is left out of `q` can be asked for, and a page has a size in any case.
    filters = [p for p in right if p[0] in listing.params.filters - {"q"}]
    if not filters:
        return
    name, value = one = data.draw(st.sampled_from(filters))
    if data.draw(st.booleans()):
        broken = (data.draw(st.sampled_from(NEGATED_NAMES)).format(name), value)
    else:
        broken = (name, data.draw(st.sampled_from(NEGATED_VALUES)).format(value))
    query = "&".join(
        f"{quote(name)}={quote(value, safe='')}"
        for name, value in [*right, broken]
        if (name, value) != one
    )
    problem = client.get(f"{listing.path}?{query}", headers={"Accept": "application/json"}).json()
    assert (problem["status"], problem["run"]) == (422, None), (query, problem)
    assert [fault["nearest"] for fault in problem["errors"]] == [None], (query, problem)


@settings(max_examples=300)
@given(
    st.sampled_from(OTHERS),
    st.sampled_from(["{}", "the {}", "{}s", "Government of {}", "President {}", "{} Corporation"]),
    st.sampled_from(["/commitments?by", "/quotes?speaker", "/agreements?mentions", "/actors?id"]),
)
def test_nothing_is_run_for_somebody_else(
    client: httpx.Client, other: str, form: str, name: str
) -> None:
    there = client.get("/actors?kind=country_or_area&limit=200").json()["items"]
    countries = {actor["country"]: actor["id"] for actor in there}
    codes = {countries.get(code) for code in codes_named(other)}
    answer = client.get(f"{name}={quote(form.format(other))}").json()
    if run := answer.get("run"):
        assert {id_ for _, id_ in httpx.URL(run).params.multi_items()} <= codes, answer


@settings(max_examples=60)
@given(requests(), st.sampled_from([";", "%26", "; "]))
def test_what_is_parted_otherwise_can_be_run_whole(
    client: httpx.Client, request: tuple[Listing, list[Pair]], mark: str
) -> None:
    listing, right = request
    pairs = sorted(right, key=lambda pair: pair[0] == "q")  # which may hold any sign
    query = mark.join(f"{name}={quote(value, safe='')}" for name, value in pairs)
    run = client.get(f"{listing.path}?{query}").json().get("run")
    assert run is None or set(httpx.URL(run).params.multi_items()) <= set(right)
    assert run is None or {p for p in right if p[0] in listing.params.filters} <= set(
        httpx.URL(run).params.multi_items()
    )


@given(requests(), st.sampled_from(["csv", "json", "ndjson", "xlsx", "atom"]))
@settings(max_examples=40)
def test_a_format_at_the_end_of_a_path_asks_the_same(
    client: httpx.Client, request: tuple[Listing, list[Pair]], ending: str
) -> None:
    listing, right = request
    kept: Any = dict(
        pair for pair in right if pair[0] not in {"format", "limit", "fields", "include"}
    )
    moved = client.get(f"{listing.path}.{ending}", params=kept)
    assert moved.status_code == 308
    to = httpx.URL(moved.headers["location"])
    assert (to.path, dict(to.params)) == (listing.path, kept | {"format": ending})
    assert client.get(moved.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/actors/nope?fields=titel",
        "/actors/nope/history?limit=500",
        "/releases/9?format=JSON",
        "/changes?since_release=9&limit=500",
        "/changes?since_release=9&derived=true",
        "/commitments?id=nope&limit=500",
    ],
)
def test_what_is_run_is_there(client: httpx.Client, path: str) -> None:
    problem = client.get(path).json()
    assert problem["status"] == 422
    assert problem["run"] is None or client.get(problem["run"]).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "right"),
    [("limit=500", "limit=200"), ("fields=titel", "fields=title"), ("facet=topics", "facet=topic")],
)
def test_a_slip_does_not_lead_back_to_the_first_page(
    client: httpx.Client, wrong: str, right: str
) -> None:
    cursor = client.get("/agreements?limit=2").json()["next_cursor"]
    second = client.get(f"/agreements?{right}&cursor={cursor}").json()
    problem = client.get(f"/agreements?{wrong}&cursor={cursor}").json()
    assert client.get(problem["run"]).json()["items"] == second["items"]
    # Of other filters it would be another walk.
    problem = client.get(f"/agreements?{wrong}&topic=Defense&cursor={cursor}").json()
    assert "cursor" not in (problem["run"] or "")


@pytest.mark.parametrize(
    "path",
    [
        # Words of another script, signs between names, the order of words.
        "/commitments?by=не Japan", "/commitments?by=非Japan", "/commitments?by=trump,не ishiba",
        "/commitments?by=Мелания Trump", "/agreements?actor=Россия Japan",
        "/summits?part_of=кроме us-japan-2025-02", "/commitments?by=us -japan",
        "/commitments?by=us;!japan", "/commitments?by=us|japan",
        "/commitments?id=japan-defense-of-us", "/commitments?id=us-japan-investment",
        "/agreements?involves=Southeast Islands", "/commitments?status=not_started",
        "/commitments?status=!not_stated", "/commitments?standing=-not_stated",
        "/commitments?status=done,!not_stated",
        # Two parameters narrow each other, and two values of one do not.
        "/commitments?type=promise&type=investment",
        # A number or a little word is none of what it stands in.
        "/commitments?id=1", "/commitments?by=it", "/commitments?since=7/2/25",
    ],
)  # fmt: skip
def test_nothing_is_run_that_means_something_else(path: str, client: httpx.Client) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["run"]) == (422, None)


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/comitments?by=japan", ["/commitments?by=japan"]),
        ("/comitments?by=jpan", []),
        ("/actors/japan/commitments?by=us", ["/actors/japan"]),
        ("/actors/japan/agreements?actor=united-states", ["/actors/japan"]),
        ("/promises?act=!deed", []),
    ],
)
def test_a_list_near_a_path_asks_for_no_more(
    path: str, near: list[str], client: httpx.Client
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["nearest"]) == (404, near)


def test_a_slip_in_a_name_beside_a_cursor_keeps_it(client: httpx.Client) -> None:
    cursor = client.get("/agreements?limit=2").json()["next_cursor"]
    second = client.get(f"/agreements?limit=2&cursor={cursor}").json()
    problem = client.get("/agreements?limit=1000&cursor=abc").json()
    assert client.get(problem["run"]).status_code == 200
    for query in (f"limti=2&cursor={cursor}", f"limit=2&cursr={cursor}"):
        run = client.get(f"/agreements?{query}").json()["run"]
        assert client.get(run).json()["items"] == second["items"], query
