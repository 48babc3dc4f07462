"""A heat map made of an answer, with its figures as a table for data files."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from bilan.sdk.answers import answer_table
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.document import NO_VALUE, Block, Chart, ChartKind, Series, Text
from bilan.sdk.messages import Message
from bilan.sdk.metrics import Count, Distinct, Metric, Sum
from bilan.sdk.query import HOUR, WEEKDAY, Answer
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

UNITS = {WEEKDAY: Unit.WEEKDAY, HOUR: Unit.HOUR}


def heatmap(
    key: str,
    title: Text,
    answer: Answer,
    metric: Metric,
    dataset: Dataset,
    *,
    first_weekday: int = 0,
    file: str | None = None,
    headline: Message | None = None,
) -> Iterator[Block]:
    """A metric broken down by two dimensions: the first one down, the second one across.

    Weekdays begin with the report's first one, and like hours all of them have
    a place. Behind the chart comes a hidden table of the same figures, for
    data files, called ``file`` or like the chart.
    """
    down, across = answer.question.by
    found = {row.keys: row.values[metric.key] for row in answer.rows}
    nothing = 0 if isinstance(metric.formula, Count | Distinct | Sum) else None
    rows, columns = (_values(answer, place, first_weekday) for place in range(2))
    lists = {one.name for one in dataset.columns if one.type is ColumnType.TEXTS}
    yield Chart(
        key=key,
        kind=ChartKind.HEATMAP,
        title=title,
        description=_described(answer, metric),
        categories=[answer.names.get(one, one) if across == "source" else one for one in columns],
        category_unit=UNITS.get(across, Unit.TEXT),
        names={"": NO_VALUE} if across in lists else {},
        series=tuple(
            Series(
                answer.names.get(row, row) if down == "source" else row,
                NO_VALUE if not row and down in lists else _named(answer, down, row),
                [found.get((row, column), nothing) for column in columns],
                metric.key,
            )
            for row in rows
        ),
        unit=metric.unit,
        origin=answer.origin,
        headline=headline,
    )
    name = file or key
    yield replace(answer_table(f"{key}_figures", title, answer, [metric], dataset, file=name), hidden=True)


def _values(answer: Answer, place: int, first_weekday: int) -> list[str]:
    """The values of a dimension, in their order."""
    match answer.question.by[place]:
        case "weekday":
            return [str((first_weekday + day) % 7 + 1) for day in range(7)]
        case "hour":
            return [str(hour) for hour in range(24)]
        case _:
            return list(dict.fromkeys(row.keys[place] for row in answer.rows))


def _named(answer: Answer, dimension: str, value: str) -> Text:
    """A value as people read it."""
    match dimension:
        case "weekday":
            return _("{day:weekday}", day=int(value))
        case "hour":
            return _("{hour:hour}", hour=int(value))
        case _:
            return answer.names.get(value, value)


def _described(answer: Answer, metric: Metric) -> Message:
    """Where the figures are highest, for those who do not see it."""
    known = [(row.values[metric.key], row.keys) for row in answer.rows if row.values[metric.key] is not None]
    if not known:
        return _("{metric}: no figures.", metric=metric.label)
    _value, keys = max(known, key=lambda pair: pair[0])
    row, column = (_named(answer, one, key) for one, key in zip(answer.question.by, keys, strict=True))
    if answer.question.by == (WEEKDAY, HOUR):
        return _("{metric} by weekday and hour, highest on {row} at {column}.",
                 metric=metric.label, row=row, column=column)  # fmt: skip
    return _("{metric}, highest where {row} meets {column}.", metric=metric.label, row=row, column=column)
