"""The sources."""

from typing import Annotated, Literal

from pydantic import Field

from app.dates import PartialDate
from app.fields import (
    COLUMN,
    DERIVED,
    INDEXED,
    MEASURED,
    PLAIN,
    Label,
    LanguageCode,
    Name,
    Position,
    Sha256,
    To,
    Typed,
    Url,
)
from app.records import Counts, Record, Reference
from app.vocabulary import DocumentKind


class DocumentCounts(Counts):
    """How many records a document proves."""

    summits: int = Field(ge=0, examples=[1])
    """Summits that it proves."""
    agreements: int = Field(ge=0, examples=[9])
    """Agreements that it proves."""
    commitments: int = Field(ge=0, examples=[13])
    """Commitments that it proves."""
    quotes: int = Field(ge=0, examples=[4])
    """Quotes that it proves."""
    actors: int = Field(ge=0, examples=[12])
    """Actors that it proves."""
    documents: int = Field(ge=0, examples=[2])
    """Other documents that it proves."""


class Document(Record):
    """Where a fact comes from."""

    example = "red-nation-today-japan-us"
    proves_itself = True
    days = ("published",)
    orders = ("date_up", "title_up")

    type: Literal["document"] = "document"
    """Always `document`."""
    title: Annotated[Name, COLUMN] = Field(
        examples=["Japan Teams Up With U.S. To Counter Chinese Menace"]
    )
    """Its headline or name."""
    kind: Annotated[DocumentKind, INDEXED] = Field(examples=["news_article"])
    """What sort of source it is."""
    publisher: Annotated[Reference | None, To("actor"), INDEXED]
    """The actor that published it."""
    author: Annotated[Reference | None, To("actor"), COLUMN]
    """The actor that wrote it."""
    published: Annotated[PartialDate | None, COLUMN]
    """When it was published, only as exact as is known."""
    url: Annotated[Url | None, COLUMN, Label("Address")] = Field(
        examples=["https://rednationtoday.com/japan-teams-up-with-u-s-to-counter-chinese-menace/"]
    )
    """Where it can be read; null for a document that is known through another one."""
    archived: Annotated[Url | None, PLAIN] = Field(
        examples=["https://web.archive.org/web/2025/https://example.org/report"]
    )
    """An address at which it stays."""
    translation_of: Annotated[Reference | None, To("document"), PLAIN]
    """The document that it translates."""
    language: Annotated[LanguageCode | None, COLUMN, PLAIN] = Field(examples=["en"])
    """The language that it is written in (BCP 47)."""
    sha256: Annotated[Sha256 | None, MEASURED, Label("SHA-256 of the text")] = Field(
        examples=["56acce6ab8fc2fc4c8c3d72e5cf1fca54b93412a3fdc9d2b17e3723824f2eba7"]
    )
    """The SHA-256 of the text that `start` and `end` count in; null if the text was not
    available."""
    characters: Annotated[int | None, Typed(Position), MEASURED, Label("Length")] = Field(
        examples=[4325]
    )
    """The length of that text, in Unicode code points."""
    counts: Annotated[DocumentCounts, DERIVED]
    """How many records it proves."""
