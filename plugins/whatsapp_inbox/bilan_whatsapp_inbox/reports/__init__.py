"""The reports over the inbox."""

from __future__ import annotations

from bilan_whatsapp_inbox.reports.button import BUTTON
from bilan_whatsapp_inbox.reports.summary import SUMMARY

REPORTS = (SUMMARY, BUTTON)
