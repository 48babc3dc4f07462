"""Events of any inbox as plain JSON: one object or a list of them, proven by a secret."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    Unreadable,
    WebhookRequest,
    check_secret,
    digest,
    first_value,
    json_body,
    json_items,
    read_each,
    read_flag,
    read_instant,
    read_number,
    read_text,
    read_texts,
    zone_setting,
)
from bilan_whatsapp_inbox.button.datasets import with_references
from bilan_whatsapp_inbox.button.references import reference_in
from bilan_whatsapp_inbox.button.told import CLICKED, told_click
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.values import bare, named, phone
from bilan_whatsapp_inbox.vocabulary import Direction, Kind

EVENTS = {kind.value: kind for kind in Kind if kind is not Kind.OTHER}
DIRECTIONS = {
    word: direction
    for direction, words in (
        (Direction.IN, ("in", "inbound", "incoming", "received", "entrant", "reçu")),
        (Direction.OUT, ("out", "outbound", "outgoing", "sent", "sortant", "envoyé")),
    )
    for word in words
}
"""What inboxes call them, in English and French."""
SAID = ("id", "message_id", "contact", "conversation", "occurred_at")
"""What an event has besides its name; one with none of these says nothing."""


class InboxEvents:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The secret, as a bearer token or in a header."""
        check_secret(request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """One fact an event."""
        items = json_items(json_body(request))
        return with_references(read_each(items, lambda item: _fact(item, settings)))


def _fact(item: JsonObject, settings: Settings) -> Fact:
    if read_text(item.get("event")).strip().lower() == CLICKED:
        return told_click(item, zone_setting(settings))
    return read_event(item, settings).fact()


def read_event(item: JsonObject, settings: Settings) -> Entry:
    """One event."""
    name = named(item.get("event")).lower()
    if first_value(item.get(key) for key in SAID) is None:
        raise bare(name)
    zone = zone_setting(settings)
    at = read_instant(item.get("occurred_at"), zone)
    contact, conversation = phone(item.get("contact")), read_text(item.get("conversation")).strip()
    if at is None:
        raise Unreadable(_("This event does not say when it happened (“occurred_at”)."))
    if not contact and not conversation:
        raise Unreadable(_("This event names neither a “contact” nor a “conversation”."))
    kind = EVENTS.get(name, Kind.OTHER)
    ident = read_text(item.get("id")).strip()
    message = read_text(first_value((item.get("message_id"), ident if kind is Kind.MESSAGE else "")))
    if kind is Kind.STATUS and not message:
        raise Unreadable(_("This status does not say of which message it is (“message_id”)."))
    _check_needed(item, kind)
    direction = _direction(item, kind)
    return Entry(
        fact_id=_fact_id(name, ident, kind) if ident else digest(item),
        occurred_at=at,
        kind=kind,
        direction=direction,
        type=name if kind is Kind.OTHER else read_text(item.get("type")),
        status=read_text(item.get("status")),
        automated=read_flag(item.get("automated")),
        contact_phone=contact,
        contact_name=read_text(item.get("contact_name")),
        number=phone(item.get("number")),
        conversation=conversation,
        message_id=message,
        about=message if kind is Kind.STATUS else "",
        reply_to=read_text(item.get("reply_to")),
        agent=read_text(item.get("agent")).strip(),
        tags=read_texts(item.get("tags")),
        contact_tags=read_texts(item.get("contact_tags")),
        rating=read_number(item.get("rating")),
        opened_at=read_instant(item.get("opened_at"), zone),
        closed_at=read_instant(item.get("closed_at"), zone),
        error_codes=read_texts(item.get("error_codes")),
        reference=reference_in(read_text(item.get("text"))) if direction is Direction.IN else "",
    )


def _check_needed(item: JsonObject, kind: Kind) -> None:
    """Raise ``Unreadable`` where nothing is rated, and for tags by another name, which would clear them."""
    if kind is Kind.RATED and item.get("rating") is None:
        missing = "rating"
    elif kind is Kind.TAGGED and "tags" not in item and "contact_tags" not in item:
        missing = "tags"
    else:
        return
    raise Unreadable(
        _("An event “{event}” says “{field}”, which this one lacks.", event=kind.value, field=missing)
    )


def _fact_id(name: str, ident: str, kind: Kind) -> str:
    """The id of a message as it is; of other events with their name, as inboxes count each for itself."""
    return ident if kind is Kind.MESSAGE else f"{name} {ident}"


def _direction(item: JsonObject, kind: Kind) -> Direction | str:
    written = read_text(item.get("direction")).strip().lower()
    known = DIRECTIONS.get(written)
    if kind is Kind.STATUS:
        return Direction.OUT
    if kind is Kind.MESSAGE and known is None:
        raise Unreadable(_("The direction of a message is “in” or “out”, not “{value}”.", value=written[:80]))
    return known or ""
