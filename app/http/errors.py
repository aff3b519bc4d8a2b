"""Problems as answers: one shape for our own problems, the framework's and unexpected errors."""

import logging
from contextlib import nullcontext, suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from app.http.answers import MAX_LINK, PAGE_POLICY, VARY, base
from app.http.negotiation import format_of_problem
from app.http.paths import formats_of, moved_to, near
from app.logs import id_of
from app.problems import MEDIA_TYPE, MethodNotAllowed, NotFound, Problem, Unavailable, Unexpected
from app.representations import represent_problem_as
from app.store.release import OpenRelease

log = logging.getLogger(__name__)
READING = "GET, HEAD, OPTIONS"
ALLOWED = {"/check": f"{READING}, POST", "/mcp": "OPTIONS, POST"}
"""The methods of the paths that do not only read, as `Allow` has them."""
_USE = {
    "/check": "send the draft with POST: curl --data-binary @draft.txt; GET is the page for it",
    "/mcp": "a program sends requests of the Model Context Protocol with POST, such as "
    '{"jsonrpc": "2.0", "id": 1, "method": "tools/list"}; connect an assistant to this address',
}


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
    if isinstance(error, NotFound):
        with request.app.state.store.current or nullcontext() as release, suppress(Unavailable):
            if moved := await _moved(request, release):
                return moved
            error.detail += await formats_of(request.scope["path"], release)
    if run := error.more.get("run"):
        error.more["run"] = base(request) + run
    return problem_response(request.scope, error)


async def on_framework(request: Request, error: Exception) -> Response:
    """Answer an error of the framework: there is no such path, or no such method."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        return problem_response(
            request.scope, method_not_allowed(request.method, request.scope["path"])
        )
    release, path = request.app.state.store.current, request.scope["path"]
    paths, formats = list[str](), ""
    with release or nullcontext(), suppress(Unavailable):
        if moved := await _moved(request, release):
            return moved
        paths = await near(path, request.url.query, release)
        formats = await formats_of(path, release)
    also = f"; did you mean {paths[0]}?" if paths else "; begin at /"
    problem = NotFound(f"there is no path {path[:200]}{also}{formats}", nearest=paths)
    return problem_response(request.scope, problem)


async def _moved(request: Request, release: OpenRelease | None) -> Response | None:
    """The way to what a path means that is not there, if it has one reading."""
    path = await moved_to(request.scope["path"], request.url.query, release)
    if path is None or len(path) > MAX_LINK:
        return None
    return RedirectResponse(path, 308, {"cache-control": "no-cache"})


async def on_unexpected(request: Request, error: Exception) -> Response:
    """Answer any other error: the log has it all, the answer gives nothing away."""
    log.error(
        "%s %s failed", request.method, request.url.path, exc_info=error, extra=id_of(request.scope)
    )
    problem = Unexpected("the request was not answered; it is in our log, please try again later")
    return problem_response(request.scope, problem)


def method_not_allowed(method: str, path: str) -> Problem:
    """The problem of every method that a path does not have."""
    use, bare = _USE.get(path, "use GET (with curl and --data: -G)"), path.rstrip("/")
    if bare != path and bare in _USE:
        use = f"{bare} has no slash at its end"
    problem = MethodNotAllowed(f"{method[:20]} changes nothing here; {use}")
    problem.headers["allow"] = ALLOWED.get(path, READING)
    return problem
