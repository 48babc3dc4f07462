"""Unisender Go's webhooks (UniOne abroad): batches of events, with a digest that holds the API key."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from datetime import UTC
from typing import Any

import msgspec

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
    read_each,
    read_instant,
    read_object,
    read_text,
    require_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
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
    QUEUED,
    SENT,
    SOFT_BOUNCE,
    SUBSCRIBED,
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    rejected,
)

STATUS, SPAM_BLOCK = "transactional_email_status", "transactional_spam_block"
OUTCOMES: Mapping[str, Outcome] = {
    "accepted": QUEUED,
    "sent": SENT,
    "delivered": DELIVERED,
    "opened": OPENED,
    "clicked": CLICKED,
    "unsubscribed": UNSUBSCRIBED,
    "subscribed": SUBSCRIBED,
    "soft_bounced": SOFT_BOUNCE,
    "soft_bounced, tried again": DEFERRED,
    "hard_bounced": HARD_BOUNCE,
    "hard_bounced, never tried": rejected(RejectReason.BLOCKED),
    "spam": COMPLAINED,
    SPAM_BLOCK: OTHER,
}
TRIED_AGAIN = frozenset({"err_will_retry", "err_resend", "err_retry_letter"})
NEVER_TRIED: Mapping[str, RejectReason] = {
    "err_unsubscribed": RejectReason.UNSUBSCRIBED,
    "err_unreachable": RejectReason.BOUNCED,
    "err_skip_letter": RejectReason.BLOCKED,
    "err_spam_skipped": RejectReason.SPAM,
    "err_spam_removed": RejectReason.SPAM,
    "err_lost": RejectReason.OTHER,
    "err_internal": RejectReason.OTHER,
    "err_src_invalid": RejectReason.OTHER,
    "err_dest_invalid": RejectReason.INVALID,
    "not_sent": RejectReason.OTHER,
    "skip_dup_unreachable": RejectReason.BOUNCED,
    "skip_dup_temp_unreachable": RejectReason.BOUNCED,
    "skip_dup_mailbox_full": RejectReason.BOUNCED,
}
REFUSED: Mapping[str, RejectReason] = {
    "err_user_unknown": RejectReason.INVALID,
    "err_user_inactive": RejectReason.INVALID,
    "err_mailbox_discarded": RejectReason.INVALID,
    "err_domain_inactive": RejectReason.INVALID,
    "err_spam_rejected": RejectReason.SPAM,
    "err_blacklisted": RejectReason.BLOCKED,
    "err_too_large": RejectReason.BLOCKED,
    "err_giveup": RejectReason.TIMED_OUT,
}
"""Why the other side's server refused; anything else is a bounce."""
DIGEST = re.compile(r"[0-9a-f]{32}", re.ASCII)


class Authenticated(msgspec.Struct):
    """A post as far as it is read before anybody knows who sent it."""

    auth: str = ""


class UnisenderGo:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The digest covers the body as it came, with the API key in the digest's place."""
        key = require_setting(settings, "api_key", _("API key"))
        try:
            given = msgspec.json.decode(request.body.removeprefix(BOM_UTF8), type=Authenticated).auth
        except (msgspec.DecodeError, RecursionError):
            given = ""
        if not DIGEST.fullmatch(given):
            raise Unauthenticated(_("The signature is missing or wrong."))
        covered = request.body.replace(given.encode(), key.encode(), 1)
        # The service's own choice; the key stands within what is digested.
        if not equal_secrets(given, hashlib.md5(covered, usedforsecurity=False).hexdigest()):
            raise Unauthenticated(_("The signature is missing or wrong."))

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event, whichever project it is of."""
        return read_each(_events(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event. It has no id of its own, so its whole content makes the fact."""
    check_maker(item, ("event_name",), "Unisender Go")
    event, data = named(item.get("event_name")), read_object(item.get("event_data"))
    name = named(data.get("status")) if event == STATUS else event
    info = read_object(data.get("delivery_info"))
    outcome = outcome_of(name, info)
    said = (info.get("destination_response"), info.get("delivery_status"))
    return Event(
        fact_id=digest(item),
        # Always in UTC, whatever the source's zone is.
        occurred_at=read_instant(first_value((data.get("event_time"), data.get("block_time"))), UTC),
        kind=outcome.kind,
        send=outcome.kind is Kind.SENT,
        campaign=campaign_in(settings, data.get("metadata")),
        message_id=read_text(data.get("job_id")),
        recipient=address(data.get("email")),
        url=read_text(data.get("url")) if outcome is CLICKED else "",
        user_agent=read_text(info.get("user_agent")),
        country=read_text(first_value((info.get("country_code"), info.get("country")))),
        city=read_text(info.get("city")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name if outcome.kind is Kind.OTHER else read_text(first_value(said)),
    ).fact()


def outcome_of(name: str, info: JsonObject) -> Outcome:
    """What the status stands for; a bounce by what is said of the delivery, where that comes along."""
    said = read_text(info.get("delivery_status"))
    if name == "soft_bounced" and said in TRIED_AGAIN:
        return OUTCOMES["soft_bounced, tried again"]
    if name in ("soft_bounced", "hard_bounced"):
        if reason := NEVER_TRIED.get(said):
            return rejected(reason)
        if reason := REFUSED.get(said):
            return bounced(reason, OUTCOMES[name].bounce_class)
    return OUTCOMES.get(name, OTHER)


def _events(body: Any) -> list[Any]:
    users = body.get("events_by_user") if isinstance(body, dict) else None
    if not isinstance(users, list):
        raise Invalid(_("The body is no post of Unisender Go, which has a list “events_by_user”."))
    found = list[Any]()
    for one in users:
        events = one.get("events") if isinstance(one, dict) else None
        found += events if isinstance(events, list) else [one]
    return found
