"""The delivery report: figures, a chart, and the lanes."""

from __future__ import annotations

from collections.abc import Iterator

from bilan.sdk import (
    Block,
    Building,
    Chart,
    ChartKind,
    Custom,
    Example,
    FilterValue,
    Interval,
    Kpi,
    Kpis,
    Parameter,
    ParameterKind,
    Question,
    Report,
    ReportKind,
    ReportRequest,
    Series,
    Span,
    Table,
    TableColumn,
    Unit,
    messages,
    section,
)
from bilan_parcels.datasets import PARCELS
from bilan_parcels.metrics import METRICS

_ = messages("parcels")[0]

KEYS = tuple(metric.key for metric in METRICS)


def build(request: ReportRequest, building: Building) -> Report:
    """Two sections; what fails in one leaves the other be."""
    span = building.span
    filters = (FilterValue("parcels.labels", any=request["labels"]),)
    return Report(
        title=_("Parcel delivery"),
        blocks=(
            section("overview", _("Overview"), lambda: _overview(request, building, span, filters)),
            section("lanes", _("Lanes"), lambda: _lanes(building, span, filters)),
        ),
    )


def _overview(
    request: ReportRequest, building: Building, span: Span, filters: tuple[FilterValue, ...]
) -> Iterator[Block]:
    compare = request.compare.of(span)
    answer = building(
        Question(PARCELS.key, KEYS, span, request["interval"], filters=filters, compare=compare)
    )
    previous = answer.previous_totals or {}
    yield Kpis(
        "figures",
        tuple(
            Kpi(
                key=metric.key,
                label=metric.label,
                value=answer.totals[metric.key],
                unit=metric.unit,
                previous=previous.get(metric.key),
                compared=compare is not None,
                higher_is_better=metric.higher_is_better,
                metric=metric.key,
            )
            for metric in METRICS
        ),
        origin=answer.origin,
    )
    buckets = [(row.bucket, row.values) for row in answer.rows if row.bucket is not None]
    yield Chart(
        key="sent",
        kind=ChartKind.BAR,
        title=_("Parcels sent"),
        description=_("How many parcels were handed in."),
        categories=[bucket.start.isoformat() for bucket, _values in buckets],
        category_unit=Unit.DATE,
        series=(
            Series(
                "sent", _("Sent"), [values["parcels.sent"] for _bucket, values in buckets], "parcels.sent"
            ),
        ),
        origin=answer.origin,
    )


def _lanes(building: Building, span: Span, filters: tuple[FilterValue, ...]) -> Iterator[Block]:
    shown = [
        one for one in METRICS if one.key in ("parcels.sent", "parcels.mean_hours", "parcels.slow_hours")
    ]
    keys = tuple(one.key for one in shown)
    answer = building(Question(PARCELS.key, keys, span, by=("lane",), filters=filters))
    yield Custom(
        kind="parcels.lanes",
        key="lanes",
        data={
            "hours": {
                row.keys[0]: row.values["parcels.mean_hours"]
                for row in answer.rows
                if row.values["parcels.mean_hours"] is not None
            }
        },
        table=Table(
            key="lanes",
            title=_("Lanes"),
            file="lanes",
            columns=(
                TableColumn(key="lane", label=_("Lane")),
                *(TableColumn(key=m.key, label=m.label, unit=m.unit, metric=m.key) for m in shown),
            ),
            rows=[[row.keys[0], *(row.values[key] for key in keys)] for row in answer.rows],
            origin=answer.origin,
        ),
    )


DELIVERY = ReportKind(
    key="parcels.delivery",
    label=_("Parcel delivery"),
    description=_("How many parcels arrive, and how long each lane takes."),
    parameters=(
        Parameter("interval", _("Interval"), ParameterKind.INTERVAL, default=Interval()),
        Parameter("labels", _("Labels"), ParameterKind.TAGS, default=(), help=_("Any of these.")),
    ),
    build=build,
    datasets=(PARCELS.key,),
    examples=(
        Example(
            key="fragile",
            label=_("Fragile parcels by month"),
            description=_("The parcels with the label “fragile”, month by month."),
            values={"labels": ["fragile"], "interval": "month", "period": "last_90_days"},
        ),
    ),
)
