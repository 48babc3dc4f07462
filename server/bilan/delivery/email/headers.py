"""The headers of e-mails: those that every recipient gets, and those of one recipient."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from email_validator import EmailNotValidError, validate_email

from bilan.delivery.email.letter import Letter
from bilan.delivery.email.plain import OutgoingMail, PlainLetter
from bilan.delivery.email.policy import POLICY
from bilan.sdk.channels import OutgoingReport, Recipient


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the server is as a sender: the address, and the domain that names its messages."""

    address: str
    domain: str


def shared_headers(outgoing: OutgoingReport, sender: Sender, letter: Letter) -> bytes:
    """What every recipient of a report gets."""
    # An answer goes to whom every server can reach; to nobody rather than to a header that none can read.
    own = in_ascii(outgoing.sender_address)
    reply = Address(one_line(outgoing.sender), addr_spec=own) if own else None
    return _written(EmailMessage(policy=POLICY), _shared(sender, letter, outgoing.sent_at, reply))


def plain_headers(mail: OutgoingMail, sender: Sender) -> bytes:
    """What is in the head of a plain e-mail, but for whom it is to."""
    return _written(EmailMessage(policy=POLICY), _shared(sender, mail.letter, mail.sent_at))


def recipient_headers(recipient: Recipient, domain: str) -> bytes:
    """Whom a message is to, and what it is called: the same again for the same delivery."""
    plain = in_ascii(recipient.address)
    local, _at, host = recipient.address.rpartition("@")
    to = {"addr_spec": plain} if plain else {"username": local, "domain": host}
    # What stands behind the name of a mailbox in another script is for servers that can read it.
    message = EmailMessage(policy=POLICY if plain else POLICY.clone(utf8=True))
    headers = (
        ("To", Address(one_line(recipient.name), **to)),
        ("Message-ID", f"<{recipient.ident}@{domain}>"),
    )
    return _written(message, headers) + _unsubscribing(recipient.subscription)


def _unsubscribing(url: str) -> bytes:
    """What lets a mail program end what somebody gets, by one click (RFC 8058); nothing without an address.

    Written by hand: the library encodes an address that is longer than a line, and no program reads that.
    """
    if not url:
        return b""
    return (f"List-Unsubscribe: <{url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n").encode(
        "ascii"
    )


def in_ascii(address: str) -> str | None:
    """The address as every server takes it: a domain of any letters has a form in ASCII, a name has not."""
    try:
        found = validate_email(address, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError:
        return address if address.isascii() and address else None
    return found.ascii_email


def one_line(name: str) -> str:
    """A name without line breaks and other controls, which would begin headers of their own."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())


def _shared(
    sender: Sender, letter: Letter | PlainLetter, sent_at: datetime, reply: Address | None = None
) -> Iterator[tuple[str, str | Address]]:
    name = one_line(letter.workspace)
    own = in_ascii(sender.address) or sender.address
    yield "From", Address(f"{name} (Bilan)" if name else "Bilan", addr_spec=own)
    if reply is not None:
        yield "Reply-To", reply
    yield "Subject", one_line(letter.subject)
    yield "Date", format_datetime(sent_at)
    # Away notices are not answered to a program.
    yield "Auto-Submitted", "auto-generated"
    yield "X-Auto-Response-Suppress", "All"
    yield "Content-Language", letter.language
    yield "MIME-Version", "1.0"


def _written(message: EmailMessage, headers: Iterable[tuple[str, str | Address]]) -> bytes:
    for name, value in headers:
        message[name] = value
    # Without the empty line that ends them.
    return message.as_bytes().removesuffix(b"\r\n")
