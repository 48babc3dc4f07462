"""The words that every source's own words are translated into."""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "contacts"
ACTIONS = f"{NAMESPACE}.actions"


class Area(StrEnum):
    """The category under which an action stands in ``contact.activity``."""

    EMAIL = "email"
    CAMPAIGN = "campaign"
    INBOX = "inbox"
    PROFILE = "profile"
