"""Contacts: everything the plugin declares, at once."""

from __future__ import annotations

from bilan.sdk import Plugin
from bilan_contacts.activities import ACTIVITIES
from bilan_contacts.datasets import DATASETS
from bilan_contacts.filters import FILTERS
from bilan_contacts.metrics import METRICS
from bilan_contacts.query_fields import QUERY_FIELDS
from bilan_contacts.reports import REPORTS
from bilan_contacts.sample import SAMPLES
from bilan_contacts.sources import SOURCES
from bilan_contacts.textdomain import _
from bilan_contacts.vocabulary import NAMESPACE

PLUGIN = Plugin(
    name="contacts",
    namespace=NAMESPACE,
    label=_("Contacts"),
    package="bilan_contacts",
    datasets=DATASETS,
    metrics=METRICS,
    filters=FILTERS,
    sources=SOURCES,
    samples=SAMPLES,
    reports=REPORTS,
    activities=ACTIVITIES,
    query_fields=QUERY_FIELDS,
)
