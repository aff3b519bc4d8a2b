"""Full-text search over records of all types."""

from typing import Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import case, func, literal_column, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    by_value,
    having,
    linked,
    matching,
    ordinal,
)
from app.queries.params import DocumentIds, ListParams, Several, SummitIds, Words
from app.records import SearchHit, title_of
from app.store.search import Search, marked, texts
from app.store.tables import RecordDocument, RecordRow, RecordSummit, RecordTopic, record_search
from app.vocabulary import RecordType


class SearchParams(ListParams):
    """What can be asked of the search."""

    shape = SearchHit

    q: Words = Field(examples=["japan"])
    """What to look for: words, `"a phrase"`, `-without`, `begin*`. All words must be there; case,
    accents and width do not matter."""
    type: Several[RecordType] = Field((), examples=[["commitment"]])
    """Only records of this type. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Of this summit. Repeat it for *or*."""
    document: DocumentIds = Field((), examples=[["red-nation-today-japan-us"]])
    """Proven by this document. Repeat it for *or*."""
    sort: Literal["-date", "rank"] = Field("-date", examples=["rank"])
    """Newest first, unknown dates last; or `rank`: those first that have all the words in their
    title, name or quoted text, then the others, newest first among both."""
    facet: Several[Literal["type", "topic"]] = Field((), examples=[["type"]])
    """Count the result by the values of a closed filter. Repeat it for more."""


# A match in the title comes before every other one: the tier stands above the ordinal.
_TIER: ColumnElement[int] = literal_column(str(2**40))
_TYPES: list[ColumnElement[str]] = [literal_column(f"'{kind.value}'") for kind in RecordType]
_DATED = {"summit": "starts_on", "document": "published", "commitment": "due"}
_MAX_MATCHES = 5


def hits(asked: Asked) -> Found:
    """The records of all types that match."""
    found = (
        select(ordinal(RecordRow))
        .join(record_search, record_search.c.rowid == ordinal(RecordRow))
        .where(matching("q"))
    )
    found = having(found, asked, "type", col(RecordRow.type))
    for name, link in (
        ("topic", RecordTopic),
        ("document", RecordDocument),
        ("summit", RecordSummit),
    ):
        # The links are kept by type first, and a hit may be of any.
        same_type = col(link.type) == col(RecordRow.type)
        found = linked(found, asked, name, RecordRow, link, col(getattr(link, name)), same_type)
    return found


def _rank() -> ColumnElement[int]:
    in_title = select(record_search.c.rowid).where(matching("titles"))
    tier = case((ordinal(RecordRow).in_(in_title), literal_column("0")), else_=_TIER)
    return tier + ordinal(RecordRow)


def _by_topic(found: Found) -> Found:
    topic = col(RecordTopic.topic)
    return (
        select(topic, func.count())
        .where(col(RecordTopic.type).in_(_TYPES), ordinal(RecordTopic).in_(found))
        .group_by(topic)
    )


def hit(body: bytes, search: Search) -> bytes:
    """A record as an answer of the search: what it is, and where the words stand in it."""
    record = orjson.loads(body)
    found: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for field, text in texts(record):
        if (field, text) not in found and (pieces := marked(text, search)):
            found[field, text] = pieces
    return orjson.dumps(
        {
            "type": record["type"],
            "id": record["id"],
            "href": record["href"],
            "title": title_of(record),
            "date": record.get(_DATED.get(record["type"], "date")),
            "summary": record["summary"],
            "topics": record["topics"],
            "matches": [
                {"field": field, "text": pieces}
                for (field, _), pieces in list(found.items())[:_MAX_MATCHES]
            ],
        }
    )


SEARCH = Listing(
    kind=None,
    path="/search",
    params=SearchParams,
    row=RecordRow,
    found=hits,
    orders={"-date": Order(ordinal(RecordRow)), "rank": Order(_rank())},
    facets={"type": by_value(col(RecordRow.type)), "topic": _by_topic},
)
