"""Chatwoot's webhooks: messages and conversations of an inbox, signed with the webhook's secret."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from bilan.sdk import (
    Fact,
    JsonObject,
    Reject,
    Settings,
    Unauthenticated,
    Unreadable,
    WebhookRequest,
    check_age,
    digest,
    equal_secrets,
    first_value,
    json_body,
    json_items,
    raw,
    read_flag,
    read_instant,
    read_number,
    read_object,
    read_text,
    read_texts,
    require_setting,
)
from bilan_whatsapp_inbox.button.datasets import with_references
from bilan_whatsapp_inbox.button.references import reference_in
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.values import bare, named, phone
from bilan_whatsapp_inbox.vocabulary import Direction, Kind

SIGNATURE = "x-chatwoot-signature"
TIMESTAMP = "x-chatwoot-timestamp"
MESSAGES = frozenset({"message_created", "message_updated"})
CONVERSATIONS = frozenset(
    {
        "conversation_created",
        "conversation_updated",
        "conversation_status_changed",
        "conversation_resolved",
        "conversation_opened",
    }
)
DIRECTIONS = {
    "incoming": Direction.IN,
    "0": Direction.IN,
    "outgoing": Direction.OUT,
    "1": Direction.OUT,
    "template": Direction.OUT,
    "3": Direction.OUT,
}
"""By type of message; anything else, such as an activity, is no message."""
TEMPLATES = frozenset({"template", "3"})
PERSON = "user"


class Chatwoot:
    """Implements :class:`bilan.sdk.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the timestamp's header and the body as it came."""
        key = require_setting(settings, "secret", _("webhook secret"))
        signed_at = request.headers.get(TIMESTAMP, "")
        signed = signed_at.encode("utf-8", "replace") + b"." + request.body
        signature = request.headers.get(SIGNATURE, "").removeprefix("sha256=")
        if not equal_secrets(signature, hmac.new(key.encode(), signed, "sha256").hexdigest()):
            raise Unauthenticated(_("The signature is missing or wrong."))
        check_age(signed_at, request, settings)

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """A row for the message or the conversation, and one for a rating that came with it."""
        del settings
        return with_references(self._read(request))

    def _read(self, request: WebhookRequest) -> Iterator[Fact | Reject]:
        for number, item in enumerate(json_items(json_body(request)), start=1):
            try:
                if not isinstance(item, dict):
                    raise Unreadable(_("This item is no object."))
                entries = list(read_event(item))
            except Unreadable as error:
                yield Reject(number, error.message, raw(item))
                continue
            yield from (entry.fact() for entry in entries)


def read_event(item: JsonObject) -> Iterator[Entry]:
    """The rows that one post tells of."""
    name = named(item.get("event"))
    if name in MESSAGES:
        yield from _message(item, name)
    elif name in CONVERSATIONS:
        yield _conversation(item, name)
    else:
        at = _moment(item)
        if at is None or not item.get("id"):
            raise bare(name)
        yield Entry(fact_id=digest(item), occurred_at=at, kind=Kind.OTHER, type=name)


def _message(item: JsonObject, name: str) -> Iterator[Entry]:
    ident, at = read_text(item.get("id")), read_instant(item.get("created_at"), UTC)
    conversation, sender = read_object(item.get("conversation")), read_object(item.get("sender"))
    if not ident or at is None or not conversation:
        raise bare(name)
    direction = DIRECTIONS.get(read_text(item.get("message_type")))
    is_message = direction is not None and not read_flag(item.get("private"))
    by_person = read_text(sender.get("type")) == PERSON or bool(read_text(sender.get("email")))
    common: dict[str, Any] = {
        "contact_phone": _contact(conversation, sender if direction is Direction.IN else {}),
        "contact_name": _name(conversation, sender if direction is Direction.IN else {}),
        "conversation": _conversation_id(conversation),
        "message_id": ident,
    }
    yield Entry(
        fact_id=ident,
        occurred_at=at,
        kind=Kind.MESSAGE if is_message else Kind.OTHER,
        direction=direction if direction and is_message else "",
        type=read_text(item.get("content_type")) if is_message else _other_type(item),
        automated=direction is Direction.OUT and (not by_person or _is_automated(item)),
        agent=_agent(sender) if direction is Direction.OUT and by_person else "",
        tags=read_texts(conversation.get("labels")),
        reply_to=read_text(read_object(item.get("content_attributes")).get("in_reply_to")),
        reference=reference_in(read_text(item.get("content"))) if direction is Direction.IN else "",
        **common,
    )
    values = read_object(read_object(item.get("content_attributes")).get("submitted_values"))
    answer = read_object(values.get("csat_survey_response"))
    if answer:
        rated_at = read_instant(item.get("updated_at"), UTC) or at
        rating = read_number(answer.get("rating"))
        yield Entry(
            fact_id=f"{ident} rated", occurred_at=rated_at, kind=Kind.RATED, rating=rating,
            about=ident, **common,
        )  # fmt: skip


def _is_automated(item: JsonObject) -> bool:
    attributes = read_object(item.get("content_attributes"))
    by_rule = bool(attributes.get("automation_rule_id"))
    return by_rule or read_text(item.get("message_type")) in TEMPLATES


def _other_type(item: JsonObject) -> str:
    return "private_note" if read_flag(item.get("private")) else read_text(item.get("message_type"))


def _conversation(item: JsonObject, name: str) -> Entry:
    ident, at = _conversation_id(item), _moment(item)
    if not ident or at is None:
        raise bare(name)
    status = read_text(item.get("status"))
    meta = read_object(item.get("meta"))
    return Entry(
        fact_id=digest([name, ident, status, at.isoformat(), item.get("labels"), meta.get("assignee")]),
        occurred_at=at,
        kind=_kind(name, status),
        status=status,
        contact_phone=_contact(item, {}),
        contact_name=_name(item, {}),
        conversation=ident,
        agent=_agent(read_object(meta.get("assignee"))),
        tags=read_texts(item.get("labels")),
    )


def _kind(name: str, status: str) -> Kind:
    if name == "conversation_updated":
        return Kind.UPDATED
    if name == "conversation_created":
        return Kind.OPENED
    return Kind.CLOSED if status == "resolved" or name == "conversation_resolved" else Kind.OPENED


def _moment(item: JsonObject) -> datetime | None:
    """When a conversation became what the post says; a new one when it was made."""
    names = ("updated_at", "timestamp", "last_activity_at", "created_at")
    return read_instant(first_value(item.get(name) for name in names), UTC)


def _conversation_id(conversation: JsonObject) -> str:
    return read_text(first_value((conversation.get("display_id"), conversation.get("id"))))


def _contact(conversation: JsonObject, sender: JsonObject) -> str:
    """The contact's phone number, else what Chatwoot knows them by."""
    known = read_object(read_object(conversation.get("meta")).get("sender"))
    for key in ("phone_number", "identifier", "email"):
        if found := phone(first_value((known.get(key), sender.get(key)))):
            return found
    ident = read_text(first_value((known.get("id"), sender.get("id"))))
    return f"contact {ident}" if ident else ""


def _name(conversation: JsonObject, sender: JsonObject) -> str:
    known = read_object(read_object(conversation.get("meta")).get("sender"))
    return read_text(first_value((known.get("name"), sender.get("name"))))


def _agent(person: JsonObject) -> str:
    return read_text(first_value((person.get("email"), person.get("name"), person.get("available_name"))))
