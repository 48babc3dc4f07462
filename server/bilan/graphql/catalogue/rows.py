"""The rows of an answer as plain JSON values, made by what is selected. See docs/decisions/061."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from bilan.graphql.catalogue.shapes import TYPE_OF, Shape
from bilan.graphql.names import camel
from bilan.graphql.scalars import BigInt
from bilan.graphql.selection import Selection
from bilan.sdk.periods import Bucket
from bilan.sdk.query import HOUR, WEEKDAY, Answer, AnswerRow

Values = Mapping[str, Any]
Write = Callable[[Any], Any]

WRITTEN: Mapping[Any, Write] = {
    BigInt: int, float: float, datetime: datetime.isoformat, date: date.isoformat, str: str, bool: bool,
}  # fmt: skip
"""How the values of each type are written, as its scalar does."""
BUCKET: Mapping[str, Callable[[Bucket, datetime | None], Any]] = {
    "start": lambda bucket, _as_of: bucket.start.isoformat(),
    "end": lambda bucket, _as_of: bucket.end.isoformat(),
    "startsAt": lambda bucket, _as_of: bucket.starts_at.isoformat(),
    "endsAt": lambda bucket, _as_of: bucket.ends_at.isoformat(),
    "partial": lambda bucket, _as_of: bucket.partial,
    "unfinished": lambda bucket, as_of: as_of is not None and bucket.unfinished(as_of),
    "__typename": lambda _bucket, _as_of: "Bucket",
}


def plain_rows(
    shape: Shape, answer: Answer, names: Mapping[str, str], selection: Selection
) -> list[dict[str, Any]]:
    """The rows with the fields that are selected. ``names`` maps the ids of sources to their names."""
    fields = {key: _field(shape, answer, names, below) for key, below in selection.by_response().items()}
    return [{key: read(row) for key, read in fields.items()} for row in answer.rows]


def _field(
    shape: Shape, answer: Answer, names: Mapping[str, str], selection: Selection
) -> Callable[[AnswerRow], Any]:
    name = selection.field
    if name == "bucket":
        return _buckets(answer, selection)
    if name == "previous":
        figures = _figures(shape, selection)
        return lambda row: None if row.previous is None else figures(row.previous)
    if name == "__typename":
        return lambda _row: f"{shape.prefix}Row"
    if name in shape.metrics:
        key, write = shape.metrics[name], _nullable(WRITTEN[TYPE_OF[shape.units[name]]])
        return lambda row: write(row.values[key])
    return _dimension(answer, names, name)


def _figures(shape: Shape, selection: Selection) -> Callable[[Values], dict[str, Any]]:
    fields: dict[str, tuple[str, Write]] = {}
    for key, below in selection.by_response().items():
        if below.field == "__typename":
            fields[key] = ("", lambda _value: f"{shape.prefix}Figures")
        else:
            write = WRITTEN[TYPE_OF[shape.units[below.field]]]
            fields[key] = (shape.metrics[below.field], _nullable(write))
    return lambda values: {key: write(values.get(metric)) for key, (metric, write) in fields.items()}


def _dimension(answer: Answer, names: Mapping[str, str], name: str) -> Callable[[AnswerRow], Any]:
    by = [camel(one) for one in answer.question.by]
    if name not in by:
        return lambda _row: None
    at = by.index(name)
    if name == "source":
        return lambda row: names.get(row.keys[at], row.keys[at])
    return lambda row: int(row.keys[at]) if name in (WEEKDAY, HOUR) else row.keys[at]


def _buckets(answer: Answer, selection: Selection) -> Callable[[AnswerRow], Any]:
    fields = {key: BUCKET[below.field] for key, below in selection.by_response().items()}
    made: dict[int, dict[str, Any]] = {}

    def bucket(row: AnswerRow) -> dict[str, Any] | None:
        if row.bucket is None:
            return None
        # Rows of many groups share their buckets.
        if (found := made.get(row.bucket.index)) is None:
            found = {key: write(row.bucket, answer.as_of) for key, write in fields.items()}
            made[row.bucket.index] = found
        return found

    return bucket


def _nullable(write: Write) -> Write:
    return lambda value: None if value is None else write(value)
