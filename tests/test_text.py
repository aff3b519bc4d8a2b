"""How text is compared: folded, and cut into words."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.text import CAPITAL, clean, fold, in_order, searchable, words

FOLDED = {
    "Élysée": "elysee",
    "ＥＬＹＳＥＥ": "elysee",  # noqa: RUF001 - the width is the point
    "ÅNGSTRÖM": "angstrom",
    "naïve": "naive",
    "straße": "strasse",
    "STRASSE": "strasse",
    "İSTANBUL": "istanbul",
    "ΣΊΣΥΦΟΣ": "σισυφοσ",
    "Σίσυφος": "σισυφοσ",
    "Ёлка": "елка",
    "ﬁne": "fine",
    "x²": "x2",
    "№": "no",
    "東京": "東京",
    "ｶﾀｶﾅ": "カタカナ",
    "한국": "한국",
    "U.S.": "u.s.",
}


@pytest.mark.parametrize("text", FOLDED)
def test_accents_case_and_width_are_folded(text: str) -> None:
    assert fold(text) == FOLDED[text]


@given(st.text())
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text())
@example("\u0345\u0301")
@example("가")
def test_composed_and_decomposed_text_fold_alike(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert fold(composed) == fold(decomposed)


# The Turkish dotless i is another letter, though its capital is ours.
@given(st.text(st.characters(exclude_characters="\u0131", exclude_categories=["Cs"])))
@example("ŉ")
@example("ὨΔΉ")
@example("ΌΔΟΣ ὈΔΌΣ")
def test_case_makes_no_difference(text: str) -> None:
    assert fold(text.upper()) == fold(text.lower()) == fold(text)


WORDS = {
    "": [],
    " — . ": [],
    "We agreed.": ["we", "agreed"],
    "U.S.-Japan": ["us", "japan"],
    "in the U.S, and D.C.": ["in", "the", "us", "and", "dc"],
    "Donald J. Trump": ["donald", "j", "trump"],
    "example.com, 3.5 %": ["example", "com", "3\ue0045", "percent"],
    "0.7 per cent of GNI; 1.5bn, 7.2.2025": [
        "0\ue0047",
        "percent",
        "of",
        "gni",
        "1\ue0045bn",
        "7",
        "2",
        "2025",
    ],
    "G-7 and B-52, not U.S.-2": ["g7", "and", "b52", "not", "us", "2"],
    "the WHO, who": ["the", "\ue003who", "who"],
    "WHO IS IT NOW": ["who", "is", "it", "now"],
    "la WHO où": ["la", "\ue003who", "ou"],
    "Wałęsa\u2019s 55,000 people's": ["walesa", "55000", "people"],
    "US$5, A$5": ["dollar", "5", "adollar", "5"],
    "Jonas Gahr Støre, Wałęsa, Diyarbak\u0131r": ["jonas", "gahr", "store", "walesa", "diyarbakir"],
    "مُحَمَّد بن سلمان": ["محمد", "بن", "سلمان"],
    "Außen\u00admini\u200dsterium": ["aussenministerium"],
    "no\u00a0break": ["no", "break"],
    "ประชุม": ["ป", "ร", "ะ", "ช", "ม"],
    "55,000 men": ["55000", "men"],
    "the allies\u2019 ties": ["the", "allies", "ties"],
    "snake_case": ["snake", "case"],
    "e\u0301lan": ["elan"],
    "東京会談": ["東", "京", "会", "談"],
    "G7サミット": ["g7", "サ", "ミ", "ッ", "ト"],
    "中国CPC": ["中", "国", "cpc"],
    "a\u0301 \u0301 b": ["a", "b"],
}


@pytest.mark.parametrize("text", WORDS)
def test_a_text_is_cut_into_words(text: str) -> None:
    assert [word.folded for word in words(text)] == WORDS[text]


@given(st.text())
@example("Élysée İstanbul straße 東京 😀 e\u0301")
@example("A$1 and $1, US$ \u20ac é$ HK$2")
def test_a_word_stands_where_it_says(text: str) -> None:
    at = 0
    for word in words(text):
        assert at <= word.start < word.end <= len(text)
        own = text[word.start : word.end]
        # Beside others it is the word that it is alone.
        assert CAPITAL in word.folded or [each.folded for each in words(own)] == [word.folded]
        at = word.end


@given(st.lists(st.text(), max_size=3))
@example(["We agreed.", "Élysée"])
@example(["snake_case", "U.S."])
def test_the_index_holds_the_words_in_their_order(texts: list[str]) -> None:
    indexed = searchable(*texts).split("\ue000")
    assert [text.split() for text in indexed] == [
        [word.folded for word in words(text)] for text in texts or [""]
    ]


@given(st.text(st.characters(max_codepoint=127)))
def test_plain_and_other_text_are_indexed_alike(text: str) -> None:
    # A text of ASCII alone takes a shorter way.
    assert searchable(f"{text} é").split() == [*searchable(text).split(), "e"]


@pytest.mark.parametrize(
    ("text", "unprintable"),
    [
        ("We agreed.\nThey did.", None),
        ("Élysée 東京 😀 \u00a0\u200d\ue000", None),
        ("a\0b", "U+0000"),
        ("a\tb", "U+0009"),
        ("a\r\nb", "U+000D"),
        ("\x1b[31m", "U+001B"),
        ("\x9b1m", "U+009B"),
        ("\ud83d", "U+D83D"),
    ],
)
def test_an_unprintable_character_is_named(text: str, unprintable: str | None) -> None:
    assert clean(text) == unprintable


def test_titles_are_in_the_order_of_letters_and_of_numbers() -> None:
    titles = [
        "“2 nights”", "$3 billion", "900 men", "1,000 men", "1,000,000 men", "Article 2",
        "article 10", "Ärzte", "Denmark", "Élysée", "Finland", "G7", "G20", "Øresund", "Oz",
        "日本",
    ]  # fmt: skip
    assert [*map(in_order, titles)] == sorted(map(in_order, titles))
    assert in_order("U.S. Steel") == in_order("US Steel")
    assert in_order("Part 007") == in_order("Part 7")


@given(st.integers(0, 10**40), st.integers(0, 10**40))
def test_numbers_are_in_the_order_of_their_size(one: int, other: int) -> None:
    assert (in_order(f"Part {one}") < in_order(f"Part {other}")) == (one < other)
