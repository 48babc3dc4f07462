"""Which days of a question a rollup answers for, and which are read from the facts."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.query import rollups
from bilan.query.time import ALL_TIME, Range, inside
from bilan.sdk.periods import DAY, IntervalUnit, Span, midnight
from bilan.warehouse import microseconds, quote
from bilan.warehouse.net import NetRows, net_table
from bilan.warehouse.tables import changes

if TYPE_CHECKING:
    from bilan.manifest import Snapshot
    from bilan.query.binder import Binder
    from bilan.query.plan import Plan
    from bilan.sdk.datasets import Dataset


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where a question's figures come from: every moment of its periods from exactly one place."""

    generations: tuple[int, ...]
    rolled: tuple[Range, ...]
    """The time that the generations answer for, in whole days of the question's zone."""
    facts: tuple[Range, ...]
    """The rest, as far as anything was ever written there."""


def coverage(plan: Plan, sources: Collection[UUID], snapshot: Snapshot) -> Coverage | None:
    """How a question is divided; ``None`` where the facts answer all of it."""
    rollup = plan.names.dataset.rollup
    if (
        rollup is None
        or plan.question.interval.unit is IntervalUnit.HOUR
        or not rollups.answers(plan, rollup)
    ):
        return None
    dataset, key = plan.names.dataset, rollups.name(plan.names.dataset, rollup)
    spans = [span for span in (plan.question.span, plan.question.compare) if span is not None]
    if len({span.zone for span in spans}) > 1:
        return None
    zone = spans[0].zone if spans else next(iter(snapshot.zones(key)), None)
    if zone is None:
        return None
    held = _held(dataset, key, sources, snapshot, zone, _asked(plan))
    return Coverage(*held) if held else None


def left(plan: Plan, covered: Coverage | None) -> Sequence[Range]:
    """The time that is asked about and that no rollup answers for."""
    return _asked(plan) if covered is None else covered.facts


def net_rows(
    dataset: Dataset, sources: Collection[UUID], snapshot: Snapshot, asked: Sequence[Range], binder: Binder
) -> NetRows | None:
    """Where net rows are read in place of versions; ``None`` where they hold for no day."""
    if not changes(dataset) or not asked:
        return None
    held = _held(dataset, net_table(dataset), sources, snapshot, "UTC", asked)
    if held is None:
        return None
    generations, there, rest = held
    time = quote(dataset.time)
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
    asked: Sequence[Range],
) -> tuple[tuple[int, ...], tuple[Range, ...], tuple[Range, ...]] | None:
    """The generations of a kind that hold, the time that they hold for, and the rest that was written to."""
    runs = [
        (run.generation, part)
        for run in snapshot.runs(dataset.key, key, sources, zone)
        for part in _common(range_of(Span(run.start, run.end, zone)), asked)
    ]
    if not runs:
        return None
    held = _joined([part for _generation, part in runs])
    written = [_day(ordinal) for ordinal in snapshot.touched_days(dataset.key, sources)]
    rest = [part for part in _without(asked, held) if _any_common(written, part)]
    return tuple(sorted({generation for generation, _part in runs})), tuple(held), tuple(rest)


def _asked(plan: Plan) -> Sequence[Range]:
    spans = [span for span in (plan.question.span, plan.question.compare) if span is not None]
    return _joined([range_of(span) for span in spans]) if spans else [ALL_TIME]


def range_of(span: Span) -> Range:
    """The moments of a period."""
    start, end = (midnight(day, span.zone) for day in (span.start, span.end))
    return microseconds(start), microseconds(end)


def _day(ordinal: int) -> Range:
    start = microseconds(datetime.combine(date.fromordinal(ordinal), time(), UTC))
    return start, start + DAY // timedelta(microseconds=1)


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


def _any_common(ordered: Sequence[Range], one: Range) -> bool:
    """Whether one of the ranges, which are in order, has any moment of another."""
    at = bisect_right(ordered, one[0], key=lambda range_: range_[1])
    return at < len(ordered) and ordered[at][0] < one[1]
