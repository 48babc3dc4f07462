"""Ways to narrow actions and changes of lists."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS, LIST_CHANGES, NAMESPACE

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
    Filter(
        f"{NAMESPACE}.audience", (LIST_CHANGES,), "audience", K.CHOICES,
        _("List"), _("The list that was changed."),
    ),
    Filter(
        f"{NAMESPACE}.origin", (LIST_CHANGES,), "origin", K.CHOICES,
        _("Origin"), _("How the contact came."),
    ),
    Filter(
        f"{NAMESPACE}.language", (LIST_CHANGES,), "language", K.CHOICES,
        _("Language"), _("The contact's language, by its code."),
    ),
    Filter(
        f"{NAMESPACE}.change", (LIST_CHANGES,), "change", K.CHOICES,
        _("Change"), _("What happened, such as added or unsubscribed."),
    ),
)  # fmt: skip
