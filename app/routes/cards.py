"""Cards of records for the pages of others, and what leads to them (https://oembed.com)."""

import re
from contextlib import suppress
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import links
from app.as_of import release_at
from app.fields import SLUG
from app.http.answers import base
from app.http.endpoint import Endpoint, QueryOf, Reading, current_release
from app.problems import BadQuery, NotFound, NotOffered
from app.queries.params import CardParams
from app.queries.querystring import QueryFaults
from app.representations.cards import KINDS, NARROW, WIDTH, Card, frame, height
from app.representations.sources import state_of
from app.representations.wording import record_title

router = APIRouter(route_class=Endpoint)
_OF = {kind.value: kind for kind in KINDS}
_BY_PLURAL = {kind.plural: kind for kind in KINDS}
_slug = re.compile(SLUG)


@router.get("/embed/{type}/{id}", include_in_schema=False, response_model=None)
async def read_card(
    request: Request, params: QueryOf[CardParams], release: Reading
) -> Card | Response:
    """A record as a card, which others may frame. Raises NotFound."""
    id_, name = request.path_params["id"], request.path_params["type"]
    kind = _OF.get(name) or _BY_PLURAL.get(name)
    if kind is None or not _slug.fullmatch(id_):
        raise NotFound(f"there are cards of a {', '.join(_OF)}: /embed/quote/ID")
    current, now = current_release(request), await release.renamed_to(kind, id_)
    body = await release.body(kind, id_)
    if name != kind or (body is None and now):
        path = links.query_path(f"/embed/{kind}/{id_ if body else now or id_}", params.pairs())
        return RedirectResponse(path, 308, {"cache-control": "no-cache"})
    if body is None:
        stone = await current.tombstone(kind, id_)
        if stone is None:
            path = f"/{kind.plural}"
            raise NotFound(f"there is no {kind} {id_[:200]}; {path} lists them", nearest=[path])
        body = stone.model_dump_json().encode()
    path = f"/embed/{kind}/{id_}"
    return Card(path, params, body, release.info.number, kind, current=current, id=id_)


async def read_oembed(request: Request) -> Response:
    """How to embed the record at an address of this server (oEmbed 1.0). Raises NotFound and Gone.

    Parameters that it does not have are ignored, as some clients send their own.
    """
    query = request.query_params
    if query.get("format", "json") != "json":
        raise NotOffered("oEmbed is here in JSON alone: format=json")
    if "url" not in query:
        raise BadQuery("url is the address of a quote, commitment or agreement on this server")
    record, as_of, warning = await _record_at(query["url"], request)
    width, most = _pixels(query.get("maxwidth"), WIDTH), _pixels(query.get("maxheight"), 0)
    tall = [
        height(record, each, warning) for each in (width, NARROW) if each == width or width > each
    ]
    tall = [min(tall[0], most)] if most else tall
    answer = {
        "version": "1.0", "type": "rich", "provider_name": "Readout", "provider_url": base(request),
        "title": unescape(record_title(record)), "width": width, "height": tall[0],
        "html": frame(record, base(request), as_of, width, *tall), "cache_age": 3_600,
    }  # fmt: skip
    headers = {"cache-control": "public, max-age=300"}
    return Response(orjson.dumps(answer), headers=headers, media_type="application/json")


router.add_route("/oembed", read_oembed, include_in_schema=False)


def _pixels(typed: str | None, own: int) -> int:
    """The bound that a client sets, where it is below our own."""
    wanted = int(typed) if typed and re.fullmatch(r"[1-9][0-9]{0,4}", typed) else own
    return min(wanted, own) if own else wanted


async def _record_at(
    address: str, request: Request
) -> tuple[dict[str, Any], str | None, str | None]:
    """The record that an address of this server names, in the release that it names; and what
    became of it since.

    Raises NotFound, and Gone where that release is not kept.
    """
    here, own = (re.sub("^https?:", "", url) for url in (address[:2_000], base(request)))
    path, _, query = here.removeprefix(own).partition("#")[0].partition("?")
    _, plural, id_, *more = [*path.split("/"), "", ""]
    kind, current = _BY_PLURAL.get(plural), current_release(request)
    if here.startswith(f"{own}/") and kind and not any(more) and _slug.fullmatch(id_):
        as_of = parse_qs(query).get("as_of", [None])[0]
        with suppress(ValidationError, QueryFaults), current:
            params = CardParams(as_of=as_of)
            store = request.app.state.store
            with await release_at(params, store, current, path) as release:
                body = await release.body(kind, await release.renamed_to(kind, id_) or id_)
                since = release.info.number if as_of else 0
            if body:
                _, warning = await state_of(kind, id_, current, base(request), since)
                return orjson.loads(body), as_of, warning
    raise NotFound("there is no card at this url; it is that of a quote, commitment or agreement")
