"""The sources."""

from typing import Annotated, Literal

from pydantic import Field

from app.queries.listing import list_of
from app.queries.params import DatedParams
from app.queries.values import ActorIds, Facets, Kinds, Most, Says, SummitIds
from app.resources.documents import Document
from app.vocabulary import DocumentKind, RecordType


class DocumentParams(DatedParams):
    """The parameters of `/documents`."""

    shape = Document

    kind: Kinds[DocumentKind] = Field((), examples=[["news_article"]])
    """What sort of source it is. Repeat it for *or*."""
    publisher: Annotated[ActorIds, Most(), Says("published by {}", "Publisher", 1)] = Field(
        (), examples=[["red-nation-today"]]
    )
    """Published by this actor. Repeat it for *or*."""
    summit: SummitIds = Field((), examples=[["us-japan-2025-02"]])
    """Proving this summit or a record of it, or speaking in it. Repeat it for *or*."""
    sort: Literal["-date", "date", "title", "-title", "-changed"] = Field(
        "-date", examples=["title"]
    )
    """The order; `-` for descending, unknown dates last. `date` is the date of publication."""
    facet: Facets[Literal["topic", "kind", "publisher", "summit"]] = Field((), examples=[["kind"]])


DOCUMENTS = list_of(RecordType.DOCUMENT, DocumentParams)
