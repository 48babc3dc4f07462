"""E-mail as a channel: the letter is made here, and a transport takes it away."""

from __future__ import annotations

from typing import Protocol
from urllib.parse import urlsplit

from bilan.accounts.addresses import checked
from bilan.delivery.email.message import Sender, compose
from bilan.delivery.email.smtp import SmtpTransport, server_at
from bilan.sdk.channels import Channel, Fate, Keep, Leaving, Package, Parcel, Receipt, Setup
from bilan.sdk.textdomain import _

OUTBOX = "outbox:"


class Transport(Protocol):
    """Takes packages away. Whatever goes wrong is a receipt."""

    async def send(self, package: Package, leaving: Leaving) -> Receipt:
        """Hand over once; ``leaving`` is awaited before the first byte of the content."""
        ...


class OutboxTransport:
    """Keeps what would have been sent, where people can look at it."""

    def __init__(self, keep: Keep) -> None:
        self._keep = keep

    async def send(self, package: Package, leaving: Leaving) -> Receipt:
        """Into the outbox."""
        await leaving()
        await self._keep(package)
        return Receipt(Fate.ACCEPTED, "kept in the outbox")


class EmailCarrier:
    """Makes e-mails, and has a transport take them away."""

    def __init__(self, transport: Transport, sender: Sender, budget: int) -> None:
        self._transport, self._sender, self._budget = transport, sender, budget

    def pack(self, parcel: Parcel) -> Package:
        """The e-mail, byte for byte."""
        content, attached = compose(parcel, self._sender, self._budget)
        return Package(parcel.ident, self._sender.address, parcel.address, content, attached)

    async def carry(self, package: Package, leaving: Leaving) -> Receipt:
        """Hand it over, once."""
        return await self._transport.send(package, leaving)


def open_email(setup: Setup) -> EmailCarrier:
    """E-mail as the settings say. Raises ``Invalid`` for a setting that cannot be used."""
    sender = sender_of(setup.setting("mail_from"), setup.public_url)
    url = setup.setting("mail_url")
    transport: Transport
    if url in ("", OUTBOX):
        transport = OutboxTransport(setup.keep)
    else:
        transport = SmtpTransport(server_at(url), sender.domain)
    return EmailCarrier(transport, sender, int(setup.setting("mail_budget")))


def sender_of(address: str, public_url: str) -> Sender:
    """Who the server is as a sender, after its own address on the web unless another one is set."""
    host = urlsplit(public_url).hostname or "localhost"
    domain = host if any(one.isalpha() for one in host) and ":" not in host else "localhost"
    return Sender(checked(address) if address else f"bilan@{domain}", domain)


EMAIL = Channel("email", _("E-mail"), open_email)
