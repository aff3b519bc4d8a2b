"""`/changes`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Reading
from app.paging import Walk, walk_of
from app.queries.changes import CHANGES, ChangeParams
from app.routes.record import ChangeList

router = APIRouter(tags=["releases"], route_class=Endpoint)


@router.get("/changes", response_model=ChangeList)
async def list_changes(asked: Asked[ChangeParams], release: Reading) -> Walk:
    """What happened to the records from release to release, the latest first.

    A copy of release N becomes the present one by all changes of `since_release=N&sort=release`,
    put in one after the other; the `release` of the last page is what the copy then is. A walk
    goes on through the releases that are published meanwhile.
    """
    return await walk_of(CHANGES, asked, release)
