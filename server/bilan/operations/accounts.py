"""People and tokens, from the command line."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any

from bilan.accounts import Scope, WorkspaceRole
from bilan.accounts.actors import actor_for
from bilan.operations.events import Result, Step
from bilan.operations.operator import add_person, operator
from bilan.sdk.errors import Invalid, NotFound
from bilan.sdk.textdomain import _
from bilan.services import Services

Upload = AsyncIterator[bytes] | None


async def create_token(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """A token of a person. On a server without people, that person becomes its owner."""
    actor = await operator(services)
    email = str(given["email"]).strip().lower()
    members = {member.email: member for member in await services.accounts.list(actor)}
    if not members:
        member, _password = await add_person(services, email, "", WorkspaceRole.OWNER)
        members[email] = member
    if email not in members:
        text = _(
            "Nobody has the address {email}. Add them with: bilan people add --email {email}", email=email
        )
        raise NotFound(text, ("email",))
    person = await actor_for(members[email].id, "session")
    if person is None:
        raise Invalid(_("The account of {email} is closed.", email=email), ("email",))
    scopes = [Scope.READ] if given["read_only"] else [Scope.READ, Scope.WRITE]
    made = await services.tokens.create(person, given["name"], scopes, days=given["days"])
    yield Result({"token": made.token})


async def create_person(services: Services, given: Mapping[str, Any], upload: Upload) -> AsyncGenerator[Step]:  # noqa: ARG001
    """A person with a first password."""
    try:
        role = WorkspaceRole(given["role"])
    except ValueError:
        text = _("There is no role {role}; use owner, admin or member.", role=str(given["role"]))
        raise Invalid(text, ("role",)) from None
    _member, password = await add_person(services, given["email"], given["name"], role)
    yield Result({"password": password})
