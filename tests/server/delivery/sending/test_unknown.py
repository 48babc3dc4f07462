"""What nobody knows the end of is not sent again, until a person has decided what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from uuid import UUID

import anyio
import pytest

from bilan.accounts import SourceRole
from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState, Sent
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow
from bilan.runs.models import ReportRunRow
from bilan.runs.values import Run
from bilan.sdk.errors import Cancelled, Conflict, Forbidden, NotFound
from bilan.sdk.messages import Message
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to, worked


@pytest.mark.requirement("GO-01")
@pytest.mark.parametrize("when", ["during", "after"])
async def test_a_connection_that_breaks_before_the_answer_leaves_it_unknown(
    mailing: Mailing, sink: Sink, when: str
):
    sink.answers[OLGA, when] = "drop"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    row = (await ledger(mailing, run))[OLGA]
    assert row.state is DeliveryState.UNKNOWN
    assert (
        str(row.reason) == "The connection broke before the receiving server answered. It may have arrived."
    )
    sink.answers.clear()
    await worked(mailing.bilan, sending.run.id)
    assert sink.tried == [OLGA]


Death = Callable[[Ledger, DeliveryRow], Awaitable[object]]


async def _claimed(ledger: Ledger, row: DeliveryRow) -> None:
    assert await ledger.claim(row.id, row.attempt) == 1


async def _handed_over(ledger: Ledger, row: DeliveryRow) -> None:
    await _claimed(ledger, row)
    await ledger.mark_handed_over(row.id, 1)


async def died(mailing: Mailing, when: Death) -> tuple[Run, DeliveryRow]:
    """A run that was sent by a worker which died; another has done what there was to do."""
    run = await built(mailing)
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    await when(mailing.bilan.ledger, await DeliveryRow.get())
    await worked(mailing.bilan, sending.run.id)
    return run, await DeliveryRow.get()


@pytest.mark.requirement("GO-01")
async def test_what_a_killed_worker_handed_over_is_unknown_and_not_sent_by_another(
    mailing: Mailing, sink: Sink
):
    run, _row = await died(mailing, _handed_over)
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, sink.tried) == (DeliveryState.UNKNOWN, [])
    assert "It may have arrived" in str(row.reason)


@pytest.mark.requirement("GO-01")
async def test_what_a_killed_worker_only_claimed_is_taken_over_and_can_no_longer_leave_by_itself(
    mailing: Mailing, sink: Sink
):
    _run, row = await died(mailing, _claimed)
    assert (row.state, row.attempt, len(sink.taken)) == (DeliveryState.ACCEPTED, 2, 1)
    with pytest.raises(Cancelled):  # the first worker was only slow
        await mailing.bilan.ledger.mark_handed_over(row.id, 1)


@pytest.mark.requirement("GO-01")
async def test_a_worker_that_lost_its_lease_cancels_no_mail_that_another_is_to_send(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    run, engine = await built(mailing), mailing.bilan.engine
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    claim = Ledger.claim

    async def claimed_too_late(ledger: Ledger, delivery: UUID, before: int) -> int | None:
        attempt = await claim(ledger, delivery, before)
        for context in engine._active:
            context.lost = True
        await StepRow.filter(id=(await DeliveryRow.get()).step).update(
            lease_until=mailing.bilan.services.clock.now() - timedelta(seconds=1), holder="another"
        )
        return attempt

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "claim", claimed_too_late)
        await worked(mailing.bilan, sending.run.id)
    row = await DeliveryRow.get()
    assert (row.state, row.attempt, sink.taken) == (DeliveryState.CLAIMED, 1, [])
    await worked(mailing.bilan, sending.run.id)
    row = await DeliveryRow.get()
    assert (row.state, row.attempt, len(sink.taken)) == (DeliveryState.ACCEPTED, 2, 1)


@pytest.mark.requirement("GO-01")
async def test_what_falls_silent_after_it_was_handed_over_is_swept_into_unknown(mailing: Mailing):
    run = await built(mailing)
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    clock = FrozenClock(mailing.bilan.services.clock.now())
    swept = Ledger(mailing.bilan.services.catalog, clock)
    await _claimed(swept, await DeliveryRow.get())
    clock.move(timedelta(minutes=11))
    assert await swept.sweep() == 0, "its step is tried again"
    await DeliveryRow.all().update(claimed_at=clock.now())
    await swept.mark_handed_over((await DeliveryRow.get()).id, 1)
    clock.move(timedelta(minutes=9))
    assert await swept.sweep() == 0
    clock.move(timedelta(minutes=2))
    assert await swept.sweep() == 1
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.UNKNOWN


async def test_what_was_claimed_and_whose_step_is_given_up_was_not_sent(mailing: Mailing):
    run = await built(mailing)
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    row = await DeliveryRow.get()
    await _claimed(mailing.bilan.ledger, row)
    await StepRow.filter(id=row.step).update(state=State.FAILED)
    assert await mailing.bilan.ledger.sweep() == 1
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.CANCELLED


@pytest.mark.requirement("GO-01")
async def test_a_person_has_what_is_unknown_sent_once_more_and_only_once(mailing: Mailing, sink: Sink):
    run, row = await died(mailing, _handed_over)
    resolve_unknown, again = mailing.bilan.services.resolve_unknown, list[Sent]()

    async def click() -> None:
        again.append(await resolve_unknown.resend(mailing.owner, row.id))

    async with anyio.create_task_group() as tasks:
        for _click in range(3):
            tasks.start_soon(click)
    await click()
    assert len({one.run.id for one in again}) == 1
    await worked(mailing.bilan, again[0].run.id)
    assert len(sink.taken) == 1
    rows = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    assert {one.id: (one.state, str(one.reason or "")) for one in rows} == {
        row.id: (DeliveryState.REPEATED, "Olga had this sent once more."),
        again[0].deliveries[0].id: (DeliveryState.ACCEPTED, ""),
    }
    with pytest.raises(Conflict):
        await resolve_unknown.mark_delivered(mailing.owner, row.id)
    with pytest.raises(Conflict) as known:
        await resolve_unknown.resend(mailing.owner, again[0].deliveries[0].id)
    assert str(known.value) == "What became of this is known; there is nothing to decide."


async def test_what_was_sent_once_more_is_not_sent_again_where_its_job_is_deleted(
    mailing: Mailing, sink: Sink
):
    _run, row = await died(mailing, _handed_over)
    services = mailing.bilan.services
    again = await services.resolve_unknown.resend(mailing.owner, row.id)
    await worked(mailing.bilan, again.run.id)
    await services.runs.delete(mailing.owner, again.run.id)
    with pytest.raises(NotFound):
        await services.resolve_unknown.resend(mailing.owner, row.id)
    assert len(sink.taken) == 1


async def test_a_person_says_that_what_is_unknown_arrived(mailing: Mailing, sink: Sink):
    _run, row = await died(mailing, _handed_over)
    resolve_unknown = mailing.bilan.services.resolve_unknown
    for _click in range(2):
        settled = await resolve_unknown.mark_delivered(mailing.owner, row.id)
        assert (settled.state, str(settled.reason)) == (DeliveryState.ARRIVED, "Olga says that it arrived.")
    with pytest.raises(Conflict):
        await resolve_unknown.resend(mailing.owner, row.id)
    assert sink.tried == []
    # An answer that comes after all changes nothing that a person has said.
    await mailing.bilan.ledger.settle(row.id, 1, DeliveryState.ACCEPTED, answer="250 taken")
    assert (await DeliveryRow.get()).state == DeliveryState.ARRIVED


async def test_what_is_unknown_is_not_sent_once_more_where_its_report_is_erased(mailing: Mailing, sink: Sink):
    run, row = await died(mailing, _handed_over)
    services = mailing.bilan.services
    await ReportRunRow.filter(job_id=run.id).update(
        erased_at=services.clock.now(), erased_because=Message("the report was made not to be kept")
    )
    erasure = str((await services.runs.get(mailing.owner, run.id)).erasure)
    with pytest.raises(Conflict) as refused:
        await services.resolve_unknown.resend(mailing.owner, row.id)
    assert str(refused.value) == erasure
    assert erasure.endswith(" because the report was made not to be kept.")
    assert ((await DeliveryRow.get()).state, sink.tried) == (DeliveryState.UNKNOWN, [])


async def test_those_alone_decide_who_could_have_sent_it(mailing: Mailing):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    yan = await mailing.person("Yan", shop=SourceRole.GUEST)
    run, row = await died(mailing, _handed_over)
    resolve_unknown = mailing.bilan.services.resolve_unknown
    rows = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    assert await resolve_unknown.resolvable(mailing.owner, run, rows) == {row.id}
    assert await resolve_unknown.resolvable(zoe, run, rows) == frozenset()
    for act in (resolve_unknown.resend, resolve_unknown.mark_delivered):
        with pytest.raises(Forbidden):
            await act(zoe, row.id)
        with pytest.raises(NotFound):
            await act(yan, row.id)
        with pytest.raises(NotFound):
            await act(mailing.owner, run.id)
    assert (await DeliveryRow.get()).state == DeliveryState.UNKNOWN


async def test_of_many_workers_one_claims(mailing: Mailing):
    run = await built(mailing)
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    row, claims = await DeliveryRow.get(), []

    async def claim() -> None:
        claims.append(await mailing.bilan.ledger.claim(row.id, row.attempt))

    async with anyio.create_task_group() as tasks:
        for _worker in range(5):
            tasks.start_soon(claim)
    assert sorted(claims, key=str) == [1, None, None, None, None]
