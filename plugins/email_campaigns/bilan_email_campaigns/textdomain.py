"""The plugin's text domain: ``_`` and ``ngettext`` mark the sentences of ``email``."""

from __future__ import annotations

from bilan.sdk import messages
from bilan_email_campaigns.vocabulary import NAMESPACE

_, ngettext = messages(NAMESPACE)
