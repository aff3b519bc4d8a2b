"""PostgreSQL's full-text index: the words of FTS5, within its limits."""

import re
import sqlite3
import sys
from collections import defaultdict

import pytest

from app.settings import PROJECT
from app.store.search import Search
from app.store.tsvectors import vector
from app.text import searchable, tokens
from app.vocabulary import RecordType
from tests.postgres import Postgres


def test_every_character_is_cut_as_fts5_cuts_it() -> None:
    made = re.search(
        r"tokenize='[^']*'", (PROJECT / "migrations/versions/0001_the_record.py").read_text("utf-8")
    )
    assert made is not None
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE words USING fts5(text, {made[0]})")
    connection.execute("CREATE VIRTUAL TABLE found USING fts5vocab(words, instance)")
    texts = {
        code: f"a{text}b {text}"
        for code in range(1, sys.maxunicode + 1)
        if not 0xD800 <= code <= 0xDFFF and (text := searchable(chr(code)))
    }
    connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", texts.items())
    found: defaultdict[int, list[str]] = defaultdict(list)
    for code, term in connection.execute("SELECT doc, term FROM found ORDER BY doc, offset"):
        found[code].append(term)
    connection.close()
    assert len(texts) > 100_000
    wrong = {hex(code): text for code, text in texts.items() if found[code] != tokens(text)}
    assert wrong == {}


def test_words_have_places_and_titles_a_weight() -> None:
    found = vector("quote", searchable("The pact", "Pact two"), searchable("a pact's text"))
    assert found == ("':quote' 'the':1A 'pact':2A,4A,8 'two':5A 'a':7 's':9 'text':10")


def test_no_record_is_too_large(postgres: Postgres) -> None:
    many = " ".join(f"word{n}" for n in range(120_000))
    texts = [
        "the " * 40_000,
        many,
        "x" * 5_000,
        "'" * 10 + "\\" * 10 + ":A & | ! <-> *",
        "é" * 3_000,
    ]
    for text in texts:
        made = vector("quote", searchable(text[:300]), searchable(text))
        ((size,),) = postgres.execute(f"SELECT length($${made}$$::tsvector)")
        assert size >= 1


@pytest.mark.parametrize(
    ("typed", "kinds", "titles", "expression"),
    [
        ("japan", [], None, "(('japan'))"),
        ("japan pact", [], True, "(('japan':A) & ('pact':A))"),
        ("japan", [], False, "(('japan')) & !(('japan':A))"),
        ('"joint pact" jap*', [], None, "(('joint' <-> 'pact') & ('jap':*))"),
        ("jap*", [], True, "(('jap':*A))"),
        ("a -b -c", [RecordType.QUOTE], None, "(('a')) & (':quote') & !(('b') | ('c'))"),
        ("-b", [RecordType.QUOTE], None, "(':quote') & !(('b'))"),
        ("-b", [], True, "':nothing' & !(('b'))"),
        ("u.s.", [], None, "(('u' <-> 's'))"),
        ("it's & !x", [], None, "(('it' <-> 's') & ('x'))"),
    ],
)
def test_what_is_typed_is_asked(
    postgres: Postgres,
    typed: str,
    kinds: list[RecordType],
    titles: bool | None,
    expression: str,
) -> None:
    found = Search.parse(typed).expression(kinds, titles, dialect="postgresql")
    assert found == expression
    assert postgres.execute(f"SELECT $${found}$$::tsquery IS NOT NULL") == [(True,)]
