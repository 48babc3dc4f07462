"""Braze Currents: events of six channels, flat as in storage or wrapped as posted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from bilan.sdk import (
    Fact,
    JsonObject,
    digest,
    first_value,
    read_flag,
    read_instant,
    read_object,
    read_text,
    read_texts,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, MessageChannel

MESSAGES = "users.messages."
CHANNELS = {
    "email": MessageChannel.EMAIL,
    "pushnotification": MessageChannel.PUSH,
    "webpush": MessageChannel.WEB_PUSH,
    "inappmessage": MessageChannel.IN_APP,
    "webhook": MessageChannel.WEBHOOK,
    "sms": MessageChannel.SMS,
}
BROWSERS = frozenset({"web", "chrome", "firefox", "safari", "edge", "opera", "websafari", "web_push"})
"""The platforms that make a push notification a web push."""


class CurrentsEvent(NamedTuple):
    """What an event of a channel stands for."""

    kind: Kind
    bounce_class: BounceClass | None = None


COMMON = {"Send": CurrentsEvent(Kind.SENT)}
PUSH = {
    **COMMON,
    "Open": CurrentsEvent(Kind.OPENED),
    "InfluencedOpen": CurrentsEvent(Kind.INFLUENCED_OPEN),
    "Bounce": CurrentsEvent(Kind.BOUNCED),
}
MEANINGS: Mapping[str, Mapping[str, CurrentsEvent]] = {
    MessageChannel.EMAIL: {
        **COMMON,
        "Delivery": CurrentsEvent(Kind.DELIVERED),
        "Open": CurrentsEvent(Kind.OPENED),
        "Click": CurrentsEvent(Kind.CLICKED),
        "Bounce": CurrentsEvent(Kind.BOUNCED, BounceClass.HARD),
        "SoftBounce": CurrentsEvent(Kind.BOUNCED, BounceClass.SOFT),
        "Deferral": CurrentsEvent(Kind.DEFERRED, BounceClass.SOFT),
        "MarkAsSpam": CurrentsEvent(Kind.COMPLAINED),
        "Unsubscribe": CurrentsEvent(Kind.UNSUBSCRIBED),
    },
    MessageChannel.PUSH: PUSH,
    MessageChannel.WEB_PUSH: PUSH,
    MessageChannel.IN_APP: {
        "Impression": CurrentsEvent(Kind.IMPRESSION),
        "Click": CurrentsEvent(Kind.CLICKED),
    },
    MessageChannel.WEBHOOK: {**COMMON, "Failure": CurrentsEvent(Kind.ERROR)},
    MessageChannel.SMS: {
        **COMMON,
        "CarrierSend": CurrentsEvent(Kind.CARRIER_SENT),
        "Delivery": CurrentsEvent(Kind.DELIVERED),
        "DeliveryFailure": CurrentsEvent(Kind.FAILED),
        "Rejection": CurrentsEvent(Kind.REJECTED),
        "ShortLinkClick": CurrentsEvent(Kind.CLICKED),
    },
}
BUTTONS = {"0": Kind.BUTTON1_CLICK, "1": Kind.BUTTON2_CLICK}
"""In-app messages number their buttons from 0."""
BODY = "body"
NAMES = ("event_type", "event_name", "name")


def flat(item: JsonObject, event_type: str = "") -> JsonObject:
    """An event without its wrapping; its type from the item itself, else from where it was found."""
    whole = {**read_object(item.get("user")), **read_object(item.get("properties")), **item}
    said = next(
        (read_text(item.get(name)) for name in NAMES if read_text(item.get(name)).startswith("users.")), ""
    )
    return {**whole, "event_type": said or event_type}


def read(item: JsonObject, zone: ZoneInfo) -> Fact:
    """One flat event. Raises ``Unreadable`` where it cannot be told what happened."""
    name = named(item.get("event_type"))
    channel, word = _channel(name, item)
    meaning = MEANINGS.get(channel, {}).get(word, CurrentsEvent(Kind.OTHER))
    kind, button = _pressed(channel, meaning.kind, item)
    return Event(
        fact_id=read_text(item.get("id")) or digest(item),
        event_id=read_text(item.get("id")),
        occurred_at=read_instant(item.get("time"), zone),
        kind=kind,
        channel=channel,
        send=kind is Kind.SENT,
        recipient=_recipient(channel, item),
        url=read_text(first_value((item.get("url"), item.get("link_url")))),
        button=button,
        machine=read_flag(item.get("machine_open")) or read_flag(item.get("is_suspected_bot_click")),
        bounce_class=meaning.bounce_class,
        reason=_reason(kind, name, word if channel else "", item),
        user_agent=read_text(item.get("user_agent")),
        country=read_text(item.get("country")),
        city=read_text(item.get("city")),
        tags=read_texts(item.get("tags")),
        message_id=read_text(first_value((item.get("dispatch_id"), item.get("send_id")))),
        **_origin(item),
    ).fact()


def _channel(name: str, item: JsonObject) -> tuple[str, str]:
    """The channel and the event's own word; no channel for what is no message of the six."""
    if not name.startswith(MESSAGES):
        return "", ""
    written, _dot, word = name.removeprefix(MESSAGES).partition(".")
    channel = CHANNELS.get(written)
    if channel is MessageChannel.PUSH and read_text(item.get("platform")).lower() in BROWSERS:
        channel = MessageChannel.WEB_PUSH
    return (channel.value if channel else ""), word


def _pressed(channel: str, kind: Kind, item: JsonObject) -> tuple[Kind, str]:
    """What an open or a click was made on: a button, or the message itself."""
    if channel == MessageChannel.IN_APP and kind is Kind.CLICKED:
        button = read_text(item.get("button_id"))
        return BUTTONS.get(button, kind), button or BODY
    if channel in (MessageChannel.PUSH, MessageChannel.WEB_PUSH) and kind is Kind.OPENED:
        return kind, read_text(
            first_value((item.get("button_string"), item.get("button_action_type")))
        ) or BODY
    return kind, ""


def _recipient(channel: str, item: JsonObject) -> str:
    addresses = (item.get("email_address"),) if channel == MessageChannel.EMAIL else ()
    return address(first_value((*addresses, item.get("external_user_id"), item.get("user_id"))))


def _origin(item: JsonObject) -> dict[str, Any]:
    return {
        "campaign": read_text(item.get("campaign_id")),
        "campaign_name": read_text(item.get("campaign_name")),
        "canvas": read_text(item.get("canvas_id")),
        "canvas_name": read_text(item.get("canvas_name")),
        "variant": read_text(
            first_value((item.get("canvas_variation_id"), item.get("message_variation_id")))
        ),
        "variant_name": read_text(
            first_value((item.get("canvas_variation_name"), item.get("message_variation_name")))
        ),
        "step": read_text(item.get("canvas_step_id")),
        "step_name": read_text(item.get("canvas_step_name")),
    }


def _reason(kind: Kind, name: str, word: str, item: JsonObject) -> str:
    if kind is Kind.OTHER:
        return word or name
    said = ("bounce_reason", "error", "failure_reason", "provider_error_code", "deferral_reason")
    return read_text(first_value(item.get(each) for each in said))
