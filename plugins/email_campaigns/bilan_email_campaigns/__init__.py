"""E-mail campaigns: the hook implementations and nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.sdk import Dataset, Filter, Metric, Plugin, ReportKind, Sample, SourceKind, hookimpl
from bilan_email_campaigns.activities import ACTIVITIES
from bilan_email_campaigns.datasets import DATASETS
from bilan_email_campaigns.filters import FILTERS
from bilan_email_campaigns.metrics import METRICS
from bilan_email_campaigns.reports import REPORTS
from bilan_email_campaigns.sample import SAMPLES
from bilan_email_campaigns.sources import SOURCES
from bilan_email_campaigns.textdomain import _
from bilan_email_campaigns.vocabulary import NAMESPACE


@hookimpl
def register_plugin() -> Plugin:
    return Plugin(
        name="email_campaigns",
        namespace=NAMESPACE,
        label=_("E-mail campaigns"),
        package="bilan_email_campaigns",
        activities=ACTIVITIES,
    )


@hookimpl
def register_datasets() -> Sequence[Dataset]:
    return DATASETS


@hookimpl
def register_metrics() -> Sequence[Metric]:
    return METRICS


@hookimpl
def register_filters() -> Sequence[Filter]:
    return FILTERS


@hookimpl
def register_sources() -> Sequence[SourceKind]:
    return SOURCES


@hookimpl
def register_reports() -> Sequence[ReportKind]:
    return REPORTS


@hookimpl
def register_samples() -> Sequence[Sample]:
    return SAMPLES
