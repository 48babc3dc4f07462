"""The words that every source's own words are translated into."""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "contacts"
ACTIONS = f"{NAMESPACE}.actions"
LIST_LOG = f"{NAMESPACE}.list_log"
LIST_CHANGES = f"{NAMESPACE}.list_changes"
ACTIVITY = "contact.activity"
"""The core's dataset of what contacts did, in any source."""
MERGED = "merged"
"""The action of two contacts that a tool made one; the other one stands in ``detail``."""


class Area(StrEnum):
    """The category under which an action stands in ``contact.activity``."""

    EMAIL = "email"
    CAMPAIGN = "campaign"
    INBOX = "inbox"
    PROFILE = "profile"


class Kind(StrEnum):
    """What a row of the log of lists tells."""

    MEMBER = "member"
    """A member's row of a table: status and times as they are; a later time means a changed profile."""
    STATUS = "status"
    """The same, of a table whose later times mean nothing."""
    CREATED = "created"
    """The contact is known from now on, and on no list by that."""
    SIGNED_UP = "signed_up"
    ADDED = "added"
    UNSUBSCRIBED = "unsubscribed"
    BLACKLISTED = "blacklisted"
    """The tool writes to this address no more, as messages bounced or were complained about."""
    REMOVED = "removed"
    PROFILE_UPDATED = "profile_updated"
    MOVED_TO = "moved_to"
    """The contact has another address from now on."""
    MOVED_FROM = "moved_from"
    """The contact had another address until now."""
    OTHER = "other"
    """Anything else, which is about no contact; the sender's own name stands in ``detail``."""


class Status(StrEnum):
    """How a contact stands with a list."""

    PENDING = "pending"
    """Signed up and not confirmed."""
    MEMBER = "member"
    UNSUBSCRIBED = "unsubscribed"
    BLACKLISTED = "blacklisted"
    REMOVED = "removed"


class ListChange(StrEnum):
    """What a change of a list is, as people count it."""

    CREATED = "created"
    SIGNED_UP = "signed_up"
    ADDED = "added"
    UNSUBSCRIBED = "unsubscribed"
    BLACKLISTED = "blacklisted"
    REMOVED = "removed"
    PROFILE_UPDATED = "profile_updated"
    ADDRESS_CHANGED = "address_changed"
