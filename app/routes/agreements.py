"""`/agreements`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.agreements import AGREEMENTS
from app.queries.changes import HistoryParams
from app.queries.params import RecordParams
from app.records import Agreement, ListOf
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["agreements"], route_class=Endpoint)


class AgreementList(ListOf[Agreement]):
    """A page of agreements."""


class OneAgreement(RecordParams):
    """What can be asked of one agreement."""

    shape = Agreement


@router.get("/agreements", **of_list(AgreementList, AGREEMENTS.params))
async def list_agreements(request: Request) -> Response:
    """What leaders adopted, founded, stated or launched together, newest first.

    `actor` counts those in who act for a party, and those for whom a party acts: what a Prime
    Minister agreed is found by the country's id, and the other way round.
    """
    return await a_list(request, AGREEMENTS)


@router.get(
    "/agreements/{id}", **of_record(Agreement, OneAgreement, example="joint-leaders-statement")
)
async def read_agreement(request: Request) -> Response:
    """What was agreed, by whom, and the words that prove it.

    Its commitments and quotes are named here; the other lists give them whole, by `agreement`.
    """
    return await a_record(request, RecordType.AGREEMENT, OneAgreement)


@router.get(
    "/agreements/{id}/history",
    **of_history(ChangeList, HistoryParams, example="joint-leaders-statement"),
)
async def read_agreement_history(request: Request) -> Response:
    """What happened to this agreement from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.AGREEMENT)
