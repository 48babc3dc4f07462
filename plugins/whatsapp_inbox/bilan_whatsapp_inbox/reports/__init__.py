"""The reports over the inbox."""

from __future__ import annotations

from bilan_whatsapp_inbox.reports.button import BUTTON
from bilan_whatsapp_inbox.reports.by_agent import BY_AGENT
from bilan_whatsapp_inbox.reports.by_tag import BY_TAG
from bilan_whatsapp_inbox.reports.details import DETAILS
from bilan_whatsapp_inbox.reports.summary import SUMMARY

REPORTS = (SUMMARY, BY_AGENT, BY_TAG, DETAILS, BUTTON)
