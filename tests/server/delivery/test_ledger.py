"""The ledger settles what nobody will settle, by one statement whatever its size, on both databases."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID, uuid4

import pytest

from bilan.catalog import Catalog
from bilan.catalog.statements import rows
from bilan.clock import FrozenClock, SystemClock
from bilan.delivery.ledger import SILENCE, Ledger
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import DeliveryState
from bilan.sdk.messages import Message
from bilan.work.models import JobRow, StepRow

WHY = Message("It went wrong.")


@pytest.fixture
def clock(catalog: Catalog) -> FrozenClock:
    return FrozenClock(SystemClock().now())


async def run_with_step(clock: FrozenClock, state: str, error: Message | None = None) -> UUID:
    """A step in this state, of a run of its own."""
    job = await JobRow.create(
        workspace=uuid4(), kind="delivery", subject="k", arguments={}, zone="UTC", state=state,
        actor_name="Olga", created_at=clock.now(), error=error,
    )  # fmt: skip
    step = await StepRow.create(job=job, position=0, name="deliver:email", arguments={}, state=state)
    return step.id


async def delivery(clock: FrozenClock, step: UUID, state: DeliveryState, count: int = 1) -> UUID:
    """So many rows of a sending; the id of the last."""
    sending = await SendingRow.create(
        workspace=uuid4(), idempotency_key=uuid4().hex, request_hash="", run=uuid4(), job=uuid4(),
        mode="link", formats=[], days=7, message="", sent_by_name="Olga", created_at=clock.now(),
    )  # fmt: skip
    rows = [
        DeliveryRow(
            sending=sending, channel="email", recipient=uuid4(), address="a@b.org", name="A", language="en",
            state=state, step=step, claimed_at=clock.now(), created_at=clock.now(),
        )
        for _row in range(count)
    ]  # fmt: skip
    await DeliveryRow.bulk_create(rows)
    return rows[-1].id


async def test_each_row_is_settled_by_its_step_or_its_silence(catalog: Catalog, clock: FrozenClock):
    waiting, working = await run_with_step(clock, "waiting"), await run_with_step(clock, "running")
    failed, done = await run_with_step(clock, "failed", WHY), await run_with_step(clock, "succeeded")
    states = DeliveryState
    open_rows = [
        await delivery(clock, waiting, states.PLANNED), await delivery(clock, working, states.CLAIMED),
    ]  # fmt: skip
    gone = await delivery(clock, uuid4(), states.PLANNED)
    given_up, over = (
        await delivery(clock, failed, states.CLAIMED),
        await delivery(clock, done, states.PLANNED),
    )
    accepted = await delivery(clock, done, states.ACCEPTED)
    silent = await delivery(clock, working, states.HANDED_OVER)
    clock.move(SILENCE + timedelta(seconds=1))
    fresh = await delivery(clock, working, states.HANDED_OVER)
    assert await Ledger(catalog, clock).sweep() == 4
    assert await Ledger(catalog, clock).sweep() == 0

    rows = {row.id: row for row in await DeliveryRow.all()}
    assert [rows[one].state for one in (*open_rows, accepted, fresh)] == [
        states.PLANNED, states.CLAIMED, states.ACCEPTED, states.HANDED_OVER,
    ]  # fmt: skip
    assert [rows[one].state for one in (gone, given_up, over)] == [states.CANCELLED] * 3
    assert rows[given_up].reason == WHY
    stopped = "The run was stopped before this was sent."
    assert [str(rows[one].reason) for one in (gone, over)] == [stopped] * 2
    assert rows[silent].state == states.UNKNOWN
    assert "It may have arrived" in str(rows[silent].reason)
    assert {rows[one].settled_at for one in (gone, given_up, over, silent)} == {clock.now()}


async def test_ten_thousand_unsent_rows_cost_one_bounded_statement(
    catalog: Catalog, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    await delivery(clock, await run_with_step(clock, "waiting"), DeliveryState.PLANNED, 10_000)
    await delivery(clock, uuid4(), DeliveryState.PLANNED, 700)
    statements: list[str] = []

    async def counted(sql: str, *values: object) -> list[dict[str, Any]]:
        statements.append(sql)
        return await rows(sql, *values)

    for module in ("ledger", "chain"):
        monkeypatch.setattr(f"bilan.delivery.{module}.rows", counted)
    began = perf_counter()
    settled = [await Ledger(catalog, clock).sweep() for _sweep in range(3)]
    assert settled == [500, 200, 0]
    # The last one has nothing to append.
    assert [one.split()[0] for one in statements] == ["UPDATE", "SELECT", "UPDATE", "SELECT", "UPDATE"]
    assert perf_counter() - began < 3, "one takes some hundredths of a second"
