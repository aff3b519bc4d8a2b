"""A draft against the record: what stands there so, what was altered, what is not there."""

import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter
from typing import Any

import httpx2 as httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.proofread.check import judge
from app.proofread.draft import Draft
from app.proofread.sources import Sources
from app.proofread.sums import sums
from app.proofread.tokens import tokens
from app.vocabulary import Verdict
from bench.synthetic import synthesize, vocabulary
from tests.builders import a_bundle, a_commitment, a_measure, a_proof, an_actor, write
from tests.conftest import SEED, Server, client_of, load, open_release, server_of

Json = dict[str, Any]
TRUMP = "We agreed to cooperate even more closely to combat the Chinese economic aggression"
WHOLE = f"{TRUMP}, which is quite aggressive"
ISHIBA = (
    "Further strengthening the strong and unwavering Japan-U.S. alliance to achieving a free and "
    "open Indo-Pacific is key"
)
PASSAGE = "Japan announced a $1 trillion investment in the U.S. economy"


def checked(client: httpx.Client, draft: str, media_type: str = "text/plain") -> Json:
    """The answer to a draft, as JSON."""
    headers = {"content-type": f"{media_type}; charset=utf-8"}
    response = client.post("/check", content=draft.encode(), headers=headers)
    assert response.status_code == 200, response.text
    answer: Json = response.json()
    for item in answer["items"]:  # what differs says in what, and nothing else does
        assert bool(item["differences"]) == (item["verdict"] in {"altered", "differs"}), item
        assert all(
            one["draft"] or one["source"] or one["kind"] == "joined" for one in item["differences"]
        )
    return answer


def only(client: httpx.Client, draft: str, media_type: str = "text/plain") -> Json:
    """The one thing that stands in a draft."""
    [item] = checked(client, draft, media_type)["items"]
    return dict(item)


@pytest.mark.parametrize(
    ("draft", "cut"),
    [
        (f"“{WHOLE}.”", False),
        (f'Trump said: "{TRUMP}".', True),
        (f"«\u00a0{TRUMP}\u00a0», said Donald Trump.", True),
        (f"„{TRUMP}“, sagte er.", True),
        (f"»{TRUMP}«", True),
        (f"\u2018{TRUMP}\u2019, Trump said.", True),
        (f"“{TRUMP.replace(' ', chr(10), 2)}”", True),
        (f"“{TRUMP.replace('Chinese', 'Chi' + chr(0xAD) + 'nese')}”", True),
        (f"“{TRUMP.upper()}”", True),
        (f"“…{TRUMP[3:]} …”", True),
        (f"“{PASSAGE.replace('U.S.', 'US').replace('$1 ', '$1' + chr(0xA0))}”", False),
        ('"We agreed to cooperate even more closely," Trump said, "to combat the Chinese '
         'economic aggression."', True),
        (f"He was asked. “It is so: '{TRUMP}'”, a paper wrote of Trump.", True),
    ],
)  # fmt: skip
def test_words_that_stand_so_are_verbatim(client: httpx.Client, draft: str, cut: bool) -> None:
    items = checked(client, draft)["items"]
    [item] = [item for item in items if item["verdict"] == "verbatim"]
    assert item["cut"] is cut
    assert item["differences"] == []
    [match] = item["matches"]
    assert match["record"]["href"].split("/")[1] in {"quotes", "commitments", "agreements"}
    assert match["source"]["href"].startswith("/documents/")
    assert "Readout, release 1" in match["citation"]
    assert (match["state"], match["warning"]) == ("current", None)


@pytest.mark.parametrize(
    ("draft", "kind", "typed", "there"),
    [
        (f"“{TRUMP.replace('economic', 'military')}”", "changed", "military", "economic"),
        (f"“{TRUMP.replace(' economic', '')}”", "left_out", None, "economic"),
        (f"“{TRUMP.replace('Chinese', 'huge Chinese')}”", "added", "huge", None),
        (f"“{TRUMP.replace('agreed', 'never agreed')}”", "negation", "never", None),
        (f"“{PASSAGE.replace('$1', '$2')}”", "number", "2", "1"),
        (f"“{PASSAGE.replace('$1', '€1')}”", "changed", "€", "$"),
        (f"“{TRUMP}”, Shigeru Ishiba said.", "speaker", "Shigeru Ishiba", "Donald Trump"),
        (f"According to Ishiba, “{TRUMP}”.", "speaker", "Shigeru Ishiba", "Donald Trump"),
        (f"“{TRUMP.replace('even more ', '… ')}”", "left_out", "…", "even more"),
    ],
)
def test_what_was_altered_says_what(
    client: httpx.Client, draft: str, kind: str, typed: str | None, there: str | None
) -> None:
    item = only(client, draft)
    assert item["verdict"] == "altered"
    [difference] = item["differences"]
    assert difference == {"kind": kind, "draft": typed, "source": there}
    assert len(item["matches"]) == 1


def test_two_passages_of_one_source_as_one_are_altered_with_both(client: httpx.Client) -> None:
    record = client.get("/quotes/ishiba-free-and-open-indo-pacific").json()
    item = only(client, f"“{PASSAGE}. {record['text']}.”")
    assert item["verdict"] == "altered"
    assert [each["kind"] for each in item["differences"]] == ["joined"]
    first, second = item["matches"]
    assert first["source"] == second["source"]
    assert first["record"] != second["record"]


@pytest.mark.parametrize(
    "draft",
    [
        "Japan promised to reduce its defense spending.",
        "Japan promised closer ties with China.",
        "NATO pledged closer ties with Japan.",
        "China promised that Japan would seek closer ties with NATO.",
        "Japan promised never to lift restrictions on license-produced weapons.",
        "Japan pledged to restore restrictions on license-produced weapons.",
        "Japan did not promise closer ties with NATO.",
        "Japan broke its promise of closer ties with NATO.",
        "The United States vowed that it would not uphold international law in the region.",
        "Japan refused to announce a $1 trillion investment.",
        "Japan canceled its $1 trillion investment in the U.S. economy.",
        "Japan has already spent $1 trillion in the U.S. economy.",
        "Japan demanded $1 trillion from the United States.",
        "Japan announced a $1 trillion loan to China.",
        "Japan invested $1 trillion in U.S. Steel.",
        "Japan pledged $1 trillion for participation in the Alaska LNG project.",
    ],
)
def test_another_word_may_say_the_opposite(client: httpx.Client, draft: str) -> None:
    assert [item["verdict"] for item in checked(client, draft)["items"]] == ["not_on_record"]


@pytest.mark.parametrize(
    ("draft", "typed"),
    [
        (f"Joe Biden said: “{TRUMP}”.", "Joe Biden"),
        (f"“{TRUMP},” the two leaders said.", "the two leaders"),
        (f"In a joint statement, the leaders wrote: “{TRUMP}”.", "the leaders"),
        (f"“{PASSAGE},” Ishiba said.", "Shigeru Ishiba"),
        ("Trump said: “Both leaders expressed strong opposition”.", "Donald Trump"),
        # A stranger by one word, and an office that another one holds.
        (f"Putin said: “{TRUMP}”.", "Putin"),
        (f"“{TRUMP},” said Macron.", "Macron"),
        (f"According to Biden, “{TRUMP}”.", "Biden"),
        (f"The Prime Minister said: “{TRUMP}”.", "The Prime Minister"),
        (f"“{TRUMP},” the prime minister said.", "the prime minister"),
        # Somebody who is told of by a country, which has a record or none.
        (f"“{TRUMP},” the Japanese prime minister said.", "the Japanese prime minister"),
        (f"“{TRUMP},” the Japanese leader said of Trump.", "the Japanese leader"),
        (f"“{TRUMP},” said the French president.", "the French president"),
        (f"The Chinese foreign ministry said: “{TRUMP}”.", "The Chinese foreign ministry"),
        (f"“{TRUMP},” a former American president said.", "a former American president"),
        (f"“{TRUMP},” Japan's leader said.", "Japan's leader"),
        # To whom it is told, and whom a clause beside it names, did not say it.
        (f"Trump told Ishiba: “{ISHIBA}”.", "Donald Trump"),
        (f"“{TRUMP},” Ishiba told Trump.", "Shigeru Ishiba"),
        (f"With Trump at his side, Ishiba said: “{TRUMP}”.", "Shigeru Ishiba"),
        (f"After meeting Ishiba, Trump said: “{ISHIBA}”.", "Donald Trump"),
        (f"“{TRUMP},” said Ishiba after talks with Trump.", "Shigeru Ishiba"),
        (f"Responding to Trump, Xi Jinping said: “{TRUMP}”.", "Xi Jinping"),
        (f"Vance, not Trump, said: “{TRUMP}”.", "Vance"),
        # With somebody else, or somebody of the same name, or for him.
        (f"Trump and Xi said: “{TRUMP}”.", "Trump and Xi"),
        (f"“{TRUMP},” Trump and Ishiba said.", "Donald Trump, Shigeru Ishiba"),
        (f"Ivanka Trump said: “{TRUMP}”.", "Ivanka Trump"),
        (f"“{TRUMP},” said Donald Trump Jr.", "Donald Trump Jr"),
        (f"Trump's spokesman said: “{TRUMP}”.", "Trump's spokesman"),
        (f"A Trump aide said: “{TRUMP}”.", "A Trump aide"),
        (f"An analyst said: “{TRUMP}”.", "An analyst"),
        # Somebody of whom a person is told, or who is told of without a name.
        *(
            (f"{who} said: “{TRUMP}”.", who)
            for who in ("Trump's wife", "Trump's press secretary", "The Trump administration",
                        "Trump supporters", "A source close to Trump", "Critics of Trump")
        ),
        (f"A reporter asked Trump: “{TRUMP}”.", "A reporter"),
        (f"“{TRUMP},” a reporter told Trump.", "a reporter"),
        (f"“{TRUMP},” Trump was told by Ishiba.", "Shigeru Ishiba"),
        (f"Trump was told by Xi: “{TRUMP}”.", "Xi"),
        (f"Xi, standing beside Trump, said: “{TRUMP}”.", "Xi"),
        (f"Xi, according to Trump, said: “{TRUMP}”.", "Xi"),
        (f"Trump quoted Xi as saying: “{TRUMP}”.", "Xi"),
        # A text that does not have these words.
        (f"The joint statement says: “{PASSAGE}”.", "The joint statement"),
        (f"According to the treaty, “{TRUMP}”.", "the treaty"),
        (f"The agreement says: “{PASSAGE}”.", "The agreement"),
        (f"The document says: “{PASSAGE}”.", "The document"),
        *(
            (f"{says} “{TRUMP}”.", "Shigeru Ishiba")
            for says in ("In Ishiba's words,", "Ishiba reiterated", "Ishiba demanded",
                         "Ishiba used the phrase", "Ishiba hailed", "Ishiba praised",
                         "Ishiba underscored", "Ishiba claimed", "Ishiba told reporters")
        ),
    ],
)  # fmt: skip
def test_words_of_somebody_else_are_altered(client: httpx.Client, draft: str, typed: str) -> None:
    item = only(client, draft)
    assert item["verdict"] == "altered"
    assert [(one["kind"], one["draft"]) for one in item["differences"]] == [("speaker", typed)]


@pytest.mark.parametrize(
    "draft",
    [
        f"Trump said “{TRUMP},” and Ishiba said he agreed.",
        f"Trump said “{TRUMP}”, Ishiba added that he agreed.",
        "Red Nation Today wrote: “Both leaders expressed strong opposition”.",
        f"The President said: “{TRUMP}”.",
        f"“{TRUMP},” the president said.",
        f"“{TRUMP},” the American president said.",
        f"According to the U.S. government, “{TRUMP}”.",
        f"“{TRUMP},” Trump told the Japanese prime minister.",
        f"Trump said “{TRUMP},” and the Japanese prime minister added that he agreed.",
        f"In Trump's own words, “{TRUMP}”.",
        f"“{TRUMP},” he said Monday.",
        f"“{TRUMP},” he said Feb. 7.",
        f"“{TRUMP},” he said, according to Kyodo News.",
        f"He told Fox News: “{TRUMP}”.",
        f"One said: “{TRUMP}”.",
        f"Standing beside Ishiba, Trump said: “{TRUMP}”.",
        f"Yesterday Trump said: “{TRUMP}”.",
        f"U.S. President Donald J. Trump said: “{TRUMP}”.",
        f"“{ISHIBA},” Ishiba told Trump.",
        f"Trump, who was not alone, said: “{TRUMP}”.",
        f"Trump himself said: “{TRUMP}”.",
        f"Trump, in a meeting with Ishiba, said: “{TRUMP}”.",
        f"Trump was quoted as saying: “{TRUMP}”.",
        f"Ishiba was told by Trump: “{TRUMP}”.",
        f"“{TRUMP},” Trump told a reporter.",
        f"According to Trump's remarks, “{TRUMP}”.",
        f"The article says: “{PASSAGE}”.",
        "The joint statement says: “their determination to pursue a new golden age for U.S.-Japan”",
    ],
)
def test_who_said_it_first_said_it(client: httpx.Client, draft: str) -> None:
    assert only(client, draft)["verdict"] == "verbatim"


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (f"Trump never said: “{TRUMP}”.", "never said"),
        (f"It is false that Trump said “{TRUMP}”.", "false that Trump said"),
        (f"Nobody said “{TRUMP}”.", "Nobody said"),
        (f"Trump denied that he said “{TRUMP}”.", "denied that"),
        (f"“{TRUMP},” Trump didn't say.", "didn't say"),
        (f"Trump refused to say “{TRUMP}”.", "refused to say"),
        (f"Trump rejected the claim that he said “{TRUMP}”.", "rejected the claim"),
        (f"Trump was falsely quoted as saying “{TRUMP}”.", "falsely quoted"),
        (f"A fake quote has Trump saying “{TRUMP}”.", "fake quote"),
        (f"Trump did not tell Ishiba: “{TRUMP}”.", "did not tell"),
    ],
)
def test_what_is_said_not_to_be_said_is_not_verbatim(
    client: httpx.Client, draft: str, said: str
) -> None:
    item = only(client, draft)
    assert item["verdict"] == "altered"
    assert [(one["kind"], one["draft"]) for one in item["differences"]] == [("negation", said)]


@pytest.mark.parametrize(
    ("speaker", "verdict"),
    [
        ("The G7", "verbatim"),
        ("G7 leaders", "verbatim"),
        ("The communiqué", "verbatim"),
        ("The document", "verbatim"),
        ("The Hiroshima communiqué", "verbatim"),
        ("The G7 Hiroshima Leaders\u2019 Communiqué", "verbatim"),
        ("The White House", "altered"),
        ("The G20 communiqué", "altered"),
        ("The treaty", "altered"),
        ("Joe Biden", "altered"),
    ],
)
def test_a_text_of_leaders_is_theirs_and_not_of_who_published_it(
    hiroshima: httpx.Client, speaker: str, verdict: str
) -> None:
    words = "we commit to providing over $21 billion in total to address the worsening"
    assert only(hiroshima, f"{speaker} said: “{words}”.")["verdict"] == verdict


def test_blanks_in_a_quotation_take_no_longer(client: httpx.Client) -> None:
    began = time.process_time()
    checked(client, f"“a b,{' ' * 60_000}b” x “c d”")
    assert time.process_time() - began < 5  # it took time in their square


@pytest.mark.parametrize(
    "draft",
    [
        "“We will never surrender to the unicorns of the north wind”, Trump said.",
        "“We agreed to surrender”",  # four words are alike by chance
        "“even more closely”, Shigeru Ishiba said.",  # so are they by another speaker
    ],
)
def test_what_is_not_there_is_not_on_record(client: httpx.Client, draft: str) -> None:
    item = only(client, draft)
    assert (item["verdict"], item["matches"]) == ("not_on_record", [])


@pytest.mark.parametrize(
    ("draft", "verdict", "figure"),
    [
        ("Japan announced a $1 trillion investment in the economy.", "on_record", "$1 trillion"),
        ("Japan will invest one thing: USD 1,000,000,000,000.", "on_record", "$1 trillion"),
        ("In the United States, Japan will invest $1 trillion.", "on_record", "$1 trillion"),
        ("$1 trillion for the U.S. was announced by Japan.", "on_record", "$1 trillion"),
        # Who gives it, is to be given it.
        ("The United States announced a $1 trillion investment in Japan.", "not_on_record", None),
        ("The U.S. will invest $1 trillion in Japan.", "not_on_record", None),
        ("A $1 trillion investment in Japan was announced by the U.S.", "not_on_record", None),
        ("The U.S. announced a $2 trillion investment in Japan's economy.", "not_on_record", None),
        ("Japan announced a $2 trillion investment in the economy.", "differs", "$1 trillion"),
        # Another currency, actor or thing: nobody says that this is wrong.
        ("Japan announced a €2 trillion investment in the economy.", "not_on_record", None),
        ("China announced a $2 trillion investment in the economy.", "not_on_record", None),
        ("Japan gave $5 million for the victims of floods.", "not_on_record", None),
    ],
)
def test_figures_are_compared_with_those_of_whom_the_sentence_names(
    client: httpx.Client, draft: str, verdict: str, figure: str | None
) -> None:
    [item] = [item for item in checked(client, draft)["items"] if item["kind"] == "figure"]
    assert item["verdict"] == verdict
    assert [match["figure"] for match in item["matches"]] == ([figure] if figure else [])
    assert item["sentence"] == draft


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of a record that has quantities: aircraft, a bounded sum, and a deed."""
    folder = tmp_path_factory.mktemp("counted")
    pledges = [
        ("jets", "Delivery of F-35 fighters", [a_measure(18, unit="F-35s")], "promise"),
        ("fund", "A vaccine fund", [a_measure(6e11, currency="USD", bound="up_to")], "promise"),
        ("ship", "Shipment of rice", [a_measure(40_000, unit="tonnes of rice")], "deed"),
    ]  # fmt: skip
    commitments = [
        a_commitment(id=id_, title=title, by=["japan"], measures=measures, act=act)
        for id_, title, measures, act in pledges
    ]
    load([write(folder / "b.json", a_bundle(commitments=commitments))], folder / "own.db")
    with client_of(folder / "own.db") as client:
        yield client


@pytest.mark.parametrize(
    ("draft", "verdict", "figure"),
    [
        ("Japan announced the delivery of 18 F-35s.", "on_record", "18 F-35s"),
        ("Japan announced the delivery of 24 F-35 fighters.", "differs", "18 F-35s"),
        ("Japan announced the delivery of 24 tanks and F-35 fighters.", "not_on_record", None),
        ("Japan did not announce the delivery of 24 F-35 fighters.", "not_on_record", None),
        ("China announced the delivery of 24 F-35 fighters.", "not_on_record", None),
        ("Japan grounded 24 F-35s.", "not_on_record", None),
        ("Japan and the UK announced the delivery of 18 F-35s.", "not_on_record", None),
        ("Japan announced a vaccine fund of up to $600 billion.", "on_record",
         "up to $600 billion"),
        ("Japan announced a vaccine fund of $600 billion.", "differs", "up to $600 billion"),
        ("Japan announced a vaccine fund of at least $600 billion.", "differs",
         "up to $600 billion"),
        ("The shipment of rice by Japan was 40,000 tonnes of rice.", "on_record",
         "40,000 tonnes of rice"),
        # What was done was promised by nobody.
        ("Japan promised the shipment of 40,000 tonnes of rice.", "not_on_record", None),
    ],
)  # fmt: skip
def test_quantities_are_compared_with_what_they_are_said_of(
    counted: httpx.Client, draft: str, verdict: str, figure: str | None
) -> None:
    [item] = [item for item in checked(counted, draft)["items"] if item["kind"] == "figure"]
    assert item["verdict"] == verdict
    assert [match["figure"] for match in item["matches"]] == ([figure] if figure else [])


def a_sum(value: float, **given: Any) -> Json:
    """A sum of dollars."""
    return a_measure(value, currency="USD", **given)


def an_event(status: str, date: str, passage: str) -> Json:
    """What came of a promise, as a passage of the report tells of it."""
    proof = {"document": "report", "passage": passage, "attribution": "reported"}
    return {"status": status, "date": date, "evidence": [proof]}


@pytest.fixture(scope="module")
def pledged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server of sums that are promised, given, reported and aimed at."""
    folder = tmp_path_factory.mktemp("pledged")
    came_of_it = [
        an_event("under_way", "2025-07-22", "terms for $550 billion were agreed on 22 July 2025"),
        an_event("under_way", "2026-01", "the first $60 billion had been invested by then"),
        an_event("under_way", "2026-02", "another $5 billion had not been invested by then"),
    ]
    g7 = {"by": ["g7"], "kind": "public_spending"}
    able = "reforms that can add up to $50 billion of financing capacity"
    commitments = [
        a_commitment(
            id="invest", title="$1 trillion investment in the U.S. economy", by=["japan"],
            to=["united-states"], measures=[a_sum(1e12)], events=came_of_it, status=None,
        ),
        a_commitment(id="crises", title="Over $21 billion for humanitarian crises, to be provided",
                     measures=[a_sum(21e9, bound="more_than")], **g7),
        a_commitment(id="food", title="$14 billion for global food security, promised in Elmau",
                     measures=[a_sum(14e9)], **g7),
        a_commitment(id="roads", title="$9 billion of roads, built by 2020", status="done",
                     measures=[a_sum(9e9)], **g7),
        a_commitment(id="health", title="More than $48 billion contributed to global health",
                     act="report", measures=[a_sum(48e9, bound="more_than", role="stated")], **g7),
        a_commitment(id="banks", title="Up to $50 billion of added financing capacity",
                     act="report", measures=[a_sum(50e9, bound="up_to", role="stated")],
                     evidence=[a_proof("title", "by", "measures", passage=able)], **g7),
        a_commitment(id="rights", title="Ambition of $100 billion in channeled rights",
                     act="report", measures=[a_sum(1e11, role="goal")], **g7),
        a_commitment(id="rails", title="$3 billion for railways", by=["south-korea"],
                     measures=[a_sum(3e9)]),
        a_commitment(id="wind", title="150 GW more offshore wind by 2030", due="2030", by=["g7"],
                     measures=[a_measure(150, unit="GW of offshore wind", by="2030")]),
        a_commitment(id="power", title="Climate-neutral power sector by 2035", due="2035",
                     by=["g7"]),
        a_commitment(id="water", title="$8 billion for clean water by 2028", due="2028",
                     measures=[a_sum(8e9, by="2028")], **g7),
        a_commitment(id="ports", title="$4 to $6 billion for ports",
                     measures=[a_sum(4e9, upper=6e9, bound="between")], **g7),
        a_commitment(id="parks", title="About $7 billion for parks",
                     measures=[a_sum(7e9, bound="about")], **g7),
        a_commitment(id="plastic", title="No additional plastic waste by 2040", due="2040",
                     by=["g7"]),
        a_commitment(id="nuclear", title="Less dependence on nuclear fuels", by=["g7"]),
        a_commitment(id="fossil", title="Elimination of wasteful fossil subsidies", by=["g7"]),
        a_commitment(id="labor", title="Eradication of forced labor", by=["g7"]),
        a_commitment(id="loss", title="Halt and reversal of forest loss", by=["g7"]),
        a_commitment(id="harm", title="Harmful incentives redirected or eliminated", by=["g7"]),
    ]  # fmt: skip
    names = ("japan", "united-states", "united-kingdom", "south-korea", "north-korea", "china")
    actors = [*map(an_actor, names), an_actor("g7", title="G7", kind="alliance")]
    bundle = a_bundle(actors=actors, commitments=commitments)
    load([write(folder / "b.json", bundle)], folder / "own.db")
    with client_of(folder / "own.db") as client:
        yield client


@pytest.mark.parametrize(
    ("draft", "verdict", "figure", "differing"),
    [
        # Over is more than, but of what somebody has power over.
        ("The G7 promised over $21 billion for humanitarian crises.", "on_record",
         "more than $21 billion", {}),
        ("The G7 promised $21 billion for humanitarian crises.", "differs",
         "more than $21 billion", {"bound": ("$21 billion", "more than $21 billion")}),
        ("The G7 promised $21 billion or more for humanitarian crises.", "differs",
         "more than $21 billion", {"bound": ("$21 billion or more", "more than $21 billion")}),
        ("The G7 promised over $14 billion for global food security.", "differs",
         "$14 billion", {"bound": ("over $14 billion", "$14 billion")}),
        ("The G7 promised $14 billion+ for global food security.", "differs",
         "$14 billion", {"bound": ("$14 billion+", "$14 billion")}),
        ("The G7 promised nearly $25 billion for humanitarian crises.", "differs",
         "more than $21 billion", {"number": ("nearly $25 billion", "more than $21 billion")}),
        ("The G7 will provide $14 billion for global food security.", "on_record",
         "$14 billion", {}),
        ("The G7 provided $14 billion for global food security.", "differs", "$14 billion",
         {"act": ("provided", "promise")}),
        # What is nearly so is less exact than what is so.
        *(
            (f"The G7 promised {about} $14 billion for global food security.", "differs",
             "$14 billion", {"bound": (f"{about} $14 billion", "$14 billion")})
            for about in ("nearly", "almost", "about", "roughly", "some", "around")
        ),
        ("The G7 promised roughly $7 billion for parks.", "on_record", "about $7 billion", {}),
        ("The G7 promised $7 billion for parks.", "differs", "about $7 billion",
         {"bound": ("$7 billion", "about $7 billion")}),
        # A range is one figure.
        *(
            (f"The G7 promised {ports} for ports.", "on_record", "$4 billion to $6 billion", {})
            for ports in ("$4-6 billion", "$4 to $6 billion", "between $4 and $6 billion",
                          "$4 billion-$6 billion", "4 to 6 billion dollars")
        ),
        ("The G7 promised $4 billion for ports.", "differs", "$4 billion to $6 billion",
         {"bound": ("$4 billion", "$4 billion to $6 billion")}),
        ("The G7 promised $14-20 billion for global food security.", "differs", "$14 billion",
         {"number": ("$14-20 billion", "$14 billion")}),
        # Capitals say nothing where all is in them.
        ("JAPAN TO INVEST $1 TRILLION IN U.S. ECONOMY", "on_record", "$1 trillion", {}),
        ("JAPAN TO INVEST $1 TRILLION IN UK ECONOMY", "not_on_record", None, {}),
        ("JAPAN TO INVEST $1 TRILLION IN LATIN AMERICA", "not_on_record", None, {}),
        # The record of the same figure or purpose, and never one that has a word of sums with it.
        ("The G7 promised $48 billion for global health.", "differs", "more than $48 billion",
         {"bound": ("$48 billion", "more than $48 billion"), "act": ("promised", "report")}),
        ("The G7 contributed $48 billion to global health.", "differs", "more than $48 billion",
         {"bound": ("$48 billion", "more than $48 billion")}),
        ("The G7 contributed more than $48 billion to global health.", "on_record",
         "more than $48 billion", {}),
        ("The G7 promised more than $48 billion to global mental health.", "not_on_record",
         None, {}),
        ("The G7 promised $48 billion for food security.", "differs", "$14 billion",
         {"number": ("$48 billion", "$14 billion")}),
        ("The G7 contributed $48 billion.", "differs", "more than $48 billion",
         {"bound": ("$48 billion", "more than $48 billion")}),
        # What is promised is not done, but as far as an event says so.
        ("Japan invested $60 billion in the United States.", "on_record", "$60 billion", {}),
        ("$60 billion has been invested by Japan in the United States.", "on_record",
         "$60 billion", {}),
        ("Japan invested over $60 billion in the United States.", "differs", "$60 billion",
         {"bound": ("over $60 billion", "$60 billion")}),
        ("Japan will invest $60 billion in the United States.", "differs", "$1 trillion",
         {"number": ("$60 billion", "$1 trillion")}),
        ("Japan invested $550 billion in the United States.", "differs", "$60 billion",
         {"number": ("$550 billion", "$60 billion")}),
        ("Japan agreed on terms for $550 billion with the U.S.", "on_record", "$550 billion", {}),
        ("Japan invested $5 billion in the United States.", "differs", "$60 billion",
         {"number": ("$5 billion", "$60 billion")}),
        ("Japan invested $1 trillion in the United States.", "differs", "$1 trillion",
         {"act": ("invested", "promise")}),
        ("Japan has fully invested $1 trillion in the U.S.", "not_on_record", None, {}),
        ("Japan has invested $1 trillion in the U.S. economy.", "differs", "$1 trillion",
         {"act": ("invested", "promise")}),
        ("Japan invested, as it was told, $1 trillion in the U.S. economy.", "differs",
         "$1 trillion", {"act": ("invested", "promise")}),
        ("Japan announced that it has invested $1 trillion in the U.S.", "differs", "$1 trillion",
         {"act": ("invested", "promise")}),
        ("The $1 trillion invested by Japan in the U.S.", "differs", "$1 trillion",
         {"act": ("invested", "promise")}),
        ("$1 trillion will be invested by Japan in the U.S.", "on_record", "$1 trillion", {}),
        ("Japan promised $1 trillion to be invested in the U.S.", "on_record", "$1 trillion", {}),
        ("Japan will have invested $1 trillion in the U.S.", "on_record", "$1 trillion", {}),
        ("The G7 provided over $21 billion for humanitarian crises.", "differs",
         "more than $21 billion", {"act": ("provided", "promise")}),
        ("The G7 built $9 billion of roads.", "on_record", "$9 billion", {}),
        ("Japan Invested $1 Trillion in the United States", "differs", "$1 trillion",
         {"act": ("Invested", "promise")}),
        ("In the United States, Japan Will Invest $1 Trillion", "on_record", "$1 trillion", {}),
        ("The G7 Will Contribute More Than $48 Billion to Global Health", "differs",
         "more than $48 billion", {"act": ("Will", "report")}),
        # What is aimed at, or can be, is not done either.
        ("The G7 channeled $100 billion in rights.", "differs", "$100 billion",
         {"act": ("channeled", "report")}),
        ("The G7 added up to $50 billion of financing capacity.", "differs", "up to $50 billion",
         {"act": ("added", "report")}),
        ("The G7 can add up to $50 billion of financing capacity.", "on_record",
         "up to $50 billion", {}),
        # A verb may stand before another clause.
        ("The G7 pledged, in Rome, more than $48 billion to global health.", "differs",
         "more than $48 billion", {"act": ("pledged", "report")}),
        # The same of others is nobody's difference.
        ("Japan will invest $2 trillion in China.", "not_on_record", None, {}),
        ("Japan will invest $2 trillion in the U.S.", "differs", "$1 trillion",
         {"number": ("$2 trillion", "$1 trillion")}),
    ],
)  # fmt: skip
def test_what_differs_of_a_figure_is_said_and_what_is_promised_is_not_done(
    pledged: httpx.Client,
    draft: str,
    verdict: str,
    figure: str | None,
    differing: dict[str, tuple[str, str]],
) -> None:
    [item] = [item for item in checked(pledged, draft)["items"] if item["kind"] == "figure"]
    assert item["verdict"] == verdict
    assert [match["figure"] for match in item["matches"]] == ([figure] if figure else [])
    differences = item["differences"]
    assert {one["kind"]: (one["draft"], one["source"]) for one in differences} == differing


@pytest.mark.parametrize(
    ("draft", "verdict", "differing"),
    [
        ("The G7 committed to 150 GW of offshore wind by 2030.", "on_record", {}),
        ("The G7 committed to 250 GW of offshore wind by 2030.", "differs",
         {"number": ("250", "150 GW of offshore wind by 2030")}),
        ("The G7 committed to more offshore wind by 250 GW by 2030.", "differs",
         {"number": ("250", "150 GW of offshore wind by 2030")}),
        ("The G7 committed to 150 GW of offshore wind by 2099.", "differs",
         {"number": ("2099", "2030")}),
        ("By 2099, the G7 will have offshore wind.", "differs", {"number": ("2099", "2030")}),
        ("The G7 committed to a climate-neutral power sector by 2035.", "on_record", {}),
        ("THE G7 COMMITTED TO A CLIMATE-NEUTRAL POWER SECTOR BY 2045", "differs",
         {"number": ("2045", "2035")}),
        ("The G7 committed to a climate-neutral power sector by 2045.", "differs",
         {"number": ("2045", "2035")}),
        ("The G7 promised $8 billion for clean water by 2028.", "on_record", {}),
        ("The G7 promised $8 billion for clean water by 2030.", "differs",
         {"number": ("2030", "2028")}),
        ("By 2030, the G7 will contribute $8 billion for clean water.", "not_on_record", {}),
        ("Japan will invest $1 trillion in the U.S. by 2030.", "differs",
         {"number": ("2030", "$1 trillion")}),
        # The year of another figure is none of this one.
        ("Japan will invest $1 trillion in the U.S., and China $2 by 2030.", "on_record", {}),
    ],
)  # fmt: skip
def test_every_number_of_a_sentence_is_one_on_record(
    pledged: httpx.Client, draft: str, verdict: str, differing: dict[str, tuple[str, str]]
) -> None:
    item = checked(pledged, draft)["items"][0]
    assert item["verdict"] == verdict
    differences = item["differences"]
    assert {one["kind"]: (one["draft"], one["source"]) for one in differences} == differing


@given(number=st.integers(2, 2150), claim=st.sampled_from([
    "The G7 committed to offshore wind by {}.", "In {}, the G7 will have offshore wind.",
    "The G7 promised $14 billion for global food security, by {}.",
    "Japan will invest $1 trillion in the U.S. economy until {}.",
]))  # fmt: skip
def test_no_number_is_on_record_that_the_record_does_not_have(
    pledged: httpx.Client, number: int, claim: str
) -> None:
    [item] = checked(pledged, claim.format(number))["items"]
    if item["verdict"] == "on_record":
        assert "wind" in claim
        assert number in {150, 2030}


@pytest.mark.parametrize(
    ("ends", "draft"),
    [
        ("no", "additional plastic waste by 2040"), ("less", "dependence on nuclear fuels"),
        ("the elimination of", "wasteful fossil subsidies"), ("to eradicate", "forced labor"),
        ("to halt", "forest loss"), ("to eliminate", "harmful incentives"),
    ],
)  # fmt: skip
def test_what_is_ended_is_not_promised(pledged: httpx.Client, ends: str, draft: str) -> None:
    ended = only(pledged, f"The G7 pledged {ends} {draft}.")
    assert (ended["kind"], ended["verdict"]) == ("promise", "on_record")
    for pledges in ("pledged", "pledged more", "did not pledge", f"did not pledge {ends}"):
        assert only(pledged, f"The G7 {pledges} {draft}.")["verdict"] == "not_on_record"
    # Nor is what is promised ended.
    reduced = "The G7 pledged to reduce offshore wind by 2030."
    assert only(pledged, reduced)["verdict"] == "not_on_record"


@pytest.mark.parametrize(
    ("draft", "left_out"),
    [
        ("The G7 will use chemical weapons in Syria.", "Accountability"),
        ("The G7 will use cutting-edge technologies for threatening military use.", "Keeping"),
        ("The G7 will eliminate fossil fuel subsidies by 2025.", "inefficient"),
        ("The G7 pledged to phase out fossil fuels.", "Faster \u2026 unabated"),
        ("The G7 pledged a fully decarbonized power sector by 2035.", "predominantly"),
        ("The G7 pledged zero emissions in the road sector by 2050.", "Net"),
        ("The G7 will end plastic pollution by 2040.", "additional"),
        ("The G7 will double the climate finance for mitigation by 2025.", "adaptation"),
        ("The G7 pledged incentives harmful to biodiversity by 2025.", "identified"),
    ],
)
def test_what_limits_a_promise_is_not_left_out(
    hiroshima: httpx.Client, draft: str, left_out: str
) -> None:
    item = only(hiroshima, draft)
    assert item["verdict"] == "differs"
    assert [(one["kind"], one["source"]) for one in item["differences"]] == [("left_out", left_out)]


@pytest.mark.parametrize("often", ["a year", "per year"])
def test_a_sum_is_no_sum_of_each_year(hiroshima: httpx.Client, often: str) -> None:
    item = only(hiroshima, f"The G7 pledged over $21 billion {often} for humanitarian crises.")
    assert item["verdict"] == "differs"
    assert [(one["kind"], one["draft"]) for one in item["differences"]] == [("added", often)]
    once = "The G7 pledged over $21 billion this year for humanitarian crises."
    assert only(hiroshima, once)["verdict"] == "on_record"


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        ("The G7 will intensify support for Ukraine and costs to Russia.", "on_record"),
        ("The G7 will intensify support for Russia and costs to Ukraine.", "not_on_record"),
        ("The G7 will eliminate inefficient fossil fuel subsidies by 2025.", "on_record"),
        ("The G7 will double the climate finance for adaptation by 2025.", "on_record"),
        ("The G7 will identify incentives harmful to biodiversity by 2025.", "on_record"),
    ],
)
def test_whom_a_promise_is_for_is_not_turned_round(
    hiroshima: httpx.Client, draft: str, verdict: str
) -> None:
    assert only(hiroshima, draft)["verdict"] == verdict


def test_a_figure_of_an_event_is_cited_from_its_passage(pledged: httpx.Client) -> None:
    [match] = only(pledged, "Japan invested $60 billion in the United States.")["matches"]
    assert match["text"] == "the first $60 billion had been invested by then"


PROMISES = (
    "will", "promised to", "pledged to", "vowed to", "committed to", "undertook to", "agreed to",
    "is committed to", "has undertaken to", "announced it would", "plans to", "commits to",
)  # fmt: skip


@pytest.mark.parametrize("promises", PROMISES)
def test_words_of_promise_are_read_alike(
    client: httpx.Client, pledged: httpx.Client, promises: str
) -> None:
    item = only(client, f"Japan {promises} participate in the Alaska LNG project.")
    assert (item["kind"], item["verdict"]) == ("promise", "on_record")
    assert only(pledged, f"Japan {promises} invest $1 trillion in the U.S.")["matches"]
    # What the record reports, or tells as done, nobody promised.
    for draft in ("seek closer ties with NATO", "ship missile systems to the U.S."):
        item = only(client, f"Japan {promises} {draft}.")
        assert (item["kind"], item["verdict"]) == ("promise", "not_on_record")
    item = only(pledged, f"The G7 {promises} contribute more than $48 billion to global health.")
    assert [one["kind"] for one in item["differences"]] == ["act"]


@pytest.mark.parametrize("promised", ["promised", "pledged", "vowed", "will seek", "committed to"])
def test_no_report_is_a_promise(client: httpx.Client, promised: str) -> None:
    item = only(client, f"Japan {promised} closer ties with NATO.")
    assert (item["verdict"], item["matches"]) == ("not_on_record", [])


def test_a_promise_that_is_said_to_be_kept_is_none(client: httpx.Client) -> None:
    draft = "Japan announced that it has participated in the Alaska LNG project."
    assert only(client, draft)["verdict"] == "not_on_record"


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        *(
            (f"Japan will invest $1 trillion in {name}.", "on_record")
            for name in ("the United States", "the US", "the U.S.", "the USA", "America",
                         "the United States of America", "America's economy")
        ),
        ("In America, Japan will invest $1 trillion.", "on_record"),
        ("America will invest $1 trillion in Japan.", "not_on_record"),
        ("South Korea pledged $3 billion for railways.", "on_record"),
        ("The Republic of Korea pledged $3 billion for railways.", "on_record"),
        ("Britain pledged $3 billion for railways.", "not_on_record"),
        # A name of two is nobody's, and in a longer name it is another one.
        ("Korea pledged $3 billion for railways.", "not_on_record"),
        ("North Korea pledged $3 billion for railways.", "not_on_record"),
        ("North Korea pledged $4 billion for railways.", "not_on_record"),
        *(
            (f"Japan will invest $1 trillion in {name}.", "not_on_record")
            for name in ("Latin America", "South America", "the Bank of America", "America First")
        ),
    ],
)  # fmt: skip
def test_names_of_a_country_are_read_alike(pledged: httpx.Client, draft: str, verdict: str) -> None:
    assert only(pledged, draft)["verdict"] == verdict


SAID = st.tuples(
    st.sampled_from(["Japan", "The G7", "America", "Korea", "It"]),
    st.sampled_from(["invested", "will invest", "pledged", "gave", "has contributed"]),
    st.sampled_from(["", "over ", "up to ", "about ", "at least "]),
    st.sampled_from(["$21 billion", "$48bn", "$60 billion", "\u20ac1 trillion", "$1 trillion"]),
    st.sampled_from(["", " or more", "+"]),
    st.sampled_from(["humanitarian crises", "global health", "the U.S.", "China", "food security"]),
)


@given(said=SAID)
def test_what_is_on_record_is_promised_or_done_as_it_is_said(
    pledged: httpx.Client, said: tuple[str, ...]
) -> None:
    who, does, bound, figure, more, purpose = said
    [item] = checked(pledged, f"{who} {does} {bound}{figure}{more} for {purpose}.")["items"]
    if item["verdict"] == "on_record":
        [match] = item["matches"]
        is_done = match["record"]["id"] == "health" or match["figure"] == "$60 billion"
        assert is_done == (does in {"invested", "gave", "has contributed"})


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("over $5 billion", "more_than"), ("in excess of $5 billion", "more_than"),
        ("command over 55,000 troops", None), ("not more than $5 billion", "up_to"),
        ("at least $5 billion", "at_least"), ("$5 billion or more", "at_least"),
        ("a $5 billion-plus fund", "at_least"), ("$5bn+ of it", "at_least"),
        ("$5 billion at most", "up_to"), ("$5 billion plus $3 billion", None),
        ("$5 billion more", None), ("close to $5 billion", "about"),
    ],
)  # fmt: skip
def test_how_exact_a_figure_is_stands_before_or_behind_it(text: str, bound: str | None) -> None:
    assert next(sums(text, (0, len(text)))).bound == bound


@pytest.mark.parametrize(
    ("draft", "verdict"),
    [
        ("There are 55,000 U.S. personnel in Japan.", "on_record"),
        ("The move transfers command over 55,000 U.S. personnel in Japan.", "on_record"),
        ("The UK has 55,000 personnel in Japan.", "not_on_record"),
        ("Japan hosts 60,000 U.S. personnel.", "not_on_record"),
        ("The Joint Forces Headquarters has operational command over 60,000 U.S. personnel.",
         "differs"),
    ],
)  # fmt: skip
def test_a_quantity_of_whom_nobody_acts_is_said_of_those_whom_it_concerns(
    client: httpx.Client, draft: str, verdict: str
) -> None:
    assert only(client, draft)["verdict"] == verdict


def test_a_deed_is_no_promise(client: httpx.Client) -> None:
    assert only(client, "Japan promised to ship missile systems.")["verdict"] == "not_on_record"


def test_a_promise_is_looked_up_by_who_makes_it(client: httpx.Client) -> None:
    promised = only(client, "Japan will participate in the Alaska LNG project.")
    assert (promised["kind"], promised["verdict"]) == ("promise", "on_record")
    assert promised["matches"][0]["record"]["id"] == "japan-alaska-lng-participation"
    other = only(client, "Japan will send a man to the moon.")
    assert (other["kind"], other["verdict"]) == ("promise", "not_on_record")
    assert checked(client, "Somebody will send a man to the moon.")["items"] == []


@pytest.mark.parametrize(
    ("draft", "media_type"),
    [
        (f"<p>Trump: <q>We <b>agreed</b> to cooperate</q></p><script>“{TRUMP}”</script>", "html"),
        ("<p>Trump: &ldquo;We agreed to&nbsp;cooperate&rdquo;<!-- “no words here” -->", "html"),
        ("Trump [said](https://a.example/“x-y”): “We *agreed* to cooperate”", "markdown"),
        ("Trump:\n\n> We agreed\n> to cooperate\n\nand left.", "markdown"),
    ],
)
def test_a_place_is_that_in_the_draft_as_it_was_sent(
    client: httpx.Client, draft: str, media_type: str
) -> None:
    item = only(client, draft, f"text/{media_type}")
    assert item["verdict"] == "verbatim"
    assert draft[item["start"] : item["end"]].startswith("We")
    assert draft[item["start"] : item["end"]].endswith("cooperate")


def test_the_same_answer_comes_as_json_page_and_markdown(client: httpx.Client) -> None:
    draft = f"“{TRUMP}” <script>alert(1)</script>"
    plain = checked(client, draft)
    as_json = client.post("/check", json={"text": draft})
    assert as_json.json() == plain
    assert as_json.content == client.post("/check", json={"text": draft}).content
    page = client.post("/check", data={"text": draft}, headers={"accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    assert "Verbatim, cut" in page.text
    assert "&lt;script&gt;alert(1)" in page.text
    assert "<script>alert" not in page.text
    markdown = client.post("/check", content=draft, params={"format": "md"})
    assert markdown.headers["content-type"].startswith("text/markdown")
    assert "## Verbatim, cut: quotation" in markdown.text
    curl = client.post(
        "/check", content=draft, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert curl.json() == plain
    for answer in (as_json, page, markdown):
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers
        assert "set-cookie" not in answer.headers
        assert answer.headers["access-control-allow-origin"] == "*"


def test_the_page_with_the_box_works_without_script(client: httpx.Client) -> None:
    page = client.get("/check", headers={"accept": "text/html"})
    assert '<form class="draft" method="post" action="/check">' in page.text
    assert client.get("/check").json()["items"] == []
    assert client.options("/check").headers["access-control-allow-methods"].endswith("POST")


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"x" * 65_537, "text/plain", 413),
        (b"x" * 600_000, "text/plain", 413),
        (b"\xff\xfe\xfa", "text/plain", 422),
        (b"[1]", "application/json", 422),
        (b'{"text": 5}', "application/json", 422),
        (b'{"text": "\\ud800"}', "application/json", 422),
        (b"%PDF", "application/pdf", 415),
        (b"x", "text/plain; charset=utf-7", 415),
        (b"--x", "multipart/form-data; boundary=x", 415),
    ],
)
def test_what_is_no_draft_is_refused(
    client: httpx.Client, body: bytes, media_type: str, status: int
) -> None:
    response = client.post("/check", content=body, headers={"content-type": media_type})
    assert response.status_code == status
    assert response.json()["status"] == status
    if status == 415 and "charset" not in media_type:
        assert "text=… as application/x-www-form-urlencoded" in response.json()["detail"]


@pytest.mark.parametrize("path", ["/", "/agreements", "/checks", "/check/x", "/health/live"])
def test_nothing_else_is_posted_to(client: httpx.Client, path: str) -> None:
    assert client.post(path, content=b"x").status_code == 405


def test_a_record_that_was_corrected_or_withdrawn_since_is_cited_with_a_warning(
    tmp_path: Path,
) -> None:
    database = tmp_path / "readout.db"
    load([str(SEED)], database)
    bundle = json.loads(SEED.read_text("utf-8"))
    for quote in bundle["quotes"]:
        if quote["id"] == "trump-chinese-economic-aggression":
            quote["summary"] = "The President spoke of the Chinese economic aggression."
    gone = next(q for q in bundle["quotes"] if q["id"] == "ishiba-free-and-open-indo-pacific")
    bundle["quotes"].remove(gone)
    bundle["withdrawn"] = [
        {"type": "quote", "id": gone["id"], "reason": "The source took it back."}
    ]
    later = tmp_path / "later.json"
    later.write_text(json.dumps(bundle), "utf-8")
    load([str(later)], database)
    with server_of(database) as server, httpx.Client(base_url=server.url) as client:
        corrected = only(client, f"“{TRUMP}”")
        assert corrected["verdict"] == "verbatim"
        assert corrected["matches"][0]["state"] == "corrected"
        assert "release 2" in corrected["matches"][0]["warning"]
        withdrawn = only(client, f"“{gone['text']}”")
        assert withdrawn["verdict"] == "verbatim"
        assert withdrawn["matches"][0]["state"] == "withdrawn"
        assert "The source took it back." in withdrawn["matches"][0]["warning"]
        assert withdrawn["matches"][0]["citation"] is None
        before = client.post("/check?as_of=1", content=f"“{TRUMP}”").json()
        assert (before["release"], before["items"][0]["matches"][0]["state"]) == (1, "corrected")


def test_nothing_of_a_draft_is_kept(seeded: Path) -> None:
    words = ("quuxandria", "flibbertine", "zanzibaric", "oberwumble", "krautlingen")
    draft = f"Ishiba said: “{' '.join(words)}”. He gave $7,654,321 {words[0]} to {words[1]}."
    with server_of(seeded, READOUT_LOG_REQUESTS="true", READOUT_LOG_QUERIES="true") as server:
        with httpx.Client(base_url=server.url) as client:
            answer = checked(client, draft)
            for body in (b'{"text": "' + draft.encode(), b"\xff" + draft.encode()):
                headers = {"content-type": "application/json"}
                assert client.post("/check", content=body, headers=headers).status_code == 422
            assert [item["verdict"] for item in answer["items"]] == ["not_on_record"] * 2
            kept = client.get("/metrics").text + client.get("/check").text
        time.sleep(0.3)  # a thread writes the log
        kept += server.log.read_text("utf-8")
        assert "/check" in kept
    for file in seeded.parent.rglob("*"):
        if file.is_file():
            kept += file.read_bytes().decode("latin-1")
    assert [word for word in (*words, "7,654,321", "7654321") if word in kept] == []


@pytest.fixture(scope="module")
def synthetic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set of 1,500 quotes and passages, in words that are put together by chance."""
    folder = tmp_path_factory.mktemp("synthetic")
    files = [str(file) for file in synthesize(folder / "bundles", 200, seed=21)]
    load(files, folder / "readout.db")
    return folder / "readout.db"


def verdicts(database: Path, drafts: list[str]) -> list[Verdict]:
    """The verdicts on the quotation of each draft."""
    release = open_release(database)
    connection = release._idle[0]
    connection.until = perf_counter() + 60
    sources = Sources(lambda sql, binds: connection.execute(sql, binds).fetchall(), release)
    every = [judge(Draft(draft), sources).items for draft in drafts]
    release.retire()
    return [next(i.verdict for i in items if i.kind == "quotation") for items in every]


def _texts(database: Path, count: int) -> list[tuple[str, str]]:
    release = open_release(database)
    sql = "SELECT body FROM record WHERE type IN ('quote', 'commitment') ORDER BY id"
    rows = [json.loads(row[0]) for row in release._connection.execute(sql)]
    release.retire()
    chosen = random.Random(21).sample(rows, count)  # noqa: S311 - chance, no secret
    return [
        (row.get("text") or row["evidence"][0]["exact"], row.get("speaker", {}).get("title", "One"))
        for row in chosen
    ]


def test_no_altered_and_no_invented_words_pass_for_verbatim(synthetic: Path) -> None:
    chance = random.Random(7)  # noqa: S311 - chance, no secret
    every, weights = vocabulary()
    so, altered = [], []
    for text, speaker in _texts(synthetic, 200):
        words = text.rstrip(".").split()
        at = chance.randrange(1, len(words) - 1)
        so.append(f"It was long ago. {speaker} said: “{' '.join(words)}.” Others left.")
        instead = chance.choice([[], ["not", words[at]], ["Ruritania"], ["17", words[at]]])
        said = " ".join([*words[:at], *instead, *words[at + 1 :]])
        altered.append(f'"{said}," {speaker} said on Monday.')
    texts = [" ".join(chance.choices(every, cum_weights=weights, k=12)) for _ in range(200)]
    invented = [f"“{text}”, someone said." for text in texts]
    assert verdicts(synthetic, so).count(Verdict.VERBATIM) >= 196
    judged = verdicts(synthetic, altered)
    assert judged.count(Verdict.VERBATIM) == 0
    assert judged.count(Verdict.ALTERED) >= 190
    assert set(verdicts(synthetic, invented)) == {Verdict.NOT_ON_RECORD}


HOSTILE = [
    '"' * 65_536, "“" * 21_000, "'" * 65_536, "a" * 65_536, '"' + "a " * 32_000 + '"', "<" * 65_536,
    "<a" * 32_000, "<!--" * 16_000, "<script>" * 8_000, "&" * 65_536, "](" * 32_000, "> " * 32_000,
    "\n" * 65_536, "1," * 32_000, "1" * 65_536, "$1 " * 21_000, "." * 65_536, ". A" * 21_000,
    '"a b" ' * 10_000, "“" + "Japan will " * 5_900 + "”", "Japan " * 10_900, "U.S." * 16_000,
    "'a" * 32_000, ("“the of " * 300 + "”" * 300) * 9, '" AND OR NEAR( * "' * 3_600,
    "<" + "a" * 65_000,
    " " * 65_000 + "x", "-" * 65_536, '"a\x00b c"' * 7_000, "日本" * 10_000, "\u0301" * 30_000,
]  # fmt: skip


@pytest.mark.parametrize("media_type", ["text/plain", "text/html", "text/markdown"])
def test_a_hostile_draft_takes_no_longer_than_another(server: Server, media_type: str) -> None:
    with httpx.Client(base_url=server.url, timeout=20) as client:
        for draft in HOSTILE:
            began = time.monotonic()
            headers = {"content-type": media_type}
            answer = client.post("/check", content=draft.encode(), headers=headers)
            # Half a second on a free core; where there is none, it is given up like any query.
            assert answer.status_code in {200, 422, 503}, draft[:20]
            assert time.monotonic() - began < 15, draft[:20]


@given(st.text(max_size=300))
def test_every_place_lies_in_the_draft(text: str) -> None:
    for media_type in ("text/plain", "text/html", "text/markdown"):
        draft = Draft(text, media_type)
        for quotation in draft.quotations():
            assert 0 <= draft.place(quotation.start) <= draft.place(quotation.end) <= len(text) + 1
        ends = [end for part in draft.paragraphs() for _, end in draft.sentences(part)]
        assert ends == sorted(ends)


@given(st.text(max_size=100))
def test_typography_changes_no_word(text: str) -> None:
    keys = [token.key for token in tokens(text)]
    spaced = text.replace(" ", "\u00a0")
    assert [token.key for token in tokens(spaced)] == keys


@pytest.mark.parametrize(
    ("text", "figures"),
    [
        ("worth $1.5 billion in all", [("$1.5 billion", "USD")]),
        ("worth A$20 and 30 euros", [("A$20", "AUD"), ("30 euros", "EUR")]),
        ("EUR 5bn or 5bn EUR", [("EUR 5bn", "EUR"), ("5bn EUR", "EUR")]),
        ("55,000 U.S. troops", [("55,000", None)]),
        ("3.5 % of GDP", [("3.5 %", None)]),
        ("18 F-35s, or 12 Patriot batteries", [("18", None), ("12", None)]),
        ("on 7 February 2025, at 10, the 2nd of two", []),
        (
            "$1-2 trillion, or 30 to 50 percent",
            [("$1-2 trillion", "USD"), ("30 to 50 percent", None)],
        ),
        ("gave $5 million to 30 countries in 2020-2025", [("$5 million", "USD"), ("30", None)]),
        ("$1 and $2 trillion", [("$1", "USD"), ("$2 trillion", "USD")]),
    ],
)
def test_figures_are_read_with_their_currency(
    text: str, figures: list[tuple[str, str | None]]
) -> None:
    every = sums(text, (0, len(text)))
    assert [(text[slice(*one.span)], one.currency) for one in every] == figures


def test_a_match_is_cited_from_its_own_passage_and_names_all_who_say_it(
    client: httpx.Client,
) -> None:
    words = "strong opposition to China\u2019s actions in these areas and reaffirmed their support"
    [match] = only(client, f"“{words}”")["matches"]
    assert match["voice"].startswith("according to Donald Trump and Shigeru Ishiba, as reported ")
    assert match["voice"] in match["citation"]


@pytest.mark.parametrize(
    "body",
    [f"\ufeff“{TRUMP}”".encode(), json.dumps({"text": f"\ufeff“{TRUMP}”"}).encode()],
    ids=["text", "json"],
)
def test_a_mark_of_the_byte_order_counts_as_it_was_sent(client: httpx.Client, body: bytes) -> None:
    media_type = "application/json" if body.startswith(b"{") else "text/plain"
    answer = client.post("/check", content=body, headers={"content-type": media_type}).json()
    [item] = answer["items"]
    assert f"\ufeff“{TRUMP}”"[item["start"] : item["end"]] == TRUMP
    assert (item["text"], answer["characters"]) == (TRUMP, len(TRUMP) + 3)
    assert client.post("/check", content="\ufeff".encode()).status_code == 422


def test_addresses_of_a_citation_in_markdown_can_be_pasted(client: httpx.Client) -> None:
    draft = f"“{TRUMP}”"
    markdown = client.post("/check", content=draft, params={"format": "md"}).text
    [match] = only(client, draft)["matches"]
    addresses = re.findall(r"https?://\S+?(?=[;,]?(?:\s|$))", match["citation"])
    assert len(addresses) == 2
    assert [address for address in addresses if f"<{address}>" not in markdown] == []


@pytest.mark.parametrize(
    ("method", "path", "advice"),
    [
        ("GET", "/mcp", "requests of the Model Context Protocol with POST"),
        ("PUT", "/check", "send the draft with POST: curl --data-binary @draft.txt"),
        ("POST", "/mcp/", "/mcp has no slash at its end"),
        ("POST", "/quotes", "use GET (with curl and --data: -G)"),
    ],
)
def test_a_method_that_is_not_there_says_which_is(
    client: httpx.Client, method: str, path: str, advice: str
) -> None:
    assert advice in client.request(method, path).json()["detail"]


def test_who_begins_at_the_root_learns_of_checks_and_assistants(client: httpx.Client) -> None:
    index = client.get("/").json()
    assert (index["check"], index["mcp"]) == ("/check", "/mcp")
    for words in ("/check): `POST`", "/mcp` speaks the Model Context Protocol"):
        assert words in client.get("/llms.txt").text
