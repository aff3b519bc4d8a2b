"""Turns: what streams a large answer does it in slices, and one slice in a round of the event loop.

However many downloads run, a short request waits for one slice and not for all of them.
"""

import asyncio
from weakref import WeakKeyDictionary

_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


async def turn() -> None:
    """Wait for a turn, first come, first served; what follows should take half a millisecond."""
    async with _queues.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
        # Whatever else is ready runs first.
        await asyncio.sleep(0)
