"""Cards of records for the pages of others, and what leads to them (https://oembed.com)."""

import re
from html import unescape
from urllib.parse import parse_qs

import orjson
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app import links
from app.fields import SLUG
from app.http.answers import base
from app.http.endpoint import Endpoint, QueryOf, Reading, current_release
from app.problems import BadQuery, NotFound, NotOffered
from app.queries.params import CardParams
from app.representations.cards import KINDS, WIDTH, Card, embedding, height
from app.representations.wording import record_title
from app.store.release import OpenRelease

router = APIRouter(route_class=Endpoint)
_OF = {kind.value: kind for kind in KINDS}
_BY_PLURAL = {kind.plural: kind for kind in KINDS}
_slug = re.compile(SLUG)


@router.get("/embed/{type}/{id}", include_in_schema=False, response_model=None)
async def read_card(
    request: Request, params: QueryOf[CardParams], release: Reading
) -> Card | Response:
    """A record as a card, which others may frame. Raises NotFound."""
    id_, kind = request.path_params["id"], _OF.get(request.path_params["type"])
    if kind is None or not _slug.fullmatch(id_):
        raise NotFound(f"there are cards of a {', '.join(_OF)}: /embed/quote/ID")
    current = current_release(request)
    body = await release.body(kind, id_)
    if body is None and (now := await release.renamed_to(kind, id_)):
        path = links.query_path(f"/embed/{kind}/{now}", params.pairs())
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
    """How to embed the record at an address of this server (oEmbed 1.0). Raises NotFound.

    Parameters that it does not have are ignored, as some clients send their own.
    """
    asked = request.query_params
    if asked.get("format", "json") != "json":
        raise NotOffered("oEmbed is here in JSON alone: format=json")
    if "url" not in asked:
        raise BadQuery("url is the address of a quote, commitment or agreement on this server")
    with current_release(request) as release:
        record, as_of = await _record_at(asked["url"], base(request), release)
    width = _least(asked.get("maxwidth"), WIDTH)
    tall = _least(asked.get("maxheight"), height(record))
    frame = embedding(record, base(request), as_of, release.info.number)["frame"]
    frame = re.sub(r'width="\d+" height="\d+"', f'width="{width}" height="{tall}"', frame, count=1)
    answer = {
        "version": "1.0", "type": "rich", "provider_name": "Readout", "provider_url": base(request),
        "title": unescape(record_title(record)), "html": frame, "width": width, "height": tall,
        "cache_age": 3_600,
    }  # fmt: skip
    headers = {"cache-control": "public, max-age=300"}
    return Response(orjson.dumps(answer), headers=headers, media_type="application/json")


router.add_route("/oembed", read_oembed, include_in_schema=False)


def _least(wanted: str | None, own: int) -> int:
    return min(own, max(int(wanted), 1)) if wanted and re.fullmatch(r"\d{1,5}", wanted) else own


async def _record_at(
    address: str, own: str, release: OpenRelease
) -> tuple[dict[str, object], str | None]:
    """The record that an address of this server names, and the release. Raises NotFound."""
    at = re.sub("^https?:", "", own)
    here = re.sub("^https?:", "", address[:2_000])
    if here.startswith(f"{at}/"):
        path, _, query = here.removeprefix(at).partition("#")[0].partition("?")
        _, plural, id_, *more = [*path.split("/"), "", ""]
        as_of = parse_qs(query).get("as_of", [None])[0]
        kind = _BY_PLURAL.get(plural)
        if (
            kind
            and not any(more)
            and _slug.fullmatch(id_)
            and re.fullmatch(r"\d{0,9}", as_of or "")
        ):
            body = await release.body(kind, await release.renamed_to(kind, id_) or id_)
            if body:
                return orjson.loads(body), as_of
    raise NotFound("there is no card at this url; it is that of a quote, commitment or agreement")
