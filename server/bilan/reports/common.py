"""The parameters that every report has, whatever its kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bilan.accounts.values import Principal
from bilan.parameters.kinds import flag
from bilan.sdk.parameters import Choice, Parameter, ParameterKind
from bilan.sdk.periods import Compare, Period, Preset
from bilan.sdk.reports import ReportKind
from bilan.sdk.textdomain import _

WEEKDAYS = (
    Choice("monday", _("Monday")),
    Choice("tuesday", _("Tuesday")),
    Choice("wednesday", _("Wednesday")),
    Choice("thursday", _("Thursday")),
    Choice("friday", _("Friday")),
    Choice("saturday", _("Saturday")),
    Choice("sunday", _("Sunday")),
)
COMPARISONS = (
    Choice(Compare.NONE.value, _("Nothing")),
    Choice(Compare.PREVIOUS.value, _("The period before")),
    Choice(Compare.YEAR.value, _("The same period last year")),
)


@dataclass(frozen=True, slots=True)
class Locality:
    """Where somebody's days begin: their zone's IANA name, and their first weekday (Monday = 0)."""

    zone: str
    first_weekday: int


def locality_of(actor: Principal) -> Locality:
    """Where the actor's days begin."""
    return Locality(actor.zone, actor.first_weekday)


def parameters_of(kind: ReportKind, locality: Locality) -> tuple[Parameter, ...]:
    """The kind's own parameters between the common ones that it uses, in the order of a form.

    Zone and first weekday default to the locality, usually that of whoever fills in the form.
    """
    days = (one for one in (_period(kind), _compare(kind)) if one.key in kind.common)
    return (_TITLE, *kind.parameters, *days, *_blocks(kind), *_when(locality))


_TITLE = Parameter(
    "title",
    _("Title"),
    ParameterKind.TEXT,
    help=_("Printed above the report. Without one, the kind's own name stands there."),
)


def _period(kind: ReportKind) -> Parameter:
    return Parameter(
        "period",
        _("Period"),
        ParameterKind.PERIOD,
        default=Period(kind.default_period),
        help=_("A range relative to the day of the run, or two dates, both included."),
    )


def _compare(kind: ReportKind) -> Parameter:
    # Nothing lies before the oldest message, so there is nothing to compare with.
    oldest = kind.default_period is Preset.SINCE_OLDEST
    return Parameter(
        "compare",
        _("Compare with"),
        ParameterKind.CHOICE,
        default=(Compare.NONE if oldest else Compare.PREVIOUS).value,
        choices=COMPARISONS,
    )


def _blocks(kind: ReportKind) -> tuple[Parameter, ...]:
    if not kind.blocks:
        return ()
    return (
        Parameter(
            "blocks",
            _("Parts"),
            ParameterKind.ORDER,
            choices=kind.blocks,
            depends_on=tuple(one.key for one in kind.parameters) if callable(kind.blocks) else (),
            help=_("Which parts are shown, and in which order. Without a choice, all of them."),
        ),
    )


def _when(locality: Locality) -> tuple[Parameter, ...]:
    return (
        Parameter(
            "zone",
            _("Time zone"),
            ParameterKind.ZONE,
            default=locality.zone,
            help=_("Days, weeks and months begin and end in this zone."),
            advanced=True,
        ),
        Parameter(
            "first_weekday",
            _("First day of the week"),
            ParameterKind.CHOICE,
            default=WEEKDAYS[locality.first_weekday].value,
            choices=WEEKDAYS,
            advanced=True,
        ),
        Parameter(
            "kept",
            _("Keep the report"),
            ParameterKind.FLAG,
            default=True,
            help=_("Off: its figures are erased a day after it was built, or when its last link ends."),
            advanced=True,
        ),
    )


def kept_of(raw: Mapping[str, Any]) -> bool:
    """Whether raw parameters ask for a report that is kept."""
    given = raw.get("kept")
    return True if given is None else bool(given != "" and flag(given))
