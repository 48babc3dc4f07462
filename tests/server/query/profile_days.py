"""Days of profiles and what is asked about them, in plain Python, as the documentation promises it.

Nothing here computes with the server's code: calendars, last known values and sums are the module's own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
Figures = dict[str, Any]
Thing = tuple[str, str, str]
Keys = tuple[str, ...]
Interval = tuple[date, date]
"""Its first day, and the first day after it."""


@dataclass(frozen=True)
class ProfileDay:
    """What a source told of a profile's day, or of a part of it; ``gone`` takes it back."""

    source: str
    network: str
    profile: str
    day: date
    part: str
    followers: int | None
    gained: int | None
    lost: int | None
    paid: bool
    country: str | None
    labels: tuple[str, ...]
    gone: bool = False

    @property
    def fact(self) -> tuple[Any, ...]:
        return (self.source, self.network, self.profile, self.day, self.part)

    @property
    def thing(self) -> Thing:
        return (self.source, self.network, self.profile)

    def keys(self, by: Sequence[str]) -> list[Keys]:
        """Under what it counts: under each of its labels, or as without one."""
        values: list[tuple[str, ...]] = []
        for name in by:
            value = getattr(self, name)
            if name == "labels":
                values.append(tuple(dict.fromkeys(value)) or ("",))
            elif name == "paid":
                values.append(("true" if value else "false",))
            else:
                values.append((value or "",))
        return list(itertools.product(*values))


Batch = tuple[datetime, Sequence[ProfileDay]]


def visible(batches: Iterable[Batch], sources: Iterable[str], as_of: datetime) -> list[ProfileDay]:
    """The newest copy of each fact by a moment."""
    found: dict[tuple[Any, ...], ProfileDay] = {}
    for moment, days in sorted(batches, key=lambda batch: batch[0]):
        for one in days if moment <= as_of else ():
            if one.source in sources:
                found[one.fact] = one
    return [one for one in found.values() if not one.gone]


LEVELS = {"followers": (True, False), "paid_followers": (True, True), "sampled": (False, False)}
"""Of each: whether it is carried, and whether it looks at what is paid for alone."""
CHANGES = {"growth": "followers", "paid_growth": "paid_followers"}
DIFFERENCES = {
    "net": ("gained", "lost"),
    "unexplained": ("growth", "gained"),
    "unpaid": ("followers", "paid_followers"),
}
TOTALS = {
    "moves": ("gained", "lost"),
    "both": ("followers", "sampled"),
    "odd": ("paid_growth", "gained", "sampled"),
}
RATIOS = {"gain_rate": ("gained", "followers"), "growth_rate": ("net_rows", "sampled")}
SUMS = {"gained": True, "lost": True, "told_gained": False}
"""Of each: whether it is empty, and not 0, where nothing is told."""
COUNTS = ("net_rows",)
METRICS = (*LEVELS, *CHANGES, *SUMS, *COUNTS, *DIFFERENCES, *TOTALS, *RATIOS)


def made_of(metric: str) -> tuple[str, ...]:
    """The metrics computed of facts that one needs."""
    parts = {**DIFFERENCES, **TOTALS, **RATIOS}.get(metric)
    return (metric,) if parts is None else parts


@dataclass(frozen=True)
class DayQuestion:
    """A question about days, its intervals cut already; ``today`` is so in the zone that it is asked in."""

    metrics: tuple[str, ...]
    period: Interval | None
    intervals: tuple[Interval, ...]
    compared: Interval | None
    compared_intervals: tuple[Interval, ...]
    by_time: bool
    by: tuple[str, ...]
    today: date
    order: tuple[tuple[str, bool], ...] = ()
    offset: int = 0
    limit: int | None = None


Remark = tuple[str, set[Thing], date | None]
"""A metric, the things whose values were carried and since when; without a day what a change leaves out."""
Row = tuple[Interval | None, Keys, Figures, Figures | None]


@dataclass(frozen=True)
class DayAnswer:
    """The figures, and what is to be said of the period and of the comparison."""

    rows: list[Row]
    total_rows: int
    totals: Figures
    compared_totals: Figures | None
    remarks: list[Remark]
    compared_remarks: list[Remark]


def cut(period: Interval, unit: str, count: int) -> tuple[Interval, ...]:
    """Days and weeks from the first day on, months and quarters by the calendar, what juts out cut off."""
    start, end = period
    if unit == "none":
        return (period,)
    edges = [start]
    if unit in ("month", "quarter"):
        starts = (1, 4, 7, 10) if unit == "quarter" else tuple(range(1, 13))
        day = start + DAY
        while day < end:
            if day.day == 1 and day.month in starts:
                edges.append(day)
            day += DAY
    else:
        length = count * (7 if unit == "week" else 1)
        edges += [
            start + n * length * DAY for n in range(1, (end - start).days) if start + n * length * DAY < end
        ]
    return tuple(itertools.pairwise([*edges, end]))


def local_day(now: datetime, zone: str) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def answered(question: DayQuestion, facts: Sequence[ProfileDay]) -> DayAnswer:
    """Answer a question over the facts that satisfy its condition."""
    ordered = sorted(facts, key=lambda one: (one.day, one.part))
    counting = _Counting(question, ordered)
    rows = list(counting.rows())
    for key, descending in reversed(question.order):
        if key in question.by:
            place = question.by.index(key)
            rows.sort(key=lambda row: row[1][place], reverse=descending)
        else:
            known = [row for row in rows if row[2][key] is not None]
            known.sort(key=lambda row: row[2][key], reverse=descending)
            rows = [*known, *(row for row in rows if row[2][key] is None)]
    end = None if question.limit is None else question.offset + question.limit
    whole = question.period or (date.min, date.max)
    return DayAnswer(
        rows[question.offset : end],
        len(rows),
        counting.figures(whole, None),
        question.compared and counting.figures(question.compared, None),
        list(counting.remarks(question.period, question.intervals)),
        list(counting.remarks(question.compared, question.compared_intervals)),
    )


@dataclass(frozen=True)
class _Counting:
    question: DayQuestion
    facts: list[ProfileDay]

    @property
    def needed(self) -> list[str]:
        return [part for metric in self.question.metrics for part in made_of(metric)]

    @property
    def levels(self) -> list[str]:
        return list(
            dict.fromkeys(CHANGES.get(part, part) for part in self.needed if part in {*LEVELS, *CHANGES})
        )

    def rows(self) -> Iterator[Row]:
        question = self.question
        intervals = question.intervals or ((date.min, date.max),)
        for n, interval in enumerate(intervals):
            before = question.compared_intervals[n] if n < len(question.compared_intervals) else None
            shown = interval if question.period else None
            for keys in sorted(self._keys(interval)) if question.by else [None]:
                yield (
                    shown,
                    keys or (),
                    self.figures(interval, keys),
                    None if before is None else self.figures(before, keys),
                )

    def _keys(self, interval: Interval) -> set[Keys]:
        found = [one for one in self.facts if interval[0] <= one.day < interval[1]]
        found += [one for level in self.levels for one in self.held(level, interval).values()]
        return {keys for one in found for keys in one.keys(self.question.by)}

    def held(self, level: str, interval: Interval) -> dict[Thing, ProfileDay]:
        """The last known fact of each thing at the end of an interval."""
        start, end = interval
        carry = LEVELS[level][0] and start <= self.question.today
        return {one.thing: one for one in self.told(level) if one.day < end and (carry or one.day >= start)}

    def before(self, level: str, start: date) -> dict[Thing, int]:
        """What was last known of each thing before a day."""
        return {one.thing: one.followers or 0 for one in self.told(level) if one.day < start}

    def told(self, level: str) -> Iterator[ProfileDay]:
        """The facts that say something of a level, in their order."""
        _carry, paid = LEVELS[level]
        return (one for one in self.facts if one.followers is not None and (one.paid or not paid))

    def figures(self, interval: Interval, keys: Keys | None) -> Figures:
        return {metric: self.figure(metric, interval, keys) for metric in self.question.metrics}

    def figure(self, metric: str, interval: Interval, keys: Keys | None) -> Any:
        def mine(one: ProfileDay) -> bool:
            return keys is None or keys in one.keys(self.question.by)

        values = [self.figure(part, interval, keys) for part in made_of(metric) if part != metric]
        inside = [one for one in self.facts if interval[0] <= one.day < interval[1] and mine(one)]
        if metric in LEVELS:
            held = [one for one in self.held(metric, interval).values() if mine(one)]
            return sum(one.followers or 0 for one in held) if held else None
        if metric in CHANGES:
            level = CHANGES[metric]
            was = self.before(level, interval[0])
            both = [one for one in self.held(level, interval).values() if one.thing in was and mine(one)]
            return sum((one.followers or 0) - was[one.thing] for one in both) if both else None
        if metric in SUMS:
            told = [getattr(one, metric.removeprefix("told_")) for one in inside]
            known = [value for value in told if value is not None]
            return sum(known) if known or not SUMS[metric] else None
        if metric in COUNTS:
            return len(inside)
        if metric in DIFFERENCES:
            return None if None in values else values[0] - values[1]
        if metric in TOTALS:
            known = [value for value in values if value is not None]
            return sum(known) if known else None
        return None if values[0] is None or not values[1] else values[0] / values[1]

    def remarks(self, period: Interval | None, intervals: Sequence[Interval]) -> Iterator[Remark]:
        """What is to be said of a period: level by level, of what was carried and what is new in it."""
        for level in self.levels if period else ():
            assert period is not None
            asked = [
                one for one in [level, *CHANGES] if one in self.needed and CHANGES.get(one, one) == level
            ]
            carried = [
                one
                for interval in intervals
                for one in self.held(level, interval).values()
                if one.day < interval[0]
            ]
            if carried:
                yield asked[0], {one.thing for one in carried}, min(one.day for one in carried)
            was = self.before(level, period[0])
            new = {thing for thing in self.held(level, period) if thing not in was}
            yield from ((change, new, None) for change in asked if change in CHANGES and new)
