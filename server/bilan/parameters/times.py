"""Periods, intervals and zones as people write them, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any, cast
from zoneinfo import available_timezones

from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.periods import Interval, IntervalUnit, Period, Preset
from bilan.sdk.textdomain import _

PRESETS: Mapping[Preset, Message] = {
    Preset.YESTERDAY: _("Yesterday"),
    Preset.LAST_7_DAYS: _("Last 7 days"),
    Preset.LAST_30_DAYS: _("Last 30 days"),
    Preset.LAST_90_DAYS: _("Last 90 days"),
    Preset.PREVIOUS_WEEK: _("Previous week"),
    Preset.THIS_MONTH: _("This month"),
    Preset.PREVIOUS_MONTH: _("Previous month"),
    Preset.THIS_QUARTER: _("This quarter"),
    Preset.PREVIOUS_QUARTER: _("Previous quarter"),
    Preset.SINCE_OLDEST: _("Since the oldest selected data"),
}
"""What people call the presets, in the order of a form."""
INTERVAL = re.compile(r"(?:(\d{1,4})[ _]?)?(hour|day|week|month|quarter)s?")


def parse_period(raw: Any) -> Period:
    """A period from ``last_7_days``, ``2026-01-01..2026-01-31``, or a mapping of its fields.

    A mapping has ``preset``, or ``first`` and ``last`` as ISO dates or dates.
    Raises ``Invalid``.
    """
    if isinstance(raw, Period):
        return raw
    if isinstance(raw, Mapping):
        return _period_of(cast("Mapping[str, Any]", raw))
    text = str(raw).strip()
    if ".." in text:
        first, _dots, last = text.partition("..")
        return Period(first=_day(first), last=_day(last))
    return Period(_preset(text))


def write_period(period: Period) -> str:
    """The period as :func:`parse_period` reads it."""
    if period.preset is not None:
        return str(period.preset)
    assert period.first is not None  # noqa: S101 - a period without a name has both days
    assert period.last is not None  # noqa: S101
    return f"{period.first.isoformat()}..{period.last.isoformat()}"


def period_text(period: Period) -> Message:
    """The period as people say it."""
    if period.preset is not None:
        return PRESETS[period.preset]
    return _("{first:date} to {last:date}", first=str(period.first), last=str(period.last))


def parse_interval(raw: Any) -> Interval:
    """An interval from ``day``, ``7 days``, ``2 weeks``, ``month``, ``quarter``, ``hour`` or ``none``, or a
    mapping of ``unit`` and ``count``. Raises ``Invalid``."""
    if isinstance(raw, Interval):
        return raw
    if isinstance(raw, Mapping):
        fields = cast("Mapping[str, Any]", raw)
        raw = f"{fields.get('count', 1)} {fields.get('unit', 'day')}".removeprefix("1 ")
    text = str(raw).strip().lower()
    if text == IntervalUnit.NONE:
        return Interval(IntervalUnit.NONE)
    if found := INTERVAL.fullmatch(text):
        return Interval(IntervalUnit(found[2]), int(found[1] or 1))
    raise Invalid(
        _("{text} is no interval; write day, 7 days, 2 weeks, month, quarter or none.", text=text),
        ("interval",),
    )


def write_interval(interval: Interval) -> str:
    """The interval as :func:`parse_interval` reads it."""
    return f"{interval.count} {interval.unit}s" if interval.count > 1 else str(interval.unit)


def parse_zone(raw: Any) -> str:
    """The IANA name of a time zone, as the database of zones spells it. Raises ``Invalid``."""
    name = str(raw).strip()
    if name in _zones().values():
        return name
    if name.lower() in _zones():
        return _zones()[name.lower()]
    raise Invalid(_("{name} is no time zone; write one like Europe/Paris or UTC.", name=name), ("zone",))


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


def _period_of(fields: Mapping[str, Any]) -> Period:
    preset, first, last = (fields.get(name) or None for name in ("preset", "first", "last"))
    return Period(
        _preset(str(preset)) if preset else None,
        _day(first) if first else None,
        _day(last) if last else None,
    )


def _preset(text: str) -> Preset:
    try:
        return Preset(text.strip().lower().replace(" ", "_").replace("-", "_"))
    except ValueError:
        names = ", ".join(Preset)
        raise Invalid(
            _("{text} is no period; write two dates like 2026-01-01..2026-01-31, or one of {names}.",
              text=text, names=names),
            ("period",),
        ) from None  # fmt: skip


def _day(raw: Any) -> date:
    if type(raw) is date:
        return raw
    if not str(raw).strip():
        raise Invalid(_("A range takes two dates, its first and its last day."), ("period",))
    try:
        return date.fromisoformat(str(raw).strip())
    except ValueError:
        raise Invalid(
            _("{text} is no date; write it as year-month-day, like 2026-01-31.", text=str(raw)), ("period",)
        ) from None
