"""The person at the server's own machine, and what they may assume to be there."""

from __future__ import annotations

from bilan.accounts import Actor, Permission, SourceRole, WorkspaceRole
from bilan.accounts.passwords import generated
from bilan.accounts.values import Member
from bilan.services import Services


async def operator(services: Services) -> Actor:
    """The operator, in the workspace; a new server gets its workspace with the first command."""
    if not await services.accounts.is_bootstrapped():
        await services.accounts.bootstrap_workspace("Bilan")
    return await services.accounts.operator()


async def add_person(
    services: Services, email: str, name: str, role: WorkspaceRole, password: str | None = None
) -> tuple[Member, str]:
    """A new person and their first password. The first owner gets every permission and every source."""
    actor = await operator(services)
    first = not await services.accounts.list(actor)
    password = password or generated()
    member = await services.accounts.add(
        actor,
        email=email,
        name=name or email.partition("@")[0],
        password=password,
        role=WorkspaceRole.OWNER if first else role,
        permissions=list(Permission) if first else [],
    )
    if first:
        for source in await services.sources.list(actor):
            await services.sources.grant(actor, source.id, member.id, SourceRole.ADMIN)
    return member, password
