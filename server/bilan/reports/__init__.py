"""Reports: saved definitions, and how one becomes a document."""

from bilan.reports.service import Reports
from bilan.reports.values import Draft, SavedReport, Sort

__all__ = ["Draft", "Reports", "SavedReport", "Sort"]
