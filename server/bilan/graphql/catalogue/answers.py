"""From a selection to a question, and from an answer to rows of the schema's types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bilan.graphql.catalogue.shapes import Shape, SpanType
from bilan.graphql.completed import Completed
from bilan.graphql.names import local
from bilan.graphql.selection import Selection
from bilan.i18n import LocaleFormatter
from bilan.sdk.periods import DAY, Span
from bilan.sdk.query import Answer


def selected_metrics(shape: Shape, selection: Selection) -> tuple[str, ...]:
    """The keys of the metrics selected anywhere in the answer, in the order of their declaration."""
    rows, totals, previous = (selection.below(name) for name in ("rows", "totals", "previous"))
    wanted = rows.names() | rows.below("previous").names() | totals.names() | previous.names()
    return tuple(key for name, key in shape.metrics.items() if name in wanted)


def wants_previous(selection: Selection) -> bool:
    """Whether figures of the compared span are selected at all."""
    return "previous" in selection.names() or "previous" in selection.below("rows").names()


def wants_totals(selection: Selection) -> bool:
    """Whether the totals are selected, or what is to be known of them."""
    return bool({"totals", "previous", "notes"} & set(selection.names()))


def present(
    shape: Shape, answer: Answer, rows: Mapping[str, list[dict[str, Any]]], formatter: LocaleFormatter
) -> Any:
    """The answer as the schema's type. ``rows`` are plain already, by the name they have in the response."""
    question, previous = answer.question, answer.previous_totals
    return _object(
        shape.answer,
        {
            "completed": {key: Completed(found) for key, found in rows.items()},
            "totals": _object(shape.figures, _values(answer.totals)),
            "previous": _object(shape.figures, _values(previous)) if previous is not None else None,
            "period": present_span(question.span),
            "compared": present_span(question.compare),
            "as_of": answer.as_of,
            "total_rows": answer.total_rows,
            "notes": [formatter.text(note) for note in answer.notes],
        },
    )


def _values(figures: Mapping[str, Any] | None) -> dict[str, Any]:
    return {local(key): value for key, value in (figures or {}).items()}


def _object(cls: type, values: dict[str, Any]) -> Any:
    # Fields that were not asked for keep the class's default; filling every
    # one of them for every row would cost more than the query.
    made = object.__new__(cls)
    made.__dict__ = values
    return made


def present_span(span: Span | None) -> SpanType | None:
    """A span as the schema's type."""
    return SpanType(first=span.start, last=span.end - DAY, zone=span.zone) if span else None
