"""Drilldown: from a figure of a document to the rows that it was counted from."""
