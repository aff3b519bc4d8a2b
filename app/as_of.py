"""`as_of`: which release is meant by a number, a day or a time."""

from datetime import UTC, datetime

from app.dates import last_moment, written
from app.problems import Fault, Gone
from app.queries.params import DataParams
from app.queries.querystring import QueryFaults
from app.records import Release
from app.store.database import Store
from app.store.release import OpenRelease, UnusableRelease


async def release_at(params: DataParams, store: Store, current: OpenRelease) -> OpenRelease:
    """The release that a request asks for, held for the caller.

    Raises QueryFaults for one that was never there, and Gone for one that is not kept.
    """
    if params.as_of is None:
        current.hold()
        return current
    known = await current.releases()
    if params.as_of.isdecimal():
        number = int(params.as_of)
        if not any(release.number == number for release in known):
            raise _never(params, known, "is not the number of a release")
    else:
        number = _at(params, known)
    if number == current.info.number:
        current.hold()
        return current
    try:
        found = await store.at(number)
    except UnusableRelease as error:
        raise Gone(f"release {number} can't be read any more: {error}") from None
    if found is None:
        kept = ", ".join(map(str, await store.kept()))
        raise Gone(f"release {number} is not kept here any more; there are still: {kept}")
    return found


def _at(params: DataParams, known: list[Release]) -> int:
    """The release that was current at a moment that is over."""
    moment = last_moment(str(params.as_of)) or ""
    if moment >= written(datetime.now(UTC)):
        raise _never(params, known, "is not over yet, and what it will say is not known")
    before = [release.number for release in known if release.published_at <= moment]
    if not before:
        raise _never(params, known, "is before the first release")
    return before[0]


def _never(params: DataParams, known: list[Release], why: str) -> QueryFaults:
    last, first = known[0], known[-1]
    there_is = f"release {first.number} was published at {first.published_at}"
    if len(known) > 1:
        there_is += f", and the latest is {last.number}, of {last.published_at}"
    meant = str((first if why.startswith("is before") else last).number)
    detail = f"as_of={params.as_of} {why}; {there_is}"
    fault = Fault(parameter="as_of", detail=detail, nearest=meant)
    return QueryFaults([fault], params.pairs_with("as_of", meant))
