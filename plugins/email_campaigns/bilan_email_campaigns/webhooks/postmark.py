"""Postmark's webhooks: one event a post, proven by a user name and a password or by a header."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    WebhookRequest,
    digest,
    first_value,
    json_body,
    json_items,
    read_each,
    read_flag,
    read_instant,
    read_object,
    read_text,
    read_texts,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.outcomes import Outcome
from bilan_email_campaigns.webhooks.proofs import check_credentials

RECORDS = {
    "Delivery": Outcome(Kind.DELIVERED),
    "Open": Outcome(Kind.OPENED),
    "Click": Outcome(Kind.CLICKED),
}
BOUNCES = {
    "HardBounce": Outcome(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.HARD),
    "SoftBounce": Outcome(Kind.BOUNCED, RejectReason.BOUNCED, BounceClass.SOFT),
    "VirusNotification": Outcome(Kind.BOUNCED, RejectReason.OTHER, BounceClass.SOFT),
    "Transient": Outcome(Kind.DEFERRED, None, BounceClass.SOFT),
    "DnsError": Outcome(Kind.DEFERRED, None, BounceClass.SOFT),
    "Unsubscribe": Outcome(Kind.UNSUBSCRIBED, RejectReason.UNSUBSCRIBED),
    "Subscribe": Outcome(Kind.SUBSCRIBED),
    "SpamNotification": Outcome(Kind.COMPLAINED, RejectReason.SPAM),
    "SpamComplaint": Outcome(Kind.COMPLAINED, RejectReason.SPAM),
    "BadEmailAddress": Outcome(Kind.REJECTED, RejectReason.INVALID),
    "ManuallyDeactivated": Outcome(Kind.REJECTED, RejectReason.BLOCKED),
    "Unconfirmed": Outcome(Kind.REJECTED, RejectReason.OTHER),
    "Blocked": Outcome(Kind.REJECTED, RejectReason.BLOCKED),
    "DMARCPolicy": Outcome(Kind.REJECTED, RejectReason.BLOCKED),
    "SMTPApiError": Outcome(Kind.FAILED),
    "TemplateRenderingFailed": Outcome(Kind.FAILED),
}
SUPPRESSIONS = {
    "HardBounce": BOUNCES["HardBounce"],
    "SpamComplaint": BOUNCES["SpamComplaint"],
    "ManualSuppression": BOUNCES["Unsubscribe"],
}

NO_MESSAGE = "00000000-0000-0000-0000-000000000000"
"""What stands for the message in a suppression that people made by hand."""


class Postmark:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """A user name and a password where they are set, else the secret."""
        check_credentials(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post."""
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event."""
    check_maker(item, ("RecordType",), "Postmark")
    record = named(item.get("RecordType"))
    kind, reject_reason, bounce_class = meaning(item)
    number = read_text(item.get("ID"))
    place = read_object(item.get("Geo"))
    name = read_text(item.get("Type")) or record
    words = read_text(first_value((item.get("Details"), item.get("Description"))))
    return Event(
        fact_id=f"{record}:{number}" if number else digest(item),
        event_id=number,
        occurred_at=_moment(item, settings),
        kind=kind,
        campaign=read_text(
            read_object(item.get("Metadata")).get(settings.get("campaign_field") or "campaign")
        ),
        category=read_text(item.get("MessageStream")),
        subject=read_text(item.get("Subject")),
        tags=read_texts(item.get("Tag")),
        message_id="" if (message := read_text(item.get("MessageID"))) == NO_MESSAGE else message,
        recipient=address(first_value((item.get("Recipient"), item.get("Email")))),
        url=read_text(item.get("OriginalLink")),
        user_agent=read_text(item.get("UserAgent")),
        country=read_text(place.get("Country")),
        city=read_text(place.get("City")),
        bounce_class=bounce_class,
        reject_reason=reject_reason,
        reason=name if kind is Kind.OTHER else words,
    ).fact()


def meaning(item: JsonObject) -> Outcome:
    """What the record says happened; a suppression may be a bounce, a complaint or a wish to leave."""
    record = read_text(item.get("RecordType"))
    if record in ("Bounce", "SpamComplaint"):
        return BOUNCES.get(read_text(item.get("Type")) or record, Outcome(Kind.OTHER))
    if record == "SubscriptionChange":
        if not read_flag(item.get("SuppressSending")):
            return BOUNCES["Subscribe"]
        return SUPPRESSIONS.get(read_text(item.get("SuppressionReason")), BOUNCES["Unsubscribe"])
    return RECORDS.get(record, Outcome(Kind.OTHER))


def _moment(item: JsonObject, settings: Settings) -> datetime | None:
    names = ("DeliveredAt", "BouncedAt", "ReceivedAt", "ChangedAt")
    return read_instant(first_value(item.get(name) for name in names), zone_setting(settings))
