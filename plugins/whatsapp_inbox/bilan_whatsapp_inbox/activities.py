"""What contacts do in an inbox, by name."""

from __future__ import annotations

from bilan.sdk import ActivityCategory
from bilan_whatsapp_inbox.textdomain import _

ACTIVITIES = (
    ActivityCategory(
        "inbox",
        _("WhatsApp"),
        {
            "wrote": _("Wrote"),
            "was_written_to": _("Was written to"),
            "rated": _("Rated the conversation"),
            "chose_messages": _("Chose which messages to get"),
        },
    ),
)
