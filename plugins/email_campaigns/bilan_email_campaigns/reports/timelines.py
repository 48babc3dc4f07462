"""How a channel's figures are drawn over time: from when on, and in steps that can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bilan.sdk import Answer, AnswerRow, Chart, Interval, IntervalUnit, Message, Span, Unit
from bilan_email_campaigns.reports.findings import FEW
from bilan_email_campaigns.reports.line_charts import charted_metrics, is_consistent, over_time
from bilan_email_campaigns.reports.scope import Scope
from bilan_email_campaigns.reports.statistics import METRIC, denominators, with_parts
from bilan_email_campaigns.textdomain import _

POINTS = 400
"""More points than this on one line cannot be told apart."""
NEGLIGIBLE = 0.01
"""Less than this part of every line is no reason to draw the years in which it happened."""
STEPS = tuple(map(Interval, (IntervalUnit.WEEK, IntervalUnit.MONTH, IntervalUnit.QUARTER)))
BY_STEP = {
    IntervalUnit.WEEK: _("Rates by week"),
    IntervalUnit.MONTH: _("Rates by month"),
    IntervalUnit.QUARTER: _("Rates by quarter"),
}


def drawable(interval: Interval, span: Span) -> Interval:
    """The interval to draw by: the one asked for, or months or quarters where that gives too many points."""
    for one in (interval, Interval(IntervalUnit.MONTH)):
        if len(one.buckets(span)) <= POINTS:
            return one
    return Interval(IntervalUnit.QUARTER)


def chart_start(keys: Sequence[str], rows: Sequence[AnswerRow]) -> date | None:
    """Where the lines begin to tell something, if half of the time or more passes before.

    What is left out before that day is less than a hundredth of every line.
    """
    sums = {key: sum(row.values[key] or 0 for row in rows) for key in keys}
    left = {key: NEGLIGIBLE * total for key, total in sums.items() if total}
    for place, row in enumerate(rows):
        left = {key: room - (row.values[key] or 0) for key, room in left.items()}
        if min(left.values(), default=1) <= 0:
            return row.bucket.start if row.bucket is not None and 2 * place >= len(rows) else None
    return None


def charted(scope: Scope, channels: Iterable[Sequence[str]], summary: Answer) -> Answer:
    """The figures that are drawn: where nobody chose a period and its begin is a stray, the later ones."""
    lines = [one for keys in channels for one in _charted(keys, Unit.COUNT, summary)]
    late = chart_start(lines, summary.rows) if scope.since_oldest and not scope.compared else None
    if late is None:
        return summary
    span = replace(scope.span, start=late)
    interval = drawable(scope.request["interval"], span)
    return scope.client(replace(summary.question, span=span, interval=interval))


def notes(scope: Scope, answer: Answer) -> Iterator[Message]:
    """What a reader must know of pictures of these figures."""
    span = answer.question.span
    if span is not None and span.start != scope.span.start:
        yield _(
            "The charts begin on {first:date}. Less than a hundredth of what they show is older; "
            "it is in the tiles and tables.",
            first=span.start.isoformat(),
        )
    if answer.question.interval != scope.request["interval"]:
        yield _("The period is too long to draw at this interval, so the charts are coarser.")


@dataclass(frozen=True)
class Timeline:
    """A channel's chosen statistics over time."""

    scope: Scope
    name: str
    keys: Sequence[str]
    answer: Answer

    def charts(self) -> Iterator[Chart]:
        """Counts, then rates."""
        counts, rates = (_charted(self.keys, unit, self.answer) for unit in (Unit.COUNT, Unit.PROPORTION))
        if chart := over_time(f"{self.name}_{Unit.COUNT}", _("Counts over time"), counts, self.answer):
            yield chart
        stable = self._stable_rates(rates)
        title = _("Rates over time") if stable is self.answer else BY_STEP[stable.question.interval.unit]
        if chart := over_time(f"{self.name}_share", title, rates, stable):
            yield chart

    def _stable_rates(self, rates: Sequence[str]) -> Answer:
        """The rates in steps in which each is of many e-mails and none lacks its whole, or the longest."""
        answer, below = self.answer, denominators(rates)
        span = answer.question.span
        for step in STEPS:
            if span is None or all(_many(row, below) and _consistent(row, rates) for row in answer.rows):
                break
            if 1 < len(step.buckets(span)) < len(answer.rows):
                answer = self.scope.client(replace(answer.question, metrics=with_parts(rates), interval=step))
        return answer


def _consistent(row: AnswerRow, rates: Sequence[str]) -> bool:
    return all(is_consistent(METRIC[key], row.values) for key in rates)


def _charted(keys: Iterable[str], unit: Unit, answer: Answer) -> list[str]:
    return charted_metrics([key for key in keys if METRIC[key].unit is unit], answer.rows)


def _many(row: AnswerRow, below: Sequence[str]) -> bool:
    """Whether a whole interval has no rate of a few e-mails. One that has none at all is a gap."""
    cut = row.bucket is None or row.bucket.partial
    return cut or all(not row.values[key] or row.values[key] >= FEW for key in below)
