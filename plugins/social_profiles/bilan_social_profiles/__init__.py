"""Social profiles: everything the plugin declares, at once."""

from __future__ import annotations

from bilan.sdk import Plugin
from bilan_social_profiles.datasets import DATASETS
from bilan_social_profiles.filters import FILTERS
from bilan_social_profiles.metrics import METRICS
from bilan_social_profiles.reports import REPORTS
from bilan_social_profiles.sample import SAMPLES
from bilan_social_profiles.sources import SOURCES
from bilan_social_profiles.textdomain import _
from bilan_social_profiles.vocabulary import NAMESPACE

PLUGIN = Plugin(
    name="social_profiles",
    namespace=NAMESPACE,
    label=_("Social profiles"),
    package="bilan_social_profiles",
    datasets=DATASETS,
    metrics=METRICS,
    filters=FILTERS,
    sources=SOURCES,
    samples=SAMPLES,
    reports=REPORTS,
)
