"""What the routes of all resources do: read the parameters, ask the store, represent."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import links
from app.as_of import release_at
from app.http.answers import answer
from app.http.negotiation import format_of, unread
from app.lookup import refuse_unknown_ids
from app.nearest import nearest
from app.paging import Walk, page_of, walk_of, whole_of
from app.problems import BadQuery, Gone, NotFound, Problem, Unavailable
from app.queries.changes import CHANGES, HistoryParams
from app.queries.filters import Listing
from app.queries.params import DataParams, Params, RecordParams
from app.queries.querystring import QueryFaults, read
from app.records import SLUG, Change, ListOf
from app.representations.values import One
from app.store.database import Store
from app.store.release import OpenRelease
from app.vocabulary import RecordType

P = TypeVar("P", bound=DataParams)
_slug = re.compile(SLUG)


class ChangeList(ListOf[Change]):
    """A page of changes."""


class Endpoint(APIRoute):
    """A route that hands the request over as it is: parameters are read by `read_params`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Name the operation as its function is named."""
        options["generate_unique_id_function"] = lambda route: route.name
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The endpoint itself; FastAPI's own handler would read the query string once more."""
        handler: Callable[[Request], Coroutine[Any, Any, Response]] = self.endpoint
        return handler


async def a_list(request: Request, listing: Listing) -> Response:
    """A page of a list."""
    current = current_release(request)
    key, cursor = _walk_and_cursor(request, listing)
    walk: Walk | None = current.remembered(key) if cursor else None
    if walk is None:
        params, release = await read_params(request, listing.params)
        cursor = params.cursor
    else:
        params = walk.params
        release = await release_at(params, request.app.state.store, current)
    try:
        try:
            walk = walk or await walk_of(listing, params, release)
        except QueryFaults as error:
            raise _refused(request, error, error.mended) from None
        chosen = format_of(request, params)
        if chosen.whole:
            return await answer(request, await whole_of(walk, release), release, chosen)
        page = await page_of(walk, cursor, release)
        if cursor and key == walk.url:
            current.remember(key, walk)
        return await answer(request, page, release, chosen)
    finally:
        release.let_go()


async def a_history(request: Request, kind: RecordType) -> Response:
    """A page of what happened to a record, under whatever id."""
    params, release = await read_params(request, HistoryParams)
    try:
        id_ = str(request.path_params["id"])
        if not _slug.match(id_) or not await release.ever_had(kind, id_):
            raise await _no_such(kind, id_, release)
        if now := await release.renamed_to(kind, id_):
            return _moved(request, links.history_path(kind, now))
        ids = [id_, *await release.former_ids(kind, id_)]
        path, fixed = links.history_path(kind, id_), {"type": [kind.value], "id": ids}
        walk = await walk_of(CHANGES, params, release, path, fixed)
        chosen = format_of(request, params)
        if chosen.whole:
            return await answer(request, await whole_of(walk, release), release, chosen)
        page = await page_of(walk, params.cursor, release)
        return await answer(request, page, release, chosen)
    finally:
        release.let_go()


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
    params, release = await read_params(request, shape)
    try:
        id_ = str(request.path_params["id"])
        body = await release.body(kind, id_) if _slug.match(id_) else None
        if body is None:
            if now := await release.renamed_to(kind, id_):
                return _moved(request, links.record_path(kind, now))
            raise await _absent(kind, id_, release)
        path, number = links.record_path(kind, id_), release.info.number
        shown = One(path, params, body, number, kind)
        return await answer(request, shown, release, format_of(request, params))
    finally:
        release.let_go()


def current_release(request: Request) -> OpenRelease:
    """The release that is served now. Raises Unavailable."""
    store: Store = request.app.state.store
    if store.current is None:
        raise Unavailable(store.unavailable() or "")
    return store.current


def refuse_parameters(request: Request) -> None:
    """Refuse everything where nothing can be asked, whether or not there is a release."""
    try:
        read(Params, request.scope["query_string"])
    except QueryFaults as error:
        raise BadQuery(str(error), errors=error.faults, run=request.url.path) from None


async def read_params(request: Request, shape: type[P]) -> tuple[P, OpenRelease]:
    """The parameters of a request, and the release that it asks, held for the caller.

    Raises BadQuery, with a query that can be run, Gone and Unavailable.
    """
    current, store = current_release(request), request.app.state.store
    # Until it is known which release is asked, the current one answers.
    current.hold()
    try:
        return await _sound(shape, request.scope["query_string"], store, current)
    except QueryFaults as error:
        run = await _runnable(request, shape, error.mended, current)
        raise _refused(request, error, run) from None
    finally:
        current.let_go()


def _refused(request: Request, error: QueryFaults, run: links.Pairs | None) -> BadQuery:
    path = None if run is None else links.query_path(request.url.path, run)
    return BadQuery(str(error), errors=error.faults, run=path)


async def _sound(
    shape: type[P], query: bytes, store: Store, current: OpenRelease
) -> tuple[P, OpenRelease]:
    params = read(shape, query)
    release = await release_at(params, store, current)
    try:
        await refuse_unknown_ids(params, release)
    except BaseException:
        release.let_go()
        raise
    return params, release


async def _runnable(
    request: Request, shape: type[DataParams], mended: links.Pairs | None, current: OpenRelease
) -> links.Pairs | None:
    """The mended query, mended again if there was more to it; None if it can't be."""
    for _ in range(3):
        if mended is None:
            break
        query = links.query_path("", mended).removeprefix("?")
        try:
            params, release = await _sound(shape, query.encode(), request.app.state.store, current)
        except QueryFaults as error:
            mended = error.mended
        except Gone:
            break
        else:
            release.let_go()
            useless = unread(request, params)
            return [pair for pair in mended if pair[0] not in useless]
    return None


def _moved(request: Request, path: str) -> Response:
    """Lead to the id that a record has now, whatever else was asked for."""
    query = request.url.query
    headers = {"cache-control": "no-cache"}  # the record may get its former id back
    return RedirectResponse(f"{path}?{query}" if query else path, 308, headers)


async def _absent(kind: RecordType, id_: str, release: OpenRelease) -> Problem:
    """Why there is no such record: it was withdrawn, or it never was."""
    stone = await release.tombstone(kind, id_) if _slug.match(id_) else None
    if stone is None:
        return await _no_such(kind, id_, release)
    instead = f"; read {stone.replaced_by} in its place" if stone.replaced_by else ""
    return Gone(
        f"the {kind.value} {id_} was withdrawn on {stone.withdrawn_at[:10]}: {stone.reason}"
        f"{instead}",
        tombstone=stone,
        nearest=[stone.replaced_by] if stone.replaced_by else [],
    )


async def _no_such(kind: RecordType, id_: str, release: OpenRelease) -> NotFound:
    near = nearest(id_, await release.ids_near(kind, id_[:200]))
    others = [
        links.record_path(other, id_)
        for other in RecordType
        if _slug.match(id_) and await release.has(other, id_)
    ]
    also = f"; did you mean {near[0]}?" if near else f"; /{kind.plural} lists what there is"
    if others:
        also = f"; did you mean {others[0]}?"
    return NotFound(
        f"there is no {kind.value} {id_[:200]}{also}",
        nearest=[*others, *(links.record_path(kind, found) for found in near)],
    )
