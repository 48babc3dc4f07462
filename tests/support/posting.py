"""Sending from the mail room: a report that has been built, and steps done one after the other."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from bilan.app import Bilan
from bilan.delivery import Delivery, NewSending, Sent
from bilan.runs.reading import read_run
from bilan.runs.values import Run
from bilan.work.models import StepRow
from fixtures.mailing import Mailing

MARCH = {"period": "2026-03-01..2026-03-04"}
OLGA = "olga@example.org"
"""The address of the mail room's owner."""


async def built(mailing: Mailing, kind: str = "email.campaign", **values: Any) -> Run:
    """A run of the owner's that is over."""
    runs = mailing.bilan.services.runs
    started = await runs.start(mailing.owner, kind, {**MARCH, **values}, title="Figures of March")
    return await worked(mailing.bilan, started.id)


async def worked(bilan: Bilan, run: UUID) -> Run:
    """Do the run's steps, as far as they are due."""
    for step in await StepRow.filter(job_id=run).order_by("position"):
        await bilan.engine.work(step.id)
    return await read_run(run)


def to(*addresses: str, key: str = "form-1", **changes: Any) -> NewSending:
    """A sending to these people."""
    return NewSending(to=addresses, key=key, **changes)


async def sent(mailing: Mailing, run: Run, new: NewSending) -> Sent:
    """Send the run, and do the steps of that."""
    sending = await mailing.bilan.services.deliveries.send_run(mailing.owner, run.id, new)
    await worked(mailing.bilan, sending.run.id)
    return sending


async def ledger(mailing: Mailing, run: Run) -> dict[str, Delivery]:
    """The rows of a run by address."""
    found = await mailing.bilan.services.deliveries.list(mailing.owner, run.id)
    return {one.address: one for one in found}
