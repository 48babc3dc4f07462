"""Figures as tiles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bilan.sdk.document import Cell, Kpi, Value
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.reported_by_source import cell, plain
from bilan_email_campaigns.reports.statistics import METRIC


def tile(key: str, value: Value, *, previous: Value = None, compared: bool = False) -> Kpi:
    """A metric's figure with its change. Marks and notes of the figure are kept."""
    metric = METRIC[key]
    shown = value if isinstance(value, Cell) else Cell(value)
    before = previous.value if isinstance(previous, Cell) else previous
    return Kpi(
        key=key,
        label=metric.label,
        value=plain(shown.value),
        unit=metric.unit,
        previous=before if isinstance(before, int | float) else None,
        compared=compared,
        higher_is_better=metric.higher_is_better,
        metric=key,
        mark=shown.mark,
        note=shown.note,
    )


def compared_tile(
    key: str,
    counted: Mapping[str, Any] | None,
    totals: tuple[CampaignRecord, ...],
    before: Mapping[str, Any] | None,
    totals_before: tuple[CampaignRecord, ...],
    *,
    compared: bool,
) -> Kpi:
    """A metric's figure over counted events and stated totals, held against the same of another period."""
    previous = cell(key, before, totals_before) if compared else None
    return tile(key, cell(key, counted, totals), previous=previous, compared=compared)
