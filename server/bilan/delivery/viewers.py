"""Who a link was sent to, as the principal that acts by it: a viewer of one run."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.models import Workspace
from bilan.accounts.values import Permission, ViewerPrincipal
from bilan.delivery.recipients import require_sight
from bilan.recipients.values import RecipientInfo
from bilan.runs.values import Run


async def viewer_of(
    recipient: RecipientInfo, run: Run, grant: UUID, *, language: str | None = None
) -> ViewerPrincipal:
    """The recipient as a viewer of the run. ``grant`` is what they hold: a share's, or an e-mail.

    Raises ``Forbidden`` where they may not see such a report (any more).
    """
    await require_sight(recipient, run.workspace, run.kind, personal=run.personal)
    workspace = await Workspace.get(id=run.workspace)
    return ViewerPrincipal(
        workspace=workspace.id,
        name=recipient.name,
        email=recipient.address,
        language=language or recipient.language or workspace.language,
        zone=recipient.zone or run.zone,
        first_weekday=workspace.first_weekday,
        workspace_name=workspace.name,
        grant=grant,
        run=run.id,
        # What they were found to be allowed to see above, for this one run.
        permissions=frozenset({Permission.EXPORT_CONTACT_DATA} if run.personal else ()),
    )
