"""Who has which role on a source."""

from __future__ import annotations

from uuid import UUID

from bilan.accounts.models import Membership, SourceGrant
from bilan.accounts.policy import require_source_role_change
from bilan.accounts.values import Principal, SourceRole, WorkspaceRole
from bilan.catalog import Catalog
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _


async def first(actor: Principal, source: UUID) -> None:
    """Make whoever added the source its admin. The operator is nobody, so there the owners become it."""
    for person in [actor.person] if actor.person else await _owners(actor.workspace):
        await SourceGrant.create(person_id=person, source=source, role=SourceRole.ADMIN)


async def change(
    catalog: Catalog, actor: Principal, source: UUID, person: UUID, role: SourceRole | None
) -> None:
    """Give the person this role, or none. Runs inside a transaction. Raises ``Forbidden``, ``NotFound``."""
    await catalog.advisory_lock(f"grants {source}")
    if not await Membership.exists(workspace_id=actor.workspace, person_id=person):
        raise NotFound(_("There is no such person in the workspace."))
    held = await SourceGrant.get_or_none(person_id=person, source=source)
    require_source_role_change(actor, person, source, SourceRole(held.role) if held else None, role)
    await SourceGrant.filter(person_id=person, source=source).delete()
    if role is not None:
        await SourceGrant.create(person_id=person, source=source, role=role)


async def _owners(workspace: UUID) -> list[UUID]:
    rows = Membership.filter(workspace_id=workspace, role=WorkspaceRole.OWNER, person__active=True)
    return [row.person.id for row in await rows.select_related("person")]
