"""Cursors: where a walk through a list goes on.

A cursor names the release in which the walk began, the walk (the same filters in the same order,
whatever the page size) and the place of the last record. A walk goes on in its release, so that
its pages add up to a list whatever is published meanwhile.
"""

import base64
import hashlib
import re
from typing import NamedTuple, Self

from app.formats import PRESENTATION
from app.problems import BadQuery, Fault
from app.queries.listing import LAST_PLACE
from app.queries.params import PagedParams

EVERY_RELEASE = "all"
"""In place of a release, for a walk that goes on through releases."""
_TAG = re.compile(r"([1-9][0-9]{0,8})-[0-9a-f]{12}")


class Cursor(NamedTuple):
    """A place in a walk."""

    release: str
    """The tag of the release, or `EVERY_RELEASE`."""
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
        is_release = release == EVERY_RELEASE or _TAG.fullmatch(release)
        return cursor if is_release and 0 <= cursor.place < LAST_PLACE else None

    @property
    def number(self) -> int | None:
        """The number of the release; None for a walk through releases."""
        tag = _TAG.fullmatch(self.release)
        return int(tag[1]) if tag else None


def name_of_walk(path: str, params: PagedParams) -> str:
    """The name of a walk: its path, filters and order, however it is shown."""
    query = {name: value for name, value in params.query.items() if name not in PRESENTATION}
    return hashlib.blake2b(f"{path} {query}".encode(), digest_size=6).hexdigest()


def place_in(walk: str, release: str, text: str, start: str) -> int:
    """The place that a cursor names. Raises BadQuery, with the URL at which the walk starts."""
    cursor = Cursor.parse(text)
    if cursor is not None and (cursor.walk, cursor.release) == (walk, release):
        return cursor.place
    what = (
        "is not a cursor"
        if cursor is None
        else "belongs to another list, other filters or another order"
    )
    detail = f"cursor {what}; take it from the next of this query, or begin again"
    raise BadQuery(detail, errors=[Fault(parameter="cursor", detail=detail)], run=start)
