"""From parameters to SQL: pure, once for each shape, and read from an index."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from typing import TypeVar
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.http.endpoint import record_params
from app.paging import Page, page_of, walk_of
from app.queries.changes import CHANGES
from app.queries.counts import facet_statement
from app.queries.listing import Filters, Listing, statements
from app.queries.lists import ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS
from app.queries.querystring import QueryFaults, read
from app.queries.search import SEARCH
from app.resources.agreements import Agreement
from app.store.folder import Folder
from app.store.release import Ask, OpenRelease, Query, Rows
from bench.synthetic import synthesize
from tests.conftest import load, open_release

T = TypeVar("T")
LISTINGS = [ACTORS, AGREEMENTS, COMMITMENTS, DOCUMENTS, QUOTES, SUMMITS, SEARCH]


def filters_of(**counts: int) -> Filters:
    """The shape of a request with so many values of each filter."""
    return Filters(tuple(counts.items()))


def page_sql(listing: Listing, **counts: int) -> str:
    """The statement of a page, on one line."""
    sort = next(iter(listing.orders))
    return " ".join(statements(listing, filters_of(**counts), sort).page.split())


@pytest.mark.parametrize(
    ("listing", "counts", "part"),
    [
        (AGREEMENTS, {"kind": 1}, "WHERE agreement.kind = :kind_0"),
        (AGREEMENTS, {"topic": 1, "kind": 1}, "topic_link.detail = :kind_0"),
        (AGREEMENTS, {"kind": 2}, "WHERE agreement.kind IN (:kind_0, :kind_1)"),
        (AGREEMENTS, {"topic": 1}, "topic_link.value = :topic_0"),
        (AGREEMENTS, {"since": 1}, "agreement.latest >= :since_0"),
        (AGREEMENTS, {"until": 1}, "agreement.earliest <= :until_0"),
        (AGREEMENTS, {"q": 1}, "record_search.record_search MATCH :q_0"),
        (AGREEMENTS, {"actor": 1}, "actor_link.value = :actor_0"),
        (
            COMMITMENTS,
            {"by": 1},
            "by_link.field = 'by' AND by_link.type = 'commitment' AND by_link.value = :by_0",
        ),
        (
            COMMITMENTS,
            {"by": 1, "to": 1},
            "to_link.field = 'to' AND to_link.type = 'commitment' AND to_link.value = :to_0",
        ),
        (COMMITMENTS, {"amount_min": 1}, "commitment.amount_most >= :amount_min_0"),
        (COMMITMENTS, {"amount_max": 1}, "commitment.amount_least <= :amount_max_0"),
        (QUOTES, {"mentions": 1}, "mentions_link.value = :mentions_0"),
        (QUOTES, {"mentions": 1, "mention_role": 1}, "mentions_link.detail IN (:mention_role_0)"),
        (COMMITMENTS, {"open": 1}, "commitment.open = :open_0"),
        (COMMITMENTS, {"overdue": 1}, "commitment.open_due < :overdue_0"),
        (COMMITMENTS, {"reaffirms": 1}, "reaffirms_link.value = :reaffirms_0"),
        (SUMMITS, {"part_of": 1}, "summit.part_of = :part_of_0"),
        (QUOTES, {"speaker": 1}, "quote.speaker = :speaker_0"),
        (DOCUMENTS, {"publisher": 1}, "document.publisher = :publisher_0"),
        (SUMMITS, {"actor": 1}, "actor_link.value = :actor_0"),
        (SEARCH, {"q": 1, "summit": 1}, "summit_link.value IN (:summit_0)"),
    ],
)
def test_a_filter_is_bound_by_name(listing: Listing, counts: dict[str, int], part: str) -> None:
    assert part in page_sql(listing, **counts)


def test_a_statement_is_made_once_for_each_shape() -> None:
    first = statements(AGREEMENTS, filters_of(kind=1), "-date")
    assert statements(AGREEMENTS, filters_of(kind=1), "-date") is first
    assert statements(AGREEMENTS, filters_of(kind=2), "-date") is not first


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_every_filter_is_in_the_statement(listing: Listing) -> None:
    """A filter that is a parameter and not in the statement would be silently ignored."""
    words = {"type"} if listing is SEARCH else set()  # of `q` there
    for name in listing.params.model_fields:
        if name not in PRESENTATION | words:
            narrowed = {"way": "actor", "mention_role": "mentions"}
            others = {narrowed[name]: 1} if name in narrowed else {}
            if listing is SEARCH:
                others["q"] = 1
            sql = page_sql(listing, **others | {name: 1})
            assert f":{name}_0" in sql, name


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_every_order_and_facet_that_is_offered_exists(listing: Listing) -> None:
    schema = listing.params.model_json_schema()["properties"]
    assert set(schema["sort"]["enum"]) == set(listing.orders)
    offered = schema["facet"]["items"]
    assert set(offered.get("enum", [offered.get("const")])) == set(listing.facets)


@pytest.mark.parametrize(
    ("listing", "sort", "counts"),
    [
        (AGREEMENTS, "-date", {}),
        (AGREEMENTS, "date", {}),
        (AGREEMENTS, "-title", {}),
        (AGREEMENTS, "-date", {"topic": 1}),
        (AGREEMENTS, "-date", {"topic": 1, "kind": 1}),
        (AGREEMENTS, "-date", {"actor": 1}),
        (AGREEMENTS, "-date", {"kind": 1}),
        (AGREEMENTS, "-date", {"q": 1}),
        (COMMITMENTS, "-amount", {}),
        (COMMITMENTS, "-date", {"by": 1}),
        (COMMITMENTS, "-date", {"by": 1, "topic": 1, "to": 1}),
        (COMMITMENTS, "-date", {"topic": 1}),
        (QUOTES, "-date", {"summit": 1, "topic": 1, "q": 1}),
        (AGREEMENTS, "-date", {"actor": 1, "kind": 1, "status": 1, "topic": 1}),
        (DOCUMENTS, "-date", {"summit": 1}),
        (QUOTES, "-date", {"mentions": 1}),
        (ACTORS, "title", {}),
        (SEARCH, "-date", {"q": 1}),
        (CHANGES, "-release", {"derived": 1}),
        (CHANGES, "-release", {"type": 1}),
        (CHANGES, "-release", {"type": 1, "derived": 1}),
        (CHANGES, "-release", {"id": 1, "derived": 1}),
        (CHANGES, "-release", {"action": 1, "derived": 1}),
        (CHANGES, "-release", {"action": 1, "type": 1, "derived": 1}),
        (CHANGES, "-release", {"field": 1}),
        (CHANGES, "-release", {"field": 1, "derived": 1}),
        (CHANGES, "-release", {"field": 1, "type": 1, "derived": 1}),
        (CHANGES, "-release", {"summit": 1, "derived": 1}),
        (CHANGES, "-release", {"type": 2, "derived": 1}),
        (CHANGES, "-release", {"field": 2, "derived": 1}),
        (CHANGES, "-release", {"summit": 2, "derived": 1}),
        (COMMITMENTS, "-date", {"actor": 2, "way": 2}),
        (CHANGES, "release", {"since_release": 1}),
        (CHANGES, "release", {"since_release": 1, "derived": 1}),
        (CHANGES, "release", {"since_release": 1, "type": 1, "derived": 1}),
    ],
    ids=lambda value: value.path if isinstance(value, Listing) else str(value),
)
def test_a_page_is_read_in_order_without_sorting(
    larger: Path, listing: Listing, sort: str, counts: dict[str, int]
) -> None:
    sql = statements(listing, filters_of(**counts), sort).page
    binds: dict[str, str | int] = {
        f"{name}_{at}": '"x"' for name, count in counts.items() for at in range(count)
    }
    binds |= {"take": 2, "after": 1}
    connection = sqlite3.connect(larger)
    connection.create_function("published_at", 1, str)
    plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", binds)]
    connection.close()
    # The page itself, a handful of rows, may be sorted once more; what it is taken from may not,
    # nor may all that a filter finds be listed first.
    taken_from = plan[: next(at for at, step in enumerate(plan) if "SCAN anon" in step)]
    assert taken_from
    whole = [step for step in taken_from if "TEMP B-TREE" in step or "LIST SUBQUERY" in step]
    assert not whole, plan


PRESENTATION = {
    "sort",
    "limit",
    "cursor",
    "fields",
    "facet",
    "include",
    "format",
    "as_of",
    "bom",
    "raw",
}
"""The parameters that are no filter."""


@st.composite
def shapes(draw: st.DrawFn) -> tuple[Listing, str, dict[str, int]]:
    """A list, an order, and some of its filters with one or two values."""
    listing = draw(st.sampled_from([*LISTINGS, CHANGES]))
    once = {"q", "since", "until", "amount_min", "amount_max", "since_release", "derived"}
    # In a search, `type` is a word of the full-text index.
    words = {"type"} if listing is SEARCH else set()
    filters = set(listing.params.model_fields) - PRESENTATION - words
    names = draw(st.sets(st.sampled_from(sorted(filters)), max_size=5))
    if listing is SEARCH:
        names.add("q")
    counts = {name: 1 if name in once else draw(st.integers(1, 2)) for name in sorted(names)}
    return listing, draw(st.sampled_from(sorted(listing.orders))), counts


@settings(max_examples=300)
@given(shapes())
def test_no_query_reads_a_table_from_end_to_end(
    larger: Path, shape: tuple[Listing, str, dict[str, int]]
) -> None:
    """A page begins in an index. A total that is counted once may read through one table."""
    listing, sort, counts = shape
    both = statements(listing, filters_of(**counts), sort)
    binds: dict[str, str | int] = {
        f"{name}_{at}": '"x"' for name, count in counts.items() for at in range(count)
    }
    # What is worked out of `q`, and the page.
    binds |= {
        "titles_0": '"x"',
        "exact_0": "x",
        "exact_1": "x",
        "others_0": '"x"',
        "take": 2,
        "after": 1,
    }
    connection = sqlite3.connect(larger)
    connection.create_function("published_at", 1, str)
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {sql}", binds).fetchall() for sql in both]
    if listing is SEARCH:
        # Asked once for all records, not for each: a word that is begun is looked up every time.
        # But for the few that have the very name: a name has no word that is begun.
        each = [sum(":=" in step[3] for step in plan) for plan in plans]
        assert each in ([1 if sort == "rank" else 0, 0], [0, 0])
    page, total = (
        [
            step[3]
            for step in plan
            # The rows of the page itself, and the full-text index.
            if step[3].startswith("SCAN ") and "anon" not in step[3] and "VIRTUAL" not in step[3]
        ]
        for plan in plans
    )
    connection.close()
    assert page == []
    own = listing.path.removeprefix("/").removesuffix("s")
    assert [step.split()[1] for step in total] in ([], [own])


@pytest.fixture(scope="module")
def larger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A thousand agreements: with a handful of rows, SQLite sorts whatever it likes."""
    folder = tmp_path_factory.mktemp("larger")
    load([str(file) for file in synthesize(folder / "data", 1_000)], folder / "larger.db")
    return folder / "larger.db"


class Recorder(OpenRelease):
    """A release that remembers what was run on it."""

    def __init__(self, database: Path) -> None:
        """Start with nothing."""
        manifest = Folder(database).manifests()[1]
        super().__init__(Folder(database).file(manifest), manifest)
        self.ran: list[str] = []
        self.jobs = 0

    async def rows(self, *queries: Query, slow: bool = False) -> list[Rows]:
        """Run and remember; once, even if what takes long runs again in a thread."""
        before = len(self.ran)
        rows = await super().rows(*queries, slow=slow)
        self.ran[before:] = [sql for sql, _ in queries]
        return rows

    async def work(self, job: Callable[[Ask], T]) -> T:
        """Run in a thread and remember."""
        self.jobs += 1

        def noted(ask: Ask) -> T:
            def note(sql: str, binds: object) -> Rows:
                self.ran.append(sql)
                return ask(sql, binds)

            return job(note)

        return await super().work(noted)


def page(listing: Listing, query: str, release: OpenRelease) -> Page:
    """The page that a query string asks for."""

    async def answer() -> Page:
        params = read(listing.params, query.encode())
        return await page_of(await walk_of(listing, params, release), params.cursor, release)

    return asyncio.run(answer())


@pytest.mark.parametrize("listing", LISTINGS, ids=lambda listing: listing.path)
def test_every_facet_counts_beside_every_filter(listing: Listing, seeded: Path) -> None:
    connection = sqlite3.connect(seeded)
    for facet in listing.facets:
        for name in {"topic", "document", "summit"} & set(listing.params.model_fields):
            sql = facet_statement(listing, filters_of(q=1, **{name: 1}), facet)
            connection.execute(sql, {"q_0": '"x"', f"{name}_0": "x"}).fetchall()
    connection.close()


def test_remembering_again_forgets_nothing_else(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.store.release._REMEMBERED", 2)
    release = open_release(seeded)
    for key in ("a", "b", "b"):
        release.remember(key, key)
    assert (release.remembered("a"), release.remembered("b")) == ("a", "b")
    release.remember("c", "c")
    assert (release.remembered("a"), release.remembered("c")) == (None, "c")
    release.retire()


def test_a_release_is_closed_when_the_last_request_is_done(seeded: Path) -> None:
    release = open_release(seeded)
    with release:
        release.retire()
        assert page(AGREEMENTS, "q=japan", release).total > 0
    with pytest.raises(sqlite3.ProgrammingError):
        page(AGREEMENTS, "q=japan", release)


def test_a_release_is_closed_while_a_thread_reads_it_for_nobody(seeded: Path) -> None:
    release, asked, closed = open_release(seeded), Event(), Event()
    found: list[Rows] = []

    def job(ask: Ask) -> None:
        asked.set()
        closed.wait(10)
        found.append(ask("SELECT count(*) FROM record", {}))

    async def give_up() -> None:
        request = asyncio.create_task(release.work(job))
        await asyncio.to_thread(asked.wait, 10)
        request.cancel()
        await asyncio.wait([request])
        release.retire()
        closed.set()

    asyncio.run(give_up())
    until = time.monotonic() + 10
    while not found and time.monotonic() < until:
        time.sleep(0.01)
    assert found[0][0][0] > 0
    with pytest.raises(sqlite3.ProgrammingError):
        page(AGREEMENTS, "q=japan", release)


def test_a_page_is_two_statements_and_the_next_page_one(seeded: Path) -> None:
    release = Recorder(seeded)
    first = page(AGREEMENTS, "topic=regional_security&limit=2", release)
    assert len(release.ran) == 2
    assert first.next is not None
    page(AGREEMENTS, first.next.partition("?")[2], release)
    assert len(release.ran) == 3  # the total is known in this release
    release.retire()


@pytest.mark.parametrize(
    ("query", "jobs"),
    [
        ("japan", 1),
        ('"of japan"', 1),
        ("-japan", 1),
        ("alliance -japan", 1),
        ("zzz OR japan", 1),
        ("JP", 1),  # Japan has that name, too
        ("alli*", 1),
        ("alliance", 0),
        ('"economic security"', 0),
        ("zzz", 0),
    ],
)
def test_only_the_search_for_a_frequent_word_goes_to_a_thread(
    query: str, jobs: int, seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.paging._MANY", 37)
    monkeypatch.setattr("app.store.release._FREQUENT", 0)
    release = Recorder(seeded)
    page(AGREEMENTS, f"q={quote(query)}", release)
    assert release.jobs == jobs
    release.retire()


def test_a_long_search_and_its_total_are_asked_together(
    seeded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.paging._MANY", -1)
    release = Recorder(seeded)
    first = page(AGREEMENTS, "q=japan&limit=2", release)
    assert (release.jobs, len(release.ran)) == (1, 2)
    assert first.next is not None
    assert page(AGREEMENTS, first.next.partition("?")[2], release).total == first.total
    assert (release.jobs, len(release.ran)) == (2, 3)
    release.retire()


@pytest.mark.parametrize(
    ("query", "parameter", "said", "mended"),
    [
        ("topc=defense", "topc", "did you mean topic?", [("topic", "defense")]),
        ("zzz=1", "zzz", "is not a parameter here", None),
        ("kind=treety", "kind", "did you mean treaty?", [("kind", "treaty")]),
        ("sort=newest", "sort", "it is one of -date, date, title, -title", [("sort", "-date")]),
        ("sort=best", "sort", "it is one of -date, date, title, -title", None),
        ("limit=1&limit=2", "limit", "can be given once", None),
        ("limit=2&limit=2", "limit", "can be given once", [("limit", "2")]),
        ("limit=0", "limit", "from 1 to 200", []),
        ("limit=201", "limit", "from 1 to 200", [("limit", "200")]),
        ("limit=-1", "limit", "from 1 to 200", []),
        ("limit=1_0", "limit", "from 1 to 200", []),
        ("limit=1e1", "limit", "from 1 to 200", []),
        ("limit=99999999999999999999999", "limit", "from 1 to 200", [("limit", "200")]),
        ("since=2025-02-30", "since", "February 2025 has 28 days", [("since", "2025-02-28")]),
        ("since=yesterday", "since", "write YYYY-MM-DD, YYYY-MM or YYYY", None),
        ("since=2025-03&until=2025-02", "until", "is before since=2025-03", None),
        ("actor=J%00", "actor", "control character", None),
        (
            "q=a%0Ab",
            "q",
            "q holds %0A, a control character; write a space in its place",
            [("q", "a b")],
        ),
        # Which id is meant, is looked up.
        ("actor=Japan", "actor", "is not an id", [("actor", "Japan")]),
        (
            "actor=japan,china",
            "actor",
            "for several, repeat actor",
            [("actor", "japan"), ("actor", "china")],
        ),
        ("actor=%3F", "actor", "is not an id", [("actor", "?")]),
        ("page=2", "page", "next leads to the next one", None),
        ("page=1", "page", "next leads to the next one", []),
        ("per_page=50", "per_page", "did you mean limit?", [("limit", "50")]),
        ("q=%zz", "q", "percent-encoding", None),
        ("q=%ED%A0%80", "q", "UTF-8", None),
        ("q=%3F%21", "q", "has no word in it", None),
        ("q=a*+b*+c*+d*+e*", "q", "more than 4 words that end in *", None),
        ("format=xml", "format", "it is one of json", None),
        ("format=bib", "format", "format=bib is not for a list of records, but for: a rec", None),
        (
            "format=csl",
            "format",
            "format=csl is not for a list of records, but for: a record; it is one of json, ",
            None,
        ),
        ("fields=id,titel", "fields", "did you mean title?", [("fields", "id,title")]),
        ("facet=due", "facet", "it is one of topic, kind, status, relation", None),
        ("&".join(f"actor=a{n}" for n in range(21)), "actor", "more than 20 times", None),
        ("&".join(f"a{n}=1" for n in range(1000)), "*", "300 are allowed", None),
        ("%=1", "a parameter's name", "percent-encoding", None),
    ],
)
def test_a_bad_query_says_what_to_type(
    query: str, parameter: str, said: str, mended: list[tuple[str, str]] | None
) -> None:
    with pytest.raises(QueryFaults) as caught:
        read(AGREEMENTS.params, query.encode())
    assert [fault.parameter for fault in caught.value.faults] == [parameter]
    assert said in str(caught.value)
    assert caught.value.mended == mended


@pytest.mark.parametrize("typed", ["csv", "CSV", "excel"])
def test_a_format_of_lists_is_not_taken_for_another(typed: str) -> None:
    with pytest.raises(QueryFaults) as caught:
        read(record_params(Agreement), f"format={typed}".encode())
    assert caught.value.mended is None
    (fault,) = caught.value.faults
    assert fault.nearest is None
    assert fault.detail.startswith(
        f"format={typed} is not for a record, but for: a list of records, what a search found, "
        "a list of changes; it is one of json, html, "
    )


@pytest.mark.parametrize(
    ("listing", "name"),
    [(DOCUMENTS, "actor"), (DOCUMENTS, "acts"), (AGREEMENTS, "from")],
)
def test_nothing_is_suggested_for_another_word(listing: Listing, name: str) -> None:
    with pytest.raises(QueryFaults) as caught:
        read(listing.params, f"{name}=japan".encode())
    assert caught.value.faults[0].nearest is None
    assert caught.value.mended is None


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("1,000,000", "1000000"),
        ("1 000 000", "1000000"),
        ("12'500.75", "12500.75"),
        ("1,000 000", None),
        ("1,00", None),
        ("1.000.000", None),
    ],
)
def test_a_sum_with_marked_thousands_is_understood(typed: str, meant: str | None) -> None:
    with pytest.raises(QueryFaults) as caught:
        read(COMMITMENTS.params, f"amount_min={typed}".encode())
    assert caught.value.faults[0].nearest == meant
    assert caught.value.mended == ([("amount_min", meant)] if meant else None)


def test_an_order_is_not_taken_for_a_format() -> None:
    with pytest.raises(QueryFaults) as caught:
        read(record_params(Agreement), b"sort=date")
    assert caught.value.faults[0].nearest is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("country=Japan", "JP"),
        ("country=usa", "US"),
        ("country=JPN", "JP"),
        ("country=England", None),
    ],
)
def test_a_code_is_found_by_its_name_and_never_guessed(query: str, code: str | None) -> None:
    with pytest.raises(QueryFaults) as caught:
        read(ACTORS.params, query.encode())
    assert caught.value.faults[0].nearest == code
    assert caught.value.mended == ([("country", code)] if code else None)


def test_every_fault_is_reported_at_once() -> None:
    with pytest.raises(QueryFaults) as caught:
        read(AGREEMENTS.params, b"topc=defense&limit=x&since=x&kind=x&sort=x&limit=2")
    parameters = [fault.parameter for fault in caught.value.faults]
    assert sorted(parameters) == ["kind", "limit", "limit", "since", "sort", "topc"]


@pytest.mark.parametrize(
    "query",
    [b"", b"&", b"topic=&q=", b"q=&kind=", b"utm_source=x&fbclid=y&gclid=z", b"fbclid"],
)
def test_blank_and_tracking_parameters_are_not_asked(query: bytes) -> None:
    assert read(AGREEMENTS.params, query).query == {"sort": "-date", "limit": 25}


def test_pairs_give_the_same_request_again() -> None:
    query = b"kind=treaty&actor=japan&actor=china&fields=id,title&limit=3&q=a+b&since=2025-02"
    params = read(AGREEMENTS.params, query)
    again = "&".join(f"{name}={value.replace(' ', '+')}" for name, value in params.pairs())
    assert read(AGREEMENTS.params, again.encode()) == params
