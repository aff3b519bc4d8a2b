"""What tells about the service itself: `/`, `/releases`, health."""

import orjson
from fastapi import APIRouter, Request, Response
from starlette.responses import JSONResponse

from app.http.answers import answer
from app.http.documentation import of_data, of_status
from app.problems import BadQuery, Unavailable
from app.queries.params import DataParams, Params
from app.queries.querystring import QueryFaults, read
from app.records import Health, Index, ListOf, Release, Resource
from app.routes.serving import Endpoint, current_release, read_params
from app.store.database import Store
from app.vocabulary import RecordType

router = APIRouter(tags=["service"], route_class=Endpoint)

ABOUT = (
    "What leaders agreed, promised and said at a summit, with the exact words of the source that "
    "prove each fact."
)


class ReleaseList(ListOf[Release]):
    """All releases."""


@router.get("/", **of_data(Index, "What there is, and which release."))
async def read_index(request: Request) -> Response:
    """Where a program begins: what there is, how much of it, which release, where the docs are.

    Every list is named with its path and the number of its records.
    """
    params, release = await read_params(request, DataParams)
    release.let_go()  # nothing more is read from it
    counts = release.info.counts
    index = Index(
        name="Readout",
        about=ABOUT,
        release=release.info,
        resources=[
            Resource(
                name=kind.plural,
                href=f"/{kind.plural}",
                about=kind.meaning,
                count=counts[kind.plural],
            )
            for kind in RecordType
        ],
        search="/search",
        releases="/releases",
        documentation="/docs",
        openapi="/openapi.json",
        bundle_schema="/schemas/bundle.json",
    )
    body = index.model_dump_json().encode()
    return answer(request, body, release, f"/ {params.asked}")


@router.get("/releases", **of_data(ReleaseList, "All releases."))
async def list_releases(request: Request) -> Response:
    """The states of the whole data set that were published here, the newest first.

    The number of a release names the state of everything. It is in every list, in
    `Dataset-Release` and in the `ETag`, and it is what to cite.
    """
    params, release = await read_params(request, DataParams)
    try:
        releases = await release.releases()
    finally:
        release.let_go()
    body = {
        "items": [found.model_dump() for found in releases],
        "total": len(releases),
        "next": None,
        "release": release.info.number,
        "query": params.asked,
        "facets": {},
    }
    asked = f"/releases {params.asked}"
    return answer(request, orjson.dumps(body), release, asked)


@router.get("/health/live", **of_status(Health, "The process answers."))
async def read_liveness(request: Request) -> Response:
    """Whether the process is alive; restart it if this fails.

    It asks nothing of the data.
    """
    _refuse_parameters(request)
    return _health(None)


@router.get("/health/ready", **of_status(Health, "There is a release to serve.", Unavailable))
async def read_readiness(request: Request) -> Response:
    """Whether there is a release to serve; send no traffic while this fails.

    Until one is loaded it answers 503, and says how to load it.
    """
    _refuse_parameters(request)
    current = current_release(request)
    store: Store = request.app.state.store
    if why := store.unavailable():
        raise Unavailable(why)
    return _health(current.info.number)


def _refuse_parameters(request: Request) -> None:
    """Nothing can be asked of a health check, whether or not there is a release."""
    try:
        read(Params, request.scope["query_string"])
    except QueryFaults as error:
        raise BadQuery(str(error), errors=error.faults, run=request.url.path) from None


def _health(release: int | None) -> Response:
    headers = {"cache-control": "no-store"}
    return JSONResponse(Health(release=release).model_dump(), headers=headers)
