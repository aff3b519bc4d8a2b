"""`/summits`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.changes import HistoryParams
from app.queries.params import RecordParams
from app.queries.summits import SUMMITS
from app.records import ListOf, Summit
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["summits"], route_class=Endpoint)


class SummitList(ListOf[Summit]):
    """A page of summits."""


class OneSummit(RecordParams):
    """What can be asked of one summit."""

    shape = Summit


@router.get("/summits", **of_list(SummitList, SUMMITS.params))
async def list_summits(request: Request) -> Response:
    """Meetings of leaders, newest first.

    What came of one is in the other lists, by `summit`: `/agreements?summit=us-japan-2025-02`.
    """
    return await a_list(request, SUMMITS)


@router.get("/summits/{id}", **of_record(Summit, OneSummit, example="us-japan-2025-02"))
async def read_summit(request: Request) -> Response:
    """Who met, where and when, and how much came of it.

    What came of it, record by record, is in the other lists, by `summit`.
    """
    return await a_record(request, RecordType.SUMMIT, OneSummit)


@router.get(
    "/summits/{id}/history",
    **of_history(ChangeList, HistoryParams, example="us-japan-2025-02"),
)
async def read_summit_history(request: Request) -> Response:
    """What happened to this summit from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.SUMMIT)
