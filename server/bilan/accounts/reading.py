"""People's rows, read into values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.models import Membership, SourceGrant, Workspace
from bilan.accounts.passwords import is_unchosen
from bilan.accounts.values import Member, SourceRole, WorkspaceInfo, WorkspaceRole
from bilan.sdk.errors import NotFound
from bilan.sdk.textdomain import _

Roles = dict[UUID, SourceRole]


async def find(workspace: UUID, person: UUID | str) -> Membership:
    """Somebody's place in the workspace, by the person's id or address. Raises ``NotFound``."""
    rows = Membership.filter(workspace_id=workspace).select_related("person")
    if isinstance(person, UUID):
        found = await rows.get_or_none(person_id=person)
    else:
        found = await rows.get_or_none(person__email=lower(person))
    if found is None:
        raise NotFound(_("There is no such person in the workspace."))
    return found


async def member_of(membership: Membership) -> Member:
    """One person with their roles."""
    return _member(membership, (await _roles([membership.person.id]))[membership.person.id])


async def members_of(workspace: UUID, among: Collection[UUID] | None = None) -> tuple[Member, ...]:
    """Everybody in the workspace, or those among the people with these ids, by name."""
    found = Membership.filter(workspace_id=workspace)
    rows = await (found if among is None else found.filter(person_id__in=list(among))).select_related(
        "person"
    )
    roles = await _roles([row.person.id for row in rows])
    members = [_member(row, roles[row.person.id]) for row in rows]
    return tuple(sorted(members, key=lambda one: (one.name.casefold(), one.email)))


def workspace_info(row: Workspace) -> WorkspaceInfo:
    """The workspace as a value."""
    return WorkspaceInfo(row.id, row.name, row.zone, row.first_weekday, row.language, row.created_at)


async def _roles(people: list[UUID]) -> defaultdict[UUID, Roles]:
    found: defaultdict[UUID, Roles] = defaultdict(dict)
    for grant in await SourceGrant.filter(person_id__in=people).select_related("person"):
        found[grant.person.id][grant.source] = SourceRole(grant.role)
    return found


def _member(membership: Membership, roles: Roles) -> Member:
    person = membership.person
    return Member(
        id=person.id,
        email=person.email,
        name=person.name,
        role=WorkspaceRole(membership.role),
        permissions=membership.permissions,
        language=person.language,
        zone=person.zone,
        active=person.active,
        created_at=person.created_at,
        source_roles=roles,
        invited=is_unchosen(person.password_hash),
        every_source=SourceRole(membership.every_source) if membership.every_source else None,
    )
