"""From rows to the principal they stand for, read anew for every request."""

from __future__ import annotations

from uuid import UUID

import msgspec

from bilan.accounts.values import Permission, PersonPrincipal, Scope, SourceRole, WorkspaceRole
from bilan.catalog.statements import rows

PRINCIPAL = """
SELECT person.name, person.email, membership.role, membership.permissions, membership.workspace_id,
       coalesce(person.language, workspace.language) AS language,
       coalesce(person.zone, workspace.zone) AS zone,
       workspace.first_weekday, workspace.name AS workspace_name,
       source_grant.source, source_grant.role AS source_role
FROM person
JOIN membership ON membership.person_id = person.id
JOIN workspace ON workspace.id = membership.workspace_id
LEFT JOIN source_grant ON source_grant.person_id = person.id
WHERE person.id = ? AND person.active
"""
"""One row for each source the person has a role on, at least one."""


async def principal_for(person: UUID, scopes: frozenset[Scope] | None = None) -> PersonPrincipal | None:
    """The person with the rights they have now, narrowed to the scopes of a token where there are any.

    ``None`` once they are deactivated.
    """
    found = await rows(PRINCIPAL, str(person))
    if not found:
        return None
    who = found[0]
    return PersonPrincipal(
        person=person,
        workspace=UUID(str(who["workspace_id"])),
        name=who["name"],
        email=who["email"],
        role=WorkspaceRole(who["role"]),
        permissions=msgspec.json.decode(who["permissions"], type=frozenset[Permission]),
        source_roles={
            UUID(str(row["source"])): SourceRole(row["source_role"]) for row in found if row["source"]
        },
        scopes=scopes,
        language=who["language"],
        zone=who["zone"],
        first_weekday=who["first_weekday"],
        workspace_name=who["workspace_name"],
    )
