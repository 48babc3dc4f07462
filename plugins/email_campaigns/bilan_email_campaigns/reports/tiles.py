"""Figures as tiles. See docs/decisions/042."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bilan.sdk import Kpi, Value
from bilan_email_campaigns.reports.campaign_records import CampaignRecord
from bilan_email_campaigns.reports.reported_by_source import cell
from bilan_email_campaigns.reports.statistics import METRIC


def compared_tile(
    key: str,
    counted: Mapping[str, Any] | None,
    totals: tuple[CampaignRecord, ...],
    before: Mapping[str, Any] | None,
    totals_before: tuple[CampaignRecord, ...],
    *,
    compared: bool,
    alike: Value = None,
) -> Kpi:
    """A metric's figure over counted events and stated totals, held against the same of another period.

    ``alike`` is what of the figure is held against it, where that is not all.
    """
    previous = cell(key, before, totals_before) if compared else None
    return Kpi.of(METRIC[key], cell(key, counted, totals), previous=previous, compared=compared, alike=alike)
