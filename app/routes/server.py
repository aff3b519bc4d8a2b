"""What tells about the service itself: `/`, `/releases`, health."""

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from starlette.responses import JSONResponse

from app import links, metrics
from app.formats import BY_NAME
from app.http.answers import answer
from app.http.documentation import of_data, of_release, of_status
from app.http.negotiation import format_of
from app.paging import Page
from app.problems import NotFound, Unavailable
from app.queries.params import DataParams, IndexParams, ReleaseParams, ReleasesParams
from app.records import ABOUT, Health, Index, ListOf, Release, Resource
from app.representations.values import One
from app.routes.serving import Endpoint, current_release, read_params, refuse_parameters
from app.store.database import Store
from app.store.release import OpenRelease
from app.vocabulary import RecordType

_NEVER_KEPT = {"cache-control": "no-store"}
router = APIRouter(route_class=Endpoint)


class ReleaseList(ListOf[Release]):
    """All releases."""


@router.get(
    "/", tags=["service"], **of_data(Index, "What there is, and which release.", IndexParams)
)
async def read_index(request: Request) -> Response:
    """Where a program begins: what there is, how much of it, which release, where the docs are.

    Every list is named with its path and the number of its records.
    """
    params, release = await read_params(request, IndexParams)
    return await _one(request, "/", params, _index(release), release)


def _index(release: OpenRelease) -> Index:
    counts = release.info.counts
    return Index(
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


@router.get("/llms.txt", include_in_schema=False)
async def read_llms(request: Request) -> Response:
    """The index in Markdown, where language models look for it (https://llmstxt.org)."""
    refuse_parameters(request)
    release = current_release(request)
    release.hold()
    try:
        body = _index(release).model_dump_json().encode()
        shown = One("/", IndexParams(), body, release.info.number)
        return await answer(request, shown, release, BY_NAME["md"])
    finally:
        release.let_go()


@router.get("/releases", tags=["releases"], **of_data(ReleaseList, "All releases.", ReleasesParams))
async def list_releases(request: Request) -> Response:
    """The states of the whole data set that were published here, the newest first.

    The number of a release names the state of everything. It is in every list, in
    `Dataset-Release` and in the `ETag`, and it is what to cite.
    """
    params, release = await read_params(request, ReleasesParams)
    try:
        releases = await release.releases()
        page = Page(
            walk=None,
            path="/releases",
            params=params,
            items=[orjson.dumps(found.model_dump()) for found in releases],
            total=len(releases),
            url=links.query_path("/releases", params.pairs()),
            next=None,
            facets={},
            query=params.asked,
            release=release.info.number,
        )
        return await answer(request, page, release, format_of(request, params))
    finally:
        release.let_go()


@router.get(
    "/releases/{number}", tags=["releases"], **of_release(Release, "The release.", ReleaseParams)
)
async def read_release(request: Request) -> Response:
    """One state of the whole data set: when and why it was published, and what it changed.

    `as_of` with the same number asks every list and record as it was then.
    """
    params, release = await read_params(request, ReleaseParams)
    try:
        found = await the_release(request, release)
    except BaseException:
        release.let_go()
        raise
    return await _one(request, links.release_path(found.number), params, found, release)


async def _one(
    request: Request, path: str, params: DataParams, found: BaseModel, release: OpenRelease
) -> Response:
    """Answer with one thing of a release that is held for it."""
    try:
        shown = One(path, params, found.model_dump_json().encode(), release.info.number)
        return await answer(request, shown, release, format_of(request, params))
    finally:
        release.let_go()


async def the_release(request: Request, release: OpenRelease) -> Release:
    """The release that a path names. Raises NotFound."""
    number = str(request.path_params["number"])
    known = await release.releases()
    for found in known:
        if number == str(found.number):
            return found
    latest = links.release_path(known[0].number)
    raise NotFound(
        f"there is no release {number[:200]}; the latest is {known[0].number}", nearest=[latest]
    )


@router.get("/health/live", tags=["service"], **of_status(Health, "The process answers."))
async def read_liveness(request: Request) -> Response:
    """Whether the process is alive; restart it if this fails.

    It asks nothing of the data; `release` is null while there is none.
    """
    refuse_parameters(request)
    current = request.app.state.store.current
    return _health(current.info.number if current else None)


@router.get(
    "/health/ready",
    tags=["service"],
    **of_status(Health, "There is a release to serve.", Unavailable),
)
async def read_readiness(request: Request) -> Response:
    """Whether there is a release to serve; send no traffic while this fails.

    Until one is loaded it answers 503, and says how to load it.
    """
    refuse_parameters(request)
    current = current_release(request)
    store: Store = request.app.state.store
    if request.app.state.ending.is_set():
        raise Unavailable("the server is about to end; ask another one, or again in a moment")
    if why := store.unavailable():
        raise Unavailable(why)
    return _health(current.info.number)


def _health(release: int | None) -> Response:
    return JSONResponse(Health(release=release).model_dump(), headers=_NEVER_KEPT)


@router.get("/metrics", include_in_schema=False)
async def read_metrics(request: Request) -> Response:
    """Figures for Prometheus; not here if the operator wants them on a port of their own."""
    if request.app.state.settings.metrics_port is not None:
        raise NotFound("there are no figures at this port")
    if observed := request.app.state.observed:
        observed.count()
    return Response(metrics.exposition(), headers=_NEVER_KEPT, media_type=CONTENT_TYPE_LATEST)
