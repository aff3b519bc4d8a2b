"""The six types of record: the list of each, one record, its history; the search; the changes."""

import re
from functools import cache
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field, create_model
from starlette.responses import RedirectResponse, Response

from app import links
from app.fields import SLUG
from app.http.answers import MAX_LINK
from app.http.endpoint import Endpoint, Id, QueryOf, Reading, Value
from app.lookup import ids_meant
from app.nearest import question
from app.paging import Walk, walk_of
from app.problems import Gone, NotFound, UrlTooLong
from app.queries.changes import CHANGES, ChangeParams, HistoryParams
from app.queries.lists import (
    ACTORS,
    AGREEMENTS,
    COMMITMENTS,
    DOCUMENTS,
    QUOTES,
    SUMMITS,
    ActorParams,
    AgreementParams,
    CommitmentParams,
    DocumentParams,
    QuoteParams,
    SummitParams,
)
from app.queries.params import DataParams, OneParams, RecordParams
from app.queries.search import SEARCH, SearchHit, SearchParams
from app.records import Change, ListOf, Suggestion
from app.representations.values import One
from app.resources.actors import Actor
from app.resources.agreements import Agreement
from app.resources.commitments import Commitment
from app.resources.documents import Document
from app.resources.quotes import Quote
from app.resources.summits import Summit
from app.store.release import OpenRelease
from app.vocabulary import RecordType

router = APIRouter(route_class=Endpoint)
_slug = re.compile(SLUG)


@cache
def _page_of(shape: type[BaseModel]) -> type[BaseModel]:
    """The shape of a page of a list, as the documentation names it: `AgreementList`."""
    base: Any = ListOf.__class_getitem__(shape)
    name = shape.__name__
    return create_model(f"{name}List", __base__=base, __doc__=f"A page of {name.lower()}s.")


@router.get("/agreements", tags=["agreements"], response_model=_page_of(Agreement))
async def list_agreements(params: QueryOf[AgreementParams], release: Reading) -> Walk:
    """What leaders adopted, founded, stated or launched together, newest first.

    `actor` counts in what others agreed for it on that day: a person in an office for it, or a
    group of which it was a member; and for a person, what those agreed for whom it was at the
    summit. `way` says which of these are meant.
    """
    return await walk_of(AGREEMENTS, params, release)


@router.get("/agreements/{id}", tags=["agreements"], response_model=Agreement)
async def read_agreement(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """What was agreed, by whom, and the words that prove it.

    Its commitments and quotes are named here; the other lists give them whole, by `agreement`.
    """
    return await _one(RecordType.AGREEMENT, id, params, release)


@router.get("/commitments", tags=["commitments"], response_model=_page_of(Commitment))
async def list_commitments(params: QueryOf[CommitmentParams], release: Reading) -> Walk:
    """What was promised or done, by whom and to whom, newest first.

    A sum stands once, at the commitment of which it is said. To compare sums, ask for one
    `currency` and `sort=-amount`.
    """
    return await walk_of(COMMITMENTS, params, release)


@router.get("/commitments/{id}", tags=["commitments"], response_model=Commitment)
async def read_commitment(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A promise or action, its sum and state, and the words that prove it.

    Who owes it is in `by`, to whom in `to`. What is named with a sum has no sum of its own.
    """
    return await _one(RecordType.COMMITMENT, id, params, release)


@router.get("/quotes", tags=["quotes"], response_model=_page_of(Quote))
async def list_quotes(params: QueryOf[QuoteParams], release: Reading) -> Walk:
    """What was said, to the character, newest first.

    `speaker` finds who spoke, or the document that is quoted; `mentions` finds words that name
    an actor.
    """
    return await walk_of(QUOTES, params, release)


@router.get("/quotes/{id}", tags=["quotes"], response_model=Quote)
async def read_quote(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """Words, who said them, and where they stand.

    `speaker` is an actor, or the document whose text is quoted.
    """
    return await _one(RecordType.QUOTE, id, params, release)


@router.get("/summits", tags=["summits"], response_model=_page_of(Summit))
async def list_summits(params: QueryOf[SummitParams], release: Reading) -> Walk:
    """Meetings of leaders, newest first.

    What came of one is in the other lists, by `summit`: `/agreements?summit=us-japan-2025-02`.
    """
    return await walk_of(SUMMITS, params, release)


@router.get("/summits/{id}", tags=["summits"], response_model=Summit)
async def read_summit(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """Who met, where and when, and how much came of it.

    What came of it, record by record, is in the other lists, by `summit`.
    """
    return await _one(RecordType.SUMMIT, id, params, release)


@router.get("/actors", tags=["actors"], response_model=_page_of(Actor))
async def list_actors(params: QueryOf[ActorParams], release: Reading) -> Walk:
    """Persons, countries or areas, alliances and bodies, by name.

    `q` finds a name in any form that the sources use; `office_of=japan` finds who holds or
    held an office for Japan.
    """
    return await walk_of(ACTORS, params, release)


@router.get("/actors/{id}", tags=["actors"], response_model=Actor)
async def read_actor(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A person, country or area, alliance or body, with its offices or members.

    What it agreed, promised and said is in the other lists: `/agreements?actor=japan`,
    `/commitments?by=japan`, `/quotes?speaker=shigeru-ishiba`.
    """
    return await _one(RecordType.ACTOR, id, params, release)


@router.get("/documents", tags=["documents"], response_model=_page_of(Document))
async def list_documents(params: QueryOf[DocumentParams], release: Reading) -> Walk:
    """The sources, newest first.

    What one proves is in the other lists, by `document`:
    `/commitments?document=red-nation-today-japan-us`.
    """
    return await walk_of(DOCUMENTS, params, release)


@router.get("/documents/{id}", tags=["documents"], response_model=Document)
async def read_document(id: Id, params: QueryOf[OneParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A source, and the records that it proves.

    A publisher's text is not kept here. `sha256` and `characters` tell which text it is that the
    `start` and `end` of a passage count in.
    """
    return await _one(RecordType.DOCUMENT, id, params, release)


def _add_history(kind: RecordType) -> None:
    """Add the route of what happened to a record of a type."""

    async def read_history(id: Id, params: QueryOf[HistoryParams], release: Reading) -> Value:  # noqa: A002 - its name in the path
        if now := await release.renamed_to(kind, id):
            return _moved(links.history_path(kind, now), params)
        if not _slug.match(id) or not await release.ever_had(kind, id):
            raise await _no_such(kind, id, params, release)
        ids = [id, *await release.former_ids(kind, id)]
        fixed = {"type": [kind.value], "id": ids}
        return await walk_of(CHANGES, params, release, links.history_path(kind, id), fixed)

    read_history.__doc__ = (
        f"What happened to this {kind.value} from release to release, the latest first.\n\n"
        "It follows the record through its ids, and tells of one that was withdrawn too."
    )
    router.add_api_route(
        f"/{kind.plural}/{{id}}/history", read_history, methods=["GET"], tags=[kind.plural],
        response_model=_page_of(Change), name=f"read_{kind.value}_history",
    )  # fmt: skip


for _kind in RecordType:
    _add_history(_kind)


class SearchResult(ListOf[SearchHit]):
    """A page of what was found."""

    suggestions: list[Suggestion] = Field(
        description="Where nothing was found: other spellings and fewer words that find something."
    )


@router.get("/search", tags=["search"], response_model=SearchResult)
async def search(params: QueryOf[SearchParams], release: Reading) -> Walk:
    """Records of all types by their words, the matching words marked.

    Each hit has the texts in which the words stand, cut into pieces that match and pieces that
    do not. `sort=rank` shows those first that have the words in their title.
    """
    return await walk_of(SEARCH, params, release)


@router.get("/changes", tags=["releases"], response_model=_page_of(Change))
async def list_changes(params: QueryOf[ChangeParams], release: Reading) -> Walk:
    """What happened to the records from release to release, the latest first.

    A copy of release N becomes the present one by all changes of `since_release=N&sort=release`,
    put in one after the other; the `release` of the last page is what the copy then is. A walk
    goes on through the releases that are published meanwhile.
    """
    return await walk_of(CHANGES, params, release)


async def _one(
    kind: RecordType, id_: str, params: RecordParams, release: OpenRelease
) -> One | Response:
    """One record, or the way to its id in this release. Raises Gone, NotFound and UrlTooLong."""
    body = await release.body(kind, id_) if _slug.match(id_) else None
    if body is not None:
        return One(links.record_path(kind, id_), params, body, release.info.number, kind)
    if now := await release.renamed_to(kind, id_):
        return _moved(links.record_path(kind, now), params)
    stone = await release.tombstone(kind, id_) if _slug.match(id_) else None
    if stone is None:
        raise await _no_such(kind, id_, params, release)
    instead = f"; read {stone.replaced_by} in its place" if stone.replaced_by else ""
    raise Gone(
        f"the {kind.value} {id_} was withdrawn on {stone.withdrawn_at[:10]}: {stone.reason}"
        f"{instead}",
        tombstone=stone,
        nearest=[_as_asked(stone.replaced_by, params)] if stone.replaced_by else [],
    )


def _moved(path: str, params: DataParams) -> Response:
    """Lead to the id that a record has, whatever else was asked for. Raises UrlTooLong."""
    headers = {"cache-control": "no-cache"}  # the record may get its former id back
    there = links.query_path(path, params.pairs())
    if len(there) > MAX_LINK:
        why = f"this record is at {path}, and the query is too long to lead there"
        raise UrlTooLong(f"{why}; ask for less at once", nearest=[path])
    return RedirectResponse(there, 308, headers)


def _as_asked(path: str, params: DataParams) -> str:
    """Where a record is in the release that is asked for."""
    return links.query_path(path, [("as_of", params.as_of)] if params.as_of else [])


async def _no_such(
    kind: RecordType, id_: str, params: DataParams, release: OpenRelease
) -> NotFound:
    meant = await ids_meant(id_[:200], [kind], release)
    if not meant:  # but for the ending of a format
        meant = await ids_meant(id_[:200].rpartition(".")[0], [kind], release)
    others = [
        _as_asked(links.record_path(other, id_), params)
        for other in RecordType
        if _slug.match(id_) and await release.has(other, id_)
    ]
    also = question(meant) or f"; /{kind.plural} lists what there is"
    if later := await release.came_later(kind, id_[:200]):
        also, others = later, [links.record_path(kind, id_)]
    elif others:
        also = f"; did you mean {others[0]}?"
    return NotFound(
        f"there is no {kind.value} {id_[:200]}{release.then}{also}",
        nearest=[*others, *(_as_asked(links.record_path(kind, other), params) for other in meant)],
    )
