"""One record of any type, and what happened to it; or why there is none."""

import re
from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, create_model
from starlette.responses import RedirectResponse, Response

from app import links
from app.fields import SLUG
from app.http.answers import MAX_LINK
from app.http.endpoint import Id, QueryOf, Reading, Value
from app.lookup import ids_meant
from app.nearest import nearest
from app.paging import walk_of
from app.problems import Gone, NotFound, Problem, UrlTooLong, did_you_mean
from app.queries.changes import CHANGES, HistoryParams
from app.queries.params import DataParams, RecordParams
from app.records import Change, ListOf
from app.representations.values import One
from app.store.release import OpenRelease
from app.vocabulary import RecordType

_slug = re.compile(SLUG)


@cache
def page_of(shape: type[BaseModel]) -> type[BaseModel]:
    """The shape of a page of a list, as the documentation names it: `AgreementList`."""
    base: Any = ListOf.__class_getitem__(shape)
    name = shape.__name__
    return create_model(f"{name}List", __base__=base, __doc__=f"A page of {name.lower()}s.")


async def one(
    kind: RecordType, id_: str, params: RecordParams, release: OpenRelease
) -> One | Response:
    """One record, or the way to the id that it has now. Raises Gone, NotFound and UrlTooLong."""
    body = await release.body(kind, id_) if _slug.match(id_) else None
    if body is not None:
        return One(links.record_path(kind, id_), params, body, release.info.number, kind)
    if now := await release.renamed_to(kind, id_):
        return _moved(links.record_path(kind, now), params)
    raise await _absent(kind, id_, release)


def add_history(router: APIRouter, kind: RecordType) -> None:
    """Add the route of what happened to a record of a type."""

    async def read_history(id: Id, params: QueryOf[HistoryParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
        if not _slug.match(id) or not await release.ever_had(kind, id):
            raise await _no_such(kind, id, release)
        if now := await release.renamed_to(kind, id):
            return _moved(links.history_path(kind, now), params)
        ids = [id, *await release.former_ids(kind, id)]
        fixed = {"type": [kind.value], "id": ids}
        return await walk_of(CHANGES, params, release, links.history_path(kind, id), fixed)

    read_history.__doc__ = (
        f"What happened to this {kind.value} from release to release, the latest first.\n\n"
        "It follows the record through its ids, and tells of one that was withdrawn too."
    )
    router.add_api_route(
        f"/{kind.plural}/{{id}}/history", read_history, methods=["GET"], tags=[kind.plural],
        response_model=page_of(Change), name=f"read_{kind.value}_history",
    )  # fmt: skip


def _moved(path: str, params: DataParams) -> Response:
    """Lead to the id that a record has now, whatever else was asked for. Raises UrlTooLong."""
    headers = {"cache-control": "no-cache"}  # the record may get its former id back
    there = links.query_path(path, params.pairs())
    if len(there) > MAX_LINK:
        why = f"this record is at {path} now, and the query is too long to lead there"
        raise UrlTooLong(f"{why}; ask for less at once", nearest=[path])
    return RedirectResponse(there, 308, headers)


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
    meant = await ids_meant(id_[:200], [kind], release)
    near = dict.fromkeys([*meant, *nearest(id_, await release.ids_near(kind, id_[:200]))])
    others = [
        links.record_path(other, id_)
        for other in RecordType
        if _slug.match(id_) and await release.has(other, id_)
    ]
    also = did_you_mean(meant) or f"; /{kind.plural} lists what there is"
    if others:
        also = f"; did you mean {others[0]}?"
    return NotFound(
        f"there is no {kind.value} {id_[:200]}{also}",
        nearest=[*others, *(links.record_path(kind, other) for other in near)],
    )
