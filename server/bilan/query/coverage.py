"""Which days of a question a rollup answers for, and which are read from the facts.

See docs/decisions/058.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from bilan.query import rollups
from bilan.query.time import ALL_TIME, DAY_LENGTH, EPOCH, Range, inside
from bilan.sdk.periods import DAY, IntervalUnit, Span, midnight
from bilan.warehouse import microseconds
from bilan.warehouse.net import NetRows, net_table
from bilan.warehouse.tables import changes, moment_of

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.query.binder import Binder
    from bilan.query.plan import Plan
    from bilan.sdk.datasets import Dataset


MOST_ZONES = 3
"""In how many other zones whole days are looked for where a question's own zone has no rollup."""
MOST_BUCKETS = 1_000
MOST_PARTS = 40
"""Of more parts than this the engine compares the edges with each row for longer than it reads the facts."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where a question's figures come from: every moment of its periods from exactly one place."""

    table: str
    generations: tuple[int, ...]
    rolled: tuple[Range, ...]
    """The time that the generations answer for: whole days of their zone, of which none is in two buckets."""
    facts: tuple[Range, ...]
    """The rest, as far as anything was ever written there."""


def coverage(plan: Plan, sources: Collection[UUID], snapshot: Snapshot) -> Coverage | None:
    """How a question is divided; ``None`` where the facts answer all of it."""
    rollup = plan.names.dataset.rollup
    if (
        rollup is None
        or plan.question.interval.unit is IntervalUnit.HOUR
        or not rollups.answers(plan, rollup, merged=bool(snapshot.people(sources)))
    ):
        return None
    dataset, key = plan.names.dataset, rollups.name(plan.names.dataset, rollup)
    spans = [span for span in (plan.question.span, plan.question.compare) if span is not None]
    if len({span.zone for span in spans}) > 1:
        return None
    wanted, made = asked(plan), snapshot.zones(key)
    own = spans[0].zone if spans else next(iter(made), "")
    if held := _held(dataset, key, sources, snapshot, own, wanted, wanted):
        return Coverage(key, *held)
    if len(plan.buckets) + len(plan.previous) > MOST_BUCKETS:
        return None
    for zone in made[:MOST_ZONES]:
        whole = _whole_days(plan, zone)
        if len(whole) <= MOST_PARTS and 2 * _length(whole) > _length(wanted):
            held = _held(dataset, key, sources, snapshot, zone, wanted, whole)
            if held and 2 * _length(held[1]) > _length(wanted):
                return Coverage(key, *held)
    return None


def left(plan: Plan, covered: Coverage | None) -> Sequence[Range]:
    """The time that is asked about and that no rollup answers for."""
    return asked(plan) if covered is None else covered.facts


def net_rows(
    dataset: Dataset, sources: Collection[UUID], snapshot: Snapshot, ranges: Sequence[Range], binder: Binder
) -> NetRows | None:
    """Where net rows are read in place of versions; ``None`` where they hold for no day."""
    if not changes(dataset) or not ranges:
        return None
    held = _held(dataset, net_table(dataset), sources, snapshot, "UTC", ranges, ranges)
    if held is None:
        return None
    generations, there, rest = held
    time = moment_of(dataset)
    return NetRows(
        binder.bind(list(generations), "Array(UInt64)"),
        inside(there, time, binder),
        inside(rest, time, binder) if rest else "",
    )


def _held(
    dataset: Dataset,
    key: str,
    sources: Collection[UUID],
    snapshot: Snapshot,
    zone: str,
    ranges: Sequence[Range],
    wanted: Sequence[Range],
) -> tuple[tuple[int, ...], tuple[Range, ...], tuple[Range, ...]] | None:
    """The generations of a kind that hold, the part of what is wanted that they hold for, and the rest.

    The rest is what else is asked for, as far as anything was ever written there.
    """
    runs = [
        (run.generation, part)
        for run in snapshot.runs(dataset.key, key, sources, zone)
        for part in _common(range_of(Span(run.start, run.end, zone)), wanted)
    ]
    if not runs:
        return None
    held = _joined([part for _generation, part in runs])
    written = snapshot.touched_days(dataset.key, sources)
    rest = [part for part in _without(ranges, held) if _any_of(written, part)]
    return tuple(sorted({generation for generation, _part in runs})), tuple(held), tuple(rest)


def asked(plan: Plan) -> Sequence[Range]:
    """The time that a question asks about, in order."""
    spans = [span for span in (plan.question.span, plan.question.compare) if span is not None]
    return _joined([range_of(span) for span in spans]) if spans else [ALL_TIME]


def _whole_days(plan: Plan, zone: str) -> list[Range]:
    """The days of a zone that lie in one bucket each of a question that is asked in another zone."""
    buckets = (*plan.buckets, *plan.previous)
    edges = sorted({edge for bucket in buckets for edge in (bucket.starts_at, bucket.ends_at)})
    spans = [span.instants for span in (plan.question.span, plan.question.compare) if span is not None]
    return _joined(
        _in_whole_days(start, end, zone)
        for start, end in pairwise(edges)
        if any(first <= start < last for first, last in spans)
    )


def _in_whole_days(start: datetime, end: datetime, zone: str) -> Range:
    """From the first midnight of a zone in a time to the last one; empty where it holds no whole day."""
    place = ZoneInfo(zone)
    first, last = (moment.astimezone(place).date() for moment in (start, end))
    if midnight(first, zone) < start:
        first += DAY
    return range_of(Span(first, max(first, last), zone))


def _length(ranges: Iterable[Range]) -> int:
    return sum(end - start for start, end in ranges)


def range_of(span: Span) -> Range:
    """The moments of a period."""
    start, end = (midnight(day, span.zone) for day in (span.start, span.end))
    return microseconds(start), microseconds(end)


def _joined(ranges: Iterable[Range]) -> list[Range]:
    """The same time in ranges that neither overlap nor touch, in order."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        elif start < end:
            found.append((start, end))
    return found


def _common(one: Range, others: Iterable[Range]) -> list[Range]:
    both = ((max(one[0], start), min(one[1], end)) for start, end in others)
    return [(start, end) for start, end in both if start < end]


def _without(ranges: Sequence[Range], taken: Sequence[Range]) -> list[Range]:
    """What is left of the ranges; both are in order and free of overlaps."""
    found: list[Range] = []
    for start, end in ranges:
        for taken_start, taken_end in _common((start, end), taken):
            if start < taken_start:
                found.append((start, taken_start))
            start = taken_end
        if start < end:
            found.append((start, end))
    return found


def _any_of(days: Sequence[int], part: Range) -> bool:
    """Whether a part of time has a moment of one of the days in UTC, whose ordinals are in order."""
    start, end = (EPOCH.toordinal() + edge // DAY_LENGTH for edge in (part[0], part[1] - 1))
    at = bisect_left(days, start)
    return at < len(days) and days[at] <= end
