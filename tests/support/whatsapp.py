"""Recorded posts of the WhatsApp Cloud API, and rows of the log as tests write them down."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bilan.sdk import Fact, Reject, Row, Settings, Webhook, WebhookRequest
from bilan_whatsapp_inbox.entries import Entry
from bilan_whatsapp_inbox.sample import DATA
from bilan_whatsapp_inbox.vocabulary import Direction, Kind
from bilan_whatsapp_inbox.webhooks.whatsapp_cloud import WhatsAppCloud

RECEIVED_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""Monday, 2 March 2026, nine o'clock."""
APP_SECRET = "the secret of the app"


@dataclass(frozen=True)
class Case:
    """A recorded post and the facts that stand in it."""

    file: str
    body: bytes
    facts: list[dict[str, Any]]


def cases() -> list[Case]:
    """The recorded posts, in the order of their list."""
    folder = DATA / "webhooks"
    listed = json.loads((folder / "expected.json").read_text())["cases"]
    return [Case(one["file"], (folder / one["file"]).read_bytes(), one["facts"]) for one in listed]


def recorded(again: int = 4, apart: timedelta = timedelta(hours=36)) -> list[Row]:
    """The rows of the recorded posts, sent so often, to make a stream of one contact.

    Each time with ids of their own and so much later.
    """
    found: list[Row] = []
    for turn in range(again):
        for number, case in enumerate(cases()):
            body = json.loads(case.body)
            _move(body, int(turn * apart.total_seconds()), f"{number}.{turn}")
            found += read(WhatsAppCloud(), body)[0]
    return found


def _move(body: Any, seconds: int, ident: str) -> None:
    """Shift the times of a post and give its messages other ids, the same for what belongs together."""
    for entry in body["entry"]:
        for change in entry["changes"]:
            for items in change["value"].values():
                for item in items if isinstance(items, list) else ():
                    if "timestamp" in item:
                        item["timestamp"] = str(int(item["timestamp"]) + seconds)
                    if "id" in item and "status" not in item:
                        item["id"] += ident


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    """The header by which Meta proves a post."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def request(body: Any, **headers: str) -> WebhookRequest:
    """A post with this content."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return WebhookRequest(content, named, {}, "application/json", RECEIVED_AT)


def read(webhook: Webhook, body: Any, settings: Settings | None = None) -> tuple[list[Row], list[Reject]]:
    """The rows and the rejects of a post."""
    found = list(webhook.parse(request(body), settings or {}))
    rows = [one.row for one in found if isinstance(one, Fact)]
    return rows, [one for one in found if isinstance(one, Reject)]


def change(value: Any, field: str = "messages", **entry: Any) -> dict[str, Any]:
    """A post of the Cloud API with one change."""
    inside = {"id": "account", **entry, "changes": [{"field": field, "value": value}]}
    return {"object": "whatsapp_business_account", "entry": [inside]}


def about(number: str, **value: Any) -> dict[str, Any]:
    """What a change says about a number, with items."""
    return {"metadata": {"display_phone_number": f"33{number}", "phone_number_id": number}, **value}


def row(kind: Kind, hours: float, ident: str = "", **values: Any) -> Row:
    """A row of the log, so many hours after the start; of one contact where nothing else is said."""
    at = START + timedelta(hours=hours)
    ident = ident or f"{kind.value} at {hours}"
    named: dict[str, Any] = {"contact_phone": "33612345678", **values}
    return Entry(fact_id=ident, occurred_at=at, kind=kind, **named).fact().row


def wrote(hours: float, ident: str = "", **values: Any) -> Row:
    """A message of the contact."""
    ident = ident or f"in {hours}"
    named = {"direction": Direction.IN, "type": "text", "message_id": ident, **values}
    return row(Kind.MESSAGE, hours, ident, **named)


def replied(hours: float, ident: str = "", **values: Any) -> Row:
    """A message to the contact, of a person where nothing else is said."""
    ident = ident or f"out {hours}"
    named = {"direction": Direction.OUT, "type": "text", "message_id": ident, **values}
    return row(Kind.MESSAGE, hours, ident, **named)


def became(hours: float, message: str, status: str, **values: Any) -> Row:
    """A status of a message to the contact."""
    named = {"direction": Direction.OUT, "message_id": message, "about": message, "status": status, **values}
    return row(Kind.STATUS, hours, f"{message} {status} {hours}", **named)
