"""Whether pages lead to sharing a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bilan.accounts.policy import Action, allowed
from bilan.runs.values import Purpose, Run

if TYPE_CHECKING:
    from bilan_ui.page_request import PageRequest


def may_share(request: PageRequest, found: Run) -> bool:
    """Whether the visitor may share a run's report with viewers."""
    rights: Mapping[str, Any] = {"sources": found.sources, "personal": found.personal}
    shown = found.purpose is Purpose.REPORT and found.readable
    return shown and allowed(request.actor, Action.SHARE_REPORT, **rights)
