"""Postal's webhooks: one event a post, signed with the key of one's own Postal server."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, HashAlgorithm

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    Unauthenticated,
    WebhookRequest,
    digest,
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
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.outcomes import (
    CLICKED,
    DEFERRED,
    DELIVERED,
    HARD_BOUNCE,
    OPENED,
    OTHER,
    QUEUED,
    Outcome,
    bounced,
    refuse_incoming,
    rejected,
)
from bilan_email_campaigns.webhooks.proofs import public_key

SIGNATURE, SIGNATURE_256 = "x-postal-signature", "x-postal-signature-256"
OUTCOMES: Mapping[str, Outcome] = {
    "MessageSent": DELIVERED,
    "MessageDelayed": DEFERRED,
    "MessageDeliveryFailed": HARD_BOUNCE,
    "MessageDeliveryFailed, after all attempts": bounced(RejectReason.TIMED_OUT, BounceClass.SOFT),
    "MessageHeld": QUEUED,
    "MessageHeld, suppressed": rejected(RejectReason.BLOCKED),
    # Whether another try can succeed is not said.
    "MessageBounced": bounced(RejectReason.BOUNCED, None),
    "MessageLinkClicked": CLICKED,
    "MessageLoaded": OPENED,
    "DomainDNSError": OTHER,
    "SendLimitApproaching": OTHER,
    "SendLimitExceeded": OTHER,
}


class Postal:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the body as it came: the newer one where there is any, else the older one."""
        key = public_key(require_setting(settings, "public_key", _("public key")))
        if not isinstance(key, RSAPublicKey):
            raise Unauthenticated(
                _("The public key is unusable; copy it again from the service's page."), ("public_key",)
            )
        newer = request.headers.get(SIGNATURE_256, "")
        # Postal before 3.0 has the older one alone.
        algorithm: HashAlgorithm = SHA256() if newer else SHA1()  # noqa: S303
        try:
            signature = base64.b64decode(newer or request.headers.get(SIGNATURE, ""), validate=True)
            key.verify(signature, request.body, PKCS1v15(), algorithm)
        except (InvalidSignature, binascii.Error, ValueError):
            raise Unauthenticated(_("The signature is missing or wrong.")) from None

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The one fact of the post."""
        return read_each(json_items(json_body(request)), lambda item: read(item, settings))


def read(item: JsonObject, settings: Settings) -> Fact:
    """One event."""
    name = named(item.get("event"))
    check_maker(item, ("payload",), "Postal")
    payload = read_object(item.get("payload"))
    message = read_object(first_value((payload.get("message"), payload.get("original_message"))))
    if read_text(message.get("direction")) == "incoming":
        refuse_incoming()
    outcome = outcome_of(name, payload)
    number, tag = read_text(item.get("uuid")), read_text(message.get("tag"))
    said = (payload.get("output"), payload.get("details"), read_object(payload.get("bounce")).get("subject"))
    return Event(
        fact_id=number or digest(item),
        event_id=number,
        occurred_at=read_instant(
            first_value((item.get("timestamp"), payload.get("timestamp"))), zone_setting(settings)
        ),
        kind=outcome.kind,
        # The one word that a sender can give a message.
        campaign=tag,
        tags=read_texts(tag),
        subject=read_text(message.get("subject")),
        message_id=read_text(message.get("message_id")),
        recipient=address(message.get("to")),
        url=read_text(payload.get("url")),
        user_agent=read_text(payload.get("user_agent")),
        bounce_class=outcome.bounce_class,
        reject_reason=outcome.reject_reason,
        reason=name if outcome.kind is Kind.OTHER else read_text(first_value(said)),
    ).fact()


def outcome_of(name: str, payload: JsonObject) -> Outcome:
    """What the event stands for; why a message is held or given up stands in its details."""
    details = read_text(payload.get("details")).lower()
    if name == "MessageHeld" and "suppression list" in details:
        return OUTCOMES["MessageHeld, suppressed"]
    if name == "MessageDeliveryFailed" and "maximum number of delivery attempts" in details:
        return OUTCOMES["MessageDeliveryFailed, after all attempts"]
    return OUTCOMES.get(name, OTHER)
