"""A document as a workbook: a summary, a sheet for each table and chart, and what the figures mean.

Nothing here is imported before the first workbook is rendered: XlsxWriter is loaded with it.
"""
