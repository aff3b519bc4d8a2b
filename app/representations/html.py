"""Pages for people: a template for each sort of answer, and one for errors."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.formats import Content
from app.paging import Page
from app.problems import ProblemDetails
from app.representations.values import Body, One, Shown, View, path_as, siblings

STATIC = Path(__file__).parent.parent / "static"
_TEMPLATES = {
    Content.INDEX: "index.html",
    Content.LIST: "list.html",
    Content.HITS: "search.html",
    Content.CHANGES: "changes.html",
    Content.RECORD: "record.html",
    Content.RELEASES: "releases.html",
    Content.RELEASE: "release.html",
}


async def represent(shown: Shown, view: View) -> Body:
    """A page that shows an answer, with what belongs to it."""
    template = _environment().get_template(_TEMPLATES[shown.params.content])
    found: dict[str, Any] = {"shown": shown, "view": view, "siblings": siblings(shown)}
    if isinstance(shown, One):
        found["record"] = orjson.loads(shown.body)
    elif isinstance(shown, Page):
        found["records"] = [orjson.loads(item) for item in shown.items]
    return template.render(found).encode()


def represent_problem(details: ProblemDetails) -> bytes:
    """A page that says what is wrong, and what to ask instead."""
    return _environment().get_template("problem.html").render(problem=details).encode()


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("app"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static"] = static_path
    environment.globals["path_as"] = path_as
    return environment


@cache
def static_path(name: str) -> str:
    """The path of a file that never changes under it: it holds a digest of the file."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
