"""Parcels on their way: everything the plugin declares, at once."""

from bilan.sdk import Plugin
from bilan_parcels import facts, reports, sources

PLUGIN = Plugin(
    "parcels", "parcels", facts.PARCELS.label, "bilan_parcels", activities=facts.ACTIVITIES,
    datasets=(facts.PARCELS,), metrics=reports.METRICS, filters=facts.FILTERS, sources=(sources.DEPOT,),
    samples=(sources.SAMPLE,), reports=(reports.DELIVERY,), renderers=(reports.LANES,),
)  # fmt: skip
