"""Resend's webhooks: one event a post, signed by Svix with a key, an id and a time."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable, Iterator, Mapping

from bilan.sdk import (
    Fact,
    JsonObject,
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
    read_flag,
    read_instant,
    read_object,
    read_text,
    require_setting,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.textdomain import _
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
    SENT,
    SOFT_BOUNCE,
    UNSUBSCRIBED,
    Outcome,
    bounced,
    campaign_in,
    named_values,
    read_several,
    refuse_incoming,
    rejected,
)

ID, TIMESTAMP, SIGNATURE = "svix-id", "svix-timestamp", "svix-signature"
PREFIX = "whsec_"
SIGNATURES = 20
"""So many signatures of a post are looked at: one for each key that is in use."""

OUTCOMES: Mapping[str, Outcome] = {
    "email.scheduled": QUEUED,
    "email.sent": SENT,
    "email.delivered": DELIVERED,
    "email.delivery_delayed": DEFERRED,
    "email.opened": OPENED,
    "email.clicked": CLICKED,
    "email.bounced": HARD_BOUNCE,
    "email.bounced, Transient": SOFT_BOUNCE,
    "email.bounced, Undetermined": SOFT_BOUNCE,
    "email.bounced, suppressed": rejected(RejectReason.BLOCKED),
    "email.suppressed": rejected(RejectReason.BLOCKED),
    "email.failed": FAILED,
    "email.complained": COMPLAINED,
    "contact.created": OTHER,
    "contact.updated": OTHER,
    "contact.updated, unsubscribed": UNSUBSCRIBED,
    "contact.deleted": OTHER,
    "domain.created": OTHER,
    "domain.updated": OTHER,
    "domain.deleted": OTHER,
}
OF_ALL = frozenset({"email.scheduled", "email.sent", "email.delivered"})
"""Events that are about each recipient of a message; others of one to several do not say whose they are."""


class Resend:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """One of the signatures covers the post's id, its time and the body as it came."""
        key = _key(require_setting(settings, "signing_secret", _("signing secret")))
        signed_at = request.headers.get(TIMESTAMP, "")
        signed = f"{request.headers.get(ID, '')}.{signed_at}.".encode("utf-8", "replace") + request.body
        wanted = base64.b64encode(hmac.new(key, signed, "sha256").digest()).decode()
        given = request.headers.get(SIGNATURE, "").split()[:SIGNATURES]
        if not any(one.startswith("v1,") and equal_secrets(one[3:], wanted) for one in given):
            raise Unauthenticated(_("The signature is missing or wrong."))
        check_age(signed_at, request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """A fact of the event, or one for each recipient of a message that was sent to several."""
        return read_several(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Iterator[Fact]:
    """One event. A repeated post has the same content; its id and time are those of the post."""
    name = named(item.get("type"))
    # MailerSend's have the same shape, and say of which webhook they are.
    check_maker({} if "webhook_id" in item else item, ("data",), "Resend")
    if name == "email.received":
        refuse_incoming()
    data = read_object(item.get("data"))
    outcome = outcome_of(name, data)
    tags, click = named_values(data.get("tags")), read_object(data.get("click"))
    opened = read_object(data.get("open"))
    for recipient in _recipients(name, data):
        yield Event(
            fact_id=_identity(name, outcome, data, recipient) or digest(item),
            occurred_at=read_instant(item.get("created_at"), zone_setting(settings)),
            kind=outcome.kind,
            send=outcome.kind is Kind.SENT,
            campaign=campaign_in(settings, tags) or read_text(data.get("broadcast_id")),
            subject=read_text(data.get("subject")),
            audience=read_text(data.get("audience_id")),
            tags=[f"{key}={value}" for key, value in tags.items()],
            message_id=read_text(data.get("email_id")),
            recipient=recipient,
            url=read_text(click.get("link")),
            user_agent=read_text(first_value((click.get("userAgent"), opened.get("userAgent")))),
            bounce_class=outcome.bounce_class,
            reject_reason=outcome.reject_reason,
            reason=name if outcome.kind is Kind.OTHER else _words(data),
        ).fact()


def outcome_of(name: str, data: JsonObject) -> Outcome:
    """What the event stands for; a bounce by its type, and by its words where it is a suppression."""
    if name == "contact.updated" and read_flag(data.get("unsubscribed")):
        return OUTCOMES["contact.updated, unsubscribed"]
    if name != "email.bounced":
        return OUTCOMES.get(name, OTHER)
    bounce = read_object(data.get("bounce"))
    kind, part = read_text(bounce.get("type")), read_text(bounce.get("subType"))
    if "suppress" in part.lower() or "suppressed sending" in read_text(bounce.get("message")):
        return OUTCOMES["email.bounced, suppressed"]
    if part in ("ContentRejected", "AttachmentRejected"):
        return bounced(RejectReason.BLOCKED, BounceClass.SOFT)
    return OUTCOMES.get(f"email.bounced, {kind}", HARD_BOUNCE)


def _key(written: str) -> bytes:
    try:
        key = base64.b64decode(written.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not key:
        raise Unauthenticated(
            _("The signing secret is unusable; copy it again from the service's page."), ("signing_secret",)
        )
    return key


def _recipients(name: str, data: JsonObject) -> list[str]:
    written = data.get("to", data.get("email"))
    found = [address(one) for one in (written if isinstance(written, list) else [written])]
    found = list(dict.fromkeys(one for one in found if one))
    return found if found and (name in OF_ALL or len(found) == 1) else [""]


def _identity(name: str, outcome: Outcome, data: JsonObject, recipient: str) -> str:
    """What can happen to a message and its recipient only once, whatever post tells of it; else nothing."""
    if name in OF_ALL and read_text(data.get("email_id")):
        return digest([name, read_text(data.get("email_id")), recipient])
    if outcome is UNSUBSCRIBED and read_text(data.get("id")):
        # Every later change of the contact says once more that it has unsubscribed.
        return digest([name, read_text(data.get("id")), recipient])
    return ""


def _words(data: JsonObject) -> str:
    holders = [read_object(data.get(one)) for one in ("bounce", "failed", "suppressed", "delivery_delayed")]
    return read_text(first_value(one.get(key) for one in holders for key in ("message", "reason", "type")))
