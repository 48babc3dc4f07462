"""Postmark's webhooks: one event a post, proven by a user name and a password or by a header."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.sources import Settings, WebhookRequest
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.instants import instant
from bilan_email_campaigns.values import (
    Item,
    address,
    digest,
    first,
    mapping,
    named,
    text,
    texts,
    truth,
    zone_of,
)
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.payloads import items_of, json_body, read_each
from bilan_email_campaigns.webhooks.proofs import SECRET, check_basic, check_secret, require


class Meaning(NamedTuple):
    """What one of the service's words stands for."""

    kind: Kind
    reject_reason: RejectReason | None = None
    bounce_class: BounceClass | None = None


RECORDS = {
    "Delivery": Meaning(Kind.DELIVERED),
    "Open": Meaning(Kind.OPENED),
    "Click": Meaning(Kind.CLICKED),
}
BOUNCES = {
    "HardBounce": Meaning(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.HARD),
    "SoftBounce": Meaning(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.SOFT),
    "VirusNotification": Meaning(Kind.BOUNCED, RejectReason.OTHER, BounceClass.SOFT),
    "Transient": Meaning(Kind.DEFERRED, None, BounceClass.SOFT),
    "DnsError": Meaning(Kind.DEFERRED, None, BounceClass.SOFT),
    "Unsubscribe": Meaning(Kind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED),
    "Subscribe": Meaning(Kind.SUBSCRIBED),
    "SpamNotification": Meaning(Kind.COMPLAINED, RejectReason.SPAM),
    "SpamComplaint": Meaning(Kind.COMPLAINED, RejectReason.SPAM),
    "BadEmailAddress": Meaning(Kind.REJECTED, RejectReason.INVALID),
    "ManuallyDeactivated": Meaning(Kind.REJECTED, RejectReason.BLOCKED),
    "Unconfirmed": Meaning(Kind.REJECTED, RejectReason.OTHER),
    "Blocked": Meaning(Kind.REJECTED, RejectReason.BLOCKED),
    "DMARCPolicy": Meaning(Kind.REJECTED, RejectReason.BLOCKED),
    "SMTPApiError": Meaning(Kind.FAILED),
    "TemplateRenderingFailed": Meaning(Kind.FAILED),
}
SUPPRESSIONS = {
    "HardBounce": BOUNCES["HardBounce"],
    "SpamComplaint": BOUNCES["SpamComplaint"],
    "ManualSuppression": BOUNCES["Unsubscribe"],
}


class Postmark:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """A user name and a password where they are set, else the secret."""
        if username := str(settings.get("username") or ""):
            password = require(settings, "secret", SECRET.label)
            check_basic(request, username, password)
        else:
            check_secret(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post."""
        return read_each(items_of(json_body(request)), lambda item: read(item, settings))


def read(item: Item, settings: Settings) -> Fact:
    """One event."""
    record = named(item.get("RecordType"))
    kind, reject_reason, bounce_class = meaning(item)
    number = text(item.get("ID"))
    place = mapping(item.get("Geo"))
    name = text(item.get("Type")) or record
    words = text(first((item.get("Details"), item.get("Description"))))
    return Event(
        fact_id=f"{record}:{number}" if number else digest(item),
        event_id=number,
        occurred_at=_moment(item, settings),
        kind=kind,
        campaign=text(mapping(item.get("Metadata")).get(settings.get("campaign_field") or "campaign")),
        category=text(item.get("MessageStream")),
        subject=text(item.get("Subject")),
        tags=texts(item.get("Tag")),
        message_id=text(item.get("MessageID")),
        recipient=address(first((item.get("Recipient"), item.get("Email")))),
        url=text(item.get("OriginalLink")),
        user_agent=text(item.get("UserAgent")),
        country=text(place.get("Country")),
        city=text(place.get("City")),
        bounce_class=bounce_class,
        reject_reason=reject_reason,
        reason=name if kind is Kind.OTHER else words,
    ).fact()


def meaning(item: Item) -> Meaning:
    """What the record says happened; a suppression may be a bounce, a complaint or a wish to leave."""
    record = text(item.get("RecordType"))
    if record in ("Bounce", "SpamComplaint"):
        return BOUNCES.get(text(item.get("Type")) or record, Meaning(Kind.OTHER))
    if record == "SubscriptionChange":
        if not truth(item.get("SuppressSending")):
            return BOUNCES["Subscribe"]
        return SUPPRESSIONS.get(text(item.get("SuppressionReason")), BOUNCES["Unsubscribe"])
    return RECORDS.get(record, Meaning(Kind.OTHER))


def _moment(item: Item, settings: Settings) -> datetime | None:
    names = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")
    return instant(first(item.get(name) for name in names), zone_of(settings))
