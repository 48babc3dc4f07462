"""Brevo's webhooks, transactional and marketing: one event or a list of them, proven by a token."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    WebhookRequest,
    check_secret,
    digest,
    first_value,
    json_body,
    json_items,
    read_each,
    read_instant,
    read_object,
    read_text,
    read_texts,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason

KINDS = {
    "request": Kind.QUEUED,
    "sent": Kind.SENT,
    "delivered": Kind.DELIVERED,
    "deferred": Kind.DEFERRED,
    "soft_bounce": Kind.BOUNCED,
    "hard_bounce": Kind.BOUNCED,
    "invalid_email": Kind.BOUNCED,
    "blocked": Kind.REJECTED,
    "error": Kind.FAILED,
    "spam": Kind.COMPLAINED,
    "complaint": Kind.COMPLAINED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "opened": Kind.OPENED,
    "unique_opened": Kind.OPENED,
    "proxy_open": Kind.OPENED,
    "unique_proxy_open": Kind.OPENED,
    "click": Kind.CLICKED,
}
PROXIES = frozenset({"proxy_open", "unique_proxy_open"})
REASONS = {
    "blocked": RejectReason.BLOCKED,
    "soft_bounce": RejectReason.BOUNCED,
    "hard_bounce": RejectReason.BOUNCED,
    "invalid_email": RejectReason.INVALID,
    "spam": RejectReason.SPAM,
    "complaint": RejectReason.SPAM,
}
CLASSES = {
    "soft_bounce": BounceClass.SOFT,
    "deferred": BounceClass.SOFT,
    "hard_bounce": BounceClass.HARD,
    "invalid_email": BounceClass.HARD,
}
MARKS = ("message-id", "camp_id", "campaign name", "list_id", "ts_event", "ts_epoch", "s_epoch", "date_event")
"""Every event of the service, about a message, a campaign or a list, has one of these."""
TIMES = ("ts_epoch", "s_epoch", "ts_event", "ts", "date_event", "date")
"""From the most exact to the least: the last two are local times without a zone."""


class Brevo:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The secret, as a bearer token or in a header."""
        check_secret(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event. The ``id`` of a post names the webhook, and says nothing of the event."""
    name = named(item.get("event"))
    check_maker(item, MARKS, "Brevo")
    kind, occurred_at = KINDS.get(name, Kind.OTHER), _moment(item, settings)
    custom = read_object(item.get("X-Mailin-custom")).get(settings.get("campaign_field") or "campaign")
    return Event(
        fact_id=_identity(item, name, occurred_at),
        occurred_at=occurred_at,
        kind=kind,
        send=kind in (Kind.QUEUED, Kind.SENT),
        campaign=read_text(first_value((custom, item.get("camp_id")))),
        campaign_name=read_text(item.get("campaign name")),
        audience=",".join(read_texts(item.get("list_id"))),
        subject=read_text(item.get("subject")),
        tags=read_texts(first_value((item.get("tags"), item.get("tag")))),
        message_id=read_text(item.get("message-id")),
        recipient=address(item.get("email")),
        url=read_text(first_value((item.get("link"), item.get("URL")))),
        user_agent=read_text(item.get("user_agent")),
        machine=name in PROXIES,
        bounce_class=CLASSES.get(name),
        reject_reason=REASONS.get(name),
        reason=name if kind is Kind.OTHER else read_text(item.get("reason")),
    ).fact()


def _identity(item: JsonObject, name: str, at: datetime | None) -> str:
    """What makes two copies the same event, posted or read from the statistics: all that both tell of it."""
    message, recipient = read_text(item.get("message-id")).strip("<> "), address(item.get("email"))
    if not message or not recipient or at is None:
        return digest(item)
    link = read_text(first_value((item.get("link"), item.get("URL"))))
    return digest(["brevo", message, name, recipient, int(at.timestamp()), link])


def _moment(item: JsonObject, settings: Settings) -> datetime | None:
    # Each is read by its size: some posts give "ts_epoch" in seconds, others in milliseconds.
    return read_instant(first_value(item.get(name) for name in TIMES), zone_setting(settings))
