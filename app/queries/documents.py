"""The sources."""

from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import col

from app.queries.filters import (
    Asked,
    Found,
    Listing,
    Order,
    by_topic,
    by_value,
    having,
    newest_first,
    shared_links,
    starting,
    topic_links,
    within,
)
from app.queries.params import ActorIds, DatedParams, Kinds, Says, Several, SummitIds
from app.records import Document
from app.store.tables import DocumentRow
from app.vocabulary import DocumentKind, RecordType


class DocumentParams(DatedParams):
    """What can be asked of the list of documents."""

    shape = Document

    kind: Kinds[DocumentKind] = Field((), examples=[["news_article"]])
    """What sort of source it is. Repeat it for *or*."""
    publisher: Annotated[ActorIds, Says("published by {}", "Publisher", 1)] = Field(
        (), examples=[["red-nation-today"]]
    )
    """Published by this actor. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Proving this summit or a record of it, or speaking in it. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["title"])
    """The order; `-` for descending, unknown dates last. `date` is the date of publication."""
    facet: Several[Literal["topic", "kind"]] = Field((), examples=[["kind"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


def documents(asked: Asked, q: str = "q") -> Found:
    """The documents that match."""
    found = starting(DocumentRow, RecordType.DOCUMENT, asked, q)
    found = having(found, asked, "kind", col(DocumentRow.kind))
    found = having(found, asked, "publisher", col(DocumentRow.publisher))
    return within(found, asked, DocumentRow)


DOCUMENTS = Listing(
    kind=RecordType.DOCUMENT,
    path="/documents",
    params=DocumentParams,
    row=DocumentRow,
    found=documents,
    orders={
        "-date": newest_first(DocumentRow),
        "date": Order(col(DocumentRow.date_up)),
        "title": Order(col(DocumentRow.title_up)),
        "-title": Order(col(DocumentRow.title_up), ascending=False),
    },
    links=shared_links() | topic_links(),
    most={"publisher": by_value(col(DocumentRow.publisher))},
    facets={
        "topic": by_topic(RecordType.DOCUMENT),
        "kind": by_value(col(DocumentRow.kind)),
    },
)
