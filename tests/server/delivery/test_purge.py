"""E-mails in the outbox go with the figures they hold, not by a calendar of their own."""

from __future__ import annotations

from datetime import timedelta

import anyio
import pytest

from bilan.clock import FrozenClock
from bilan.delivery import Outbox
from bilan.delivery.models import KeptMailRow
from bilan.runs.retention import Retention
from fixtures.mailing import Mailing
from support.posting import OLGA, built, sent, to

pytestmark = [pytest.mark.requirement("DC-17"), pytest.mark.requirement("BZ-05")]


class Sweeps:
    """The server's sweeps, at a moment of the test's choice."""

    def __init__(self, mailing: Mailing) -> None:
        services = mailing.bilan.services
        self.files, self.start = services.files, services.clock.now()
        self.clock = FrozenClock(self.start)
        self.retention = Retention(services.catalog, services.files, self.clock)
        self.outbox = Outbox(services.catalog, services.files, self.clock)

    async def after(self, **span: float) -> int:
        """Sweep so long after the start: figures, then e-mails, then files that nobody names."""
        self.clock.move(self.start + timedelta(**span) - self.clock.now())
        await self.retention.sweep()
        forgotten = await self.outbox.sweep()
        await self.retention.sweep()
        return forgotten


async def test_an_email_is_kept_as_long_as_the_workspace_keeps_reports(mailing: Mailing):
    sweeps = Sweeps(mailing)
    await mailing.bilan.services.retention.change(mailing.owner, 30)
    await sent(mailing, await built(mailing), to(OLGA, days=1))
    mail = await KeptMailRow.get()
    assert await sweeps.after(days=29, hours=23) == 0
    assert await sweeps.files.exists(mail.sha256)
    assert await sweeps.after(days=30, minutes=5) == 1
    assert await KeptMailRow.all().count() == 0
    assert not await sweeps.files.exists(mail.sha256)


async def test_a_longer_retention_keeps_emails_longer(mailing: Mailing):
    sweeps = Sweeps(mailing)
    await mailing.bilan.services.retention.change(mailing.owner, 365)
    await sent(mailing, await built(mailing), to(OLGA))
    assert await sweeps.after(days=91) == 0
    assert await sweeps.after(days=365, minutes=5) == 1


async def test_an_email_of_a_report_that_is_not_kept_goes_with_it(mailing: Mailing):
    sweeps = Sweeps(mailing)
    await sent(mailing, await built(mailing, kept=False), to(OLGA, days=3))
    mail = await KeptMailRow.get()
    assert await sweeps.after(days=2) == 0, "the link in it still leads to the figures"
    assert await sweeps.after(days=3, minutes=5) == 1
    assert not await sweeps.files.exists(mail.sha256)


async def test_an_email_goes_with_a_run_that_is_deleted(mailing: Mailing):
    sweeps, run = Sweeps(mailing), await built(mailing)
    await sent(mailing, run, to(OLGA))
    other = await built(mailing)
    await sent(mailing, other, to(OLGA, key="other"))
    await mailing.bilan.services.runs.delete(mailing.owner, run.id)
    assert await sweeps.after(minutes=10) == 1
    (kept,) = (await mailing.bilan.services.outbox.list(mailing.owner)).mails
    assert (await mailing.bilan.services.deliveries.list(mailing.owner, other.id))[0].id == kept.id


async def test_many_sweepers_forget_an_email_once(mailing: Mailing):
    sweeps, forgotten = Sweeps(mailing), list[int]()
    await sent(mailing, await built(mailing), to(OLGA))
    sweeps.clock.move(timedelta(days=91))

    async def sweep() -> None:
        forgotten.append(await sweeps.outbox.sweep())

    async with anyio.create_task_group() as tasks:
        for _process in range(4):
            tasks.start_soon(sweep)
    assert sum(forgotten) == 1
