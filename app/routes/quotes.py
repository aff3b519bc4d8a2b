"""`/quotes`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.changes import HistoryParams
from app.queries.params import RecordParams
from app.queries.quotes import QUOTES
from app.records import ListOf, Quote
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["quotes"], route_class=Endpoint)


class QuoteList(ListOf[Quote]):
    """A page of quotes."""


class OneQuote(RecordParams):
    """What can be asked of one quote."""

    shape = Quote


@router.get("/quotes", **of_list(QuoteList, QUOTES.params))
async def list_quotes(request: Request) -> Response:
    """What was said, to the character, newest first.

    `speaker` finds who spoke, or the document that is quoted; `mentions` finds words that name
    an actor.
    """
    return await a_list(request, QUOTES)


@router.get("/quotes/{id}", **of_record(Quote, OneQuote, example="joint-statement-golden-age"))
async def read_quote(request: Request) -> Response:
    """Words, who said them, and where they stand.

    `speaker` is an actor, or the document whose text is quoted.
    """
    return await a_record(request, RecordType.QUOTE, OneQuote)


@router.get(
    "/quotes/{id}/history",
    **of_history(ChangeList, HistoryParams, example="joint-statement-golden-age"),
)
async def read_quote_history(request: Request) -> Response:
    """What happened to this quote from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.QUOTE)
