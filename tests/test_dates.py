"""Dates with the precision of their source."""

import datetime as dt
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from app.dates import PATTERN, PartialDate, first_day, last_day

dates: TypeAdapter[str] = TypeAdapter(PartialDate)
one_day = dt.timedelta(days=1)

NO_DATE = "is not a date; write YYYY-MM-DD, YYYY-MM or YYYY, from 1000 to 2999"
TOO_EXACT = "is more exact than a day; write YYYY-MM-DD, YYYY-MM or YYYY"
WRONG = {
    "": NO_DATE,
    "25": NO_DATE,
    "0999": NO_DATE,
    "3000": NO_DATE,
    "20250207": NO_DATE,
    "2025-2-7": NO_DATE,
    "2025-13": NO_DATE,
    "2025-00-01": NO_DATE,
    "2025-02-": NO_DATE,
    "2025-02-07\n": NO_DATE,
    " 2025": NO_DATE,
    "2025/02/07": NO_DATE,
    "February 2025": NO_DATE,
    "2025-02-07Z": NO_DATE,
    "２０２５": NO_DATE,  # noqa: RUF001 - digits, but not those of the standard
    "٢٠٢٥-02": NO_DATE,
    "2025-02-0７": NO_DATE,  # noqa: RUF001
    "2025-02-07T12:00:00Z": TOO_EXACT,
    "2025-02-07 12:00": TOO_EXACT,
    "2025-02-30": "does not exist: February 2025 has 28 days; write YYYY-MM-DD, YYYY-MM or YYYY",
    "2024-02-30": "does not exist: February 2024 has 29 days; write YYYY-MM-DD, YYYY-MM or YYYY",
    "1900-02-29": "does not exist: February 1900 has 28 days; write YYYY-MM-DD, YYYY-MM or YYYY",
    "2025-04-31": "does not exist: April 2025 has 30 days; write YYYY-MM-DD, YYYY-MM or YYYY",
    "2025-01-00": "does not exist: January 2025 has 31 days; write YYYY-MM-DD, YYYY-MM or YYYY",
}


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_date_is_told_what_it_should_be(text: str) -> None:
    with pytest.raises(ValidationError) as error:
        dates.validate_python(text)
    [fault] = error.value.errors()
    assert fault["msg"] == f"Value error, {WRONG[text]}"


SPANS = {
    "2025": ("2025-01-01", "2025-12-31"),
    "1000": ("1000-01-01", "1000-12-31"),
    "2025-02": ("2025-02-01", "2025-02-28"),
    "2024-02": ("2024-02-01", "2024-02-29"),
    "1900-02": ("1900-02-01", "1900-02-28"),
    "2000-02": ("2000-02-01", "2000-02-29"),
    "2025-04": ("2025-04-01", "2025-04-30"),
    "2025-12": ("2025-12-01", "2025-12-31"),
    "2025-02-07": ("2025-02-07", "2025-02-07"),
    "2024-02-29": ("2024-02-29", "2024-02-29"),
    "2999-12-31": ("2999-12-31", "2999-12-31"),
}


@pytest.mark.parametrize("date", SPANS)
def test_a_date_means_the_days_from_its_first_to_its_last(date: str) -> None:
    assert dates.validate_python(date) == date
    assert (first_day(date), last_day(date)) == SPANS[date]


def exists(text: str) -> bool:
    """Whether the calendar of the standard library has such a day."""
    try:
        return dt.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def matches(text: str) -> bool:
    """Whether the published pattern takes a text, as a client's validator would see it."""
    return re.search(PATTERN, text, re.ASCII) is not None


@pytest.mark.parametrize("year", [1999, 2000, 2001])
def test_the_pattern_knows_every_day_of_a_year_and_no_other(year: int) -> None:
    for month in range(14):
        for day in range(33):
            text = f"{year}-{month:02}-{day:02}"
            assert matches(text) == exists(text), text
        assert matches(f"{year}-{month:02}") == (1 <= month <= 12)


@given(st.integers(1000, 2999), st.integers(0, 99), st.integers(0, 99))
@example(1200, 2, 29)
@example(2100, 2, 29)
@example(2400, 2, 29)
@example(2096, 2, 29)
def test_the_pattern_knows_the_calendar(year: int, month: int, day: int) -> None:
    text = f"{year}-{month:02}-{day:02}"
    assert matches(text) == exists(text)


def test_the_pattern_knows_every_leap_year() -> None:
    years = [year for year in range(1000, 3000) if matches(f"{year}-02-29")]
    assert years == [year for year in range(1000, 3000) if exists(f"{year}-02-29")]


some_dates = st.from_regex(re.compile(PATTERN, re.ASCII), fullmatch=True).map(str.strip)


@given(some_dates)
def test_a_date_begins_no_later_than_it_ends(date: str) -> None:
    first, last = first_day(date), last_day(date)
    assert first.startswith(date)
    assert last.startswith(date)
    assert dt.date.fromisoformat(first) <= dt.date.fromisoformat(last)


@given(some_dates.filter(lambda date: len(date) < 10))
def test_the_next_date_begins_where_this_one_ends(date: str) -> None:
    after = dt.date.fromisoformat(last_day(date)) + one_day
    before = dt.date.fromisoformat(first_day(date)) - one_day
    assert not after.isoformat().startswith(date)
    assert not before.isoformat().startswith(date)


@given(st.text() | some_dates | st.dates().map(str))
def test_the_pattern_and_the_check_agree(text: str) -> None:
    try:
        dates.validate_python(text)
    except ValidationError:
        accepted = False
    else:
        accepted = True
    # A pattern of JSON Schema has no way to refuse a line's end at the end.
    assert accepted == (matches(text) and not text.endswith("\n"))
