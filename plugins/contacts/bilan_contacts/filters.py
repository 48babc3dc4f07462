"""Ways to narrow actions."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS, NAMESPACE

K = FilterKind

FILTERS: tuple[Filter, ...] = (
    Filter(
        f"{NAMESPACE}.action", (ACTIONS,), "action", K.CHOICES,
        _("Action"), _("What the contact did or went through."),
    ),
    Filter(
        f"{NAMESPACE}.area", (ACTIONS,), "area", K.CHOICES,
        _("Area"), _("The area the action belongs to: email, campaign, inbox or profile."),
    ),
    Filter(
        f"{NAMESPACE}.channel", (ACTIONS,), "channel", K.CHOICES,
        _("Channel"), _("The channel that the tool names."),
    ),
)  # fmt: skip
