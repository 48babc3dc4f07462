"""From rows to the principal they stand for, read anew for every request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from bilan.accounts.values import (
    Permission,
    PersonPrincipal,
    SchedulePrincipal,
    Scope,
    SourceRole,
    WorkspaceRole,
)
from bilan.catalog.statements import rows

_PERSON = """
       person.id AS person, person.name, person.email, membership.role, membership.permissions,
       membership.workspace_id, coalesce(person.language, workspace.language) AS language,
       coalesce(person.zone, workspace.zone) AS zone,
       workspace.first_weekday, workspace.name AS workspace_name,
       source_grant.source, source_grant.role AS source_role
"""
_JOINED = """
JOIN membership ON membership.person_id = person.id
JOIN workspace ON workspace.id = membership.workspace_id
LEFT JOIN source_grant ON source_grant.person_id = person.id
"""
PRINCIPAL = f"SELECT {_PERSON} FROM person {_JOINED} WHERE person.id = ? AND person.active"  # noqa: S608 - nothing is given
"""One row for each source the person has a role on, at least one."""
OF_TOKEN = (
    "SELECT token.id AS token, token.scopes, token.expires_at, token.revoked_at, token.last_used_at,"  # noqa: S608 - nothing is given
    f" {_PERSON} FROM api_token AS token JOIN person ON person.id = token.person_id {_JOINED}"
    " WHERE token.token_hash = ? AND person.active"
)
"""The same with the token that has this hash."""


async def principal_for(person: UUID, scopes: frozenset[Scope] | None = None) -> PersonPrincipal | None:
    """The person with the rights they have now, narrowed to the scopes of a token where there are any.

    ``None`` once they are deactivated.
    """
    found = await rows(PRINCIPAL, str(person))
    return principal_of(found, scopes) if found else None


async def principal_for_schedule(schedule: UUID, owner: UUID, workspace: UUID) -> SchedulePrincipal | None:
    """The schedule acting for its owner; ``None`` once they are deactivated or have left the workspace."""
    person = await principal_for(owner)
    if person is None or person.workspace != workspace:
        return None
    return SchedulePrincipal(
        schedule=schedule,
        person=person.person,
        workspace=person.workspace,
        name=person.name,
        email=person.email,
        role=person.role,
        permissions=person.permissions,
        source_roles=person.source_roles,
        language=person.language,
        zone=person.zone,
        first_weekday=person.first_weekday,
        workspace_name=person.workspace_name,
    )


def principal_of(found: Sequence[Mapping[str, Any]], scopes: frozenset[Scope] | None) -> PersonPrincipal:
    """The person that the rows of one of the statements stand for."""
    who = found[0]
    return PersonPrincipal(
        person=UUID(str(who["person"])),
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
