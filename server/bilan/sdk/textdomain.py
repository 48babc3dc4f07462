"""The text domain of the core: ``_`` and ``ngettext`` mark the sentences of ``bilan``."""

from __future__ import annotations

from bilan.sdk.messages import messages

_, ngettext = messages("bilan")
