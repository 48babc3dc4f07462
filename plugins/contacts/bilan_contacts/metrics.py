"""What is counted of actions."""

from __future__ import annotations

from bilan.sdk import Count, Distinct, Metric
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS, NAMESPACE

METRICS: tuple[Metric, ...] = (
    Metric(
        f"{NAMESPACE}.all_actions", ACTIONS, _("Actions"), _("How many things contacts did or went through."),
        Count(), _("the number of actions"),
    ),
    Metric(
        f"{NAMESPACE}.active_contacts", ACTIONS, _("Active contacts"),
        _("How many different contacts an action tells of."), Distinct(("contact",)),
        _("the number of different contacts of actions"),
    ),
)  # fmt: skip
