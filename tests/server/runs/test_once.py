"""A run that is asked for twice, in one process or in two at once, is one run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.jobs import Jobs
from bilan.runs.beginning import begin_once
from bilan.runs.models import RunRow, StepRow
from bilan.runs.values import NewRun, NewStep, Purpose

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)


def new(workspace: UUID, once: str | None) -> NewRun:
    """A run of nobody in particular."""
    return NewRun(
        workspace=workspace, purpose=Purpose.REPORT, kind="shop.sales", values={}, zone="UTC",
        asked_by=None, asked_by_name="Olga", sources=frozenset({uuid4()}), once=once,
    )  # fmt: skip


@pytest.mark.requirement("AD-09")
async def test_the_same_run_asked_for_at_the_same_time_is_begun_once(catalog: Catalog) -> None:
    workspace = uuid4()
    asked = [begin_once(catalog, Jobs(), FrozenClock(NOON), new(workspace, "same"), [NewStep("build")])
             for _ in range(4)]  # fmt: skip
    begun = await asyncio.gather(*asked)
    assert len(set(begun)) == 1
    assert (await RunRow.all().count(), await StepRow.all().count()) == (1, 1)


async def test_without_a_key_and_in_another_workspace_every_run_is_its_own(catalog: Catalog) -> None:
    workspace, clock = uuid4(), FrozenClock(NOON)
    for one in (new(workspace, None), new(workspace, None), new(workspace, "same"), new(uuid4(), "same")):
        await begin_once(catalog, Jobs(), clock, one, [NewStep("build")])
    assert await RunRow.all().count() == 4
