"""What somebody fills in for the report on growth."""

from __future__ import annotations

from enum import StrEnum

from bilan.sdk import (
    Choice,
    Choices,
    FilterValue,
    Interval,
    Invalid,
    Parameter,
    ParameterKind,
    QueryClient,
    ReportRequest,
    Values,
)
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import LIST_CHANGES, NAMESPACE

K = ParameterKind


class Movement(StrEnum):
    """Which changes of lists are shown."""

    BOTH = "both"
    ADDITIONS = "additions"
    REMOVALS = "removals"


def _known(column: str) -> Choices:
    """What changes of lists have in the column, to be suggested."""

    def choices(client: QueryClient, _values: Values) -> tuple[Choice, ...]:
        return tuple(Choice(value, value) for value in client.values(LIST_CHANGES, column) if value)

    return choices


def _goal(value: int) -> None:
    if value < 1:
        raise Invalid(_("A goal is a number above zero."))


MOVEMENT = Parameter(
    "movement", _("Shown"), K.CHOICE, default=Movement.BOTH.value,
    choices=(
        Choice(Movement.BOTH.value, _("additions and removals")),
        Choice(Movement.ADDITIONS.value, _("additions alone")),
        Choice(Movement.REMOVALS.value, _("removals alone")),
    ),
)  # fmt: skip
INTERVAL = Parameter("interval", _("Broken down by"), K.INTERVAL, default=Interval())
NARROWING = (
    Parameter(
        "audience", _("Lists"), K.TAGS, default=(), choices=_known("audience"),
        help=_("Without any, all of them."),
    ),
    Parameter(
        "origin", _("Origins"), K.TAGS, default=(), choices=_known("origin"),
        help=_("How contacts came; without any, in whatever way."),
    ),
    Parameter(
        "language", _("Languages"), K.TAGS, default=(), choices=_known("language"),
        help=_("Their codes, such as “fr”; without any, all of them."),
    ),
)  # fmt: skip
GOAL = Parameter(
    "goal", _("Goal for additions"), K.NUMBER, check=_goal,
    help=_("How many members should come in the period."),
)  # fmt: skip


def filters_of(request: ReportRequest) -> tuple[FilterValue, ...]:
    """What somebody filled in, as filters of a question over changes of lists."""
    keys = [one.key for one in NARROWING]
    return tuple(FilterValue(f"{NAMESPACE}.{key}", any=tuple(request[key])) for key in keys if request[key])
