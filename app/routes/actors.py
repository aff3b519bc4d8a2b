"""`/actors`."""

from fastapi import APIRouter, Request, Response

from app.http.documentation import of_history, of_list, of_record
from app.queries.actors import ACTORS
from app.queries.changes import HistoryParams
from app.queries.params import RecordParams
from app.records import Actor, ListOf
from app.routes.serving import ChangeList, Endpoint, a_history, a_list, a_record
from app.vocabulary import RecordType

router = APIRouter(tags=["actors"], route_class=Endpoint)


class ActorList(ListOf[Actor]):
    """A page of actors."""


class OneActor(RecordParams):
    """What can be asked of one actor."""

    shape = Actor


@router.get("/actors", **of_list(ActorList, ACTORS.params))
async def list_actors(request: Request) -> Response:
    """Persons, countries or areas, alliances and bodies, by name.

    `q` finds a name in any form that the sources use; `acts_for=japan` finds who speaks and acts
    for Japan.
    """
    return await a_list(request, ACTORS)


@router.get("/actors/{id}", **of_record(Actor, OneActor, example="japan"))
async def read_actor(request: Request) -> Response:
    """A person, country or area, alliance or body, and for whom it acts.

    What it agreed, promised and said is in the other lists: `/agreements?actor=japan`,
    `/commitments?by=japan`, `/quotes?speaker=shigeru-ishiba`.
    """
    return await a_record(request, RecordType.ACTOR, OneActor)


@router.get(
    "/actors/{id}/history",
    **of_history(ChangeList, HistoryParams, example="japan"),
)
async def read_actor_history(request: Request) -> Response:
    """What happened to this actor from release to release, the latest first.

    It follows the record through its ids, and tells of one that was withdrawn too.
    """
    return await a_history(request, RecordType.ACTOR)
