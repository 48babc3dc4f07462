"""What stands in a change of the WhatsApp Cloud API: messages, statuses, preferences and anything else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bilan.sdk import (
    JsonObject,
    Unreadable,
    digest,
    first_value,
    read_flag,
    read_instant,
    read_object,
    read_text,
)
from bilan_whatsapp_inbox.button.references import reference_in
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.values import bare, named, phone
from bilan_whatsapp_inbox.vocabulary import Direction, Kind


@dataclass(frozen=True, slots=True)
class WebhookChange:
    """A change and what it says of all its items: the account, the number and the contacts' names."""

    account: str
    time: Any
    field: str
    value: JsonObject

    @classmethod
    def of(cls, entry: JsonObject, change: JsonObject) -> WebhookChange:
        """A change of an entry."""
        value = read_object(change.get("value"))
        return cls(read_text(entry.get("id")), entry.get("time"), read_text(change.get("field")), value)

    def entry(self, fact_id: str, occurred_at: datetime, kind: Kind, contact: str, **values: Any) -> Entry:
        """A row of the log with what the change says of all its items."""
        number = read_object(self.value.get("metadata"))
        return Entry(
            fact_id=fact_id,
            occurred_at=occurred_at,
            kind=kind,
            contact_phone=phone(contact),
            contact_name=self._name_of(contact),
            number=phone(number.get("display_phone_number")),
            phone_number_id=read_text(number.get("phone_number_id")),
            account=self.account,
            **values,
        )

    def _name_of(self, contact: str) -> str:
        for one in map(read_object, _list(self.value.get("contacts"))):
            if contact and contact in (read_text(one.get("wa_id")), read_text(one.get("user_id"))):
                return read_text(read_object(one.get("profile")).get("name"))
        return ""


Read = Callable[[JsonObject, WebhookChange], Entry]


def read_items(change: WebhookChange) -> Iterator[tuple[Any, Read]]:
    """The items of a change, each with what reads it; the change itself where none of them is known."""
    found = [(item, read) for name, read in ITEMS.items() for item in _list(change.value.get(name))]
    yield from found or [(change.value, read_other)]


def read_message(item: JsonObject, change: WebhookChange) -> Entry:
    """A message of a contact."""
    contact = read_text(first_value((item.get("from"), item.get("from_user_id"))))
    return _message(item, change, contact, Direction.IN)


def read_echo(item: JsonObject, change: WebhookChange) -> Entry:
    """A message that a person sent from the app on their telephone."""
    contact = read_text(first_value((item.get("to"), item.get("to_user_id"))))
    return _message(item, change, contact, Direction.OUT)


def _message(item: JsonObject, change: WebhookChange, contact: str, direction: Direction) -> Entry:
    kind = named(item.get("type"))
    ident, at = read_text(item.get("id")), read_instant(item.get("timestamp"), UTC)
    if not (ident or at or contact):
        raise bare(kind)
    if at is None or not contact:
        raise Unreadable(_("This message does not say when it was written, and with whom."))
    context, referral = read_object(item.get("context")), read_object(item.get("referral"))
    inner = read_object(item.get(kind))
    return change.entry(
        ident or digest(item),
        at,
        Kind.MESSAGE,
        contact,
        direction=direction,
        type=kind,
        subtype=read_text(inner.get("type")),
        new_phone=phone(first_value((inner.get("wa_id"), inner.get("new_wa_id")))),
        message_id=ident,
        reply_to=read_text(context.get("id")),
        forwarded=read_flag(context.get("forwarded")) or read_flag(context.get("frequently_forwarded")),
        error_codes=_codes(item),
        referral_type=read_text(referral.get("source_type")),
        referral_id=read_text(referral.get("source_id")),
        referral_url=read_text(referral.get("source_url")),
        referral_headline=read_text(referral.get("headline")),
        referral_body=read_text(referral.get("body")),
        referral_media=read_text(referral.get("media_type")),
        click_id=read_text(referral.get("ctwa_clid")),
        reference=reference_in(read_text(inner.get("body"))) if direction is Direction.IN else "",
    )


def read_status(item: JsonObject, change: WebhookChange) -> Entry:
    """What became of a message that was sent, which the service tells of by these alone."""
    status = named(item.get("status"))
    message, at = read_text(item.get("id")), read_instant(item.get("timestamp"), UTC)
    contact = read_text(first_value((item.get("recipient_id"), item.get("recipient_user_id"))))
    if not (message or at or contact):
        raise bare(status)
    if at is None or not message or not contact:
        raise Unreadable(_("This status does not say when it was reached, by which message, and to whom."))
    window, pricing = read_object(item.get("conversation")), read_object(item.get("pricing"))
    return change.entry(
        digest([message, status, at.isoformat()]),
        at,
        Kind.STATUS,
        contact,
        direction=Direction.OUT,
        status=status,
        message_id=message,
        about=message,
        error_codes=_codes(item),
        window=read_text(window.get("id")),
        window_origin=read_text(read_object(window.get("origin")).get("type")),
        window_expires_at=read_instant(window.get("expiration_timestamp"), UTC),
        billable=read_flag(pricing["billable"]) if "billable" in pricing else None,
        pricing_category=read_text(pricing.get("category")),
        tracker=read_text(item.get("biz_opaque_callback_data")),
    )


def read_preference(item: JsonObject, change: WebhookChange) -> Entry:
    """Whether a contact wants messages of a category."""
    category, at = named(item.get("category")), read_instant(item.get("timestamp"), UTC)
    contact = read_text(first_value((item.get("wa_id"), item.get("user_id"))))
    if not (at or contact):
        raise bare(category)
    if at is None or not contact:
        raise Unreadable(_("This preference does not say whose it is, and since when."))
    return change.entry(
        digest([contact, category, item.get("value"), at.isoformat()]),
        at,
        Kind.PREFERENCE,
        contact,
        type=category,
        status=read_text(item.get("value")),
    )


def read_other(item: JsonObject, change: WebhookChange) -> Entry:
    """What the service tells besides, kept under its name: of templates, accounts, calls and groups."""
    name = named(change.field)
    at = read_instant(first_value((item.get("timestamp"), change.time)), UTC)
    if at is None or not item:
        raise bare(name)
    return change.entry(
        digest([change.account, name, at.isoformat(), item]),
        at,
        Kind.OTHER,
        read_text(first_value((item.get("from"), item.get("wa_id")))),
        type=name,
        subtype=read_text(item.get("event")),
        error_codes=_codes(item),
    )


def read_error(item: JsonObject, change: WebhookChange) -> Entry:
    """What went wrong at the service, without a message that it belongs to."""
    return read_other({"errors": [item], "timestamp": item.get("timestamp")}, change)


ITEMS: dict[str, Read] = {
    "messages": read_message,
    "statuses": read_status,
    "message_echoes": read_echo,
    "user_preferences": read_preference,
    "errors": read_error,
}


def _codes(item: JsonObject) -> list[str]:
    codes = (read_text(read_object(one).get("code")) for one in _list(item.get("errors")))
    return [code for code in codes if code]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
