"""`/documents`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.changes import HistoryParams
from app.queries.documents import DOCUMENTS
from app.queries.params import RecordParams
from app.records import Document, ListOf
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["documents"], route_class=Endpoint)


class DocumentList(ListOf[Document]):
    """A page of documents."""


class OneDocument(RecordParams):
    """What can be asked of one document."""

    shape = Document


@router.get("/documents", **of_list(DocumentList, DOCUMENTS.params))
async def list_documents(request: Request) -> Response:
    """The sources, newest first.

    What one proves is in the other lists, by `document`:
    `/commitments?document=red-nation-today-japan-us`.
    """
    return await a_list(request, DOCUMENTS)


@router.get(
    "/documents/{id}", **of_record(Document, OneDocument, example="red-nation-today-japan-us")
)
async def read_document(request: Request) -> Response:
    """A source, and the records that it proves.

    A publisher's text is not kept here. `sha256` and `characters` tell which text it is that the
    `start` and `end` of a passage count in.
    """
    return await a_record(request, RecordType.DOCUMENT, OneDocument)


@router.get(
    "/documents/{id}/history",
    **of_history(ChangeList, HistoryParams, example="red-nation-today-japan-us"),
)
async def read_document_history(request: Request) -> Response:
    """What happened to this document from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.DOCUMENT)
