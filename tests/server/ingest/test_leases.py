from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest.leases import Leases

TEN = timedelta(seconds=10)


@pytest.fixture
def leases(catalog: Catalog, clock: FrozenClock) -> Leases:
    return Leases(clock)


async def test_one_holder_has_the_lease_until_it_runs_out(leases: Leases, clock: FrozenClock) -> None:
    assert await leases.take("inbox", "a", TEN)
    assert not await leases.take("inbox", "b", TEN)
    clock.move(timedelta(seconds=9))
    assert not await leases.take("inbox", "b", TEN)
    clock.move(timedelta(seconds=1))
    assert await leases.take("inbox", "b", TEN)
    assert not await leases.take("inbox", "a", TEN)


async def test_the_holder_prolongs_its_lease(leases: Leases, clock: FrozenClock) -> None:
    await leases.take("inbox", "a", TEN)
    clock.move(timedelta(seconds=9))
    assert await leases.take("inbox", "a", TEN)
    clock.move(timedelta(seconds=9))
    assert not await leases.take("inbox", "b", TEN)


async def test_a_lease_given_back_is_free_at_once_but_only_its_holder_can_give_it(leases: Leases) -> None:
    await leases.take("inbox", "a", TEN)
    await leases.release("inbox", "b")
    assert not await leases.take("inbox", "b", TEN)
    await leases.release("inbox", "a")
    assert await leases.take("inbox", "b", TEN)


async def test_a_lease_given_back_while_the_clock_is_ahead_is_free_once_it_is_right(
    leases: Leases, clock: FrozenClock
) -> None:
    clock.move(timedelta(hours=1))
    await leases.take("inbox", "a", TEN)
    await leases.release("inbox", "a")
    clock.move(timedelta(hours=-1))
    assert await leases.take("inbox", "b", TEN)


async def test_leases_of_other_names_do_not_matter(leases: Leases) -> None:
    assert await leases.take("inbox", "a", TEN)
    assert await leases.take("ticker", "b", TEN)


@pytest.mark.requirement("GO-17")
async def test_of_many_that_ask_at_once_one_gets_it(leases: Leases) -> None:
    answers = await asyncio.gather(*(leases.take("inbox", f"holder {n}", TEN) for n in range(20)))
    assert answers.count(True) == 1
