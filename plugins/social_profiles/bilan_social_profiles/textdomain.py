"""The plugin's text domain: ``_`` and ``ngettext`` mark the sentences of ``social``."""

from __future__ import annotations

from bilan.sdk import messages
from bilan_social_profiles.vocabulary import NAMESPACE

_, ngettext = messages(NAMESPACE)
