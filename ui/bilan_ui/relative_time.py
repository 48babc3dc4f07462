"""Relative time as a reader thinks of it: how long ago, and on which day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from bilan.i18n import LocaleFormatter
from bilan.sdk.units import Unit
from bilan_ui.textdomain import _


class RelativeTime:
    """Relative times for one reader, seen from ``now``."""

    def __init__(self, formatter: LocaleFormatter, now: datetime) -> None:
        self._formatter, self._now = formatter, now

    def ago(self, moment: datetime | None) -> str:
        """How long ago; pointing at it says when exactly. An empty moment is a dash."""
        exact = self._formatter.value(moment, Unit.INSTANT)
        if moment is None:
            return exact
        return Markup('<time datetime="{}" title="{}">{}</time>').format(
            moment.isoformat(timespec="seconds"), exact, self._formatter.ago(moment, self._now)
        )

    def day(self, day: date) -> str:
        """A day that is no moment, and the same in every zone."""
        shown = self._formatter.value(day, Unit.DATE)
        return Markup('<time datetime="{}">{}</time>').format(day.isoformat(), shown)

    def by_day(
        self, things: Iterable[Any], when: Callable[[Any], datetime]
    ) -> Iterator[tuple[str, list[Any]]]:
        """Things that are in order already, under the days of the reader's zone."""
        for day, found in groupby(things, lambda one: self._day(when(one))):
            yield day, list(found)

    def _day(self, moment: datetime) -> str:
        zone = ZoneInfo(self._formatter.zone)
        today = self._now.astimezone(zone).date()
        day = self._formatter.weekday(moment)
        match today - moment.astimezone(zone).date():
            case timedelta(days=0):
                return self._formatter.text(_("Today, {day}", day=day))
            case timedelta(days=1):
                return self._formatter.text(_("Yesterday, {day}", day=day))
            case _:
                return day
