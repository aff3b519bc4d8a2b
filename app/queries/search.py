"""Full-text search over records of all types."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

import orjson
from pydantic import Field
from sqlalchemy import literal_column, select
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import SQLModel, col

from app.dates import PartialDate
from app.fields import Id, To, TopicId
from app.formats import Content
from app.queries.listing import MATCHED, Filters, Listing, Order, Records, matches, of_field
from app.queries.params import ListParams
from app.queries.values import MATCHING, Facets, OfSummit, Says, Several, Words
from app.records import Match, Reference, Shape, main_passage, title_of
from app.resources.agreements import Party
from app.store.marks import marked
from app.store.search import Term, texts
from app.store.tables import RecordRow
from app.vocabulary import Act, Attribution, RecordType, Relation


class SearchHit(Shape):
    """A record that was found by its words."""

    type: RecordType = Field(examples=["commitment"])
    """The sort of record."""
    id: Id = Field(examples=["japan-us-investment"])
    """Its permanent id."""
    href: str = Field(examples=["/commitments/japan-us-investment"])
    """Its path on this server."""
    title: str = Field(examples=["$1 trillion investment in the U.S. economy"])
    """Its title or name; of a quote, the beginning of its text."""
    speaker: Annotated[Reference | None, To("actor", "document")]
    """Of a quote, who said it: an actor, or the document that is quoted."""
    by: Annotated[list[Reference], To("actor")]
    """Of a commitment, who promised or did it; empty if no source says."""
    parties: list[Party]
    """Of an agreement, who agreed, in which capacity; empty if no source says."""
    attribution: Attribution | None = Field(examples=["attributed"])
    """In whose voice the passage speaks that proves it first; null where it needs no proof."""
    according_to: Annotated[Reference | None, To("actor", "document")]
    """The actor or document of whom that passage says it."""
    document: Annotated[Reference | None, To("document")]
    """The document in which that passage stands."""
    act: Act | None = Field(examples=["promise"])
    """Of a commitment, whether it was promised, was done, or is told of as a fact."""
    relation: Relation | None = Field(examples=["outcome"])
    """Of what belongs to a summit, whether the source presents it as an outcome of it or beside
    it."""
    part_of: Annotated[Reference | None, To("summit", "agreement", "commitment")]
    """The record of its type that it is a part of."""
    date: PartialDate | None
    """Its date: of a summit when it began, of a document when it was published."""
    summary: str | None = Field(
        examples=[
            "The article reports that Japan announced a $1 trillion investment in the U.S. "
            "economy, including participation in the Alaska LNG project and investments in "
            "U.S. Steel."
        ]
    )
    """What it says, in our own neutral words."""
    topics: list[TopicId] = Field(examples=[["economy", "investment"]])
    """What it is about."""
    matches: list[Match]
    """The texts in which the words stand, at most five."""


class SearchParams(ListParams):
    """The parameters of `/search`."""

    shape = SearchHit
    content = Content.HITS

    q: Annotated[Words, MATCHING] = Field(examples=["japan"])
    """What to look for: words, `"a phrase"`, `-without`, `begin*`, `this OR that`. All words but
    little ones must be there; case, accents and points do not matter. Other names of an actor and
    other forms of an English word are found, too, but for phrases."""
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
# Who said, promised or agreed it, and what a type without such actors has there.
_MAKERS: dict[str, Any] = {"speaker": None, "by": [], "parties": []}
_VOICE = ("attribution", "according_to", "document")


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
    main = main_passage(record)
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
            **{key: record.get(key, none) for key, none in _MAKERS.items()},
            **{key: main.get(key) for key in _VOICE},
            **{key: record.get(key) for key in ("act", "relation", "part_of")},
            "date": record.get(_DATED.get(record["type"], "date")),
            "summary": record["summary"],
            "topics": record["topics"],
            "matches": [{"field": field, "text": pieces} for (field, _), pieces in places.items()],
        }
    )


SEARCH = _Hits("/search", SearchParams, SQLModel.metadata.tables[RecordRow.__tablename__])
