"""Turns: nobody who asks for much can keep the others waiting.

What streams a large answer does it in slices, and one slice in a round of the event loop: however
many downloads run, a short request waits for one slice and not for all of them. Long queries wait
in a queue that goes round by who asks: whoever asks for a hundred waits for them alone.
"""

import asyncio
import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from ipaddress import IPv6Address, ip_address, ip_network
from weakref import WeakKeyDictionary

from app.problems import Crowded

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()
_NICER = 10


async def turn() -> None:
    """Wait for a turn, first come, first served; what follows should take half a millisecond."""
    async with _queues.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        # Whatever else is ready runs first.
        await asyncio.sleep(0)


def step_back() -> None:
    """Let the event loop go before this thread where both want the same core."""
    if sys.platform == "linux":  # elsewhere the priority is that of the whole process
        with suppress(OSError):  # a sandbox may forbid it
            thread = threading.get_native_id()
            os.setpriority(
                os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _NICER
            )


asking: ContextVar[str] = ContextVar("asking", default="")
"""The address of the client whose request is answered."""


def whom(address: str) -> str:
    """The client of an address: its IPv4 address, or the /64 of IPv6 that is all its own."""
    try:
        client = ip_address(address)
    except ValueError:
        return address
    if isinstance(client, IPv6Address):
        return str(client.ipv4_mapped or ip_network((client, 64), strict=False))
    return address


class FairQueue:
    """Lets so many in at once; of those who wait, one of each client, round and round."""

    def __init__(self, at_once: int, room: int) -> None:
        """Begin with nobody in it; `room` is for those who wait."""
        self._free = at_once
        self._room = room
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting.values()))

    @asynccontextmanager
    async def place(self, seconds: float) -> AsyncIterator[None]:
        """Wait for a place, for so long at most, and have it. Raises Crowded."""
        if self._free and not self._waiting:
            self._free -= 1
        else:
            try:
                async with asyncio.timeout(seconds):
                    await self._wait()
            except TimeoutError:
                raise Crowded from None
        try:
            yield
        finally:
            self._leave()

    async def _wait(self) -> None:
        who = whom(asking.get())
        if self.waiting >= self._room:
            self._make_room_for(who)
        called = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(who, deque()).append(called)
        try:
            await called
        except asyncio.CancelledError:
            if not called.cancelled():  # called just when it gave up
                self._leave()
            elif called in (line := self._waiting.get(who, deque())):
                line.remove(called)
                if not line:
                    del self._waiting[who]
            raise

    def _make_room_for(self, who: str) -> None:
        """Send away the last of the longest line, unless it is one's own. Raises Crowded."""
        longest = max(self._waiting, key=lambda one: len(self._waiting[one]))
        if len(self._waiting[longest]) <= len(self._waiting.get(who, ())) + 1:
            raise Crowded
        self._waiting[longest].pop().set_exception(Crowded())

    def _leave(self) -> None:
        """Call the next one in."""
        while self._waiting:
            who, line = self._waiting.popitem(last=False)
            called = line.popleft()
            if line:
                self._waiting[who] = line
            if not called.done():
                called.set_result(None)
                return
        self._free += 1
