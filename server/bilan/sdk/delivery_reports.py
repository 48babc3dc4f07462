"""What mail servers say of messages after they have taken them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ReportedOutcome(StrEnum):
    """What became of a message."""

    BOUNCED = "bounced"
    """It could not be delivered, and nobody tries any more."""
    COMPLAINED = "complained"
    """It arrived, and its recipient called it spam."""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What became of a message that a mail server had taken (RFC 3464, RFC 5965), whoever sent it.

    A webhook or a pull gives it beside its facts. Where it names a message
    that the server itself sent to that address, the core settles the
    delivery and suppresses the address; it passes over every other.
    """

    message_id: str
    """The ``Message-ID`` of the message, by which alone it is found."""
    outcome: ReportedOutcome
    recipients: tuple[str, ...] = ()
    """The addresses that the report names: the final one, and the one that was written to."""
    answer: str = ""
    """What the receiving server said, beginning with its status (RFC 3463) where there is one: ``5.1.1``."""
