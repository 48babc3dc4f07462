"""What is asked for twice, in one process or in two at once, is one job."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.sdk.errors import Conflict, Invalid
from bilan.work import IdempotencyKey, Jobs, NewJob, NewStep, idempotency_key
from bilan.work.models import JobRow, StepRow

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
ANN, BEN = UUID(int=1), UUID(int=2)


def new(workspace: UUID, key: IdempotencyKey | None) -> NewJob:
    """A job of nobody in particular."""
    return NewJob(
        workspace=workspace, kind="report", subject="shop.sales", actor=None, actor_name="Olga", zone="UTC",
        sources=frozenset({uuid4()}), idempotency_key=key,
    )  # fmt: skip


@pytest.fixture
def jobs(catalog: Catalog) -> Jobs:
    """What creates jobs, and wakes nobody."""
    return Jobs(catalog, FrozenClock(NOON))


@pytest.mark.requirement("AD-09")
async def test_the_same_job_asked_for_at_the_same_time_is_created_once(jobs: Jobs) -> None:
    workspace, key = uuid4(), idempotency_key(ANN, "click", "sales")
    asked = [jobs.create(new(workspace, key), [NewStep("build")]) for _time in range(4)]
    assert len(set(await asyncio.gather(*asked))) == 1
    assert (await JobRow.all().count(), await StepRow.all().count()) == (1, 1)


async def test_without_a_key_and_in_another_workspace_every_job_is_its_own(jobs: Jobs) -> None:
    workspace, key = uuid4(), idempotency_key(ANN, "click")
    for one in (new(workspace, None), new(workspace, None), new(workspace, key), new(uuid4(), key)):
        await jobs.create(one, [NewStep("build")])
    assert await JobRow.all().count() == 4


async def test_two_people_may_choose_the_same_key(jobs: Jobs) -> None:
    workspace = uuid4()
    for person in (ANN, BEN):
        await jobs.create(new(workspace, idempotency_key(person, "click")), [])
    assert await JobRow.all().count() == 2


async def test_a_key_that_was_used_for_something_else_is_refused(jobs: Jobs) -> None:
    workspace = uuid4()
    await jobs.create(new(workspace, idempotency_key(ANN, "click", "sales")), [])
    with pytest.raises(Conflict, match="Something else was asked for from this form already"):
        await jobs.create(new(workspace, idempotency_key(ANN, "click", "customers")), [])
    assert await JobRow.all().count() == 1


async def test_a_key_that_includes_its_request_never_meets_another_one(jobs: Jobs) -> None:
    workspace = uuid4()
    for asked in ("sales", "customers", "sales"):
        key = idempotency_key(ANN, "click", asked).including_request()
        await jobs.create(new(workspace, key), [])
    assert await JobRow.all().count() == 2


@pytest.mark.parametrize("key", ["", "x" * 61])
def test_a_key_that_is_empty_or_too_long_is_refused(key: str) -> None:
    with pytest.raises(Invalid, match="The key has from 1 to 60 characters"):
        idempotency_key(ANN, key)
