"""`/actors`."""

from fastapi import APIRouter

from app.http.endpoint import Asked, Endpoint, Id, Reading, Value
from app.paging import Walk, walk_of
from app.queries.actors import ACTORS, ActorParams
from app.queries.params import RecordParams
from app.records import ListOf
from app.resources.actors import Actor
from app.routes.record import one
from app.vocabulary import RecordType

router = APIRouter(tags=["actors"], route_class=Endpoint)


class ActorList(ListOf[Actor]):
    """A page of actors."""


class OneActor(RecordParams):
    """What can be asked of one actor."""

    shape = Actor


@router.get("/actors", response_model=ActorList)
async def list_actors(asked: Asked[ActorParams], release: Reading) -> Walk:
    """Persons, countries or areas, alliances and bodies, by name.

    `q` finds a name in any form that the sources use; `acts_for=japan` finds who speaks and acts
    for Japan.
    """
    return await walk_of(ACTORS, asked, release)


@router.get("/actors/{id}", response_model=Actor)
async def read_actor(id: Id, asked: Asked[OneActor], release: Reading) -> Value:  # noqa: A002 - its name in the path
    """A person, country or area, alliance or body, and for whom it acts.

    What it agreed, promised and said is in the other lists: `/agreements?actor=japan`,
    `/commitments?by=japan`, `/quotes?speaker=shigeru-ishiba`.
    """
    return await one(RecordType.ACTOR, id, asked, release)
