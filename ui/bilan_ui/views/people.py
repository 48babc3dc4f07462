"""People: who belongs to the workspace, with which roles on which sources."""

from __future__ import annotations

from uuid import UUID

from starlette.responses import Response

from bilan.accounts import Permission, SourceRole, WorkspaceRole
from bilan.accounts.passwords import generated
from bilan.accounts.policy import Action, allowed
from bilan.sdk.errors import BilanError, NotFound
from bilan.sdk.messages import messages
from bilan_ui.forms import mistakes
from bilan_ui.pages import Visit, view

_, n_ = messages("ui")


@view
async def people(visit: Visit) -> Response:
    """Everybody, and a form to add somebody."""
    return await _people(visit)


@view
async def add(visit: Visit) -> Response:
    """Add somebody, and show their first password once."""
    form = await visit.form()
    email, name = str(form.get("email", "")), str(form.get("name", ""))
    password = generated()
    try:
        role = WorkspaceRole(str(form.get("role", WorkspaceRole.MEMBER)))
        member = await visit.services.accounts.add(
            visit.actor, email=email, name=name or email, password=password, role=role
        )
    except BilanError as error:
        return await _people(visit, error=error, email=email, name=name)
    return await _people(visit, made=(member.email, password))


async def _people(
    visit: Visit,
    *,
    error: BilanError | None = None,
    email: str = "",
    name: str = "",
    made: tuple[str, str] | None = None,
) -> Response:
    shown = {
        "people": await visit.services.accounts.list(visit.actor),
        "may_manage": allowed(visit.actor, Action.MANAGE_PEOPLE),
        "mistakes": mistakes(error),
        "email": email,
        "name": name,
        "made": made,
        "roles": list(WorkspaceRole),
    }
    return visit.page("people.html", shown, status=error.status if error else 200)


@view
async def person(visit: Visit) -> Response:
    """One person's roles."""
    member = await visit.services.accounts.get(visit.actor, _id(visit))
    shown = {
        "person": member,
        "may_manage": allowed(visit.actor, Action.MANAGE_PEOPLE),
        "sources": await visit.services.sources.list(visit.actor),
        "roles": list(WorkspaceRole),
        "source_roles": list(SourceRole),
        "permissions": list(Permission),
    }
    return visit.page("person.html", shown)


@view
async def change(visit: Visit) -> Response:
    """Save a person's role, permissions and roles on sources. Each is decided by itself."""
    ident, form, accounts = _id(visit), await visit.form(), visit.services.accounts
    member = await accounts.get(visit.actor, ident)
    role = WorkspaceRole(str(form.get("role", member.role)))
    if role is not member.role:
        await accounts.set_role(visit.actor, ident, role)
    granted = frozenset(Permission(str(one)) for one in form.getlist("permission"))
    if granted != member.permissions:
        await accounts.set_permissions(visit.actor, ident, granted)
    for source in await visit.services.sources.list(visit.actor):
        wanted = str(form.get(f"source.{source.id}", ""))
        new = SourceRole(wanted) if wanted else None
        if new is not member.source_roles.get(source.id):
            await visit.services.sources.grant(visit.actor, source.id, ident, new)
    return visit.go(f"/people/{ident}", say=_("Saved."))


@view
async def close(visit: Visit) -> Response:
    """Close or reopen somebody's account."""
    ident, accounts = _id(visit), visit.services.accounts
    member = await accounts.get(visit.actor, ident)
    if member.active:
        await accounts.deactivate(visit.actor, ident)
        return visit.go(f"/people/{ident}", say=_("The account is closed; sessions and tokens have ended."))
    await accounts.reactivate(visit.actor, ident)
    return visit.go(f"/people/{ident}", say=_("The account is open again."))


def _id(visit: Visit) -> UUID:
    try:
        return UUID(visit.request.path_params["id"])
    except ValueError as error:
        raise NotFound(_("There is no such person.")) from error
