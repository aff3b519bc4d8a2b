"""What browsers, crawlers and scripts look for at places of their own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import links
from app.http.answers import MAX_LINK, base, has_already, headers_of
from app.http.endpoint import Endpoint, current_release
from app.problems import NotFound, UrlTooLong
from app.representations.html import render, static_path
from app.settings import Settings
from app.store.release import OpenRelease
from app.vocabulary import KINDS, RecordType

router = APIRouter(route_class=Endpoint)
MOST = 49_000
"""Records in a part of the site map; of 50,000 addresses, the rest is for the pages around them."""
_LISTS = tuple(f"/{kind.plural}" for kind in RecordType)
_PAGES = ("/", *_LISTS, "/changes", "/topics", "/releases", "/docs", "/about")
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"


async def lead_to_latest(request: Request) -> Response:
    """Lead to the newest release, or to a file of it. Raises UrlTooLong."""
    number = current_release(request).info.number
    file = request.path_params.get("file")
    path = links.release_file(number, file) if file else links.release_path(number)
    query = request.url.query
    if len(path) + len(query) > MAX_LINK:
        raise UrlTooLong("it is too long to lead to the newest release", nearest=["/releases"])
    headers = {"cache-control": "no-cache"}  # the next request may lead to the next release
    return RedirectResponse(f"{path}?{query}" if query else path, 307, headers)


router.add_route("/releases/latest", lead_to_latest, include_in_schema=False)
router.add_route("/releases/latest/{file}", lead_to_latest, include_in_schema=False)


@router.get("/favicon.ico", include_in_schema=False)
async def lead_to_icon() -> Response:
    """Lead to the icon, as pages do."""
    headers = {"cache-control": "public, max-age=86400"}
    return RedirectResponse(static_path("icon.svg"), 308, headers)


@router.get("/robots.txt", include_in_schema=False)
async def read_robots(request: Request) -> Response:
    """What crawlers should leave alone (RFC 9309)."""
    return _text(render("robots.txt", base=base(request)))


@router.get("/.well-known/security.txt", include_in_schema=False)
async def read_contact(request: Request) -> Response:
    """Whom to tell of a weakness (RFC 9116), if the operator says it. Raises NotFound."""
    settings: Settings = request.app.state.settings
    contact = settings.contact_address
    if contact is None:
        raise NotFound("no contact is set here; the operator can set READOUT_CONTACT")
    canonical = f"{base(request)}/.well-known/security.txt"
    # It is set as long as the server runs.
    until = (datetime.now(UTC) + timedelta(days=180)).strftime("%Y-%m-%dT00:00:00Z")
    return _text(f"Contact: {contact}\nExpires: {until}\nCanonical: {canonical}\n")


def _text(text: str) -> Response:
    headers = {"cache-control": "public, max-age=3600"}
    return Response(text, headers=headers, media_type="text/plain")


@router.get("/sitemap.xml", include_in_schema=False)
async def read_site_map(request: Request) -> Response:
    """The address of every page (https://www.sitemaps.org), or of the parts of the map."""
    with current_release(request) as release:
        parts = _parts(release)
        if parts == 1:
            return await _part(request, release, 1)
        paths = [f"/sitemap-{part}.xml" for part in range(1, parts + 1)]
        return _map(request, release, "sitemapindex", "sitemap", paths)


@router.get("/sitemap-{part}.xml", include_in_schema=False)
async def read_part_of_site_map(request: Request, part: str) -> Response:
    """One part of the map. Raises NotFound."""
    with current_release(request) as release:
        parts = _parts(release)
        if part not in map(str, range(1, parts + 1)):
            raise NotFound(f"the site map has {parts} of them", nearest=["/sitemap.xml"])
        return await _part(request, release, int(part))


def _parts(release: OpenRelease) -> int:
    return ceil(sum(release.info.counts[kind.plural] for kind in RecordType) / MOST) or 1


async def _part(request: Request, release: OpenRelease, part: int) -> Response:
    sql = "SELECT type, id FROM record ORDER BY type, id LIMIT :most OFFSET :before"
    binds = {"most": MOST, "before": MOST * (part - 1)}
    [rows] = await release.rows((sql, binds))
    paths = [links.record_path(KINDS[kind], id_) for kind, id_ in rows]
    return _map(request, release, "urlset", "url", [*(_PAGES if part == 1 else ()), *paths])


def _map(
    request: Request, release: OpenRelease, root: str, element: str, paths: list[str]
) -> Response:
    """A map of paths, none of which has a character that XML would have escaped."""
    headers = headers_of(request, release, request.url.path)
    if has_already(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    body = "".join(_written(root, element, base(request), paths))
    return Response(body, headers=headers, media_type="application/xml")


def _written(root: str, element: str, address: str, paths: list[str]) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="{_SCHEMA}">\n'
    yield from (f"<{element}><loc>{address}{path}</loc></{element}>\n" for path in paths)
    yield f"</{root}>\n"
