"""Schedules in words: how often and until when, and for which days."""

from __future__ import annotations

from collections.abc import Mapping

from bilan.i18n import LocaleFormatter
from bilan.parameters.times import period_text
from bilan.schedules import Recurrence, Rhythm, Timetable
from bilan.schedules.condition import SendCondition, SendConditionKind
from bilan.schedules.freshness import FreshnessRule, WhenStale
from bilan.sdk.document import Kpi
from bilan.sdk.messages import Message
from bilan.sdk.units import Unit
from bilan_ui.textdomain import _, ngettext

LAST_DAY = 31
"""The day of the month that every month has: its last."""


def rhythm_in_words(recurrence: Recurrence, formatter: LocaleFormatter) -> Message:
    """How often something recurs, at what time of day and until when: ``Every Monday, 8:00 AM``."""
    said = _ended(_often(recurrence, formatter), recurrence)
    return _(
        "{often}, {time} ({zone})", often=said, time=formatter.clock(recurrence.at), zone=recurrence.zone
    )


def period_in_words(timetable: Timetable) -> Message:
    """Which days each report covers."""
    return period_text(timetable.period)


def condition_in_words(condition: SendCondition | None, figures: Mapping[str, Kpi]) -> Message:
    """What has to be true of a report so that it is sent."""
    if condition is None:
        return _("always")
    tile = figures.get(condition.kpi)
    figure = tile.label if tile else condition.kpi
    value = Message(f"{{value:{tile.unit if tile else Unit.NUMBER}}}", args={"value": condition.value})
    match condition.kind:
        case SendConditionKind.NOT_EMPTY:
            return _("only if there is something in it")
        case SendConditionKind.CHANGED:
            return _("only if anything has changed since the last copy")
        case SendConditionKind.ABOVE:
            return _("only if {figure} is greater than {value}", figure=figure, value=value)
        case SendConditionKind.BELOW:
            return _("only if {figure} is less than {value}", figure=figure, value=value)
        case SendConditionKind.MOVED:
            return _("only if {figure} has moved by more than {share:proportion} since the last copy",
                     figure=figure, share=condition.value)  # fmt: skip


def freshness_in_words(rule: FreshnessRule | None) -> Message | None:
    """What becomes of it while a source has not reported all of its days."""
    match rule:
        case None:
            return None
        case FreshnessRule(WhenStale.SKIP):
            return _("it is left out")
        case FreshnessRule(WhenStale.PROVISIONAL):
            return _("it is sent as provisional")
        case FreshnessRule(_, hours, WhenStale.SKIP):
            return ngettext("it waits for {count} hour and is left out then",
                            "it waits for {count} hours and is left out then", count=hours)  # fmt: skip
        case FreshnessRule(_, hours, _):
            return ngettext("it waits for {count} hour and is sent as provisional then",
                            "it waits for {count} hours and is sent as provisional then",
                            count=hours)  # fmt: skip


def _often(recurrence: Recurrence, formatter: LocaleFormatter) -> Message:
    every = recurrence.every
    match recurrence.rhythm:
        case Rhythm.ONCE:
            return _("Once, on {day:date}", day=recurrence.start.isoformat())
        case Rhythm.DAYS:
            return ngettext("Every day", "Every {count} days", count=every)
        case Rhythm.WEEKS:
            names = [formatter.value(day + 1, Unit.WEEKDAY) for day in _in_week(recurrence)]
            return ngettext("Every {days}", "Every {count} weeks: {days}", count=every,
                            days=formatter.listed(names))  # fmt: skip
        case Rhythm.MONTHS if recurrence.month_day == LAST_DAY:
            return ngettext("On the last day of every month", "On the last day of every {count} months",
                            count=every)  # fmt: skip
        case Rhythm.MONTHS:
            return ngettext("On day {day} of every month", "On day {day} of every {count} months",
                            count=every, day=recurrence.month_day)  # fmt: skip
        case Rhythm.WORKING_DAYS:
            return _("Every working day")


def _in_week(recurrence: Recurrence) -> list[int]:
    """The days of the week, as its weeks begin."""
    return sorted(recurrence.weekdays, key=lambda day: (day - recurrence.first_weekday) % 7)


def _ended(often: Message, recurrence: Recurrence) -> Message:
    if recurrence.until is not None:
        return _("{often} until {day:date}", often=often, day=recurrence.until.isoformat())
    if recurrence.count is not None:
        return ngettext("{often}, one time", "{often}, {count} times", count=recurrence.count, often=often)
    return often
