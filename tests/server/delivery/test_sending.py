"""Reports are sent once to each recipient, whatever happens on the way, and a ledger says how that went."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import anyio
import pytest

from bilan.accounts import Permission, SourceRole
from bilan.accounts.values import WorkspaceRole
from bilan.clock import FrozenClock
from bilan.delivery import Delivered, Mode, Sent
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.steps import WAITS
from bilan.runs.models import StepRow
from bilan.runs.values import Purpose, Run, State
from bilan.sdk.errors import Cancelled, Conflict, Forbidden, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.settings import Settings
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import MARCH, built, ledger, sent, to, worked

OLGA = "olga@example.org"


@pytest.fixture
def warehouse_settings(warehouse_settings: Settings, sink: Sink) -> Settings:
    """A server that mails through the sink."""
    return warehouse_settings.model_copy(
        update={"mail_url": sink.url, "base_url": "https://bilan.example.org"}
    )


@pytest.mark.requirement("BZ-02", "GO-01", "GO-12")
async def test_a_report_is_sent_and_the_ledger_says_that_it_was_accepted(mailing: Mailing, sink: Sink):
    await mailing.person("Zoe", shop=SourceRole.GUEST)
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA, "Zoe@Example.org", message="Look at Tuesday."))
    rows = await ledger(mailing, run)
    assert {one: row.state for one, row in rows.items()} == {
        OLGA: Delivered.ACCEPTED, "zoe@example.org": Delivered.ACCEPTED,
    }  # fmt: skip
    assert rows[OLGA].answer == "250 taken"
    assert (sending.run.purpose, sending.run.values) == (Purpose.DELIVERY, {"run": str(run.id)})
    mail = sink.mail_to("zoe@example.org")
    assert mail["Message-ID"] == f"<{rows['zoe@example.org'].id}@bilan.example.org>"
    assert (mail["To"], mail["Reply-To"]) == ("Zoe <zoe@example.org>", "Olga <olga@example.org>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] is None
    html, text = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))  # type: ignore[union-attr]
    for said in (html, text):
        assert "Look at Tuesday." in said
        assert "https://bilan.example.org/links/" in said
    assert not list(mail.iter_attachments())
    assert (await worked(mailing.bilan, sending.run.id)).state is State.SUCCEEDED


@pytest.mark.requirement("BZ-30")
async def test_a_saved_report_is_sent_as_soon_as_it_is_built(mailing: Mailing, sink: Sink):
    from bilan.reports.values import Draft

    services = mailing.bilan.services
    saved = await services.reports.create(mailing.owner, Draft("March", "email.campaign", MARCH))
    sending = await services.deliveries.send_report(mailing.owner, saved.id, to(OLGA))
    assert (sending.run.purpose, sending.run.report) == (Purpose.REPORT, saved.id)
    assert sink.taken == []
    run = await worked(mailing.bilan, sending.run.id)
    assert run.state is State.SUCCEEDED
    assert "March" in sink.mail_to(OLGA)["Subject"]
    assert (await ledger(mailing, run))[OLGA].run == run.id


@pytest.mark.requirement("BZ-21", "AP-18")
async def test_an_address_outside_of_the_workspace_is_refused_with_the_reason(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    with pytest.raises(Invalid) as caught:
        await sent(mailing, run, to(OLGA, "someone@elsewhere.example"))
    assert str(caught.value) == (
        "someone@elsewhere.example is not a person of this workspace; until outside recipients can "
        "confirm their address, reports are sent to people of the workspace alone."
    )
    assert caught.value.path == ("to",)
    assert await SendingRow.all().count() == 0
    assert sink.tried == []


@pytest.mark.parametrize(
    "address",
    ["olga@example.org\r\nBcc: eve@elsewhere.example", "olga@example.org,eve@elsewhere.example", "", " "],
)
async def test_an_address_that_hides_another_is_refused(mailing: Mailing, sink: Sink, address: str):
    run = await built(mailing)
    with pytest.raises(Invalid):
        await sent(mailing, run, to(address))
    assert sink.tried == []


@pytest.mark.requirement("DC-02")
async def test_a_member_sends_to_themselves_alone_and_managers_to_everybody(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    await mailing.person("Yan", role=WorkspaceRole.MEMBER)
    run = await built(mailing)
    deliveries = mailing.bilan.services.deliveries
    assert [one.name for one in await deliveries.eligible(zoe, run.id)] == ["Zoe"]
    with pytest.raises(Forbidden) as caught:
        await deliveries.send_run(zoe, run.id, to(OLGA))
    assert str(caught.value) == (
        "Sending a report to somebody else takes one of these roles in the workspace: owner, admin."
    )
    own = await deliveries.send_run(zoe, run.id, to("zoe@example.org"))
    await worked(mailing.bilan, own.run.id)
    assert sink.mail_to("zoe@example.org")["Subject"]
    # Whoever receives needs no role on a source.
    await sent(mailing, run, to("yan@example.org"))
    assert sink.mail_to("yan@example.org")["Subject"]


async def test_who_may_not_read_all_of_it_can_not_send_it(mailing: Mailing):
    zoe = await mailing.person("Zoe", shop=SourceRole.ADMIN)
    run = await built(mailing)
    with pytest.raises(NotFound):
        await mailing.bilan.services.deliveries.send_run(zoe, run.id, to("zoe@example.org"))


@pytest.mark.requirement("GO-01")
async def test_the_same_form_sent_twice_sends_once(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    deliveries, results = mailing.bilan.services.deliveries, []

    async def click() -> None:
        results.append(await deliveries.send_run(mailing.owner, run.id, to(OLGA)))

    async with anyio.create_task_group() as tasks:
        for _click in range(4):
            tasks.start_soon(click)
    assert len({one.run.id for one in results}) == 1
    await worked(mailing.bilan, results[0].run.id)
    await click()
    await worked(mailing.bilan, results[0].run.id)
    assert len(sink.taken) == 1
    with pytest.raises(Conflict):
        await deliveries.send_run(mailing.owner, run.id, to(OLGA, days=3))
    await sent(mailing, run, to(OLGA, key="another form"))
    assert len(sink.taken) == 2


@pytest.mark.requirement("GO-01")
async def test_a_refusal_concerns_one_recipient(mailing: Mailing, sink: Sink):
    for name in ("Zoe", "Yan"):
        await mailing.person(name)
    sink.answers["yan@example.org", "before"] = "550 no such mailbox"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA, "yan@example.org", "zoe@example.org"))
    rows = await ledger(mailing, run)
    assert {one.name: one.state for one in rows.values()} == {
        "Olga": Delivered.ACCEPTED, "Yan": Delivered.REFUSED, "Zoe": Delivered.ACCEPTED,
    }  # fmt: skip
    assert str(rows["yan@example.org"].reason) == "The mail server refused this: 550 no such mailbox"
    assert (await worked(mailing.bilan, sending.run.id)).state is State.SUCCEEDED


@pytest.mark.requirement("GO-02")
async def test_sent_again_to_who_was_refused_the_attached_file_is_the_same(mailing: Mailing, sink: Sink):
    await mailing.person("Zoe")
    sink.answers["zoe@example.org", "during"] = "552 mailbox full"
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, "zoe@example.org", mode=Mode.ATTACH))
    sink.answers.clear()
    await sent(mailing, run, to("zoe@example.org", key="again", mode=Mode.ATTACH))
    assert [to for _from, to, _content in sink.taken] == [OLGA, "zoe@example.org"]
    (first,), (second,) = (
        [part.get_content() for part in sink.mail_to(one).iter_attachments()]
        for one in (OLGA, "zoe@example.org")
    )
    assert first == second
    assert first[:2] == b"PK"


@pytest.mark.requirement("GO-01")
async def test_what_a_server_puts_off_is_tried_again_and_not_for_ever(mailing: Mailing, sink: Sink):
    bilan = mailing.bilan
    clock = FrozenClock(bilan.services.clock.now())
    bilan.engine._clock = bilan.engine._claims._clock = clock
    sink.answers[OLGA, "before"] = "451 come back later"
    clock.move(timedelta(minutes=1))
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    assert (await ledger(mailing, run))[OLGA].state is Delivered.PLANNED
    for wait in WAITS[:-1]:
        await worked(bilan, sending.run.id)  # too early: nothing is tried
        clock.move(wait)
        await worked(bilan, sending.run.id)
    assert sink.tried == [OLGA] * len(WAITS)
    assert (await ledger(mailing, run))[OLGA].attempt == len(WAITS)
    clock.move(WAITS[-1])
    done = await worked(bilan, sending.run.id)
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, row.attempt, row.answer) == (Delivered.REFUSED, 5, "451 come back later")
    assert str(row.reason) == "The mail server put this off at each of 5 attempts."
    assert done.state is State.SUCCEEDED


@pytest.mark.requirement("GO-01")
@pytest.mark.parametrize("when", ["during", "after"])
async def test_a_connection_that_breaks_before_the_answer_leaves_it_unknown(
    mailing: Mailing, sink: Sink, when: str
):
    sink.answers[OLGA, when] = "drop"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    row = (await ledger(mailing, run))[OLGA]
    assert row.state is Delivered.UNKNOWN
    assert str(row.reason) == "The connection broke before the mail server answered. It may have arrived."
    sink.answers.clear()
    await worked(mailing.bilan, sending.run.id)
    assert sink.tried == [OLGA]


async def test_a_connection_that_breaks_before_the_content_is_tried_again(mailing: Mailing, sink: Sink):
    sink.answers[OLGA, "before"] = "drop"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    assert (await ledger(mailing, run))[OLGA].state is Delivered.PLANNED
    sink.answers.clear()
    await StepRow.filter(run_id=sending.run.id).update(due_at=mailing.bilan.services.clock.now())
    await worked(mailing.bilan, sending.run.id)
    assert (await ledger(mailing, run))[OLGA].state is Delivered.ACCEPTED
    assert len(sink.taken) == 1


Death = Callable[[Ledger, DeliveryRow], Awaitable[object]]


async def _claimed(ledger: Ledger, row: DeliveryRow) -> None:
    assert await ledger.claim(row.id, row.attempt) == 1


async def _handed_over(ledger: Ledger, row: DeliveryRow) -> None:
    await _claimed(ledger, row)
    await ledger.leaving(row.id, 1)


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
    assert (row.state, sink.tried) == (Delivered.UNKNOWN, [])
    assert "It may have arrived" in str(row.reason)


@pytest.mark.requirement("GO-01")
async def test_what_a_killed_worker_only_claimed_is_taken_over_and_can_no_longer_leave_by_itself(
    mailing: Mailing, sink: Sink
):
    _run, row = await died(mailing, _claimed)
    assert (row.state, row.attempt, len(sink.taken)) == (Delivered.ACCEPTED, 2, 1)
    with pytest.raises(Cancelled):  # the first worker was only slow
        await mailing.bilan.ledger.leaving(row.id, 1)


@pytest.mark.requirement("GO-01")
async def test_what_falls_silent_after_it_was_handed_over_is_swept_into_unknown(mailing: Mailing):
    run = await built(mailing)
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    clock = FrozenClock(mailing.bilan.services.clock.now())
    swept = Ledger(clock)
    await _claimed(swept, await DeliveryRow.get())
    clock.move(timedelta(minutes=11))
    assert await swept.sweep() == 0, "its step is tried again"
    await DeliveryRow.all().update(claimed_at=clock.now())
    await swept.leaving((await DeliveryRow.get()).id, 1)
    clock.move(timedelta(minutes=9))
    assert await swept.sweep() == 0
    clock.move(timedelta(minutes=2))
    assert await swept.sweep() == 1
    assert (await ledger(mailing, run))[OLGA].state is Delivered.UNKNOWN


async def test_what_was_claimed_and_whose_step_is_given_up_was_not_sent(mailing: Mailing):
    run = await built(mailing)
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    row = await DeliveryRow.get()
    await _claimed(mailing.bilan.ledger, row)
    await StepRow.filter(id=row.step).update(state=State.FAILED)
    assert await mailing.bilan.ledger.sweep() == 1
    assert (await ledger(mailing, run))[OLGA].state is Delivered.CANCELLED


@pytest.mark.requirement("GO-01")
async def test_a_person_has_what_is_unknown_sent_once_more_and_only_once(mailing: Mailing, sink: Sink):
    run, row = await died(mailing, _handed_over)
    deciding, again = mailing.bilan.services.deciding, list[Sent]()

    async def click() -> None:
        again.append(await deciding.again(mailing.owner, row.id))

    async with anyio.create_task_group() as tasks:
        for _click in range(3):
            tasks.start_soon(click)
    await click()
    assert len({one.run.id for one in again}) == 1
    await worked(mailing.bilan, again[0].run.id)
    assert len(sink.taken) == 1
    rows = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    assert {one.id: (one.state, str(one.reason or "")) for one in rows} == {
        row.id: (Delivered.REPEATED, "Olga had this sent once more."),
        again[0].deliveries[0].id: (Delivered.ACCEPTED, ""),
    }
    with pytest.raises(Conflict):
        await deciding.arrived(mailing.owner, row.id)
    with pytest.raises(Conflict) as known:
        await deciding.again(mailing.owner, again[0].deliveries[0].id)
    assert str(known.value) == "What became of this is known; there is nothing to decide."


async def test_a_person_says_that_what_is_unknown_arrived(mailing: Mailing, sink: Sink):
    _run, row = await died(mailing, _handed_over)
    deciding = mailing.bilan.services.deciding
    for _click in range(2):
        settled = await deciding.arrived(mailing.owner, row.id)
        assert (settled.state, str(settled.reason)) == (Delivered.ARRIVED, "Olga says that it arrived.")
    with pytest.raises(Conflict):
        await deciding.again(mailing.owner, row.id)
    assert sink.tried == []
    # An answer that comes after all changes nothing that a person has said.
    await mailing.bilan.ledger.settle(row.id, 1, Delivered.ACCEPTED, answer="250 taken")
    assert (await DeliveryRow.get()).state == Delivered.ARRIVED


async def test_those_alone_decide_who_could_have_sent_it(mailing: Mailing):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    yan = await mailing.person("Yan", shop=SourceRole.GUEST)
    run, row = await died(mailing, _handed_over)
    deciding = mailing.bilan.services.deciding
    rows = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    assert await deciding.decidable(mailing.owner, run, rows) == {row.id}
    assert await deciding.decidable(zoe, run, rows) == frozenset()
    for act in (deciding.again, deciding.arrived):
        with pytest.raises(Forbidden):
            await act(zoe, row.id)
        with pytest.raises(NotFound):
            await act(yan, row.id)
        with pytest.raises(NotFound):
            await act(mailing.owner, run.id)
    assert (await DeliveryRow.get()).state == Delivered.UNKNOWN


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


async def test_a_cancelled_run_sends_nothing_more_and_its_rows_say_so(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    await services.runs.cancel(mailing.owner, sending.run.id)
    await worked(mailing.bilan, sending.run.id)
    assert await mailing.bilan.ledger.sweep() == 1
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, str(row.reason)) == (
        Delivered.CANCELLED, "The run was stopped before this was sent.",
    )  # fmt: skip
    assert sink.tried == []


async def test_a_file_that_can_not_be_drawn_is_the_reason_why_nothing_is_sent(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    from bilan.runs.models import DocumentRow

    await DocumentRow.filter(run_id=run.id).delete()
    assert (await worked(mailing.bilan, sending.run.id)).state is State.FAILED
    await mailing.bilan.ledger.sweep()
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, str(row.reason)) == (Delivered.CANCELLED, "This run has no document to show.")
    assert sink.tried == []


async def test_a_recipient_who_left_meanwhile_gets_nothing(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe")
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to("zoe@example.org"))
    assert zoe.person is not None
    await services.accounts.deactivate(mailing.owner, zoe.person)
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))["zoe@example.org"]
    assert (row.state, str(row.reason)) == (
        Delivered.REFUSED, "zoe@example.org no longer belongs to a person of this workspace.",
    )  # fmt: skip
    assert sink.tried == []


async def test_a_sender_who_lost_a_right_meanwhile_sends_nothing(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe", shop=SourceRole.GUEST, lab=SourceRole.GUEST)
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(zoe, run.id, to("zoe@example.org"))
    assert zoe.person is not None
    await services.sources.grant(mailing.owner, mailing.lab.id, zoe.person, None)
    await worked(mailing.bilan, sending.run.id)
    row = (await ledger(mailing, run))["zoe@example.org"]
    assert row.state is Delivered.REFUSED
    assert str(row.reason).startswith("Sending a report takes one of these roles on every source")
    assert sink.tried == []


async def test_a_report_about_persons_goes_to_those_alone_who_may_see_them(mailing: Mailing, sink: Sink):
    from bilan.runs.models import RunRow

    await mailing.person("Zoe")
    await mailing.person("Yan", permissions=(Permission.EXPORT_CONTACT_DATA,))
    run = await built(mailing)
    await RunRow.filter(id=run.id).update(personal=True)
    deliveries = mailing.bilan.services.deliveries
    assert [one.name for one in await deliveries.eligible(mailing.owner, run.id)] == ["Olga", "Yan"]
    with pytest.raises(Invalid) as caught:
        await sent(mailing, run, to("zoe@example.org"))
    assert str(caught.value) == (
        "This report shows rows about single persons, and Zoe lacks the permission export_contact_data."
    )
    await sent(mailing, run, to("yan@example.org"))
    assert len(sink.taken) == 1


async def test_files_too_large_for_the_budget_become_links_and_the_mail_says_so(mailing: Mailing, sink: Sink):
    deliver = mailing.bilan.engine._handlers["deliver"]
    deliver._carriers["email"]._budget = 1000  # type: ignore[attr-defined]
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, mode=Mode.ATTACH))
    mail, row = sink.mail_to(OLGA), (await ledger(mailing, run))[OLGA]
    assert (row.mode, row.attached) == (Mode.ATTACH, False)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "too large for an e-mail, so here is a link" in " ".join(body.get_content().split())
    assert "/links/" in body.get_content()


async def test_a_run_without_a_report_and_wrong_wishes_are_refused(mailing: Mailing):
    deliveries, runs = mailing.bilan.services.deliveries, mailing.bilan.services.runs
    waiting = await runs.start(mailing.owner, "email.campaign", MARCH)
    with pytest.raises(Conflict):
        await deliveries.send_run(mailing.owner, waiting.id, to(OLGA))
    run = await built(mailing)
    for wrong, path in (
        (to(OLGA, days=0), "days"),
        (to(OLGA, days=91), "days"),
        (to(OLGA, message="x" * 2001), "message"),
        (to(OLGA, key=""), "key"),
        (to(OLGA, formats=("stone",)), "format"),
        (to(OLGA, language="xx-nowhere-at-all"), "language"),
        (to(OLGA, language="xx", formats=()), "language"),
        (to(OLGA, language=f"fr-FR-{'a' * 17}"), "language"),
    ):
        with pytest.raises((Invalid, NotFound)) as caught:
            await deliveries.send_run(mailing.owner, run.id, wrong)
        assert caught.value.path == (path,)
    assert await SendingRow.all().count() == 0


async def test_a_sending_is_not_run_again(mailing: Mailing):
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    with pytest.raises(Conflict):
        await mailing.bilan.services.runs.restart(mailing.owner, sending.run.id)


async def test_a_file_that_is_drawn_to_be_sent_ends_with_its_run(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    run, engine = await built(mailing), mailing.bilan.engine
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    asked: list[bool] = []

    def draws(_self: object, _renderer: object, _document: object, _look: object, cancelled: Any) -> None:
        asked.append(cancelled())
        for context in engine._active:
            context.lost = True
        asked.append(cancelled())
        raise Cancelled(Message("The run was cancelled."))

    monkeypatch.setattr("bilan.runs.drawing.Drawing._write", draws)
    await worked(mailing.bilan, sending.run.id)
    assert asked == [False, True]
    assert sink.tried == []
