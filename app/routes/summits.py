"""`/summits`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_list, of_record
from app.queries.params import RecordParams
from app.queries.summits import SUMMITS
from app.records import ListOf, Summit
from app.routes.serving import Endpoint, a_list, a_record
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
