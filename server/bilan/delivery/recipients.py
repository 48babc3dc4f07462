"""Who a report may be sent to, and by whom. Asked when it is sent, and again right before it leaves.

See docs/decisions/035.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from bilan.accounts.policy import Action, require
from bilan.accounts.principals import principal_for
from bilan.accounts.reading import members_of
from bilan.accounts.values import Permission, Principal
from bilan.delivery.models import DeliveryRow, SendingRow
from bilan.delivery.values import Addressee
from bilan.recipients.audiences import refused_audience, refused_state, unsubscribed
from bilan.recipients.choosing import at_addresses
from bilan.recipients.models import RecipientRow
from bilan.recipients.reading import read_recipient, read_recipients, read_rules
from bilan.recipients.unsubscriptions import who_ended
from bilan.recipients.values import RecipientInfo, RecipientState, full_name
from bilan.runs.values import Run
from bilan.sdk.errors import BilanError, Forbidden, Invalid
from bilan.sdk.messages import Message
from bilan.sdk.textdomain import _

MOST = 1000
"""So many recipients at a time."""


async def recipients(
    actor: Principal,
    addresses: Iterable[str],
    kind: str,
    *,
    personal: bool,
    now: datetime,
    scheduled: bool = False,
) -> tuple[Addressee, ...]:
    """Those at the addresses, each once. Raises ``Invalid`` or ``Forbidden`` with the reason.

    See :func:`bilan.recipients.choosing.at_addresses`.
    """
    wanted = tuple(addresses)
    if len(wanted) > MOST:
        raise Invalid(_("A report goes to at most {most} people at a time.", most=MOST), ("to",))
    found = await at_addresses(actor, wanted, kind, personal=personal, now=now, scheduled=scheduled)
    return tuple(map(addressee, found))


def addressee(one: RecipientInfo) -> Addressee:
    """A recipient as somebody whom a report is sent to."""
    return Addressee(
        one.id,
        one.address,
        one.name,
        one.language,
        one.zone,
        one.formats,
        external=one.external,
        channel=one.channel,
    )


async def addressees(workspace: UUID, chosen: Iterable[Addressee]) -> tuple[Addressee, ...]:
    """Those who were chosen before, with the addresses, names and preferences that they have now.

    Whoever has left stays as they were: their row of the ledger says why they get nothing.
    """
    before = tuple(chosen)
    rows = await RecipientRow.filter(workspace_id=workspace, id__in=[one.id for one in before])
    known = {row.id: _external(row) for row in rows}
    known |= {
        one.id: Addressee(one.id, one.email, one.name, one.language, one.zone)
        for one in await members_of(workspace)
    }
    return tuple(known.get(one.id, one) for one in before)


def _external(row: RecipientRow) -> Addressee:
    name = full_name(row.first_name, row.last_name, row.address)
    return Addressee(
        row.id, row.address, name, row.language, row.zone, row.formats, external=True, channel=row.channel
    )


async def departed(workspace: UUID, chosen: Addressee, now: datetime) -> bool:
    """Whether somebody who was chosen is no recipient of the workspace any more, or has another address."""
    return not _is_theirs(await read_recipient(workspace, chosen.id, now), chosen.address)


async def obstacle(
    workspace: UUID, chosen: Addressee, kind: str, *, personal: bool, schedule: UUID | None, now: datetime
) -> Message | None:
    """Why somebody whom a schedule goes to would get nothing of it now, or ``None``.

    ``kind`` is the key of its report's kind, ``personal`` whether it shows rows about single persons.
    """
    recipient = await read_recipient(workspace, chosen.id, now)
    if recipient is None or not _is_theirs(recipient, chosen.address):
        return _gone(chosen.address, external=chosen.external)
    reason = refused_state(recipient, scheduled=True)
    ended = await _who_ended(workspace, [recipient.id], schedule)
    reason = reason or (_ended(recipient.address) if ended else None)
    rules = await read_rules(workspace)
    reason = reason or refused_audience(recipient, rules, kind, personal=personal)
    if reason is None and not _confirmed(recipient):
        if recipient.state is RecipientState.NEW:
            return _("{address} is still to confirm this address: the first e-mail asks for that.",
                     address=recipient.address)  # fmt: skip
        return _("{address} is still to confirm this address; what goes to them waits for that.",
                 address=recipient.address)  # fmt: skip
    return reason


async def recipient_of(row: DeliveryRow, workspace: UUID, now: datetime) -> RecipientInfo | None:
    """Who is to receive it, if its address is still theirs."""
    recipient = await read_recipient(workspace, row.recipient, now)
    return recipient if _is_theirs(recipient, row.address) else None


async def refusal(row: DeliveryRow, sending: SendingRow, run: Run, now: datetime) -> Message | None:
    """Why a planned delivery must not leave now, where something has changed since it was asked for."""
    return (await refusals([row], sending, run, now)).get(row.id)


async def refusals(
    rows: Sequence[DeliveryRow], sending: SendingRow, run: Run, now: datetime
) -> dict[UUID, Message]:
    """Which planned deliveries of a sending must not leave now, by their ids, and why."""
    if run.erasure is not None:
        return {row.id: run.erasure for row in rows}
    idents = {row.recipient for row in rows}
    found = await read_recipients(run.workspace, idents, now)
    ended = await _who_ended(run.workspace, idents, sending.schedule)
    rules, may_send = await read_rules(run.workspace), await _sender_may(sending, run)
    refused = dict[UUID, Message]()
    for row in rows:
        recipient = found.get(row.recipient)
        if recipient is None or not _is_theirs(recipient, row.address):
            reason = _gone(row.address, external=row.external)
        else:
            reason = refused_state(recipient, scheduled=sending.schedule is not None)
            reason = reason or (_ended(recipient.address) if recipient.id in ended else None)
            # The first e-mail of those who get it along with the question leaves before they can answer.
            if reason is None and not _confirmed(recipient) and not row.confirms:
                reason = _("{address} has not confirmed this address yet.", address=recipient.address)
            reason = reason or refused_audience(recipient, rules, run.kind, personal=run.personal)
            reason = reason or may_send(row.recipient)
        if reason is not None:
            refused[row.id] = reason
    return refused


async def refused_mail(row: DeliveryRow, workspace: UUID, now: datetime) -> Message | None:
    """Why a plain e-mail must not leave now: whom it is for has left, or takes none."""
    recipient = await recipient_of(row, workspace, now)
    return _gone(row.address, external=row.external) if recipient is None else refused_state(recipient)


def _is_theirs(recipient: RecipientInfo | None, address: str) -> bool:
    closed = recipient is None or recipient.state is RecipientState.CLOSED
    return recipient is not None and not closed and recipient.address == address


def _gone(address: str, *, external: bool) -> Message:
    if external:
        return _("{address} no longer stands in the address book.", address=address)
    return _("{address} no longer belongs to a person of this workspace.", address=address)


def _confirmed(recipient: RecipientInfo) -> bool:
    return recipient.state in (RecipientState.CONFIRMED, RecipientState.UNSUBSCRIBED)


async def _who_ended(workspace: UUID, recipients: Collection[UUID], schedule: UUID | None) -> frozenset[UUID]:
    """Who themselves want no more of what a schedule sends."""
    return await who_ended(workspace, recipients, schedule) if schedule is not None else frozenset()


def _ended(address: str) -> Message:
    return _("{address} wants no more of this report.", address=address)


def unwanted(row: DeliveryRow) -> bool:
    """Whether it did not leave because its recipient themselves wants no more."""
    return row.reason in (unsubscribed(row.address), _ended(row.address))


async def _sender_may(sending: SendingRow, run: Run) -> Callable[[UUID], Message | None]:
    """Says of a recipient why whoever sends may not send to them (any more)."""
    actor = await principal_for(sending.sent_by) if sending.sent_by is not None else None

    def refused(recipient: UUID) -> Message | None:
        if sending.sent_by is None:
            return None
        if actor is None or actor.workspace != run.workspace:
            return _("{name}, who sent this, no longer has access.", name=sending.sent_by_name)
        try:
            require(actor, Action.SEND_REPORT, sources=run.sources, personal=run.personal)
            if recipient != actor.person:
                require(actor, Action.SEND_TO_OTHERS)
        except BilanError as error:
            return error.message
        return None

    return refused


async def require_sight(recipient: RecipientInfo, workspace: UUID, kind: str, *, personal: bool) -> None:
    """Let somebody see what was sent to them, as far as they may still. Raises ``Forbidden``."""
    if not recipient.external and personal and not recipient.sees_persons:
        raise Forbidden(
            _(
                "This shows rows about single persons and takes the permission {permission}.",
                permission=str(Permission.EXPORT_CONTACT_DATA),
            )
        )
    rules = await read_rules(workspace)
    if reason := refused_audience(recipient, rules, kind, personal=personal):
        raise Forbidden(reason)
