"""E-mail as a channel: the message is composed here, and a mailer sends it."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from bilan.accounts.addresses import checked
from bilan.delivery.email.connection import server_at
from bilan.delivery.email.headers import Sender
from bilan.delivery.email.message import address, compose, compose_plain
from bilan.delivery.email.plain import OutgoingMail
from bilan.delivery.email.smtp import SmtpMailer
from bilan.sdk.channels import (
    BeforeSend,
    Channel,
    ChannelContext,
    DeliveryStatus,
    OutboxWriter,
    OutgoingReport,
    RawMessage,
    Receipt,
    Recipient,
)
from bilan.sdk.textdomain import _

OUTBOX = "outbox:"
CONNECTIONS = 3
"""So many to the mail server side by side from one process; servers count them."""


class Mailer(Protocol):
    """Sends messages. Whatever goes wrong is a receipt."""

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """Hand over once; ``before_send`` is awaited before the first byte of the content."""
        ...

    async def aclose(self) -> None:
        """Give back what is held open between messages."""
        ...


class OutboxMailer:
    """Keeps what would have been sent, where people can look at it."""

    def __init__(self, write: OutboxWriter) -> None:
        self._write = write

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """Into the outbox."""
        await before_send()
        await self._write(message)
        return Receipt(DeliveryStatus.ACCEPTED, "kept in the outbox")

    async def aclose(self) -> None:
        """Nothing is held open."""


class EmailTransport:
    """E-mail: composes messages, and has a mailer send them."""

    def __init__(self, mailer: Mailer, sender: Sender, budget: int) -> None:
        self._mailer, self._sender, self._budget = mailer, sender, budget

    def compose(self, outgoing: OutgoingReport) -> bytes:
        """The e-mail without its recipient."""
        return compose(outgoing, self._sender, self._budget)

    def compose_plain(self, mail: OutgoingMail) -> bytes:
        """A plain e-mail, but for whom it is to. For threads; the same gives the same bytes."""
        return compose_plain(mail, self._sender)

    def address(self, composed: bytes, recipient: Recipient) -> RawMessage:
        """The e-mail, byte for byte."""
        return address(composed, recipient, self._sender)

    async def send(self, message: RawMessage, before_send: BeforeSend) -> Receipt:
        """Hand it over, once."""
        return await self._mailer.send(message, before_send)

    async def aclose(self) -> None:
        """Take leave of the mail server."""
        await self._mailer.aclose()


def open_email(context: ChannelContext) -> EmailTransport:
    """E-mail as the settings say. Raises ``Invalid`` for a setting that cannot be used."""
    sender = sender_of(context.setting("mail_from"), context.public_url)
    url = context.setting("mail_url")
    mailer: Mailer
    if url in ("", OUTBOX):
        mailer = OutboxMailer(context.outbox)
    else:
        mailer = SmtpMailer(server_at(url), sender.domain, connections=CONNECTIONS)
    return EmailTransport(mailer, sender, int(context.setting("mail_budget")))


def sender_of(address: str, public_url: str) -> Sender:
    """Who the server is as a sender, after its own address on the web unless another one is set."""
    host = urlsplit(public_url).hostname or "localhost"
    domain = host if any(one.isalpha() for one in host) and ":" not in host else "localhost"
    return Sender(checked(address) if address else f"bilan@{domain}", domain)


AT_ONCE = 4
"""So many at a time: one over each connection, and one whose answer is being written down."""

EMAIL = Channel("email", _("E-mail"), open_email, at_once=AT_ONCE)
