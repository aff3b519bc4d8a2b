"""Advice that is true: whatever is suggested was looked up, works, and is what was meant."""

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from app.queries.params import Params
from app.queries.tracking import is_tracking

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
    assert [name for name in names if is_tracking(name)] == []


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
        ("/agreements?since=Feb+2025", ["2025-02"]),
        ("/agreements?since=Feb.+2025", ["2025-02"]),
        ("/agreements?since=February+2025", ["2025-02"]),
        ("/agreements?since=7+February+2025", ["2025-02-07"]),
        ("/agreements?since=February+7th,+2025", ["2025-02-07"]),
        ("/agreements?since=02/07/2025", ["2025-02-07", "2025-07-02"]),
        ("/agreements?since=7.2.2025", ["2025-02-07", "2025-07-02"]),
        ("/agreements?since=02/13/2025", ["2025-02-13"]),
        ("/agreements?since=2025/2/7", ["2025-02-07"]),
        ("/agreements?since=2025-2-7", ["2025-02-07"]),
        ("/agreements?since=20250207", ["2025-02-07"]),
        ("/agreements?since=2025-02-07T00:00:00Z", ["2025-02-07"]),
        ("/agreements?since=2025-02-30", ["2025-02-28"]),
        ("/agreements?since=yesterday", []),
        ("/commitments?currency=us+dollar", ["USD"]),
        ("/commitments?currency=usd", ["USD"]),
        ("/commitments?currency=dollar", []),
        # It is the opposite.
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
        ("/agreements.csv?format=json", ["/agreements"]),
        ("/actors/japan.csv", ["/actors/japan"]),
        ("//agreements", ["/agreements"]),
        ("/zzz", []),
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


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.mark.parametrize("path", ["/", "/agreements", "/actors/japan", "/search?q=japan"])
def test_a_page_ignores_what_is_like_no_parameter_and_says_so(
    client: httpx.Client, path: str
) -> None:
    strange = f"{path}{'&' if '?' in path else '?'}zq<b>=1&wxyz=2"
    page, plain = client.get(strange, headers=BROWSER), client.get(path, headers=BROWSER)
    assert (page.status_code, plain.status_code) == (200, 200)
    assert "zq&lt;b&gt;, wxyz</code> means nothing here and was ignored" in page.text
    assert "was ignored" not in plain.text
    assert page.headers["etag"] != plain.headers["etag"]
    for headers in ({}, {"Accept": "application/json"}):
        assert client.get(strange, headers=headers).status_code == 422
    for format_ in ("csv", "json"):
        assert client.get(f"{strange}&format={format_}", headers=BROWSER).status_code == 422


@pytest.mark.parametrize(
    "query", ["topc=defense", "by=japan", "Since=2025", "amount=5", "page=2", "wxyz=1&kind=x"]
)
def test_a_page_does_not_ignore_what_may_be_meant(client: httpx.Client, query: str) -> None:
    assert client.get(f"/agreements?{query}", headers=BROWSER).status_code == 422
