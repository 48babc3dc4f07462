"""The WhatsApp inbox: everything the plugin declares, at once."""

from __future__ import annotations

from bilan.sdk import Plugin
from bilan_whatsapp_inbox.activities import ACTIVITIES
from bilan_whatsapp_inbox.button.metrics import FILTERS as BUTTON_FILTERS
from bilan_whatsapp_inbox.button.metrics import METRICS as BUTTON_METRICS
from bilan_whatsapp_inbox.button.routes import ROUTES
from bilan_whatsapp_inbox.datasets import DATASETS
from bilan_whatsapp_inbox.filters import FILTERS
from bilan_whatsapp_inbox.metrics import METRICS
from bilan_whatsapp_inbox.reports import REPORTS
from bilan_whatsapp_inbox.sample import SAMPLES
from bilan_whatsapp_inbox.sources import SOURCES
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import NAMESPACE

PLUGIN = Plugin(
    name="whatsapp_inbox",
    namespace=NAMESPACE,
    label=_("WhatsApp"),
    package="bilan_whatsapp_inbox",
    datasets=DATASETS,
    metrics=(*METRICS, *BUTTON_METRICS),
    filters=(*FILTERS, *BUTTON_FILTERS),
    sources=SOURCES,
    samples=SAMPLES,
    reports=REPORTS,
    routes=ROUTES,
    activities=ACTIVITIES,
)
