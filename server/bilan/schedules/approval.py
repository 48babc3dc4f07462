"""Approval: what a schedule sends waits for a person's yes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from bilan.accounts.policy import Action, allowed
from bilan.accounts.principals import principal_for
from bilan.accounts.values import PersonPrincipal
from bilan.reports.models import ReportRow
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _
from bilan.work import NewStep

MOST_HOURS = 24 * 30
APPROVE = "approve"
"""The step that waits for the answer, behind all letters and before everything that leaves."""


class Unanswered(StrEnum):
    """What happens when nobody has answered in time."""

    WITHHOLD = "withhold"
    """Nothing is sent."""
    SEND = "send"
    """It is sent."""


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """Whose yes an occurrence waits for, for how many hours, and what happens then.

    Raises ``Invalid`` with the field's path.
    """

    approver: UUID
    hours: int = 24
    unanswered: Unanswered = Unanswered.WITHHOLD

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= MOST_HOURS:
            raise Invalid(_("An answer is waited for from 1 to {most} hours.", most=MOST_HOURS), ("hours",))


def approving(occurrence: UUID, part: UUID | None = None) -> NewStep:
    """The step that waits for the answer about an occurrence, behind the letters of a part of it."""
    more = {"part": str(part)} if part is not None else {}
    return NewStep(APPROVE, {"occurrence": str(occurrence), **more})


async def approver_of(
    rule: ApprovalRule, workspace: UUID, report: ReportRow | None
) -> PersonPrincipal | None:
    """Who approves, if they may see what is to be sent."""
    found = await principal_for(rule.approver)
    if found is None or found.workspace != workspace or report is None:
        return None
    sees = allowed(found, Action.READ_REPORT, sources=report.sources, personal=report.personal)
    return found if sees else None


async def check_approver(rule: ApprovalRule, workspace: UUID, report: ReportRow) -> None:
    """Let somebody approve who may see the report. Raises ``Invalid``."""
    if await approver_of(rule, workspace, report) is None:
        raise Invalid(_("Whoever approves has to be able to see the report."), ("approver",))
