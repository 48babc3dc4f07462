"""A process that starts a report: ``python starting_process.py CATALOG PERSON start|hang``.

It says ``ready``, waits for a line, starts the report and says what became of that. With ``hang`` it
then begins to build it, says ``building``, and never ends.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

sys.path.insert(0, str(Path(__file__).parents[1]))

import anyio

from bilan.catalog import Catalog
from bilan.clock import SystemClock
from bilan.sdk.errors import Conflict
from bilan.work import Engine, StepContext, Timing
from bilan.work.models import StepRow
from support.alone import ALONE
from support.office import Office

NOWHERE: Any = None
TIMING = Timing(lease=timedelta(seconds=1), beat=timedelta(seconds=0.1))


async def main(url: str, person: str, then: str) -> None:
    catalog = Catalog(url)
    await catalog.open()
    try:
        await start(catalog, person, then)
    finally:
        await catalog.close()


async def start(catalog: Catalog, person: str, then: str) -> None:
    """Start the report once somebody says so."""
    with catalog.activate():
        office = Office(catalog, NOWHERE, Path.cwd(), ALONE)
        actor = await office.actor(UUID(person))
        say("ready")
        await anyio.to_thread.run_sync(sys.stdin.readline)
        try:
            run = await office.runs.start(actor, "shop.alone", {}, title=f"By {then}")
        except Conflict as error:
            say(f"refused: {error}")
            return
        say(f"started {run.id}")
        if then == "hang":
            engine = Engine(catalog, office.jobs, SystemClock(), {"build": hang}, timing=TIMING)
            (step,) = await StepRow.filter(job_id=run.id)
            await StepRow.filter(id=step.id).update(due_at=SystemClock().now())
            await engine.work(step.id)


async def hang(_context: StepContext) -> None:
    """Build for ever."""
    say("building")
    await anyio.sleep_forever()


def say(line: str) -> None:
    """Tell whoever started this process."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
