"""The core's IMAP client, as a plugin's pull is given it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

LARGEST_PIECE = 1024**2
"""Bytes of a message that are read at most: reports come first, what they are about behind them."""


class MailboxSecurity(StrEnum):
    """How a mailbox is connected to."""

    TLS = "tls"
    """Encrypted from the first byte."""
    STARTTLS = "starttls"
    """Encrypted before anybody signs in."""
    NONE = "none"
    """In the clear, which is allowed for private hosts alone."""


@dataclass(frozen=True, slots=True)
class MailboxLogin:
    """Where a mailbox is, and who reads it."""

    host: str
    user: str
    password: str = field(repr=False)
    port: int = 993
    folder: str = "INBOX"
    security: MailboxSecurity = MailboxSecurity.TLS


class Mailbox(Protocol):
    """A folder of a mailbox (RFC 9051). Nothing in it changes by being read. Every method raises

    - ``Unavailable`` where the server does not answer, or hangs up,
    - ``Invalid`` where it does not understand what is asked,
    - ``Cancelled`` once the pull has been cancelled.
    """

    @property
    def uid_validity(self) -> int:
        """The number under which UIDs hold: where it changes, those of before mean other messages."""
        ...

    def uids(self, after: int = 0) -> Sequence[int]:
        """The UIDs of the messages behind this one, rising."""
        ...

    def fetch(self, uid: int) -> bytes | None:
        """A message, or its first :data:`LARGEST_PIECE` bytes; ``None`` where it is gone."""
        ...

    def delete(self, uids: Sequence[int]) -> None:
        """Delete these messages for good; those that are gone are passed over."""
        ...
