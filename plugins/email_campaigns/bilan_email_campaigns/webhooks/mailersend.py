"""MailerSend's webhooks: one event a post in either of two versions, signed with the webhook's secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping

from bilan.sdk import (
    Fact,
    HmacSignature,
    Invalid,
    JsonObject,
    Reject,
    Settings,
    WebhookRequest,
    digest,
    equal_secrets,
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
from bilan_email_campaigns.vocabulary import Kind, RejectReason
from bilan_email_campaigns.webhooks.outcomes import (
    CLICKED,
    COMPLAINED,
    DEFERRED,
    DELIVERED,
    HARD_BOUNCE,
    OPENED,
    OTHER,
    SENT,
    SOFT_BOUNCE,
    UNSUBSCRIBED,
    Outcome,
    refuse_incoming,
    rejected,
)

SIGNATURE = HmacSignature("signature", setting="signing_secret")
PING = "webhook.test"
TEST_SECRET = "test_Am3L1GuOIc4blLUuHqAPxxwkZaJyEk8G"  # noqa: S105 - printed in the service's documentation
"""Signs the ping alone with which the service tries an address, before its webhook has a secret."""

OUTCOMES: Mapping[str, Outcome] = {
    "activity.sent": SENT,
    "activity.delivered": DELIVERED,
    "activity.deferred": DEFERRED,
    "activity.soft_bounced": SOFT_BOUNCE,
    "activity.hard_bounced": HARD_BOUNCE,
    "activity.suppressed": rejected(RejectReason.BLOCKED),
    "activity.opened": OPENED,
    "activity.clicked": CLICKED,
    # Posted beside "opened" and "clicked".
    "activity.opened_unique": OTHER,
    "activity.clicked_unique": OTHER,
    "activity.unsubscribed": UNSUBSCRIBED,
    "activity.spam_complaint": COMPLAINED,
    "activity.survey_opened": OTHER,
    "activity.survey_submitted": OTHER,
    "sender_identity.verified": OTHER,
    "maintenance.start": OTHER,
    "maintenance.end": OTHER,
    "inbound_forward.failed": OTHER,
    "email_single.verified": OTHER,
    "email_list.verified": OTHER,
    "bulk_email.completed": OTHER,
}


class MailerSend:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the body as it came."""
        made = hmac.new(TEST_SECRET.encode(), request.body, "sha256").hexdigest()
        if equal_secrets(request.headers.get("signature", ""), made) and _is_ping(request):
            return
        SIGNATURE(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post; none of a ping."""
        items = json_items(json_body(request))
        events = [item for item in items if not (isinstance(item, dict) and item.get("type") == PING)]
        return read_each(events, lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event of either version: the older one has the e-mail, the message and the recipient as objects."""
    name = named(item.get("type"))
    if name == "inbound.message":
        refuse_incoming()
    check_maker(item, ("webhook_id", "domain_id"), "MailerSend")
    data = read_object(item.get("data"))
    email, morph, meta = (read_object(data.get(one)) for one in ("email", "morph", "meta"))
    outcome = OUTCOMES.get(name, OTHER)
    number = read_text(data.get("id"))
    # In the newer version only the post as a whole has a time.
    said = (data.get("created_at"), item.get("created_at"))
    person = first_value((read_object(email.get("recipient")).get("email"), data.get("recipient")))
    return Event(
        fact_id=f"{name}:{number}" if number else digest(item),
        event_id=number,
        occurred_at=read_instant(first_value(said), zone_setting(settings)),
        kind=outcome.kind,
        send=outcome.kind is Kind.SENT,
        campaign=read_text(data.get("template_id")),
        category=read_text(first_value((data.get("domain_id"), item.get("domain_id")))),
        subject=read_text(first_value((email.get("subject"), data.get("subject")))),
        tags=read_texts(first_value((email.get("tags"), data.get("tags")))),
        message_id=read_text(
            first_value((read_object(email.get("message")).get("id"), data.get("message_id")))
        ),
        recipient=address(person),
        url=read_text(first_value((morph.get("url"), meta.get("url")))),
        user_agent=read_text(meta.get("user_agent")),
        country=read_text(meta.get("country")),
        city=read_text(meta.get("city")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name if outcome.kind is Kind.OTHER else _words(morph, meta),
    ).fact()


def _words(morph: JsonObject, meta: JsonObject) -> str:
    fields = ("bounce_reason", "reject_reason", "suppression_reason", "unsubscribe_reason", "reason")
    said = (morph.get("readable_reason"), morph.get("reason"), *map(meta.get, fields))
    return read_text(first_value(said))


def _is_ping(request: WebhookRequest) -> bool:
    try:
        body = json_body(request)
    except Invalid:
        return False
    return isinstance(body, dict) and body.get("type") == PING
