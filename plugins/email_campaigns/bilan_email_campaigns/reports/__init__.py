"""The kinds of report: engagement, and one campaign or the list of them."""

from __future__ import annotations

from bilan.sdk import ReportKind
from bilan_email_campaigns.reports.campaign import CAMPAIGN
from bilan_email_campaigns.reports.engagement import ENGAGEMENT

REPORTS: tuple[ReportKind, ...] = (ENGAGEMENT, CAMPAIGN)
