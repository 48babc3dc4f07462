"""The metrics of the reports, by their names."""

from __future__ import annotations

from bilan.sdk import Metric
from bilan_social_profiles.metrics import METRICS

METRIC = {metric.key.partition(".")[2]: metric for metric in METRICS}


def named(*names: str) -> list[Metric]:
    """The metrics with these names."""
    return [METRIC[name] for name in names]
