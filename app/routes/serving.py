"""What the routes of all resources do: read the parameters, ask the store, represent."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from app import links
from app.http.answers import answer, base
from app.lookup import refuse_unknown_ids
from app.nearest import nearest
from app.paging import Walk, page_of, walk_of
from app.problems import BadQuery, NotFound, Unavailable
from app.queries.filters import Listing
from app.queries.params import Params, RecordParams
from app.queries.querystring import QueryFaults, read
from app.records import SLUG
from app.representations.json import page_json, record_json
from app.store.database import OpenRelease, Store
from app.vocabulary import RecordType

P = TypeVar("P", bound=Params)
_slug = re.compile(SLUG)


class Endpoint(APIRoute):
    """A route that hands the request over as it is: parameters are read by `read_params`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself; FastAPI's own handler would read the query string once more."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


async def a_list(request: Request, listing: Listing) -> Response:
    """A page of a list."""
    release = current_release(request)
    key, cursor = _walk_and_cursor(request, listing)
    walk: Walk | None = release.remembered(key) if cursor else None
    if walk is None:
        params = read_params(request, listing.params, release)
        walk, cursor = walk_of(listing, params, release), params.cursor
    with release.in_use():
        page = await page_of(walk, cursor, release)
    if cursor and key == walk.url:
        release.remember(key, walk)
    return answer(request, page_json(page, base(request)), release, page.url, following=page.next)


# As `next` has it: the cursor last.
_with_cursor = re.compile(rb"(?:(.*)&)?cursor=([A-Za-z0-9_-]{1,200})")


def _walk_and_cursor(request: Request, listing: Listing) -> tuple[str, str | None]:
    """Where a walk began and its cursor. It asks the same again and again: that is read once."""
    found = _with_cursor.fullmatch(request.scope["query_string"])
    if found is None:
        return "", None
    first = found[1].decode("latin-1") if found[1] else ""
    return f"{listing.path}?{first}" if first else listing.path, found[2].decode()


async def a_record(request: Request, kind: RecordType, shape: type[RecordParams]) -> Response:
    """One record."""
    release = current_release(request)
    params = read_params(request, shape, release)
    id_ = str(request.path_params["id"])
    body = release.body(kind, id_) if _slug.match(id_) else None
    if body is None:
        raise _no_such(kind, id_, release)
    asked = f"{links.record_path(kind, id_)} {params.asked}"
    return answer(request, record_json(body, params.fields), release, asked)


def current_release(request: Request) -> OpenRelease:
    """The release that is served now. Raises Unavailable."""
    store: Store = request.app.state.store
    if store.current is None:
        problem = Unavailable(f"{store.fault}; publish one with: readout load FILES")
        problem.headers["retry-after"] = "5"
        raise problem
    return store.current


def read_params(request: Request, shape: type[P], release: OpenRelease) -> P:
    """The parameters of a request. Raises BadQuery, with a query that can be run."""
    try:
        return _sound(shape, request.scope["query_string"], release)
    except QueryFaults as error:
        run = _runnable(request.url.path, shape, error.mended, release)
        raise BadQuery(str(error), errors=error.faults, run=run) from None


def _sound(shape: type[P], query: bytes, release: OpenRelease) -> P:
    params = read(shape, query)
    refuse_unknown_ids(params, release)
    return params


def _runnable(
    path: str, shape: type[Params], mended: links.Pairs | None, release: OpenRelease
) -> str | None:
    """The mended query, mended again if there was more to it; None if it can't be."""
    for _ in range(3):
        if mended is None:
            break
        query = links.query_path("", mended).removeprefix("?")
        try:
            _sound(shape, query.encode(), release)
        except QueryFaults as error:
            mended = error.mended
        else:
            return links.query_path(path, mended)
    return None


def _no_such(kind: RecordType, id_: str, release: OpenRelease) -> NotFound:
    near = nearest(id_, release.ids_near(kind, id_[:200]))
    also = f"; did you mean {near[0]}?" if near else f"; /{kind.plural} lists what there is"
    return NotFound(
        f"there is no {kind.value} {id_[:200]}{also}",
        nearest=[links.record_path(kind, found) for found in near],
    )
