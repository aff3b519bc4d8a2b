"""`/summits`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.params import RecordParams
from app.queries.summits import SUMMITS, SummitParams
from app.records import ListOf
from app.resources.summits import Summit
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["summits"], route_class=Endpoint)


class SummitList(ListOf[Summit]):
    """A page of summits."""


class OneSummit(RecordParams):
    """What can be asked of one summit."""

    shape = Summit


@router.get("/summits", response_model=SummitList)
async def list_summits(asked: Asked[SummitParams], release: Reading) -> Walk:
    """Meetings of leaders, newest first.

    What came of one is in the other lists, by `summit`: `/agreements?summit=us-japan-2025-02`.
    """
    return await walk_of(SUMMITS, asked, release)


@router.get("/summits/{id}", response_model=Summit)
async def read_summit(id: Id, asked: Asked[OneSummit], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """Who met, where and when, and how much came of it.

    What came of it, record by record, is in the other lists, by `summit`.
    """
    return await one(RecordType.SUMMIT, id, asked, release)
