"""The reports over contacts."""

from __future__ import annotations

from bilan_contacts.reports.growth import GROWTH

REPORTS = (GROWTH,)
