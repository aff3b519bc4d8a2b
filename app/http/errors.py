"""Problems as answers: one shape for our own problems, the framework's and unexpected errors."""

import logging
import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from app.http.answers import MAX_LINK, PAGE_POLICY, VARY, base
from app.http.negotiation import format_of_problem
from app.logs import id_of
from app.nearest import nearest
from app.problems import MEDIA_TYPE, MethodNotAllowed, NotFound, Problem, Unexpected
from app.representations import represent_problem_as

log = logging.getLogger(__name__)
_slipped = re.compile(r"(/[a-z0-9.-]+){1,2}/")
_in_release = re.compile(r"(/releases/[0-9]{1,9}/)([^/]+)")
ALLOWED = "GET, HEAD, OPTIONS"
PATHS = (
    "/", "/summits", "/actors", "/agreements", "/commitments", "/quotes", "/documents", "/search",
    "/changes", "/topics", "/releases", "/openapi.json", "/docs", "/llms.txt",
    "/schemas/bundle.json", "/health/live", "/health/ready",
)  # fmt: skip
FILES = ("bundle.json", "readout.db", "datapackage.zip")


def problem_response(scope: Scope, problem: Problem) -> Response:
    """A problem as an answer. Nobody keeps it: the next request may find it mended."""
    scope.get("entry", {})["problem"] = problem.name
    headers = {"cache-control": "no-store", "vary": VARY, "content-language": "en"}
    headers |= problem.headers
    chosen, media_type = format_of_problem(scope), MEDIA_TYPE
    if chosen.name != "json":
        media_type = chosen.media_type
        headers["content-security-policy"] = PAGE_POLICY
    target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
    body = represent_problem_as(chosen.name)(problem.details(), target)
    return Response(body, problem.status, headers, media_type)


async def on_problem(request: Request, error: Exception) -> Response:
    """Answer a problem that our own code raised."""
    assert isinstance(error, Problem)  # noqa: S101 - registered for these alone
    if run := error.more.get("run"):
        error.more["run"] = base(request) + run
    return problem_response(request.scope, error)


async def on_framework(request: Request, error: Exception) -> Response:
    """Answer an error of the framework: there is no such path, or no such method."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        return problem_response(request.scope, method_not_allowed(request.method))
    path = request.url.path
    # A trailing slash is a slip; a second leading one could lead to another server.
    if _slipped.fullmatch(path) and (path[:-1] in PATHS or path.count("/") == 3):
        query = f"?{request.url.query}" if request.url.query else ""
        headers = {"cache-control": "no-cache"}
        if len(query) <= MAX_LINK:
            return RedirectResponse(path[:-1] + query, status_code=308, headers=headers)
    file = _in_release.fullmatch(path)
    files = [f"{file[1]}{name}" for name in nearest(file[2], FILES, most=1)] if file else []
    near = files or nearest(path, PATHS)
    also = f"; did you mean {near[0]}?" if near else "; begin at /"
    problem = NotFound(f"there is no path {path[:200]}{also}", nearest=near)
    return problem_response(request.scope, problem)


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Answer any other error: the log has it all, the answer gives nothing away."""
    log.error(
        "%s %s failed", request.method, request.url.path, exc_info=error, extra=id_of(request.scope)
    )
    problem = Unexpected("the request was not answered; it is in our log, please try again later")
    return problem_response(request.scope, problem)


def method_not_allowed(method: str) -> Problem:
    """The problem of every method but GET, HEAD and OPTIONS."""
    problem = MethodNotAllowed(
        f"{method[:20]} changes nothing here; use GET (with curl and --data: -G)"
    )
    problem.headers["allow"] = ALLOWED
    return problem
