"""Each recipient reads in their own language and zone, and gets the files meant for them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bilan.accounts.models import Person
from bilan.catalog import statements
from bilan.delivery import DeliveryState, Mode
from bilan.delivery.create_sending import Plan, sending_hash
from bilan.delivery.email.letter import Letter, write_letter
from bilan.delivery.models import DeliveryRow, LetterRow, SendingRow
from bilan.delivery.recipients import recipients
from bilan.recipients import RecipientDraft, RecipientState
from bilan.recipients.models import RecipientRow
from bilan.sdk.channels import OutgoingReport
from bilan.sdk.errors import Invalid
from bilan.work import IdempotencyKey
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to, worked

ZOE = "zoe@client.example"


async def confirmed(mailing: Mailing, *drafts: RecipientDraft) -> None:
    """External recipients who have confirmed their address."""
    for draft in drafts:
        await mailing.bilan.services.address_book.add(mailing.owner, draft)
    await RecipientRow.all().update(confirmed_at=mailing.bilan.services.clock.now())


def text_to(sink: Sink, address: str) -> str:
    body = sink.mail_to(address).get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


@pytest.mark.requirement("GO-07", "AP-29", "AP-30", "AP-42")
async def test_language_and_zone_are_the_recipients_and_the_totals_everybodys(
    mailing: Mailing, sink: Sink, monkeypatch: pytest.MonkeyPatch
):
    written: list[str] = []

    def counted(report: OutgoingReport, **how: Any) -> Letter:
        written.append(report.render_context.formatter.language)
        return write_letter(report, **how)

    monkeypatch.setattr("bilan.delivery.email.message.write_letter", counted)
    await confirmed(
        mailing,
        RecipientDraft("fr@client.example", language="fr", zone="Europe/Paris"),
        RecipientDraft("again@client.example", language="fr", zone="Europe/Paris"),
        RecipientDraft("us@client.example", language="en_US", zone="America/New_York"),
    )
    run = await built(mailing, campaign="sale")
    addresses = [f"{name}@client.example" for name in ("fr", "again", "us")]
    await sent(mailing, run, to(*addresses))
    # One letter for the two who read the same.
    assert written == ["fr", "en-US"]
    assert await LetterRow.all().count() == 2
    french, american = text_to(sink, "fr@client.example"), text_to(sink, "us@client.example")
    assert text_to(sink, "again@client.example").split("/links/")[0] == french.split("/links/")[0]
    # Facts reach to 4 March 09:00 in UTC; whoever reads sees it on their own clock.
    assert "UTC−5" in american or "EST" in american or "GMT-5" in american
    steps = await StepRow.filter(name="render_attachment:csv").order_by("position")
    assert [(step.arguments["language"], step.arguments["zone"]) for step in steps] == [
        ("fr", "Europe/Paris"), ("en-US", "America/New_York"),
    ]  # fmt: skip
    assert await DeliveryRow.filter(state=DeliveryState.ACCEPTED).count() == 3
    for text, sends in ((french, "Envois\xa0: 1"), (american, "Sends: 1")):
        assert " ".join(sends.split()) in text


@pytest.mark.requirement("GO-07")
async def test_recipients_may_get_other_files_than_the_rest(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe")
    run = await built(mailing)
    now = mailing.bilan.services.clock.now()
    new = to(OLGA, zoe.email, formats=("csv",), mode=Mode.ATTACH)
    olga, other = await recipients(mailing.owner, new.to, run.kind, personal=False, now=now)
    plan = Plan(
        run.workspace, IdempotencyKey("k", sending_hash("x", new)), (olga, replace(other, formats=("xlsx",))),
        ("en", "en"), new, mailing.owner.person, "Olga",
    )  # fmt: skip
    sending = await mailing.bilan.services.deliveries._sendings.of_run(run, plan)
    await worked(mailing.bilan, sending.run.id)
    names = {
        one: [str(part.get_filename()).rpartition(".")[2] for part in sink.mail_to(one).iter_attachments()]
        for one in (OLGA, zoe.email)
    }
    assert names == {OLGA: ["zip"], zoe.email: ["xlsx"]}


async def test_a_person_sees_instants_in_their_own_zone(mailing: Mailing, sink: Sink):
    zoe = await mailing.person("Zoe")
    await Person.filter(id=zoe.person).update(zone="Asia/Tokyo")
    run = await built(mailing)
    await sent(mailing, run, to(zoe.email))
    row = await DeliveryRow.get()
    assert (row.zone, row.external) == ("Asia/Tokyo", False)
    assert "JST" in text_to(sink, zoe.email) or "UTC+9" in text_to(sink, zoe.email)


@pytest.mark.requirement("AP-18", "AP-27")
async def test_every_email_to_an_external_recipient_can_be_ended_and_leads_to_no_page_for_people(
    mailing: Mailing, sink: Sink
):
    await confirmed(mailing, RecipientDraft(ZOE))
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, ZOE))
    mail = sink.mail_to(ZOE)
    assert mail["List-Unsubscribe"].startswith("<https://bilan.example.org/unsubscribe/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"/runs/{run.id}" not in text_to(sink, ZOE)
    assert "/links/" in text_to(sink, ZOE)
    assert sink.mail_to(OLGA)["List-Unsubscribe"] is None


@pytest.mark.requirement("GO-11")
async def test_an_address_that_its_server_refuses_gets_nothing_more_until_that_is_lifted(
    mailing: Mailing, sink: Sink
):
    services = mailing.bilan.services
    await confirmed(mailing, RecipientDraft(ZOE))
    sink.answers[ZOE, "before"] = "550 5.1.1 <zoe@client.example>: no such user"
    run = await built(mailing)
    await sent(mailing, run, to(OLGA, ZOE))
    (found,) = (await services.suppressions.list(mailing.owner)).suppressions
    assert (found.address, found.answer) == (ZOE, "550 5.1.1 <zoe@client.example>: no such user")
    assert (await ledger(mailing, run))[ZOE].state is DeliveryState.REFUSED
    with pytest.raises(Invalid) as refused:
        await sent(mailing, run, to(ZOE, key="again"))
    assert "takes nothing for this address: 550 5.1.1" in str(refused.value)
    sink.answers.clear()
    await services.suppressions.lift(mailing.owner, found.id)
    await sent(mailing, run, to(ZOE, key="lifted"))
    assert sink.mail_to(ZOE)["Subject"]


async def test_a_refusal_of_the_content_suppresses_nobody(mailing: Mailing, sink: Sink):
    sink.answers[OLGA, "during"] = "554 5.7.1 looks like spam"
    await sent(mailing, await built(mailing), to(OLGA))
    assert (await mailing.bilan.services.suppressions.list(mailing.owner)).suppressions == ()


@pytest.mark.requirement("GO-11")
async def test_whoever_is_erased_leaves_no_name_or_address_and_what_waits_is_not_sent(
    mailing: Mailing, sink: Sink
):
    services, run = mailing.bilan.services, await built(mailing)
    zoe = await services.address_book.add(mailing.owner, RecipientDraft(ZOE, "Zoé", "Überfall"))
    sink.answers[ZOE, "before"] = f"550 5.1.1 <{ZOE}>: no such user"
    await sent(mailing, run, to(ZOE))
    question = await SendingRow.get(run__isnull=True)
    await worked(mailing.bilan, question.job)
    await services.recipient_erasure.erase(mailing.owner, zoe.id)
    assert await RecipientRow.all().count() == 0
    rows = await DeliveryRow.filter(recipient=zoe.id)
    assert {row.state for row in rows} == {DeliveryState.CANCELLED, DeliveryState.REFUSED}
    for table in ("recipient", "delivery", "sending", "suppression", "step", "job", "schedule_recipient"):
        for row in await statements.rows(f"SELECT * FROM {table}"):
            assert ZOE not in str(row)
            assert "Überfall" not in str(row)
    (found,) = (await services.suppressions.list(mailing.owner)).suppressions
    assert (found.address, found.answer) == (None, "550")
    anew = await services.address_book.add(mailing.owner, RecipientDraft(ZOE))
    assert anew.state is RecipientState.SUPPRESSED
