"""Values of e-mail: addresses, and what a service says happened."""

from __future__ import annotations

from collections.abc import Container, Iterable
from email.utils import parseaddr
from typing import Any

from bilan.sdk import Unreadable, read_text
from bilan_email_campaigns.textdomain import _


def address(value: Any) -> str:
    """A recipient in lower case and without what stands around it."""
    written = read_text(value).strip()
    if "<" in written:
        written = parseaddr(written)[1] or written
    return written.lower()


def domain(recipient: str) -> str:
    """What follows the @, or nothing."""
    return recipient.rpartition("@")[2] if "@" in recipient else ""


def named(value: Any) -> str:
    """The sender's name for what happened. Raises ``Unreadable`` where there is none."""
    if name := read_text(value).strip():
        return name
    raise Unreadable(_("This item does not say what happened."))


def check_maker(item: Container[str], marks: Iterable[str], service: str) -> None:
    """Raise ``Unreadable`` for an item without any of the fields that mark those of a service."""
    if not any(mark in item for mark in marks):
        raise Unreadable(_("This item is none of the events that {service} posts.", service=service))
