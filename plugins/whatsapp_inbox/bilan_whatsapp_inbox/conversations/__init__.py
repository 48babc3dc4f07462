"""Conversations out of the log: a pure function of what is known of one contact."""

from __future__ import annotations

from bilan_whatsapp_inbox.conversations.conversations import conversations

__all__ = ["conversations"]
