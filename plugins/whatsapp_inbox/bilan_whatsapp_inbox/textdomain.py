"""The plugin's text domain: ``_`` and ``ngettext`` mark the sentences of ``whatsapp``."""

from __future__ import annotations

from bilan.sdk import messages
from bilan_whatsapp_inbox.vocabulary import NAMESPACE

_, ngettext = messages(NAMESPACE)
