"""Reports are sent once to each recipient, whatever a server answers, and a ledger says how that went."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import anyio
import pytest

from bilan.accounts import SourceRole
from bilan.accounts.models import Person
from bilan.catalog import statements
from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState, Mode
from bilan.delivery.email.letter import Letter, write_letter
from bilan.delivery.models import LetterRow, SendingRow
from bilan.delivery.steps import WAITS
from bilan.runs.models import ArtifactRow
from bilan.runs.values import Purpose
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.errors import Cancelled, Conflict, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import MARCH, OLGA, built, ledger, sent, to, worked


@pytest.mark.requirement("BZ-02", "GO-01", "GO-12")
async def test_a_report_is_sent_and_the_ledger_says_that_it_was_accepted(mailing: Mailing, sink: Sink):
    await mailing.person("Zoe", shop=SourceRole.GUEST)
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA, "Zoe@Example.org", message="Look at Tuesday."))
    rows = await ledger(mailing, run)
    assert {one: row.state for one, row in rows.items()} == {
        OLGA: DeliveryState.ACCEPTED, "zoe@example.org": DeliveryState.ACCEPTED,
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


async def test_ten_recipients_cost_one_composition_a_language_and_one_connection(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    written: list[str] = []

    def counted(report: OutgoingReport, **how: Any) -> Letter:
        written.append(report.render_context.formatter.language)
        return write_letter(report, **how)

    monkeypatch.setattr("bilan.delivery.email.message.write_letter", counted)
    people = [await mailing.person(f"P{number}") for number in range(9)]
    await Person.filter(id__in=[one.person for one in people[:4]]).update(language="fr")
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA, *(one.email or "" for one in people)))
    assert (written, sink.connections, len(sink.taken)) == (["en", "fr"], 1, 10)
    assert (await worked(mailing.bilan, sending.run.id)).state is State.SUCCEEDED
    rows = await ledger(mailing, run)
    links: set[str] = set()
    for address, row in rows.items():
        mail = sink.mail_to(address)
        body = mail.get_body(("plain",))
        assert body is not None
        (link,) = re.findall(r"https://bilan.example.org/links/(\S+)", body.get_content())
        assert mailing.bilan.services.download_links._links.read(link).delivery == row.id
        assert (await mailing.bilan.services.download_links.open(link)).run == run.id
        links.add(link)
    assert len(links) == 10
    assert [sink.mail_to(one.email or "")["Content-Language"] for one in people[3:5]] == ["fr", "en"]


async def test_every_file_and_every_letter_is_a_step_of_its_own(mailing: Mailing):
    zoe = await mailing.person("Zoe")
    await Person.filter(id=zoe.person).update(language="fr")
    run = await built(mailing)
    new = to(OLGA, "zoe@example.org", formats=("csv", "html"))
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, new)
    steps = await StepRow.filter(job_id=sending.run.id).order_by("position")
    assert [(step.name, step.after, step.arguments.get("language")) for step in steps] == [
        ("render_attachment:csv", [], "en"), ("render_attachment:html", [], "en"),
        ("compose:email", [0, 1], "en"),
        ("render_attachment:csv", [], "fr"), ("render_attachment:html", [], "fr"),
        ("compose:email", [3, 4], "fr"),
        ("deliver:email", [2], None), ("deliver:email", [5], None),
    ]  # fmt: skip
    assert len({step.key for step in steps[:6]} - {None}) == 6


async def test_the_formats_of_a_sending_are_stored_by_their_keys(mailing: Mailing):
    run = await built(mailing)
    new = to(OLGA, formats=("html", "csv", "html"))
    await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, new)
    (stored,) = await statements.rows("SELECT formats FROM sending")
    assert json.loads(stored["formats"]) == [{"format": "html"}, {"format": "csv"}]


async def test_a_letter_is_kept_until_it_is_sent_and_erased_with_its_report(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    services = mailing.bilan.services
    await sent(mailing, run, to(OLGA))
    letter = await LetterRow.get()
    assert await services.files.exists(letter.sha256)
    await services.runs.delete(mailing.owner, run.id)
    await services.retention.sweep()
    assert not await services.files.exists(letter.sha256)


async def test_sent_anew_after_a_changed_logo_the_letter_is_the_one_that_was_composed(
    mailing: Mailing, sink: Sink
):
    services = mailing.bilan.services
    sink.answers[OLGA, "before"] = "451 come back later"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    await services.branding.set_colour(mailing.owner, "#aa0000")
    sink.answers.clear()
    await StepRow.filter(job_id=sending.run.id).update(due_at=services.clock.now())
    await worked(mailing.bilan, sending.run.id)
    (content,) = (content for _from, _to, content in sink.taken)
    assert b"#aa0000" not in content
    assert await ArtifactRow.filter(run_id=run.id).count() == 1


@pytest.mark.requirement("GO-01")
async def test_a_refusal_concerns_one_recipient(mailing: Mailing, sink: Sink):
    for name in ("Zoe", "Yan"):
        await mailing.person(name)
    sink.answers["yan@example.org", "before"] = "550 no such mailbox"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA, "yan@example.org", "zoe@example.org"))
    rows = await ledger(mailing, run)
    assert {one.name: one.state for one in rows.values()} == {
        "Olga": DeliveryState.ACCEPTED, "Yan": DeliveryState.REFUSED, "Zoe": DeliveryState.ACCEPTED,
    }  # fmt: skip
    assert str(rows["yan@example.org"].reason) == "The receiving server refused this: 550 no such mailbox"
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
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.PLANNED
    for wait in WAITS[:-1]:
        await worked(bilan, sending.run.id)  # too early: nothing is tried
        clock.move(wait)
        await worked(bilan, sending.run.id)
    assert sink.tried == [OLGA] * len(WAITS)
    assert (await ledger(mailing, run))[OLGA].attempt == len(WAITS)
    clock.move(WAITS[-1])
    done = await worked(bilan, sending.run.id)
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, row.attempt, row.answer) == (DeliveryState.REFUSED, 5, "451 come back later")
    assert str(row.reason) == "The receiving server put this off at each of 5 attempts."
    assert done.state is State.SUCCEEDED


async def test_a_connection_that_breaks_before_the_content_is_tried_again(mailing: Mailing, sink: Sink):
    sink.answers[OLGA, "before"] = "drop"
    run = await built(mailing)
    sending = await sent(mailing, run, to(OLGA))
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.PLANNED
    sink.answers.clear()
    await StepRow.filter(job_id=sending.run.id).update(due_at=mailing.bilan.services.clock.now())
    await worked(mailing.bilan, sending.run.id)
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.ACCEPTED
    assert len(sink.taken) == 1


async def test_a_cancelled_run_sends_nothing_more_and_its_rows_say_so(mailing: Mailing, sink: Sink):
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    await services.runs.cancel(mailing.owner, sending.run.id)
    await worked(mailing.bilan, sending.run.id)
    assert await mailing.bilan.ledger.sweep() == 1
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, str(row.reason)) == (
        DeliveryState.CANCELLED, "The run was stopped before this was sent.",
    )  # fmt: skip
    assert sink.tried == []


async def test_a_file_that_can_not_be_rendered_is_the_reason_why_nothing_is_sent(
    mailing: Mailing, sink: Sink
):
    run = await built(mailing)
    services = mailing.bilan.services
    sending = await services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    from bilan.runs.models import DocumentRow

    await DocumentRow.filter(run_id=run.id).delete()
    assert (await worked(mailing.bilan, sending.run.id)).state is State.FAILED
    await mailing.bilan.ledger.sweep()
    row = (await ledger(mailing, run))[OLGA]
    assert (row.state, str(row.reason)) == (DeliveryState.CANCELLED, "This run has no document to show.")
    assert sink.tried == []


async def test_files_too_large_for_the_budget_become_links_and_the_mail_says_so(mailing: Mailing, sink: Sink):
    deliver = mailing.bilan.engine._handlers["deliver"]
    deliver._transports["email"]._budget = 1000  # type: ignore[attr-defined]
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


async def test_a_file_that_is_rendered_to_be_sent_ends_with_its_run(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    run, engine = await built(mailing), mailing.bilan.engine
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    asked: list[bool] = []

    def renders(
        _self: object, _run: object, _renderer: object, _document: object, _look: object, cancelled: Any
    ) -> None:
        asked.append(cancelled())
        for context in engine._active:
            context.lost = True
        asked.append(cancelled())
        raise Cancelled(Message("The run was cancelled."))

    monkeypatch.setattr("bilan.runs.artifacts.ArtifactRenderer._write", renders)
    await worked(mailing.bilan, sending.run.id)
    assert asked == [False, True]
    assert sink.tried == []
