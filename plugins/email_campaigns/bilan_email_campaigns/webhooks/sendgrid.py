"""SendGrid's event webhook: a list of events, signed with an elliptic curve key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    Unauthenticated,
    WebhookRequest,
    check_age,
    digest,
    first_value,
    json_body,
    json_items,
    read_each,
    read_flag,
    read_instant,
    read_text,
    read_texts,
    require_setting,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason

SIGNATURE = "x-twilio-email-event-webhook-signature"
TIMESTAMP = "x-twilio-email-event-webhook-timestamp"

KINDS = {
    "processed": Kind.QUEUED,
    "delivered": Kind.DELIVERED,
    "deferred": Kind.DEFERRED,
    "bounce": Kind.BOUNCED,
    "dropped": Kind.REJECTED,
    "open": Kind.OPENED,
    "click": Kind.CLICKED,
    "spamreport": Kind.COMPLAINED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "group_unsubscribe": Kind.UNSUBSCRIBED,
    "group_resubscribe": Kind.SUBSCRIBED,
}
MARKS = ("sg_event_id", "sg_message_id")
"""Every event of the service has one of these."""
DROPPED = {
    "invalid": RejectReason.INVALID,
    "unsubscribed address": RejectReason.UNSUBSCRIBED,
    "bounced address": RejectReason.BOUNCED,
    "spam reporting address": RejectReason.SPAM,
    "blocked": RejectReason.BLOCKED,
    "expired": RejectReason.TIMED_OUT,
}


class SendGrid:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the timestamp's header and the body as it came."""
        key = _public_key(require_setting(settings, "public_key", _("verification key")))
        signed_at = request.headers.get(TIMESTAMP, "")
        try:
            signature = base64.b64decode(request.headers.get(SIGNATURE, ""), validate=True)
            key.verify(signature, signed_at.encode() + request.body, ECDSA(SHA256()))
        except (InvalidSignature, binascii.Error, ValueError):
            raise Unauthenticated(_("The signature is missing or wrong.")) from None
        check_age(signed_at, request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an item of the list."""
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event."""
    name = named(item.get("event"))
    check_maker(item, MARKS, "SendGrid")
    kind = KINDS.get(name, Kind.OTHER)
    event_id = read_text(item.get("sg_event_id"))
    return Event(
        fact_id=event_id or digest(item),
        event_id=event_id,
        occurred_at=read_instant(item.get("timestamp"), zone_setting(settings)),
        kind=kind,
        send=kind is Kind.QUEUED,
        campaign=read_text(
            first_value(
                (
                    item.get(settings.get("campaign_field") or "campaign"),
                    item.get("singlesend_id"),
                    item.get("marketing_campaign_id"),
                )
            )
        ),
        campaign_name=read_text(
            first_value((item.get("singlesend_name"), item.get("marketing_campaign_name")))
        ),
        canvas=read_text(item.get("mc_auto_id")),
        canvas_name=read_text(item.get("mc_auto_name")),
        step=read_text(item.get("mc_auto_step_id")),
        subject=read_text(item.get("subject")),
        tags=read_texts(item.get("category")),
        # The open and click events carry no "smtp-id", so it cannot name the message.
        message_id=read_text(
            first_value((item.get("anymail_id"), item.get("sg_message_id"), item.get("smtp-id")))
        ),
        recipient=address(item.get("email")),
        url=read_text(item.get("url")),
        user_agent=read_text(item.get("useragent")),
        machine=read_flag(item.get("sg_machine_open")),
        bounce_class=_bounce_class(kind, read_text(item.get("type"))),
        reject_reason=_reject_reason(read_text(item.get("reason"))) if kind is Kind.REJECTED else None,
        reason=name
        if kind is Kind.OTHER
        else read_text(first_value((item.get("reason"), item.get("response")))),
    ).fact()


def _bounce_class(kind: Kind, word: str) -> BounceClass | None:
    if kind is Kind.BOUNCED:
        # "blocked" is what the service calls a message refused for now.
        return BounceClass.SOFT if word == "blocked" else BounceClass.HARD
    return BounceClass.SOFT if kind is Kind.DEFERRED else None


def _reject_reason(word: str) -> RejectReason:
    return DROPPED.get(word.strip().lower(), RejectReason.OTHER)


def _public_key(written: str) -> EllipticCurvePublicKey:
    try:
        if "BEGIN" in written:
            key = load_pem_public_key(written.encode())
        else:
            key = load_der_public_key(base64.b64decode(written, validate=True))
    except (ValueError, binascii.Error):
        key = None
    if not isinstance(key, EllipticCurvePublicKey):
        raise Unauthenticated(
            _("The verification key is unusable; copy it again from the service's page."), ("public_key",)
        )
    return key
