"""The form of a schedule as a browser sends it, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from bilan.app import Bilan
from bilan.clock import FrozenClock
from bilan.reports.values import SavedReport
from bilan.schedules.conclude import Conclusions
from bilan.schedules.values import Schedule
from bilan.work import State
from bilan.work.models import StepRow
from fixtures.mailing import Mailing
from fixtures.pages import Reader

TUESDAY = datetime(2026, 3, 10, 12, tzinfo=UTC)
PASSWORD = "correct horse battery"
OLGA, OLA = "olga@example.org", "ola@example.org"
WEEK = {"period.preset": "last_7_days", "tags.given": "1"}
MONDAYS = {
    "key": "form", "schedule.rhythm": "weekly", "schedule.at": "08:00", "schedule.zone": "Europe/Paris",
    "schedule.start": "2026-03-10", "schedule.to.given": "1", "schedule.to": OLA,
    "schedule.formats.given": "1", "schedule.formats": "html", "schedule.mode": "link", "schedule.days": "7",
}  # fmt: skip


async def made(ola: Reader, report: SavedReport, **changes: Any) -> str:
    """The page of a schedule that is made with the form."""
    given = MONDAYS | {f"schedule.{name}": value for name, value in changes.items()}
    where = await ola.goes(f"/reports/{report.id}/schedule", given)
    assert where.startswith("/schedules/")
    return where


async def held(mailing: Mailing, where: str) -> Schedule:
    """What the schedule of a page holds."""
    return await mailing.bilan.services.schedules.get(mailing.owner, UUID(where.rpartition("/")[2]))


async def let_pass(bilan: Bilan, clock: FrozenClock, *moment: int) -> None:
    """Let it be a moment (UTC), and do what is due by then."""
    clock.move(datetime(*moment, tzinfo=UTC) - clock.now())
    await bilan.due.tick()
    while steps := await StepRow.filter(state=State.WAITING, due_at__lte=clock.now()):
        for step in steps:
            await bilan.engine.work(step.id)
    await Conclusions(bilan.services.catalog, clock).sweep()
