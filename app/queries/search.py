"""Full-text search over records of all types."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import literal_column, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col

from app.formats import Content
from app.queries.listing import (
    MATCHED,
    Filters,
    Listing,
    Order,
    Records,
    matches,
    of_field,
)
from app.queries.params import ListParams
from app.queries.values import MATCHING, Facets, OfSummit, Says, Several, Words
from app.records import SearchHit, title_of
from app.store.search import Term, marked, texts
from app.store.tables import RecordRow
from app.vocabulary import RecordType


class SearchParams(ListParams):
    """The parameters of `/search`."""

    shape = SearchHit
    content = Content.HITS

    q: Annotated[Words, MATCHING] = Field(examples=["japan"])
    """What to look for: words, `"a phrase"`, `-without`, `begin*`, `this OR that`. All words must
    be there; case, accents and points do not matter. Other names of an actor and other forms of an
    English word are found, too, but for phrases."""
    type: Annotated[Several[RecordType], Says("among {}", "Type", 3, "type")] = Field(
        (), examples=[["commitment"]]
    )
    """Only records of this type. Repeat it for *or*."""
    summit: OfSummit = ()
    sort: Literal["rank", "-date"] = Field("rank", examples=["-date"])
    """The best first: what has the very name, then what has all the words in its title, name or
    quoted text, then the others, newest first among each; or `-date`: newest first, unknown dates
    last. A commitment is as new as its agreement, or else its summit, whenever it is due; an actor
    has no date."""
    facet: Facets[Literal["type", "topic", "summit", "document"]] = Field((), examples=[["type"]])


_TYPES: list[ColumnElement[str]] = [literal_column(f"'{kind.value}'") for kind in RecordType]
_DATED = {"summit": "starts_on", "document": "published"}
_MAX_MATCHES = 5


class _Hits(Listing):
    """The list of records of all types that the full-text index finds."""

    def all_orders(self) -> dict[str, Order]:
        """The orders by their names: newest first, or those first that match in their titles."""
        return {"-date": Order(MATCHED, newest=True), "rank": Order(MATCHED, best_first=True)}

    def records(self, filters: Filters, q: str = "q") -> Records:
        """The records that match. The types are a part of what the index looks for."""
        records = matches(q)
        for name, link in self.links.items():
            if values := filters.values(name):
                of_any_type = select(link.table.ordinal).where(
                    col(link.table.type).in_(_TYPES),
                    *of_field(link, None, link.table),
                    col(getattr(link.table, link.column)).in_(values),
                )
                # The plus keeps SQLite from asking the full-text index once for each of these
                # records: a word that is begun is looked up anew each time.
                place: ColumnElement[int] = literal_column("+record_search.rowid")
                records = records.where(place.in_(of_any_type))
        return records

    def with_rows(self, records: Records) -> Records:
        """Records of the list beside their columns in its table."""
        return records.join(self.row, self.row.c.ordinal == MATCHED)


def hit(body: bytes, terms: Sequence[Term]) -> bytes:
    """A record as an answer of a search: what it is, and where the terms stand in it."""
    record = orjson.loads(body)
    places: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for field, text in texts(record):
        if len(places) == _MAX_MATCHES:
            break
        if (field, text) not in places and (pieces := marked(text, terms)):
            places[field, text] = pieces
    return orjson.dumps(
        {
            "type": record["type"],
            "id": record["id"],
            "href": record["href"],
            "title": title_of(record),
            **{key: record.get(key) for key in ("act", "relation", "part_of")},
            "date": record.get(_DATED.get(record["type"], "date")),
            "summary": record["summary"],
            "topics": record["topics"],
            "matches": [{"field": field, "text": pieces} for (field, _), pieces in places.items()],
        }
    )


SEARCH = _Hits("/search", SearchParams, SQLModel.metadata.tables[RecordRow.__tablename__])
