"""`/documents`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.documents import DOCUMENTS, DocumentParams
from app.queries.params import RecordParams
from app.records import ListOf
from app.resources.documents import Document
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["documents"], route_class=Endpoint)


class DocumentList(ListOf[Document]):
    """A page of documents."""


class OneDocument(RecordParams):
    """What can be asked of one document."""

    shape = Document


@router.get("/documents", response_model=DocumentList)
async def list_documents(asked: Asked[DocumentParams], release: Reading) -> Walk:
    """The sources, newest first.

    What one proves is in the other lists, by `document`:
    `/commitments?document=red-nation-today-japan-us`.
    """
    return await walk_of(DOCUMENTS, asked, release)


@router.get("/documents/{id}", response_model=Document)
async def read_document(id: Id, asked: Asked[OneDocument], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A source, and the records that it proves.

    A publisher's text is not kept here. `sha256` and `characters` tell which text it is that the
    `start` and `end` of a passage count in.
    """
    return await one(RecordType.DOCUMENT, id, asked, release)
