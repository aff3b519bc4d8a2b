"""`/quotes`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.params import RecordParams
from app.queries.quotes import QUOTES, QuoteParams
from app.records import ListOf
from app.resources.quotes import Quote
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["quotes"], route_class=Endpoint)


class QuoteList(ListOf[Quote]):
    """A page of quotes."""


class OneQuote(RecordParams):
    """What can be asked of one quote."""

    shape = Quote


@router.get("/quotes", response_model=QuoteList)
async def list_quotes(asked: Asked[QuoteParams], release: Reading) -> Walk:
    """What was said, to the character, newest first.

    `speaker` finds who spoke, or the document that is quoted; `mentions` finds words that name
    an actor.
    """
    return await walk_of(QUOTES, asked, release)


@router.get("/quotes/{id}", response_model=Quote)
async def read_quote(id: Id, asked: Asked[OneQuote], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """Words, who said them, and where they stand.

    `speaker` is an actor, or the document whose text is quoted.
    """
    return await one(RecordType.QUOTE, id, asked, release)
