"""Every channel keeps one contract: what is composed, when it leaves, and what is known of it afterwards."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from bilan.delivery.outbox import opened as opened_mail
from bilan.delivery.plugin import DELIVERY
from bilan.registry.gather import load
from bilan.sdk.channels import (
    ChannelContext,
    DeliveryStatus,
    OutgoingReport,
    RawMessage,
    Receipt,
    Recipient,
    Transport,
)
from bilan.sdk.document import Kpi, Kpis
from bilan.sdk.errors import Cancelled
from bilan.sdk.messages import messages
from bilan.settings import Settings
from fixtures.documents import Contexts, report
from fixtures.receiving import HOOKS, Reaction, Receiver
from fixtures.smtp import Sink
from support.outgoing import IDENT, outgoing_report, report_file
from support.ports import ReservedPort

pytestmark = pytest.mark.integration

_ = messages("bilan")[0]

ACCEPTED, REFUSED, LATER, UNKNOWN = (
    DeliveryStatus.ACCEPTED, DeliveryStatus.REFUSED, DeliveryStatus.LATER, DeliveryStatus.UNKNOWN,
)  # fmt: skip
LINK = "https://bilan.example.org/links/of-zoe-alone"
ZOE = Recipient(IDENT, "zoe@example.org", "Zoe", (LINK,))
SECRET = "a secret of the test"
TARGET: Mapping[str, Any] = {"form": "json", "url": f"http://{HOOKS}/in/T0K3N", "secret": SECRET}


@dataclass
class Subject:
    """A channel, the other side of it, and how that is made to misbehave."""

    transport: Transport
    recipient: Recipient
    taken: Callable[[], list[bytes]]
    """What the other side holds."""
    marks: Callable[[], list[str]]
    """By what it tells that a message is a repetition."""
    misbehave: Callable[[str], None]
    words: Callable[[bytes], str]
    """What a person reads of it."""


@dataclass
class Witness:
    """Knows when the content leaves."""

    left: int = 0
    refuses: bool = False

    async def __call__(self) -> None:
        if self.refuses:
            raise Cancelled(_("The run was cancelled."))
        self.left += 1


def opened(key: str, **settings: str) -> Transport:
    """A channel as the server opens it."""

    async def nowhere(message: RawMessage) -> None:
        """Keeps nothing."""

    context = ChannelContext(Settings.model_validate(settings).named, "https://bilan.example.org", nowhere)
    return load([("delivery", DELIVERY)], installed=False).channels[key].open(context)


@pytest.fixture
def by_email(sink: Sink) -> Subject:
    answers = {
        "refused": ("before", "550 no such mailbox"), "put off": ("before", "451 come back later"),
        "refused content": ("during", "554 not that"), "put off content": ("during", "452 no room"),
        "cut before": ("before", "drop"), "cut after": ("after", "drop"), "nonsense": ("during", "354 go on"),
    }  # fmt: skip

    def misbehave(how: str) -> None:
        when, answer = answers[how]
        sink.answers[ZOE.address, when] = answer

    def marks() -> list[str]:
        return [str(sink.mail_to(ZOE.address)["Message-ID"])]

    return Subject(
        opened("email", mail_url=sink.url),
        ZOE,
        lambda: [one[2] for one in sink.taken],
        marks,
        misbehave,
        lambda content: opened_mail(content).text,
    )


@pytest.fixture
def by_webhook(receiver: Receiver) -> Subject:
    reactions = {
        "refused": Reaction(404), "put off": Reaction(503), "refused content": Reaction(400),
        "put off content": Reaction(429), "cut before": Reaction(reset="before"),
        "cut after": Reaction(reset="after"), "nonsense": Reaction(502),
    }  # fmt: skip
    return Subject(
        opened("webhook", webhook_private_hosts=receiver.private_hosts),
        replace(ZOE, address=f"http://{HOOKS}/#1", settings=TARGET),
        lambda: [one.body for one in receiver.taken],
        lambda: [one.headers["idempotency-key"] for one in receiver.taken],
        lambda how: receiver.react(reactions[how]),
        bytes.decode,
    )


@pytest.fixture(params=["email", "webhook"])
async def subject(request: pytest.FixtureRequest) -> AsyncGenerator[Subject]:
    made: Subject = request.getfixturevalue(f"by_{request.param}")
    async with aclosing(made.transport):
        yield made


@pytest.fixture
def outgoing(contexts: Contexts) -> OutgoingReport:
    tile = Kpi(key="sends", label=_("Sends"), value=16530, previous=15000, compared=True, lead=True)
    blocks = (Kpis(key="totals", headline=_("Sends rose by a tenth."), tiles=(tile,)),)
    return outgoing_report(contexts(), [report_file()], document=report(blocks=blocks))


def message_of(subject: Subject, outgoing: OutgoingReport) -> RawMessage:
    return subject.transport.address(subject.transport.compose(outgoing), subject.recipient)


async def sent(subject: Subject, outgoing: OutgoingReport, witness: Witness | None = None) -> Receipt:
    return await subject.transport.send(message_of(subject, outgoing), witness or Witness())


def test_the_same_report_gives_the_same_bytes_with_the_recipients_own_links(
    subject: Subject, outgoing: OutgoingReport
) -> None:
    transport = subject.transport
    assert transport.compose(outgoing) == transport.compose(outgoing)
    message = message_of(subject, outgoing)
    assert message == message_of(subject, outgoing)
    assert (message.ident, message.recipient) == (IDENT, subject.recipient.address)
    assert LINK in subject.words(message.content)
    assert outgoing.files[0].url not in subject.words(message.content)
    another = transport.address(
        transport.compose(outgoing), replace(subject.recipient, links=(f"{LINK}-not",))
    )
    assert another.content != message.content


@pytest.mark.requirement("GO-12")
def test_the_finding_the_leading_figures_and_the_page_are_said(
    subject: Subject, outgoing: OutgoingReport
) -> None:
    words = subject.words(message_of(subject, outgoing).content)
    for said in ("Sends rose by a tenth.", "16,530", "+10.2%", "https://bilan.example.org/runs/1", LINK):
        assert said in words, said


async def test_the_content_arrives_byte_for_byte_and_leaves_once(
    subject: Subject, outgoing: OutgoingReport
) -> None:
    message, witness = message_of(subject, outgoing), Witness()
    receipt = await subject.transport.send(message, witness)
    assert (receipt.status, bool(receipt.answer), witness.left) == (ACCEPTED, True, 1)
    assert subject.taken() == [message.content]
    (mark,) = subject.marks()
    assert IDENT in mark


async def test_what_must_not_leave_does_not_leave(subject: Subject, outgoing: OutgoingReport) -> None:
    with pytest.raises(Cancelled):
        await sent(subject, outgoing, Witness(refuses=True))
    assert subject.taken() == []


@pytest.mark.requirement("GO-01")
@pytest.mark.parametrize(
    ("how", "status"),
    [
        ("refused", REFUSED),
        ("refused content", REFUSED),
        ("put off", LATER),
        ("put off content", LATER),
        ("cut after", UNKNOWN),
        ("nonsense", UNKNOWN),
    ],
)
async def test_accepted_refused_put_off_and_unknown_are_told_apart(
    subject: Subject, outgoing: OutgoingReport, how: str, status: DeliveryStatus
) -> None:
    subject.misbehave(how)
    receipt = await sent(subject, outgoing)
    assert receipt.status is status
    # What is unknown is not sent again by the channel; what comes next is none of that.
    assert len(subject.taken()) == (how == "cut after")


async def test_a_connection_that_is_cut_before_anything_was_read_leaves_no_false_certainty(
    subject: Subject, outgoing: OutgoingReport
) -> None:
    subject.misbehave("cut before")
    witness = Witness()
    receipt = await sent(subject, outgoing, witness)
    # Where the content had begun to leave nobody can know; else it is right to try again.
    assert receipt.status is (UNKNOWN if witness.left else LATER)
    assert subject.taken() == []


@pytest.mark.parametrize("key", ["email", "webhook"])
async def test_where_nobody_listens_nothing_leaves_and_it_is_tried_later(
    key: str, outgoing: OutgoingReport
) -> None:
    reserved = ReservedPort()
    nobody = f"127.0.0.1:{reserved.number}"
    transport = opened(
        key, mail_url=f"smtp://{nobody}?tls=never", webhook_private_hosts=f"{HOOKS}=http://{nobody}"
    )
    async with aclosing(transport):
        recipient = replace(ZOE, settings=TARGET if key == "webhook" else {})
        message, witness = transport.address(transport.compose(outgoing), recipient), Witness()
        assert (await transport.send(message, witness)).status is LATER
        assert witness.left == 0


def test_secrets_of_a_recipient_are_not_shown_where_a_message_is_printed(
    by_webhook: Subject, outgoing: OutgoingReport
) -> None:
    message = message_of(by_webhook, outgoing)
    for printed in (repr(message), repr(by_webhook.recipient), repr(message.content)):
        assert SECRET not in printed
        assert "T0K3N" not in printed
