"""Values in words: neutral, exact, and never more than the record has."""

import pycountry
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.fields import MAX_NUMBER
from app.representations.wording import (
    attribution,
    counted,
    country,
    day,
    days,
    differences,
    exact_sum,
    fields,
    language,
    line,
    listed,
    record_title,
    sum_of,
    term,
)
from app.vocabulary import Attribution, Term

PAPER = {"type": "document", "id": "paper", "title": "The Paper", "href": "/documents/paper"}


@pytest.mark.parametrize(
    ("voice", "publisher", "said_by", "words"),
    [
        ("reported", "The Press", None, "reported by The Press"),
        ("reported", None, None, "reported in “The Paper”"),
        ("reported", "The Press", "Japan", "reported by The Press"),
        ("direct_quote", "The Press", None, "quoted by The Press"),
        ("direct_quote", None, "Japan", "according to Japan, as quoted in “The Paper”"),
        ("attributed", "The Press", "Japan", "according to Japan, as reported by The Press"),
        ("attributed", "The Press", None, "reported by The Press as the words of somebody else"),
        ("attributed", None, None, "reported in “The Paper” as the words of somebody else"),
    ],
)
def test_in_whose_voice(voice: str, publisher: str, said_by: str, words: str) -> None:
    assert attribution({"attribution": voice, "document": PAPER}, publisher, said_by) == words


def test_every_attribution_has_words() -> None:
    said = {attribution({"attribution": voice, "document": PAPER}) for voice in Attribution}
    assert len(said) == len(Attribution)


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2025-02-07", "7 February 2025"),
        ("2025-02", "February 2025"),
        ("2025", "2025"),
        ("2026-11-22T09:00:00Z", "22 November 2026"),
        (None, "not known"),
    ],
)
def test_a_date_is_only_as_exact_as_it_is(date: str, words: str) -> None:
    assert day(date) == words


@pytest.mark.parametrize(
    ("amount", "currency", "short", "exact"),
    [
        (10**12, "USD", "$1 trillion", "1,000,000,000,000 US dollars"),
        (1_250_000_000, "EUR", "€1.25 billion", "1,250,000,000 euros"),
        (1_234_567, "USD", "$1,234,567", "1,234,567 US dollars"),
        (5_500_000, "NOK", "5.5 million NOK", "5,500,000 NOK (Norwegian Krone)"),
        (1, "USD", "$1", "1 US dollar"),
        (0.5, "GBP", "£0.5", "0.5 British pounds"),
        (2_000_000, "CNY", "2 million CNY", "2,000,000 yuan"),
        (3_000, "JPY", "¥3,000", "3,000 yen"),
        (7, "CAD", "7 CAD", "7 Canadian dollars"),
        (7, "ZZZ", "7 ZZZ", "7 ZZZ"),
        (7_000_000, None, "7 million", "7,000,000"),
    ],
)
def test_sums(amount: float, currency: str, short: str, exact: str) -> None:
    assert sum_of(amount, currency) == short
    assert exact_sum(amount, currency) == exact


@given(st.integers(0, MAX_NUMBER), st.sampled_from([*pycountry.currencies]))
def test_no_sum_is_rounded(amount: int, currency: "pycountry.db.Data") -> None:
    scales = {"million": 10**6, "billion": 10**9, "trillion": 10**12}
    number, *words = sum_of(amount, currency.alpha_3).lstrip("$€£¥").split()
    scale = scales.get(words[0], 1) if words else 1
    whole, _, part = number.replace(",", "").partition(".")
    assert int(whole) * scale + int(part or 0) * scale // 10 ** len(part) == amount
    assert exact_sum(amount, currency.alpha_3).split()[0] == f"{amount:,}"


def test_names_are_those_in_common_use() -> None:
    assert [country(code) for code in ("US", "JP", "TW", "KR", "ZZ")] == [
        "United States",
        "Japan",
        "Taiwan",
        "South Korea",
        "ZZ",
    ]
    assert [language(code) for code in ("en", "ja", "zz")] == ["English", "Japanese", "zz"]


def test_one_is_one() -> None:
    phrases = [counted(1, "summits"), counted(0, "quotes"), counted(1_000, "records")]
    assert phrases == ["1 summit", "0 quotes", "1,000 records"]


def test_terms_are_plain_words() -> None:
    assert term("not_stated") == "not stated"
    for terms in Term.__subclasses__():
        assert not [value for value in terms if "_" in term(value)]


def test_words_in_a_row() -> None:
    assert listed([]) == ""
    assert listed(["by"]) == "by"
    assert listed(["by", "to"]) == "by and to"
    assert fields(["by", "starts_on", "amount"]) == "By, Began and Sum"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("two\nlines\r\n\u2028of\x0btext\x85", "two lines of text"),
        ("\x00nul\x1b[31m", "nul [31m"),
        ("evil \u202etxt.exe\u202c", "evil txt.exe"),
        (
            "  \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 ",
            "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        ),
    ],
)
def test_a_line_is_one_line(text: str, expected: str) -> None:
    assert line(text) == expected
    assert line(expected) == expected


def test_what_a_record_is_called() -> None:
    assert record_title({"type": "actor", "title": "Japan"}) == "Japan"
    assert record_title({"type": "quote", "text": "We agreed,"}) == "“We agreed,”"
    assert record_title({"type": "quote", "text": "a" * 90}) == f"“{'a' * 79}…”"
    assert record_title({"type": "quote", "title": "We agreed"}) == "“We agreed”"
    # No word is cut in two, where there are words to cut between.
    assert (
        record_title({"type": "quote", "text": "twelve chars " * 9})
        == f"“{'twelve chars ' * 5}twelve chars…”"
    )


def test_a_change_is_told_in_the_words_of_its_page() -> None:
    paper = {"id": "paper", "title": "The Paper", "href": "/documents/paper"}
    old, new = ({"exact": exact, "document": paper} for exact in ("will pay", "has paid"))
    event = {"date": "2026-01", "status": "under_way", "note": None, "evidence": [new]}
    pledged = dict.fromkeys(("upper", "unit", "of", "per", "baseline", "by"))
    pledged |= {"role": "pledged", "value": 5_000_000, "bound": "up_to", "currency": "EUR"}
    fields = [
        ("/status", "announced", "under_way"),
        ("/due", None, "2030-12-31"),
        ("/measures", [], [pledged]),
        ("/events", [], [event, event | {"date": None, "evidence": []}]),
        ("/evidence/0/fields", ["starts_on"], ["starts_on", "measures"]),
        ("/evidence", [old], [old, new]),
    ]
    keys = ("pointer", "before", "after")
    change = {"fields": [dict(zip(keys, field, strict=True)) for field in fields]}
    assert differences(change) == [
        ("Status", "announced", "under way"),
        ("Due", "nothing", "31 December 2030"),
        ("How much", "nothing", "up to €5 million"),
        (
            "What came of it",
            "nothing",
            "date: January 2026; status: under way; source: “has paid” (The Paper)"
            " · status: under way",
        ),
        ("Source 1, Proves", "Began", "Began and How much"),
        ("Source", "1 passage unchanged", "1 passage unchanged; “has paid” (The Paper)"),
    ]


@pytest.mark.parametrize(
    ("dates", "words"),
    [
        (("2023-05-19", "2023-05-21"), ["19", "21 May 2023"]),
        (("2023-05-31", "2023-06-01"), ["31 May", "1 June 2023"]),
        (("2022-12-31", "2023-01-01"), ["31 December 2022", "1 January 2023"]),
        (("2023-05", "2023-05-21"), ["May 2023", "21 May 2023"]),
        (("2023-05-19", "2023-05-19"), ["19 May 2023"]),
        ((None, None), []),
    ],
)
def test_what_two_days_share_is_said_once(dates: tuple[str, str], words: list[str]) -> None:
    assert [each for _, each in days(*dates)] == words


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("PS", "State of Palestine"),
        ("CD", "Democratic Republic of the Congo"),
        ("RU", "Russia"),
        ("FM", "Micronesia"),
        ("TW", "Taiwan"),
        ("KR", "South Korea"),
    ],
)
def test_a_country_has_the_name_that_people_write(code: str, name: str) -> None:
    assert country(code) == name


def test_no_name_of_a_country_is_turned_round() -> None:
    names = [country(entry.alpha_2) for entry in pycountry.countries]
    assert [name for name in names if "," in name] == [
        "Bonaire, Sint Eustatius and Saba",
        "Saint Helena, Ascension and Tristan da Cunha",
    ]
    assert len(set(names)) == len(names)
