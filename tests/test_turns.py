"""The queue of long queries: everybody has a turn before anybody has a second one."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from app.problems import Crowded
from app.turns import FairQueue, asking


def run(test: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop of its own."""
    asyncio.run(asyncio.wait_for(test(), 10))


async def queued(queue: FairQueue, who: str, done: list[str], seconds: float = 5) -> None:
    """Ask once, as somebody."""
    asking.set(who)
    async with queue.place(seconds):
        await asyncio.sleep(0)
        done.append(who)


def test_one_who_asks_for_much_waits_for_it_alone() -> None:
    async def test() -> None:
        queue, done = FairQueue(1, 100), list[str]()
        async with asyncio.TaskGroup() as group:
            for who in ["greedy"] * 20 + ["first", "second", "first"]:
                group.create_task(queued(queue, who, done))
        assert done[:3] == ["greedy", "greedy", "first"]
        assert set(done[3:6]) == {"second", "greedy", "first"}
        assert done[6:] == ["greedy"] * 17
        assert queue.waiting == 0

    run(test)


def test_no_more_than_agreed_are_let_in_at_once() -> None:
    async def test() -> None:
        queue, inside, most = FairQueue(3, 100), 0, 0

        async def one() -> None:
            nonlocal inside, most
            async with queue.place(5):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.001)
                inside -= 1

        await asyncio.gather(*(one() for _ in range(30)))
        assert (inside, most) == (0, 3)

    run(test)


def test_who_is_given_up_takes_no_room_and_no_place() -> None:
    async def test() -> None:
        queue, done = FairQueue(1, 2), list[str]()
        async with queue.place(5):
            for _ in range(5):
                with pytest.raises(Crowded):
                    await queued(queue, "impatient", done, seconds=0.01)
            assert queue.waiting == 0
            waiting = [asyncio.create_task(queued(queue, who, done)) for who in "ab"]
            await asyncio.sleep(0)
            with pytest.raises(Crowded):  # the room is full
                await queued(queue, "c", done)
            waiting[0].cancel()
        await waiting[1]
        assert done == ["b"]
        await queued(queue, "d", done)
        assert done == ["b", "d"]

    run(test)


def test_a_full_room_is_nobody_s_own() -> None:
    async def test() -> None:
        queue, done = FairQueue(1, 4), list[str]()
        async with queue.place(5):
            greedy = [asyncio.create_task(queued(queue, "2001:db8::1", done)) for _ in range(3)]
            greedy.append(asyncio.create_task(queued(queue, "2001:db8::2", done)))
            await asyncio.sleep(0)
            with pytest.raises(Crowded):  # of the same network, so the same one
                await queued(queue, "2001:db8::3", done)
            other = asyncio.create_task(queued(queue, "other", done))
            await asyncio.sleep(0)
        await other
        outcomes = await asyncio.gather(*greedy, return_exceptions=True)
        assert [type(one) for one in outcomes] == [type(None)] * 3 + [Crowded]
        assert done.index("other") <= 1
        assert queue.waiting == 0

    run(test)


def test_a_place_given_to_who_just_gave_up_goes_to_the_next() -> None:
    async def test() -> None:
        queue, done = FairQueue(1, 10), list[str]()
        async with queue.place(5):
            gone = asyncio.create_task(queued(queue, "gone", done))
            after = asyncio.create_task(queued(queue, "after", done))
            await asyncio.sleep(0)
        gone.cancel()  # its place was given to it a moment ago
        await after
        assert done == ["after"]

    run(test)
