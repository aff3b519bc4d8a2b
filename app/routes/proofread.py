"""A draft against the record: which of its quotations, figures and promises are on it."""

import sqlite3

from fastapi import APIRouter
from starlette.requests import Request

from app.beside import json_beside
from app.http.answers import base
from app.http.bodies import text_of
from app.http.endpoint import Endpoint, QueryOf, Reading, current_release
from app.proofread.check import Judgement, judge
from app.proofread.draft import Draft
from app.proofread.shapes import CheckedDraft
from app.proofread.sources import Sources
from app.queries.params import CheckParams
from app.representations.drafts import Proofread, proofread
from app.representations.values import View
from app.store.release import Ask, OpenRelease

router = APIRouter(route_class=Endpoint)
_DRAFT = json_beside(__file__)
"""The body in OpenAPI: JSON alone, as one media type is what generators of clients understand."""


@router.get("/check", tags=["check"], response_model=CheckedDraft)
async def read_check(request: Request, params: QueryOf[CheckParams], release: Reading) -> Proofread:
    """What a check answers, of an empty draft; for people, the page with a box to paste one into.

    Send a draft with `POST`.
    """
    return await _checked(request, params, release, "", "text/plain")


@router.post("/check", tags=["check"], response_model=CheckedDraft, openapi_extra=_DRAFT)
async def check(request: Request, params: QueryOf[CheckParams], release: Reading) -> Proofread:
    """Which quotations, figures and promises of a draft are on record, and how they differ.

    The draft may come as `text/plain`, `text/markdown` or `text/html`, too, or as `text` of a form
    (`application/x-www-form-urlencoded`): 64 KiB of text at most.

    Nothing of a draft is stored, logged or counted but its size. The same draft gets the same
    answer from the same release; `as_of` names one. A verdict says what is on record, never what
    is true.
    """
    return await _checked(request, params, release, *await text_of(request))


async def _checked(
    request: Request, params: CheckParams, release: OpenRelease, sent: str, media_type: str
) -> Proofread:
    value = await check_of(sent, media_type, params, View(base(request), release), request)
    number = release.info.number
    return Proofread("/check", params, value.model_dump_json().encode(), number, draft=sent)


async def check_of(
    sent: str, media_type: str, params: CheckParams, view: View, request: Request
) -> CheckedDraft:
    """The check of a draft, read and compared in a thread, in turn with long queries."""
    release = view.release

    def compare(ask: Ask) -> tuple[Draft, Judgement]:
        draft = Draft(sent, media_type)
        try:
            return draft, judge(draft, Sources(ask, release))
        except sqlite3.Error as error:  # its message may hold words of the draft, for the log
            raise RuntimeError(f"a draft can't be compared: {type(error).__name__}") from None

    draft, judgement = await release.work(compare)
    return await proofread(draft, judgement, params, view, current_release(request))
