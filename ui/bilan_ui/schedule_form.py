"""The form of a schedule: what was filled in, and the draft that comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any
from uuid import UUID

from starlette.datastructures import FormData

from bilan.delivery.values import FileContent, Mode, ProtectedLink
from bilan.i18n import DateFormat, DisplayFormats, TimeFormat
from bilan.parameters.times import write_period
from bilan.parameters.validation import check
from bilan.schedules import CatchUp, DoubledHour, MissingHour, Recurrence, Rhythm, Timetable
from bilan.schedules.approval import ApprovalRule, Unanswered
from bilan.schedules.condition import ABOUT_A_FIGURE, SendCondition, SendConditionKind
from bilan.schedules.freshness import FreshnessRule, WhenStale
from bilan.schedules.presets import MONDAY, at_once
from bilan.schedules.split import read_table, written_table
from bilan.schedules.split_rule import RecipientValues, SplitRule
from bilan.schedules.values import DeliveryOptions, Schedule, ScheduleDraft
from bilan.sdk.errors import BilanError, Invalid
from bilan.sdk.periods import Period, Preset
from bilan_ui.fields import Field
from bilan_ui.forms import fields, raw_values, read_day
from bilan_ui.schedule_parameters import (
    ALWAYS,
    ANYHOW,
    COUNT,
    DATES,
    MEANT,
    MONTHLY,
    NAMED,
    NEVER,
    NOBODY,
    NOW,
    OWN,
    PREFIX,
    SECOND,
    UNTIL,
    USED,
    WEEKLY,
    WHOLE,
    Offered,
    parameters_of,
)
from bilan_ui.textdomain import _

THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+")
"""In English a thousand and more; with one comma, in French a number with decimals."""
CONTROLS = {"rhythm": "radios", **dict.fromkeys(("condition", "approver", "stale"), "select")}


@dataclass
class ScheduleForm:
    """A form that is filled in: raw values by the names of fields, and what is wrong with them."""

    offered: Offered
    raw: Mapping[str, Any]
    errors: list[BilanError] = field(default_factory=list[BilanError])

    @classmethod
    def sent(cls, offered: Offered, form: FormData) -> ScheduleForm:
        """What a browser sent."""
        return cls(offered, raw_values(parameters_of(offered), form))

    @property
    def rhythm(self) -> str:
        """The rhythm that is chosen."""
        return str(self.raw.get(f"{PREFIX}rhythm", WEEKLY))

    @property
    def fields(self) -> dict[str, Field]:
        """The fields by their names without what they begin with, filled in."""
        declared = parameters_of(self.offered)
        choices = {one.key: one.choices for one in declared if not callable(one.choices)}
        choices[f"{PREFIX}to"] = self.offered.recipients
        found = fields(declared, self.raw, choices, self.errors)
        return {one.name.removeprefix(PREFIX): _controlled(one) for one in found}

    @property
    def shown(self) -> dict[str, Any]:
        """What the template of the fields takes."""
        return {
            "asked": self.fields,
            "periodic": self.offered.periodic,
            "rhythm_meant": MEANT,
            "adds": self.offered.adds,
        }

    def draft(self, report: UUID, now: datetime) -> ScheduleDraft | None:
        """The draft; ``None`` where it cannot be read, which ``errors`` says then."""
        used = [one for one in parameters_of(self.offered) if self._uses(one.key.removeprefix(PREFIX))]
        raw = {one.key: self.raw[one.key] for one in used if one.key in self.raw}
        checked = check(used, raw, client=None)
        self.errors.extend(checked.errors)
        if self.errors:
            return None
        values = {key.removeprefix(PREFIX): value for key, value in checked.values.items()}
        try:
            return _draft(report, values, now, self.offered)
        except BilanError as error:
            self.refuse(error)
            return None

    def refuse(self, error: BilanError) -> None:
        """Show what a service says at its field."""
        self.errors.append(with_prefix(error))

    def _uses(self, name: str) -> bool:
        if name in ("kpi", "value"):
            return self.raw.get(f"{PREFIX}condition", ALWAYS) in ABOUT_A_FIGURE
        if name in ("hours", "unanswered"):
            return self.raw.get(f"{PREFIX}approver", NOBODY) != NOBODY
        if name in ("separately", "views", "downloads"):
            return self.raw.get(f"{PREFIX}mode") == Mode.PROTECTED
        if name in ("wait_hours", "then"):
            return self.raw.get(f"{PREFIX}stale", ANYHOW) == WhenStale.WAIT
        if name in (UNTIL, COUNT) and self.raw.get(f"{PREFIX}end") != name:
            return False
        if name == "period" and not self.offered.periodic:
            return False
        return self.rhythm in USED.get(name, {self.rhythm})


def with_prefix(error: BilanError) -> BilanError:
    """The error at the field of this form that it is about."""
    if error.path and not error.path[0].startswith(PREFIX):
        name = {"format": "formats", "parameter": "filter"}.get(error.path[0], error.path[0])
        error.path = (f"{PREFIX}{name}", *error.path[1:])
    return error


def raw_of(schedule: Schedule, offered: Offered) -> dict[str, Any]:
    """What is filled in for a schedule as it is saved."""
    recurrence, delivery, condition = schedule.timetable.recurrence, schedule.delivery, schedule.condition
    filled: dict[str, Any] = {
        "rhythm": _called(schedule.timetable),
        "every": str(recurrence.every),
        "weekdays": [str(one) for one in sorted(recurrence.weekdays)],
        "month_day": str(recurrence.month_day or 1),
        "at": recurrence.at.isoformat(_precision(recurrence.at)),
        "start": recurrence.start.isoformat(),
        "end": UNTIL if recurrence.until else COUNT if recurrence.count else NEVER,
        "until": recurrence.until.isoformat() if recurrence.until else "",
        "count": str(recurrence.count or ""),
        "zone": recurrence.zone,
        "first_weekday": str(recurrence.first_weekday),
        "period": write_period(schedule.timetable.period),
        "missing": recurrence.missing,
        "doubled": recurrence.doubled,
        "catch_up": schedule.catch_up,
        "to": [one.address for one in schedule.recipients],
        "formats": list(delivery.formats),
        "content": delivery.content,
        "mode": delivery.mode,
        "days": str(delivery.days),
        "separately": delivery.protected.separately,
        "views": str(delivery.protected.views or ""),
        "downloads": delivery.protected.downloads,
        "language": delivery.language or OWN,
        "date_format": delivery.display.date,
        "time_format": delivery.display.time,
        "message": delivery.message,
        "condition": condition.kind if condition else ALWAYS,
        "kpi": condition.kpi if condition else "",
        "value": _shown_value(condition, offered) if condition and condition.kpi else "",
        "tells_changes": schedule.tells_changes,
        "stale": schedule.freshness.stale if schedule.freshness else ANYHOW,
        "wait_hours": str(schedule.freshness.hours) if schedule.freshness else "24",
        "then": schedule.freshness.then if schedule.freshness else WhenStale.PROVISIONAL,
        "approver": str(schedule.approval.approver) if schedule.approval else NOBODY,
        "hours": str(schedule.approval.hours) if schedule.approval else "24",
        "unanswered": schedule.approval.unanswered if schedule.approval else Unanswered.WITHHOLD,
        "filter": schedule.split.parameter if schedule.split else WHOLE,
        "attribute": schedule.split.attribute if schedule.split else "",
        "values": written_table(schedule.table),
    }
    return {f"{PREFIX}{key}": value for key, value in filled.items()}


def _called(timetable: Timetable) -> str:
    """The rhythm that the form shows for a timetable: by its name where it has one."""
    recurrence, preset = timetable.recurrence, timetable.period.preset
    if recurrence.every == 1:
        if recurrence.weekdays == frozenset({MONDAY}) and preset is Preset.PREVIOUS_WEEK:
            return WEEKLY
        if recurrence.month_day == SECOND and preset is Preset.PREVIOUS_MONTH:
            return MONTHLY
    return recurrence.rhythm


def _precision(at: time) -> str:
    return "seconds" if at.second else "minutes"


def _draft(report: UUID, values: Mapping[str, Any], now: datetime, offered: Offered) -> ScheduleDraft:
    period = values.get("period") if offered.periodic else Period(Preset.SINCE_OLDEST)
    language = values["language"]
    return ScheduleDraft(
        report=report,
        timetable=_timetable(values, period, now),
        to=values["to"],
        delivery=DeliveryOptions(
            formats=values["formats"],
            mode=Mode(values["mode"]),
            days=values["days"],
            language=None if language == OWN else language,
            message=values["message"],
            display=DisplayFormats(DateFormat(values["date_format"]), TimeFormat(values["time_format"])),
            content=FileContent(values["content"]),
            protected=ProtectedLink(
                values.get("separately", False), values.get("views"), values.get("downloads", True)
            ),
        ),
        catch_up=CatchUp(values.get("catch_up", CatchUp.LATEST)),
        condition=_condition(values, offered),
        approval=_approval(values),
        freshness=_freshness(values),
        tells_changes=values["tells_changes"],
        split=_split(values),
        table=_table(values),
    )


def _split(values: Mapping[str, Any]) -> SplitRule | None:
    if values.get("filter", WHOLE) == WHOLE:
        if values.get("attribute") or values.get("values"):
            # Whoever writes down values does not mean that everybody gets the whole.
            raise Invalid(
                _("Choose the filter that takes these values, or empty the attribute and the table."),
                ("filter",),
            )
        return None
    return SplitRule(values["filter"], values["attribute"])


def _table(values: Mapping[str, Any]) -> tuple[RecipientValues, ...]:
    if values.get("filter", WHOLE) == WHOLE or values["attribute"]:
        return ()
    return read_table(values["values"])


def _freshness(values: Mapping[str, Any]) -> FreshnessRule | None:
    if values["stale"] == ANYHOW:
        return None
    stale = WhenStale(values["stale"])
    if stale is not WhenStale.WAIT:
        return FreshnessRule(stale)
    try:
        return FreshnessRule(stale, values["wait_hours"], WhenStale(values["then"]))
    except Invalid as error:
        raise Invalid(error.message, ("wait_hours",)) from None


def _approval(values: Mapping[str, Any]) -> ApprovalRule | None:
    if values["approver"] == NOBODY:
        return None
    return ApprovalRule(UUID(values["approver"]), values["hours"], Unanswered(values["unanswered"]))


def _condition(values: Mapping[str, Any], offered: Offered) -> SendCondition | None:
    if values["condition"] == ALWAYS:
        return None
    kind, kpi = SendConditionKind(values["condition"]), values.get("kpi", "")
    if kind not in ABOUT_A_FIGURE:
        return SendCondition(kind)
    given = "".join(values["value"].split())
    if THOUSANDS.fullmatch(given):
        raise Invalid(
            _("{text} can be read in two ways: write thousands without a separator, decimals after a point.",
              text=given),
            ("value",),
        )  # fmt: skip
    given = given.replace(",", ".")
    try:
        value = float(given)
    except ValueError:
        said = _("{text} is no number.", text=values["value"][:40])
        raise Invalid(said if given else _("Write a number."), ("value",)) from None
    return SendCondition(kind, kpi, value / 100 if _in_per_cent(kind, kpi, offered) else value)


def _in_per_cent(kind: SendConditionKind, kpi: str, offered: Offered) -> bool:
    return kind is SendConditionKind.MOVED or kpi in offered.rates


def _shown_value(condition: SendCondition, offered: Offered) -> str:
    per_cent = _in_per_cent(condition.kind, condition.kpi, offered)
    return f"{condition.value * 100 if per_cent else condition.value:.10g}"


def _timetable(values: Mapping[str, Any], period: Period | None, now: datetime) -> Timetable:
    rhythm, zone, first_weekday = values["rhythm"], values["zone"], int(values["first_weekday"])
    if rhythm == NOW:
        assert period is not None  # noqa: S101 - the form has a period for it
        return at_once(now, zone, period, first_weekday=first_weekday)
    found, preset = NAMED[rhythm] if rhythm in NAMED else (Rhythm(rhythm), None)
    recurrence = Recurrence(
        found,
        read_day(values["start"], "start"),
        zone,
        _time_of_day(values["at"]),
        every=values.get("every", 1),
        weekdays=frozenset({MONDAY} if rhythm == WEEKLY else map(int, values.get("weekdays", ()))),
        month_day=SECOND if rhythm == MONTHLY else _whole(values.get("month_day")),
        first_weekday=first_weekday,
        until=read_day(values[UNTIL], UNTIL) if values.get("end") == UNTIL else None,
        count=_times(values) if values.get("end") == COUNT else None,
        missing=MissingHour(values["missing"]),
        doubled=DoubledHour(values["doubled"]),
    )
    return Timetable(recurrence, period or Period(preset))


def _whole(given: str | None) -> int | None:
    return None if given is None else int(given)


def _times(values: Mapping[str, Any]) -> int:
    if values[COUNT] is None:
        raise Invalid(_("Write after how many times it ends."), (COUNT,))
    return values[COUNT]


def _time_of_day(given: str) -> time:
    try:
        return time.fromisoformat(given)
    except ValueError:
        raise Invalid(
            _("{text} is no time of day; write hours and minutes, like 08:00.", text=given), ("at",)
        ) from None


def _controlled(one: Field) -> Field:
    """The field with the control that its values have."""
    name = one.name.removeprefix(PREFIX)
    if name in DATES:
        return replace(one, control="date")
    if name == "at":
        return replace(one, control="time")
    return replace(one, control=CONTROLS.get(name, one.control))
