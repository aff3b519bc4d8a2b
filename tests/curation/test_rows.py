"""What a load writes: the order of everything, the columns that find a record, its public JSON."""

import hashlib
import itertools
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.curation.history import number_by_changes
from app.links import passage_url
from app.store.search import Search
from app.vocabulary import RecordType
from tests.builders import (
    Typed,
    a_bundle,
    a_commitment,
    a_document,
    a_measure,
    a_proof,
    a_quote,
    a_summit,
    an_actor,
    an_agreement,
    write,
)
from tests.conftest import SEED, load
from tests.curation.conftest import select

Loaded = Callable[[Typed], Path]


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    """Load a bundle, and say where to."""

    def database(bundle: Typed) -> Path:
        load([write(tmp_path / "bundle.json", bundle)], tmp_path / "readout.db")
        return tmp_path / "readout.db"

    return database


def body(database: Path, type_: str, id_: str) -> Any:
    """The public JSON of a record."""
    [(text,)] = select(database, "SELECT body FROM record WHERE type = ? AND id = ?", type_, id_)
    return json.loads(text)


def dated(*dates: str | None) -> list[Typed]:
    """Agreements of these dates, named by them."""
    return [
        an_agreement(id=f"a-{date or 'unknown'}", title=date or "Unknown", date=date)
        for date in dates
    ]


def test_the_newest_comes_first_and_the_unknown_last(loaded: Loaded) -> None:
    agreements = dated("2024", None, "2025-02-07", "2025", "2024-12-31", "2025-02")
    database = loaded(a_bundle(agreements=agreements))
    ordered = select(database, "SELECT id FROM record WHERE type = 'agreement' ORDER BY ordinal")
    # A vague date stands at its earliest day.
    assert [id_ for (id_,) in ordered] == [
        "a-2025-02-07",
        "a-2025-02",
        "a-2025",
        "a-2024-12-31",
        "a-2024",
        "a-unknown",
    ]


def test_equal_days_are_ordered_by_type_then_title_then_id(loaded: Loaded) -> None:
    titles = {"c": "Élan", "b": "elan", "a": "Zeal", "d": "ELAN"}
    agreements = [an_agreement(id=id_, title=title) for id_, title in titles.items()]
    database = loaded(a_bundle(agreements=agreements, quotes=[a_quote()]))
    ordered = select(database, "SELECT type, id FROM record ORDER BY ordinal")
    assert ordered == [
        ("actor", "japan"),
        ("agreement", "b"),
        ("agreement", "c"),
        ("agreement", "d"),
        ("agreement", "a"),
        ("document", "report"),
        ("quote", "words"),
    ]


def test_a_commitment_is_as_old_as_its_agreement_or_else_its_summit(loaded: Loaded) -> None:
    at_meeting = {"summit": "meeting", "relation": "outcome"}
    database = loaded(
        a_bundle(
            summits=[a_summit(starts_on="2025-02")],
            agreements=[
                an_agreement(id="dated", date="2030", **at_meeting),
                an_agreement(id="undated", **at_meeting),
            ],
            commitments=[
                a_commitment(id="old", due="2099"),
                a_commitment(id="of-dated", agreement="dated", **at_meeting),
                a_commitment(id="of-undated", agreement="undated", **at_meeting),
            ],
        )
    )
    ordered = select(
        database,
        "SELECT id FROM record WHERE type IN ('summit', 'commitment') ORDER BY ordinal",
    )
    assert ordered == [("of-dated",), ("of-undated",), ("meeting",), ("old",)]


RANKS = {
    "due_up": ["soon", "vague", "late", "never", "nothing"],
    "due_down": ["late", "soon", "vague", "never", "nothing"],
    "amount_up": ["nothing", "soon", "vague", "late", "never"],
    "amount_down": ["late", "soon", "vague", "nothing", "never"],
    "title_up": ["late", "never", "nothing", "soon", "vague"],
}


@pytest.mark.parametrize("rank", RANKS)
def test_every_order_is_a_number_of_its_own_and_the_unknown_is_last(
    rank: str, loaded: Loaded
) -> None:
    of: dict[str, Typed] = {
        "nothing": {"amount": 0, "currency": "USD"},
        "late": {"due": "2030", "amount": 7, "currency": "USD"},
        "vague": {"due": "2025", "amount": 5, "currency": "JPY"},
        "never": {},
        "soon": {"due": "2025-01-01", "amount": 5, "currency": "USD"},
    }
    commitments = [a_commitment(id=id_, title=id_, **given) for id_, given in of.items()]
    database = loaded(a_bundle(commitments=commitments))
    rows = select(database, f"SELECT id, {rank} FROM commitment ORDER BY {rank}")  # noqa: S608 - from the table above
    assert [id_ for id_, _ in rows] == RANKS[rank]
    assert len({number for _, number in rows}) == len(rows)


@pytest.mark.parametrize(
    ("table", "ranks"),
    [
        ("summit", ["date_up", "title_up"]),
        ("actor", ["title_up"]),
        ("agreement", ["date_up", "title_up"]),
        ("commitment", ["date_up", "title_up", *RANKS]),
        ("quote", ["date_up"]),
        ("document", ["date_up", "title_up"]),
    ],
)
def test_no_two_records_of_the_seed_share_a_rank(
    table: str, ranks: list[str], tmp_path: Path
) -> None:
    load([str(SEED)], tmp_path / "readout.db")
    for rank in ranks:
        counts = f"SELECT count(*), count(DISTINCT {rank}) FROM {table}"  # noqa: S608 - from the table above
        [(rows, numbers)] = select(tmp_path / "readout.db", counts)
        assert numbers == rows > 0


@pytest.mark.parametrize(
    ("date", "earliest", "latest"),
    [
        (None, None, None),
        ("2025", "2025-01-01", "2025-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2025-02-07", "2025-02-07", "2025-02-07"),
    ],
)
def test_a_date_is_kept_with_the_days_that_it_may_mean(
    date: str | None, earliest: str | None, latest: str | None, loaded: Loaded
) -> None:
    database = loaded(a_bundle(agreements=[an_agreement(date=date)]))
    assert select(database, "SELECT date, earliest, latest FROM agreement") == [
        (date, earliest, latest)
    ]
    assert body(database, "agreement", "framework")["date"] == date


def test_a_summit_lasts_from_its_first_day_to_its_last(loaded: Loaded) -> None:
    database = loaded(a_bundle(summits=[a_summit(starts_on="2025-02-07", ends_on="2025-02")]))
    assert select(database, "SELECT earliest, latest FROM summit") == [("2025-02-07", "2025-02-28")]


def test_a_passage_is_published_with_its_place_digest_and_address(loaded: Loaded) -> None:
    passage = "U.S.-Japan ties, 55,000 men & “peace” — #1 😀"
    document = a_document(url="https://example.org/report?page=1#top")
    actor = an_actor(evidence=[a_proof(passage=passage, start=7), a_proof()])
    first, second = body(loaded(a_bundle(actors=[actor], documents=[document])), "actor", "japan")[
        "evidence"
    ]
    assert first == {
        "document": {
            "type": "document",
            "id": "report",
            "title": "The report",
            "href": "/documents/report",
        },
        "fields": ["title"],
        "attribution": "reported",
        "via": [],
        "according_to": None,
        "exact": passage,
        "parts": [],
        "prefix": None,
        "suffix": None,
        "locator": None,
        "start": 7,
        "end": 7 + len(passage),
        "sha256": hashlib.sha256(passage.encode()).hexdigest(),
        "url": (
            "https://example.org/report?page=1#top:~:text="
            "U.S.%2DJapan%20ties%2C%2055%2C000%20men%20%26%20"
            "%E2%80%9Cpeace%E2%80%9D%20%E2%80%94%20%231%20%F0%9F%98%80"
        ),
    }
    assert (second["start"], second["end"]) == (None, None)


@pytest.mark.parametrize(
    ("url", "exact", "fragment"),
    [
        ("https://a.b/c", "one\ntwo  three", "#:~:text=one%20two%20three"),
        ("https://a.b/c", "one,\n\ntwo-\n \nthree", "#:~:text=one%2C,three"),
        ("https://a.b/c#sec", "one", "#sec:~:text=one"),
        ("https://a.b/c#sec:~:text=other", "one", "#sec:~:text=one"),
        ("https://a.b/c#:~:text=other", "one", "#:~:text=one"),
    ],
)
def test_a_passage_is_found_as_a_page_shows_it(url: str, exact: str, fragment: str) -> None:
    assert passage_url(url, exact) == f"https://a.b/c{fragment}"


def test_what_stands_around_a_passage_is_of_the_paragraph_beside_it() -> None:
    url = passage_url("https://a.b/", "x", prefix="far\n\nnear\n", suffix="\nnext\nto\n\nfar")
    assert url == "https://a.b/#:~:text=near-,x,-next%20to"
    whole = passage_url("https://a.b/", "x … y", parts=["x\n\nz", "y"])
    assert whole == "https://a.b/#:~:text=x,z&text=y"


def test_a_passage_of_a_document_without_an_address_has_none(loaded: Loaded) -> None:
    assert body(loaded(a_bundle()), "actor", "japan")["evidence"][0]["url"] is None


@pytest.mark.parametrize(
    ("typed", "written"),
    [("1e12", "1000000000000"), ("5.0", "5"), ("0", "0"), ("2.5", "2.5"), ("-0.0", "0")],
)
def test_a_whole_number_is_written_without_a_point(
    typed: str, written: str, loaded: Loaded
) -> None:
    amount = float(typed)
    commitment = a_commitment(
        measures=[a_measure(amount, unit="missiles"), a_measure(amount, currency="USD")]
    )
    [(text,)] = select(
        loaded(a_bundle(commitments=[commitment])),
        "SELECT body FROM record WHERE type = 'commitment'",
    )
    assert f'"amount":{written},"currency":"USD","amount_bound":"exact"' in text
    assert text.count(f'"value":{written},"upper":null') == 2


def test_what_is_not_known_is_null_or_empty_and_never_left_out(loaded: Loaded) -> None:
    database = loaded(a_bundle(commitments=[a_commitment()], quotes=[a_quote()]))
    commitment = body(database, "commitment", "pledge")
    assert commitment == {
        "type": "commitment",
        "id": "pledge",
        "href": "/commitments/pledge",
        "title": "A pledge",
        "act": "promise",
        "kind": "other",
        "status": "not_stated",
        "standing": "not_stated",
        "reaffirms": [],
        "by": [],
        "to": [],
        "transferred_from": [],
        "partners": [],
        "measures": [],
        "amount": None,
        "currency": None,
        "amount_bound": None,
        "date": None,
        "due": None,
        "due_text": None,
        "condition": None,
        "part_of": None,
        "agreement": None,
        "summit": None,
        "relation": None,
        "mentions": [],
        "summary": None,
        "topics": [],
        "events": [],
        "assessments": [],
        "counts": {"parts": 0, "documents": 1},
        "evidence": commitment["evidence"],
        "inferred": {},
    }
    assert body(database, "actor", "japan")["offices"] == []


def test_records_refer_to_each_other_and_are_counted(loaded: Loaded) -> None:
    agreement = {
        "type": "agreement",
        "id": "framework",
        "title": "A framework",
        "href": "/agreements/framework",
    }
    database = loaded(
        a_bundle(
            agreements=[an_agreement()],
            commitments=[a_commitment(agreement="framework")],
            quotes=[a_quote(text="We agreed.", agreements=["framework"])],
        )
    )
    assert body(database, "commitment", "pledge")["agreement"] == agreement
    assert body(database, "quote", "words")["agreements"] == [agreement]
    assert body(database, "agreement", "framework")["counts"] == {
        "commitments": 1, "quotes": 1, "parts": 0, "documents": 1,
    }  # fmt: skip
    assert body(database, "document", "report")["counts"] == {
        "summits": 0, "agreements": 1, "commitments": 1, "quotes": 1, "actors": 1, "documents": 0,
    }  # fmt: skip


def test_a_quote_is_referred_to_by_its_beginning(loaded: Loaded) -> None:
    text = f"We\nagreed {'and agreed ' * 20}."
    database = loaded(
        a_bundle(agreements=[an_agreement()], quotes=[a_quote(text=text, agreements=["framework"])])
    )
    [(title,)] = select(database, "SELECT title FROM record WHERE type = 'quote'")
    assert title == "We agreed " + ("and agreed " * 7)[:69].rstrip() + "…"
    assert body(database, "quote", "words")["text"] == text


def test_a_summit_counts_what_belongs_to_it(loaded: Loaded) -> None:
    at_meeting = {"summit": "meeting", "relation": "context"}
    elsewhere = {"summit": "other", "relation": "outcome"}
    by_memo = a_proof("text", "speaker", document="memo")
    database = loaded(
        a_bundle(
            summits=[a_summit(), a_summit(id="other")],
            agreements=[an_agreement(**at_meeting), an_agreement(id="b", **elsewhere)],
            commitments=[a_commitment(**at_meeting), a_commitment(id="c")],
            quotes=[
                a_quote(summit="meeting", speaker={"document": "speech"}),
                a_quote(id="q", summit="meeting", evidence=[by_memo]),
            ],
            documents=[a_document(id_) for id_ in ("report", "speech", "memo", "unused")],
        )
    )
    assert body(database, "summit", "meeting")["counts"] == {
        "agreements": 1,
        "commitments": 1,
        "quotes": 2,
        "documents": 3,
    }
    documents = select(
        database,
        "SELECT id FROM document JOIN record_link USING (ordinal) "
        "WHERE field = 'summit' AND value = 'meeting' ORDER BY id",
    )
    assert documents == [("memo",), ("report",), ("speech",)]


@pytest.mark.parametrize("words", ["elysee", "東京", "sturm", "strasse", "12", "envoy", "report"])
def test_every_text_of_a_record_can_be_found(words: str, loaded: Loaded) -> None:
    agreement = an_agreement(
        title="Élysée 東京",
        summary="Sturm in der Straße",
        parties=[{"actor": "envoy"}],
        evidence=[a_proof("title", "parties", "summary", passage="§12 of the report")],
    )
    database = loaded(
        a_bundle(
            actors=[an_actor("envoy")], agreements=[agreement], documents=[a_document(title="T")]
        )
    )
    rows = select(
        database,
        "SELECT id FROM record_search JOIN agreement ON ordinal = record_search.rowid "
        "WHERE record_search MATCH ?",
        Search.parse(words).expression([RecordType.AGREEMENT]),
    )
    assert rows == [("framework",)]


def test_work_of_numbering_grows_with_the_records_alone(loaded: Loaded) -> None:
    """Four times the records take about four times the steps, and not sixteen times."""
    steps = []
    for count in (100, 400):
        pledges = [a_commitment(id=f"pledge-{at}") for at in range(count)]
        database = loaded(a_bundle(commitments=pledges))
        with sqlite3.connect(":memory:") as copy, sqlite3.connect(database) as release:
            release.backup(copy)
            # A draft has no statistics yet.
            copy.execute("DELETE FROM sqlite_stat1")
            copy.execute("ANALYZE sqlite_schema")
            steps.append(_steps_of(copy))
    assert steps[1] < 6 * steps[0]


def _steps_of(copy: sqlite3.Connection) -> int:
    counted = itertools.count()

    def count() -> int:
        next(counted)
        return 0

    copy.set_progress_handler(count, 100)
    number_by_changes(copy)
    return next(counted)
