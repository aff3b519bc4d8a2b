"""Pages for people: a template for each sort of answer, and one for errors."""

import hashlib
import shlex
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from app import links
from app.formats import Content
from app.paging import Page, Walk
from app.problems import BadQuery, Fault, ProblemDetails, ValueFault
from app.queries.search import SEARCH
from app.records import ABOUT
from app.representations import cards, drafts, wording
from app.representations.pages import index, lists, records, rows
from app.representations.sources import since_then
from app.representations.values import Answer, Body, One, View, siblings

TEMPLATES = Path(__file__).parent.parent / "templates"
STATIC = TEMPLATES.parent / "static"
SWAGGER = Path(str(files("fastapi_swagger") / "resources"))
"""Swagger UI's own files, so that the documentation works offline."""
Context = dict[str, Any]
"""The values that a template writes, by name."""


async def _plain(answer: Page | One, view: View) -> Context:  # noqa: ARG001 - as all pages have it
    """The context of a page that needs nothing beside the answer."""
    return {"record": answer.record} if isinstance(answer, One) else {"records": answer.records}


# The template of each sort of answer, and the context that it has beside the frame.
_PAGES: dict[Content, tuple[str, Callable[[Any, View], Coroutine[Any, Any, Context]]]] = {
    Content.INDEX: ("index.html", index.context),
    Content.LIST: ("list.html", lists.context_of_records),
    Content.HITS: ("search.html", lists.context_of_hits),
    Content.CHANGES: ("changes.html", lists.context_of_changes),
    Content.RECORD: ("record.html", records.context),
    Content.RELEASES: ("releases.html", _plain),
    Content.TOPICS: ("topics.html", _plain),
    Content.RELEASE: ("release.html", _plain),
    Content.CHECK: ("check.html", drafts.context),
    Content.CARD: ("card.html", cards.context),
}
# What says only how an answer is written down: a page is the same page without it.
_NOT_OF_A_PAGE = ("format", "fields", "facet", "bom", "raw", "cursor")


async def represent(answer: Answer, view: View) -> Body:
    """A page that shows an answer, with what belongs to it."""
    name, context_of = _PAGES[answer.params.content]
    if isinstance(answer, Page) and answer.params.content is Content.LIST:
        return await _list(answer, view)
    context = _frame(answer, view) | await context_of(answer, view)
    one = [answer.record] if isinstance(answer, One) and answer.kind else []
    context["since"] = " ".join((await since_then(one, view)).values())
    if isinstance(answer, Page) and answer.walk:
        context["form"] = _form(answer.walk, view, context)
    return environment().get_template(name).render(context).encode()


# Where an own part of a page stands in what the pages of a walk share; nobody can write one.
_CURSOR, _NEXT, _ROWS = (f"place-{token_hex(12)}" for _ in range(3))


async def _list(page: Page, view: View) -> bytes:
    """A page of a list: what the pages of a walk share is rendered once."""
    assert page.walk is not None  # noqa: S101 - lists of records can be walked
    cursor, following = page.query.get("cursor", ""), page.next_cursor or ""
    shape = bool(cursor), bool(following), len(page.items), view.base, view.ignored
    key = ("page", page.walk.url, *shape)
    shared: str | None = view.release.remembered(key)
    if shared is None:
        blank = replace(
            page,
            query=page.query | ({"cursor": _CURSOR} if cursor else {}),
            next=page.next and page.next.replace(following, _NEXT),
        )
        context = _frame(blank, view) | await lists.context_of_records(blank, view)
        context |= {"rows": Markup(_ROWS), "since": ""}  # noqa: S704 - ours
        context["form"] = _form(page.walk, view, context)
        shared = environment().get_template("list.html").render(context)
        view.release.remember(key, shared)
    own = shared.replace(_CURSOR, cursor).replace(_NEXT, following)
    # The rows come last: no text of theirs is taken for a place.
    return own.replace(_ROWS, await lists.rows_of(page, view)).encode()


def _form(walk: Walk, view: View, context: Context) -> Markup:
    """The form by which a list is narrowed, which the pages of a walk share."""
    key = ("form", walk.url)
    form: Markup | None = view.release.remembered(key)
    if form is None:
        form = Markup(environment().get_template("form.html").render(context))  # noqa: S704 - ours
        view.release.remember(key, form)
    return form


def represent_problem(details: ProblemDetails, target: str) -> bytes:
    """A page that says what is wrong, and what to ask instead.

    `target` is the path and query as they were sent.
    """
    path, _, query = target.partition("?")
    # A cursor belongs to the query that it was given for, and the links ask others.
    pairs = [pair for pair in parse_qsl(query) if pair[0] != "cursor"]
    missing = [fault.parameter for fault in details.errors] == ["q"] and "q" not in dict(pairs)
    context = {
        "problem": details,
        "faults": [_wrong(fault, path, pairs) for fault in details.errors],
        "searching": path == SEARCH.path and details.status == BadQuery.status,
        "nothing_asked": missing and path == SEARCH.path,
        "q": dict(pairs).get("q", ""),
    }
    return _render_alone("problem.html", context)


def _wrong(fault: Fault, path: str, pairs: links.Pairs) -> dict[str, Any]:
    """A fault of a parameter, with its valid values, and their paths where it stands once."""
    valid, about = fault.valid or [], {"detail": fault.detail, "typed": fault.parameter}
    if isinstance(fault, ValueFault):
        about["typed"] = fault.typed
    at = [place for place, pair in enumerate(pairs) if pair[0] == fault.parameter]
    # Names of parameters, of which every request can carry `format`: `run` has what was meant.
    if len(at) != 1 or "format" in valid:
        return about | {"valid": [(value, None) for value in valid]}
    if valid and isinstance(fault, ValueFault):  # the list follows
        about["detail"] = f"{fault.typed} {fault.reason}"
    before, after = pairs[: at[0]], pairs[at[0] + 1 :]
    return about | {
        "valid": [
            (value, links.query_path(quote(path), [*before, (fault.parameter, value), *after]))
            for value in valid
        ]
    }


def named_at(path: str) -> str:
    """A path as a person reads it: `/actors/south-korea` gives `south korea`."""
    last = path.partition("?")[0].rstrip("/").rpartition("/")[2]
    return wording.term(last.replace("-", " ")) or path


def represent_documentation(base: str) -> bytes:
    """The page of the API's documentation, at this address."""
    return _render_alone("docs.html", {"here": "/docs", "base": base})


def represent_about(base: str, operator: str | None, contact: str | None) -> bytes:
    """The page about the record, at this address, run by this operator."""
    context = {"here": "/about", "base": base, "operator": operator, "contact": contact}
    return _render_alone("about.html", context)


def _render_alone(name: str, context: Context) -> bytes:
    """A page that shows no data of a release."""
    around = {"here": "", "as_of": None, "there": partial(links.then, as_of=None)}
    return render(name, **around | context).encode()


def _frame(answer: Answer, view: View) -> Context:
    """The context that the pages of all answers share."""
    as_of = answer.params.as_of
    pairs = answer.params.pairs(*_NOT_OF_A_PAGE)
    cursor = answer.query.get("cursor") if isinstance(answer, Page) else None
    own = [*pairs, ("cursor", cursor)] if cursor else pairs
    return {
        "answer": answer,
        "view": view,
        "siblings": siblings(answer),
        "canonical": (canonical := links.query_path(answer.path, own)),
        "start": links.query_path(answer.path, pairs),
        "command": f"curl {shlex.quote(view.base + canonical)}",
        "here": answer.path,
        "as_of": as_of,
        "now": links.query_path(answer.path, answer.params.pairs(*_NOT_OF_A_PAGE, "as_of")),
        "there": partial(links.then, as_of=as_of),
    }


class _Pages(Environment):
    """The environment of pages: a name after a point is looked up among the keys of a dict first,
    as records are dicts, and looking among its attributes costs an exception each time."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The value under a name."""
        if type(obj) is dict and attribute in obj:
            return obj[attribute]
        return super().getattr(obj, attribute)


_FUNCTIONS: tuple[Callable[..., Any], ...] = (
    wording.begun, wording.capacity, wording.country, wording.counted, wording.day,
    wording.differences, wording.exact_sum, wording.fields, wording.happened, wording.label,
    wording.lasting, wording.listed, wording.measure, wording.number, wording.pledge,
    wording.record_of, wording.record_title, wording.remarks, wording.sum_of, wording.term,
    rows.about_hit, rows.marked_title, rows.marked_words, rows.moment, rows.names, rows.row,
    rows.tag, cards.embedding, named_at, links.history_of, links.query_path, links.release_path,
    links.web_address,
)  # fmt: skip
"""What all templates use, by their names."""


_UNSAID = "The record is a selection from its sources: what is not on record may have been said."


@cache
def environment() -> Environment:
    """The template environment, with the functions that all templates use."""
    environment = _Pages(
        loader=PackageLoader("app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # what runs is what was installed when it began
    )
    environment.globals |= {function.__name__: function for function in _FUNCTIONS}
    environment.globals |= {"about_readout": ABOUT, "static": static_path, "unsaid": _UNSAID}
    return environment


def render(name: str, **context: Any) -> str:
    """A template with its values."""
    return f"{environment().get_template(name).render(context)}\n"


@cache
def static_path(name: str) -> str:
    """The path of a file that never changes under it: it holds a digest of the file."""
    folder = SWAGGER if name.startswith("swagger-ui") else STATIC
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
