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
    cursor = shown.query.get("cursor") if isinstance(shown, Page) else None
    return links.query_path(shown.path, shown.params.pairs_as(other, cursor))


def siblings(shown: Shown) -> list[tuple[Format, str]]:
    """Every format that shows the same, with its path and query."""
    return [(other, path_as(shown, other)) for other in showing(shown.params.content)]
