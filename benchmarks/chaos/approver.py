"""Whoever approves, in the fault run: says yes or no to what waits, or lets its time go by."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tortoise.exceptions import BaseORMException

from benchmarks.chaos.population import APPROVER, Answer, Planned, principal
from benchmarks.chaos.shop import registry
from bilan.app import Bilan
from bilan.catalog.statements import change, rows
from bilan.sdk.errors import BilanError
from bilan.settings import Settings

LOOK = 0.5
"""Seconds between two looks at what waits."""
WAITING = "SELECT id, schedule_id FROM occurrence WHERE state = 'waiting'"
LATE = "UPDATE occurrence SET approval_until = now() WHERE id = ? AND state = 'waiting'"


class Approver:
    """Answers as each schedule is to be answered, until it is cancelled."""

    def __init__(self, settings: Mapping[str, Any], planned: Sequence[Planned]) -> None:
        self._settings = settings
        self._answers = {one.id: one.answer for one in planned}

    async def run(self) -> None:
        """Look again and again. What fails, as where the database hangs up, is done with the next look."""
        async with Bilan.open(Settings(**self._settings), registry=registry(), local=True) as bilan:
            while True:
                await asyncio.sleep(LOOK)
                try:
                    for row in await rows(WAITING):
                        await self._answer(
                            bilan, UUID(str(row["id"])), self._answers[UUID(str(row["schedule_id"]))]
                        )
                except (BilanError, BaseORMException, OSError):
                    continue

    async def _answer(self, bilan: Bilan, occurrence: UUID, answer: Answer | None) -> None:
        approvals, actor = bilan.services.approvals, await principal(APPROVER)
        match answer:
            case Answer.YES:
                package = await approvals.package(actor, occurrence)
                await approvals.approve(actor, occurrence, package.digest)
            case Answer.NO:
                await approvals.reject(actor, occurrence, "The figures look wrong.")
            case _:
                await change(LATE, str(occurrence))
