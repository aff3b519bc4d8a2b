"""`/agreements`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.agreements import AGREEMENTS, AgreementParams
from app.queries.params import RecordParams
from app.records import ListOf
from app.resources.agreements import Agreement
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["agreements"], route_class=Endpoint)


class AgreementList(ListOf[Agreement]):
    """A page of agreements."""


class OneAgreement(RecordParams):
    """What can be asked of one agreement."""

    shape = Agreement


@router.get("/agreements", response_model=AgreementList)
async def list_agreements(asked: Asked[AgreementParams], release: Reading) -> Walk:
    """What leaders adopted, founded, stated or launched together, newest first.

    `actor` counts those in who hold an office for a party, and those for whom a party acts: what a
    Prime Minister agreed is found by the country's id, and the other way round. What a company or
    a military command agreed is found by the country's id, but not the other way round.
    """
    return await walk_of(AGREEMENTS, asked, release)


@router.get("/agreements/{id}", response_model=Agreement)
async def read_agreement(id: Id, asked: Asked[OneAgreement], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """What was agreed, by whom, and the words that prove it.

    Its commitments and quotes are named here; the other lists give them whole, by `agreement`.
    """
    return await one(RecordType.AGREEMENT, id, asked, release)
