"""How a source is pulled, as its page tells it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bilan.accounts.policy import Action, allowed
from bilan_ui.page_request import PageRequest

if TYPE_CHECKING:
    from bilan.sources import Source

HISTORY = 10
"""Pulls that a source's page lists."""


async def pull_status(request: PageRequest, source: Source) -> dict[str, Any]:
    """What the page of a source tells of its pulls; nothing where it is not pulled or one may not know."""
    services, actor = request.services, request.actor
    if not services.pulls.is_pulled(source) or not allowed(actor, Action.IMPORT, sources=(source.id,)):
        return {"pulls": None}
    return {
        "pulls": await services.pulls.status(actor, source.id),
        "pull_history": await services.pulls.history(actor, source.id, limit=HISTORY),
    }
