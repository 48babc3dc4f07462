"""A snapshot of the manifest: as of which moment is asked, and which days a rollup answers for then."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

from dateutil.relativedelta import relativedelta

from bilan.contacts.people import People, Ties
from bilan.sdk.periods import DAY, midnight
from bilan.warehouse import microseconds

NOTHING_SAID = Ties()
Days = Mapping[int, int]
"""The moment at which a day in UTC was last written to, by the day's ordinal."""


@dataclass(frozen=True, slots=True)
class Generation:
    """A rollup of one month: its number in the warehouse, and the moment (µs) as of which it was made."""

    number: int
    moment: int


@dataclass(frozen=True, slots=True)
class DayRange:
    """Consecutive days of one generation that hold as of the snapshot's moment; ``end`` is not included."""

    generation: int
    start: date
    end: date


@dataclass(frozen=True, slots=True)
class ManifestState:
    """Touched days by dataset and source, generations by rollup, zone and month. Never changed in place."""

    revision: int = -1
    touched: Mapping[tuple[str, UUID], Days] = field(default_factory=dict[tuple[str, UUID], Days])
    generations: Mapping[tuple[str, str], Mapping[int, Generation]] = field(
        default_factory=dict[tuple[str, str], Mapping[int, Generation]]
    )
    ties: Ties = NOTHING_SAID
    """Which addresses of contacts are one person."""
    # Worked out once for all questions that are asked before the manifest changes.
    _merged: dict[tuple[str, frozenset[UUID]], Days] = field(
        default_factory=dict[tuple[str, frozenset[UUID]], Days], compare=False
    )
    _ordered: dict[tuple[str, frozenset[UUID]], Sequence[int]] = field(
        default_factory=dict[tuple[str, frozenset[UUID]], Sequence[int]], compare=False
    )
    _runs: dict[tuple[str, str, frozenset[UUID], str], tuple[DayRange, ...]] = field(
        default_factory=dict[tuple[str, str, frozenset[UUID], str], tuple[DayRange, ...]], compare=False
    )

    _known: dict[str, bool] = field(default_factory=dict[str, bool], compare=False)

    def known(self, what: str, look: Callable[[], bool]) -> bool:
        """Whether something is so of the facts, looked up once while nothing is written.

        Without a manifest, whose revision tells of what is written, it is looked up each time.
        """
        if (found := self._known.get(what)) is None:
            found = look()
            if self.revision >= 0:
                self._known[what] = found
        return found

    def last_touched(self, dataset: str, sources: frozenset[UUID]) -> Days:
        """When each day was last touched by any of the sources."""
        key = (dataset, sources)
        if (found := self._merged.get(key)) is None:
            found = dict[int, int]()
            for source in sources:
                for day, moment in self.touched.get((dataset, source), {}).items():
                    found[day] = max(moment, found.get(day, 0))
            self._merged[key] = found
        return found

    def touched_days(self, dataset: str, sources: frozenset[UUID]) -> Sequence[int]:
        """The ordinals of the days in UTC that were ever written to, in order."""
        key = (dataset, sources)
        if (found := self._ordered.get(key)) is None:
            found = self._ordered[key] = sorted(self.last_touched(dataset, sources))
        return found

    def runs(
        self, dataset: str, rollup: str, sources: frozenset[UUID], zone: str, as_of: int
    ) -> tuple[DayRange, ...]:
        """The days that generations answer for as of a moment (µs), in order; none overlap."""
        months = self.generations.get((rollup, zone), {})
        key = (dataset, rollup, sources, zone)
        # Before the moment of a generation fewer of its days may hold.
        latest = all(made.moment <= as_of for made in months.values())
        if latest and (known := self._runs.get(key)) is not None:
            return known
        touched = self.last_touched(dataset, sources)
        found = tuple(
            run
            for month in sorted(months)
            for run in _held(zone, month, months[month], touched, min(months[month].moment, as_of))
        )
        if latest:
            self._runs[key] = found
        return found


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a question sees: facts written by ``as_of``, and the rollups that hold as of then."""

    as_of: datetime
    state: ManifestState = ManifestState()
    now: datetime | None = None
    """What the server's clock shows; it may show less than a moment that was issued while it ran ahead."""

    @property
    def today(self) -> datetime:
        """The moment in whose day periods such as the last seven days end: none that is still to come."""
        return self.as_of if self.now is None else min(self.as_of, self.now)

    def people(self, sources: Collection[UUID]) -> People:
        """Which addresses of contacts are one person, as far as that was known as of the moment."""
        return self.state.ties.people(sources, microseconds(self.as_of))

    def later_days(self, dataset: str, sources: Collection[UUID]) -> bool:
        """Whether facts lie on days that are to come by the clock; some zones are a day ahead anyway."""
        days = self.state.last_touched(dataset, frozenset(sources))
        return self.now is not None and max(days, default=0) > self.now.toordinal() + 1

    def zones(self, rollup: str) -> tuple[str, ...]:
        """The zones whose days were rolled up, those with the most months first."""
        made = self.state.generations.items()
        found = {zone: len(months) for (key, zone), months in made if key == rollup}
        return tuple(sorted(found, key=lambda zone: (-found[zone], zone)))

    def runs(self, dataset: str, rollup: str, sources: Collection[UUID], zone: str) -> tuple[DayRange, ...]:
        """The days that generations of a dataset's rollup answer for, in order; none overlap.

        A day holds where each day in UTC that it overlaps was last touched at
        or before both the generation's moment and the snapshot's.
        """
        return self.state.runs(dataset, rollup, frozenset(sources), zone, microseconds(self.as_of))

    def touched_days(self, dataset: str, sources: Collection[UUID]) -> Sequence[int]:
        """The ordinals of the days in UTC that were ever written to, in order."""
        return self.state.touched_days(dataset, frozenset(sources))

    def last_touched(self, dataset: str, sources: Collection[UUID]) -> int:
        """The last moment (µs) at or before the snapshot's at which any of the days was written to."""
        as_of = microseconds(self.as_of)
        touched = self.state.last_touched(dataset, frozenset(sources))
        return max((moment for moment in touched.values() if moment <= as_of), default=0)


def _held(zone: str, month: int, generation: Generation, touched: Days, limit: int) -> Iterator[DayRange]:
    start: date | None = None
    end = first_of(month)
    for day, utc_days in days_of(zone, month):
        end = day + DAY
        if all(touched.get(utc, 0) <= limit for utc in utc_days):
            start = start or day
        elif start is not None:
            yield DayRange(generation.number, start, day)
            start = None
    if start is not None:
        yield DayRange(generation.number, start, end)


@lru_cache(maxsize=4096)
def days_of(zone: str, month: int) -> tuple[tuple[date, tuple[int, ...]], ...]:
    """The days of a month in a zone, each with the ordinals of the days in UTC that it overlaps."""
    found: list[tuple[date, tuple[int, ...]]] = []
    day, end = first_of(month), first_of(month) + relativedelta(months=1)
    while day < end:
        found.append((day, _overlapped(zone, day)))
        day += DAY
    return tuple(found)


def first_of(month: int) -> date:
    """The first day of a month that is written as year times 100 plus month."""
    return date(month // 100, month % 100, 1)


def _overlapped(zone: str, day: date) -> tuple[int, ...]:
    start = midnight(day, zone).date()
    end = (midnight(day + DAY, zone) - timedelta(microseconds=1)).date()
    return tuple(range(start.toordinal(), end.toordinal() + 1))
