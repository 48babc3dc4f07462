"""Mailtrap's webhooks: batches of events as JSON or as JSON lines, signed with the webhook's secret."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from bilan.sdk import (
    Fact,
    HmacSignature,
    Invalid,
    JsonObject,
    Reject,
    Settings,
    WebhookRequest,
    digest,
    first_value,
    json_body,
    json_items,
    read_each,
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
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    refuse_incoming,
    rejected,
)

SIGNATURE = HmacSignature("mailtrap-signature", setting="signing_secret")
OUTCOMES: Mapping[str, Outcome] = {
    "delivery": DELIVERED,
    "soft bounce": DEFERRED,
    "bounce": HARD_BOUNCE,
    "suspension": rejected(RejectReason.OTHER),
    "reject": rejected(RejectReason.BLOCKED),
    "open": OPENED,
    "click": CLICKED,
    "unsubscribe": UNSUBSCRIBED,
    "spam": COMPLAINED,
}
SUPPRESSED = {
    "unsubscri": RejectReason.UNSUBSCRIBED,
    "spam": RejectReason.SPAM,
    "bounce": RejectReason.BOUNCED,
}
"""By a part of the words that a rejection gives as its reason."""
TEST = "bede7236-2284-43d6-a953-1fdcafd0fdbc"
"""The id of every event that the service's form posts to try an address."""


class Mailtrap:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the body as it came."""
        SIGNATURE(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        return read_each(_events(request), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event."""
    name = named(item.get("event"))
    if name.startswith("inbound"):
        refuse_incoming()
    check_maker(item, ("event_id", "message_id", "actor"), "Mailtrap")
    outcome = outcome_of(name, item)
    number = read_text(item.get("event_id"))
    return Event(
        fact_id=number or digest(item),
        event_id=number,
        occurred_at=read_instant(item.get("timestamp"), zone_setting(settings)),
        kind=outcome.kind,
        campaign=campaign_in(settings, item.get("custom_variables")),
        category=read_text(item.get("category")),
        tags=[stream] if (stream := read_text(item.get("sending_stream"))) else [],
        message_id=read_text(item.get("message_id")),
        recipient=address(item.get("email")),
        url=read_text(item.get("url")),
        user_agent=read_text(item.get("user_agent")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name
        if outcome.kind is Kind.OTHER
        else read_text(first_value((item.get("response"), item.get("reason"), item.get("bounce_category")))),
        test=number == TEST,
    ).fact()


def outcome_of(name: str, item: JsonObject) -> Outcome:
    """What the event stands for; a bounce as spam and a suppressed address say so."""
    if name == "bounce" and read_text(item.get("bounce_category")) == "spam":
        return bounced(RejectReason.SPAM, BounceClass.HARD)
    if name == "reject":
        said = read_text(item.get("reason")).lower().rpartition("reason:")[2]
        return rejected(next((why for part, why in SUPPRESSED.items() if part in said), RejectReason.BLOCKED))
    return OUTCOMES.get(name, OTHER)


def _events(request: WebhookRequest) -> list[Any]:
    kind = request.content_type.lower()
    if "jsonl" in kind or "ndjson" in kind:
        lines = [line for line in request.body.splitlines() if line.strip()]
        bodies = [_line(replace(request, body=line)) for line in lines]
    else:
        bodies = [json_body(request)]
    found = list[Any]()
    for body in bodies:
        events = body.get("events") if isinstance(body, dict) else None
        found += events if isinstance(events, list) else json_items(body)
    return found


def _line(request: WebhookRequest) -> Any:
    """What a line holds; one item that is no event, where it is broken."""
    try:
        body = json_body(request)
    except Invalid:
        body = request.body.decode("utf-8", "replace")
    return body if isinstance(body, dict | list) else [body]
