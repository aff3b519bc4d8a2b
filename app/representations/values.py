"""The values of answers, independent of their format, and their addresses in each format."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import orjson

from app import links
from app.formats import Format
from app.paging import Page, Whole
from app.queries.params import DataParams
from app.store.release import OpenRelease
from app.vocabulary import RecordType


@dataclass(frozen=True)
class One:
    """One record, a release, or what there is."""

    path: str
    params: DataParams
    body: bytes
    """Public JSON."""
    release: int
    """The number of the release that answers."""
    kind: RecordType | None = None
    """The type, of a record."""

    @property
    def record(self) -> dict[str, Any]:
        """It, read from its JSON."""
        record: dict[str, Any] = orjson.loads(self.body)
        return record

    @property
    def url(self) -> str:
        """Its own path and query, without what is asked by default."""
        return links.query_path(self.path, self.params.pairs())


Answer: TypeAlias = Page | Whole | One
Body: TypeAlias = bytes | AsyncIterator[bytes]
"""The bytes of an answer: whole, or in pieces as they are made."""


class View(NamedTuple):
    """The server and the release, which a representation reads beside the value."""

    base: str
    """The address of the server, without a slash at its end."""
    release: OpenRelease
    """To look up what stands beside the value."""
    ignored: str = ""
    """The parameters that mean nothing here, and were not asked."""
    newest: OpenRelease | None = None
    """The release that is current, where an older one answers."""
    contact: str | None = None
    """The address at which the operator is told of a mistake."""


Address: TypeAlias = Callable[[str], str]
"""From a path to its whole URL."""


def addresses(answer: Answer, view: View) -> Address:
    """The function that makes a path a whole URL with the `as_of` of the answer."""
    return lambda path: view.base + links.then(path, answer.params.as_of)


def next_as(page: Page, name: str) -> str | None:
    """The next page in a format, also where the client asked for it by `Accept` alone."""
    if page.next is None or page.params.format:
        return page.next
    return f"{page.next}&format={name}"


def path_as(answer: Answer, other: Format) -> str:
    """The path and query that show the same in another format."""
    return dict(siblings(answer))[other]


def siblings(answer: Answer) -> list[tuple[Format, str]]:
    """Every format that shows the same, with its path and query."""
    cursor = answer.query.get("cursor") if isinstance(answer, Page) else None
    pairs = answer.params.pairs("cursor", "format")
    return links.in_formats(answer.params.content, answer.path, pairs, cursor)
