"""Who a report may be sent to, and by whom. Asked when it is sent, and again right before it leaves.

See docs/decisions/035.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, allowed, require
from bilan.accounts.principals import principal_for
from bilan.accounts.reading import find, member_of, members_of
from bilan.accounts.values import Member, Permission, Principal
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import Addressee
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError, Forbidden, Invalid, NotFound
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

MOST = 100
"""So many recipients at a time."""


async def eligible(actor: Principal, *, personal: bool) -> tuple[Member, ...]:
    """The people whom the actor may send a report to."""
    others = allowed(actor, Action.SEND_TO_OTHERS)
    return tuple(
        one
        for one in await members_of(actor.workspace)
        if one.active and (others or one.id == actor.person) and (not personal or _sees_persons(one))
    )


async def recipients(actor: Principal, addresses: Iterable[str], *, personal: bool) -> tuple[Member, ...]:
    """The people behind the addresses, each once. Raises ``Invalid`` or ``Forbidden`` with the reason."""
    wanted = list(dict.fromkeys(filter(None, map(lower, addresses))))
    if not wanted:
        raise Invalid(_("Choose at least one recipient."), ("to",))
    if len(wanted) > MOST:
        raise Invalid(_("A report goes to at most {most} people at a time.", most=MOST), ("to",))
    known = {one.email: one for one in await members_of(actor.workspace) if one.active}
    for outside in (one for one in wanted if one not in known):
        raise Invalid(
            _(
                "{address} is not a person of this workspace; until outside recipients can confirm "
                "their address, reports are sent to people of the workspace alone.",
                address=outside,
            ),
            ("to",),
        )
    found = tuple(known[one] for one in wanted)
    if any(one.id != actor.person for one in found):
        require(actor, Action.SEND_TO_OTHERS)
    for blind in (one for one in found if personal and not _sees_persons(one)):
        raise Invalid(_blind(blind.name), ("to",))
    return found


def addressee(member: Member) -> Addressee:
    """A person of the workspace as somebody whom a report is sent to."""
    return Addressee(member.id, member.email, member.name, member.language)


async def addressees(workspace: UUID, chosen: Iterable[Addressee]) -> tuple[Addressee, ...]:
    """Those who were chosen before, with the addresses, names and languages that they have now.

    Whoever has left stays as they were: their row of the ledger says why they get nothing.
    """
    known = {one.id: addressee(one) for one in await members_of(workspace)}
    return tuple(known.get(one.id, one) for one in chosen)


async def refusal(row: DeliveryRow, sending: SendingRow, run: Run) -> Message | None:
    """Why a planned delivery must not leave now, where something has changed since it was asked for."""
    if run.erasure is not None:
        return run.erasure
    chosen = Addressee(row.recipient, row.address, row.name)
    if reason := await obstacle(run.workspace, chosen, personal=run.personal):
        return reason
    try:
        await _sender_may(sending, run, row.recipient)
    except BilanError as error:
        return error.message
    return None


async def obstacle(workspace: UUID, chosen: Addressee, *, personal: bool) -> Message | None:
    """Why somebody who was chosen must not get a report now, or ``None``."""
    person = await _member(workspace, chosen.id)
    if person is None or not person.active or person.email != chosen.address:
        return _("{address} no longer belongs to a person of this workspace.", address=chosen.address)
    return _blind(person.name) if personal and not _sees_persons(person) else None


async def recipient_of(row: DeliveryRow, workspace: UUID) -> Member | None:
    """Who is to receive it, if they still belong to the workspace."""
    return await _member(workspace, row.recipient)


async def _member(workspace: UUID, person: UUID) -> Member | None:
    try:
        return await member_of(await find(workspace, person))
    except NotFound:
        return None


async def _sender_may(sending: SendingRow, run: Run, recipient: UUID) -> None:
    if sending.sent_by is None:
        return
    actor = await principal_for(sending.sent_by)
    if actor is None or actor.workspace != run.workspace:
        raise Forbidden(_("{name}, who sent this, no longer has access.", name=sending.sent_by_name))
    require(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal)
    if recipient != actor.person:
        require(actor, Action.SEND_TO_OTHERS)


def require_sight(member: Member) -> None:
    """Let somebody see rows about single persons that were sent to them. Raises ``Forbidden``."""
    if not _sees_persons(member):
        raise Forbidden(
            _(
                "This shows rows about single persons and takes the permission {permission}.",
                permission=str(Permission.EXPORT_CONTACT_DATA),
            )
        )


def _sees_persons(member: Member) -> bool:
    return Permission.EXPORT_CONTACT_DATA in member.permissions


def _blind(name: str) -> Message:
    return _(
        "This report shows rows about single persons, and {name} lacks the permission {permission}.",
        name=name,
        permission=str(Permission.EXPORT_CONTACT_DATA),
    )
