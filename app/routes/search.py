"""`/search`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_list
from app.queries.search import SEARCH
from app.records import ListOf, SearchHit
from app.routes.serving import Endpoint, a_list

router = APIRouter(tags=["search"], route_class=Endpoint)


class SearchResult(ListOf[SearchHit]):
    """A page of what was found."""


@router.get("/search", **of_list(SearchResult, SEARCH.params))
async def search(request: Request) -> Response:
    """Records of all types by their words, the matching words marked.

    Each hit has the texts in which the words stand, cut into pieces that match and pieces that
    do not. `sort=rank` shows those first that have the words in their title.
    """
    return await a_list(request, SEARCH)
