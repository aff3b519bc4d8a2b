"""A query in words: `Commitments by Japan, newest first`."""

from app.paging import Page, Whole
from app.store.release import OpenRelease


async def in_words(shown: Page | Whole, release: OpenRelease) -> str:  # noqa: ARG001 - for the names of records
    """What a list holds, as a person would say it."""
    return shown.path.removeprefix("/").capitalize()
