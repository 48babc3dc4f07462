"""SendGrid's event webhook: a list of events, signed with an elliptic curve key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from bilan.sdk import (
    DictionaryColumn,
    FactColumns,
    JsonObject,
    Settings,
    TableBatch,
    Unauthenticated,
    WebhookRequest,
    check_age,
    digest,
    each,
    first_value,
    item_batch,
    json_body,
    json_items,
    raw,
    read_flag,
    read_instants,
    read_text,
    read_texts,
    refusals,
    require_setting,
    zone_setting,
)
from bilan_email_campaigns.events import event_columns
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import EVENTS, BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.proofs import public_key

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

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[FactColumns]:
        """One fact an item of the list."""
        items = json_items(json_body(request))
        return (read(item_batch(items), settings),) if items else ()


def read(batch: TableBatch, settings: Settings) -> FactColumns:
    """One event an item."""

    def text(*fields: str) -> DictionaryColumn:
        return each(_first_text, *map(batch.column, fields))

    objects = batch.pick(range(len(batch.readable)))
    items = DictionaryColumn(objects, range(len(objects)))
    names, makers = each(named, batch.column("event")), each(_check_maker, items)
    moments = read_instants(batch.column("timestamp"), zone_setting(settings))
    refused = refusals(names, makers, moments)
    kinds, event_ids, reasons = each(_kind, names), text("sg_event_id"), text("reason")
    columns = {
        "fact_id": event_ids,
        "event_id": event_ids,
        "occurred_at": moments,
        "kind": kinds,
        "send": each(_is_send, kinds),
        "campaign": text(
            settings.get("campaign_field") or "campaign", "singlesend_id", "marketing_campaign_id"
        ),
        "campaign_name": text("singlesend_name", "marketing_campaign_name"),
        "canvas": text("mc_auto_id"),
        "canvas_name": text("mc_auto_name"),
        "step": text("mc_auto_step_id"),
        "subject": text("subject"),
        "tags": each(read_texts, batch.column("category")),
        # The open and click events carry no "smtp-id", so it cannot name the message.
        "message_id": text("anymail_id", "sg_message_id", "smtp-id"),
        "recipient": each(address, batch.column("email")),
        "url": text("url"),
        "user_agent": text("useragent"),
        "machine": each(read_flag, batch.column("sg_machine_open")),
        "bounce_class": each(_bounce_class, kinds, text("type")),
        "reject_reason": each(_reject_reason, kinds, reasons),
        "reason": each(_reason, kinds, names, text("reason", "response")),
    }
    if "" in event_ids.dictionary:
        columns["fact_id"] = each(_fact_id, names, makers, moments, event_ids, items)
    return FactColumns(EVENTS, event_columns(columns), batch.readable, batch.rejects(refused, raw))


def _first_text(*values: Any) -> str:
    return read_text(values[0] if len(values) == 1 else first_value(values))


def _check_maker(item: JsonObject) -> None:
    check_maker(item, MARKS, "SendGrid")


def _kind(name: str) -> str:
    return str(KINDS.get(name, Kind.OTHER))


def _is_send(kind: str) -> bool:
    return kind == Kind.QUEUED


def _fact_id(_name: str, _maker: None, _at: datetime | None, event_id: str, item: JsonObject) -> str:
    return event_id or digest(item)


def _reason(kind: str, name: str, said: str) -> str:
    return name if kind == Kind.OTHER else said


def _bounce_class(kind: str, word: str) -> str:
    if kind == Kind.BOUNCED:
        # "blocked" is what the service calls a message refused for now.
        return str(BounceClass.SOFT if word == "blocked" else BounceClass.HARD)
    return str(BounceClass.SOFT) if kind == Kind.DEFERRED else ""


def _reject_reason(kind: str, word: str) -> str:
    return str(DROPPED.get(word.strip().lower(), RejectReason.OTHER)) if kind == Kind.REJECTED else ""


def _public_key(written: str) -> EllipticCurvePublicKey:
    key = public_key(written)
    if not isinstance(key, EllipticCurvePublicKey):
        raise Unauthenticated(
            _("The verification key is unusable; copy it again from the service's page."), ("public_key",)
        )
    return key
