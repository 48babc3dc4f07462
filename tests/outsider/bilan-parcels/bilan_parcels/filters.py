"""Ways to narrow the parcels, one of each kind."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind, messages
from bilan_parcels.datasets import PARCELS

_ = messages("parcels")[0]

HERE = (PARCELS.key,)

FILTERS = (
    Filter("parcels.lane", HERE, "lane", FilterKind.CHOICES, _("Lane"), _("Parcels of these lanes.")),
    Filter("parcels.labels", HERE, "labels", FilterKind.TAGS, _("Labels"), _("Parcels with these labels.")),
    Filter("parcels.number", HERE, "parcel", FilterKind.TEXT, _("Parcel"), _("A part of the number.")),
    Filter("parcels.insured", HERE, "insured", FilterKind.FLAG, _("Insured"), _("Insured parcels or not.")),
    Filter("parcels.weight", HERE, "weight", FilterKind.RANGE, _("Weight"), _("In kilograms.")),
)
