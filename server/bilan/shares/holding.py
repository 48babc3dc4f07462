"""How long figures of a run are kept for links that lead to them, looked at anew as one of these ends."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from bilan.delivery.letters import links_end
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import UNSETTLED, DeliveryState, Mode
from bilan.runs.models import ReportRunRow
from bilan.shares.models import ShareRow

NEVER_CAME = (DeliveryState.CANCELLED, DeliveryState.REFUSED)


async def hold_anew(run: UUID, now: datetime) -> None:
    """Keep a run's figures as long as its shares that go on and the links of its e-mails, and no longer.

    Within the transaction that changes a share of it.
    """
    held = await ReportRunRow.filter(job_id=run, erased_at__isnull=True).select_for_update().first()
    if held is None:
        return
    going_on = ShareRow.filter(run=run, stopped_at__isnull=True, expires_at__gt=now)
    mailed = DeliveryRow.filter(sending__run=run).exclude(state__in=NEVER_CAME).select_related("sending")
    ends = [
        *(one.expires_at for one in await going_on),
        *(links_end(one) for one in await mailed if _leads_to_figures(one)),
    ]
    await ReportRunRow.filter(id=held.id).update(hold_until=max(ends, default=None))


def _leads_to_figures(row: DeliveryRow) -> bool:
    if row.sending.mode == Mode.PROTECTED:
        # What has left has a share.
        return row.state in UNSETTLED
    return bool(row.sending.formats if row.formats is None else row.formats)
