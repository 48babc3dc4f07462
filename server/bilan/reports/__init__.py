"""Reports: saved definitions, and how one becomes a document."""

from bilan.reports.service import Reports
from bilan.reports.values import Changed, Draft, SavedReport, Seen, Sort

__all__ = ["Changed", "Draft", "Reports", "SavedReport", "Seen", "Sort"]
