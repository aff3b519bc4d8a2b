"""Where a path leads that is not there: as people write it, and what is near it.

In other capitals, as one for many (`/actor/japan`), with a format as its ending, with a slash.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import NamedTuple

from app import links
from app.beside import table_beside
from app.fields import MAX_ID, SLUG
from app.formats import FORMATS, Content, names
from app.lookup import guess, ids_meant, refuse_unknown_values
from app.nearest import likeliest
from app.queries.params import PagedParams
from app.queries.querystring import QueryFaults, read
from app.queries.search import SEARCH
from app.queries.values import MAX_Q
from app.representations.pages.related import LISTINGS
from app.store.release import OpenRelease
from app.text import slug_of
from app.vocabulary import PLURALS, RecordType

PATHS = (
    "/", "/summits", "/actors", "/agreements", "/commitments", "/quotes", "/documents", "/search",
    "/changes", "/check", "/topics", "/vocabulary", "/releases", "/openapi.json", "/docs",
    "/llms.txt", "/about", "/schemas/bundle.json", "/health/live", "/health/ready",
)  # fmt: skip
FILES = {
    "bundle.json": "application/json",
    "readout.db": "application/octet-stream",
    "datapackage.zip": "application/zip",
}
"""The files of a release, and their media types."""
_LISTINGS = LISTINGS | {"search": SEARCH}
# A second leading slash could lead to another server.
_plain = re.compile(r"(?:/[A-Za-z0-9._~-]+){1,5}/?")
_before = re.compile(r"(?:/(?:api|rest)(?=/|$))?(?:/v[0-9]+(?:\.[0-9]+)?(?=/|$))?", re.IGNORECASE)
"""What other services have before every path."""
_in_release = re.compile(r"(/releases/[0-9]{1,9}/)([^/]+)")
_HEADS = {path.lower(): path for path in PATHS} | {
    path.removesuffix("s"): path for path in PATHS if path.endswith("s") and path != "/docs"
}
_ALSO: dict[str, str | list[str]] = table_beside(__file__)
"""Lists by what people call them: what is the same, or those that have some of it."""
_CONTENTS = {f"/{plural}": Content.LIST for plural in PLURALS} | {
    "/search": Content.HITS, "/changes": Content.CHANGES, "/topics": Content.TOPICS,
    "/releases": Content.RELEASES,
}  # fmt: skip
_ENDINGS = {each.file or each.name: each.name for each in FORMATS}


class _Place(NamedTuple):
    """A path that is there, and what it answers."""

    path: str
    content: Content | None
    query: str = ""


async def moved_to(path: str, query: str, release: OpenRelease | None) -> str | None:
    """The path and query that are meant by a path that is not there; None for no or several."""
    if not _plain.fullmatch(path):
        return None
    bare = path.rstrip("/")
    if place := await _place(bare, release):
        return _with_query(place, query) if place.path != path else None
    stem, _, ending = bare.rpartition(".")
    place = await _place(stem, release) if stem else None
    format_ = _ENDINGS.get(ending.lower())
    if not place or not place.content or format_ not in names(place.content):
        return None
    typed = links.format_in(query.encode())
    if typed or "format=" in query:
        return _with_query(place, query) if typed == format_ else None
    return _with_query(place, f"{query}&format={format_}" if query else f"format={format_}")


def _with_query(place: _Place, query: str) -> str | None:
    """The path with its own query and what was typed; None where they ask for the same."""
    if place.query and f"{place.query.partition('=')[0]}=" in query:
        return None
    both = "&".join(filter(None, (place.query, query)))
    return f"{place.path}?{both}" if both else place.path


def _usual(path: str) -> str | list[str]:
    """The path that people mean by one, without what other services have before it; or those near.

    A record has its id in whatever list it is looked for.
    """
    path = _before.sub("", path, count=1)
    head, slash, rest = path.removeprefix("/").partition("/")
    also = _ALSO.get(head.lower()) or _ALSO.get(f"{head.lower()}s") or path
    if not slash or also == path:
        return also
    lists = [also] if isinstance(also, str) else also
    records = [f"{each.partition('?')[0]}/{rest}" for each in lists]
    return records if len(records) > 1 else records[0]


async def _place(typed: str, release: OpenRelease | None) -> _Place | None:
    usual = _usual(typed)
    if not usual or isinstance(usual, list):
        return None
    path, _, query = usual.partition("?")
    if whole := _HEADS.get(path.lower()):
        return _Place(whole, _CONTENTS.get(whole), query)
    _, first, *rest = path.split("/")
    head = _HEADS.get(f"/{first.lower()}", "")
    kind = PLURALS.get(head[1:])
    if release is None or not rest:
        return None
    if head == "/releases" and rest in [[str(each.number)] for each in release.releases]:
        return _Place(f"{head}/{rest[0]}", Content.RELEASE)
    if kind is None or not re.fullmatch(SLUG, rest[0]) or not await release.ever_had(kind, rest[0]):
        return None
    if [part.lower() for part in rest[1:]] == ["history"]:
        return _Place(links.history_path(kind, rest[0]), Content.CHANGES)
    return _Place(links.record_path(kind, rest[0]), Content.RECORD) if len(rest) == 1 else None


async def formats_of(typed: str, release: OpenRelease | None) -> str:
    """The end of a sentence that says which formats there are, for a path with another ending."""
    place = await _place(typed.rpartition(".")[0], release)
    return f"; its formats are {', '.join(names(place.content))}" if place and place.content else ""


async def near(typed: str, query: str, release: OpenRelease | None) -> list[str]:
    """Paths that are there and may have been meant, the most likely first.

    A list that a record narrows is asked as it was typed, where it can be.
    """
    usual = _usual(re.sub("/{2,}", "/", typed))
    if isinstance(usual, list):
        places = [place for each in usual if (place := await _place(each, release))]
        return await _asked(places, query, release)
    path = usual.partition("?")[0]
    if not path:
        return ["/", "/docs", "/openapi.json"]
    if place := await _place(path, release) or await _place(path.rpartition(".")[0], release):
        return await _asked([place._replace(query="")], query, release)
    if file := _in_release.fullmatch(path):
        stem = file[2].partition(".")[0]
        return [f"{file[1]}{n}" for n in likeliest(file[2], FILES) or likeliest(stem, FILES)]
    head, _, rest = path.strip("/").partition("/")
    whole = _HEADS.get(f"/{head.lower()}", "")
    kind = PLURALS.get(whole[1:])
    if whole == "/search" and rest:
        return await _asked(_searched(rest, query), query, release)
    if whole == "/topics" and rest:
        asked = links.query_of([("topic", rest.lower().replace("-", "_"))])
        on_topic = [_Place(f"/{name}", None, asked) for name in LISTINGS]
        return await _asked(on_topic, query, release) or [whole]
    if kind and rest and release:
        id_, _, of_it = rest.partition("/")
        ids = await ids_meant(id_[:200], [kind], release)
        lists = [
            path
            for each in ids
            for wanted, more in _of_a_record(of_it, query)
            for path, asked in _lists(wanted, kind, each, more)
            if await _is_there(asked, release)
        ]
        return lists or [links.record_path(kind, each) for each in ids]
    places = [_Place(each, _CONTENTS.get(each)) for each in likeliest(path, PATHS)]
    return await _asked(places, query, release) or await _records(head[:200], release)


def _searched(rest: str, query: str) -> list[_Place]:
    """What is meant by a path behind `/search`: a type, a list, or words where none are asked."""
    if "q=" not in query:
        words = links.query_of([("q", rest.replace("/", " ")[:MAX_Q])])
        return [_Place(SEARCH.path, None, words)]
    if kind := PLURALS.get(rest.lower()):
        return [_Place(SEARCH.path, None, f"type={kind.value}")]
    usual = _usual(f"/{rest}")
    lists = [each.partition("?") for each in ([usual] if isinstance(usual, str) else usual)]
    return [_Place(path, None, more) for path, _, more in lists if path in _HEADS]


async def elsewhere(path: str, query: str, wrong: set[str], release: OpenRelease) -> list[str]:
    """The lists of which the very query can be asked that this path does not take.

    Every list that has the parameters that are wrong here reads it. A search of all records stands
    for those of the lists.
    """
    if (whole := path.removesuffix("/search")) and whole != path:
        return await _asked([_Place(whole, None)] if whole in PATHS else [], query, release)
    if path not in PATHS:
        return []
    places = [
        _Place(f"/{name}", None)
        for name, listing in _LISTINGS.items()
        if path != f"/{name}" and wrong <= listing.params.model_fields.keys()
    ]
    paths = await _asked(places, query, release)
    return [each for each in paths if each.startswith(f"{SEARCH.path}?")] or paths


async def _records(name: str, release: OpenRelease | None) -> list[str]:
    """The paths of the records of an id, or of the actors and summits that may be meant by it."""
    if release is None or "." in name:  # as programs look for what others have
        return []
    slug = slug_of(name, MAX_ID)
    kinds = [kind for kind in RecordType if slug and await release.has(kind, slug)]
    return [links.record_path(kind, slug) for kind in kinds] or [
        links.record_path(kind, id_)
        for kind in (RecordType.ACTOR, RecordType.SUMMIT)
        for ids, sure in [await guess(name, [kind], release)]
        for id_ in ids
        if sure  # a word is no part of an id
    ]


def _of_a_record(of_it: str, query: str) -> Iterator[tuple[str, str]]:
    """The lists that are meant behind the path of a record: their names and queries."""
    usual = _usual(f"/{of_it}")
    for each in [usual] if isinstance(usual, str) else usual:
        path, _, more = each.partition("?")
        yield _HEADS.get(path.lower(), "")[1:], "&".join(filter(None, (more, query)))


async def _asked(places: list[_Place], query: str, release: OpenRelease | None) -> list[str]:
    """The paths of lists with all that was asked, but for those where it can't be asked."""
    paths = []
    for place in places:
        path = _with_query(place, query)
        if (listing := _LISTINGS.get(place.path[1:])) is None:
            paths.append(place.path)  # it is no list of records
            continue
        with suppress(QueryFaults):
            asked = read(listing.params, (path or "").partition("?")[2].encode())
            if path and await _is_there(asked, release):
                paths.append(path)
    return paths


async def _is_there(params: PagedParams, release: OpenRelease | None) -> bool:
    """Whether all that a list is asked for is on record."""
    if params.cursor or release is None or params.as_of not in {None, str(release.info.number)}:
        return False  # of another walk, or of a release that may not be there
    with suppress(QueryFaults):
        await refuse_unknown_values(params, release)
        return True
    return False


def _lists(
    wanted: str, kind: RecordType, id_: str, query: str
) -> Iterator[tuple[str, PagedParams]]:
    """The lists of this name that a record narrows, by each filter that takes its id."""
    if wanted not in PLURALS:
        return
    shape = LISTINGS[wanted].params
    takes = [name for name, refers in shape.references.items() if refers.kinds == (kind,)]
    for name in [kind.value] if kind.value in takes else takes:
        with suppress(QueryFaults):
            asked = read(shape, f"{links.query_of([(name, id_)])}&{query}".encode())
            # Two values of one filter are either of them, which asks for more.
            if len(getattr(asked, name)) == 1:
                yield links.query_path(f"/{wanted}", asked.pairs()), asked
