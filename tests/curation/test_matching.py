"""Where a passage stands: exact in its words, blind to typography."""

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.curation.check import check
from app.curation.matching import SourceText, marked_difference
from app.curation.reading import Finding
from app.curation.verify import Texts, verify_files
from tests.builders import a_bundle, a_document, a_proof, a_quote, an_actor, write
from tests.conftest import load
from tests.curation.conftest import select

# The text, what is typed, and the slice that is meant.
SAME = {
    "no-break spaces": ("USD\u00a021\u202fbillion", "USD 21 billion"),
    "a line end": ("we\ncommit", "we commit"),
    "a word broken at a line end": ("inter-\nnational", "international"),
    "a word with a hyphen, broken there": ("long-\nterm", "long-term"),
    "a word typed as it is broken": ("inter-\nnational", "inter-\nnational"),
    "a dash at a line end": ("peace \u2014\nand trade", "peace - and trade"),
    "a soft hyphen": ("Außen\u00administer", "Außenminister"),
    "a soft hyphen at a line end": ("Außen\u00ad\nminister", "Außenminister"),
    "decomposed letters": ("E\u0301lyse\u0301e", "Élysée"),
    "composed letters": ("Élysée", "E\u0301lyse\u0301e"),
    "decomposed Hangul": ("\u1112\u1161\u11ab\u1100\u116e\u11a8", "한국"),
    "curly quotation marks": ("the “free” seas\u2019 law", 'the "free" seas\' law'),
    "low quotation marks": ("der „freie“ Handel", 'der "freie" Handel'),
    "kinds of dashes": ("2023\u20132027 \u2014 and \u22125", "2023-2027 -- and -5"),
    "ligatures of a PDF": ("the e\ufb03cient o\ufb03ce", "the efficient office"),
    "an ellipsis": ("and so on…", "and so on..."),
    "a line end between signs": ("日本\n国政府", "日本国政府"),
    "a line end after a long vowel": ("サー\nバー", "サーバー"),
    "a joiner that can't be seen": ("ab\u200bcd", "abcd"),
    "a mark of direction": ("\u200fمحمد\u200e بن", "محمد بن"),
    "an emoji with and without its variant": ("peace \u2764\ufe0f now", "peace \u2764 now"),
    "blanks in a row": ("we   commit", "we commit"),
    "blanks around": ("we commit", "  we commit\n"),
}


@pytest.mark.parametrize("case", SAME)
def test_what_nobody_can_see_or_type_makes_no_difference(case: str) -> None:
    source, typed = SAME[case]
    text = SourceText(f"😀 Before it, {source}, and after it.")
    assert [text.text[place.start : place.end].strip("\u200f") for place in text.places(typed)] == [
        source.strip("\u200f")
    ]


OTHER = [
    ("resume", "résumé"),
    ("cafe", "cafe\u0301"),  # an accent is no other way of writing the letter
    ("reform", "re-form"),
    ("We commit", "we commit"),
    ("its", "it's"),
    ("21 billion", "21billion"),
    ("m2", "m²"),
    ("-", "nothing like it"),
    (" ", "nothing like it"),
    ("\u00ad", "nothing like it"),
]


@pytest.mark.parametrize(("typed", "source"), OTHER)
def test_what_one_can_see_does(typed: str, source: str) -> None:
    assert [p for p in SourceText(source).places(typed) if typed not in source] == []


def test_the_same_characters_win_over_the_same_words() -> None:
    text = SourceText('the “rules” and the "rules"')
    assert [place.start for place in text.places('"rules"')] == [20]
    assert [place.start for place in text.places("\u201drules\u201d")] == [4, 20]


letters = st.text(st.sampled_from("abé日本😀 한—-“'"), min_size=1, max_size=30)


@given(letters, letters, letters)
def test_any_slice_is_found_however_it_is_written(before: str, passage: str, after: str) -> None:
    text = SourceText(f"{before}{passage}{after}")
    written = unicodedata.normalize("NFD", passage).replace("—", "--").replace("“", '"')
    if not written.strip(" "):
        return
    slices = [text.text[place.start : place.end] for place in text.places(written)]
    assert any(one.strip(" —-") == passage.strip(" —-") for one in slices), slices


PARAGRAPHS = "One. We agree.\n\nTwo: we said it.\nWe agree.\n\n\nThree. We agree."


@pytest.mark.parametrize(
    ("near", "starts"), [(1, [5]), (2, [33]), (3, [52]), (4, []), ("One.", [5]), ("said it", [33])]
)
def test_near_decides_by_a_paragraph_or_by_words_before(near: int | str, starts: list[int]) -> None:
    text = SourceText(PARAGRAPHS)
    assert [place.start for place in text.near(text.places("We agree"), near)] == starts
    assert [text.paragraph_at(start) for start in (5, 33, 52)] == [1, 2, 3]


def test_lines_are_paragraphs_where_no_line_is_blank() -> None:
    assert [place.start for place in SourceText("One.\nTwo.\n").paragraphs] == [0, 5]


def test_a_difference_is_marked_word_by_word_where_there_is_a_likeness() -> None:
    marked = marked_difference("We provide $21 billion in total", "We give $21 billion in all")
    assert marked == "We [-provide-] {+give+} $21 billion in [-total-] {+all+}"
    assert marked_difference("We provide it", "None has been") == ""


def test_the_public_passage_is_the_slice_of_the_text_and_the_file_stays(tmp_path: Path) -> None:
    """As typed it stays in the file, whose proof says what the text has."""
    source = "Japan will “contribute\u00a0$1 tril-\nlion” — said the prime minister."
    typed = 'Japan will "contribute $1 trillion" - said'
    quote = a_quote(
        text='"contribute $1 trillion"', evidence=[a_proof("text", "speaker", passage=typed)]
    )
    actor = an_actor(evidence=[a_proof(passage="prime minister")])
    file = write(
        tmp_path / "b.json", a_bundle(actors=[actor], quotes=[quote], documents=[a_document()])
    )
    before = Path(file).read_bytes()
    assert verify_files([file], Texts(report=source)).findings == []
    assert Path(file).read_bytes() == before
    warnings: list[Finding] = []
    assert check([file], warnings) == []
    assert warnings == []
    load([file], tmp_path / "readout.db")
    [(body,)] = select(tmp_path / "readout.db", "SELECT body FROM record WHERE type = 'quote'")
    [passage] = json.loads(body)["evidence"]
    assert passage["exact"] == source[: passage["end"]] == source[:44]
    assert json.loads(body)["text"] == "“contribute\u00a0$1 tril-\nlion”"


def test_near_is_kept_in_the_seal(tmp_path: Path) -> None:
    def near(paragraph: int) -> str:
        actor = an_actor(evidence=[a_proof(passage="We agree", near=paragraph)])
        return write(tmp_path / "b.json", a_bundle(actors=[actor], documents=[a_document()]))

    file = near(3)
    assert verify_files([file], Texts(report=PARAGRAPHS)).findings == []
    load([file], tmp_path / "readout.db")
    [(body,)] = select(tmp_path / "readout.db", "SELECT body FROM record WHERE type = 'actor'")
    assert json.loads(body)["evidence"][0]["start"] == 52
    warnings: list[Finding] = []
    check([near(2)], warnings)
    assert "1 passage of report not compared" in str(warnings)


def test_a_character_that_cannot_be_published_is_named(
    run: Callable[..., CompletedProcess[str]], tmp_path: Path
) -> None:
    actor = an_actor(evidence=[a_proof(passage="We agree")])
    file = write(tmp_path / "b.json", a_bundle(actors=[actor], documents=[a_document()]))
    (tmp_path / "report.txt").write_text("We\tagree.", encoding="utf-8")
    done = run("verify", file, "--text", f"report={tmp_path / 'report.txt'}")
    said = '"We agree" stands where the text has U+0009; readout text makes one without it'
    assert said in done.stdout
