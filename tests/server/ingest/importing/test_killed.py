"""An import killed between any two statements goes on by itself, or with one click."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bilan.accounts import Principal
from bilan.catalog import Catalog
from bilan.clock import FrozenClock
from bilan.ingest import Imports, ImportStep, NewUpload, UploadState
from bilan.manifest import Moments
from bilan.sources import Source
from bilan.work import Engine, Jobs
from bilan.work.models import JobRow, StepRow
from fixtures.ingest import MemoryFacts
from support.importing import lines, order
from support.killing import Kill, Killed, killed_at
from support.runs import QUICK, Called

ROWS = 25


@pytest.mark.requirement("GO-17")
async def test_an_import_killed_between_any_two_statements_is_read_to_its_end(
    sqlite_catalog: Catalog,
    clock: FrozenClock,
    imports: Imports,
    step: ImportStep,
    operator: Principal,
    till: Source,
    facts: MemoryFacts,
    moments: Moments,
    small_chunks: None,
) -> None:
    at, finished = 0, False
    while not finished:
        upload = await imports.upload(
            operator, till.id, NewUpload("orders.jsonl", lines(*(order(f"{at}-{n:02}") for n in range(ROWS))))
        )
        kill = Kill(at)
        with killed_at(kill):
            try:
                await imports.start(operator, upload.id)
                await worked(sqlite_catalog, clock, step)
            except* Killed:
                pass
        finished = kill.asked <= at
        clock.move(timedelta(minutes=1))
        await moments.recover()  # as a process does that starts
        if (await imports.get(operator, upload.id)).state is UploadState.WAITING:
            await imports.start(operator, upload.id)  # one click: nothing had been started yet
        for _look in range(2):
            await worked(sqlite_catalog, clock, step)
            clock.move(timedelta(minutes=1))
        done = await imports.get(operator, upload.id)
        assert (done.state, done.accepted) == (UploadState.DONE, ROWS), f"killed at statement {at}"
        assert await JobRow.filter(id=done.job).count() == 1
        at += 1
    orders = {row["order"] for row in facts.rows("shop.orders")}
    assert len(orders) == ROWS * at, "no row is lost and none is there twice"
    assert at > 20, "the import asked for that many statements at least"


async def worked(catalog: Catalog, clock: FrozenClock, step: ImportStep) -> None:
    """What a worker of a new process does: looks for what is due, and works on it."""
    called = Called()
    engine = Engine(catalog, Jobs(catalog, clock, called), clock, {"import": step}, timing=QUICK)
    await engine.requeue_stale()
    for one in called.steps or [row.id for row in await StepRow.filter(state="waiting")]:
        await engine.work(one)
