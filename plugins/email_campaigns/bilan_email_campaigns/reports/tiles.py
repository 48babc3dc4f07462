"""Figures as tiles and over time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bilan.sdk.document import Cell, Chart, ChartKind, Kpi, Series, Value
from bilan.sdk.messages import Message, messages
from bilan.sdk.metrics import Metric
from bilan.sdk.periods import Interval, IntervalUnit, Span
from bilan.sdk.query import Answer, AnswerRow
from bilan.sdk.units import Unit
from bilan_email_campaigns.reports.listed import Listed
from bilan_email_campaigns.reports.stated import cell, plain
from bilan_email_campaigns.reports.statistics import METRIC
from bilan_email_campaigns.vocabulary import NAMESPACE

_, n_ = messages(NAMESPACE)

SERIES = 6
"""More lines than this in one picture cannot be told apart."""
POINTS = 400
"""More points than this on one line neither."""


def drawable(interval: Interval, span: Span) -> Interval:
    """The interval to draw by: the one asked for, or months or quarters where that gives too many points."""
    for one in (interval, Interval(IntervalUnit.MONTH)):
        if len(one.buckets(span)) <= POINTS:
            return one
    return Interval(IntervalUnit.QUARTER)


def tile(key: str, value: Value, *, previous: Value = None, compared: bool = False) -> Kpi:
    """A metric's figure with its change. Marks and notes of the figure are kept."""
    metric = METRIC[key]
    shown = value if isinstance(value, Cell) else Cell(value)
    before = previous.value if isinstance(previous, Cell) else previous
    return Kpi(
        key=key,
        label=metric.label,
        value=plain(shown.value),
        unit=metric.unit,
        previous=before if isinstance(before, int | float) else None,
        compared=compared,
        higher_is_better=metric.higher_is_better,
        metric=key,
        mark=shown.mark,
        note=shown.note,
    )


def compared_tile(
    key: str,
    counted: Mapping[str, Any] | None,
    totals: tuple[Listed, ...],
    before: Mapping[str, Any] | None,
    totals_before: tuple[Listed, ...],
    *,
    compared: bool,
) -> Kpi:
    """A metric's figure over counted events and stated totals, held against the same of another period."""
    previous = cell(key, before, totals_before) if compared else None
    return tile(key, cell(key, counted, totals), previous=previous, compared=compared)


def over_time(key: str, title: Message, metrics: Iterable[str], answer: Answer) -> Chart | None:
    """The metrics of one unit as lines over the answer's buckets; ``None`` where there is nothing to draw."""
    chosen = _most_telling(METRIC[name] for name in metrics)
    rows = [row for row in answer.rows if row.bucket is not None]
    if not chosen or len(rows) < 2:
        return None

    def lines(figures: Callable[[AnswerRow], Mapping[str, Any]]) -> tuple[Series, ...]:
        return tuple(
            Series(one.key, one.label, [figures(row).get(one.key) for row in rows], one.key) for one in chosen
        )

    return Chart(
        key=key,
        kind=ChartKind.LINE,
        title=title,
        description=_described(chosen[0], rows),
        categories=[row.bucket.start.isoformat() for row in rows if row.bucket is not None],
        series=lines(lambda row: row.values),
        unit=chosen[0].unit,
        category_unit=Unit.DATE,
        previous=tuple(
            Series(
                metric.key, metric.label, [(row.previous or {}).get(metric.key) for row in rows], metric.key
            )
            for metric in chosen
            if answer.question.compare is not None
        ),
        origin=answer.origin,
    )


def _described(metric: Metric, rows: list[AnswerRow]) -> Message:
    """What the picture shows, for those who do not see it."""
    days = [(row.values[metric.key], row.bucket.start) for row in rows if row.bucket is not None]
    first, last = days[0][1].isoformat(), days[-1][1].isoformat()
    known = [(value, day) for value, day in days if value is not None]
    if not known:
        return _(
            "{metric} from {first:date} to {last:date}: no figures.",
            metric=metric.label, first=first, last=last,
        )  # fmt: skip
    _value, highest = max(known, key=lambda one: one[0])
    return _(
        "{metric} from {first:date} to {last:date}, highest in the interval that begins on {highest:date}.",
        metric=metric.label, first=first, last=last, highest=highest.isoformat(),
    )  # fmt: skip


def _most_telling(metrics: Iterable[Metric]) -> list[Metric]:
    """A few of them, failures last."""
    return sorted(metrics, key=lambda metric: metric.higher_is_better is False)[:SERIES]
