"""The plugin's text domain: ``_`` and ``ngettext`` mark the sentences of ``contacts``."""

from __future__ import annotations

from bilan.sdk import messages
from bilan_contacts.vocabulary import NAMESPACE

_, ngettext = messages(NAMESPACE)
