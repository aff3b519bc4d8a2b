"""Dates that carry only the precision of their source (ISO 8601 reduced precision)."""

import calendar
import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema
from typing_extensions import TypeAliasType

_YEAR = r"[12]\d{3}"
_LEAP = r"([12]\d(0[48]|[2468][048]|[13579][26])|(12|16|20|24|28)00)"
_MONTH = r"(0[1-9]|1[0-2])"
_DAY = (
    r"((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12]\d|30)"
    r"|02-(0[1-9]|1\d|2[0-8]))"
)
# The calendar as one pattern, leap years included, so that the published schema refuses
# 2025-02-30 just as the server does.
PATTERN = rf"^({_YEAR}|{_YEAR}-{_MONTH}|{_YEAR}-{_DAY}|{_LEAP}-02-29)$"
# In JSON Schema \d is an ASCII digit; in Python it is any without the flag.
_partial_date = re.compile(PATTERN, re.ASCII)
_day_like = re.compile(rf"({_YEAR})-{_MONTH}-\d\d", re.ASCII)


def _existing(text: str) -> str:
    if _partial_date.fullmatch(text):
        return text
    if re.fullmatch(rf"{_YEAR}-\d\d-\d\d[T ].*", text, re.DOTALL):
        raise ValueError("is more exact than a day; write YYYY-MM-DD, YYYY-MM or YYYY")
    if match := _day_like.fullmatch(text):
        year, month = int(match[1]), int(match[2])
        last = calendar.monthrange(year, month)[1]
        raise ValueError(
            f"does not exist: {calendar.month_name[month]} {year} has {last} days; "
            "write YYYY-MM-DD, YYYY-MM or YYYY"
        )
    raise ValueError("is not a date; write YYYY-MM-DD, YYYY-MM or YYYY, from 1000 to 2999")


def partial_date(value: object) -> str | None:
    """A partial date as it is; None for anything else."""
    return value if isinstance(value, str) and _partial_date.fullmatch(value) else None


PartialDate = TypeAliasType(
    "PartialDate",
    Annotated[
        str,
        AfterValidator(_existing),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": PATTERN,
                "description": "A day, a month or a year: as exact as its source.",
                "examples": ["2025-02-07", "2025-02"],
            }
        ),
    ],
)


def last_moment(text: str) -> str | None:
    """The end of a day or month, or a time as it is, in UTC: `2025-02` gives 2025-02-28T23:59:59Z.

    None for a time without a zone. Raises ValueError for anything else.
    """
    if len(text) in {7, 10}:
        return f"{last_day(_existing(text))}T23:59:59Z"
    moment = datetime.fromisoformat(text)
    try:
        return None if moment.tzinfo is None else written(moment)
    except OverflowError as error:  # before the year 1 or after 9999, in UTC
        raise ValueError(str(error)) from None


def written(moment: datetime) -> str:
    """A moment in UTC, to the second, so that moments sort as texts."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def first_day(date: str) -> str:
    """The earliest day that a partial date can mean: `2025-02` gives `2025-02-01`."""
    if len(date) == 4:
        return f"{date}-01-01"
    if len(date) == 7:
        return f"{date}-01"
    return date


def last_day(date: str) -> str:
    """The latest day that a partial date can mean: `2025-02` gives `2025-02-28`."""
    if len(date) == 4:
        return f"{date}-12-31"
    if len(date) == 7:
        year, month = map(int, date.split("-"))
        return f"{date}-{calendar.monthrange(year, month)[1]}"
    return date
