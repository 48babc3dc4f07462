"""Drilldown: from a figure of a document to the rows that it was counted from."""

from bilan.drilldown.service import DrilldownPage, Drilldowns

__all__ = ["DrilldownPage", "Drilldowns"]
