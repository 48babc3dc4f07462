"""Mailchimp's webhooks of an audience: a form for each thing that happened to a member.

Mailchimp signs nothing: its documentation asks for a secret in the address
itself, which it calls by GET once, before it saves it. Times have no zone and
are in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from bilan.sdk import (
    Fact,
    Invalid,
    Reject,
    Reply,
    Settings,
    Unauthenticated,
    Unreadable,
    WebhookRequest,
    equal_secrets,
    raw,
    read_instant,
    require_setting,
)
from bilan_contacts.entries import ListEntry
from bilan_contacts.textdomain import _
from bilan_contacts.values import contact_name
from bilan_contacts.vocabulary import Kind

Form = Mapping[str, str]
UTC = ZoneInfo("UTC")
MOST_FIELDS = 500
"""A post has some dozens, with those that an audience adds."""
KINDS = {
    "subscribe": Kind.ADDED,
    "unsubscribe": Kind.UNSUBSCRIBED,
    "profile": Kind.PROFILE_UPDATED,
    "cleaned": Kind.BLACKLISTED,
}
DELETED = "delete"
"""The action of an ``unsubscribe`` by which somebody of ours deleted the member."""


class MailchimpAudience:
    """Implements :class:`bilan.sdk.HandshakeWebhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """Raise ``Unauthenticated`` unless the address that was called has the secret in it."""
        wanted = require_setting(settings, "secret", _("secret"))
        if not equal_secrets(request.query.get("secret", ""), wanted):
            raise Unauthenticated(_("The address was called without the secret, or with a wrong one."))

    def greet(self, request: WebhookRequest, settings: Settings) -> Reply | None:
        """The answer to the call before the address is saved: a wrong secret is refused there and then."""
        if "secret" not in request.query:
            return None
        self.verify(request, settings)
        return Reply("ready")

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject]:
        """The rows of the log that follow from a post."""
        del settings
        form = _form(request)
        try:
            return [entry.fact() for entry in read(form)]
        except Unreadable as error:
            return [Reject(1, error.message, raw(form))]


def read(form: Form) -> list[ListEntry]:
    """What a post tells; of a changed address two things, one of either."""
    name = form.get("type", "").strip()
    if not name:
        raise Unreadable(_("This post does not say what happened (“type”)."))
    occurred_at = read_instant(form.get("fired_at"), UTC)
    if occurred_at is None:
        raise Unreadable(_("This post does not say when it happened (“fired_at”)."))
    told: dict[str, Any] = {"occurred_at": occurred_at, "audience": form.get("data[list_id]", "").strip()}
    if name == "upemail":
        old, new = (_address(form, f"data[{which}_email]") for which in ("old", "new"))
        return [
            ListEntry(kind=Kind.MOVED_TO, contact=old, other_address=new, **told),
            ListEntry(kind=Kind.MOVED_FROM, contact=new, other_address=old, **told),
        ]
    reason = form.get("data[reason]", "").strip()
    if name not in KINDS:
        words = (name, form.get("data[status]", ""), form.get("data[subject]", ""))
        detail = " · ".join(filter(None, map(str.strip, words)))
        contact = contact_name(form.get("data[email]"))
        return [ListEntry(kind=Kind.OTHER, contact=contact, reason=reason, detail=detail, **told)]
    deleted = name == "unsubscribe" and form.get("data[action]", "").strip() == DELETED
    campaign = form.get("data[campaign_id]", "").strip()
    return [
        ListEntry(
            kind=Kind.REMOVED if deleted else KINDS[name],
            contact=_address(form, "data[email]"),
            reason=reason,
            language=form.get("data[merges][MC_LANGUAGE]", "").strip(),
            detail=f"{reason} · {campaign}".strip(" ·") if campaign else "",
            **told,
        )
    ]


def _address(form: Form, field: str) -> str:
    if found := contact_name(form.get(field)):
        return found
    raise Unreadable(_("This post names no address (“{field}”).", field=field))


def _form(request: WebhookRequest) -> Form:
    # Counted before anything is made of them.
    if request.body.count(b"&") >= MOST_FIELDS:
        raise Invalid(_("The body is a form of more than {most} fields.", most=MOST_FIELDS))
    form = dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))
    if not form:
        raise Invalid(_("The body is a form without a field."))
    return form
