"""Blocks made of an answer: tiles, a timeline and a table, with what the metrics say of themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.document import (
    NO_VALUE,
    Chart,
    ChartKind,
    Kpi,
    Kpis,
    Series,
    Table,
    TableColumn,
    Text,
    Value,
    plain_value,
)
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Metric
from bilan.sdk.periods import Bucket, IntervalUnit
from bilan.sdk.query import HOUR, WEEKDAY, Answer, AnswerRow
from bilan.sdk.textdomain import _, ngettext
from bilan.sdk.units import Unit

CLOCK = {
    WEEKDAY: TableColumn(key=WEEKDAY, label=_("Weekday"), unit=Unit.WEEKDAY),
    HOUR: TableColumn(key=HOUR, label=_("Hour of the day"), unit=Unit.HOUR),
}
BUCKET = "bucket"
"""The key of the column that holds the buckets' beginnings."""


def tiles(key: str, answer: Answer, metrics: Iterable[Metric], *, headline: Message | None = None) -> Kpis:
    """KPI tiles of the answer's totals, beside those of the comparison where one was asked for."""
    before, compared = answer.previous_totals or {}, answer.question.compare is not None

    def tile(metric: Metric) -> Kpi:
        counts = answer.beside.get(metric.key)
        counted = None if counts is None else Kpi.of(counts, answer.totals[counts.key])
        value, previous = answer.totals[metric.key], before.get(metric.key)
        return Kpi.of(metric, value, previous=previous, compared=compared, beside=counted)

    return Kpis(
        key,
        tuple(map(tile, metrics)),
        answer.origin,
        headline,
    )


def timeline(
    key: str,
    title: Text,
    answer: Answer,
    metrics: Sequence[Metric],
    *,
    kind: ChartKind = ChartKind.LINE,
    compared: Iterable[Metric] | None = None,
    headline: Message | None = None,
) -> Chart:
    """A chart of metrics of one unit over the answer's buckets.

    ``compared`` are those whose comparison is rendered behind, the first one
    unless others are named; of an answer without a comparison, none.
    """
    rows = [(row.bucket, row) for row in answer.rows if row.bucket is not None]
    behind = () if answer.question.compare is None else metrics[:1] if compared is None else compared
    hours = answer.question.interval.unit is IntervalUnit.HOUR
    return Chart(
        key=key,
        kind=kind,
        title=title,
        description=_described(metrics[0], rows),
        categories=[_begin(bucket, hours) for bucket, _row in rows],
        series=tuple(
            Series(m.key, m.label, [row.values[m.key] for _bucket, row in rows], m.key) for m in metrics
        ),
        unit=metrics[0].unit,
        category_unit=Unit.INSTANT if hours else Unit.DATE,
        previous=tuple(
            Series(m.key, m.label, [(row.previous or {}).get(m.key) for _bucket, row in rows], m.key)
            for m in behind
        ),
        origin=answer.origin,
        headline=headline,
        beside=tuple(
            Series(m.key, m.label, [row.values[m.key] for _bucket, row in rows], m.key)
            for m in _counts(answer, metrics)
        ),
    )


def _counts(answer: Answer, metrics: Iterable[Metric]) -> list[Metric]:
    """What stands beside some metrics and is none of them, each once."""
    shown = list(metrics)
    keys = {m.key for m in shown}
    found = {one.key: one for m in shown if (one := answer.beside.get(m.key)) and one.key not in keys}
    return list(found.values())


def _with_counts(answer: Answer, metrics: Sequence[Metric]) -> list[Metric]:
    """Metrics, each followed by what stands beside it, where that is none of them."""
    counts = {one.key for one in _counts(answer, metrics)}
    found = dict[str, Metric]()
    for one in metrics:
        beside = answer.beside.get(one.key)
        found |= {
            m.key: m for m in (one, beside) if m and (m is one or m.key in counts) and m.key not in found
        }
    return list(found.values())


def answer_table(
    key: str,
    title: Text,
    answer: Answer,
    metrics: Sequence[Metric],
    dataset: Dataset,
    *,
    file: str | None = None,
    note: Message | None = None,
    headline: Message | None = None,
) -> Table:
    """A table of the answer's rows: the bucket, the dimensions, then the figures, with their totals.

    Where the question has no breakdown by time there is no column of buckets.
    What counts the rows of a mean stands behind it. The dimensions are called
    what the dataset calls them. The table is exported as
    ``file``, or under its key. Rows beyond the question's limit are counted
    in a note.
    """
    hours = answer.question.interval.unit is IntervalUnit.HOUR
    buckets = answer.question.interval.unit is not IntervalUnit.NONE
    dimensions = [*_bucket_column(hours, buckets), *_dimension_columns(answer, dataset)]
    metrics = _with_counts(answer, metrics)
    left_out = answer.total_rows - len(answer.rows)
    return Table(
        key=key,
        title=title,
        columns=(*dimensions, *map(TableColumn.of, metrics)),
        rows=[_cells(row, answer, metrics, buckets=buckets) for row in answer.rows],
        totals=[*[None] * len(dimensions), *(plain_value(answer.totals[m.key]) for m in metrics)],
        note=note or (_left_out(left_out) if left_out > 0 else None),
        file=file or key,
        origin=answer.origin,
        headline=headline,
    )


def _bucket_column(hours: bool, buckets: bool) -> Iterator[TableColumn]:
    if buckets:
        label = _("Hour") if hours else _("First day")
        yield TableColumn(key=BUCKET, label=label, unit=Unit.INSTANT if hours else Unit.DATE)


def _dimension_columns(answer: Answer, dataset: Dataset) -> Iterator[TableColumn]:
    for name in answer.question.by:
        if name in CLOCK:
            yield CLOCK[name]
            continue
        column = dataset.by_name.get(name)
        label, personal = (column.label, column.personal) if column else (_("Source"), False)
        names = {"": NO_VALUE} if column and column.type is ColumnType.TEXTS else {}
        yield TableColumn(key=name, label=label, personal=personal, names=names)


def _cells(row: AnswerRow, answer: Answer, metrics: Iterable[Metric], *, buckets: bool) -> list[Value]:
    hours = answer.question.interval.unit is IntervalUnit.HOUR
    bucket: list[Value] = [] if row.bucket is None or not buckets else [_begin(row.bucket, hours)]
    keys = zip(answer.question.by, row.keys, strict=True)
    who: list[Value] = [
        int(value) if name in CLOCK else answer.names.get(value, value) if name == "source" else value
        for name, value in keys
    ]
    return [*bucket, *who, *(plain_value(row.values[m.key]) for m in metrics)]


def _begin(bucket: Bucket, hours: bool) -> str:
    return plain_value(bucket.starts_at) if hours else bucket.start.isoformat()


def _left_out(count: int) -> Message:
    return ngettext("{count} more is left out.", "{count} more are left out.", count=count)


def _described(metric: Metric, rows: Sequence[tuple[Bucket, AnswerRow]]) -> Message:
    """What the picture shows, for those who do not see it."""
    days = [(row.values[metric.key], bucket.start) for bucket, row in rows]
    known = [(value, day) for value, day in days if value is not None]
    if not days:
        return _("{metric}: no figures.", metric=metric.label)
    first, last = days[0][1].isoformat(), days[-1][1].isoformat()
    if not known:
        return _(
            "{metric} from {first:date} to {last:date}: no figures.",
            metric=metric.label, first=first, last=last,
        )  # fmt: skip
    _value, highest = max(known, key=lambda pair: pair[0])
    return _(
        "{metric} from {first:date} to {last:date}, highest in the interval that begins on {highest:date}.",
        metric=metric.label, first=first, last=last, highest=highest.isoformat(),
    )  # fmt: skip
