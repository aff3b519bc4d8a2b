"""The draft: what a text may hold for the record, by rules that are data."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from app.curation.amounts import due_dates, measures
from app.curation.bundle import ENTRIES
from app.curation.matching import SourceText, Stretch
from app.curation.proposals import Draft, Proposal, actors_in, rules, sentences
from app.settings import PROJECT, STARTER
from app.vocabulary import KINDS
from tests.test_seed import text_for

DOCUMENTS = PROJECT.parent / "shared" / "documents"
COMMUNIQUE = DOCUMENTS / "g7-hiroshima-communique-2023.txt"
BY_HAND = PROJECT / "tests" / "data" / "g7-hiroshima-2023.json"
ACTORS = list(actors_in([str(STARTER)]))

Run = Callable[..., CompletedProcess[str]]


def proposed(text: str, *we: str) -> list[Proposal]:
    """The proposals of a text in which the actors of the starter may be named."""
    return Draft(text, ACTORS, we).proposals()


@pytest.mark.parametrize("rule", rules()[0], ids=lambda rule: rule.name)
def test_each_rule_fits_its_example_and_says_what_it_is_about(rule: Any) -> None:
    [one] = proposed(rule.example)
    assert one.entry["act"] == rule.act
    assert one.entry.get("standing") == rule.standing or one.rule != rule.name
    assert rule.pattern.search(rule.example)
    assert rule.sentence.endswith(".")


# As communiqués of the G20, NATO, the European Council and others are worded.
SENTENCES = {
    "We commit to reducing emissions.": ("commits", "promise"),
    "NATO Allies have agreed to spend more on defence.": ("decides", "promise"),
    "The European Council calls on the Commission to present proposals.": ("call", "report"),
    "The European Union will continue to support Ukraine.": ("continues", "promise"),
    "It reiterates its full support for Moldova.": ("commitment recalled", "promise"),
    "We are increasing our presence in the Black Sea.": ("taking steps", "promise"),
    "Leaders tasked ministers to report back.": ("task", "promise"),
    "We remain committed to the Paris Agreement.": ("is committed", "promise"),
    "We have established a centre of excellence.": ("deed", "deed"),
    "Both sides intend to hold talks next year.": ("intends", "promise"),
    "Recommit to multilateralism.": ("commitment recalled", "promise"),
    "We recall our commitment to the goal of zero hunger.": ("commitment recalled", "promise"),
    "We urge the parties to end hostilities.": ("call", "report"),
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_is_proposed_as_what_it_does(sentence: str) -> None:
    [one] = proposed(sentence)
    assert (one.rule, one.entry["act"]) == SENTENCES[sentence]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ukraine",
        "The global economy has shown resilience.",
        "Free trade is an engine of growth.",
        "All parties must refrain from violence.",
    ],
)
def test_what_nobody_promises_is_not_proposed(sentence: str) -> None:
    assert proposed(sentence) == []


SUMS: dict[str, list[dict[str, Any]]] = {
    "We will provide up to €50 billion until 2027.": [
        {
            "role": "pledged",
            "value": 50_000_000_000,
            "bound": "up_to",
            "currency": "EUR",
            "by": "2027",
        }
    ],
    "We commit over $21 billion in total.": [
        {"role": "pledged", "value": 21_000_000_000, "bound": "more_than", "currency": "USD"}
    ],
    "We aim to mobilize at least USD 1.5 trillion annually.": [
        {
            "role": "mobilised",
            "value": 1_500_000_000_000,
            "bound": "at_least",
            "currency": "USD",
            "per": "year",
        }
    ],
    "We pledge between 5 and 7 million euros.": [
        {"role": "pledged", "value": 5_000_000, "bound": "between", "upper": 7_000_000}
        | {"currency": "EUR"}
    ],
    "We pledge £5-7 million.": [
        {
            "role": "pledged",
            "value": 5_000_000,
            "bound": "between",
            "currency": "GBP",
            "upper": 7_000_000,
        }
    ],
    "We pledge 1,250,000 US dollars.": [{"role": "pledged", "value": 1_250_000, "currency": "USD"}],
    "We reduce emissions by at least 30 percent below 2020 levels by 2030.": [
        {
            "role": "goal",
            "value": 30,
            "bound": "at_least",
            "unit": "%",
            "baseline": "below 2020 levels",
            "by": "2030",
        }
    ],
    "Spend 2% of GDP on defence.": [{"role": "stated", "value": 2, "unit": "%", "of": "GDP"}],
    "We met on 20 May 2023 with 7 leaders.": [],
}


@pytest.mark.parametrize("text", SUMS)
def test_sums_and_shares_are_read_with_their_bounds(text: str) -> None:
    assert measures(text, "promise") == SUMS[text]


DATES = [
    ("by 2030", "2030"),
    ("by the end of 2025", "2025"),
    ("by 2050 at the latest", "2050"),
    ("no later than June 2024", "2024-06"),
    ("by 31 December 2025", "2025-12-31"),
    ("by June 30, 2026", "2026-06-30"),
    ("by 2025 or sooner", "2025"),
    ("by the end of this year", None),
    ("over the coming decade", None),
]


@pytest.mark.parametrize(("words", "date"), DATES)
def test_a_date_is_as_it_is_worded(words: str, date: str | None) -> None:
    [due] = due_dates(f"We will do it {words}, and more.")
    assert (due.text, due.date) == (words, date)


def test_what_is_no_date_is_none() -> None:
    assert due_dates("relative to the 2019 level, in line with Resolution 2231") == []
    assert due_dates("as adopted by the 2023 Summit") == []
    [due] = due_dates("by 2020 through to 2025")
    assert (due.text, due.date) == ("through to 2025", "2025")


def test_actors_are_known_by_all_their_names() -> None:
    text = "The United States and Japan will work with the EU, ROK and WTO on Ukrainian grain."
    [one] = proposed(text)
    assert one.entry["by"] == ["united-states", "japan"]
    assert [mention["actor"] for mention in one.entry["mentions"]] == [
        "european-union",
        "south-korea",
        "wto",
        "ukraine",
    ]
    [one] = proposed("We will work with Japan.", "g7")
    assert (one.entry["by"], one.entry["mentions"][0]["actor"]) == (["g7"], "japan")


ITEMS = "We are determined to work together to:\n\n• support peace; and\n\n• end hunger by 2030."


def test_an_item_is_proposed_with_the_words_that_introduce_it() -> None:
    first, second = proposed(ITEMS)
    for one, words in ((first, "support peace"), (second, "end hunger by 2030")):
        [proof] = one.entry["evidence"]
        parts = [part["passage"] for part in proof["parts"]]
        assert parts == ["We are determined to work together to", words]
        assert [ITEMS[a:b] for a, b in one.places] == parts
    assert second.entry["due"] == "2030"


SPOKEN = (
    "“We agreed to cooperate even more closely,” President Macron said. Later, Prime Minister "
    "Carney told reporters: “This is what we have promised to do.” “No,” she said."
)


def test_a_quotation_is_proposed_with_its_speaker() -> None:
    people = [
        {"id": "emmanuel-macron", "title": "Emmanuel Macron", "kind": "person"},
        {"id": "mark-carney", "title": "Mark Carney", "kind": "person"},
    ]
    quotes = [one for one in Draft(SPOKEN, people).proposals() if one.type == "quote"]
    assert [(one.entry["text"], one.entry["speaker"], one.said_by) for one in quotes] == [
        (
            "We agreed to cooperate even more closely",
            "emmanuel-macron",
            "President Macron",
        ),
        ("This is what we have promised to do.", "mark-carney", "Prime Minister Carney"),
    ]


# What is selected, within a sentence, and who speaks there; nobody where the text says nobody.
SELECTED = {
    "named in it": ("[the U.S.-Japan Alliance remains the cornerstone of peace].", None),
    "no verb of saying": ("Japan and Ukraine met. [We will pay for Ukraine].", None),
    "leaders": ("[The two leaders emphasized peace across the Taiwan Strait].", None),
    "quoted": ("“[We will pay for Ukraine],” Japan said.", "japan"),
    "with its marks": ("[“We will pay for Ukraine,” said Japan].", "japan"),
    "told": ("Japan said in Rome that [Ukraine will be paid].", "japan"),
    "subject in it": ("[The United States announced aid for Ukraine].", "united-states"),
    "title": ("Prime Minister Ishiba said: “[We will pay for Ukraine].”", "ishiba"),
    "somebody of a state": ("The leader of Japan said: “[We will pay for Ukraine].”", None),
    "an unknown of a state": ("“[We will pay Ukraine],” U.S. President Smith said.", None),
    "a leader": ("“[We will pay Ukraine],” said Estonia\u2019s leader.", None),
    "two": ("Ukraine and Japan said: “[We will pay for it].”", None),
    "another sentence": ("Japan said no. [We will pay for Ukraine].", None),
    "spoken to": ("Japan was told: “[We will pay for Ukraine].”", None),
}


@pytest.mark.parametrize("case", SELECTED)
def test_who_speaks_is_the_subject_of_a_verb_of_saying(case: str) -> None:
    marked, speaker = SELECTED[case]
    start, end = marked.index("["), marked.index("]") - 1
    person = {"id": "ishiba", "title": "Shigeru Ishiba", "kind": "person"}
    draft = Draft(marked.replace("[", "").replace("]", ""), [*ACTORS, person])
    assert draft.entry_of("quote", Stretch(start, end)).entry.get("speaker") == speaker


QUOTED = {
    "bare": ("We will pay", "We will pay"),
    "marks": ("“We will pay”", "We will pay"),
    "said after": ("“We will pay,” said Japan", "We will pay"),
    "said before": ("Japan said: “We will pay.”", "We will pay."),
    "two": ("“We”, said Japan, “will pay”", "We”, said Japan, “will pay"),
    "a term": ("a “free and open” Pacific", "a “free and open” Pacific"),
}


@pytest.mark.parametrize("case", QUOTED)
def test_the_words_of_a_quote_are_those_between_its_marks(case: str) -> None:
    passage, words = QUOTED[case]
    entry = Draft(passage, ACTORS).entry_of("quote", Stretch(0, len(passage))).entry
    assert entry["text"] == words
    assert entry["evidence"][0]["passage"] == passage


def test_sentences_end_where_they_end() -> None:
    text = "1. The U.S. and Mr. Smith agreed. “We did.” (See No. 5.) 2024 was over. Done"
    place = SourceText(text).paragraphs[0]
    assert [text[a:b] for a, b in sentences(text, place)] == [
        "The U.S. and Mr. Smith agreed.",
        "“We did.”",
        "(See No. 5.)",
        "2024 was over.",
        "Done",
    ]


HOSTILE = {
    "emoji": "😀 We commit to peace 😀. 🇯🇵 We will help.",
    "right to left": "محمد بن سلمان. We will help. \u202emoc",
    "one long line": "We will help, " * 70_000,
    "no end": "We commit to " + "a" * 10_000,
    "brackets": "We will (((([[[ help.",
    "empty": "",
}


@pytest.mark.parametrize("case", HOSTILE)
def test_places_are_code_points_and_passages_can_be_published(case: str) -> None:
    text = HOSTILE[case]
    began = time.monotonic()
    for one in proposed(text):
        passages = [part["passage"] for proof in one.entry["evidence"] for part in [proof]]
        assert [text[a:b] for a, b in one.places] == passages
        assert all(0 < len(passage) <= 600 for passage in passages)
    assert time.monotonic() - began < 20


@pytest.fixture(scope="module")
def communique(request: pytest.FixtureRequest) -> str:
    """A long text, which is no part of the project."""
    return text_for(request.node.name, COMMUNIQUE)


def by_hand() -> list[tuple[dict[str, Any], list[tuple[int, int]]]]:
    """The commitments that were made by hand, each with the places of its first passage."""
    made = []
    for entry in json.loads(BY_HAND.read_bytes())["commitments"]:
        parts = entry["evidence"][0].get("parts") or entry["evidence"][:1]
        places = [(part["start"], part["start"] + len(part["passage"])) for part in parts]
        made.append((entry, places))
    return made


def covering(places: list[tuple[int, int]], proposals: list[Proposal]) -> list[Proposal]:
    """The proposals that have at least half of the last part of a passage."""
    start, end = places[-1]
    return [
        one for one in proposals if 2 * (min(one.end, end) - max(one.start, start)) >= end - start
    ]


def test_what_was_found_by_hand_is_among_the_proposals(communique: str) -> None:
    proposals = proposed(communique, "g7")
    missing = [entry["id"] for entry, places in by_hand() if not covering(places, proposals)]
    assert len(missing) <= 0.05 * len(by_hand()), missing
    committing = 295  # sentences, as counted by hand
    assert len(proposals) <= 2 * committing


def test_sums_and_dates_are_right_where_one_is_proposed(communique: str) -> None:
    proposals = proposed(communique, "g7")
    right: list[Any] = []
    wrong: list[Any] = []
    for entry, places in by_hand():
        near = covering(places, proposals)
        sums = {(m["value"], m["currency"]) for m in entry.get("measures", ()) if "currency" in m}
        for one in near:
            for measure in one.entry.get("measures", ()):
                if "currency" in measure and sums:
                    is_right = (measure["value"], measure["currency"]) in sums
                    (right if is_right else wrong).append((entry["id"], measure))
            start, end = places[-1]
            if "due" in one.entry and start <= one.start and one.end <= end and entry.get("due"):
                (right if one.entry["due"] == entry["due"] else wrong).append(
                    (entry["id"], one.entry["due"])
                )
    assert len(right) >= 10
    assert len(wrong) <= 0.05 * (len(right) + len(wrong)), wrong


def test_a_draft_takes_a_moment_and_is_the_same_each_time(communique: str) -> None:
    began = time.process_time()
    first = proposed(communique, "g7")
    assert time.process_time() - began < 3
    assert [one.written("d") for one in proposed(communique, "g7")] == [
        one.written("d") for one in first
    ]
    ids = [one.entry["id"] for one in first]
    assert len(set(ids)) == len(ids)
    for one in first:
        for place, passage in zip(one.places, passages(one), strict=True):
            assert communique[place.start : place.end] == passage


def passages(one: Proposal) -> list[str]:
    """The parts of the passage of a proposal."""
    [proof] = one.entry["evidence"]
    return [part["passage"] for part in proof.get("parts") or [proof]]


def test_what_is_proposed_is_an_entry(communique: str) -> None:
    for one in proposed(communique, "g7"):
        entry = one.written("communique")["entry"]
        for proof in entry["evidence"]:
            proof["fields"] = ["title"]
        ENTRIES[KINDS[one.type]].model_validate(entry)


def test_the_command_writes_proposals(run: Run, tmp_path: Path) -> None:
    text = tmp_path / "speech.txt"
    text.write_text("We will give $5 million to Estonia by 2030.", encoding="utf-8")
    written = []
    for name in ("one.json", "other.json"):
        options = ("--document", "speech", "--we", "japan", "-o", tmp_path / name)
        done = run("draft", text, *options, LC_ALL="tr_TR.UTF-8", TZ="Asia/Tokyo")
        assert done.stdout == f"{tmp_path / name}: written, 1 proposal\n", done.stderr
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]
    [one] = json.loads(written[0])["proposals"]
    assert (one["rule"], one["paragraph"], one["places"]) == ("will", 1, [[0, 42]])
    assert one["entry"]["by"] == ["japan"]
    assert one["entry"]["due"] == "2030"
    missing = run("draft", tmp_path / "none.txt", "--document", "speech")
    assert (
        missing.stderr
        == f"readout: {tmp_path}/none.txt: can't be read: No such file or directory\n"
    )
