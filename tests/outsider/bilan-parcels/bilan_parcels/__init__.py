"""Parcels on their way: the hook implementations and nothing else."""

from __future__ import annotations

from bilan.sdk import (
    BlockRenderer,
    Dataset,
    Filter,
    Metric,
    Plugin,
    ReportKind,
    Sample,
    SourceKind,
    hookimpl,
    messages,
)
from bilan_parcels.blocks import LANES
from bilan_parcels.datasets import PARCELS
from bilan_parcels.filters import FILTERS
from bilan_parcels.metrics import METRICS
from bilan_parcels.reports import DELIVERY
from bilan_parcels.sources import DEPOT, SAMPLE

_ = messages("parcels")[0]


@hookimpl
def register_plugin() -> Plugin:
    return Plugin(name="parcels", namespace="parcels", label=_("Parcels"), package="bilan_parcels")


@hookimpl
def register_datasets() -> tuple[Dataset, ...]:
    return (PARCELS,)


@hookimpl
def register_metrics() -> tuple[Metric, ...]:
    return METRICS


@hookimpl
def register_filters() -> tuple[Filter, ...]:
    return FILTERS


@hookimpl
def register_sources() -> tuple[SourceKind, ...]:
    return (DEPOT,)


@hookimpl
def register_samples() -> tuple[Sample, ...]:
    return (SAMPLE,)


@hookimpl
def register_reports() -> tuple[ReportKind, ...]:
    return (DELIVERY,)


@hookimpl
def register_renderers() -> tuple[BlockRenderer, ...]:
    return (LANES,)
