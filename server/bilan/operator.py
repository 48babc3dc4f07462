"""The operator: the person at the server's own machine, and what they may assume to be there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from bilan.accounts.policy import require_operator
from bilan.accounts.principals import principal_for
from bilan.accounts.values import Member, Permission, Principal, SourceRole, WorkspaceRole
from bilan.sdk.errors import Conflict, Invalid, NotFound
from bilan.sdk.textdomain import _

if TYPE_CHECKING:
    from bilan.services import Services


async def operator(services: Services) -> Principal:
    """The operator, in the workspace; a new server gets its workspace with the first command."""
    if not await services.accounts.is_bootstrapped():
        with suppress(Conflict):  # another first command was quicker
            await services.accounts.bootstrap_workspace("Bilan")
    return await services.accounts.operator()


async def add_person(
    services: Services,
    email: str,
    name: str,
    role: WorkspaceRole,
    *,
    actor: Principal | None = None,
    password: str | None = None,
) -> Member:
    """A new person. The first one owns the workspace: every permission and source.

    The operator adds them unless another ``actor`` does; only the operator may
    set a ``password``, in place of a link by which they choose one.
    """
    actor = actor or await operator(services)
    first = not await services.accounts.list(actor)
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
    return member


async def token_holder(services: Services, actor: Principal, email: str) -> Principal:
    """The person that a token of the operator's making acts as; on a server without people, its new owner.

    Raises ``Forbidden`` for everybody but the operator, ``NotFound``, ``Invalid``.
    """
    require_operator(actor)
    email = email.strip().lower()
    members = {member.email: member for member in await services.accounts.list(actor)}
    if not members:
        member = await add_person(services, email, "", WorkspaceRole.OWNER)
        members[email] = member
    if email not in members:
        text = _(
            "Nobody has the address {email}. Add them with: bilan people add --email {email}", email=email
        )
        raise NotFound(text, ("email",))
    person = await principal_for(members[email].id)
    if person is None:
        raise Invalid(_("The account of {email} is closed.", email=email), ("email",))
    return person
