"""The format of an answer: `format` if it is given, `Accept` if not (RFC 9110, section 12)."""

import re
from functools import cache, lru_cache
from operator import itemgetter
from typing import TypeVar

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Scope

from app import links
from app.formats import BY_NAME, FEEDS, FORMATS, PAGING, Content, Format, showing
from app.problems import BadQuery, Fault, NotAcceptable
from app.queries.params import Params, choices
from app.representations.wording import listed

_range = re.compile(r"(\*|[\w!#$&^.+-]+)(?:/(\*|[\w!#$&^.+-]+))?")
_quality = re.compile(r"\s*q\s*=\s*([01]?(?:\.[0-9]*)?)\s*", re.IGNORECASE)
P = TypeVar("P", bound=Params)
_LONGEST = 1_000  # characters of Accept that are read
# They take anything, and show the page to people: as a card under a link, or as what was found.
_previewer = re.compile(
    "slackbot|twitterbot|facebookexternalhit|linkedinbot|discordbot|whatsapp/|telegrambot|"
    "skypeuripreview|redditbot|pinterestbot|embedly|iframely|mastodon|bingbot|wordpress/",
    re.IGNORECASE,
)
_ANYTHING = frozenset({"", "*/*"})


def format_of(request: Request, params: Params) -> Format:
    """The format of an answer. Raises NotAcceptable, and BadQuery for what it has no use for."""
    offered = showing(params.content)
    chosen = _chosen(request, params)
    if chosen is None:
        paths = [links.query_path(request.url.path, params.pairs_as(other)) for other in offered]
        there_is = ", ".join(f"{other.media_type} (format={other.name})" for other in offered)
        raise NotAcceptable(f"this can be had as {there_is}", nearest=paths)
    refused = sorted(chosen.refuses & params.model_fields_set)
    if refused:
        faults = [
            Fault(parameter=name, detail=_why_unread(name, chosen, offered)) for name in refused
        ]
        run = links.query_path(request.url.path, params.pairs_as(chosen))
        raise BadQuery("; ".join(fault.detail for fault in faults), errors=faults, run=run)
    return chosen


def in_the_order_of_its_format(request: Request, params: P) -> P:
    """Feeds begin with what changed last: a reader looks at their first page alone."""
    chosen = _chosen(request, params)
    is_feed = chosen is not None and chosen.name in FEEDS
    if not is_feed or "sort" in params.model_fields_set or "-changed" not in _orders(type(params)):
        return params
    return type(params).model_validate(params.model_dump(exclude_unset=True) | {"sort": "-changed"})


@cache
def _orders(shape: type[Params]) -> list[str]:
    return choices(shape, "sort") if "sort" in shape.model_fields else []


def unread(request: Request, params: Params) -> frozenset[str]:
    """The parameters that the format of an answer does not read."""
    chosen = _chosen(request, params)
    return chosen.refuses if chosen else frozenset()


def _chosen(request: Request, params: Params) -> Format | None:
    if params.format:
        return BY_NAME[params.format]
    return acceptable(_accept(request.headers), showing(params.content))


def _why_unread(name: str, chosen: Format, offered: tuple[Format, ...]) -> str:
    """Why a format has no use for a parameter, and which of the others has."""
    if chosen.whole and name in PAGING:
        return f"{name} is for pages, and {chosen.name} is the whole result; leave it out"
    readers = listed(other.name for other in offered if name in other.reads)
    return f"{name} is for {readers}, and means nothing to {chosen.name}; leave it out"


def format_of_problem(scope: Scope) -> Format:
    """The format of an error, whatever was asked for: there is always one."""
    offered = showing(Content.PROBLEM)
    chosen = BY_NAME.get(links.format_in(scope.get("query_string", b"")) or "")
    if chosen in offered:
        return chosen
    return acceptable(_accept(Headers(scope=scope)), offered) or offered[0]


def _accept(headers: Headers) -> str:
    accept = joined(headers, "accept")[:_LONGEST]
    return "text/html" if is_for_a_preview(accept, headers.get("user-agent", "")) else accept


@lru_cache(maxsize=512)
def is_for_a_preview(accept: str, user_agent: str) -> bool:
    """Whether a program that says nothing of formats shows the page to people."""
    return accept.strip() in _ANYTHING and _previewer.search(user_agent[:_LONGEST]) is not None


@lru_cache(maxsize=512)
def acceptable(accept: str, offered: tuple[Format, ...]) -> Format | None:
    """The format that a client likes best, the first one of equals; None if it takes none."""
    return next((each for each in preferred(accept) if each in offered), None)


@lru_cache(maxsize=512)
def preferred(accept: str) -> tuple[Format, ...]:
    """The formats that a client takes, the best first; of equals, those that it names exactly.

    A client that says nothing that can be read takes everything.
    """
    qualities: dict[tuple[str, str], float] = {}
    for part in accept.split(","):
        media, *parameters = part.split(";")
        match = _range.fullmatch(media.strip().lower())
        quality = _quality_in(parameters) if match else None
        if match and quality is not None:
            qualities[match[1], match[2] or "*"] = quality
    # Java names what browsers of its youth took, whatever its program wants.
    if ("image", "gif") in qualities and ("application", "xhtml+xml") not in qualities:
        qualities.pop(("text", "html"), None)
    liked = [(_liking(each.media_type, qualities or {("*", "*"): 1.0}), each) for each in FORMATS]
    liked.sort(key=itemgetter(0), reverse=True)
    return tuple(each for (quality, _), each in liked if quality > 0)


def _quality_in(parameters: list[str]) -> float | None:
    """How gladly something is taken, from 0 to 1; None where it can't be read."""
    given = [q for q in map(_quality.fullmatch, parameters) if q]
    try:
        return min(float(given[0][1]), 1.0) if given else 1.0
    except ValueError:
        return None


def _liking(media_type: str, qualities: dict[tuple[str, str], float]) -> tuple[float, int]:
    """The quality of the most exact range that a media type is in, and how exact that range is."""
    main, _, sub = media_type.partition("/")
    for exactness, media_range in ((2, (main, sub)), (1, (main, "*")), (0, ("*", "*"))):
        if media_range in qualities:
            return qualities[media_range], exactness
    return 0.0, 0


def joined(headers: Headers, name: str) -> str:
    """A header that is a list, which may come in several lines (RFC 9110, section 5.3)."""
    return ",".join(headers.getlist(name))


@lru_cache(maxsize=512)
def coding_for(accept_encoding: str, offered: tuple[str, ...]) -> str | None:
    """The first of these codings that a client takes, if any (RFC 9110, section 12.5.3)."""
    takes: dict[str, bool] = {}
    for part in accept_encoding[:_LONGEST].lower().split(","):
        name, *parameters = part.split(";")
        takes[name.strip()] = (_quality_in(parameters) or 0) > 0
    return next((each for each in offered if takes.get(each, takes.get("*", False))), None)
