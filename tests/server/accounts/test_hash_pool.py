"""The pool of hashes: who comes first, and who is not let in."""

from __future__ import annotations

import asyncio

import pytest

from bilan.accounts.hash_pool import Crowded, HashPool


class Queue:
    """People at the pool, each of whom stays until told to go."""

    def __init__(self) -> None:
        self.pool, self.order, self.gates = HashPool(), list[str](), dict[str, asyncio.Event]()

    async def comes(self, name: str, place: str | None) -> None:
        self.gates[name] = asyncio.Event()
        async with self.pool.place(place):
            self.order.append(name)
            await self.gates[name].wait()

    async def begin(self, name: str, place: str | None) -> asyncio.Task[None]:
        task = asyncio.create_task(self.comes(name, place))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return task

    async def goes(self, name: str) -> None:
        self.gates[name].set()
        for _turn in range(5):
            await asyncio.sleep(0)


async def test_strangers_are_hashed_one_after_the_other() -> None:
    queue = Queue()
    tasks = [await queue.begin(name, f"192.0.2.{name}") for name in "123"]
    assert queue.order == ["1"]
    await queue.goes("1")
    assert queue.order == ["1", "2"]
    for name in "23":
        await queue.goes(name)
    await asyncio.gather(*tasks)


async def test_one_address_has_two_waiting_and_its_others_are_refused_at_once() -> None:
    queue = Queue()
    flood = [await queue.begin(f"flood {number}", "192.0.2.1") for number in range(100)]
    refused = [task for task in flood if task.done() and isinstance(task.exception(), Crowded)]
    assert len(refused) == 97
    person = await queue.begin("person", "192.0.2.2")
    for name in ("flood 0", "flood 1", "flood 2"):
        await queue.goes(name)
    # One was in and two waited: no more hashes than that come before a right password.
    assert queue.order == ["flood 0", "flood 1", "flood 2", "person"]
    await queue.goes("person")
    await asyncio.gather(person, *(task for task in flood if task not in refused))


async def test_sixteen_strangers_wait_and_the_next_is_told_to_come_again_soon() -> None:
    queue = Queue()
    tasks = [await queue.begin(str(number), f"192.0.2.{number}") for number in range(17)]
    with pytest.raises(Crowded) as caught:
        async with queue.pool.place("192.0.2.99"):
            pass
    assert (caught.value.status, caught.value.retry_after) == (429, 2)
    for number in range(17):
        await queue.goes(str(number))
    await asyncio.gather(*tasks)


async def test_who_is_known_waits_for_no_stranger_and_is_never_refused() -> None:
    queue = Queue()
    tasks = [await queue.begin(str(number), f"192.0.2.{number}") for number in range(17)]
    tasks += [await queue.begin(name, None) for name in ("known", "known too")]
    assert queue.order == ["0", "known"]
    # Of those who wait, too, whoever is known goes first.
    await queue.goes("0")
    assert queue.order == ["0", "known", "known too"]
    await queue.goes("known")
    assert queue.order == ["0", "known", "known too", "1"]
    for name in ("known too", *map(str, range(1, 17))):
        await queue.goes(name)
    await asyncio.gather(*tasks)


async def test_whoever_hangs_up_gives_the_place_back() -> None:
    queue = Queue()
    tasks = [await queue.begin(str(number), f"192.0.2.{number}") for number in range(3)]
    tasks[1].cancel()
    tasks[0].cancel()
    await asyncio.gather(tasks[0], tasks[1], return_exceptions=True)
    for _turn in range(5):
        await asyncio.sleep(0)
    assert queue.order == ["0", "2"]
    await queue.goes("2")
    await tasks[2]
