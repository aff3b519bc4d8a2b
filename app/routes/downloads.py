"""The whole of a release in one file: as a bundle, as tables, as a database."""

import hashlib
import zlib
from collections.abc import AsyncIterator, Callable

from fastapi import APIRouter, Request, Response

from app import __version__
from app.as_of import release_at
from app.export import bundle
from app.http.answers import base
from app.http.documentation import of_download
from app.http.downloads import asked_range, download
from app.http.sending import Sending
from app.queries.params import DataParams
from app.representations.datapackage import datapackage
from app.routes.server import the_release
from app.routes.serving import Endpoint, current_release, refuse_parameters
from app.store.release import OpenRelease
from app.store.tables import REVISION

router = APIRouter(tags=["releases"], route_class=Endpoint)
_PIECE = 256 * 1024  # bytes


@router.get(
    "/releases/{number}/bundle.json",
    **of_download("application/json", "The data set as a bundle, one record on a line."),
)
async def download_bundle(request: Request) -> Response:
    """The whole data set of a release as one JSON file, in the format that curators write.

    `readout load` takes it and publishes the same content: the digest of the release is the same.
    """
    return await _made(request, bundle, "bundle", "json", "application/json")


@router.get(
    "/releases/{number}/datapackage.zip",
    **of_download("application/zip", "The data set as tables, with what describes them."),
)
async def download_datapackage(request: Request) -> Response:
    """The whole data set of a release as a Data Package: CSV files and a description, zipped.

    A table for each type of record, one for each list of references, and one for the evidence.
    """
    address = base(request)
    # The tables name the server, and the archive is as zlib packs it.
    of_here = f"{__version__} {address} {zlib.ZLIB_RUNTIME_VERSION}".encode()
    kind = f"package-{hashlib.blake2b(of_here, digest_size=6).hexdigest()}"
    return await _made(
        request, lambda release: datapackage(release, address), kind, "zip", "application/zip"
    )


@router.get(
    "/releases/{number}/readout.db",
    **of_download("application/octet-stream", "The data set as an SQLite database."),
)
async def download_database(request: Request) -> Response:
    """The whole data set of a release as an SQLite file, with its history, for those who write SQL.

    The tables are described in the view `about`.
    """
    release = await _asked(request)
    try:
        response = download(
            request,
            lambda first: _file(release, first),
            await release.size(),
            etag=f"{release.tag}-{REVISION}-db",
            media_type="application/octet-stream",
            name=f"readout-{release.info.number}.db",
            release=release.info.number,
        )
        return _holding(release, response)
    finally:
        release.let_go()


async def _made(
    request: Request,
    pieces: Callable[[OpenRelease], AsyncIterator[bytes]],
    kind: str,
    ending: str,
    media_type: str,
) -> Response:
    """A file that is made while it is sent: its size is worked out when a part is asked for."""
    release = await _asked(request)
    try:
        etag = f"{release.tag}-{kind}"
        size: int | None = release.remembered(etag)
        if size is None and asked_range(request, f'"{etag}"'):
            size = sum([len(piece) async for piece in pieces(release)])
            release.remember(etag, size)
        response = download(
            request,
            lambda first: _from(first, pieces(release)),
            size,
            etag=etag,
            media_type=media_type,
            name=f"readout-{release.info.number}.{ending}",
            release=release.info.number,
        )
        return _holding(release, response)
    finally:
        release.let_go()


async def _asked(request: Request) -> OpenRelease:
    """The release that the path names, held for the caller. Raises NotFound and Gone."""
    refuse_parameters(request)
    current = current_release(request)
    found = await the_release(request, current)
    params = DataParams(as_of=str(found.number))
    return await release_at(params, request.app.state.store, current)


def _holding(release: OpenRelease, response: Response) -> Response:
    """Keep the release open until the last piece is sent."""
    if isinstance(response, Sending):
        release.hold()
        response.done = release.let_go
    return response


async def _from(first: int, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Pieces from a place on: those before it are made and left out."""
    async for piece in pieces:
        if first < len(piece):
            yield piece[first:]
        first = max(0, first - len(piece))


async def _file(release: OpenRelease, first: int) -> AsyncIterator[bytes]:
    while piece := await release.read(first, _PIECE):
        yield piece
        first += len(piece)
