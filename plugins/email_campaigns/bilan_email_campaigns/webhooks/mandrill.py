"""Mandrill's webhooks (Mailchimp Transactional): a form with up to a thousand events, signed."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from bilan.sdk import (
    Fact,
    Invalid,
    JsonObject,
    Reject,
    Settings,
    Unauthenticated,
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
    require_setting,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import Kind, RejectReason
from bilan_email_campaigns.webhooks.forms import Form, form_body, is_form
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
    campaign_in,
    refuse_incoming,
    rejected,
)

SIGNATURE = "x-mandrill-signature"
EVENTS_FIELD = "mandrill_events"
TEST_KEY = "test-webhook"
"""Signs the empty post with which the service tries an address, before there is a key."""

OUTCOMES: Mapping[str, Outcome] = {
    "send": SENT,
    "delivered": DELIVERED,
    "deferral": DEFERRED,
    "hard_bounce": HARD_BOUNCE,
    "soft_bounce": SOFT_BOUNCE,
    "reject": rejected(RejectReason.OTHER),
    "open": OPENED,
    "click": CLICKED,
    "spam": COMPLAINED,
    "unsub": UNSUBSCRIBED,
    "whitelist": OTHER,
    "blacklist": OTHER,
}
REASONS: Mapping[str, RejectReason] = {
    "hard-bounce": RejectReason.BOUNCED,
    "soft-bounce": RejectReason.BOUNCED,
    "spam": RejectReason.SPAM,
    "unsub": RejectReason.UNSUBSCRIBED,
    "custom": RejectReason.BLOCKED,
    "rule": RejectReason.BLOCKED,
    "recipient-domain": RejectReason.BLOCKED,
    "invalid": RejectReason.INVALID,
}


class Mandrill:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the address as it was entered there, and the form's fields in order."""
        form = _form(request)
        own = str(settings.get("address") or "").strip()
        given, signed = request.headers.get(SIGNATURE, ""), _signed(own or request.url, form)
        if _is_empty(form) and equal_secrets(given, _signature(TEST_KEY, signed)):
            return
        key = require_setting(settings, "webhook_key", _("webhook key"))
        if not equal_secrets(given, _signature(key, signed)):
            raise Unauthenticated(
                _("The signature is missing or wrong. It covers the address, too: it must be the one entered "
                  "in Mandrill, here {address}.", address=(own or request.url)[:300])
            )  # fmt: skip

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        return read_each(_events(request), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event. It has no id of its own, so its whole content makes the fact."""
    check_maker(item, ("msg", "reject", "_id"), "Mandrill")
    name = named(first_value((item.get("event"), item.get("type"))))
    if name == "inbound":
        refuse_incoming()
    message, refused = read_object(item.get("msg")), _refusal(item)
    place = read_object(item.get("location"))
    outcome = outcome_of(name, refused)
    return Event(
        fact_id=digest(item),
        occurred_at=read_instant(item.get("ts"), zone_setting(settings)),
        kind=outcome.kind,
        send=outcome.kind is Kind.SENT,
        campaign=campaign_in(settings, message.get("metadata")) or read_text(message.get("template")),
        category=read_text(message.get("subaccount")),
        subject=read_text(message.get("subject")),
        tags=read_texts(message.get("tags")),
        message_id=read_text(first_value((item.get("_id"), message.get("_id")))),
        recipient=address(first_value((message.get("email"), refused.get("email")))),
        url=read_text(item.get("url")),
        user_agent=read_text(item.get("user_agent")),
        country=read_text(first_value((place.get("country_short"), place.get("country")))),
        city=read_text(place.get("city")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name if outcome.kind is Kind.OTHER else _words(message, refused),
    ).fact()


def outcome_of(name: str, refused: JsonObject) -> Outcome:
    """What the event stands for; a rejection by its reason."""
    if name == "reject":
        return rejected(REASONS.get(read_text(refused.get("reason")), RejectReason.OTHER))
    return OUTCOMES.get(name, OTHER)


def _refusal(item: JsonObject) -> JsonObject:
    found = first_value((item.get("reject"), read_object(item.get("msg")).get("reject")))
    return {"reason": found} if isinstance(found, str) else read_object(found)


def _words(message: JsonObject, refused: JsonObject) -> str:
    attempts = message.get("smtp_events")
    last = read_object(attempts[-1]) if isinstance(attempts, list) and attempts else {}
    said = (message.get("diag"), last.get("diag"), message.get("bounce_description"))
    return read_text(first_value((*said, refused.get("detail"), refused.get("reason"))))


def _form(request: WebhookRequest) -> Form:
    try:
        return form_body(request) if is_form(request) else {}
    except Invalid:
        return {}


def _signed(url: str, form: Form) -> str:
    return url + "".join(name + "".join(form[name]) for name in sorted(form))


def _signature(key: str, signed: str) -> str:
    made = hmac.new(key.encode(), signed.encode("utf-8", "replace"), "sha1")
    return base64.b64encode(made.digest()).decode()


def _is_empty(form: Form) -> bool:
    return list(form) == [EVENTS_FIELD] and "".join(form[EVENTS_FIELD]).strip() == "[]"


def _events(request: WebhookRequest) -> list[Any]:
    if not is_form(request):
        return json_items(json_body(request))
    written = form_body(request).get(EVENTS_FIELD)
    if not written:
        raise Invalid(_("The body is a form without the field {field}.", field=EVENTS_FIELD))
    inner = WebhookRequest(written[-1].encode("utf-8", "replace"), {}, {}, "", request.received_at)
    return json_items(json_body(inner))
