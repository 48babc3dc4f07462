"""SparkPost's event webhooks: batches of wrapped events, proven by a user name and a password or a token."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

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
from bilan_email_campaigns.webhooks.outcomes import (
    CLICKED,
    COMPLAINED,
    DEFERRED,
    DELIVERED,
    FAILED,
    HARD_BOUNCE,
    OPENED,
    OTHER,
    QUEUED,
    SOFT_BOUNCE,
    SUBSCRIBED,
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    refuse_incoming,
    rejected,
)
from bilan_email_campaigns.webhooks.proofs import check_credentials

OUTCOMES: Mapping[str, Outcome] = {
    "injection": QUEUED,
    "delivery": DELIVERED,
    "delay": DEFERRED,
    "bounce": SOFT_BOUNCE,
    "out_of_band": SOFT_BOUNCE,
    "policy_rejection": rejected(RejectReason.BLOCKED),
    "generation_failure": FAILED,
    "generation_rejection": rejected(RejectReason.OTHER),
    "spam_complaint": COMPLAINED,
    "open": OPENED,
    "amp_open": OPENED,
    # The pixel at the top of a message whose pixel at the bottom is an "open" of its own.
    "initial_open": OTHER,
    "amp_initial_open": OTHER,
    "click": CLICKED,
    "amp_click": CLICKED,
    "list_unsubscribe": UNSUBSCRIBED,
    "link_unsubscribe": UNSUBSCRIBED,
    "sms_status": OTHER,
    "ab_test_completed": OTHER,
    "ab_test_cancelled": OTHER,
    "success": OTHER,
    "error": OTHER,
}
BLOCK = bounced(RejectReason.BLOCKED, BounceClass.SOFT)
SPAM = bounced(RejectReason.SPAM, BounceClass.SOFT)
CLASSES: Mapping[str, Outcome] = {
    "1": SOFT_BOUNCE,
    "10": bounced(RejectReason.INVALID, BounceClass.HARD),
    "20": SOFT_BOUNCE,
    "21": SOFT_BOUNCE,
    "22": SOFT_BOUNCE,
    "23": SOFT_BOUNCE,
    "24": bounced(RejectReason.TIMED_OUT, BounceClass.SOFT),
    "25": rejected(RejectReason.BLOCKED),
    "26": rejected(RejectReason.BLOCKED),
    "30": HARD_BOUNCE,
    "40": SOFT_BOUNCE,
    "50": BLOCK,
    "51": SPAM,
    "52": SPAM,
    "53": BLOCK,
    "54": BLOCK,
    "60": OTHER,
    "70": SOFT_BOUNCE,
    "80": SUBSCRIBED,
    "90": UNSUBSCRIBED,
    "100": OTHER,
}
"""What a bounce is by its ``bounce_class``; 60 and 100 are automatic answers."""
BOUNCES = frozenset({"bounce", "out_of_band"})
INCOMING = frozenset({"relay_event", "relay_message"})


class SparkPost:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """A user name and a password where they are set, else the secret."""
        check_credentials(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event; nothing for the empty one with which the service tries the address."""
        items = [item for item in json_items(json_body(request)) if not _is_ping(item)]
        return read_each(items, lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event, in whichever wrapping it came."""
    check_maker(item, ("msys",), "SparkPost")
    group, event = next(iter(read_object(item.get("msys")).items()), ("", {}))
    if group in INCOMING:
        refuse_incoming()
    event = read_object(event)
    name = named(event.get("type"))
    outcome = outcome_of(name, event)
    place, agent = read_object(event.get("geo_ip")), read_object(event.get("user_agent_parsed"))
    number = read_text(event.get("event_id"))
    return Event(
        fact_id=number or digest(event),
        event_id=number,
        occurred_at=read_instant(event.get("timestamp"), zone_setting(settings)),
        kind=outcome.kind,
        send=outcome.kind is Kind.QUEUED,
        campaign=campaign_in(settings, event.get("rcpt_meta"))
        or read_text(first_value((event.get("campaign_id"), event.get("template_id")))),
        subject=read_text(event.get("subject")),
        category=read_text(event.get("ip_pool")),
        tags=read_texts(event.get("rcpt_tags")),
        message_id=read_text(first_value((event.get("message_id"), event.get("transmission_id")))),
        recipient=address(first_value((event.get("rcpt_to"), event.get("raw_rcpt_to")))),
        url=read_text(event.get("target_link_url")),
        user_agent=read_text(event.get("user_agent")),
        machine=outcome in (OPENED, CLICKED) and read_flag(agent.get("is_prefetched")),
        country=read_text(place.get("country")),
        city=read_text(place.get("city")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name
        if outcome.kind is Kind.OTHER
        else read_text(first_value(event.get(one) for one in ("raw_reason", "reason", "fbtype"))),
    ).fact()


def outcome_of(name: str, event: JsonObject) -> Outcome:
    """What the event stands for: a bounce by its class, which may be no bounce at all."""
    if name in BOUNCES:
        return CLASSES.get(read_text(event.get("bounce_class")), OUTCOMES[name])
    return OUTCOMES.get(name, OTHER)


def _is_ping(item: Any) -> bool:
    return isinstance(item, dict) and item.get("msys") == {}
