"""`/commitments`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.commitments import COMMITMENTS, CommitmentParams
from app.queries.params import RecordParams
from app.records import ListOf
from app.resources.commitments import Commitment
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["commitments"], route_class=Endpoint)


class CommitmentList(ListOf[Commitment]):
    """A page of commitments."""


class OneCommitment(RecordParams):
    """What can be asked of one commitment."""

    shape = Commitment


@router.get("/commitments", response_model=CommitmentList)
async def list_commitments(asked: Asked[CommitmentParams], release: Reading) -> Walk:
    """What was promised or done, by whom and to whom, newest first.

    A sum stands once, at the commitment of which it is said. To compare sums, ask for one
    `currency` and `sort=-amount`.
    """
    return await walk_of(COMMITMENTS, asked, release)


@router.get("/commitments/{id}", response_model=Commitment)
async def read_commitment(id: Id, asked: Asked[OneCommitment], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A promise or action, its sum and state, and the words that prove it.

    Who owes it is in `by`, to whom in `to`. What is named with a sum has no sum of its own.
    """
    return await one(RecordType.COMMITMENT, id, asked, release)
