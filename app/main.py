"""The application, put together. Importing it does nothing; a test can build a second one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import cache
from typing import Any

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app import __version__
from app.curation.bundle import bundle_schema
from app.http.answers import PAGE_POLICY
from app.http.cache import Cache
from app.http.documentation import tidy
from app.http.edge import Edge
from app.http.errors import on_framework, on_problem, on_unexpected
from app.http.static import Unchanging, read_static
from app.problems import Problem
from app.representations.html import represent_documentation
from app.routes import (
    actors,
    agreements,
    changes,
    commitments,
    documents,
    downloads,
    quotes,
    search,
    server,
    summits,
)
from app.settings import Settings
from app.store.database import Store
from app.store.open import open_store
from app.vocabulary import RecordType

DESCRIPTION = """\
What leaders agreed, promised and said at a summit, with the exact words of the source that prove
each fact.

* Every key is always present; what is not known is `null` or `[]`.
* A date is only as exact as its source: `2025`, `2025-02` or `2025-02-07`.
* Filters: a repeated parameter means *or*, different ones mean *and*. A blank one is not asked.
* A list is walked by its `next`. Cursors are opaque. A walk that began in another release ends
  with 409 and the URL to begin again.
* Keys are added, never renamed or retyped. Ids are permanent.
* Errors are problem details (RFC 9457) that say what to type instead.
"""
RECORDS = (agreements, commitments, quotes, summits, actors, documents)


class App(Cache):
    """The service as it is served."""

    def __init__(self, settings: Settings) -> None:
        """Open the store, and put the routes together."""
        api = create_api(settings)
        self.store: Store = api.state.store
        super().__init__(Edge(api), self.store, settings.cache_mib * 2**20)


def create_api(settings: Settings) -> FastAPI:
    """The routes, without what is wrapped around them."""

    @asynccontextmanager
    async def lifespan(api: FastAPI) -> AsyncIterator[None]:
        watcher = asyncio.create_task(api.state.store.watch())
        yield
        watcher.cancel()
        with suppress(asyncio.CancelledError):
            await watcher
        await api.state.store.close()

    api = FastAPI(
        title="Readout",
        version=__version__,
        description=DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "The Readout authors"},
        servers=[{"url": "/", "description": "This server"}],
        openapi_tags=[
            *({"name": kind.plural, "description": kind.meaning} for kind in RecordType),
            {"name": "search", "description": "Records of all types by their words."},
            {"name": "releases", "description": "The states of the data set, and what changed."},
            {"name": "service", "description": "The service itself: what there is, its health."},
        ],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_framework,
            Exception: on_unexpected,
        },
    )
    api.state.settings = settings
    api.state.store = open_store(settings)
    for module in (*RECORDS, search, changes, server, downloads):
        api.include_router(module.router)
    _add_documentation(api)
    return api


_REVALIDATE = "no-cache"


def _add_documentation(api: FastAPI) -> None:
    """`/openapi.json`, `/docs` without a network, and the schema of bundles.

    Each is made once, when first asked for, and in a thread: it takes a tenth of a second.
    """

    @cache
    def openapi() -> Unchanging:
        return Unchanging.of("application/json", orjson.dumps(openapi_document(api)))

    @cache
    def bundle() -> Unchanging:
        return Unchanging.of("application/schema+json", orjson.dumps(bundle_schema()))

    @cache
    def documentation() -> Unchanging:
        page = represent_documentation(api.state.settings.public_url.rstrip("/"))
        return Unchanging.of("text/html", page)

    @api.get("/openapi.json", include_in_schema=False)
    def read_openapi(request: Request) -> Response:
        return openapi().answer(request, _REVALIDATE)

    @api.get("/schemas/bundle.json", include_in_schema=False)
    def read_bundle_schema(request: Request) -> Response:
        return bundle().answer(request, _REVALIDATE)

    @api.get("/docs", include_in_schema=False)
    def read_docs(request: Request) -> Response:
        # The icons of its forms are within their style sheet.
        policy = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:")
        headers = {"content-security-policy": policy}
        return documentation().answer(request, _REVALIDATE, **headers)

    api.add_route("/static/{name}", read_static, include_in_schema=False)


def openapi_document(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if api.openapi_schema is None:
        api.openapi_schema = tidy(api.openapi())
    return api.openapi_schema
