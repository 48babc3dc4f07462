"""What an e-mail reports of others: delivery status notifications, complaints, and what else comes back.

Delivery status notifications are those of RFC 3464 and 6533, complaints those of RFC 5965. Mail servers
that write neither are read by the detectors of Mailman, in the library flufl.bounce.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr

from bilan_email_campaigns.bounces.mails import (
    FEEDBACK,
    STATUS,
    Mail,
    address_of,
    blocks,
    header,
    moment,
    returned,
    returned_id,
    texts,
)
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason

# It logs what its detectors stumble over, with traces.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)

ACTIONS = {
    "failed": Kind.BOUNCED,
    "delayed": Kind.DEFERRED,
    "delivered": Kind.DELIVERED,
    "relayed": Kind.OTHER,
    "expanded": Kind.OTHER,
    # OpenSMTPD's own word.
    "error": Kind.BOUNCED,
}
FEEDBACKS = {
    "abuse": Kind.COMPLAINED,
    "fraud": Kind.COMPLAINED,
    "virus": Kind.COMPLAINED,
    "opt-out": Kind.UNSUBSCRIBED,
    "opt-out-list": Kind.UNSUBSCRIBED,
}
ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
"""A status of RFC 3463."""
PLAIN = re.compile(r"(?<![\d.])([45]\d\d)[ -]")
"""An answer of SMTP."""
SYSTEMS = ("mailer-daemon", "postmaster", "mdaemon", "mail-daemon", "maildelivery", "bounce")
"""How mail systems call themselves."""
FULL = (2, 2)
"""A full mailbox: refused for now, whatever class the code has."""
SUBJECTS = {1: RejectReason.INVALID, 7: RejectReason.BLOCKED}
"""What the second figure of a status says."""
LAPSED = (4, 7)
LONGEST = 1_000
CONTEXT = 600
"""Characters around an address in which its reason stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """What a report says of one recipient. ``at`` is in UTC."""

    kind: Kind
    recipient: str
    written_to: str = ""
    """The address that the message was sent to, where another one is the final recipient's."""
    status: str = ""
    """As in RFC 3463."""
    words: str = ""
    at: datetime | None = None

    @property
    def numbers(self) -> tuple[int, int, int] | None:
        """The figures of the status."""
        found = ENHANCED.search(self.status)
        return (int(found[1]), int(found[2]), int(found[3])) if found else None

    @property
    def bounce_class(self) -> BounceClass | None:
        """Whether another try can succeed, by the status."""
        if self.kind is Kind.DEFERRED:
            return BounceClass.SOFT
        if self.kind is not Kind.BOUNCED:
            return None
        numbers = self.numbers
        if numbers is None or numbers[0] == 5:
            return BounceClass.SOFT if numbers and numbers[1:] == FULL else BounceClass.HARD
        return BounceClass.SOFT

    @property
    def reject_reason(self) -> RejectReason | None:
        """Why it was not taken, in words shared by all senders."""
        if self.kind is Kind.COMPLAINED:
            return RejectReason.SPAM
        if self.kind not in (Kind.BOUNCED, Kind.DEFERRED):
            return None
        numbers = self.numbers
        if numbers and numbers[1:] == LAPSED:
            return RejectReason.TIMED_OUT
        return (SUBJECTS.get(numbers[1]) if numbers else None) or RejectReason.BOUNCED

    @property
    def answer(self) -> str:
        """Status and words together."""
        said = self.words
        return said if not self.status or said.startswith(self.status) else f"{self.status} {said}".strip()


@dataclass(frozen=True, slots=True)
class ReportMail:
    """An e-mail that reports something. ``original`` are the headers of what it is about, if it has them."""

    report_id: str
    message_id: str
    original: Mail | None
    recipients: list[Reported] = field(default_factory=list[Reported])


def read_report(mail: Mail) -> ReportMail | None:
    """What an e-mail reports; ``None`` where it reports nothing, such as an answer or an away notice."""
    found = list(_status(mail)) or list(_feedback(mail)) or list(_other_ways(mail))
    if not found:
        return None
    sent_at = moment(str(mail.get("Date", "")))
    whole = [replace(one, at=one.at or sent_at, words=" ".join(one.words.split())[:LONGEST]) for one in found]
    return ReportMail(header(mail, "Message-ID"), returned_id(mail), returned(mail), whole)


def _status(mail: Mail) -> Iterator[Reported]:
    """The recipients of delivery status notifications."""
    for part in mail.walk():
        if part.get_content_type() not in STATUS:
            continue
        for block in blocks(part):
            words = header(block, "Action").lower().split()
            final, original = (address_of(header(block, f"{one}-Recipient")) for one in ("Final", "Original"))
            recipient = final or original
            if not words or not recipient:
                continue
            action = re.sub(r"\W.*", "", words[0])
            kind = ACTIONS.get(action, Kind.OTHER)
            code = header(block, "Diagnostic-Code").partition(";")[2].strip()
            status = ENHANCED.search(header(block, "Status"))
            yield Reported(
                kind=kind,
                recipient=recipient,
                written_to=original if original != recipient else "",
                status=_sharper(status[0] if status else "", code),
                words=action if kind is Kind.OTHER else code or _said_about(mail, recipient),
                at=moment(header(block, "Last-Attempt-Date")),
            )


def _sharper(status: str, code: str) -> str:
    """The status; where it says no more than its class, what the other server's answer begins with."""
    if status and not status.endswith(".0.0"):
        return status
    told = ENHANCED.search(code)
    return told[0] if told and told[0][0] == (status or told[0])[0] else status


def _feedback(mail: Mail) -> Iterator[Reported]:
    """The recipients of complaints."""
    for part in mail.walk():
        if part.get_content_type() != FEEDBACK:
            continue
        for block in blocks(part):
            if not (said := header(block, "Feedback-Type").lower()):
                continue
            named = [address_of(one) for one in block.get_all("Original-Rcpt-To", [])]
            named.append(address_of(header(block, "Removal-Recipient")))
            if not any(named) and (original := returned(mail)) is not None:
                named = [address_of(header(original, "To"))]
            kind = FEEDBACKS.get(said, Kind.OTHER)
            at = moment(header(block, "Arrival-Date") or header(block, "Received-Date"))
            # Some services take the recipient out; the message's own id still says who it was.
            for recipient in dict.fromkeys(filter(None, named)) or [""]:
                yield Reported(kind=kind, recipient=recipient, words=said, at=at)


def _other_ways(mail: Mail) -> Iterator[Reported]:
    """The recipients in what mail systems write in ways of their own."""
    if not _is_of_a_system(mail):
        return
    # Few reports need it: most are of the standard's form.
    from flufl.bounce import all_failures  # noqa: PLC0415

    try:
        deferred, failed = all_failures(mail)
    except Exception:
        # Its detectors expect headers that a mail may lack.
        deferred, failed = frozenset[bytes](), frozenset[bytes]()
    named = {one.decode("ascii", "replace").lower() for one in failed}
    if not named and (told := header(mail, "X-Failed-Recipients")):
        named = {address_of(one) for one in told.split(",")}
    later = {one.decode("ascii", "replace").lower() for one in deferred} - named
    for kind, recipients in ((Kind.BOUNCED, named), (Kind.DEFERRED, later)):
        for recipient in sorted(filter(None, recipients)):
            words = _said_about(mail, recipient)
            yield Reported(kind=kind, recipient=recipient, status=_status_in(words), words=words)


def _is_of_a_system(mail: Mail) -> bool:
    sender = parseaddr(header(mail, "From"))[1].lower()
    empty = "Return-Path" in mail and not header(mail, "Return-Path").strip("<> ")
    return sender.startswith(SYSTEMS) or empty or "X-Failed-Recipients" in mail


def _status_in(words: str) -> str:
    if found := ENHANCED.search(words):
        return found[0]
    plain = PLAIN.search(f"{words} ")
    return f"{plain[1][0]}.0.0" if plain else ""


def _said_about(mail: Mail, recipient: str) -> str:
    """What stands behind the address in the text."""
    for text in texts(mail):
        place = text.lower().find(recipient)
        if place >= 0:
            said = text[place + len(recipient) : place + len(recipient) + CONTEXT].lstrip(">:\r\n\t ")
            return re.split(r"\r?\n\s*\r?\n|\r?\n--- ", said, maxsplit=1)[0]
    return ""
