"""Reports that a mail server, or a service that takes e-mail in, posts: raw, or as a field of a form."""

from __future__ import annotations

from collections.abc import Iterable

from bilan.sdk import (
    SECRET,
    DeliveryReport,
    Fact,
    Invalid,
    Reject,
    Settings,
    Unauthenticated,
    WebhookRequest,
    check_secret,
    equal_secrets,
    require_setting,
)
from bilan_email_campaigns.bounces.facts import facts_in
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.webhooks.forms import Form, form_body, is_form

FIELDS = ("message", "email", "body-mime", "raw")
"""The fields in which services that take e-mail in post it whole."""


class BounceWebhook:
    """Implements :class:`bilan.sdk.sources.Webhook`."""

    def verify(self, request: WebhookRequest, settings: Settings) -> None:
        """The secret, as a bearer token, in a header, or in the form's field ``secret``."""
        wanted = require_setting(settings, SECRET.key, SECRET.label)
        given = _first(form_body(request, (SECRET.key,)), SECRET.key) if _has_secret(request) else None
        if given is None:
            check_secret(request, settings)
        elif not equal_secrets(given, wanted):
            raise Unauthenticated(_("The secret is missing or wrong."))

    def parse(self, request: WebhookRequest, settings: Settings) -> Iterable[Fact | Reject | DeliveryReport]:
        """What the e-mail reports. Raises ``Invalid`` where it reports nothing, or there is none."""
        found = list(facts_in(_mail(request), settings))
        if not found:
            raise Invalid(_("This post holds no e-mail in which a mail server reports something."))
        return found


def _has_secret(request: WebhookRequest) -> bool:
    return is_form(request) and b"secret" in request.body


def _mail(request: WebhookRequest) -> bytes:
    if not is_form(request):
        return request.body
    form = form_body(request, FIELDS)
    found = next((text for name in FIELDS if (text := _first(form, name))), "")
    return found.encode("utf-8", "surrogateescape")


def _first(form: Form, name: str) -> str | None:
    return next(iter(form.get(name, ())), None)
