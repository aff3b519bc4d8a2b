"""Promises of money as bars: one currency at a time, as sums of two can't be compared."""

from typing import Any, NamedTuple

from app.queries.commitments import COMMITMENTS
from app.representations.pages.related import Beside, Some

CURRENCIES, BARS = 4, 8
SCALE = 1000
"""The length of the longest bar."""


class Sums(NamedTuple):
    """The largest promises in a currency."""

    currency: str
    some: Some

    @property
    def drawn(self) -> bool:
        """Whether there is something to compare."""
        return len(self.some.items) > 1

    def length(self, commitment: dict[str, Any]) -> float:
        """The length of the bar of one of them, in proportion to the largest."""
        largest = max(item["amount"] for item in self.some.items)
        return round(SCALE * commitment["amount"] / largest, 2) if largest else 0


async def sums_of(beside: Beside, **filters: Any) -> list[Sums]:
    """The largest promises that filters find, in the most frequent currencies."""
    named = filters | {"amount_min": 0}
    _, counts = await beside.counted(COMMITMENTS, "currency", 1, **named)
    return [
        Sums(
            count["value"],
            await beside.some(
                COMMITMENTS, BARS, **named, currency=[count["value"]], sort="-amount"
            ),
        )
        for count in counts[:CURRENCIES]
    ]
