"""Routes by their signature: what a function takes is read strictly, held, and documented.

    @router.get("/agreements", response_model=page_of(Agreement))
    async def list_agreements(params: QueryOf[AgreementParams], release: Reading) -> Walk: ...

FastAPI makes the OpenAPI document of the signature. A request is read here: FastAPI keeps the last
of a repeated parameter, and takes longer for it.
"""

import inspect
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Annotated, Any, TypeAlias, TypeVar, get_args

from fastapi import Depends, Path, Query
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app import links
from app.as_of import EVERY_RELEASE, Cursor, release_at
from app.fields import MAX_ID, SLUG
from app.formats import PRESENTATION
from app.http.answers import answer
from app.http.negotiation import format_of, in_the_order_of_its_format, unread
from app.http.paths import elsewhere
from app.lookup import refuse_unknown_values, with_ids
from app.paging import Page, Walk, begin_of, page_of, whole_of
from app.problems import BadQuery, Fault, Problem, Unavailable
from app.queries.params import DataParams, NoParams, OneParams, PagedParams, Params
from app.queries.querystring import QueryFaults, read
from app.representations.values import One
from app.store.release import OpenRelease
from app.store.serving import Store

# As `next` has it: the cursor last.
_with_cursor = re.compile(rb"(?:(.*)&)?cursor=([A-Za-z0-9_-]{1,200})")
P = TypeVar("P", bound=Params)
QueryOf: TypeAlias = Annotated[P, Query()]
"""The query string, read by its model: strictly, every problem at once."""
Reading: TypeAlias = Annotated[OpenRelease, Depends(lambda: None)]
"""The release that the query asks, held until it is answered."""
Id: TypeAlias = Annotated[
    str, Path(pattern=SLUG, max_length=MAX_ID, description="The permanent id of the record.")
]
Number: TypeAlias = Annotated[
    str, Path(description="The number of the release.", json_schema_extra={"type": "integer"})
]
Handler: TypeAlias = Callable[[Request], Coroutine[Any, Any, Response]]
Value: TypeAlias = Walk | Page | One | Response
"""The result of an endpoint; the format decides whether a walk gives a page or the whole."""


class Endpoint(APIRoute):
    """A route whose function returns a value of a release; the format is chosen here."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Name the operation as its function is named."""
        options["generate_unique_id_function"] = lambda route: route.name
        super().__init__(path, endpoint, **options)

    def get_route_handler(self) -> Handler:
        """The handler of the route: FastAPI's own where the function takes no release."""
        parameters = inspect.signature(self.endpoint, eval_str=True).parameters
        self._takes_request = "request" in parameters
        if "release" in parameters:
            self._shape: type[DataParams] = get_args(parameters["params"].annotation)[0]
            if self._shape is OneParams:
                self._shape = record_params(self.response_model)
            return self._answer
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            refuse_parameters(request)
            return await handle(request)

        return strictly

    async def _answer(self, request: Request) -> Response:
        """Read the query, open the release that it asks, and answer from it."""
        current = current_release(request)
        # Until it is read which release is asked, the current one answers.
        with current:
            try:
                return await self._answer_from(request, current)
            except QueryFaults as faults:
                with await self._asked(request, faults, current) as asked_of:
                    error = await with_ids(faults, self._shape, asked_of)
                run = await self._runnable(request, error, current)
                path = request.scope["path"]
                there = None if run is None else links.query_path(path, run)
                wrong = {fault.parameter for fault in error.faults}
                # A list takes what says how much is shown, and none a release that is not there.
                said = {name for name, value in request.query_params.items() if value}
                asked = wrong & said - {*PRESENTATION, "as_of"}
                reading = asked and not there
                near = await elsewhere(path, request.url.query, wrong, current) if reading else []
                also = f"; it can be asked of {near[0].partition('?')[0]}" if near else ""
                if path == "/check" and "text" in request.query_params:
                    also = "; a draft is the body of a POST"
                detail = "; ".join(fault.detail for fault in error.faults) + also
                raise BadQuery(detail, errors=error.faults, nearest=near, run=there) from None

    async def _asked(
        self, request: Request, faults: QueryFaults, current: OpenRelease
    ) -> OpenRelease:
        """The release that a query with faults asks; the current one, where that is not known."""
        as_of = [pair for pair in faults.mended or () if pair[0] == "as_of"]
        with suppress(QueryFaults, Problem):
            params = read(self._shape, links.query_of(as_of).encode())
            return await release_at(params, request.app.state.store, current, "")
        return current

    async def _answer_from(self, request: Request, current: OpenRelease) -> Response:
        first, cursor = _walk_and_cursor(request, current)
        # The pages of a walk ask the same again and again: that is read once.
        value: Value | None = current.remembered(first) if cursor else None
        if isinstance(value, Walk):
            return await _in_its_format(request, value, cursor, current)
        params = in_the_order_of_its_format(request, self._read(request))
        path, store = request.scope["path"], request.app.state.store
        elsewhen = params.as_of or (isinstance(params, PagedParams) and params.cursor)
        with await release_at(params, store, current, path) if elsewhen else current as release:
            await refuse_unknown_values(params, release)
            more = {"request": request} if self._takes_request else request.path_params
            value = await self.endpoint(params=params, release=release, **more)
            if isinstance(value, Walk) and cursor and first == value.url and release is current:
                current.remember(first, value)
            return await _in_its_format(request, value, cursor, release)

    def _read(self, request: Request) -> DataParams:
        """Read the query; of a page, without what is like no parameter. Raises QueryFaults."""
        try:
            return read(self._shape, request.scope["query_string"])
        except QueryFaults as faults:
            if faults.rest is None:
                raise
            query = links.query_of(faults.rest)
            params = read(self._shape, query.encode())
            with suppress(Problem):
                if format_of(request, params).name == "html":
                    request.scope["ignored"] = [fault.parameter for fault in faults.faults]
                    return params
            raise

    async def _runnable(
        self, request: Request, faults: QueryFaults, current: OpenRelease
    ) -> links.Pairs | None:
        """The mended query, mended again if there was more to it; None if it can't be.

        What else is mended is added to the faults.
        """
        store, path, mended = request.app.state.store, request.scope["path"], faults.mended
        more: list[Fault] = []
        for _ in range(3):
            if mended is None:
                break
            query = links.query_of(mended)
            try:
                params = read(self._shape, query.encode())
                with await release_at(params, store, current, path) as release:
                    await refuse_unknown_values(params, release)
                    if not self._takes_request:  # it looks up what its path and query name
                        parts = request.path_params
                        value = await self.endpoint(params=params, release=release, **parts)
                        if isinstance(value, Walk):
                            begin_of(value, value.params.cursor, release)
            except QueryFaults as error:
                again = await with_ids(error, self._shape, current)
                more += again.faults
                mended = again.mended
            except BadQuery:
                mended = [pair for pair in mended if pair[0] != "cursor"]
            except Problem:
                break
            else:
                faults.faults += [each for each in more if each not in faults.faults]
                useless = unread(request, params)
                return [pair for pair in mended if pair[0] not in useless]
        return None


async def _in_its_format(
    request: Request, value: Value, cursor: str | None, release: OpenRelease
) -> Response:
    if isinstance(value, Response):
        return value
    chosen = format_of(request, value.params)
    if not isinstance(value, Walk):
        return await answer(request, value, release, chosen)
    if chosen.whole:
        return await answer(request, await whole_of(value, release), release, chosen)
    # A walk that is remembered was read from the query of another page.
    page = await page_of(value, cursor or value.params.cursor, release)
    return await answer(request, page, release, chosen)


def _walk_and_cursor(request: Request, current: OpenRelease) -> tuple[str, str | None]:
    """Where a walk through the current release began, and its cursor."""
    match = _with_cursor.fullmatch(request.scope["query_string"])
    cursor = Cursor.parse(match[2].decode()) if match else None
    if match is None or cursor is None or cursor.release not in {EVERY_RELEASE, current.tag}:
        return "", None
    first, path = (match[1] or b"").decode("latin-1"), request.scope["path"]
    return f"{path}?{first}" if first else path, match[2].decode()


def record_params(of: type[BaseModel]) -> type[OneParams]:
    """The parameters of a record: `fields` can name the keys of what comes."""

    class OneRecord(OneParams):
        shape = of

    return OneRecord


def current_release(request: Request) -> OpenRelease:
    """The release that is served now. Raises Unavailable."""
    store: Store = request.app.state.store
    if store.current is None:
        raise Unavailable(store.unavailable() or "")
    return store.current


def refuse_parameters(request: Request) -> None:
    """Refuse everything where nothing can be asked, whether or not there is a release."""
    try:
        read(NoParams, request.scope["query_string"])
    except QueryFaults as error:
        raise BadQuery(str(error), errors=error.faults, run=request.scope["path"]) from None
