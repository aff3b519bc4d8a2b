"""The page for a curator, at an address of this machine that nobody else knows.

Every request names the one host and carries the token; what comes from another page is refused,
and so is to be shown within one. All that is not the page is the public service, on a draft.
"""

import asyncio
import hmac
import json
import secrets
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from app.curate.desk import Changed, Desk, Outlook
from app.curate.forms import Form
from app.curate.records import Refused
from app.curation.load import NotLoaded, Rejected
from app.main import App
from app.settings import Settings

_FILES = Path(__file__).with_name("page")
_TYPES = {".html": "text/html", ".js": "text/javascript", ".css": "text/css"}
_MOST = 2_000_000  # bytes of a request
_HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

Asked = dict[str, Any]


class Guard:
    """Lets in whoever has the token, at the right host, from the page itself."""

    def __init__(self, page: ASGIApp, preview: ASGIApp, host: str, token: str) -> None:
        """Keep the page under the token, and the preview at the root for who has its cookie."""
        self._page, self._preview = page, preview
        self._host, self._token = host, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        if why := self._fault(request):
            await PlainTextResponse(f"{why}\n", 403, _HEADERS)(scope, receive, send)
        elif scope["path"].startswith(f"/{self._token}/"):
            inner = dict(scope, path=scope["path"][len(self._token) + 1 :])
            await self._page(inner, receive, send)
        else:
            await self._preview(scope, receive, send)

    def _fault(self, request: Request) -> str | None:
        """Why a request is refused; None for one that is let in."""
        if request.headers.getlist("host") != [self._host]:
            return f"this page is at http://{self._host} alone"
        origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site", "none")
        if origin not in (None, f"http://{self._host}") or site not in {"same-origin", "none"}:
            return "another page may not ask this one"
        writes = request.method not in {"GET", "HEAD"}
        # The form of a public page in the preview: it keeps nothing of the draft that it checks.
        writes_nothing = request.url.path == "/check" and origin is not None
        is_json = request.headers.get("content-type", "").startswith("application/json")
        if writes and not writes_nothing and (origin is None or not is_json):
            return "only the page itself may write"
        first = request.url.path.split("/")[1]
        given = [first]
        if writes_nothing or not writes:
            given.append(request.cookies.get(cookie_of(self._host), ""))
        if any(hmac.compare_digest(one.encode(), self._token.encode()) for one in given):
            return None
        return "the address is not whole: readout curate prints it"


class Preview:
    """The public service on the release that publishing would make."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="readout-preview-")
        self._app: App | None = None

    def make(self, desk: Desk, url: str) -> Outlook:
        """Make it anew; gives what there is to see of it. Raises Refused, NotLoaded."""
        outlook = desk.build(Path(mkdtemp(dir=self._folder.name)))
        if self._app:
            self._app.store.close()
        self._app = App(Settings(database_url=f"sqlite:///{outlook.database}", public_url=url))
        return outlook

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app:
            await self._app.asgi(scope, receive, send)
        else:
            missing = PlainTextResponse("there is no preview yet\n", 404, _HEADERS)
            await missing(scope, receive, send)

    def close(self) -> None:
        if self._app:
            self._app.store.close()
        self._folder.cleanup()


def _form(desk: Desk, asked: Asked) -> Form:
    """A form for a record that is there, or for a new one."""
    if "edit" in asked:
        return desk.edit(asked["text"], asked["plural"], asked["edit"])
    place = int(asked["start"]), int(asked["end"])
    return desk.form(asked["text"], asked["kind"], *place, asked.get("proposal"))


_ACTS: dict[str, Callable[[Desk, Asked], Any]] = {
    "texts": lambda desk, _: {"texts": desk.texts(), "folder": str(desk.folder)},
    "state": lambda desk, asked: desk.state(asked["text"]),
    "form": _form,
    "check": lambda desk, asked: desk.check(asked["text"], asked["form"])._asdict(),
    "publish": lambda desk, asked: {
        "said": desk.publish(str(asked["message"]), str(asked["version"]))
    },
}
"""What the page asks for, each a request with JSON; the first two read alone."""
_CHANGES: dict[str, Callable[[Desk, Asked], str | None]] = {
    "write": lambda desk, asked: desk.write(asked["text"], asked["form"], asked["version"]),
    "delete": lambda desk, asked: desk.delete(
        asked["text"], (asked["plural"], int(asked["at"])), asked["id"], asked["version"]
    ),
    "undo": lambda desk, asked: desk.undo(asked["text"], asked["version"]),
    "look": lambda desk, asked: desk.look(asked["text"], int(asked["paragraph"])),
}
"""What changes something: the answer is the text as it is then, and what there is to say."""


class Page:
    """Answers the page, one request at a time."""

    def __init__(self, desk: Desk, preview: Preview, host: str, token: str) -> None:
        self._desk, self._preview = desk, preview
        self._host, self._token = host, token
        self._turn = asyncio.Lock()
        acts: dict[str, Callable[[Asked], Any]] = {"preview": self._made}
        acts |= {name: partial(act, desk) for name, act in _ACTS.items()}
        acts |= {name: partial(self._changed, change) for name, change in _CHANGES.items()}
        self.routes = [Route("/", self._file)]
        for name, act in acts.items():
            method = "GET" if name in {"texts", "state"} else "POST"
            self.routes.append(Route(f"/{name}", partial(self._answer, act=act), methods=[method]))
        self.routes.append(Route("/{name}", self._file))

    def _made(self, _: Asked) -> Any:
        """Make the public service of what would be published."""
        outlook = self._preview.make(self._desk, f"http://{self._host}")._asdict()
        return {key: outlook[key] for key in ("changes", "warnings", "counts", "version")}

    def _changed(self, change: Callable[[Desk, Asked], str | None], asked: Asked) -> Any:
        said = change(self._desk, asked)
        return self._desk.state(asked["text"]) | {"said": said}

    async def _answer(self, request: Request, act: Callable[[Asked], Any]) -> Response:
        try:
            asked = await _body(request) if request.method == "POST" else dict(request.query_params)
            async with self._turn:
                return JSONResponse(await asyncio.to_thread(act, asked), headers=_HEADERS)
        except Changed as error:
            return _problem(409, str(error))
        except Rejected as error:
            return _problem(422, "\n".join(map(str, error.findings[:20])))
        except (Refused, NotLoaded) as error:
            return _problem(422, str(error))
        except OSError as error:
            place = error.filename or self._desk.folder
            return _problem(507, f"can't write {place}: {error.strerror}; nothing was changed")
        except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            return _problem(400, f"this is no request of the page: {type(error).__name__}")

    async def _file(self, request: Request) -> Response:
        name = request.path_params.get("name", "curate.html")
        path = _FILES / name
        if path.name != name or not path.is_file():
            return _problem(404, "there is no such page")
        response = Response(path.read_bytes(), 200, _HEADERS, _TYPES[path.suffix])
        cookie = cookie_of(self._host)
        response.set_cookie(cookie, self._token, path="/", httponly=True, samesite="strict")
        return response


def cookie_of(host: str) -> str:
    """The name of the cookie that shows the preview to whoever has the page."""
    return f"readout-{host.rpartition(':')[2]}"


def page_of(desk: Desk, preview: Preview, host: str, token: str) -> Guard:
    """The page of a desk, guarded."""
    page = Page(desk, preview, host, token)
    return Guard(Starlette(routes=page.routes), preview, host, token)


async def _body(request: Request) -> Asked:
    """What a request says, as JSON. Raises ValueError."""
    data = b""
    async for part in request.stream():
        data += part
        if len(data) > _MOST:
            raise ValueError(f"more than {_MOST:,} bytes")
    asked = json.loads(data)
    if not isinstance(asked, dict):
        raise TypeError("not an object")
    return asked


def _problem(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status, _HEADERS)


def run(desk: Desk, listening: Any, say: Callable[[str], object]) -> None:
    """Serve the page on a socket of this machine, until a signal."""
    host = f"127.0.0.1:{listening.getsockname()[1]}"
    token, preview = secrets.token_urlsafe(24), Preview()
    guard = page_of(desk, preview, host, token)
    config = uvicorn.Config(
        guard, log_config=None, access_log=False, server_header=False, lifespan="off", ws="none"
    )
    say(f"http://{host}/{token}/")
    try:
        asyncio.run(uvicorn.Server(config).serve([listening]))
    finally:
        preview.close()
