"""What comes back after a mail server took it over settles its delivery, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from bilan.clock import FrozenClock
from bilan.delivery import DeliveryState
from bilan.delivery.ledger import Ledger
from bilan.delivery.models import DeliveryRow, LedgerEntryRow
from bilan.delivery.reported import ReportedDeliveries
from bilan.recipients import Suppressions
from bilan.recipients.models import SuppressionRow
from bilan.sdk import DeliveryReport, Invalid, ReportedOutcome
from fixtures.email_campaigns import request
from fixtures.mailing import Mailing
from fixtures.smtp import Sink
from support.posting import OLGA, built, ledger, sent, to, worked

pytestmark = pytest.mark.requirement("GO-11")

BOUNCE = """From: MAILER-DAEMON@mail.example.org
To: bilan@bilan.example.org
Date: Tue, 10 Mar 2026 12:30:00 +0000
Message-ID: <bounce-{number}@mail.example.org>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.org

Final-Recipient: rfc822; {recipient}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} {words}

--b
Content-Type: text/rfc822-headers

To: {recipient}
Message-ID: {message}

--b--
"""
GONE = "5.1.1"


async def posted(mailing: Mailing, message: str, **changes: str) -> None:
    """Have a bounce posted to a source of one's own mail server, and read."""
    services = mailing.bilan.services
    named = {"recipient": OLGA, "action": "failed", "status": GONE, "words": "No such user", "number": "1"}
    raw = BOUNCE.format(message=message, **{**named, **changes}).encode()
    found = [one for one in await services.sources.list(mailing.owner) if one.kind == "smtp"]
    source = next(iter(found), None) or await services.sources.add(
        mailing.owner, plugin="email", kind="smtp", name="Bounces", settings={"secret": "s3cret"}
    )
    mailing.owner = await mailing.again(mailing.owner.person)
    await services.inbox.accept(source.id, request(raw, "message/rfc822"))
    await mailing.bilan.appender.drain()


async def delivered(mailing: Mailing, sink: Sink) -> str:
    """A report that the mail server took over: the id of its message."""
    run = await built(mailing)
    await sent(mailing, run, to(OLGA))
    assert (await ledger(mailing, run))[OLGA].state is DeliveryState.ACCEPTED
    return str(sink.mail_to(OLGA)["Message-ID"])


async def test_a_bounce_settles_the_delivery_and_suppresses_the_address(mailing: Mailing, sink: Sink):
    message = await delivered(mailing, sink)
    await posted(mailing, message)
    row = await DeliveryRow.get()
    assert (row.state, row.answer) == (DeliveryState.BOUNCED, "5.1.1 550 5.1.1 No such user")
    assert str(row.reason) == "It came back: 5.1.1 550 5.1.1 No such user"
    [suppressed] = (await mailing.bilan.services.suppressions.list(mailing.owner)).suppressions
    assert (suppressed.address, suppressed.answer) == (OLGA, "5.1.1 550 5.1.1 No such user")


async def test_nothing_more_goes_to_the_address_until_somebody_lifts_that(mailing: Mailing, sink: Sink):
    message, services = await delivered(mailing, sink), mailing.bilan.services
    await posted(mailing, message)
    again, run = (
        to(OLGA, key="second"),
        (await DeliveryRow.get().select_related("sending")).sending.report_run,
    )
    with pytest.raises(Invalid, match="takes nothing for this address"):
        await services.deliveries.send_run(mailing.owner, run, again)
    [suppressed] = (await services.suppressions.list(mailing.owner)).suppressions
    await services.suppressions.lift(mailing.owner, suppressed.id)
    # The mailbox is read from its start once more.
    await posted(mailing, message)
    assert (await services.suppressions.list(mailing.owner)).suppressions == ()


async def test_a_bounce_that_comes_twice_is_one_end_of_the_chain(mailing: Mailing, sink: Sink):
    message = await delivered(mailing, sink)
    for _time in range(2):
        await posted(mailing, message)
    await posted(mailing, message, number="2")
    assert [entry.content.partition('"state":"')[2][:8] for entry in await LedgerEntryRow.all()] == [
        "accepted", 'bounced"',
    ]  # fmt: skip
    assert await SuppressionRow.all().count() == 1


@pytest.mark.parametrize(
    ("status", "words"), [("4.4.7", "Lapsed"), ("5.2.2", "Mailbox full"), ("5.7.1", "Looks like spam")]
)
async def test_what_says_nothing_about_the_address_suppresses_nobody(
    mailing: Mailing, sink: Sink, status: str, words: str
):
    await posted(mailing, await delivered(mailing, sink), status=status, words=words)
    assert (await DeliveryRow.get()).state == DeliveryState.BOUNCED
    assert await SuppressionRow.all().count() == 0


async def test_a_delay_leaves_the_delivery_as_it_is(mailing: Mailing, sink: Sink):
    await posted(mailing, await delivered(mailing, sink), action="delayed", status="4.4.1")
    assert (await DeliveryRow.get()).state == DeliveryState.ACCEPTED


@pytest.mark.parametrize("forged", ["recipient", "id", "foreign"])
async def test_a_forged_bounce_changes_nothing(mailing: Mailing, sink: Sink, forged: str):
    message = await delivered(mailing, sink)
    match forged:
        case "recipient":
            await posted(mailing, message, recipient="stranger@example.org")
        case "id":
            await posted(mailing, f"<{uuid4()}@bilan.example.org>")
        case _:
            await posted(mailing, "<news-3@shop.example.org>")
    assert (await DeliveryRow.get()).state == DeliveryState.ACCEPTED
    assert await SuppressionRow.all().count() == 0


async def test_the_address_is_the_same_in_capitals_and_in_either_form_of_its_domain(
    mailing: Mailing, sink: Sink
):
    await delivered(mailing, sink)
    await DeliveryRow.all().update(address="olga@bücher.example")
    row = await DeliveryRow.get()
    await posted(mailing, f"<{row.id}@bilan.example.org>", recipient="OLGA@xn--bcher-kva.example")
    assert (await DeliveryRow.get()).state == DeliveryState.BOUNCED
    assert (await SuppressionRow.get()).address == "olga@bücher.example"


async def test_a_bounce_that_is_quicker_than_the_answer_stands(mailing: Mailing):
    run = await built(mailing)
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, to(OLGA))
    row, held = await DeliveryRow.get(), mailing.bilan.ledger
    assert await held.claim(row.id, 0) == 1
    await held.mark_handed_over(row.id, 1)
    await posted(mailing, f"<{row.id}@bilan.example.org>")
    await held.settle(row.id, 1, DeliveryState.ACCEPTED, answer="250 ok")
    await worked(mailing.bilan, sending.run.id)
    assert (await DeliveryRow.get()).state == DeliveryState.BOUNCED


async def test_a_complaint_says_that_it_arrived_and_nothing_more_is_sent(mailing: Mailing, sink: Sink):
    message = await delivered(mailing, sink)
    clock = FrozenClock(mailing.bilan.services.clock.now() + timedelta(days=1))
    reported = ReportedDeliveries(Ledger(mailing.bilan.services.catalog, clock), Suppressions(clock))
    for _time in range(2):
        await reported.take([DeliveryReport(message, ReportedOutcome.COMPLAINED, (), "abuse")])
    row = await DeliveryRow.get()
    assert (row.state, str(row.reason)) == (DeliveryState.ARRIVED, "Its recipient called it spam.")
    assert (await SuppressionRow.get()).address == OLGA
