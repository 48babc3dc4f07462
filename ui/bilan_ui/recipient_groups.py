"""The headings under which recipients are offered, by what they are."""

from __future__ import annotations

from bilan.recipients import RecipientKind
from bilan_ui.textdomain import _

GROUPS = {
    RecipientKind.PERSON: _("People"),
    RecipientKind.EXTERNAL: _("External recipients"),
    RecipientKind.WEBHOOK: _("Webhooks"),
}
