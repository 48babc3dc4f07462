"""Occurrences, as people see them: what was to be sent, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from bilan.accounts.values import Principal
from bilan.delivery.ledger import deliveries_of
from bilan.delivery.models import DeliveryRow
from bilan.delivery.values import Delivery
from bilan.schedules.models import OccurrenceRow
from bilan.schedules.reading import (
    occurrences_of,
    parts_of,
    read_occurrence,
    read_schedule,
    visible_schedules,
)
from bilan.schedules.values import OccurrencePage, OccurrenceParts, OccurrenceState, RecordedOccurrence
from bilan.sdk.errors import Invalid
from bilan.sdk.textdomain import _

MOST_EXPECTED = 5000


class Occurrences:
    """The occurrences of schedules, for those who may know of their schedule.

    Methods raise ``NotFound`` for one that the actor may not know of.
    """

    async def list(
        self, actor: Principal, schedule: UUID, *, offset: int = 0, limit: int = 20
    ) -> OccurrencePage:
        """Those of one schedule, the last due first: what is planned leads."""
        await read_schedule(actor, schedule)
        found = OccurrenceRow.filter(schedule_id=schedule)
        page = found.order_by("-due_at", "-nominal").offset(offset).limit(limit).select_related("schedule")
        return OccurrencePage(await occurrences_of(await page), await found.count())

    async def latest(self, actor: Principal, schedules: Iterable[UUID]) -> dict[UUID, RecordedOccurrence]:
        """The last of each of these schedules that is no longer planned, by schedule."""
        rows = list[OccurrenceRow]()
        for one in schedules:
            begun = OccurrenceRow.filter(schedule_id=one, schedule__workspace_id=actor.workspace)
            last = begun.exclude(state=OccurrenceState.PLANNED).order_by("-due_at", "-nominal")
            rows += await last.limit(1).select_related("schedule")
        seen = {row.id for row in await visible_schedules(actor, [row.schedule for row in rows])}
        found = await occurrences_of([row for row in rows if row.schedule_id in seen])
        return {one.schedule: one for one in found}

    async def get(self, actor: Principal, occurrence: UUID) -> RecordedOccurrence:
        """One occurrence."""
        return (await occurrences_of([await read_occurrence(actor, occurrence)]))[0]

    async def parts(self, actor: Principal, occurrence: UUID) -> OccurrenceParts:
        """Its parts, and those who have none; nothing where it is not split."""
        return await parts_of((await read_occurrence(actor, occurrence)).id)

    async def deliveries(self, actor: Principal, occurrence: UUID) -> tuple[Delivery, ...]:
        """The rows of its ledger, the newest first: more than one of who was sent it again."""
        row = await read_occurrence(actor, occurrence)
        return deliveries_of(await DeliveryRow.filter(sending__occurrence=row.id).select_related("sending"))

    async def expected(
        self, actor: Principal, since: datetime, until: datetime, *, schedule: UUID | None = None
    ) -> tuple[RecordedOccurrence, ...]:
        """What was to begin from ``since`` up to and without ``until`` (UTC), and what became of it.

        In order, of deleted schedules too. What came due while no server ran
        is there once one does. Raises ``Invalid`` where that is too much.
        """
        rows = OccurrenceRow.filter(
            schedule__workspace_id=actor.workspace, due_at__gte=since, due_at__lt=until
        )
        if schedule is not None:
            rows = rows.filter(schedule_id=schedule)
        ordered = rows.select_related("schedule").order_by("due_at", "nominal", "id")
        found = await ordered.limit(MOST_EXPECTED + 1)
        if len(found) > MOST_EXPECTED:
            raise Invalid(
                _("That is more than {most} occurrences; ask for a shorter time.", most=MOST_EXPECTED),
                ("until",),
            )
        schedules = {one.schedule.id: one.schedule for one in found}
        seen = {row.id for row in await visible_schedules(actor, schedules.values())}
        return await occurrences_of([one for one in found if one.schedule_id in seen])
