"""What a search finds, by whatever name, form or script it is asked; and what it suggests."""

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import feedparser  # type: ignore[import-untyped] # it has no types
import httpx2 as httpx
import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from app.figures import numbers
from app.records import title_of
from app.representations.pages.rows import marked_title
from app.store.marks import marked
from app.store.search import Search
from app.vocabulary import RecordType
from tests.builders import a_bundle, a_commitment, a_quote, an_actor, an_agreement, write
from tests.conftest import client_of, load
from tests.test_list_pages import Page, leads_to, text
from tests.test_lists import ids

WORLD = a_bundle(
    actors=[
        an_actor(),
        an_actor("united-states", title="United States", aliases=["U.S."], country="US"),
        an_actor("india", title="India", country="IN"),
        an_actor("store", title="Jonas Gahr Støre", kind="person", aliases=["Støre"]),
        an_actor("walesa", title="Lech Wałęsa", kind="person"),
        an_actor("diyarbakir", title="Diyarbak\u0131r", kind="place"),
        an_actor("salman", title="مُحَمَّد بن سلمان", kind="person"),
        an_actor("ministry", title="Außen\u00admini\u00adsterium", kind="government_body"),
        an_actor("jfhq", title="Joint Forces Headquarters", aliases=["JFHQ"], kind="other"),
    ],
    agreements=[
        an_agreement(id="store-visit", title="A visit of Mr Gahr", parties=[{"actor": "store"}]),
        an_agreement(id="us-alone", title="A pact", parties=[{"actor": "united-states"}]),
        an_agreement(id="peace", title="Peace in the region", parties=[]),
        an_agreement(id="hindi", title="हिन्दी भाषा", parties=[]),
        an_agreement(id="thai", title="การประชุมสุดยอด", parties=[]),
    ],
    commitments=[
        a_commitment(id="promise", title="It promised missiles"),
        a_commitment(id="defense", title="Defense of the coast"),
        a_commitment(id="begins", title="Beginning with Washington, D.C."),
    ],
    quotes=[a_quote(text="A “free and open” sea.", speaker="india")],
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("search")
    load([write(folder / "world.json", WORLD)], folder / "readout.db")
    with client_of(folder / "readout.db") as client:
        yield client


@pytest.mark.parametrize(
    ("typed", "first", "others"),
    [
        # Every script, and what cannot be seen.
        ("Store", "store", {"store-visit"}),
        ("støre", "store", {"store-visit"}),
        ("walesa", "walesa", set()),
        ("Diyarbakir", "diyarbakir", set()),
        ("محمد", "salman", set()),
        ("Außenministerium", "ministry", set()),
        ("aussen\u200bministerium", "ministry", set()),
        ("हिन्दी", "hindi", set()),
        ("ประชุม", "thai", set()),
        # Abbreviations and other names.
        ("US", "united-states", {"us-alone"}),
        ("U.S.", "united-states", {"us-alone"}),
        ("USA", "united-states", {"us-alone"}),
        ("usa", "united-states", {"us-alone"}),
        ("America", "united-states", {"us-alone"}),
        ("United States", "united-states", {"us-alone"}),
        ("jfhq", "jfhq", set()),
        ("joint forces headquarters", "jfhq", set()),
        ("Washington DC", "begins", set()),
        # A code is found by its capitals; the same word is a word.
        ("in", "peace", set()),
        ("IN", "india", set()),
        # Forms of words.
        ("promises", "promise", set()),
        ("missile", "promise", set()),
        ('"missiles"', "promise", set()),
        # Either, and phrases as phones type them.
        ("Wałęsa OR Defense", "walesa", {"defense"}),
        ("“free and open”", "words", set()),
    ],
)
def test_a_thing_is_found_as_people_ask(
    typed: str, first: str, others: set[str], world: httpx.Client
) -> None:
    result = world.get("/search", params={"q": typed, "limit": 200})
    found = [hit["id"] for hit in result.json()["items"]]
    assert found[:1] == [first], found
    assert others <= {*found[1:]}


@pytest.mark.parametrize("typed", ['"missile"', '"promises"', "Wałęsa Defense"])
def test_a_phrase_stands_for_itself(typed: str, world: httpx.Client) -> None:
    assert ids(world, f"/search?q={typed}") == []


def test_what_is_found_by_another_name_is_marked(world: httpx.Client) -> None:
    hit = next(h for h in world.get("/search?q=USA").json()["items"] if h["id"] == "us-alone")
    assert [match["field"] for match in hit["matches"]] == ["parties"]
    assert {"text": "United States", "match": True} in hit["matches"][0]["text"]


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("missle", "missile"),
        ("Japan promised washinton", "Japan promised"),
        ("wich missiles promised", "missiles promised"),
        ("zzz", None),
        ("Missiles-Washington", "Missiles Washington"),
        ("American", "United States"),
        ("misile OR coats", "missile OR coast"),
        # Other words than were typed, though they have most of its letters.
        ("coats crest", "coast"),
        ("piece", None),
        ("misuse", None),
    ],
)
def test_what_would_find_something_is_suggested(
    typed: str, query: str | None, world: httpx.Client
) -> None:
    result = world.get("/search", params={"q": typed}).json()
    assert result["total"] == 0
    suggested = {each["query"]: each for each in result["suggestions"]}
    if query is None:
        assert suggested == {}
        return
    assert any(query.split()[0][:5] in each for each in suggested)
    for each in suggested.values():
        assert world.get(each["href"]).json()["total"] == each["total"] > 0
    page = world.get("/search", params={"q": typed, "format": "html"}).text
    assert all(f"<bdi>{each}</bdi>" in page for each in suggested)


WORDS = [
    "Japan", "US", "promises", "defence", "missle", "-pact", "OR", '"free', "de*", "東", "zq",
    "U.S.", "or", '"no missiles"', "(OR", "$1tn", "United", "States", "free-open", "openfree",
]  # fmt: skip


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(st.sampled_from(WORDS), min_size=1, max_size=6))
@example(typed=["the", "OR", "zq"])
def test_every_suggestion_finds_what_it_says(typed: list[str], world: httpx.Client) -> None:
    result = world.get("/search", params={"q": " ".join(typed)})
    if result.status_code == 422:  # no word in it
        return
    for each in result.json()["suggestions"]:
        assert result.json()["total"] == 0
        assert world.get(each["href"]).json()["total"] == each["total"] > 0


@pytest.mark.parametrize("word", [word for word in WORDS if word.isalnum() and word != "OR"])
def test_what_begins_so_is_at_least_what_is_called_so(word: str, world: httpx.Client) -> None:
    found = [world.get("/search", params={"q": q, "limit": 200}).json() for q in (word, f"{word}*")]
    exact, begun = ({hit["href"] for hit in result["items"]} for result in found)
    assert exact <= begun


SUMMITS = a_bundle(
    actors=[
        an_actor(),
        an_actor("united-states", title="United States", aliases=["U.S."], country="US"),
        an_actor("south-korea", title="Republic of Korea", country="KR"),
        an_actor("niger", title="Niger", country="NE"),
        an_actor("g7", title="Group of Seven", aliases=["G7"], kind="alliance"),
        an_actor("un", title="United Nations", aliases=["UN"], kind="international_organization"),
        an_actor("trump", title="Donald Trump", aliases=["Trump"], kind="person"),
        an_actor("zelenskyy", title="Volodymyr Zelenskyy", kind="person"),
    ],
    agreements=[
        an_agreement(id=f"agreement-{at}", title=title, parties=[])
        for at, title in enumerate(
            [
                "The Group of Seven on Ukraine",
                "Russian forces and Russia",
                "Net zero by 2050, and de-risking",
                "Article V covers the islands",
                "Ishiba met President Biden in Alaska",
                "$21 billion for those in need",
                "Refugees at home",
                "55,000 service members, some of them troops",
                "$1 trillion, of which 600 billion later",
                "Mitigation of SDRs must rise, been halted, halt, stated by the Union",
                "Prime deployment to counter crises, by force of control in Hong Kong",
                "Sanctioned macro putting in each country, with cooperation and a tariff",
                "The United States and South Korea",
                "Defense and health, and nothing defined",
                "A supply chain",
                "A tariff on each chain of supply",
                "Supplies to China, and more of China in the West",
                "Extended deterrence",
                "What deters others",
                "The Senkaku Islands",
                "Another climate, as dollars buy steel",
                "Three percent of one",
                "Non-proliferation, and anti-corruption measures that are not able",
            ]
        )
    ],
)


@pytest.fixture(scope="module")
def summits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("summits")
    load([write(folder / "summits.json", SUMMITS)], folder / "readout.db")
    with client_of(folder / "readout.db") as client:
        yield client


def suggested_to(client: httpx.Client, typed: str) -> list[str]:
    result = client.get("/search", params={"q": typed}).json()
    assert result["total"] == 0, typed
    for each in result["suggestions"]:
        assert client.get(each["href"]).json()["total"] == each["total"] > 0
    return [each["query"] for each in result["suggestions"]]


@pytest.mark.parametrize(
    ("typed", "queries"),
    [
        # Fewer words, beside numbers and names that hold a digit.
        ("what did the G7 sign on Ukraine", ["G7 Ukraine", "G7"]),
        ("who attended the g7 dinner", ["g7"]),
        ("60,000 troops", ["troops"]),
        ("55,000 zzz troops", ["55,000 troops"]),
        ("55,000 islands", ["55,000", "islands"]),
        ("1 2 zzz islands", ["islands"]),
        ("three trillion dollars", []),
        ("forty-three percent of steel", ["steel"]),
        ("three islands", ["islands"]),
        ("Article 5", ["Article"]),
        ("japan 2026", ["japan"]),
        ("more than $21 billion for refugees", ['"$21 billion"', "refugees"]),
        ("$22 billion for refugees", ["refugees"]),
        ("$1 billion for refugees", ["refugees"]),
        ("21 billion euros for refugees", ["refugees"]),
        ("1 trilion for refugees", ['"1 trillion"', "refugees"]),
        ("anything about climate", ["climate"]),
        ("anything", []),
        ("nobody climate", []),
        # What finds the same as another with more words says nothing.
        ("president biden zzz", ["president biden"]),
        # A phrase without its marks, where the words stand apart.
        ('"Korea Republic of"', ["korea republic of"]),
        ('"Ukraine Seven"', ["ukraine seven"]),
        # A name is one, and as it was typed.
        ("U.S. tariffs zzz", ["U.S.", "tariffs"]),
        ("United States zzz", ["United States"]),
        ("UN zzz", ["UN"]),
        ("U.S.-Japan zzz", ["U.S.", "Japan"]),
        ("zzz -South Korea Ukraine", ["Ukraine -South Korea"]),
        ("unitedstates", ["united states"]),
        ("Kim Jong Un", []),
        # In another language it is nothing within the name of another.
        ("Nippon Steel", ["Steel"]),
        ("Central America", []),
        # One word that is two of the record, and the other way round.
        ("netzero", ['"net zero"']),
        ("derisking", ['"de risking"']),
        ("nonproliferation", ['"non proliferation"']),
        ("anticorruption zzz", ['"anti corruption"']),
        ("notable", []),
        ("co-operation zzz", ["cooperation"]),
        ("INDOPACOM", []),
        # A slip of the keyboard.
        ("Isheba", ["ishiba"]),
        ("Isheba*", ["ishiba"]),
        ("Ukrane", ["ukraine"]),
        ("alaksa", ["alaska"]),
        ("Zelensky", ["zelenskyy"]),
        ("Zelenski", ["zelenskyy"]),
        ("trmp", ["trump"]),
        ("Korean", ["korea"]),
        ("tarrif", ["tariff"]),
        ("tarrifs", ["tariff"]),
        ("sancions", ["sanctioned"]),
        ("cooperaton", ["cooperation"]),
        ("former president Biden", ["president Biden"]),
        ("senkakus islands", ["senkaku islands", "islands"]),
        ("Senkakus", ["senkaku"]),
        # The end of a word is missing, though it is a slip of another one, too.
        ("defens", ["defense"]),
        ("healt", ["health"]),
        # Of several words, the one that stands beside the others; of another stem, too.
        ("supply chian", ["supply chain", "supply"]),
        (
            "steel supply chian tariffs",
            ["supply chain tariffs", "supply chain", "steel", "supply", "tariffs"],
        ),
        ("extended deterence", ["extended deterrence"]),
    ],
)
def test_what_is_suggested_asks_for_less_and_for_nothing_else(
    typed: str, queries: list[str], summits: httpx.Client
) -> None:
    assert suggested_to(summits, typed) == queries


@pytest.mark.parametrize(
    "typed",
    [
        "migration", "SDGs", "Musk", "Estados Unidos", "Vereinigte Staaten", "price cap", "rice",
        "beef", "half", "center", "crimes", "Department", "former", "Central", "jong", "Macron",
        "Putin", "corporation", "prize", "rose", "Nigeri", "ukra", "Guine",
    ],
)  # fmt: skip
def test_another_word_is_no_slip(typed: str, summits: httpx.Client) -> None:
    assert suggested_to(summits, typed) == []


def test_a_name_like_what_was_typed_is_like_what_is_wanted(summits: httpx.Client) -> None:
    def near(typed: str) -> str:
        page = summits.get("/search", params={"q": typed, "format": "html"}).text
        return page.partition("with a name like it")[2].partition("</ul>")[0]

    assert "Republic of Korea" in near("Korean")
    assert "Republic of Korea" not in near("Ukrane -Korea")


NUMBERS = ["$21", "21", "billion", "trillion", "1", "600", "2050", "55,000", "000", "zzz", "troops"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=st.lists(
        st.sampled_from([*NUMBERS, "euros", "5 percent", "three", "one"]), min_size=2, max_size=5
    )
)
@example(typed=["1", "billion", "troops"])
@example(typed=["55", "000", "zzz"])
def test_no_suggestion_has_another_number(typed: list[str], summits: httpx.Client) -> None:
    query = " ".join(typed)
    for each in summits.get("/search", params={"q": query}).json()["suggestions"]:
        assert numbers(each["query"]) <= numbers(query)


@pytest.mark.parametrize(
    "typed",
    [
        "february 2026", "1 billion", "$1 million", "1 trillion euros", "Austria",
        "pledge", "Japan not China", "non-japan", "Japan,-China",
        "never investment", "without missiles", "no missiles", '"no missiles"', "other than steel",
        "can't invest",
    ],
)  # fmt: skip
def test_nothing_is_suggested_that_means_something_else(typed: str, client: httpx.Client) -> None:
    result = client.get("/search", params={"q": typed}).json()
    assert (result["total"], result["suggestions"]) == (0, [])


def test_one_currency_is_not_another(client: httpx.Client) -> None:
    for typed in ("$1 trillion", '"US$1 trillion"', "1 trillion dollars", "$"):
        assert client.get("/search", params={"q": typed}).json()["total"] == 5, typed
    for typed in (
        "A$1 trillion",
        "$1 billion",
        "\u00a51 trillion",
        "\u20ac1 trillion",
        "\u00a51tn",
        "1 trillion yen",
    ):
        result = client.get("/search", params={"q": typed}).json()
        assert result["total"] == 0, typed
        assert not any("$" in each["query"] for each in result["suggestions"])


def test_what_leaves_out_leaves_out_of_suggestions_too(client: httpx.Client) -> None:
    assert client.get("/search?q=alaska").json()["total"] > 2
    for typed in ("alaksa -steel", "alaksa AND NOT steel", 'alaksa -"U.S. Steel"'):
        result = client.get("/search", params={"q": typed}).json()
        assert result["total"] == 0
        [first] = result["suggestions"]
        assert (first["query"].split(" -")[0], first["total"]) == ("alaska", 2)
        assert client.get(first["href"]).json()["total"] == 2


def test_words_that_ask_are_no_suggestion(client: httpx.Client) -> None:
    every = client.get("/search?q=what+did+japan+zzzz+invest").json()["suggestions"]
    assert every[0]["query"] == "japan invest"
    for each in every:
        assert not {"what", "did"} & set(each["query"].split())
        assert client.get(each["href"]).json()["total"] == each["total"] > 0
    assert client.get("/search?q=which+who+zzzzz").json()["suggestions"] == []


ASKED = [
    "japan", "US", "usa", "America", "JP", "prc", "ROK", "DPRK", "NATO", "日本", "missiles",
    "missile", "promised", "invest", "steel", "islands", "agree", "trump", "zzz", "WHO",
]  # fmt: skip


# Titles that differ in what they say, and hardly in their words.
SAID = {
    "health": "WHO and its funds",
    "those": "Those who agreed on funds",
    "trillion": "A fund of $1 trillion",
    "billion": "A fund of $1 billion",
    "tn": "A fund of 1tn USD",
    "euros": "A fund of \u20ac1 trillion",
    "two": "2+2 talks on funds",
    "share": "Funds of 2% of income",
    "seven": "Funds of 7 per cent",
    "less": "Funds of 0.7 percent",
    "troops": "Funds for 55,000 troops",
    "america": "Funds for South America",
    "organise": "To organise defence",
    "it": "IT for it",
    "day": "Money from 7 February 2025",
    "month": "Money in February 2025",
    "its": "More IT in it",
    "g-7": "The G-7 and its summit",
    "imports": "Steel that is imported",
    "warming": "A limit of 1.5\u00b0C",
    "warmer": "Below 1.5 degrees Celsius",
    "hotter": "It was 1.5C, or 2.5 degrees",
    "importance": "The important meeting",
    "quoted": "An agreement on quotes of prices in Japan",
}
NAMED = a_bundle(
    actors=[
        an_actor(),
        an_actor("who", title="World Health Organization", kind="alliance", aliases=["WHO"]),
        an_actor("g7", title="Group of Seven", kind="alliance", aliases=["G7"]),
        an_actor("dprk", title="Democratic People\u2019s Republic of Korea", country="KP"),
        an_actor("south-korea", title="Republic of Korea", country="KR"),
        an_actor("us", title="United States", country="US"),
        an_actor("steel", title="Steel of Japan", kind="company"),
    ],
    agreements=[an_agreement(id=id_, title=title, parties=[]) for id_, title in SAID.items()],
    quotes=[a_quote(text="We agreed to pay in Japan.", speaker="japan", id="words")],
    commitments=[
        a_commitment(id="pledge", title="It pays money"),
        a_commitment(id="told", title="It is told of money", act="report", status="not_stated"),
    ],
)


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("named")
    load([write(folder / "named.json", NAMED)], folder / "readout.db")
    with client_of(folder / "readout.db") as client:
        yield client


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        # In capitals it is another word, unless everything is.
        ("WHO", "who health"),
        ("World Health Organization", "who health"),
        ("who", "those"),
        ("IT", "it its"),
        ("THOSE WHO AGREED ON FUNDS", "those"),
        # Little words need not stand there, and whose something is is none.
        ("what are the funds of WHO", "health"),
        (
            "funds or organise",
            " ".join(
                sorted({id_ for id_, title in SAID.items() if "und" in title} | {"organise", "who"})
            ),
        ),
        ("funds in May", ""),
        ("s. korea", "south-korea"),
        ("s", ""),
        # A sum is one thing, however it is written; a number is no part of another one.
        ("$1 trillion", "trillion tn"),
        ("US$1 trillion", "trillion tn"),
        ("1 trillion dollars", "trillion tn"),
        ("USD 1 tn", "trillion tn"),
        ("$1tn", "trillion tn"),
        ("$1T", "trillion tn"),
        ("one trillion dollars", "trillion tn"),
        ("one billion US dollars", "billion"),
        ("1 trillion", "trillion tn euros"),
        ("1tn EUR", "euros"),
        ("$1 billion", "billion"),
        ("$1,000 billion", "trillion tn"),
        ("$1,000,000,000,000", "trillion tn"),
        ("1000bn dollars", "trillion tn"),
        ("$0.001 trillion", "billion"),
        ("2025-02-07", "day"),
        ("Feb. 7, 2025", "day"),
        ("2025-02", "day month"),
        ("feb 2025", "day month"),
        ("\u00a51 trillion", ""),
        ("2%", "share"),
        ("2 percent", "share"),
        ("two per cent", "share"),
        ("zero point seven percent", "less"),
        ("A 0.7% share", ""),
        ("two trillion -two percent", ""),
        ("7%", "seven"),
        ("0.7 per cent", "less"),
        ("1.5 degrees", "warming warmer hotter"),
        ("1.5C", "warming warmer hotter"),
        ("2.5 \u00b0C", "hotter"),
        ("0.5\u00b0", ""),
        ("55000", "troops"),
        ("55,000 troops", "troops"),
        ("000", ""),
        # Names within others, in other languages, in any case and spelling.
        ("America", "us america"),
        ("South America", "america"),
        ("America First", ""),
        ("Nippon", "japan steel quoted words"),
        ("Nippon Steel", ""),
        ("rok", "south-korea"),
        ("Dprk", "dprk"),
        ("G-7", "g7 g-7"),
        ("g7 summit", "g-7"),
        ("organization", "who organise"),
        ("organizing defense", "organise"),
        ("import", "imports"),
        ("of importance", "importance"),
        # What the records of a type are called.
        ("Japan quotes", "quoted words"),
        ("promises of money", "pledge"),
        ("commitments of money", "pledge told"),
        # What begins so is found with its other names, too.
        ("ameri*", "us america"),
        ("republic of kor*", "south-korea"),
        ("group of sev*", "g7 g-7"),
        ("\u65e5\u672c*", "japan steel quoted words"),
        ("nippo*", "japan steel quoted words"),
    ],
)
def test_what_is_like_it_is_not_found(typed: str, found: str, named: httpx.Client) -> None:
    items = named.get("/search", params={"q": typed, "limit": 200}).json()["items"]
    assert {hit["id"] for hit in items} == {*found.split()}
    first = named.get("/search", params={"q": typed, "limit": 1}).json()
    assert first["total"] == len(items)
    assert all(hit["matches"] for hit in items)


@pytest.mark.parametrize(
    "typed", ["Japan quotes", "promises of money", "commitments of money", "pays -quotes", "actors"]
)
def test_a_type_is_asked_by_its_word_whether_or_not_it_is_by_its_name(
    typed: str, named: httpx.Client
) -> None:
    result = named.get("/search", params={"q": typed, "facet": "type"}).json()
    counts = {each["value"]: each["count"] for each in result["facets"]["type"]}
    for kind in RecordType:
        alone = named.get("/search", params={"q": typed, "type": kind.value}).json()
        of_list = named.get(f"/{kind.plural}", params={"q": typed}).json()
        assert alone["total"] == of_list["total"] == counts.get(kind.value, 0), kind


@pytest.mark.parametrize("word", [*ASKED, "korea", "shipment", "Korea*", '"invest"', "US-Japan"])
@pytest.mark.parametrize("more", ["", "&type=commitment", "&topic=defense", "%20-steel"])
def test_a_total_is_the_number_of_hits(word: str, more: str, client: httpx.Client) -> None:
    # Of one word alone it was counted when the release was loaded; a page with all hits has no
    # need of it.
    found = f"/search?q={word}{more}"
    every = client.get(f"{found}&limit=200").json()["items"]
    assert client.get(f"{found}&limit=1").json()["total"] == len(every)


@settings(max_examples=60)
@given(one=st.sampled_from(ASKED), other=st.sampled_from(ASKED))
@example(one="missiles", other="usa")
@example(one="steel", other="USA")
def test_or_and_minus_find_what_they_say(one: str, other: str, client: httpx.Client) -> None:
    def total(q: str) -> int:
        return int(client.get("/search", params={"q": q, "limit": 1}).json()["total"])

    assert total(one) + total(f"-{one}") == total("-zzzz")
    assume(not total(f'"{one} {other}"'))  # which may be a name of its own
    both = total(f"{one} {other}")
    assert total(f"{one} OR {other}") == total(one) + total(other) - both
    assert total(f"{one} -{other}") == total(f"{one} NOT {other}") == total(one) - both


@pytest.mark.parametrize(
    ("typed", "like"),
    [
        ("North Korea OR Japan", '"North Korea" OR JP'),
        ("Japan OR South Korea", 'JP OR "South Korea"'),
        ("-North Korea", '-"North Korea"'),
        ("-Russian Federation", '-"Russian Federation"'),
        ("japan NOT North Korea", 'japan -"North Korea"'),
        ("japan OR United States", "japan OR USA"),
        ("Japan -People's Republic of China", "Japan -China"),
        (
            "china OR Democratic People's Republic of Korea",
            'china OR "Democratic People\'s Republic of Korea"',
        ),
        ("China -President Trump", "China -Trump"),
        ("Japan -the United States", "Japan -USA"),
        ("Japan -$1 trillion", 'Japan -"$1 trillion"'),
        ("NATO OR $1 trillion", 'NATO OR "$1 trillion"'),
        ("Japan \uff0dChina", "Japan -China"),
        ("Japan || China", "Japan OR China"),
        # A name within a longer one of another is not meant.
        ("Republic of China", "Taiwan"),
        ("ROK", "South Korea -zzzz"),
    ],
)
def test_a_name_of_several_words_is_one(typed: str, like: str, client: httpx.Client) -> None:
    one, other = (
        client.get("/search", params={"q": q, "limit": 200}).json()["items"] for q in (typed, like)
    )
    assert {hit["href"] for hit in one} == {hit["href"] for hit in other}


def test_a_name_within_the_name_of_another_is_not_meant(tmp_path: Path) -> None:
    north = "Democratic People\u2019s Republic of Korea"
    titles = [f"Talks with the {north}", "Talks with the Republic of Korea"]
    titles.append(f"Talks of the Republic of Korea on the {north}")
    agreements = [
        an_agreement(id=f"talks-{at}", title=title, parties=[]) for at, title in enumerate(titles)
    ]
    actors = [
        an_actor("rok", title="Republic of Korea", country="KR"),
        an_actor("dprk", title=north, country="KP"),
    ]
    file = write(tmp_path / "a.json", a_bundle(actors=actors, agreements=agreements))
    load([file], tmp_path / "r.db")
    with client_of(tmp_path / "r.db") as world:
        for typed in ("ROK", "KOR", "South Korea", "Republic of Korea"):
            expected = {"talks-1", "talks-2"}
            assert {*ids(world, f"/search?q={typed}&type=agreement")} == expected, typed
            assert ids(world, f"/search?q=-{typed}&type=agreement") == ["talks-0"], typed
        assert len(ids(world, "/search?q=korea&type=agreement")) == 3
        for typed in (north, f'"{north}"', "North Korea", "DPRK"):
            items = world.get("/search", params={"q": typed, "type": "agreement"}).json()["items"]
            assert {hit["id"] for hit in items} == {"talks-0", "talks-2"}, typed
            for hit in items:
                pieces = hit["matches"][0]["text"]
                assert [piece["text"] for piece in pieces if piece["match"]] == [north], typed


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ('"Japan"', "japan"),
        ("President Trump", "donald-trump"),
        ("Prime Minister Ishiba", "shigeru-ishiba"),
        ("the United States", "united-states"),
        ('"united states"', "united-states"),
        ("日本", "japan"),
    ],
)
def test_what_has_the_very_name_is_first(typed: str, first: str, client: httpx.Client) -> None:
    assert client.get("/search", params={"q": typed}).json()["items"][0]["id"] == first


def makers_of(record: dict[str, Any]) -> list[str]:
    """The names of those who said, promised or did something, or agreed."""
    if record["type"] == "quote":
        return [record["speaker"]["title"]]
    if record["type"] == "commitment":
        return [actor["title"] for actor in record["by"]]
    return [party["actor"]["title"] for party in record["parties"]]


@pytest.mark.parametrize("kind", ["quote", "commitment", "agreement"])
def test_every_hit_says_in_every_format_whose_it_is(kind: str, client: httpx.Client) -> None:
    label = {"quote": "Said by", "commitment": "By", "agreement": "Parties"}[kind]
    for record in client.get(f"/{kind}s?limit=200").json()["items"]:
        asked = {"q": title_of(record), "type": kind, "limit": 200}
        makers = makers_of(record)

        def answer(name: str, asked: dict[str, Any] = asked) -> httpx.Response:
            return client.get("/search", params={**asked, "format": name})

        [hit] = [one for one in answer("json").json()["items"] if one["id"] == record["id"]]
        nobody: dict[str, Any] = {"speaker": None, "by": [], "parties": []}
        own = {key: record.get(key, none) for key, none in nobody.items()}
        assert {key: hit[key] for key in nobody} == own
        assert makers_of(hit) == makers
        for key in ("attribution", "according_to", "document"):
            assert hit[key] == record["evidence"][0][key]

        page = Page(client, str(answer("html").request.url))
        [row] = [row for row in page.rows if leads_to(row, record["href"])]
        [who] = [each for each in row.iter("p") if each.get("class") == "who"]
        assert [text(name) for name in who.iter("bdi")] == makers
        assert ("no source says by whom" in text(who)) == (kind == "commitment" and not makers)

        [about] = [part for part in answer("md").text.split("\n## ") if record["href"] in part]
        [line] = re.findall(rf"^- \*\*{label}:\*\* (.*)$", about, re.MULTILINE)
        assert re.findall(r"\[([^]]*)\]", line.replace("\\", "")) == makers
        assert makers or line == "the sources do not say"

        entries = feedparser.parse(answer("atom").content).entries
        [content] = [one.content[0].value for one in entries if one.id.endswith(record["href"])]
        [item] = re.findall(rf"<li>{label}: (.*?)</li>", content)
        assert re.findall(r"<a [^>]*>([^<]*)</a>", item) == makers
        assert makers or item == "the sources do not say"
        assert (f"<li>Type: {kind}, {record.get('act')}" in content) == (kind == "commitment")


def test_a_quote_is_given_at_second_hand_as_in_lists(client: httpx.Client) -> None:
    for row in Page(client, "/quotes?limit=200").rows:
        path = str(next(row.iter("a")).get("href"))
        quote = client.get(path).json()
        [voice] = [text(each) for each in row.iter("span") if each.get("class") == "meta"]
        query = f"/search?q={quote['speaker']['title']}&type=quote&limit=200"
        [found] = [one for one in Page(client, query).rows if leads_to(one, path)]
        assert f"{voice} · " in text(found)
        _, _, source = voice.partition(f"{quote['speaker']['title']}, ")
        assert f"({source})" in client.get(f"{query}&format=md").text
        assert f"({source})" in client.get(f"{query}&format=jsonfeed").text


def test_a_source_that_quotes_nobody_is_not_taken_for_one_that_does(world: httpx.Client) -> None:
    assert "India, reported in “The report” · " in text(Page(world, "/search?q=free").rows[0])


@pytest.mark.parametrize(
    ("kind", "title", "typed", "shown"),
    [
        ("agreement", "A pact on steel & trade", "steel", "A pact on <b>steel</b> &amp; trade"),
        ("agreement", "A pact on steel", "coal", "A pact on steel"),
        ("agreement", "U.S. steel…", "us steel", "<b>U.S</b>. <b>steel</b>…"),
        ("agreement", f"{'so on ' * 20}coal", "coal", f"{'so on ' * 20}<b>coal</b>"),
        ("quote", "We met\nin Japan.", "japan", "We met in <b>Japan</b>."),
        ("quote", f"Coal, {'and on, ' * 60}", "coal", f"<b>Coal</b>, {'and on, ' * 8}and on…"),
        ("quote", f"Steel {'and on, ' * 60}coal", "coal", f"Steel {'and on, ' * 8}and on…"),
    ],
)
def test_a_title_is_marked_where_the_words_stand(
    kind: str, title: str, typed: str, shown: str
) -> None:
    assert marks(kind, title, typed)[1] == shown


def marks(kind: str, words: str, typed: str) -> tuple[str, str]:
    """The title of a hit, and what a page makes of it."""
    field = "text" if kind == "quote" else "title"
    pieces = marked(words, Search.parse(typed).terms)
    title = title_of({field: words})
    matches = [{"field": field, "text": pieces}] if pieces else []
    shown = str(marked_title({"title": title, "matches": matches}))
    return title, shown.replace('<mark class="hit">', "<b>").replace("</mark>", "</b>")


@given(
    words=st.lists(
        st.sampled_from(["a", "steel", "…", "coal,", "<b>", "東京", "\n", "&"]), max_size=60
    ),
    typed=st.lists(st.sampled_from(["steel", "coal", "東京", "st*", '"steel coal"']), max_size=3),
    kind=st.sampled_from(["quote", "agreement"]),
)
def test_marks_change_no_title(words: list[str], typed: list[str], kind: str) -> None:
    title, shown = marks(kind, " ".join(["x", *words]), " ".join(typed))
    assert html.unescape(re.sub("</?b>", "", shown)) == title
    for words_there in re.findall("<b>(.*?)</b>", shown):
        assert any(word.strip('"*').startswith(words_there[:2]) for word in typed)


@pytest.mark.parametrize(
    "typed",
    [
        "1tn 2bn 3tn 4bn 5tn 6bn -" + "z" * 170,
        "\ufdfa" * 20,
        'japan -"' + "\ufdfa" * 20 + '" zzz',
        " OR ".join(f"zz{at}" for at in range(25)),
    ],
)
def test_what_makes_a_long_suggestion_is_answered(typed: str, client: httpx.Client) -> None:
    assert client.get("/search", params={"q": typed}).status_code == 200
