"""The whole of a release in one file: as a bundle, as tables, as a database."""

import hashlib
import re
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from app import __version__
from app.as_of import kept_release
from app.export import bundle
from app.http.answers import FOR_EVER, base, has_already, headers_of
from app.http.endpoint import Endpoint, Number, current_release
from app.http.paths import FILES
from app.problems import Gone, RangeNotSatisfiable, Unavailable
from app.representations.datapackage import datapackage
from app.routes.server import the_release
from app.store.release import OpenRelease
from app.store.seal import FileState

router = APIRouter(tags=["releases"], route_class=Endpoint)
_MEDIA_TYPES = {Path(name).suffix: media_type for name, media_type in FILES.items()}


@router.get("/releases/{number}/bundle.json", response_class=FileResponse)
async def download_bundle(request: Request, number: Number) -> Response:
    """The whole data set of a release as one JSON file, in the format that curators write.

    `readout load` takes it and publishes the same content: the digest of the release is the same.
    """
    return await _made(request, number, bundle, "bundle.json")


@router.get("/releases/{number}/datapackage.zip", response_class=FileResponse)
async def download_datapackage(request: Request, number: Number) -> Response:
    """The whole data set of a release as a Data Package: CSV files and a description, zipped.

    A table for each type of record, one for each list of references, and one for the evidence.
    """
    address = base(request)
    # The tables name the server, and the archive is as zlib packs it.
    of_here = f"{__version__} {address} {zlib.ZLIB_RUNTIME_VERSION}".encode()
    ending = f"{hashlib.blake2b(of_here, digest_size=6).hexdigest()}.zip"
    return await _made(request, number, lambda release: datapackage(release, address), ending)


@router.get("/releases/{number}/readout.db", response_class=FileResponse)
async def download_database(request: Request, number: Number) -> Response:
    """The whole data set of a release as an SQLite file, with its history, for those who write SQL.

    The tables are described in the view `about`.
    """
    release = await _release_of(request, number)
    if FileState.of(release.path) != release.state:
        if release.info.number in request.app.state.store.manifests():
            raise Unavailable(f"the file of release {number} is not in its place now")
        raise Gone(f"the file of release {number} is not here any more")
    return _file(request, release, release.path)


async def _made(
    request: Request,
    number: str,
    pieces: Callable[[OpenRelease], AsyncIterator[bytes]],
    ending: str,
) -> Response:
    """A file that the first request makes."""
    with await _release_of(request, number) as release:
        path = await request.app.state.store.made(release, ending, pieces)
        return _file(request, release, path)


async def _release_of(request: Request, number: str) -> OpenRelease:
    """The release of a number, to be held at once by the caller. Raises NotFound and Gone."""
    with current_release(request) as current:
        named = the_release(number, current)
        return await kept_release(named.number, request.app.state.store, current, whole=True)


def _file(request: Request, release: OpenRelease, path: Path) -> Response:
    """Answer with a file, or with a range of it (RFC 9110, section 14).

    Raises RangeNotSatisfiable.
    """
    headers = {
        **headers_of(request, release),
        "etag": f'"{release.tag}-{path.name.removeprefix(release.manifest.digest)}"',
        "cache-control": FOR_EVER,
        "content-disposition": f'attachment; filename="readout-{release.info.number}{path.suffix}"',
    }
    if has_already(request.headers.get("if-none-match"), headers["etag"]):
        return Response(status_code=304, headers=headers)
    if request.scope.get("without_body"):
        request.scope["method"] = "HEAD"
        _ignore_range(request)
    else:
        _settle_range(request, path.stat().st_size)
    return FileResponse(path, headers=headers, media_type=_MEDIA_TYPES[path.suffix])


_one_range = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def _settle_range(request: Request, size: int) -> None:
    """Ignore what is not one range of bytes; it is answered with the whole."""
    header = request.headers.get("range")
    if header is None:
        return
    match = _one_range.fullmatch(header)
    begin, end = (match[1], match[2]) if match else ("", "")
    if not (begin or end) or (begin and end and int(end) < int(begin)):
        _ignore_range(request)
    elif (begin and int(begin) >= size) or (not begin and int(end) == 0):
        problem = RangeNotSatisfiable(f"the file has {size} bytes, from 0 to {size - 1}")
        problem.headers["content-range"] = f"bytes */{size}"
        raise problem


def _ignore_range(request: Request) -> None:
    request.scope["headers"] = [h for h in request.scope["headers"] if h[0] != b"range"]
