"""The headings under which recipients are offered, by what they are."""

from __future__ import annotations

from collections.abc import Sequence

from bilan.recipients import RecipientInfo, RecipientKind
from bilan.sdk.parameters import Choice
from bilan_ui.textdomain import _

GROUPS = {
    RecipientKind.PERSON: _("People"),
    RecipientKind.EXTERNAL: _("External recipients"),
    RecipientKind.WEBHOOK: _("Webhooks"),
}


def offered(people: Sequence[RecipientInfo]) -> tuple[Choice, ...]:
    """Whom to choose from; people and others under headings of their own where there are both."""
    grouped = any(one.external for one in people)
    return tuple(
        Choice(
            one.address,
            one.name if one.name == one.address else f"{one.name} <{one.address}>",
            GROUPS[one.kind] if grouped else None,
        )
        for one in people
    )
