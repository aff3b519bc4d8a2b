"""What a client types into a search, as the index understands it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import accumulate
from pathlib import Path

import httpx2 as httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.store.marks import marked
from app.store.search import COLUMNS, Search, Term, entry_of
from app.text import fold, words
from app.vocabulary import RecordType

PARSED: dict[str, tuple[list[str], list[str]]] = {
    "": ([], []),
    "  ": ([], []),
    "japan": (['"japan"'], []),
    "Japan  TAIWAN": (['"japan"', '"taiwan"'], []),
    '"peace through strength"': (['"peace through strength"'], []),
    '"peace through': (['"peace through"'], []),
    'peace"through strength"': (['"peace"', '"through strength"'], []),
    '""': ([], []),
    "-japan": ([], ['"japan"']),
    'defense -"air-to-air missiles"': (['"defense"'], ['"air to air missiles"']),
    "defen*": (['"defen" *'], []),
    "-defen*": ([], ['"defen" *']),
    '"defen*"': (['"defen"'], []),
    "de*fen": (['"de fen"'], []),
    "U.S.": (['"us"'], []),
    "Japan's": (['"japan"'], []),
    "alliance\u2019S": (['"alliance"'], []),
    "leaders\u2019 it's": (['"leaders"', '"it"'], []),
    '"Japan\u2019s aim"': (['"japan aim"'], []),
    "'s": ([], []),
    "Indo-Pacific": (['"indo pacific"'], []),
    "joint-prod*": (['"joint prod" *'], []),
    "--japan": ([], ['"japan"']),
    "- japan": (['"japan"'], []),
    "taiwan \u2013japan \u2014china": (['"taiwan"'], ['"japan"', '"china"']),
    '\u2212"air defense"': ([], ['"air defense"']),
    "japan \u2013 china": (['"japan"', '"china"'], []),
    "japan\u2013china": (['"japan china"'], []),
    "*": ([], []),
    "not and or NEAR": (['"not"', '("and" OR "near")'], []),
    "japan or china": (['("japan" OR "china")'], []),
    "or japan or": (['"or"', '"japan"', '"or"'], []),
    "WHO, who": (['"\ue003who"', '"who"'], []),
    "2% 0.7 per cent": (['"2 percent"', '"0\ue0047"', '"percent"'], []),
    "G-7 55,000": (['"g7"', '"55000"'], []),
    "Ishiba OR Trump": (['("ishiba" OR "trump")'], []),
    'a "b c" OR d* OR e f': (['"a"', '("b c" OR "d" * OR "e")', '"f"'], []),
    "japan | china": (['("japan" OR "china")'], []),
    "2025-02-07 us-japan-2025-02": (['"7"', '"february"', '"2025"', '"us japan 2025 02"'], []),
    "2025-02": (['"february"', '"2025"'], []),
    "japan|china": (['("japan" OR "china")'], []),
    "japan AND": (['"japan"'], []),
    "+japan +-china": (['"japan"'], ['"china"']),
    "!japan peace!": (['"peace"'], ['"japan"']),
    "Alaska LNG (liquefied gas) or": (['"alaska"', '"lng"', '"liquefied"', '"gas"', '"or"'], []),
    "japan AND china": (['"japan"', '"china"'], []),
    "japan NOT china": (['"japan"'], ['"china"']),
    'NOT "the south" AND japan': (['"japan"'], ['"the south"']),
    "\u201cfree and open\u201d": (['"free and open"'], []),
    "\u201eand a\u201c \u00abb\u00bb": (['"and a"', '"b"'], []),
    "title:japan": (['"title japan"'], []),
    "^japan + {a b}": (['"japan"', '"a"', '"b"'], []),
    "Élysée": (['"elysee"'], []),
    "東京": (['"東 京"'], []),
    "东京 -北京*": (['"东 京"'], ['"北 京" *']),
    "'; DROP TABLE record; --": (['"drop"', '"table"', '"record"'], []),
    "\0": ([], []),
    "\ud800": ([], []),
    "😀": ([], []),
}


@pytest.mark.parametrize("typed", PARSED)
def test_what_is_typed_is_read_as_words(typed: str) -> None:
    wanted, unwanted = PARSED[typed]
    search = Search.parse(typed)
    assert ([*map(str, search.wanted)], [*map(str, search.unwanted)]) == (wanted, unwanted)


@pytest.mark.parametrize(
    "typed",
    [
        "OR japan", "japan OR", "japan OR NOT china", "japan OR -china", "-japan OR china",
        "NOT japan OR china", "japan OR OR china", "(japan OR china)", "-(china steel)",
        "steel OR (japan china)", "[japan] NOT china",
        "japan (-china)", "japan NOT",
    ],
)  # fmt: skip
def test_what_cannot_be_read_as_it_is_meant_is_refused(typed: str, client: httpx.Client) -> None:
    assert Search.parse(typed).fault
    problem = client.get("/search", params={"q": typed})
    assert problem.status_code == 422
    assert Search.parse(typed).fault in problem.json()["detail"]
    assert problem.json()["run"] is None


CREATE = (
    f"CREATE VIRTUAL TABLE record_search USING fts5({', '.join(COLUMNS)}, content='', "
    "columnsize=0, tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co M*'\")"
)


@contextmanager
def indexed(*records: tuple[str, str, str]) -> Iterator[sqlite3.Connection]:
    """The index, as the migration makes it, with the type, title and text of some records."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(CREATE)
        for at, (type_, title, text) in enumerate(records, start=1):
            connection.execute(
                f"INSERT INTO record_search (rowid, type, {type_}_title, {type_}_text) "  # noqa: S608 - our own names
                "VALUES (?, ?, ?, ?)",
                (at, *entry_of(type_, [title], [text])),
            )
        yield connection


@pytest.fixture(scope="module")
def index() -> Iterator[sqlite3.Connection]:
    """Records that differ in where they say what."""
    with indexed(
        ("agreement", "Peace through strength", "Japan and the U.S. agreed."),
        ("agreement", "Strength", "Peace comes through it, in the Indo-Pacific."),
        ("quote", "東京で会談", "Élysée; defense of Taiwan"),
        ("actor", "Japan", ""),
    ) as connection:
        yield connection


def test_the_index_is_that_of_a_database_that_was_loaded(seeded: Path) -> None:
    with closing(sqlite3.connect(f"file:{seeded}?mode=ro", uri=True)) as connection:
        made = connection.execute("SELECT sql FROM sqlite_master WHERE name = 'record_search'")
        assert made.fetchone() == (CREATE,)


def matches(
    index: sqlite3.Connection,
    typed: str,
    kind: RecordType | None = None,
    titles: bool | None = None,
) -> list[int]:
    """The rows of the index that a search finds."""
    expression = Search.parse(typed).expression([kind] if kind else [], titles)
    rows = index.execute(
        "SELECT rowid FROM record_search WHERE record_search MATCH ? ORDER BY rowid", (expression,)
    )
    return [rowid for (rowid,) in rows]


@pytest.mark.parametrize(
    ("typed", "rows"),
    [
        ("peace", [1, 2]),
        ("PEACE strength", [1, 2]),
        ('"peace through strength"', [1]),
        ("peace-through-strength", [1]),
        ("peace -japan", [2]),
        ("-peace", [3, 4]),
        ("-peace -japan", [3]),
        ("stren*", [1, 2]),
        ("stren", []),
        ('-"peace through"', [2, 3, 4]),
        ("indo pacific", [2]),
        ("elysee", [3]),
        ("京", [3]),
        ("東京", [3]),
        ("京東", []),
        ("defen*", [3]),
        ("agreement", []),
        ("record", []),
        ("japan", [1, 4]),
    ],
)
def test_a_search_finds_what_it_says(
    typed: str, rows: list[int], index: sqlite3.Connection
) -> None:
    assert matches(index, typed) == rows


def test_a_search_may_be_for_one_type(index: sqlite3.Connection) -> None:
    assert matches(index, "japan", RecordType.ACTOR) == [4]
    assert matches(index, "-taiwan", RecordType.QUOTE) == []


def test_titles_and_other_matches_are_all_matches(index: sqlite3.Connection) -> None:
    assert matches(index, "peace strength", titles=True) == [1]
    assert matches(index, "peace strength", titles=False) == [2]
    assert matches(index, "strength -japan", titles=True) == [2]


anything = st.text(max_size=40) | st.text("ab\"*-+^:(){}[]'\\.,é東京 \0\n", max_size=40)


@given(anything, st.sampled_from([None, *RecordType]))
@example('"', None)
@example("½ ﷺ ⑴ \u2044", None)
@example("a" * 5_000, None)
@example("-a " * 1_000, None)
@example("a b " * 1_000, None)
def test_nothing_that_is_typed_is_an_error(
    index: sqlite3.Connection, typed: str, kind: RecordType | None
) -> None:
    search = Search.parse(typed)
    assert all(term.words for term in (*search.wanted, *search.unwanted))
    rows = matches(index, typed, kind)
    in_title, elsewhere = (matches(index, typed, kind, titles=titles) for titles in (True, False))
    assert not search.wanted or sorted(in_title + elsewhere) == rows


@given(st.text(max_size=60))
@example("\u0e19\u0e49\u0e33")  # water in Thai: its last letter may be taken apart
@example("½ of ﷺ, snake_case and Élysée")
def test_a_text_is_found_by_each_of_its_words(text: str) -> None:
    with indexed(("quote", "", text)) as index:
        for word in words(text):
            typed = text[word.start : word.end]
            assert matches(index, typed) == [1], typed
            assert matches(index, f"-{typed}") == []


def pieces(text: str, typed: str) -> list[tuple[str, bool]] | None:
    """A marked text in short: each piece, and whether it matches."""
    cut = marked(text, Search.parse(typed).terms)
    return None if cut is None else [(piece["text"], piece["match"]) for piece in cut]


MARKED: dict[tuple[str, str], list[tuple[str, bool]] | None] = {
    ("Japan agreed.", "japan"): [("Japan", True), (" agreed.", False)],
    ("With Japan", "JAPAN"): [("With ", False), ("Japan", True)],
    ("Japan", "taiwan"): None,
    ("Japan", "-japan"): None,
    ("", "japan"): None,
    ("Japan and Japan", "japan"): [("Japan", True), (" and ", False), ("Japan", True)],
    ("L\u2019Élysée", "elysee"): [("L\u2019", False), ("Élysée", True)],
    ("peace — through strength", '"peace through"'): [
        ("peace — through", True),
        (" strength", False),
    ],
    ("peace in strength", '"peace strength"'): None,
    ("defenses", "defen*"): [("defenses", True)],
    ("defenses", "defense"): None,
    ("a b c d", '"a b c" "b c d"'): [("a b c", True), (" d", True)],
    ("東京で", "京"): [("東", False), ("京", True), ("で", False)],
    ("e\u0301lan!", "élan"): [("e\u0301lan", True), ("!", False)],
}


@pytest.mark.parametrize(("text", "typed"), MARKED)
def test_the_words_that_match_are_marked(text: str, typed: str) -> None:
    assert pieces(text, typed) == MARKED[text, typed]


def test_a_long_text_is_shortened_to_what_surrounds_the_first_match() -> None:
    text = "before " * 40 + "Japan " + "after " * 80
    cut = pieces(text, "japan")
    assert cut is not None
    assert cut[0] == ("…", False)
    assert cut[2] == ("Japan", True)
    assert cut[1][0] == "before " * 11
    assert cut[3][0].endswith("after …")
    assert sum(len(piece) for piece, _ in cut) < 340


@given(st.text("ab é.東\n", max_size=700), st.text('ab"*- é東', max_size=12))
@example("a.a", "aa")
def test_the_pieces_are_the_text_and_those_marked_match(text: str, typed: str) -> None:
    cut, search = pieces(text, typed), Search.parse(typed)
    if cut is None:
        wanted = {term for term in search.wanted if len(term.words) == 1 and not term.prefix}
        assert not wanted & {Term((word.folded,), prefix=False) for word in words(text)}
        return
    joined = "".join(piece for piece, _ in cut)
    assert joined.strip("…") in text
    assert all(piece for piece, _ in cut)
    assert any(match for _, match in cut)
    for piece, match in cut:
        inside = fold(piece).replace(".", "")  # of an abbreviation, as `U.S.`
        if match:
            assert any(term.words[-1] in inside for term in search.wanted)


@given(st.text("abU.S -1é", max_size=80), st.lists(st.text("abus1é", min_size=1, max_size=3)))
@example("a.b a b. ab", ["ab"])
def test_each_of_the_words_is_marked_and_no_other(text: str, typed: list[str]) -> None:
    """Neighbours `a` and `b` are one word in `a.b`, and two in `a b`."""
    cut = pieces(text, " ".join(typed)) or []
    ends = accumulate(len(piece) for piece, _ in cut)
    marks = [
        (end - len(piece), end) for end, (piece, match) in zip(ends, cut, strict=True) if match
    ]
    wanted = {word.folded for one in typed for word in words(one)}
    assert marks == [(word.start, word.end) for word in words(text) if word.folded in wanted]


def test_a_name_is_marked_as_a_whole() -> None:
    terms = [Term(("ishiba",)), Term(("ishiba", "shigeru")), Term(("shigeru", "ishiba"))]
    cut = marked("With Ishiba Shigeru, and Ishiba.", terms)
    assert cut is not None
    assert [piece["text"] for piece in cut if piece["match"]] == ["Ishiba Shigeru", "Ishiba"]
