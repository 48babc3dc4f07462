"""Who has which role on a source: one given on it alone, or on every source of the workspace.

The higher of the two stands in the grant's row, which is all that decisions read. See docs/decisions/110.
"""

from __future__ import annotations

from uuid import UUID

from bilan.accounts import policy
from bilan.accounts.models import Membership, SourceGrant
from bilan.accounts.policy import Action, require, require_source_role_change
from bilan.accounts.reading import find as find_member
from bilan.accounts.values import Principal, SourceRole, WorkspaceRole
from bilan.catalog import Catalog
from bilan.sources.models import SourceRow


async def first(actor: Principal, source: UUID) -> None:
    """Make whoever added the source its admin. The operator is nobody, so there the owners become it.

    Whoever has a role on every source has it on this one too.
    """
    admins = [actor.person] if actor.person else await _owners(actor.workspace)
    for person in admins:
        await SourceGrant.create(person_id=person, source=source, role=SourceRole.ADMIN, own=SourceRole.ADMIN)
    others = Membership.filter(workspace_id=actor.workspace, every_source__isnull=False)
    for member in await others.exclude(person_id__in=admins).select_related("person"):
        await SourceGrant.create(person_id=member.person.id, source=source, role=member.every_source)


async def change(
    catalog: Catalog, actor: Principal, source: UUID, person: UUID, role: SourceRole | None
) -> None:
    """Give the person this role on the source, or none but the one they have on every source.

    Runs inside a transaction. Raises ``Forbidden``, ``NotFound``.
    """
    await catalog.advisory_lock(f"grants {source}")
    membership = await find_member(actor.workspace, person)
    held = await SourceGrant.get_or_none(person_id=person, source=source)
    require_source_role_change(actor, person, source, SourceRole(held.role) if held else None, role)
    await _write(person, source, role, _role(membership.every_source))


async def change_every(catalog: Catalog, actor: Principal, person: UUID, role: SourceRole | None) -> None:
    """Give the person this role on every source, later ones too, or take it; single roles stay.

    Runs inside a transaction. Raises ``Forbidden``, ``NotFound``.
    """
    require(actor, Action.MANAGE_PEOPLE)
    # No source comes meanwhile, which would not know of it.
    await catalog.advisory_lock(f"sources {actor.workspace}")
    membership = await find_member(actor.workspace, person)
    policy.require_over(actor, WorkspaceRole(membership.role))
    policy.require_every_source_change(actor, person, _role(membership.every_source), role)
    await Membership.filter(id=membership.id).update(every_source=role)
    sources = await SourceRow.filter(workspace_id=actor.workspace, removed_at__isnull=True).order_by("id")
    for source in sources:
        await catalog.advisory_lock(f"grants {source.id}")
        held = await SourceGrant.get_or_none(person_id=person, source=source.id)
        await _write(person, source.id, _role(held.own) if held else None, role)


async def _write(person: UUID, source: UUID, own: SourceRole | None, every: SourceRole | None) -> None:
    await SourceGrant.filter(person_id=person, source=source).delete()
    if given := [one for one in (own, every) if one is not None]:
        role = max(given, key=lambda one: one.rank)
        await SourceGrant.create(person_id=person, source=source, role=role, own=own)


def _role(text: str | None) -> SourceRole | None:
    return SourceRole(text) if text else None


async def _owners(workspace: UUID) -> list[UUID]:
    rows = Membership.filter(workspace_id=workspace, role=WorkspaceRole.OWNER, person__active=True)
    return [row.person.id for row in await rows.select_related("person")]
