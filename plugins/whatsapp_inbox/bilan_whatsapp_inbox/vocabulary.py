"""The words that every inbox's own words are translated into."""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "whatsapp"
LOG = f"{NAMESPACE}.log"
CONVERSATIONS = f"{NAMESPACE}.conversations"
MESSAGES = f"{NAMESPACE}.messages"
BUTTONS = f"{NAMESPACE}.buttons"
BUTTON_LOG = f"{NAMESPACE}.button_log"
BUTTON_CLICKS = f"{NAMESPACE}.button_clicks"


class Kind(StrEnum):
    """What a row of the log tells."""

    MESSAGE = "message"
    STATUS = "status"
    """What became of a message that was sent."""
    OPENED = "opened"
    ASSIGNED = "assigned"
    TAGGED = "tagged"
    """The tags that the conversation has from now on, and no others."""
    RATED = "rated"
    CLOSED = "closed"
    UPDATED = "updated"
    """Agent and tags as they are from now on, as the inbox lists them."""
    PREFERENCE = "preference"
    """Whether the contact wants messages of a category; it stands in ``type``, the answer in ``status``."""
    OTHER = "other"
    """Anything else; the sender's own name stands in ``type``."""


class Direction(StrEnum):
    """Which way a message went."""

    IN = "in"
    OUT = "out"


SYSTEM = "system"
"""The type of messages by which WhatsApp tells of a contact's new number or identity."""
