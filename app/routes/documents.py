"""`/documents`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_list, of_record
from app.queries.documents import DOCUMENTS
from app.queries.params import RecordParams
from app.records import Document, ListOf
from app.routes.serving import Endpoint, a_list, a_record
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
