"""When something happened first or last, whatever the channel."""

from __future__ import annotations

from bilan.sdk import Is, Max, Metric, Min, Unit
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import EVENTS, NAMESPACE

MOMENT_METRICS = (
    Metric(
        key=f"{NAMESPACE}.first_send",
        dataset=EVENTS,
        label=_("First send"),
        description=_("When the first message was sent."),
        formula=Min("occurred_at", Is("send", True)),
        formula_text=_("the earliest moment of a send"),
        unit=Unit.INSTANT,
    ),
    Metric(
        key=f"{NAMESPACE}.first_event",
        dataset=EVENTS,
        label=_("First event"),
        description=_("When the first event happened, of any kind."),
        formula=Min("occurred_at"),
        formula_text=_("the earliest moment of an event"),
        unit=Unit.INSTANT,
    ),
    Metric(
        key=f"{NAMESPACE}.last_event",
        dataset=EVENTS,
        label=_("Last event"),
        description=_("When the last event happened, of any kind."),
        formula=Max("occurred_at"),
        formula_text=_("the latest moment of an event"),
        unit=Unit.INSTANT,
    ),
)
