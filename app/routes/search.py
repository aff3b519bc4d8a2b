"""`/search`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Reading
from app.paging import Walk, walk_of
from app.queries.search import SEARCH, SearchParams
from app.records import ListOf, SearchHit

router = APIRouter(tags=["search"], route_class=Endpoint)


class SearchResult(ListOf[SearchHit]):
    """A page of what was found."""


@router.get("/search", response_model=SearchResult)
async def search(asked: Asked[SearchParams], release: Reading) -> Walk:
    """Records of all types by their words, the matching words marked.

    Each hit has the texts in which the words stand, cut into pieces that match and pieces that
    do not. `sort=rank` shows those first that have the words in their title.
    """
    return await walk_of(SEARCH, asked, release)
