"""An office whose reports are made again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from bilan.accounts.values import Principal
from bilan.catalog import Catalog
from bilan.reports.service import Reports
from bilan.reports.values import Draft, SavedReport
from bilan.runs.models import ReportRunRow
from bilan.runs.reading import read_run
from bilan.runs.values import Run
from bilan.schedules import CatchUp, Recurrence, Rhythm, Timetable
from bilan.schedules.due import DueSchedules
from bilan.schedules.service import Schedules
from bilan.schedules.values import RecordedOccurrence, Schedule, ScheduleDraft
from bilan.sdk.periods import Period, Preset
from bilan.sources.sources import Sources
from bilan.warehouse import Warehouse
from support.office import LEFT, Office

PARIS = "Europe/Paris"
DAY = timedelta(days=1)
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def daily(start: date, at: time = time(9), **fields: object) -> Timetable:
    """Every day in Paris, for the day before."""
    recurrence = Recurrence(Rhythm.DAYS, start, PARIS, at)
    return Timetable(replace(recurrence, **fields), Period(Preset.YESTERDAY))


class Agency(Office):
    """An office with schedules. The clock stands at noon (UTC) on Tuesday 10 March 2026 until it is moved."""

    def __init__(self, catalog: Catalog, warehouse: Warehouse | None, folder: Path) -> None:
        nowhere: Any = warehouse  # without one, nothing can be built
        super().__init__(catalog, nowhere, folder)
        self.folder = folder
        sources = Sources(catalog, self.clock, self.registry, b"key")
        self.reports = Reports(self.registry, self.clock, sources)
        self.due = DueSchedules(catalog, self.clock, self.runs)
        self.schedules = Schedules(catalog, self.clock, self.registry, self.runs, self.due)

    async def report(self, actor: Principal, name: str = "Takings", kind: str = "shop.sales") -> SavedReport:
        """A saved report over the left till."""
        return await self.reports.create(actor, Draft(name, kind, {}, sources=frozenset({LEFT})))

    async def schedule(
        self, actor: Principal, timetable: Timetable, catch_up: CatchUp = CatchUp.LATEST
    ) -> Schedule:
        """A schedule of a report of its own."""
        report = await self.report(actor, f"Takings {uuid4()}")
        return await self.schedules.create(actor, ScheduleDraft(report.id, timetable, catch_up=catch_up))

    def set_clock(self, *moment: int) -> None:
        """Set the clock, in UTC."""
        self.clock.move(datetime(*moment, tzinfo=UTC) - self.clock.now())

    async def told(self, actor: Principal, schedule: UUID | None = None) -> list[RecordedOccurrence]:
        """All that was and is to begin, in order."""
        return list(await self.schedules.expected(actor, *EVER, schedule=schedule))

    async def began(self) -> list[Run]:
        """The runs there are, oldest first."""
        rows = await ReportRunRow.all().select_related("job").order_by("job__created_at", "id")
        return [await read_run(row.id) for row in rows]
