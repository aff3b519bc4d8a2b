"""The sources."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import ActorIds, Kinds, Most, Says, Several, SummitIds
from app.resources.documents import Document
from app.vocabulary import DocumentKind, RecordType


class DocumentParams(DatedParams):
    """What can be asked of the list of documents."""

    shape = Document

    kind: Kinds[DocumentKind] = Field((), examples=[["news_article"]])
    """What sort of source it is. Repeat it for *or*."""
    publisher: Annotated[ActorIds, Most(), Says("published by {}", "Publisher", 1)] = Field(
        (), examples=[["red-nation-today"]]
    )
    """Published by this actor. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Proving this summit or a record of it, or speaking in it. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title"] = Field("-date", examples=["title"])
    """The order; `-` for descending, unknown dates last. `date` is the date of publication."""
    facet: Several[Literal["topic", "kind"]] = Field((), examples=[["kind"]])
    """For JSON: count the result by the values of a closed filter. Repeat it for more."""


DOCUMENTS = list_of(RecordType.DOCUMENT, DocumentParams)
