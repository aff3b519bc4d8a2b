"""The routes about the service itself: `/`, `/releases`, health and figures."""

from collections.abc import Sequence
from typing import Literal

import orjson
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from app import links, metrics
from app.formats import BY_NAME
from app.http.answers import answer
from app.http.endpoint import Endpoint, Number, QueryOf, Reading, current_release
from app.paging import Page
from app.problems import NotFound, Unavailable
from app.queries.params import DataParams, IndexParams, ReleaseParams, ReleasesParams, TopicsParams
from app.records import ABOUT, ListOf, Release, Shape
from app.representations.values import One
from app.resources.topics import CountedTopic
from app.store.release import OpenRelease
from app.store.serving import Store
from app.vocabulary import KINDS, RecordType, Term

_NEVER_KEPT = {"cache-control": "no-store"}
_TOPIC_COUNTS = (
    "SELECT value, type, COUNT(*) FROM record_link WHERE field = 'topic' GROUP BY value, type"
)
router = APIRouter(route_class=Endpoint)


class Word(Shape):
    """A value of a closed list."""

    value: str = Field(examples=["under_way"])
    """As it stands in records and filters."""
    label: str = Field(examples=["under way"])
    """As people write it within a sentence."""
    meaning: str = Field(examples=["Has begun and is not finished."])
    """What it says of a record."""


class Vocabulary(Shape):
    """A closed list."""

    name: str = Field(examples=["CommitmentStatus"])
    """The name of its schema."""
    meaning: str = Field(examples=["How far it has come, as the sources have it and no further."])
    """What it says of a record."""
    values: list[Word]
    """Its values, in their order."""


class Resource(Shape):
    """A list that can be asked for."""

    name: str = Field(examples=["agreements"])
    """Its name."""
    href: str = Field(examples=["/agreements"])
    """Its path."""
    about: str = Field(examples=["What the parties adopted, founded, stated or launched together."])
    """What its records are."""
    count: int = Field(ge=0, examples=[9])
    """How many there are in this release."""


class Overview(Shape):
    """Where a program begins."""

    name: str = Field("Readout", examples=["Readout"])
    """The name of the service."""
    about: str = Field(ABOUT, examples=[ABOUT])
    """What it serves."""
    release: Release
    """The release that is served now."""
    resources: list[Resource]
    """The lists that can be asked for."""
    search: str = Field("/search", examples=["/search"])
    """The path of the full-text search."""
    check: str = Field("/check", examples=["/check"])
    """The path to which a draft is sent, to be compared with the record."""
    mcp: str = Field("/mcp", examples=["/mcp"])
    """The path to which assistants send requests of the Model Context Protocol."""
    topics: str = Field("/topics", examples=["/topics"])
    """The path of the topics by which records are sorted."""
    releases: str = Field("/releases", examples=["/releases"])
    """The path of the list of releases."""
    documentation: str = Field("/docs", examples=["/docs"])
    """The path of the documentation for people."""
    openapi: str = Field("/openapi.json", examples=["/openapi.json"])
    """The path of the documentation for programs."""
    bundle_schema: str = Field("/schemas/bundle.json", examples=["/schemas/bundle.json"])
    """The path of the JSON Schema of the files that curators write."""


class Health(Shape):
    """How the server is."""

    status: Literal["ok"] = "ok"
    """Always `ok`: a server that is not well answers with a problem."""
    release: int | None = Field(examples=[1])
    """The number of the release that is served; null where none is needed to be alive."""
    behind: bool = Field(examples=[False])
    """Whether a newer release may be published than is served, as the storage of releases can't be
    reached, or what came from it can't be used."""


class ReleaseList(ListOf[Release]):
    """All releases."""


class VocabularyList(ListOf[Vocabulary]):
    """All closed lists."""


class TopicList(ListOf[CountedTopic]):
    """All topics."""


@router.get("/", tags=["service"], response_model=Overview)
async def read_index(params: QueryOf[IndexParams], release: Reading) -> One:
    """Where a program begins: what there is, how much of it, which release, where the docs are.

    Every list is named with its path and the number of its records.
    """
    return _one("/", params, _overview(release), release)


def _overview(release: OpenRelease) -> Overview:
    counts = release.info.counts
    return Overview(
        release=release.info,
        resources=[
            Resource(
                name=kind.plural,
                href=f"/{kind.plural}",
                about=kind.meaning,
                count=counts[kind.plural],
            )
            for kind in RecordType
        ],
    )


@router.get("/llms.txt", include_in_schema=False)
async def read_llms(request: Request) -> Response:
    """The index in Markdown, where language models look for it (https://llmstxt.org)."""
    with current_release(request) as release:
        index = _one("/", IndexParams(), _overview(release), release)
        return await answer(request, index, release, BY_NAME["md"])


@router.get("/releases", tags=["releases"], response_model=ReleaseList)
async def list_releases(params: QueryOf[ReleasesParams], release: Reading) -> Page:
    """The states of the whole data set that were published here, the newest first.

    The number of a release names the state of everything. It is in every list, in
    `Dataset-Release` and in the `ETag`, and it is what to cite.
    """
    return _all("/releases", params, release.releases, release)


def _all(path: str, params: DataParams, items: Sequence[BaseModel], release: OpenRelease) -> Page:
    """A list that has just one page."""
    return Page(
        path=path,
        params=params,
        items=[orjson.dumps(each.model_dump()) for each in items],
        total=len(items),
        url=links.query_path(path, params.pairs()),
        query=params.query,
        release=release.info.number,
    )


@router.get("/vocabulary", tags=["service"], response_model=VocabularyList)
async def list_vocabulary(params: QueryOf[DataParams], release: Reading) -> Page:
    """The closed lists, each value with its words for people and its meaning.

    They are part of the contract: a value may be added, and none changes what it says.
    """
    lists = [
        Vocabulary(
            name=terms.__name__,
            meaning=" ".join((terms.__doc__ or "").split()),
            values=[
                Word(value=term.value, label=term.value.replace("_", " "), meaning=term.meaning)
                for term in terms
            ],
        )
        for terms in Term.__subclasses__()
    ]
    return _all("/vocabulary", params, lists, release)


@router.get("/topics", tags=["service"], response_model=TopicList)
async def list_topics(params: QueryOf[TopicsParams], release: Reading) -> Page:
    """The topics by which records are sorted, with what belongs to each, by id.

    `topic` asks any list of records for one of them. It finds what is a part of that topic, too.
    """
    counted: list[CountedTopic] | None = release.remembered(_TOPIC_COUNTS)
    if counted is None:
        counts = {id_: {kind.plural: 0 for kind in RecordType} for id_ in release.topics}
        [rows] = await release.rows((_TOPIC_COUNTS, {}))
        for id_, kind, count in rows:
            counts[id_][KINDS[kind].plural] = count
        counted = [CountedTopic(**row, counts=counts[id_]) for id_, row in release.topics.items()]
        release.remember(_TOPIC_COUNTS, counted)
    return _all("/topics", params, counted, release)


@router.get("/releases/{number}", tags=["releases"], response_model=Release)
async def read_release(number: Number, params: QueryOf[ReleaseParams], release: Reading) -> One:
    """One state of the whole data set: when and why it was published, and what it changed.

    `as_of` with the same number asks every list and record as it was then.
    """
    named = the_release(number, release)
    return _one(links.release_path(named.number), params, named, release)


def _one(path: str, params: DataParams, content: BaseModel, release: OpenRelease) -> One:
    return One(path, params, content.model_dump_json().encode(), release.info.number)


def the_release(number: str, release: OpenRelease) -> Release:
    """The release that a path names. Raises NotFound."""
    for each in release.releases:
        if number == str(each.number):
            return each
    latest = release.releases[0].number
    raise NotFound(
        f"there is no release {number[:200]}; the latest is {latest}",
        nearest=[links.release_path(latest)],
    )


@router.get("/health/live", tags=["service"], response_model=Health)
async def read_liveness(request: Request) -> Response:
    """Whether the process is alive; restart it if this fails.

    It asks nothing of the data; `release` is null while there is none.
    """
    return _health(request.app.state.store)


@router.get("/health/ready", tags=["service"], response_model=Health)
async def read_readiness(request: Request) -> Response:
    """Whether there is a release to serve; send no traffic while this fails.

    Until one is loaded it answers 503, and says how to load it. A server that is `behind` is
    ready: it answers from the last release that it has.
    """
    state = request.app.state
    if state.ending.is_set():
        raise Unavailable("the server is about to end; ask another one, or again in a moment")
    if why := state.store.unavailable():
        raise Unavailable(why)
    return _health(state.store)


def _health(store: Store) -> Response:
    number = store.current.info.number if store.current else None
    health = Health(release=number, behind=store.behind)
    body = f"{health.model_dump_json()}\n"
    return Response(body, headers=_NEVER_KEPT, media_type="application/json")


async def read_metrics(request: Request) -> Response:
    """Figures for Prometheus; not here if the operator wants them on a port of their own."""
    if request.app.state.settings.metrics_port is not None:
        raise NotFound("there are no figures at this port")
    if observed := request.app.state.observed:
        observed.count()
    return Response(
        generate_latest(metrics.registry()), headers=_NEVER_KEPT, media_type=CONTENT_TYPE_LATEST
    )


router.add_route("/metrics", read_metrics, include_in_schema=False)
