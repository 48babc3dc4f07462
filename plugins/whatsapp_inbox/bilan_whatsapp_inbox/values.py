"""Values of inboxes: phone numbers, names of events, and what makes a row more than a name."""

from __future__ import annotations

import re
from typing import Any

from bilan.sdk import Unreadable, read_text
from bilan_whatsapp_inbox.textdomain import _

WRITTEN = re.compile(r"\+?[\d\s().\-/]{6,30}")
"""A phone number as people write it."""


def phone(value: Any) -> str:
    """The figures of a phone number with its country's code; whatever names a contact otherwise, as it is."""
    written = read_text(value).strip()
    if WRITTEN.fullmatch(written):
        digits = re.sub(r"\D", "", written)
        return digits.removeprefix("00")
    return written


def named(value: Any) -> str:
    """The sender's name for what happened. Raises ``Unreadable`` where there is none."""
    if name := read_text(value).strip():
        return name
    raise Unreadable(_("This item does not say what happened."))


def bare(name: str) -> Unreadable:
    """The reason to reject an item of which nothing but its name can be read."""
    return Unreadable(_("Of this item only its kind, “{kind}”, can be read.", kind=name[:80]))
