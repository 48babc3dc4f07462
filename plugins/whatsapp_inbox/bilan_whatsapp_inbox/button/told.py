"""Clicks that another program counted and tells of, in the format of other inboxes."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from bilan.sdk import Fact, JsonObject, Unreadable, digest, read_instant, read_text
from bilan_whatsapp_inbox.button.datasets import CLICK
from bilan_whatsapp_inbox.button.following import LONGEST, UTM
from bilan_whatsapp_inbox.button.visitors import host_of
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import BUTTON_LOG

CLICKED = "clicked"


def told_click(item: JsonObject, zone: ZoneInfo) -> Fact:
    """The click. Without a reference it is one that leads to no conversation."""
    at, button = read_instant(item.get("occurred_at"), zone), _short(item.get("button"))
    if at is None:
        raise Unreadable(_("This event does not say when it happened (“occurred_at”)."))
    if not button:
        raise Unreadable(_("This click does not say on which button (“button”)."))
    ident = read_text(item.get("id")).strip() or digest(item)
    return Fact(
        BUTTON_LOG,
        {
            "occurred_at": at,
            "kind": CLICK,
            "reference": read_text(item.get("reference")).strip().removeprefix("#").upper() or ident,
            "button": button,
            "referrer": host_of(read_text(item.get("referrer"))),
            **{name: _short(item.get(name)) for name in UTM},
            "fact_id": f"{CLICK} {ident}",
        },
    )


def _short(value: object) -> str:
    return " ".join(read_text(value).split())[:LONGEST]
