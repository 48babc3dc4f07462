"""Choosing whom a schedule's report goes to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bilan.accounts.addresses import lower
from bilan.accounts.policy import Action, allowed
from bilan.accounts.principals import principal_for_schedule
from bilan.accounts.values import Principal
from bilan.delivery.recipients import departed, recipients
from bilan.delivery.values import Addressee
from bilan.schedules.models import ScheduleRecipientRow, ScheduleRow
from bilan.schedules.reading import recipients_of
from bilan.schedules.splitting import Chosen
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _


async def choose(
    actor: Principal,
    to: Iterable[str],
    kind: str,
    *,
    before: Iterable[Addressee],
    personal: bool,
    now: datetime,
) -> tuple[Addressee, ...]:
    """Those at the addresses. The actor must be allowed to send reports of this kind to those who are new.

    ``before`` are those to whom it went already.
    Raises ``Invalid`` or ``Forbidden`` with the reason.
    """
    kept = {lower(one.address): one for one in before}
    wanted = list(dict.fromkeys(filter(None, map(lower, to))))
    added = [one for one in wanted if one not in kept]
    found = tuple[Addressee, ...]()
    if added or not wanted:
        found = await recipients(actor, added, kind, personal=personal, now=now, scheduled=True)
    return (*(kept[one] for one in wanted if one in kept), *found)


async def keep(row: ScheduleRow, chosen: Chosen) -> None:
    """Write down whom the schedule goes to, and their table, in place of what was there."""
    await ScheduleRecipientRow.filter(schedule_id=row.id).delete()
    await ScheduleRecipientRow.bulk_create(
        [
            ScheduleRecipientRow(
                schedule_id=row.id,
                recipient=one.id,
                address=one.address,
                name=one.name,
                values=line.values if (line := chosen.table.get(one.id)) else None,
                values_for=line.address if line else None,
            )
            for one in {one.id: one for one in chosen.people}.values()
        ]
    )


async def remaining(row: ScheduleRow, owner: Addressee, now: datetime) -> tuple[Addressee, ...]:
    """Those of its recipients who have not left; where all have, its new owner."""
    chosen = (await recipients_of([row]))[row.id]
    gone = [one for one in chosen if await departed(row.workspace_id, one, now)]
    return tuple(one for one in chosen if one not in gone) or (owner,)


async def check_owner(row: ScheduleRow, chosen: Iterable[Addressee]) -> None:
    """Let the schedule go to these, as far as its owner may send to them: it acts with their rights.

    Raises ``Invalid``.
    """
    if all(one.id == row.owner for one in chosen):
        return
    owner = await principal_for_schedule(row.id, row.owner, row.workspace_id)
    if owner is not None and not allowed(owner, Action.SEND_TO_OTHERS):
        raise Invalid(
            _(
                "A schedule acts for its owner, and {name} may send reports to themselves alone: it goes to "
                "{name}, or somebody who may send reports to others takes it over.",
                name=row.owner_name,
            ),
            ("to",),
        )
