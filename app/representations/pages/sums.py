"""Promises of money as bars: one currency at a time, as sums of two can't be compared."""

from typing import Any

from app.queries.commitments import COMMITMENTS
from app.representations.pages.related import Beside

_CURRENCIES, _BARS = 4, 8
_SCALE = 1000  # the length of the longest bar


async def sums_of(beside: Beside, **filters: Any) -> list[dict[str, Any]]:
    """The largest promises that filters find, in the most frequent currencies, with bars."""
    named = filters | {"amount_min": 0}
    _, counts = await beside.counted(COMMITMENTS, "currency", 1, **named)
    sums = []
    for currency in [count["value"] for count in counts[:_CURRENCIES]]:
        query = named | {"currency": [currency], "sort": "-amount"}
        some = await beside.some(COMMITMENTS, _BARS, **query)
        # Nothing is promised where the largest sum is 0.
        largest = max(item["amount"] for item in some.items) or 1
        bars = [(item, round(_SCALE * item["amount"] / largest, 2)) for item in some.items]
        sums.append({"currency": currency, "some": some, "bars": bars, "drawn": len(bars) > 1})
    return sums
