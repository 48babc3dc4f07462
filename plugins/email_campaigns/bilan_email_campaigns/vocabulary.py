"""The words every sender's own words are translated into."""

from __future__ import annotations

from enum import StrEnum

NAMESPACE = "email"
EVENTS = f"{NAMESPACE}.events"
CAMPAIGNS = f"{NAMESPACE}.campaigns"
TOTALS = f"{NAMESPACE}.campaign_totals"
HOURS = f"{NAMESPACE}.campaign_hours"


class Kind(StrEnum):
    """What happened to a message."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    DEFERRED = "deferred"
    OPENED = "opened"
    CLICKED = "clicked"
    BOUNCED = "bounced"
    REJECTED = "rejected"
    FAILED = "failed"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    IMPRESSION = "impression"
    INFLUENCED_OPEN = "influenced_open"
    BODY_CLICK = "body_click"
    BUTTON1_CLICK = "button1_click"
    BUTTON2_CLICK = "button2_click"
    CARRIER_SENT = "carrier_sent"
    ERROR = "error"
    OTHER = "other"
    """Anything else; the sender's own name stands in ``reason``."""


class MessageChannel(StrEnum):
    """How a message travels."""

    EMAIL = "email"
    PUSH = "push"
    WEB_PUSH = "web_push"
    IN_APP = "in_app"
    WEBHOOK = "webhook"
    SMS = "sms"


class BounceClass(StrEnum):
    """Whether another try can succeed."""

    HARD = "hard"
    SOFT = "soft"


class RejectReason(StrEnum):
    """Why a message was not taken, in words shared by all senders."""

    INVALID = "invalid"
    BOUNCED = "bounced"
    TIMED_OUT = "timed_out"
    BLOCKED = "blocked"
    SPAM = "spam"
    UNSUBSCRIBED = "unsubscribed"
    OTHER = "other"


PAIR = ("source", "campaign", "canvas", "step", "recipient")
"""What a unique open or click is counted by: the campaign or Canvas step and the recipient, per source."""
OUTCOMES = (
    (("kind", Kind.DELIVERED.value),),
    (("kind", Kind.BOUNCED.value), ("bounce_class", BounceClass.HARD.value)),
    (("kind", Kind.COMPLAINED.value),),
    (("kind", Kind.UNSUBSCRIBED.value),),
)
"""What can happen to a message only once, told by columns of an event and what they hold."""
STEP_ALONE = (("campaign", "canvas"), ("campaign", "step"))
"""An event that names a Canvas step belongs to it alone, also where it names a campaign."""
