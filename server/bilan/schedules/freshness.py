"""Freshness: how far the sources of a report have reported, and what becomes of it until that is enough.

See docs/decisions/118.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import TYPE_CHECKING
from uuid import UUID

from bilan.pulls.models import PullRow
from bilan.reports.models import ReportRow
from bilan.schedules.occurrences import Occurrence
from bilan.sdk.errors import Invalid
from bilan.sdk.messages import Message
from bilan.sdk.periods import midnight
from bilan.sdk.sources import SourceKind
from bilan.sdk.textdomain import _
from bilan.sources import scope
from bilan.sources.models import SourceRow
from bilan.sources.settings import settling_of

if TYPE_CHECKING:
    from bilan.clock import Clock
    from bilan.registry.declared import Registry

MOST_HOURS = 24 * 7


class WhenStale(StrEnum):
    """What becomes of an occurrence while a source has not reported all of its days."""

    WAIT = "wait"
    """It waits until each has, or its time to wait is over."""
    PROVISIONAL = "provisional"
    """It is sent, marked as provisional."""
    SKIP = "skip"
    """It is left out."""


@dataclass(frozen=True, slots=True)
class FreshnessRule:
    """What becomes of what is due before its sources have reported all of its days.

    What waits does so for at most so many hours from when it was due; ``then``
    is what happens after these. Raises ``Invalid`` with the field's path.
    """

    stale: WhenStale = WhenStale.WAIT
    hours: int = 24
    then: WhenStale = WhenStale.PROVISIONAL

    def __post_init__(self) -> None:
        if not 1 <= self.hours <= MOST_HOURS:
            raise Invalid(_("Sources are waited for from 1 to {most} hours.", most=MOST_HOURS), ("hours",))
        if self.then is WhenStale.WAIT:
            raise Invalid(_("After the time to wait it is sent as provisional, or left out."), ("then",))

    def until(self, due_at: datetime) -> datetime:
        """When the time to wait is over of what was due then."""
        return due_at + timedelta(hours=self.hours)

    def decide(self, due_at: datetime, now: datetime) -> WhenStale:
        """What becomes now of what was due then."""
        if self.stale is not WhenStale.WAIT:
            return self.stale
        return WhenStale.WAIT if now < self.until(due_at) else self.then


@dataclass(frozen=True, slots=True)
class SourceFreshness:
    """How far a source has reported.

    ``watermark`` (UTC): everything up to then has come, but for what is late
    by up to ``settling``. ``None`` where nothing has come yet.
    """

    source: UUID
    name: str
    watermark: datetime | None
    settling: timedelta

    def why_stale(self, end: datetime) -> Message | None:
        """Why days that end then (UTC) may not be complete; ``None`` where they are."""
        if self.watermark is None:
            return _("{source} has not reported anything yet.", source=self.name)
        needed = end + self.settling
        if self.watermark >= needed:
            return None
        return _(
            "{source} has reported up to {at:instant}; the period is complete once it has up to "
            "{needed:instant}.",
            source=self.name, at=self.watermark.isoformat(), needed=needed.isoformat(),
        )  # fmt: skip


class Freshness:
    """Looks up how far sources have reported."""

    def __init__(self, registry: Registry, clock: Clock) -> None:
        self._registry, self._clock = registry, clock

    async def stale(self, workspace: UUID, report: ReportRow, occurrence: Occurrence) -> tuple[Message, ...]:
        """Which sources of a report have not reported all of an occurrence's days, each in a sentence."""
        try:
            datasets = self._registry.report_kind(report.kind).datasets
        except Invalid:
            return ()  # its plugin is not installed, which beginning says
        feeding = await scope.feeding(self._registry, workspace, datasets)
        end, found = end_of(occurrence), await self.of(report.sources & feeding)
        return tuple(why for one in found if (why := one.why_stale(end)) is not None)

    async def of(self, sources: Iterable[UUID]) -> tuple[SourceFreshness, ...]:
        """How far these sources have reported, by name."""
        rows = await SourceRow.filter(id__in=list(sources)).order_by("name", "id")
        return tuple([await self._of(row) for row in rows])

    async def _of(self, row: SourceRow) -> SourceFreshness:
        kind = self._registry.source_kinds.get((row.plugin, row.kind))
        return SourceFreshness(
            row.id, row.name, await self._watermark(row, kind), settling_of(kind, row.settings)
        )

    async def _watermark(self, row: SourceRow, kind: SourceKind | None) -> datetime | None:
        if kind is not None and kind.pull is not None:
            pulls = PullRow.filter(source=row.id, first_day__isnull=True, completed_at__isnull=False)
            last = await pulls.order_by("-created_at").first()
            # What the service had when it was asked is there. A clock that was ahead is not believed.
            return min(last.created_at, self._clock.now()) if last is not None else None
        if kind is not None and kind.webhook is not None and row.last_event_at and row.last_received_at:
            # Posts that were held up come in their order; a time that is still to come says nothing.
            return min(row.last_event_at, row.last_received_at)
        return row.last_received_at


def end_of(occurrence: Occurrence) -> datetime:
    """Up to when sources have to have reported: the end of its days, or the begin of the day it is due on."""
    today = midnight(occurrence.local.date(), occurrence.zone)
    if occurrence.covers is None:
        return today
    return min(occurrence.covers.instants[1], today)


def together(sentences: Iterable[Message]) -> Message | None:
    """Several sentences as one message; ``None`` without any."""
    found = list(sentences)
    return (
        reduce(lambda one, other: Message("{one} {other}", args={"one": one, "other": other}), found)
        if found
        else None
    )
