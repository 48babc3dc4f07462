"""The pages' text domain: ``_`` and ``ngettext`` mark the sentences of ``ui``."""

from __future__ import annotations

from bilan.sdk.messages import messages

_, ngettext = messages("ui")
