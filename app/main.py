"""The application, put together. Importing it does nothing; a test can build a second one."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from functools import cache, partial
from threading import Event
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app import __version__, metrics
from app.countries import all_names
from app.curation.bundle import bundle_schema
from app.http.answers import PAGE_POLICY
from app.http.cache import Cache
from app.http.documentation import complete
from app.http.edge import Edge
from app.http.endpoint import refuse_parameters
from app.http.errors import on_framework, on_problem, on_unexpected
from app.http.limited import Limited
from app.http.observed import Observed, RequestLog
from app.http.prefix import UnderPath
from app.http.static import Unchanging, read_static
from app.paging import count_ahead
from app.problems import Problem, TooSlow
from app.records import ABOUT
from app.representations.html import environment, represent_about, represent_documentation
from app.representations.pages.related import LISTINGS
from app.routes import cards, downloads, mcp, proofread, resources, server, site
from app.settings import Settings
from app.store.mirror import Mirror
from app.store.serving import Store
from app.vocabulary import RecordType

log = logging.getLogger(__name__)
_A_WHILE = 5  # seconds; counted after one of them or two


class App:
    """The service as it is served: the routes, and the layers around them, from the outside in.

    under a path → who asks (where a proxy is trusted) → observed → limited → cache → edge → routes
    """

    def __init__(self, settings: Settings, log: RequestLog | None = None) -> None:
        """Open the store, and put the layers together."""
        api = create_api(settings)
        api.state.log = log
        self.store: Store = api.state.store
        self.ending: Event = api.state.ending
        """To be set when nothing more should be sent here."""
        cache = api.state.cache = Cache(Edge(api), self.store, settings.cache_mib * 2**20)
        app: ASGIApp = Limited(cache, settings.rate_limit) if settings.rate_limit else cache
        app = api.state.observed = Observed(
            app, self.store, api.routes, log,
            queries=settings.log_queries, clients=settings.log_clients,
        )  # fmt: skip
        if settings.trusted_proxies:
            app = ProxyHeadersMiddleware(app, settings.trusted_proxies)  # type: ignore[arg-type, assignment] # its own names for the same
        if prefix := urlsplit(settings.public_url).path.rstrip("/"):
            app = UnderPath(app, prefix)
        self.asgi = app
        """The outermost layer: what a server calls."""


async def _watch_counts(store: Store) -> None:
    """Count what everybody asks for, and what takes long, when a release was served for a while.

    Not at once: that would take time from a crowd that comes at the start.
    """
    seen = counted = None
    await asyncio.to_thread(all_names)  # which a search would read the first time
    while True:
        await asyncio.sleep(_A_WHILE)
        seen, release = store.current, seen
        if release is None or release is counted or release is not seen:
            continue
        counted = release
        with release:
            try:
                for listing in LISTINGS.values():
                    with suppress(TooSlow):  # whoever asks for it is told so
                        await count_ahead(listing, release)
            except Exception:  # such as a disk that is away: whoever asks has it counted
                log.exception("release %s can't be counted", release.info.number)


async def _watch_figures(api: FastAPI) -> None:
    """Keep the figures of what is true now."""
    while True:
        try:
            _figures(api)
        except Exception:  # such as no room for the files of several processes
            log.exception("the figures can't be kept")
        await asyncio.sleep(1)


def _figures(api: FastAPI) -> None:
    if api.state.observed:
        api.state.observed.count()
        metrics.IN_PROGRESS.set(api.state.observed.in_progress)
    store: Store = api.state.store
    metrics.FAULT.set(store.fault is not None)
    metrics.BEHIND.set(store.behind)
    number, published, (busy, idle, waiting) = 0, 0.0, (0, 0, 0)
    if release := store.current:
        number, (busy, idle, waiting) = release.info.number, release.load()
        published = datetime.fromisoformat(release.info.published_at).timestamp()
    metrics.RELEASE.set(number)
    metrics.PUBLISHED.set(published)
    metrics.CONNECTIONS.labels("busy").set(busy)
    metrics.CONNECTIONS.labels("idle").set(idle)
    metrics.QUERIES_WAITING.set(waiting)
    metrics.CACHE_BYTES.set(api.state.cache.bytes if api.state.cache else 0)


@asynccontextmanager
async def _lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Follow what is published as long as the application is served."""
    store: Store = api.state.store
    jobs = (store.watch(), _watch_figures(api), _watch_counts(store))
    watchers = [asyncio.create_task(job) for job in jobs]
    yield
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    if api.state.observed:
        api.state.observed.count()  # and what was answered last
    if api.state.log:
        api.state.log.flush()
    store.close()


def create_api(settings: Settings) -> FastAPI:
    """The routes, without what is wrapped around them."""
    api = FastAPI(
        title="Readout",
        version=__version__,
        description=environment().get_template("api.md").render(about=ABOUT),
        license_info={"name": "MIT", "identifier": "MIT"},
        contact={"name": "The Readout authors"},
        openapi_tags=[
            *({"name": kind.plural, "description": kind.meaning} for kind in RecordType),
            {"name": "search", "description": "Records of all types by their words."},
            {"name": "check", "description": "A draft against the record."},
            {"name": "releases", "description": "The states of the data set, and what changed."},
            {"name": "service", "description": "The service itself: what there is, its health."},
        ],
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
        # `Observed` logs and counts; asking whether to do it twice takes time.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        exception_handlers={
            Problem: on_problem,
            HTTPException: on_framework,
            Exception: on_unexpected,
        },
    )
    api.state.settings = settings
    api.state.store = Store(Mirror.of(settings), settings.query_seconds)
    api.state.cache = api.state.observed = api.state.log = None
    api.state.ending = Event()
    for module in (resources, site, server, downloads, proofread, mcp, cards):
        # An included router looks twice for the route of a request. So nothing that is set above
        # reaches a route but through the application.
        api.router.routes += module.router.routes
    _add_documentation(api)
    return api


def _add_documentation(api: FastAPI) -> None:
    """`/openapi.json`, `/docs` without a network, and the schema of bundles.

    Each is made once, when first asked for, and in a thread: it takes a tenth of a second.
    """

    def add(path: str, media_type: str, write: Callable[[], bytes], **headers: str) -> None:
        made = cache(lambda: Unchanging.of(media_type, write()))

        def read_documentation(request: Request) -> Response:
            if media_type != "text/html":  # a page without data: nothing of it can be misread
                refuse_parameters(request)
            return made().answer(request, "no-cache", **headers)

        api.add_api_route(path, read_documentation, include_in_schema=False)

    settings: Settings = api.state.settings
    base = settings.public_url.rstrip("/")
    about = partial(represent_about, base, settings.operator, settings.contact_address)
    # The icons of its forms are within their style sheet.
    policy = {
        "content-security-policy": PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:")
    }
    add("/openapi.json", "application/json", lambda: _line(openapi_document(api)))
    add("/schemas/bundle.json", "application/schema+json", lambda: _line(bundle_schema()))
    add("/docs", "text/html", lambda: represent_documentation(base), **policy)
    add("/about", "text/html", about, **policy)
    api.add_route("/static/{name}", read_static, include_in_schema=False)


def _line(value: dict[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def openapi_document(api: FastAPI) -> dict[str, Any]:
    """The OpenAPI 3.1 document, made once."""
    if api.openapi_schema is None:
        api.openapi_schema = complete(api.openapi(), api.state.settings.public_url.rstrip("/"))
    return api.openapi_schema
