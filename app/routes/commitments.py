"""`/commitments`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.changes import HistoryParams
from app.queries.commitments import COMMITMENTS
from app.queries.params import RecordParams
from app.records import Commitment, ListOf
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["commitments"], route_class=Endpoint)


class CommitmentList(ListOf[Commitment]):
    """A page of commitments."""


class OneCommitment(RecordParams):
    """What can be asked of one commitment."""

    shape = Commitment


@router.get("/commitments", **of_list(CommitmentList, COMMITMENTS.params))
async def list_commitments(request: Request) -> Response:
    """What was promised or done, by whom and to whom, newest first.

    A sum stands once, at the commitment of which it is said. To compare sums, ask for one
    `currency` and `sort=-amount`.
    """
    return await a_list(request, COMMITMENTS)


@router.get(
    "/commitments/{id}", **of_record(Commitment, OneCommitment, example="japan-us-investment")
)
async def read_commitment(request: Request) -> Response:
    """A promise or action, its sum and state, and the words that prove it.

    Who owes it is in `by`, to whom in `to`. What is named with a sum has no sum of its own.
    """
    return await a_record(request, RecordType.COMMITMENT, OneCommitment)


@router.get(
    "/commitments/{id}/history",
    **of_history(ChangeList, HistoryParams, example="japan-us-investment"),
)
async def read_commitment_history(request: Request) -> Response:
    """What happened to this commitment from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.COMMITMENT)
