"""The release of a request: that of its cursor, or of `as_of`, or the current one.

A cursor names the release in which a walk through a list began, the walk (the same filters in the
same order, whatever the page size) and the place of the last record. A walk goes on in its release,
so that its pages add up to a list whatever is published meanwhile.
"""

import asyncio
import base64
import hashlib
import re
from typing import NamedTuple, Self

from app import links
from app.dates import last_moment
from app.formats import PRESENTATION
from app.problems import BadQuery, Fault, Gone
from app.queries.listing import LAST_PLACE
from app.queries.params import DataParams, PagedParams
from app.queries.querystring import QueryFaults
from app.records import Release
from app.store.release import OpenRelease
from app.store.seal import OutdatedRelease, UnusableRelease
from app.store.serving import Store

EVERY_RELEASE = "all"
"""In place of a release, for a walk that goes on through releases."""
_TAG = re.compile(r"[1-9][0-9]{0,8}-[0-9a-f]{12}")


class Cursor(NamedTuple):
    """A place in a walk."""

    release: str
    """The tag of the release, or `EVERY_RELEASE`."""
    walk: str
    place: int

    def __str__(self) -> str:
        """As it stands in a URL."""
        text = ":".join(map(str, self))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a cursor; None if it is none."""
        try:
            padded = text + "=" * (-len(text) % 4)
            release, walk, place = base64.urlsafe_b64decode(padded).decode("ascii").split(":")
            cursor = cls(release, walk, int(place))
        except ValueError:
            return None
        is_release = release == EVERY_RELEASE or _TAG.fullmatch(release)
        return cursor if is_release and 0 <= cursor.place < LAST_PLACE else None

    @property
    def number(self) -> int | None:
        """The number of the release; None for a walk through releases."""
        number = self.release.partition("-")[0]
        return None if number == EVERY_RELEASE else int(number)


def name_of_walk(path: str, params: PagedParams) -> str:
    """The name of a walk: its path, filters and order, however it is shown."""
    query = {name: value for name, value in params.query.items() if name not in PRESENTATION}
    return hashlib.blake2b(f"{path} {query}".encode(), digest_size=6).hexdigest()


def place_in(walk: str, release: str, text: str, start: str) -> int:
    """The place that a cursor names. Raises BadQuery, with the URL at which the walk starts."""
    cursor = Cursor.parse(text)
    if cursor is not None and (cursor.walk, cursor.release) == (walk, release):
        return cursor.place
    what = "is not a cursor"
    if cursor is not None:
        what = "belongs to another list, other filters or another order"
    detail = f"cursor {what}; take it from the next of this query, or begin again"
    raise BadQuery(detail, errors=[Fault(parameter="cursor", detail=detail)], run=start)


async def release_at(
    params: DataParams, store: Store, current: OpenRelease, path: str
) -> OpenRelease:
    """The release that a request of a path asks for, to be held at once by the caller.

    Raises QueryFaults for one that was never there, Gone for one that is not kept, and Unavailable
    for one that may be here in a moment.
    """
    text = params.cursor if isinstance(params, PagedParams) else None
    cursor = Cursor.parse(text) if text else None
    if cursor and cursor.number:
        begin = links.query_path(path, params.pairs("cursor"))
        # With `as_of` it would begin in the same release.
        again = None if params.as_of else begin
        release = await kept_release(cursor.number, store, current, again)
        if release.tag == cursor.release:
            return release
        raise Gone(
            f"this walk began in another release {cursor.number} than there is; begin again",
            run=begin,
        )
    if params.as_of is None:
        return current
    releases = current.releases
    if params.as_of.isdecimal():
        number = int(params.as_of)
        of_before = releases[-1].number <= number <= releases[0].number
        if not of_before and not await store.may_have(number):
            nearest = releases[0] if number else releases[-1]
            raise _never(params, nearest, releases, "is not the number of a release")
    else:
        number = await _at(params, releases, store)
    return await kept_release(number, store, current)


async def kept_release(
    number: int,
    store: Store,
    current: OpenRelease,
    begin: str | None = None,
    *,
    whole: bool = False,
) -> OpenRelease:
    """A release, to be held at once by the caller. Raises Gone and Unavailable.

    `begin` is the URL at which a walk starts; with `whole`, the release is for a download.
    """
    if number == current.info.number:
        return current
    nearest = []
    try:
        if release := await store.at(number, whole=whole):
            return release
        kept = ", ".join(map(str, store.kept()))
        detail = f"release {number} is not kept here any more; there are still: {kept}"
    except OutdatedRelease as error:
        nearest = [links.release_file(number, "bundle.json")]
        detail = f"{error}; the whole of it is at {nearest[0]}"
    except UnusableRelease as error:
        detail = f"release {number} can't be read any more: {error}"
    again = "; this walk began in it, so begin again" if begin else ""
    raise Gone(f"{detail}{again}", nearest=nearest, run=begin)


async def _at(params: DataParams, releases: list[Release], store: Store) -> int:
    """The release that was current at a moment that is over."""
    moment = last_moment(str(params.as_of)) or ""
    manifests = await asyncio.to_thread(store.manifests)
    settled = store.settled(releases[0].number, manifests)
    if moment >= settled:
        why = f"is too recent to be settled; moments before {settled} can be asked"
        raise _never(params, releases[0], releases, why)
    # A damaged release that a later load went on without was current all the same.
    published = {n: m.published_at for n, m in manifests.items() if n < releases[0].number}
    published |= {release.number: release.published_at for release in releases}
    for number in sorted(published, reverse=True):
        if published[number] <= moment:
            return number
    raise _never(params, releases[-1], releases, "is before the first release")


def _never(params: DataParams, meant: Release, releases: list[Release], why: str) -> QueryFaults:
    last, first = releases[0], releases[-1]
    there_is = f"release {first.number} was published at {first.published_at}"
    if len(releases) > 1:
        there_is += f", and the latest is {last.number}, of {last.published_at}"
    detail = f"as_of={params.as_of} {why}; {there_is}"
    number = str(meant.number)
    fault = Fault(parameter="as_of", detail=detail, nearest=number)
    return QueryFaults([fault], mended=None)  # another release is not the one that was meant
