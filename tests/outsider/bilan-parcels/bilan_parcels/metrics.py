"""What can be counted about parcels."""

from __future__ import annotations

from bilan.sdk import Count, Is, Mean, Metric, Quantile, Ratio, Unit, messages
from bilan_parcels.datasets import PARCELS

_ = messages("parcels")[0]

METRICS = (
    Metric(
        key="parcels.sent",
        dataset=PARCELS.key,
        label=_("Sent"),
        description=_("How many parcels were handed in."),
        formula=Count(),
        formula_text=_("the number of parcels"),
        higher_is_better=True,
    ),
    Metric(
        key="parcels.delivered",
        dataset=PARCELS.key,
        label=_("Delivered"),
        description=_("How many of the parcels have arrived."),
        formula=Count(Is("status", "delivered")),
        formula_text=_("the number of parcels with the status “delivered”"),
        higher_is_better=True,
    ),
    Metric(
        key="parcels.delivery_rate",
        dataset=PARCELS.key,
        label=_("Delivery rate"),
        description=_("Which share of the parcels has arrived."),
        formula=Ratio("parcels.delivered", "parcels.sent"),
        formula_text=_("delivered ÷ sent"),
        unit=Unit.PROPORTION,
        higher_is_better=True,
    ),
    Metric(
        key="parcels.mean_hours",
        dataset=PARCELS.key,
        label=_("Mean hours"),
        description=_("How long a parcel takes on average."),
        formula=Mean("hours"),
        formula_text=_("the mean of the hours from sending to delivery, over delivered parcels"),
        unit=Unit.NUMBER,
        higher_is_better=False,
    ),
    Metric(
        key="parcels.slow_hours",
        dataset=PARCELS.key,
        label=_("Slowest tenth"),
        description=_("After how many hours nine parcels in ten have arrived."),
        formula=Quantile("hours", 0.9),
        formula_text=_("the quantile 0.9 of the hours from sending to delivery"),
        unit=Unit.NUMBER,
        higher_is_better=False,
    ),
)
