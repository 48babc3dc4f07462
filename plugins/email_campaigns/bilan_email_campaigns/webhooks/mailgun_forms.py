"""Mailgun's older posts: a form whose own fields and the sender's variables share one set of names.

Where both use a name, the event's own value comes first, and the signature's
three values come last.
"""

from __future__ import annotations

import json
from typing import Any

from bilan.sdk import (
    Fact,
    Reject,
    Settings,
    Unreadable,
    digest,
    first_value,
    raw,
    read_instant,
    read_object,
    read_text,
    read_texts,
    zone_setting,
)
from bilan_email_campaigns.events import Event
from bilan_email_campaigns.values import address, check_maker, named
from bilan_email_campaigns.vocabulary import BounceClass, Kind, RejectReason
from bilan_email_campaigns.webhooks.forms import Form

KINDS = {
    "delivered": Kind.DELIVERED,
    "dropped": Kind.REJECTED,
    "bounced": Kind.BOUNCED,
    "complained": Kind.COMPLAINED,
    "unsubscribed": Kind.UNSUBSCRIBED,
    "opened": Kind.OPENED,
    "clicked": Kind.CLICKED,
}
CODES = {
    "499": RejectReason.TIMED_OUT,
    "602": RejectReason.TIMED_OUT,
    "605": RejectReason.BOUNCED,
    "606": RejectReason.UNSUBSCRIBED,
    "607": RejectReason.SPAM,
}
SIGNED = ("token", "signature")
"""The fields that change when the same event is posted again."""
PROVING = ("timestamp", *SIGNED)
"""The fields that prove who posts; all that is read of a form before that is known."""


def signature(form: Form) -> tuple[str, str, str]:
    """Time, token and signature."""
    return _last(form, "timestamp"), _last(form, "token"), _last(form, "signature")


def read(form: Form, settings: Settings) -> Fact | Reject:
    """The event of a post."""
    try:
        return _event(form, settings).fact()
    except Unreadable as error:
        return Reject(1, error.message, raw(form))


def _event(form: Form, settings: Settings) -> Event:
    name = named(_first(form, "event"))
    kind = KINDS.get(name, Kind.OTHER)
    if kind is Kind.OTHER:
        check_maker(form, SIGNED, "Mailgun")
    headers = _headers(form)
    own = settings.get("campaign_field") or "campaign"
    variables = read_object(headers.get("x-mailgun-variables"))
    message = read_text(
        first_value((_first(form, "Message-Id"), _first(form, "message-id"), headers.get("message-id")))
    )
    return Event(
        fact_id=digest({key: values for key, values in form.items() if key not in SIGNED}),
        event_id=_last(form, "token"),
        occurred_at=read_instant(_last(form, "timestamp"), zone_setting(settings)),
        kind=kind,
        campaign=read_text(first_value((_first(form, own), variables.get(own), _first(form, "campaign-id")))),
        campaign_name=_first(form, "campaign-name"),
        audience=_first(form, "mailing-list"),
        subject=read_text(headers.get("subject")),
        tags=read_texts(form.get("tag", []), form.get("X-Mailgun-Tag", [])),
        message_id=f"<{message.strip('<>')}>" if message else "",
        recipient=address(_first(form, "recipient")),
        url=_first(form, "url"),
        user_agent=_first(form, "user-agent"),
        country=_first(form, "country"),
        city=_first(form, "city"),
        bounce_class=BounceClass.HARD if kind is Kind.BOUNCED else None,
        reject_reason=_reject_reason(form, kind),
        reason=name if kind is Kind.OTHER else _words(form),
    )


def _reject_reason(form: Form, kind: Kind) -> RejectReason | None:
    if kind is Kind.BOUNCED:
        return RejectReason.BOUNCED
    if kind is not Kind.REJECTED:
        return None
    return CODES.get(_first(form, "code"), RejectReason.OTHER)


def _words(form: Form) -> str:
    return read_text(
        first_value(_first(form, name) for name in ("error", "description", "notification", "reason"))
    )


def _headers(form: Form) -> dict[str, Any]:
    try:
        pairs = json.loads(_first(form, "message-headers") or "[]")
    except ValueError:
        return {}
    pairs = pairs if isinstance(pairs, list) else []
    return {
        read_text(pair[0]).lower(): pair[1] for pair in pairs if isinstance(pair, list) and len(pair) == 2
    }


def _first(form: Form, name: str) -> str:
    return next(iter(form.get(name, [])), "")


def _last(form: Form, name: str) -> str:
    return next(reversed(form.get(name, [])), "")
