"""What is represented: values that know nothing of their format."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from app import links
from app.formats import Format, showing
from app.paging import Page, Whole
from app.queries.params import Params
from app.store.release import OpenRelease
from app.vocabulary import RecordType


@dataclass(frozen=True)
class One:
    """One record, a release, or what there is."""

    path: str
    params: Params
    body: bytes
    """Public JSON."""
    release: int
    """The number of the release that answers."""
    kind: RecordType | None = None
    """The type, of a record."""

    @property
    def url(self) -> str:
        """Its own path and query, without what is asked by default."""
        return links.query_path(self.path, self.params.pairs())


Shown: TypeAlias = Page | Whole | One
Body: TypeAlias = bytes | AsyncIterator[bytes]
"""What is sent: whole, or in pieces as they are made."""


class View(NamedTuple):
    """What a representation may need beside the value."""

    base: str
    """The address of the server, without a slash at its end."""
    release: OpenRelease
    """To look up what is shown with the value."""


def path_as(shown: Shown, other: Format) -> str:
    """The path and query that show the same in another format."""
    return dict(siblings(shown, (other,)))[other]


def siblings(shown: Shown, others: tuple[Format, ...] | None = None) -> list[tuple[Format, str]]:
    """Every format that shows the same, with its path and query."""
    cursor = shown.query.get("cursor") if isinstance(shown, Page) else None
    asked, begun = shown.params.pairs(), {}
    found: list[tuple[Format, str]] = []
    for other in others or showing(shown.params.content):
        # Written once for all that take the same: every answer names every format.
        if other.whole not in begun:
            left_out = {"cursor", "format", *other.refuses}
            kept = [pair for pair in asked if pair[0] not in left_out]
            begun[other.whole] = links.query_path(shown.path, kept) + ("&" if kept else "?")
        path = f"{begun[other.whole]}format={other.name}"
        found.append((other, path if other.whole or not cursor else links.page_path(path, cursor)))
    return found
