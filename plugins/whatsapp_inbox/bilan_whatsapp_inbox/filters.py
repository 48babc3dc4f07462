"""Ways to narrow conversations and messages."""

from __future__ import annotations

from bilan.sdk import Filter, FilterKind
from bilan_whatsapp_inbox.textdomain import _
from bilan_whatsapp_inbox.vocabulary import CONVERSATIONS, MESSAGES, NAMESPACE

K = FilterKind
ONLY = (CONVERSATIONS,)
BOTH = (CONVERSATIONS, MESSAGES)

FILTERS: tuple[Filter, ...] = (
    Filter(
        f"{NAMESPACE}.contact_tags", ONLY, "contact_tags", K.TAGS,
        _("Contact tags"), _("Any or all of the tags of the contact."),
    ),
    Filter(
        f"{NAMESPACE}.conversation_tags", ONLY, "conversation_tags", K.TAGS,
        _("Conversation tags"), _("Any or all of the tags of the conversation."),
    ),
    Filter(
        f"{NAMESPACE}.agents", ONLY, "agents", K.TAGS,
        _("Agents"), _("Conversations that any or all of these agents had, by e-mail address."),
    ),
    Filter(
        f"{NAMESPACE}.number", BOTH, "number", K.CHOICES,
        _("Number"), _("The number that was written to or from."),
    ),
)  # fmt: skip
