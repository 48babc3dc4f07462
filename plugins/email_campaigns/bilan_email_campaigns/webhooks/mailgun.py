"""Mailgun's webhooks: one event as JSON, or as a form in the older manner; signed with a shared key."""

from __future__ import annotations

import hashlib
import hmac
from codecs import BOM_UTF8
from collections.abc import Iterable
from typing import Any

import msgspec

from bilan.sdk import (
    Fact,
    Invalid,
    JsonObject,
    Proof,
    Reject,
    Settings,
    Unauthenticated,
    WebhookRequest,
    check_age,
    digest,
    equal_secrets,
    first_value,
    json_body,
    json_items,
    read_each,
    read_flag,
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
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks import mailgun_forms
from bilan_email_campaigns.webhooks.forms import form_body, is_form

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


class SignatureBlock(msgspec.Struct):
    """The proof of a post."""

    timestamp: str | int | float | None = None
    token: str | int | float | None = None
    signature: str | int | float | None = None


class SignedPost(msgspec.Struct):
    """A post as far as it is read before anybody knows who sent it: the rest is passed over, not built."""

    signature: SignatureBlock = msgspec.field(default_factory=SignatureBlock)


class Mailgun:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> Proof:
        """The signature covers a time and a token that come along with it, and nothing of what happened."""
        key = require_setting(settings, "signing_key", _("signing key"))
        signed_at, token, signature = signature_of(request)
        wanted = hmac.new(key.encode(), (signed_at + token).encode(), hashlib.sha256).hexdigest()
        if not equal_secrets(signature, wanted):
            raise Unauthenticated(_("The signature is missing or wrong."))
        check_age(signed_at, request, settings)
        return Proof(signed_at + token, digest(said(request)))

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post."""
        if is_form(request):
            return [mailgun_forms.read(form_body(request), settings)]
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def signature_of(request: WebhookRequest) -> tuple[str, str, str]:
    """Time, token and signature as the post has them, each empty where it has none."""
    try:
        if is_form(request):
            return mailgun_forms.signature(form_body(request, mailgun_forms.PROVING))
        block = msgspec.json.decode(request.body.removeprefix(BOM_UTF8), type=SignedPost).signature
    except (Invalid, msgspec.DecodeError, RecursionError):
        return "", "", ""
    return read_text(block.timestamp), read_text(block.token), read_text(block.signature)


def said(request: WebhookRequest) -> Any:
    """What the post says, however it is written."""
    return form_body(request) if is_form(request) else json_body(request)


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event. A repeated post is signed anew, so the signature says nothing about the fact."""
    check_maker(item, ("event-data",), "Mailgun")
    data = read_object(item.get("event-data"))
    headers = read_object(read_object(data.get("message")).get("headers"))
    client, place = read_object(data.get("client-info")), read_object(data.get("geolocation"))
    campaigns = data.get("campaigns")
    listed = read_object(first_value(campaigns)) if isinstance(campaigns, list) else {}
    own = read_object(data.get("user-variables")).get(settings.get("campaign_field") or "campaign")
    name = named(data.get("event"))
    kind = _kind(name, data)
    occurred_at = read_instant(data.get("timestamp"), zone_setting(settings))
    number, message = read_text(data.get("id")), read_text(headers.get("message-id"))
    return Event(
        # Ids are unique within a day only.
        fact_id=f"{occurred_at:%Y-%m-%d}:{number}" if number and occurred_at else digest(data),
        event_id=read_text(read_object(item.get("signature")).get("token")) or number,
        occurred_at=occurred_at,
        kind=kind,
        send=kind is Kind.QUEUED,
        campaign=read_text(first_value((own, listed.get("id")))),
        campaign_name=read_text(listed.get("name")),
        audience=read_text(read_object(data.get("mailing-list")).get("address")),
        subject=read_text(headers.get("subject")),
        tags=read_texts(data.get("tags")),
        message_id=f"<{message.strip('<>')}>" if message else "",
        recipient=address(first_value((data.get("recipient"), headers.get("to")))),
        url=read_text(data.get("url")),
        user_agent=read_text(client.get("user-agent")),
        machine=bool(read_text(client.get("bot"))),
        country=read_text(place.get("country")),
        city=read_text(place.get("city")),
        test=read_flag(read_object(data.get("flags")).get("is-test-mode")),
        bounce_class=_bounce_class(kind),
        reject_reason=_reject_reason(kind, data),
        reason=name if kind is Kind.OTHER else _words(data),
    ).fact()


def _kind(name: str, data: JsonObject) -> Kind:
    if name != "failed":
        return KINDS.get(name, Kind.OTHER)
    if read_text(data.get("severity")) == "temporary":
        return Kind.DEFERRED
    # A suppressed address was not even tried.
    return Kind.REJECTED if read_text(data.get("reason")).startswith("suppress-") else Kind.BOUNCED


def _bounce_class(kind: Kind) -> BounceClass | None:
    return {Kind.BOUNCED: BounceClass.HARD, Kind.DEFERRED: BounceClass.SOFT}.get(kind)


def _reject_reason(kind: Kind, data: JsonObject) -> RejectReason | None:
    if kind not in (Kind.DEFERRED, Kind.BOUNCED, Kind.REJECTED):
        return None
    return REASONS.get(read_text(data.get("reason")), RejectReason.OTHER)


def _words(data: JsonObject) -> str:
    status, reject = read_object(data.get("delivery-status")), read_object(data.get("reject"))
    return read_text(
        first_value((
            status.get("message"),
            status.get("description"),
            reject.get("reason"),
            reject.get("description"),
        ))
    )  # fmt: skip
