"""The WhatsApp Cloud API: one post holds changes of any number of an app, proven by its secret."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from bilan.sdk import (
    Fact,
    HmacSignature,
    Invalid,
    JsonObject,
    Reject,
    Reply,
    Settings,
    Unauthenticated,
    Unreadable,
    WebhookRequest,
    equal_secrets,
    json_body,
    raw,
    read_object,
    read_text,
    require_setting,
)
from bilan_whatsapp_inbox.button.datasets import with_references
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.webhooks.cloud_items import WebhookChange, read_items

SIGNATURE = HmacSignature("x-hub-signature-256", setting="app_secret")


class WhatsAppCloud:
    """Implements :class:`bilan.sdk.HandshakeWebhook` and :class:`bilan.sdk.RoutedWebhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The signature covers the body as it came."""
        SIGNATURE(request, settings)

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        """The challenge, for whoever knows the verify token."""
        if request.query.get("hub.mode") != "subscribe":
            return None
        wanted = require_setting(settings, "verify_token", _("verify token"))
        if not equal_secrets(request.query.get("hub.verify_token", ""), wanted):
            raise Unauthenticated(_("The verify token is missing or wrong."))
        return Reply(request.query.get("hub.challenge", ""))

    def split(self, request: WebhookRequest) -> Mapping[str, bytes]:
        """The changes of each number, by its id."""
        body = json_body(request)
        parts = dict[str, list[Any]]()
        for entry in _entries(body):
            changes = dict[str, list[Any]]()
            for change in _changes(entry):
                changes.setdefault(_number_of(change), []).append(change)
            for number, found in changes.items():
                parts.setdefault(number, []).append({**entry, "changes": found})
            if not changes:
                parts.setdefault("", []).append(entry)
        if len(parts) < 2:
            return {next(iter(parts), ""): request.body}
        return {number: json.dumps({**body, "entry": found}).encode() for number, found in parts.items()}

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """A row of the log for each message, status and whatever else stands in the changes."""
        found = _facts(json_body(request), read_text(settings.get("phone_number_id")).strip())
        return with_references(_numbered(found))


Found = Fact | tuple[Unreadable, Any]


def _numbered(found: Iterator[Found]) -> Iterator[Fact | Reject]:
    for number, item in enumerate(found, start=1):
        yield item if isinstance(item, Fact) else Reject(number, item[0].message, raw(item[1]))


def _facts(body: Any, wanted: str) -> Iterator[Found]:
    for entry in _entries(body):
        changes = _changes(entry)
        if not changes:
            yield Unreadable(_("This entry holds no changes.")), entry
        for change in changes:
            number = _number_of(change)
            if not isinstance(change, dict):
                yield Unreadable(_("This item is no object.")), change
            elif wanted and number and number != wanted:
                yield _foreign(number), change
            else:
                yield from _read(WebhookChange.of(entry, change))


def _read(change: WebhookChange) -> Iterator[Found]:
    for item, read in read_items(change):
        try:
            if not isinstance(item, dict):
                raise Unreadable(_("This item is no object."))
            yield read(item, change).fact()
        except Unreadable as error:
            yield error, item


def _foreign(number: str) -> Unreadable:
    return Unreadable(
        _(
            "This is about the number with the id {number}, which no source of this app has.",
            number=number[:80],
        )
    )


def _entries(body: Any) -> list[Any]:
    """The entries of a post. Raises ``Invalid`` for what is none of the service's."""
    entries = body.get("entry") if isinstance(body, dict) else None
    if not isinstance(entries, list):
        raise Invalid(_("The body is no post of the WhatsApp Cloud API, which has a list “entry”."))
    return entries


def _changes(entry: Any) -> list[Any]:
    changes = entry.get("changes") if isinstance(entry, dict) else None
    return changes if isinstance(changes, list) else []


def _number_of(change: Any) -> str:
    """The id of the number that a change is about; empty where it is about none."""
    value: JsonObject = read_object(change.get("value")) if isinstance(change, dict) else {}
    return read_text(read_object(value.get("metadata")).get("phone_number_id")).strip()
