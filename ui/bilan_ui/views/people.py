"""People: who belongs to the workspace, with which roles on which sources."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from starlette.datastructures import FormData
from starlette.responses import Response

from bilan.accounts import Permission, SourceRole, WorkspaceRole
from bilan.accounts.policy import Action, allowed
from bilan.accounts.role_names import SOURCE_ROLES, WORKSPACE_ROLES
from bilan.accounts.values import Member
from bilan.recipients.attributes import written_attributes
from bilan.sdk.errors import BilanError, Invalid
from bilan_ui.forms import mistakes, text, wrong_in
from bilan_ui.page_request import PageRequest
from bilan_ui.pages import view
from bilan_ui.textdomain import _
from bilan_ui.words import PERMISSIONS

Known = TypeVar("Known", bound=StrEnum)
NOTHING: Mapping[str, str] = {"email": "", "name": "", "role": WorkspaceRole.MEMBER}


@view
async def people(request: PageRequest) -> Response:
    """Everybody, and a form to add somebody."""
    return await _people(request)


@view
async def add(request: PageRequest) -> Response:
    """Add somebody, who gets a link by e-mail to choose their password; or show it once."""
    form = await request.form()
    filled = {key: text(form, key, default) for key, default in NOTHING.items()}
    try:
        member = await request.services.accounts.add(
            request.actor,
            email=filled["email"],
            name=filled["name"] or filled["email"],
            role=_known(WorkspaceRole, filled["role"], "role"),
        )
    except BilanError as error:
        return await _people(request, filled, error=error)
    if text(form, "by") == "mail":
        return await _invited(request, member)
    return await _people(request, made=await _link(request, member))


async def _people(
    request: PageRequest,
    given: Mapping[str, str] = NOTHING,
    *,
    error: BilanError | None = None,
    made: tuple[str, str] | None = None,
) -> Response:
    shown = {
        "people": await request.services.accounts.list(request.actor),
        "may_manage": allowed(request.actor, Action.MANAGE_PEOPLE),
        "mistakes": mistakes(error),
        "wrong": wrong_in(error),
        "given": given,
        "made": made,
        "roles": WORKSPACE_ROLES,
        "mails": request.services.account_mails.sends,
    }
    return request.page("people.html", shown, status=error.status if error else 200)


@view
async def link(request: PageRequest) -> Response:
    """A new link for somebody who has not chosen a password yet."""
    try:
        member = await request.services.accounts.get(request.actor, _id(request))
        made = await _link(request, member)
    except BilanError as error:
        return await _person(request, error)
    return await _people(request, made=made)


@view
async def invite(request: PageRequest) -> Response:
    """The invitation once more, by e-mail."""
    try:
        member = await request.services.accounts.get(request.actor, _id(request))
        return await _invited(request, member)
    except BilanError as error:
        return await _person(request, error)


async def _invited(request: PageRequest, member: Member) -> Response:
    await request.services.account_mails.invite(request.actor, member.id)
    return request.go("/people", say=_("An invitation is on its way to {email}.", email=member.email))


async def _link(request: PageRequest, member: Member) -> tuple[str, str]:
    return member.email, await request.services.password_links.issue(request.actor, member.id)


@view
async def person(request: PageRequest) -> Response:
    """One person's roles."""
    return await _person(request)


@view
async def change(request: PageRequest) -> Response:
    """Save a person's role, permissions and roles on sources. Each is decided by itself."""
    try:
        await _change(request, _id(request), await request.form())
    except BilanError as error:
        return await _person(request, error)
    return request.go(f"/people/{_id(request)}", say=_("Saved."))


async def _change(request: PageRequest, ident: UUID, form: FormData) -> None:
    accounts, sources, actor = request.services.accounts, request.services.sources, request.actor
    member = await accounts.get(actor, ident)
    # Everything is read before anything is changed: a form that makes no sense changes nothing.
    role = _known(WorkspaceRole, text(form, "role", member.role), "role")
    granted = frozenset(_known(Permission, str(one), "permission") for one in form.getlist("permission"))
    known = await sources.list(actor)
    every = _source_role(form, "every_source", member.every_source)
    wanted = {
        one.id: _source_role(form, f"source.{one.id}", member.source_roles.get(one.id)) for one in known
    }
    if role is not member.role:
        await accounts.set_role(actor, ident, role)
    # Browsers send nothing of a field that is not theirs to change.
    if granted != member.permissions and (granted or allowed(actor, Action.MANAGE_PEOPLE)):
        await accounts.set_permissions(actor, ident, granted)
    for source, new in wanted.items():
        if new is not member.source_roles.get(source):
            await sources.grant(actor, source, ident, new)
    if every is not member.every_source:
        await sources.grant_every(actor, ident, every)


def _source_role(form: FormData, field: str, old: SourceRole | None) -> SourceRole | None:
    wanted = text(form, field, old or "")
    return _known(SourceRole, wanted, "source") if wanted else None


def _known(kind: type[Known], given: str, field: str) -> Known:
    try:
        return kind(given)
    except ValueError as error:
        known = ", ".join(kind)
        raise Invalid(_("{given} is none of {known}.", given=given, known=known), (field,)) from error


async def _person(request: PageRequest, error: BilanError | None = None) -> Response:
    member, actor = await request.services.accounts.get(request.actor, _id(request)), request.actor
    manages = allowed(actor, Action.MANAGE_PEOPLE)
    sources = await request.services.sources.list(actor)
    grantable = [one for one in sources if manages or allowed(actor, Action.MANAGE_SOURCE, sources=(one.id,))]
    shown = {
        "person": member,
        "may_manage": manages,
        "sources": sources,
        "grantable": {one.id for one in grantable},
        "roles": WORKSPACE_ROLES,
        "source_roles": SOURCE_ROLES,
        "permissions": PERMISSIONS,
        "mails": request.services.account_mails.sends,
        "mistakes": mistakes(error),
        "recipient": member,
        "attributes": await _attributes(request, member.id),
        "wrong": {},
    }
    return request.page("person.html", shown, status=error.status if error else 200)


async def _attributes(request: PageRequest, person: UUID) -> str | None:
    """What is known of them as a recipient, for who may say so."""
    if not allowed(request.actor, Action.MANAGE_RECIPIENTS):
        return None
    return written_attributes(await request.services.recipient_attributes.get(request.actor, person))


@view
async def close(request: PageRequest) -> Response:
    """Close or reopen somebody's account."""
    ident, accounts = _id(request), request.services.accounts
    member = await accounts.get(request.actor, ident)
    try:
        if member.active:
            await accounts.deactivate(request.actor, ident)
        else:
            await accounts.reactivate(request.actor, ident)
    except BilanError as error:
        return await _person(request, error)
    closed = _("The account is closed; sessions and tokens have ended.")
    return request.go(f"/people/{ident}", say=closed if member.active else _("The account is open again."))


def _id(request: PageRequest) -> UUID:
    return request.ident(_("There is no such person."))
