"""What is counted of actions, of the log of lists and of their changes."""

from __future__ import annotations

from bilan.sdk import AllOf, Count, Difference, Distinct, Is, Metric
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import ACTIONS, LIST_CHANGES, LIST_LOG, NAMESPACE, ListChange

CAME, LEFT = Is("growth", 1), Is("growth", -1)


def _left_as(change: ListChange) -> Count:
    return Count(AllOf((Is("change", change.value), LEFT)))


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
    Metric(
        f"{NAMESPACE}.new_contacts", LIST_CHANGES, _("New contacts"),
        _("How many contacts of a source were not known to it before."), Count(Is("new_contact", True)),
        _("the number of contacts that were created or first added to a list"), higher_is_better=True,
    ),
    Metric(
        f"{NAMESPACE}.additions", LIST_CHANGES, _("Additions"),
        _("How many members came to lists, once for each list."), Count(CAME),
        _("the number of members who were added to a list and were not on it"), higher_is_better=True,
    ),
    Metric(
        f"{NAMESPACE}.removals", LIST_CHANGES, _("Removals"),
        _("How many members left lists, in whatever way, once for each list."), Count(LEFT),
        _("unsubscribed + blacklisted + taken off"), higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.unsubscribed", LIST_CHANGES, _("Unsubscribed"),
        _("How many members left a list by themselves."), _left_as(ListChange.UNSUBSCRIBED),
        _("the number of members who unsubscribed from a list"), higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.blacklisted", LIST_CHANGES, _("Blacklisted"),
        _("How many members are written to no more, as messages bounced or were complained about."),
        _left_as(ListChange.BLACKLISTED), _("the number of members of a list who were blacklisted"),
        higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.taken_off", LIST_CHANGES, _("Taken off"),
        _("How many members somebody of ours, or a rule, took off a list."), _left_as(ListChange.REMOVED),
        _("the number of members who were removed from a list"), higher_is_better=False,
    ),
    Metric(
        f"{NAMESPACE}.net_growth", LIST_CHANGES, _("Net growth"),
        _("By how many members lists grew."),
        Difference(f"{NAMESPACE}.additions", f"{NAMESPACE}.removals"), _("additions − removals"),
        higher_is_better=True,
    ),
    Metric(
        f"{NAMESPACE}.list_changes", LIST_CHANGES, _("Changes of lists"),
        _("How many changes there were, those of profiles and addresses too."), Count(),
        _("the number of changes"),
    ),
    Metric(
        f"{NAMESPACE}.list_rows", LIST_LOG, _("Rows of the log of lists"),
        _("How many rows came in, whatever they tell."), Count(), _("all rows of the log of lists"),
    ),
)  # fmt: skip
