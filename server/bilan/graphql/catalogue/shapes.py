"""GraphQL types made from a dataset's declaration, with the way back from their names to its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

import strawberry

from bilan.graphql.catalogue.inputs import INPUT_OF
from bilan.graphql.completed import completed_field
from bilan.graphql.names import camel, enum_name, local, pascal
from bilan.graphql.scalars import BigInt
from bilan.registry.mistakes import mistake
from bilan.sdk.datasets import ColumnType, Dataset
from bilan.sdk.metrics import Metric
from bilan.sdk.query import HOUR, WEEKDAY
from bilan.sdk.textdomain import _
from bilan.sdk.units import Unit

if TYPE_CHECKING:
    from bilan.registry.declared import Registry

TYPE_OF: dict[Unit, Any] = {
    Unit.COUNT: BigInt,
    Unit.BYTES: BigInt,
    Unit.NUMBER: float,
    Unit.PROPORTION: float,
    Unit.SECONDS: float,
    Unit.INSTANT: datetime,
    Unit.DATE: date,
    Unit.TEXT: str,
    Unit.BOOLEAN: bool,
}

TYPE_OF_COLUMN: dict[ColumnType, Any] = {
    ColumnType.TEXT: str,
    ColumnType.TEXTS: list[str],
    ColumnType.INTEGER: BigInt,
    ColumnType.NUMBER: float,
    ColumnType.BOOLEAN: bool,
    ColumnType.INSTANT: datetime,
    ColumnType.DATE: date,
}


CLOCK_FIELDS: dict[str, tuple[Any, str]] = {
    WEEKDAY: (int | None, "The weekday in the zone, Monday being 1, where rows are broken down by WEEKDAY."),
    HOUR: (int | None, "The hour that clocks of the zone showed, where rows are broken down by HOUR."),
}


def clock_fields(dataset: Dataset) -> dict[str, tuple[Any, str]]:
    """The dimensions made of the time of each fact: days that a source counts by have no hour."""
    left_out = {HOUR} if dataset.timed_by_day else set[str]()
    return {name: field for name, field in CLOCK_FIELDS.items() if name not in left_out}


@strawberry.type(name="Bucket", description="One part of a period.")
class BucketType:
    start: date = strawberry.field(description="The first day.")
    end: date = strawberry.field(description="The first day after it.")
    starts_at: datetime = strawberry.field(description="The first moment, in UTC.")
    ends_at: datetime = strawberry.field(description="The first moment after it, in UTC.")
    partial: bool = strawberry.field(description="Cut short by the edge of the period.")
    unfinished: bool = strawberry.field(description="Still running at the as-of moment.")


@strawberry.type(name="Span", description="Whole days in a zone.")
class SpanType:
    first: date = strawberry.field(description="The first day.")
    last: date = strawberry.field(description="The last day, included.")
    zone: str = strawberry.field(description="The zone that cuts the days (IANA name).")


@dataclass(frozen=True)
class Shape:
    """The types of one dataset."""

    dataset: Dataset
    prefix: str
    """What the names of its types begin with."""
    answer: type
    figures: type
    dimensions: type[Enum]
    filters: type | None
    order: type
    metrics: dict[str, str]
    """The GraphQL name of each metric to its key."""
    units: dict[str, Unit]
    """The GraphQL name of each metric to its unit."""


def shape(registry: Registry, dataset: Dataset) -> Shape:
    """The types of a dataset, each with its description."""
    prefix = pascal(dataset.key)
    metrics = registry.metrics_of(dataset.key)
    _check(dataset, metrics)
    dimensions = _dimensions(prefix, dataset)
    figures = _figures(prefix, dataset, metrics)
    row = _row(prefix, dataset, metrics, figures)
    return Shape(
        dataset=dataset,
        prefix=prefix,
        answer=_answer(prefix, dataset, row, figures),
        figures=figures,
        dimensions=dimensions,
        filters=_filters(prefix, registry, dataset),
        order=_order(prefix, dataset, metrics),
        metrics={camel(local(metric.key)): metric.key for metric in metrics},
        units={camel(local(metric.key)): metric.unit for metric in metrics},
    )


def _check(dataset: Dataset, metrics: tuple[Metric, ...]) -> None:
    """Metrics and dimensions stand side by side in a row, so no two may have one name."""
    taken = {
        "bucket",
        "source",
        "previous",
        *CLOCK_FIELDS,
        *(one.name for one in dataset.columns if one.dimension),
    }
    for metric in metrics:
        if local(metric.key) in taken:
            raise mistake(
                metric.key.partition(".")[0],
                _("the metric {key} has the name of another field of its rows in GraphQL", key=metric.key),
            )


def make(
    name: str,
    description: str,
    fields: dict[str, tuple[Any, str]],
    *,
    completed: Mapping[str, tuple[Any, str]] | None = None,
    is_input: bool = False,
) -> type:
    """A type of the schema, from the types and descriptions of its fields.

    Its objects have the values of the ``completed`` ones in an attribute of that name.
    """
    namespace: dict[str, Any] = {
        "__annotations__": {key: annotation for key, (annotation, _text) in fields.items()},
        "__module__": __name__,
    }
    for key, (_annotation, text) in fields.items():
        namespace[key] = strawberry.field(default=None, description=text)
    for key, (type_, text) in (completed or {}).items():
        namespace[key] = completed_field(type_, text)
    decorate = strawberry.input if is_input else strawberry.type
    return decorate(type(name, (), namespace), name=name, description=description)


def _metric_fields(metrics: tuple[Metric, ...]) -> dict[str, tuple[Any, str]]:
    return {
        local(metric.key): (
            TYPE_OF[metric.unit] | None,
            f"{metric.description} Formula: {_formula(metric)}. Definition {metric.version}.",
        )
        for metric in metrics
    }


def _formula(metric: Metric) -> str:
    beside = f"; {camel(local(metric.beside))} counts its rows" if metric.beside else ""
    return f"{metric.formula_text}{beside}"


def _figures(prefix: str, dataset: Dataset, metrics: tuple[Metric, ...]) -> type:
    return make(f"{prefix}Figures", f"The metrics of {dataset.label}.", _metric_fields(metrics))


def _row(prefix: str, dataset: Dataset, metrics: tuple[Metric, ...], figures: type) -> type:
    fields: dict[str, tuple[Any, str]] = {
        "bucket": (BucketType | None, "The part of the period; none without an interval."),
        "source": (str | None, "The source's name, where rows are broken down by SOURCE."),
    }
    fields |= clock_fields(dataset)
    for column in dataset.columns:
        if column.dimension:
            text = f"{column.label}, where rows are broken down by it."
            text += " Empty for those without any." if column.type is ColumnType.TEXTS else ""
            fields[column.name] = (str | None, text)
    fields |= _metric_fields(metrics)
    fields["previous"] = (figures | None, "The same figures of the span compared with.")
    return make(f"{prefix}Row", f"The figures of one bucket and one group of {dataset.label}.", fields)


def _answer(prefix: str, dataset: Dataset, row: type, figures: type) -> type:
    return make(
        f"{prefix}Answer",
        f"The answer to a question about {dataset.label}, with the question as it was understood.",
        {
            "totals": (figures, "Counted anew over the whole period, never summed from the rows."),
            "previous": (figures | None, "The totals of the span compared with."),
            "period": (SpanType | None, "The days asked for; none for all time."),
            "compared": (SpanType | None, "The days compared with."),
            "as_of": (datetime, "Facts that arrived later are not counted."),
            "total_rows": (int, "How many rows there are without the limit."),
            "notes": (list[str], "What to know before trusting a figure."),
        },
        completed={"rows": (list[row], "By bucket, then by group; empty buckets are filled.")},
    )


def _dimensions(prefix: str, dataset: Dataset) -> type[Enum]:
    members: dict[str, Any] = {
        enum_name(column.name): strawberry.enum_value(column.name, description=str(column.label))
        for column in dataset.columns
        if column.dimension
    }
    members["SOURCE"] = strawberry.enum_value("source", description="The source the facts came from.")
    for name, (_type, text) in clock_fields(dataset).items():
        members[enum_name(name)] = strawberry.enum_value(name, description=text.partition(",")[0] + ".")
    made: Any = Enum(f"{prefix}Dimension", members)
    return strawberry.enum(
        made, name=f"{prefix}Dimension", description=f"What {dataset.label} can be broken down by."
    )


def _order(prefix: str, dataset: Dataset, metrics: tuple[Metric, ...]) -> type:
    keys: dict[str, Any] = {
        enum_name(column.name): strawberry.enum_value(column.name, description=str(column.label))
        for column in dataset.columns
        if column.dimension
    }
    for name, (_type, text) in clock_fields(dataset).items():
        keys[enum_name(name)] = strawberry.enum_value(name, description=text.partition(",")[0] + ".")
    for metric in metrics:
        keys[enum_name(local(metric.key))] = strawberry.enum_value(metric.key, description=str(metric.label))
    made: Any = Enum(f"{prefix}OrderKey", keys)
    key = strawberry.enum(
        made, name=f"{prefix}OrderKey", description=f"What rows of {dataset.label} are sorted by."
    )
    return order_input(
        f"{prefix}Order",
        f"How rows of {dataset.label} are sorted.",
        key,
        "A metric or a dimension of the question.",
    )


def order_input(name: str, description: str, key: Any, about: str) -> type:
    """A key to sort by, and its direction."""
    namespace: dict[str, Any] = {
        "__annotations__": {"key": key, "descending": bool},
        "__module__": __name__,
        "key": strawberry.field(description=about),
        "descending": strawberry.field(default=True, description="The largest first."),
    }
    return strawberry.input(type(name, (), namespace), name=name, description=description)


def _filters(prefix: str, registry: Registry, dataset: Dataset) -> type | None:
    declared = registry.filters_of(dataset.key)
    if not declared:
        return None
    fields = {one.name: (INPUT_OF[one.kind] | None, str(one.description)) for one in declared}
    return make(
        f"{prefix}Filters", f"Ways to narrow {dataset.label}; all given ones hold.", fields, is_input=True
    )
