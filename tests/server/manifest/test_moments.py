"""Moments: batches come one after the other, whole or not at all, whatever clocks and processes do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from bilan.catalog import Catalog
from bilan.catalog.statements import change, rows
from bilan.clock import FrozenClock
from bilan.manifest import Manifest, Moments
from bilan.sdk.datasets import Dataset
from bilan.sdk.errors import Unavailable
from bilan.sdk.messages import Message
from bilan.warehouse.arrow import ArrowTable, table_of
from fixtures.ingest import BASKETS, NOW, ORDERS, MemoryFacts

SOURCE = UUID(int=7)
DAY = date(2026, 3, 10)
MICROSECOND = timedelta(microseconds=1)
MARKED = {(ORDERS.key, SOURCE): {DAY}}

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Start = Callable[[], Moments]


@pytest.fixture
def start(catalog: Catalog, clock: FrozenClock, facts: MemoryFacts) -> Start:
    """The moments of a process that starts."""
    return lambda: Moments(catalog, clock, facts)


def orders(*names: str) -> ArrowTable:
    return table_of(ORDERS, [{"occurred_at": NOW, "order": name, "buyer": ""} for name in names])


async def append(moments: Moments, facts: MemoryFacts, *names: str) -> datetime:
    """Write a batch to its end; its moment."""
    async with moments.turn("test") as turn:
        facts.append(ORDERS, SOURCE, orders(*names), moment=turn.moment)
        await turn.close(MARKED)
    return turn.moment


async def fail(moments: Moments, write: Callable[[datetime], object]) -> None:
    """Write something under a moment, and fail before the batch is closed."""
    async with moments.turn("test") as turn:
        write(turn.moment)
        raise ZeroDivisionError


async def test_each_moment_is_later_than_all_before_even_where_the_clock_goes_backwards(
    start: Start, facts: MemoryFacts, clock: FrozenClock
):
    one, other = start(), start()
    first = await append(one, facts, "A")
    clock.move(timedelta(hours=-1))
    second = await append(other, facts, "B")
    clock.move(timedelta(hours=2))
    third = await append(one, facts, "C")
    assert [first, second, third] == [NOW, NOW + MICROSECOND, NOW + timedelta(hours=1)]


async def test_a_question_sees_nothing_of_a_batch_until_it_is_closed_and_then_all(
    start: Start, facts: MemoryFacts, clock: FrozenClock
):
    moments = start()
    before, _revision = await moments.visible()
    clock.move(timedelta(minutes=1))
    async with moments.turn("test") as turn:
        meanwhile, revision = await moments.visible()
        assert meanwhile == turn.moment - MICROSECOND
        assert before <= meanwhile
        await turn.close(MARKED)
    after, later = await moments.visible()
    assert after >= turn.moment
    assert later == revision + 1


async def test_nothing_is_written_under_a_moment_that_a_question_was_given(
    start: Start, facts: MemoryFacts, clock: FrozenClock
):
    moments = start()
    seen, _revision = await moments.visible()
    assert seen == NOW
    clock.move(timedelta(minutes=-5))
    assert await append(start(), facts, "A") == NOW + MICROSECOND


async def test_a_batch_that_fails_is_taken_out_again(start: Start, facts: MemoryFacts):
    moments = start()
    await append(moments, facts, "A")
    with pytest.raises(ZeroDivisionError):
        await fail(moments, lambda moment: facts.append(ORDERS, SOURCE, orders("B"), moment=moment))
    assert [row["order"] for row in facts.rows(ORDERS.key)] == ["A"]
    await append(moments, facts, "C")
    assert [row["order"] for row in facts.rows(ORDERS.key)] == ["A", "C"]


async def test_a_copy_that_is_taken_out_leaves_the_one_before(start: Start, facts: MemoryFacts):
    moments, basket = start(), {"occurred_at": NOW, "basket": "1", "state": "open"}
    async with moments.turn("test") as turn:
        facts.append(BASKETS, SOURCE, table_of(BASKETS, [basket]), moment=turn.moment)
        await turn.close({})
    paid = table_of(BASKETS, [{**basket, "state": "paid"}])
    with pytest.raises(ZeroDivisionError):
        await fail(moments, lambda moment: facts.append(BASKETS, SOURCE, paid, moment=moment))
    assert [row["state"] for row in facts.rows(BASKETS.key)] == ["open"]


async def test_what_a_killed_process_was_writing_is_taken_out_by_the_next(start: Start, facts: MemoryFacts):
    killed = await start()._begin("killed")
    facts.append(ORDERS, SOURCE, orders("A"), moment=killed.moment)
    moments = start()
    await moments.recover()
    assert facts.rows(ORDERS.key) == []
    assert (await moments.visible())[0] >= killed.moment


async def test_another_process_waits_until_the_time_of_a_turn_is_up(start: Start, facts: MemoryFacts):
    killed = await start()._begin("killed")
    facts.append(ORDERS, SOURCE, orders("A"), moment=killed.moment)
    waiting = asyncio.create_task(append(start(), facts, "B"))
    await asyncio.sleep(0.2)
    assert not waiting.done()
    await change("UPDATE moment SET until = 1 WHERE id = 1")
    await waiting
    assert [row["order"] for row in facts.rows(ORDERS.key)] == ["B"]


async def test_whoever_lost_the_turn_closes_nothing(start: Start, facts: MemoryFacts):
    paused = await start()._begin("paused")
    await change("UPDATE moment SET until = 1 WHERE id = 1")
    await append(start(), facts, "B")
    with pytest.raises(Unavailable, match="begun again"):
        await paused.close(MARKED)


async def test_a_batch_that_cannot_be_taken_out_stays_unseen_until_it_can(
    start: Start, facts: MemoryFacts, monkeypatch: pytest.MonkeyPatch
):
    moments = start()
    with monkeypatch.context() as patched:
        patched.setattr(facts, "withdraw", _away)
        with pytest.raises(Unavailable):
            await fail(moments, lambda moment: facts.append(ORDERS, SOURCE, orders("A"), moment=moment))
        assert (await moments.visible())[0] == NOW - MICROSECOND
    await append(moments, facts, "B")
    assert [row["order"] for row in facts.rows(ORDERS.key)] == ["B"]


def _away(_moment: datetime) -> None:
    raise Unavailable(Message("The warehouse does not answer."))


async def test_a_snapshot_knows_the_days_that_were_written_to(
    catalog: Catalog, start: Start, facts: MemoryFacts, clock: FrozenClock
):
    moments = start()
    manifest = Manifest(catalog, moments)
    assert (await manifest.snapshot()).last_touched(ORDERS.key, [SOURCE]) == 0
    first = await append(moments, facts, "A")
    clock.move(timedelta(minutes=1))
    second = await append(start(), facts, "B")
    now, then = await manifest.snapshot(), await manifest.snapshot(second - MICROSECOND)
    assert now.last_touched(ORDERS.key, [SOURCE]) == (second - EPOCH) // MICROSECOND
    assert then.as_of == second - MICROSECOND
    assert now.last_touched(ORDERS.key, [UUID(int=8)]) == 0
    assert first < second


async def test_what_an_older_release_wrote_is_taken_over_once(
    catalog: Catalog, facts: MemoryFacts, start: Start, monkeypatch: pytest.MonkeyPatch
):
    written = NOW + timedelta(days=2)

    def touched(_facts: MemoryFacts, _dataset: Dataset) -> list[tuple[UUID, date, datetime]]:
        return [(SOURCE, DAY, written)]

    monkeypatch.setattr(MemoryFacts, "touched", touched)
    moments = start()
    await moments.prepare([ORDERS])
    await moments.prepare([ORDERS])
    seen = await Manifest(catalog, moments).snapshot()
    assert seen.as_of == written
    assert (
        seen.last_touched(ORDERS.key, [SOURCE]) == (written - datetime(1970, 1, 1, tzinfo=UTC)) // MICROSECOND
    )


async def test_a_batch_that_takes_long_keeps_its_turn_while_its_process_lives(
    start: Start, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("bilan.manifest.moments.RENEWAL", timedelta(milliseconds=10))
    async with start().turn("long") as turn:
        await change("UPDATE moment SET until = 1 WHERE id = 1")
        while (await rows("SELECT until FROM moment WHERE id = 1"))[0]["until"] == 1:  # noqa: ASYNC110 - another task changes the row
            await asyncio.sleep(0.01)
        await turn.close(MARKED)
