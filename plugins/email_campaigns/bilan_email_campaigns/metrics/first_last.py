"""When something happened first or last, whatever the channel."""

from __future__ import annotations

from bilan.sdk import Is, Max, Min
from bilan_email_campaigns.metrics.factories import moment
from bilan_email_campaigns.textdomain import _

MOMENT_METRICS = (
    moment("first_send", Min("occurred_at", Is("send", True)),
           _("First send"), _("When the first message was sent."), _("the earliest moment of a send")),
    moment("first_event", Min("occurred_at"), _("First event"),
           _("When the first event happened, of any kind."), _("the earliest moment of an event")),
    moment("last_event", Max("occurred_at"), _("Last event"),
           _("When the last event happened, of any kind."), _("the latest moment of an event")),
)  # fmt: skip
