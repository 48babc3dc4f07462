"""The reports about contacts."""

from __future__ import annotations

from bilan_contacts.reports.activity import CONTACT_REPORT
from bilan_contacts.reports.growth import GROWTH

REPORTS = (CONTACT_REPORT, GROWTH)
