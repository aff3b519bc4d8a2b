"""The database that releases are published to, and the releases that are served from it."""

from abc import ABC, abstractmethod
from collections import OrderedDict

from app.store.release import OpenRelease

_OLDER_AT_ONCE = 4
"""So many older releases stay open for `as_of`; the one asked for the longest ago is closed."""


class Store(ABC):
    """Where releases are published. It follows what happens there."""

    def __init__(self) -> None:
        """Begin with nothing to serve."""
        self.current: OpenRelease | None = None
        """The release that is served; None until there is one."""
        self.fault: str | None = None
        """Why there is nothing to serve, or why a newer release is not served."""
        self._older: OrderedDict[int, OpenRelease] = OrderedDict()

    @abstractmethod
    async def watch(self) -> None:
        """Follow the database until cancelled."""

    @abstractmethod
    async def open(self, number: int) -> OpenRelease | None:
        """Open a release that was published before; None if it is not kept.

        Raises UnusableRelease.
        """

    @abstractmethod
    async def kept(self) -> list[int]:
        """The numbers of the releases that `open` finds, and of the current one, in order."""

    async def at(self, number: int) -> OpenRelease | None:
        """The release of this number, as `open` gives it, held for the caller."""
        if self.current and self.current.info.number == number:
            self.current.hold()
            return self.current
        found = self._older.get(number)
        if found is None:
            opened = await self.open(number)
            # Another request may have opened it in the meantime.
            found = self._older.get(number) or opened
            if opened is not None and opened is not found:
                opened.retire()
        if found is None:
            return None
        found.hold()
        self._older[number] = found
        self._older.move_to_end(number)
        while len(self._older) > _OLDER_AT_ONCE:
            self._older.popitem(last=False)[1].retire()
        return found

    def unavailable(self) -> str | None:
        """Why nothing should be asked here, as a client may read it; None if all is well."""
        return None if self.current else f"{self.fault}; publish one with: readout load FILES"

    def forget_older(self) -> None:
        """Close the older releases: they may not be the same any more."""
        while self._older:
            self._older.popitem()[1].retire()

    async def close(self) -> None:
        """Stop serving."""
        self.forget_older()
        if self.current:
            self.current.retire()
            self.current = None
