"""`/changes`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_list
from app.queries.changes import CHANGES
from app.routes.serving import ChangeList, Endpoint, a_list

router = APIRouter(tags=["releases"], route_class=Endpoint)


@router.get("/changes", **of_list(ChangeList, CHANGES.params))
async def list_changes(request: Request) -> Response:
    """What happened to the records from release to release, the latest first.

    A copy of release N becomes the present one by all changes of `since_release=N&sort=release`,
    put in one after the other; the `release` of the last page is what the copy then is. A walk
    goes on through the releases that are published meanwhile.
    """
    return await a_list(request, CHANGES)
