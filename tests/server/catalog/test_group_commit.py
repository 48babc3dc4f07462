"""What tasks write at the same time is written together, and each gets its own result."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from bilan.catalog.group_commit import GroupCommit


class Writer:
    """Writes groups, each once it may."""

    def __init__(self) -> None:
        self.begun, self.may, self.groups = asyncio.Event(), asyncio.Event(), list[list[int]]()

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.groups.append(list(items))
        self.begun.set()
        await self.may.wait()
        if 13 in items:
            raise RuntimeError("13")
        return [one * 10 for one in items]


async def test_what_comes_while_a_group_is_written_is_the_next_one():
    writer = Writer()
    group = GroupCommit(writer)
    first = asyncio.create_task(group.put(1))
    await writer.begun.wait()
    others = [asyncio.create_task(group.put(number)) for number in (2, 3, 4)]
    await asyncio.sleep(0)
    writer.may.set()
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert writer.groups == [[1], [2, 3, 4]]


async def test_a_group_that_fails_fails_for_its_own_alone():
    writer = Writer()
    group = GroupCommit(writer)
    writer.may.set()
    bad = await asyncio.gather(group.put(13), group.put(1), return_exceptions=True)
    assert [str(one) for one in bad] == ["13", "13"]
    assert await group.put(2) == 20


async def test_whoever_stops_waiting_cuts_nobody_off():
    writer = Writer()
    group = GroupCommit(writer)
    impatient, patient = asyncio.create_task(group.put(1)), asyncio.create_task(group.put(2))
    await writer.begun.wait()
    impatient.cancel()
    writer.may.set()
    assert await patient == 20
    with pytest.raises(asyncio.CancelledError):
        await impatient
