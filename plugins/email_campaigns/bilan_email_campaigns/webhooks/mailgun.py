"""Mailgun's webhooks: one event as JSON, or as a form in the older manner; signed with a shared key."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

from bilan.sdk.datasets import Fact, Reject
from bilan.sdk.errors import Invalid, Unauthenticated
from bilan.sdk.sources import Settings, WebhookRequest
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.instants import instant
from bilan_email_campaigns.textdomain import _
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
from bilan_email_campaigns.webhooks import mailgun_forms
from bilan_email_campaigns.webhooks.forms import form_body, is_form
from bilan_email_campaigns.webhooks.payloads import items_of, json_body, read_each
from bilan_email_campaigns.webhooks.proofs import check_age, require, same

KINDS = {
    "accepted": Kind.QUEUED,
    "rejected": Kind.REJECTED,
    "delivered": Kind.DELIVERED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "complained": Kind.COMPLAINED,
}
REASONS = {
    "bounce": RejectReason.BOUNCED,
    "suppress-bounce": RejectReason.BOUNCED,
    "suppress-complaint": RejectReason.SPAM,
    "suppress-unsubscribe": RejectReason.UNSUBSCRIBED,
    "old": RejectReason.TIMED_OUT,
}


class Mailgun:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers a time and a token that come along with it."""
        key = require(settings, "signing_key", _("signing key"))
        signed_at, token, signature = signature_of(request)
        wanted = hmac.new(key.encode(), (signed_at + token).encode(), hashlib.sha256).hexdigest()
        if not same(signature, wanted):
            raise Unauthenticated(_("The signature is missing or wrong."))
        check_age(signed_at, request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post."""
        if is_form(request):
            return [mailgun_forms.read(form_body(request), settings)]
        return read_each(items_of(json_body(request)), lambda item: read(item, settings))


def signature_of(request: WebhookRequest) -> tuple[str, str, str]:
    """Time, token and signature as the post has them, each empty where it has none."""
    try:
        if is_form(request):
            return mailgun_forms.signature(form_body(request))
        body = json_body(request)
    except Invalid:
        return "", "", ""
    block = mapping(body.get("signature")) if isinstance(body, dict) else {}
    return text(block.get("timestamp")), text(block.get("token")), text(block.get("signature"))


def read(item: Item, settings: Settings) -> Fact:
    """One event. A repeated post is signed anew, so the signature says nothing about the fact."""
    data = mapping(item.get("event-data"))
    headers = mapping(mapping(data.get("message")).get("headers"))
    client, place = mapping(data.get("client-info")), mapping(data.get("geolocation"))
    campaigns = data.get("campaigns")
    listed = mapping(first(campaigns)) if isinstance(campaigns, list) else {}
    own = mapping(data.get("user-variables")).get(settings.get("campaign_field") or "campaign")
    name = named(data.get("event"))
    kind = _kind(name, data)
    occurred_at = instant(data.get("timestamp"), zone_of(settings))
    number, message = text(data.get("id")), text(headers.get("message-id"))
    return Event(
        # Ids are unique within a day only.
        fact_id=f"{occurred_at:%Y-%m-%d}:{number}" if number and occurred_at else digest(data),
        event_id=text(mapping(item.get("signature")).get("token")) or number,
        occurred_at=occurred_at,
        kind=kind,
        send=kind is Kind.QUEUED,
        campaign=text(first((own, listed.get("id")))),
        campaign_name=text(listed.get("name")),
        audience=text(mapping(data.get("mailing-list")).get("address")),
        subject=text(headers.get("subject")),
        tags=texts(data.get("tags")),
        message_id=f"<{message.strip('<>')}>" if message else "",
        recipient=address(first((data.get("recipient"), headers.get("to")))),
        url=text(data.get("url")),
        user_agent=text(client.get("user-agent")),
        machine=bool(text(client.get("bot"))),
        country=text(place.get("country")),
        city=text(place.get("city")),
        test=truth(mapping(data.get("flags")).get("is-test-mode")),
        bounce_class=_bounce_class(kind),
        reject_reason=_reject_reason(kind, data),
        reason=name if kind is Kind.OTHER else _words(data),
    ).fact()


def _kind(name: str, data: Item) -> Kind:
    if name != "failed":
        return KINDS.get(name, Kind.OTHER)
    if text(data.get("severity")) == "temporary":
        return Kind.DEFERRED
    # A suppressed address was not even tried.
    return Kind.REJECTED if text(data.get("reason")).startswith("suppress-") else Kind.BOUNCED


def _bounce_class(kind: Kind) -> BounceClass | None:
    return {Kind.BOUNCED: BounceClass.HARD, Kind.DEFERRED: BounceClass.SOFT}.get(kind)


def _reject_reason(kind: Kind, data: Item) -> RejectReason | None:
    if kind not in (Kind.DEFERRED, Kind.BOUNCED, Kind.REJECTED):
        return None
    return REASONS.get(text(data.get("reason")), RejectReason.OTHER)


def _words(data: Item) -> str:
    status, reject = mapping(data.get("delivery-status")), mapping(data.get("reject"))
    return text(
        first((
            status.get("message"),
            status.get("description"),
            reject.get("reason"),
            reject.get("description"),
        ))
    )  # fmt: skip
