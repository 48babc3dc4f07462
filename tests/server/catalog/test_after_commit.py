"""What is done after a commit: never before it, and never where the transaction fails."""

from __future__ import annotations

import asyncio

import pytest

from bilan.catalog import Catalog


async def test_outside_a_transaction_an_action_is_done_at_once(catalog: Catalog) -> None:
    done: list[int] = []
    catalog.after_commit(lambda: done.append(1))
    assert done == [1]


async def test_inside_a_transaction_actions_wait_for_its_end_and_keep_their_order(catalog: Catalog) -> None:
    done: list[int] = []
    async with catalog.transaction():
        catalog.after_commit(lambda: done.append(1))
        catalog.after_commit(lambda: done.append(2))
        assert done == []
    assert done == [1, 2]


async def test_a_transaction_that_fails_does_nothing(catalog: Catalog) -> None:
    done: list[int] = []

    async def fails() -> None:
        async with catalog.transaction():
            catalog.after_commit(lambda: done.append(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fails()
    catalog.after_commit(lambda: done.append(2))
    assert done == [2]


async def test_an_inner_transaction_waits_for_the_outer_one(catalog: Catalog) -> None:
    done: list[int] = []
    async with catalog.transaction():
        async with catalog.transaction():
            catalog.after_commit(lambda: done.append(1))
        assert done == []
    assert done == [1]


async def test_an_inner_transaction_that_fails_takes_its_actions_along(catalog: Catalog) -> None:
    done: list[str] = []

    async def fails() -> None:
        async with catalog.transaction():
            catalog.after_commit(lambda: done.append("inner"))
            raise RuntimeError

    async with catalog.transaction():
        catalog.after_commit(lambda: done.append("outer"))
        with pytest.raises(RuntimeError):
            await fails()
    assert done == ["outer"]


async def test_a_transaction_holds_back_only_its_own_tasks_actions(catalog: Catalog) -> None:
    done: list[str] = []
    entered, leave = asyncio.Event(), asyncio.Event()

    async def transaction() -> None:
        async with catalog.transaction():
            catalog.after_commit(lambda: done.append("inside"))
            entered.set()
            await leave.wait()

    task = asyncio.create_task(transaction())
    await entered.wait()
    catalog.after_commit(lambda: done.append("beside"))
    assert done == ["beside"]
    leave.set()
    await task
    assert done == ["beside", "inside"]


async def test_the_last_things_of_a_transaction_come_behind_all_that_it_does_and_within_it(
    catalog: Catalog,
) -> None:
    done: list[str] = []

    async def last() -> None:
        done.append("last")
        raise RuntimeError

    async def fails() -> None:
        async with catalog.transaction():
            async with catalog.transaction():
                catalog.before_commit(last)
            done.append("first")
            catalog.after_commit(lambda: done.append("never"))

    with pytest.raises(RuntimeError):
        await fails()
    assert done == ["first", "last"]


async def test_an_inner_transaction_that_fails_takes_its_last_things_along(catalog: Catalog) -> None:
    done: list[str] = []

    async def last() -> None:
        done.append("last")

    async def fails() -> None:
        async with catalog.transaction():
            catalog.before_commit(last)
            raise RuntimeError

    async with catalog.transaction():
        with pytest.raises(RuntimeError):
            await fails()
    assert done == []
