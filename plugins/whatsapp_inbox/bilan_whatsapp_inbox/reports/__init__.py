"""The reports over the inbox."""

from __future__ import annotations

from bilan_whatsapp_inbox.reports.summary import SUMMARY

REPORTS = (SUMMARY,)
