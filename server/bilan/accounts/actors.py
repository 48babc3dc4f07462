"""From rows to the actor they stand for, read anew for every request."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from bilan.accounts.models import Membership, SourceGrant
from bilan.accounts.values import Actor, Permission, Scope, SourceRole, WorkspaceRole


async def actor_for(
    person: UUID, via: Literal["session", "token"], scopes: frozenset[Scope] | None = None
) -> Actor | None:
    """The person with the rights they have now; ``None`` once they are deactivated."""
    membership = await Membership.get_or_none(person_id=person).select_related("person", "workspace")
    if membership is None or not membership.person.active:
        return None
    who, workspace = membership.person, membership.workspace
    return Actor(
        person=who.id,
        workspace=workspace.id,
        name=who.name,
        email=who.email,
        role=WorkspaceRole(membership.role),
        via=via,
        permissions=frozenset(Permission(one) for one in membership.permissions),
        source_roles=await source_roles(person),
        scopes=scopes,
        language=who.language or workspace.language,
        zone=who.zone or workspace.zone,
        first_weekday=workspace.first_weekday,
        workspace_name=workspace.name,
    )


async def source_roles(person: UUID) -> dict[UUID, SourceRole]:
    """The person's role on each source."""
    return {grant.source: SourceRole(grant.role) for grant in await SourceGrant.filter(person_id=person)}
