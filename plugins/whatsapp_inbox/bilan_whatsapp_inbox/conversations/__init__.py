"""Conversations out of the log: a pure function of what is known of one contact."""

from __future__ import annotations

from bilan_whatsapp_inbox.conversations.conversations import check_silence, conversations
from bilan_whatsapp_inbox.conversations.hours import read_days, read_hours

__all__ = ["check_silence", "conversations", "read_days", "read_hours"]
