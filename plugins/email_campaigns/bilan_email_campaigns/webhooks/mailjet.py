"""Mailjet's event tracking: one event a post or those of a second, proven by a user name and a password."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
    read_text,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.outcomes import (
    CLICKED,
    COMPLAINED,
    DEFERRED,
    DELIVERED,
    HARD_BOUNCE,
    OPENED,
    OTHER,
    SOFT_BOUNCE,
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    rejected,
)
from bilan_email_campaigns.webhooks.proofs import check_credentials

OUTCOMES: Mapping[str, Outcome] = {
    # Posted once the other side's server has taken the message.
    "sent": DELIVERED,
    "open": OPENED,
    "click": CLICKED,
    "bounce": SOFT_BOUNCE,
    "bounce, hard": HARD_BOUNCE,
    "bounce, greylisted": DEFERRED,
    "blocked": rejected(RejectReason.BLOCKED),
    "spam": COMPLAINED,
    "unsub": UNSUBSCRIBED,
}
REASONS: Mapping[str, RejectReason] = {
    "user unknown": RejectReason.BOUNCED,
    "mailbox inactive": RejectReason.BOUNCED,
    "quota exceeded": RejectReason.BOUNCED,
    "blacklisted": RejectReason.BLOCKED,
    "spam reporter": RejectReason.SPAM,
    "invalid domain": RejectReason.INVALID,
    "no mail host": RejectReason.BOUNCED,
    "relay/access denied": RejectReason.BLOCKED,
    "typofix": RejectReason.INVALID,
    "sender blocked": RejectReason.BLOCKED,
    "content blocked": RejectReason.BLOCKED,
    "policy issue": RejectReason.BLOCKED,
    "preblocked": RejectReason.BLOCKED,
    "system issue": RejectReason.OTHER,
    "protocol issue": RejectReason.OTHER,
    "connection issue": RejectReason.TIMED_OUT,
    "duplicate in campaign": RejectReason.OTHER,
}
MARKS = ("MessageID", "mj_message_id", "mj_campaign_id", "mj_contact_id", "Message_GUID")
"""Every event of the service has one of these."""


class Mailjet:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """A user name and a password, which stand in the address that Mailjet is given."""
        check_credentials(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event, grouped or not."""
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event. It has no id of its own."""
    name = named(item.get("event"))
    check_maker(item, MARKS, "Mailjet")
    outcome, occurred_at = outcome_of(name, item), read_instant(item.get("time"), zone_setting(settings))
    custom, campaign = read_text(item.get("customcampaign")), read_text(item.get("mj_campaign_id"))
    said = ("smtp_reply", "comment", "error", "source")
    return Event(
        fact_id=_identity(item, name, occurred_at),
        occurred_at=occurred_at,
        kind=outcome.kind,
        campaign=campaign_in(settings, item.get("Payload")) or custom or _no_zero(campaign),
        campaign_name=custom,
        audience=_no_zero(read_text(item.get("mj_list_id"))),
        message_id=_no_zero(read_text(first_value((item.get("MessageID"), item.get("mj_message_id"))))),
        recipient=address(item.get("email")),
        url=read_text(item.get("url")),
        user_agent=read_text(item.get("agent")),
        country=read_text(item.get("geo")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name if outcome.kind is Kind.OTHER else read_text(first_value(map(item.get, said))),
    ).fact()


def _identity(item: JsonObject, name: str, at: datetime | None) -> str:
    """What makes two copies the same event, posted or read from the statistics: all that both tell of it.

    The statistics do not say when a message was delivered, which happens to it once.
    """
    message = _no_zero(read_text(item.get("MessageID")))
    if not message or at is None:
        return digest(item)
    moment = 0 if name == "sent" else int(at.timestamp())
    return digest(["mailjet", message, name, address(item.get("email")), moment, read_text(item.get("url"))])


def outcome_of(name: str, item: JsonObject) -> Outcome:
    """What the event stands for; a bounce is hard where the service says so, greylisted is tried again."""
    error = read_text(item.get("error")).strip().lower()
    reason = REASONS.get(error)
    if name == "blocked":
        return rejected(reason or RejectReason.BLOCKED)
    if name != "bounce":
        return OUTCOMES.get(name, OTHER)
    hard = read_flag(item.get("hard_bounce"))
    if error == "greylisted" and not hard:
        return OUTCOMES["bounce, greylisted"]
    return bounced(reason or RejectReason.BOUNCED, BounceClass.HARD if hard else BounceClass.SOFT)


def _no_zero(number: str) -> str:
    """Nothing in place of the 0 with which the service says that there is none."""
    return "" if number == "0" else number
