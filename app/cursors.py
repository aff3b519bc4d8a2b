"""Cursors: where a walk through a list goes on.

A cursor names the release, the walk (the same filters in the same order, whatever the page size)
and the place of the last record. Places are numbers of one release, and pages of two releases do
not add up to a list, so a walk that began in another release ends with a clear problem instead of
going on with gaps.
"""

import base64
import hashlib
from typing import NamedTuple, Self

from app.lookup import PRESENTATION
from app.problems import BadQuery, Fault, StaleCursor
from app.queries.filters import LAST_PLACE
from app.queries.params import PagedParams


class Cursor(NamedTuple):
    """A place in a walk."""

    release: str
    walk: str
    place: int

    def __str__(self) -> str:
        """As it stands in a URL."""
        text = ":".join(map(str, self))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a cursor; None if it is none."""
        try:
            padded = text + "=" * (-len(text) % 4)
            release, walk, place = base64.urlsafe_b64decode(padded).decode("ascii").split(":")
            cursor = cls(release, walk, int(place))
        except ValueError:
            return None
        return cursor if 0 <= cursor.place < LAST_PLACE else None


def name_of_walk(path: str, params: PagedParams) -> str:
    """The name of a walk: what was asked for, however it is shown."""
    asked = {name: value for name, value in params.asked.items() if name not in PRESENTATION}
    return hashlib.blake2b(f"{path} {asked}".encode(), digest_size=6).hexdigest()


def place_in(walk: str, release: str, given: str, start: str) -> int:
    """Where to go on. Raises BadQuery or StaleCursor, with `start`, where the walk begins."""
    cursor = Cursor.parse(given)
    if cursor is not None and (cursor.walk, cursor.release) == (walk, release):
        return cursor.place
    if cursor is None or cursor.walk != walk:
        what = (
            "is not a cursor"
            if cursor is None
            else "belongs to another list, other filters or another order"
        )
        detail = f"cursor {what}; take it from the next of this query, or begin again"
        raise BadQuery(detail, errors=[Fault(parameter="cursor", detail=detail)], run=start)
    began, now = cursor.release.partition("-")[0], release.partition("-")[0]
    raise StaleCursor(
        f"this walk began in another state of release {now}; begin again"
        if began == now
        else f"this walk began in release {began}, and release {now} is served now; pages of "
        "two releases do not add up, so begin again",
        run=start,
    )
